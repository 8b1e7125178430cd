"""`bole new`, and folders that are checked and assessed before they are installed."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from models.programme.loader import pack_slugs
from webforms.cli import main

SIXTH = Path(__file__).parents[1] / "packs" / "sixth"
PAGE = Path(__file__).parents[2] / "docs" / "packs.md"


@pytest.fixture
def bole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("BOLE_DATA", str(tmp_path / "data"))
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)

    def run(*args: str, input: str | None = None) -> Result:
        return CliRunner().invoke(main, args, input=input)

    return run


def test_new_makes_a_folder_and_check_says_what_is_to_do_in_it(bole: Any) -> None:
    Path("lizhou-2026.txt").write_text("一、对象\n（一）工匠\n", "utf-8")
    made = bole("new", "lizhou-2026", "--notice", "lizhou-2026.txt")
    assert made.exit_code == 0
    assert made.output.splitlines() == [
        "made lizhou-2026 with 9 files",
        "  2 numbered paragraphs of lizhou-2026.txt are in clauses.toml, by reference and heading",
        "next: fill in what is marked 待填, from clauses.toml on; then: bole check ./lizhou-2026",
    ]
    done = bole("check", "./lizhou-2026")
    assert done.exit_code == 1
    first, second, third, *_ = done.output.splitlines()
    assert first.startswith("./lizhou-2026: not a whole pack yet; ") and first.endswith(" to do, in this order:")
    assert second.startswith("  programme.toml (")
    assert third == "    title (zh, en): still to be filled in (待填)"


def test_the_page_shows_what_the_commands_answer(bole: Any) -> None:
    shown = re.findall(r"```text\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len(shown) == 3
    text = str(SIXTH / "lizhou-2026.txt")
    assert bole("new", "./lizhou-2026", "--notice", text).output == shown[0]
    assert bole("check", "./lizhou-2026").output.startswith(shown[1].removesuffix("    …\n"))
    shutil.rmtree("lizhou-2026")
    shutil.copytree(SIXTH / "lizhou-2026", "lizhou-2026")
    assert bole("check", "./lizhou-2026", "--notices", text).output == shown[2]


def test_new_without_a_text_and_under_a_path(bole: Any) -> None:
    made = bole("new", "drafts/some-town")
    assert made.exit_code == 0
    assert "numbered" not in made.output
    assert Path("drafts/some-town/eligibility.toml").exists()


@pytest.mark.parametrize("name", ["Lizhou", "there"])
def test_new_refuses_in_one_sentence(bole: Any, name: str) -> None:
    Path("there").mkdir()
    done = bole("new", name)
    assert done.exit_code == 2
    assert done.output.startswith(f"Error: {name}: ") and ": :" not in done.output


def test_a_text_that_is_not_utf8_is_named(bole: Any) -> None:
    Path("n.txt").write_bytes("一、对象".encode("gb18030"))
    for command in (("new", "some-town", "--notice"), ("check", str(SIXTH / "lizhou-2026"), "--notices")):
        done = bole(*command, "n.txt")
        assert done.exit_code == 2
        assert "is not UTF-8" in done.output
    assert not Path("some-town").exists()


def test_a_whole_folder_is_checked_against_its_text_before_it_is_installed(bole: Any) -> None:
    folder = str(SIXTH / "lizhou-2026")
    for notices in (SIXTH, SIXTH / "lizhou-2026.txt"):
        done = bole("check", folder, "--notices", str(notices))
        assert done.exit_code == 0, done.output
        assert done.output.startswith("lizhou-2026: 16 / 16 clauses claimed")
    explained = bole("check", folder, "--explain", "一(一)")
    assert explained.exit_code == 0 and "categories(craftsperson)" in explained.output


def test_a_folder_of_another_name_than_its_pack_is_a_problem(bole: Any) -> None:
    shutil.copytree(SIXTH / "lizhou-2026", "lizhou")
    done = bole("check", "lizhou")
    assert done.exit_code == 1
    assert "problem: programme.toml: slug: is 'lizhou-2026' but the folder is 'lizhou'" in done.output


def test_a_folder_is_assessed(bole: Any) -> None:
    folder = str(SIXTH / "lizhou-2026")
    facts = {"claim": ["craftsperson"], "one_year": True, "removed": False}
    facts |= {"craft": "tea", "craft_years": 9, "apprentices": True}
    done = bole("assess", folder, "-", "--on", "2026-04-15", input=json.dumps(facts))
    assert json.loads(done.output)["outcome"] == "refused"
    questions = json.loads(bole("assess", folder, "--questions").output)
    assert [question["id"] for question in questions][:2] == ["claim", "one_year"]


def test_a_folder_that_is_not_there_and_one_that_is_not_whole_are_said_in_a_sentence(bole: Any) -> None:
    bole("new", "some-town")
    for command in ("check", "assess"):
        done = bole(command, "./nowhere", *(["--questions"] if command == "assess" else []))
        assert done.exit_code == 2 and "there is no such folder" in done.output
    done = bole("assess", "./some-town", "--questions")
    assert done.exit_code == 2 and "待填" in done.output


def test_the_name_of_an_installed_pack_is_not_a_folder_of_that_name(bole: Any) -> None:
    """Whoever works on a copy gives a path."""
    slug = pack_slugs()[0]
    bole("new", slug)
    assert bole("check", slug).output.startswith(f"{slug}: ")
    assert "not a whole pack yet" in bole("check", f"./{slug}").output
    assert "not a whole pack yet" not in bole("check", slug).output
