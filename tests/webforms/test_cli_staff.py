"""`bole staff invite-admin` as whoever sets the system up calls it."""

import re

from click.testing import CliRunner

from webforms.cli import main


def test_the_first_administrators_link_is_printed(tmp_path, monkeypatch):
    for name in ("DATABASE_URL", "REDIS_URL", "BOLE_SECRET_KEY", "BOLE_KEY_RING", "BOLE_TODAY", "BOLE_DEMO"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BOLE_DATA", str(tmp_path))
    monkeypatch.setenv("BOLE_PUBLIC_URL", "https://rencai.example")
    done = CliRunner().invoke(main, ["staff", "invite-admin", "hengyang-2015", "--name", "王主任"])
    assert done.exit_code == 0 and re.search(r"^https://rencai\.example/office/l/\w{64}$", done.output, re.M)
