"""The console script as an engineer uses it; on the packs that ship, whatever they are."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from models.crypto import KeyRing
from models.programme.loader import load_pack
from webforms.cli import main

PACK = "hengyang-2015"
COMMANDS = sorted(main.commands)


@pytest.fixture
def bole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in ("DATABASE_URL", "REDIS_URL", "BOLE_SECRET_KEY", "BOLE_KEY_RING", "BOLE_TODAY", "BOLE_DEMO"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BOLE_DATA", str(tmp_path / "data"))

    def run(*args: str, input: str | None = None) -> Result:
        return CliRunner().invoke(main, args, input=input)

    return run


def test_help_names_every_command_of_the_issue(bole: Any) -> None:
    assert set(COMMANDS) >= {"serve", "check", "assess", "talk", "simulate", "workbooks", "doctor"}
    text = bole("--help").output
    assert all(name in text for name in COMMANDS)
    assert "…" not in text and "..." not in text.replace("[ARGS]...", ""), "a short help is cut off"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(bole: Any, command: str) -> None:
    done = bole(command, "--help")
    assert done.exit_code == 0
    assert len(done.output.splitlines()) > 4


def test_check_counts_the_clauses_that_are_claimed(bole: Any) -> None:
    done = bole("check", PACK)
    assert done.exit_code == 0
    clauses = len(load_pack(PACK).clauses)
    assert f"{PACK}: {clauses} / {clauses} clauses claimed" in done.output


def test_check_fails_on_a_quotation_that_the_notice_does_not_have(bole: Any, tmp_path: Path) -> None:
    (tmp_path / f"{PACK}.txt").write_text("一、另一份通知\n没有那些话。\n", "utf-8")
    done = bole("check", PACK, "--notices", str(tmp_path))
    assert done.exit_code == 1
    assert "problem:" in done.output


def test_check_fails_when_the_notices_text_is_missing(bole: Any, tmp_path: Path) -> None:
    done = bole("check", PACK, "--notices", str(tmp_path))
    assert done.exit_code == 1
    assert "no text of this notice" in done.output


def test_explain_names_the_rule_that_claims_a_clause(bole: Any) -> None:
    condition = load_pack(PACK).eligibility.conditions[0]
    done = bole("check", PACK, "--explain", condition.clause)
    assert done.exit_code == 0
    assert f"conditions({condition.id})" in done.output
    assert bole("check", PACK, "--explain", "九(九)9").exit_code == 1


def test_assess_without_facts_is_unknown_never_a_refusal(bole: Any) -> None:
    done = bole("assess", PACK, "-", input="{}")
    assert done.exit_code == 0
    verdict = json.loads(done.output)
    assert verdict["outcome"] == "unknown"
    assert {c["status"] for c in verdict["categories"].values()} == {"unknown"}
    assert verdict["route"]["status"] == "unknown"


def test_assess_takes_the_day(bole: Any) -> None:
    assert json.loads(bole("assess", PACK, "-", "--on", "2016-02-20", input="{}").output)["on"] == "2016-02-20"


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("[1", 2, "not JSON"),
        ('{"no_such_fact": true}', 1, "no_such_fact"),
    ],
)
def test_wrong_facts_are_said_without_a_traceback(bole: Any, text: str, code: int, says: str) -> None:
    done = bole("assess", PACK, "-", input=text)
    assert done.exit_code == code
    assert says in done.output
    assert "Traceback" not in done.output


def test_an_unknown_pack_is_one_sentence(bole: Any) -> None:
    for command in (("check", "no-such"), ("assess", "no-such", "--questions")):
        done = bole(*command)
        assert done.exit_code in (1, 2)
        assert "no such pack" in done.output


def test_questions_list_every_fact_with_its_values(bole: Any) -> None:
    questions = {q["id"]: q for q in json.loads(bole("assess", PACK, "--questions").output)}
    pack = load_pack(PACK)
    for fact in (*pack.eligibility.facts, *pack.routing.facts):
        if fact.kind in ("choice", "choices"):
            assert {option.value for option in fact.options} <= set(questions[fact.id]["values"])
        else:
            assert fact.id in questions


def test_talk_is_scriptable(bole: Any) -> None:
    done = bole("talk", PACK, "--demo", input="1\n帮助\n进度\n")
    assert done.exit_code == 0, done.output
    assert load_pack(PACK).programme.short.zh in done.output
    assert "BL-" in done.output, "the receipt is shown by 进度"


def test_talk_in_a_closed_programme_says_until_when_it_was_open(bole: Any) -> None:
    done = bole("talk", PACK, input="你好\n")
    closes = load_pack(PACK).programme.closes
    assert done.exit_code == 0
    assert f"{closes.year}年{closes.month}月{closes.day}日" in done.output


def test_doctor_says_how_to_mend_and_fails(bole: Any) -> None:
    done = bole("doctor")
    assert done.exit_code == 1
    assert "BAD data" in done.output and "make run" in done.output
    assert "ok  reading    what papers say is read by rapidocr" in done.output


def test_doctor_says_what_is_not_checked_where_nothing_can_read(bole: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "rapidocr" else find(name))
    assert "ok  reading    what papers say is not checked" in bole("doctor").output


def test_keys_are_made_once(bole: Any, tmp_path: Path) -> None:
    assert bole("keys").output.count("written:") == 2
    assert "written:" not in bole("keys").output
    assert (tmp_path / "data" / "keys" / "key_ring").exists()


def test_keys_are_made_listed_and_rotated(bole: Any, tmp_path: Path) -> None:
    made = bole("keys")
    assert made.exit_code == 0, made.output
    assert "written:" in made.output
    assert "k1       opens 0 records, 0 files; seals and signs; keys the blind indexes" in made.output
    rotated = bole("keys", "rotate")
    assert rotated.exit_code == 0, rotated.output
    assert "k2 is in front now" in rotated.output
    text = (tmp_path / "data" / "keys" / "key_ring").read_text()
    assert all(part.partition(":")[2] not in rotated.output for part in text.strip().split(","))  # no key is shown
    listed = bole("keys").output.splitlines()
    assert listed == [
        "k2       opens 0 records, 0 files; seals and signs",
        "k1       opens 0 records, 0 files; keys the blind indexes",
    ]
    done = bole("keys", "reseal")
    assert done.exit_code == 0, done.output
    assert "k1 opens nothing any more; it stays last in the ring" in done.output


def test_a_ring_from_the_environment_is_rotated_by_saying_what_to_set(bole: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("BOLE_KEY_RING", KeyRing.generate("old"))
    done = bole("keys", "rotate")
    (line,) = [line for line in done.output.splitlines() if line.startswith("BOLE_KEY_RING=")]
    assert KeyRing.from_text(line.partition("=")[2]).ids == ("k1", "old")
