"""`bole audit verify` as whoever is responsible runs it."""

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from webforms.cli import main
from webforms.cli_base import prepared_app


@pytest.fixture
def bole(tmp_path, monkeypatch):
    for name in ("DATABASE_URL", "REDIS_URL", "BOLE_SECRET_KEY", "BOLE_KEY_RING", "BOLE_TODAY", "BOLE_DEMO"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BOLE_DATA", str(tmp_path))

    def run(*args):
        return CliRunner().invoke(main, ["audit", "verify", *args])

    return run


def lines(count):
    from models.office import audit

    with prepared_app() as app, app.app_context():
        for number in range(count):
            audit.write_now(None, audit.VIEW, f"application:{number}")


def test_an_empty_record_is_whole(bole):
    done = bole()
    assert (done.exit_code, done.output) == (0, "0 lines, 0 faults\nhead 0:\n")


def test_a_whole_one_is_said_to_be_and_a_changed_one_is_named(bole, tmp_path):
    lines(3)
    done = bole()
    assert done.exit_code == 0 and done.output.startswith("3 lines, 0 faults\nhead 3:")
    noted = done.output.splitlines()[-1].removeprefix("head ")
    assert bole("--head", noted).exit_code == 0
    engine = create_engine(f"sqlite:///{tmp_path / 'bole.sqlite3'}")
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER audit_unchanged"))
        connection.execute(text("UPDATE audit SET reason = 'x' WHERE seq = 2"))
        connection.execute(text("UPDATE audit SET seq = 9 WHERE seq = 3"))
    engine.dispose()
    done = bole("--head", noted)
    assert done.exit_code == 1
    assert "line 2 of 2" in done.output and "line 3 and perhaps more" in done.output
    assert "the noted line 3 is not in the chain" in done.output and "3 lines, 3 faults" in done.output


@pytest.mark.parametrize("noted", ["", "x", "3", "a:b", "3:"])
def test_a_head_of_another_shape_is_refused_with_words(bole, noted):
    done = bole("--head", noted)
    assert done.exit_code == 2 and "a head looks like" in done.output
