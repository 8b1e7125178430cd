"""`bole search rebuild` as whoever runs the system calls it."""

from click.testing import CliRunner

from webforms.cli import main


def test_an_empty_folder_has_nobody_to_be_found(tmp_path, monkeypatch):
    for name in ("DATABASE_URL", "REDIS_URL", "BOLE_SECRET_KEY", "BOLE_KEY_RING", "BOLE_TODAY", "BOLE_DEMO"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BOLE_DATA", str(tmp_path))
    done = CliRunner().invoke(main, ["search", "rebuild"])
    assert (done.exit_code, done.output) == (0, "0 applications can be found\n")
