"""`bole diff` as an engineer uses it: two packs on disk, in folders, or published."""

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from models.application import packs, service
from models.application.tables import Application
from models.extensions import db
from models.programme import loader
from models.settings import Settings
from webforms.app import create_app
from webforms.cli import main
from webforms.prepare import open_demo_round, prepare

TINY = Path(__file__).parents[1] / "application" / "packs"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in ("DATABASE_URL", "REDIS_URL", "BOLE_SECRET_KEY", "BOLE_KEY_RING", "BOLE_TODAY", "BOLE_DEMO"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BOLE_DATA", str(tmp_path / "data"))
    shutil.copytree(TINY, tmp_path / "packs")
    monkeypatch.setattr(loader, "PACKS", tmp_path / "packs")
    loader.load_pack.cache_clear()
    yield tmp_path / "packs" / "tiny"
    loader.load_pack.cache_clear()


def edit(folder, file, old, new):
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    loader.load_pack.cache_clear()


def bole(*args):
    return CliRunner().invoke(main, args)


@pytest.fixture
def other(folder, tmp_path):
    """A folder with what the next version is to be."""
    made = Path(shutil.copytree(folder, tmp_path / "next"))
    edit(made, "programme.toml", 'version = "1"', 'version = "2"')
    edit(made, "eligibility.toml", "value = true", "value = false")
    edit(made, "form.toml", 'zh = "行当"', 'zh = "行业"')
    return made


def test_the_same_is_0_and_says_so(folder):
    done = bole("diff", "tiny", str(folder))
    assert (done.exit_code, done.output) == (0, "tiny：1 和 1 没有不同。\n")


def test_a_folder_against_the_pack_on_disk_without_a_database(folder, other, tmp_path):
    done = bole("diff", "tiny", str(other))
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        "tiny：1 → 2",
        "",
        "项目",
        "  版本：1 → 2",
        "",
        "条件",
        "  改动 有证书 [has_certificate] 一",
        "    数值：是 → 否",
        "",
        "填写项目",
        "  改动 行业 [trade] 二",
        "    名称：行当 → 行业",
    ]
    assert not (tmp_path / "data").exists()
    english = bole("diff", "tiny", str(other), "--lang", "en").output
    assert "changed Has the certificate [has_certificate] 一" in english
    assert "label: 行当 (Chinese) → 行业 (Chinese)" in english


def test_published_versions_and_the_drafts_that_would_be_touched(folder, other):
    app = create_app(Settings.from_env())
    app.extensions["bole"].redis = None
    prepare(app)
    with app.app_context():
        open_demo_round(loader.load_pack("tiny"))
        app_id = service.start("tiny", "web", "zh").application.id
        given = {"consent:identity": True, "consent:news": False, "claim": ["skilled"], "fact:certificate": True}
        given |= {"fact:county": "east", "verdict": True, "field:trade": "wood"}
        service.record(app_id, given, "web")
        service.start("tiny", "web", "zh")
        receipt = db.session.get(Application, app_id).receipt
    done = bole("diff", "tiny@1", str(other))
    assert done.exit_code == 1
    assert "涉及填写中的申报 1 份" in done.output
    assert "填写中的申报共 2 份，其中受影响的 1 份。\n  结论会变：符合 → 不符合，1 份\n" in done.output
    assert receipt not in done.output
    named = bole("diff", "tiny@1", str(other), "--receipts", "--lang", "en").output
    assert re.search(rf"drafts touched: 1\n +{receipt}\n", named)
    assert re.search(rf"verdict would change: eligible → not eligible, 1\n +{receipt}\n", named)

    shutil.copytree(other, folder, dirs_exist_ok=True)
    loader.load_pack.cache_clear()
    with app.app_context():
        packs.publish("tiny")
    assert bole("diff", "tiny@1", "tiny@2").exit_code == 1
    assert bole("diff", "tiny@2", "tiny").exit_code == 0


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere", "neither a pack"),
        ("tiny@7", r"no such published version; there are: none"),
        ("nowhere@1", "neither a pack"),
    ],
)
def test_what_is_not_there_is_trouble(folder, name, said):
    done = bole("diff", "tiny", name)
    assert done.exit_code == 2
    assert re.search(said, done.output)


def test_without_its_database_two_folders_are_compared_and_a_published_version_is_trouble(folder, other, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    done = bole("diff", "tiny", str(other))
    assert done.exit_code == 1
    assert "drafts not looked at: the database cannot be opened" in done.output
    assert bole("diff", "tiny@1", str(other)).exit_code == 2
