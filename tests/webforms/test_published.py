"""A pack that was edited after it was published is refused by the check, by the doctor and at the start."""

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from models.programme import loader
from webforms import prepare
from webforms.cli import main
from webforms.stamp import fingerprint

TINY = Path(__file__).parents[1] / "application" / "packs"
REFUSED = r"tiny/form\.toml.*raise `version` in tiny/programme\.toml"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """One pack, and a data folder of its own."""
    for name in ("DATABASE_URL", "REDIS_URL", "BOLE_SECRET_KEY", "BOLE_KEY_RING", "BOLE_TODAY", "BOLE_DEMO"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BOLE_DATA", str(tmp_path / "data"))
    packs = tmp_path / "packs"
    shutil.copytree(TINY, packs)
    monkeypatch.setattr(loader, "PACKS", packs)
    loader.load_pack.cache_clear()
    yield packs / "tiny"
    loader.load_pack.cache_clear()


def edit(folder, file, old, new):
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    loader.load_pack.cache_clear()


def bole(*args):
    return CliRunner().invoke(main, args)


def test_an_edited_pack_is_refused_until_its_version_is_raised(folder, capfd):
    assert prepare.main() == 0
    assert bole("check").exit_code == 0
    edit(folder, "form.toml", 'zh = "行当"', 'zh = "行业"')
    assert prepare.main() == 2
    assert re.search(REFUSED, capfd.readouterr().err)

    checked = bole("check")
    assert checked.exit_code == 1
    assert re.search("problem: " + REFUSED, checked.output)
    assert re.search(r"BAD versions +" + REFUSED, bole("doctor").output)
    assert re.search(REFUSED, bole("talk", "tiny").output)

    edit(folder, "programme.toml", 'version = "1"', 'version = "2"')
    assert bole("check").exit_code == 0
    assert prepare.main() == 0
    assert re.search(r"ok +versions +tiny 1, tiny 2\n", bole("doctor").output)


def test_a_demo_is_prepared_anew_while_nobody_has_applied(folder, monkeypatch, capfd):
    monkeypatch.setenv("BOLE_DEMO", "1")
    assert prepare.main() == 0
    edit(folder, "form.toml", 'zh = "行当"', 'zh = "行业"')
    assert bole("check").exit_code == 0
    assert prepare.main() == 0
    monkeypatch.delenv("BOLE_DEMO")
    edit(folder, "form.toml", 'zh = "行业"', 'zh = "职业"')
    assert prepare.main() == 2
    assert "`make run` would replace it" in capfd.readouterr().err


def test_check_and_doctor_make_no_database(folder, tmp_path):
    assert bole("check").exit_code == 0
    assert "nothing published yet" in bole("doctor").output
    assert not (tmp_path / "data").exists()


def test_a_check_goes_on_where_the_database_cannot_be_opened(folder, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    checked = bole("check")
    assert checked.exit_code == 0
    assert "not compared with what has been published: the database cannot be opened" in checked.output
    assert re.search(r"BAD versions +cannot be read", bole("doctor").output)


def test_a_file_of_any_kind_in_a_pack_makes_the_next_start_prepare_again(tmp_path, monkeypatch, settings):
    from webforms import stamp

    shutil.copytree(TINY, tmp_path / "models" / "packs")
    monkeypatch.setattr(stamp, "_ROOT", tmp_path)
    before = fingerprint(settings)
    (tmp_path / "models" / "packs" / "tiny" / "summary.xlsx").write_bytes(b"an official template")
    assert fingerprint(settings) != before
