"""A person of each category and way in goes through the interview: what is asked, and what both doors say."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot_adapter.rendering import verdict_text
from models.eligibility.assess import assess
from models.interview import engine
from models.interview.steps import Ask, Ready, ShowVerdict
from models.programme import idnumber
from models.programme.loader import load_pack
from webforms.apply_verdict import verdict_lines

PACK = load_pack("karamay-2017")
ON = date(2017, 6, 15)
STANDING = ("frontier", "results", "peers", "contribution")
LEADER = dict.fromkeys((*STANDING, "develops_people", "leads_team", "leads_breakthroughs"), True)
PERSON = {"workplace": "registered", "city_cadre": "no", "industry": "petroleum", **LEADER}
FIELDS = {"id_number": idnumber.make("650299", date(1976, 3, 9), 121), "phone": "13800000000", "awards": []}


def reply(ask: Ask, person: dict[str, Any], claim: list[str]) -> Any:
    kind, name = ask.key.split(":")[0], ask.key.split(":")[-1]
    if kind == "claim":
        return claim
    if kind in ("consent", "declaration"):
        return True
    if kind == "document":
        return str(ask.min_pages or 1)
    if kind == "fact":
        return person[name]
    if name in FIELDS:
        return FIELDS[name]
    return ask.options[0].value if ask.options else "样例"


def interview(claim: list[str], person: dict[str, Any]) -> tuple[list[str], ShowVerdict]:
    """The keys asked, in order, and the verdict shown on the way."""
    answers: dict[str, Any] = {}
    asked: list[str] = []
    shown: ShowVerdict | None = None
    for _ in range(80):
        step = engine.next_step(PACK, answers, ON)
        if isinstance(step, Ready):
            assert shown is not None
            return asked, shown
        if isinstance(step, ShowVerdict):
            shown = step
            answers["verdict"] = engine.accept(PACK, answers, "verdict", True, ON)
            continue
        asked.append(step.key)
        answers[step.key] = (
            int(reply(step, person, claim))
            if step.key.startswith("document:")
            else engine.accept(PACK, answers, step.key, reply(step, person, claim), ON)
        )
    raise AssertionError("the interview does not end")


@pytest.mark.parametrize(
    ("channel", "nominated"), [("employer", True), ("expert", True), ("association", True), ("self", False)]
)
def test_every_way_in_is_asked_and_who_nominates_only_where_somebody_does(channel: str, nominated: bool) -> None:
    asked, shown = interview(["top"], {**PERSON, "channel": channel})
    assert "fact:channel" in asked
    assert ("field:nominated_by" in asked) is nominated
    assert ("document:nomination_letter" in asked) is nominated
    assert shown.assessment.route.unit == "economic-commission"


def test_top_talent_are_not_asked_for_the_conditions_of_leading_talent() -> None:
    asked, _ = interview(["top"], {**PERSON, "channel": "self"})
    facts = [key for key in asked if key.startswith("fact:")]
    assert facts == ["fact:workplace", "fact:city_cadre", "fact:industry", "fact:channel"]
    assert "field:team_text" not in asked


def test_leading_talent_are_asked_who_is_in_scope_first_and_describe_the_three_conditions() -> None:
    asked, _ = interview(["leading"], {**PERSON, "channel": "self"})
    facts = [key for key in asked if key.startswith("fact:")]
    assert facts[:2] == ["fact:workplace", "fact:city_cadre"]
    assert {f"fact:{name}" for name in LEADER} < set(facts)
    assert {"field:standing_text", "field:team_text", "field:lead_text"} < set(asked)


def test_who_is_outside_the_scope_is_told_at_once_and_by_which_clause() -> None:
    excluded = {"workplace": "registered", "city_cadre": "other"}
    found = assess(PACK, excluded, ["leading", "top"], ON)
    assert found.outcome == "refused" and found.pending == ()
    assert found.may_still_fit is None, "another category would be refused by the same condition"
    assert {finding.clause for finding in found.general.deciding()} == {"二"}
    for lang, words in (("zh", "不是市委管理的领导干部"), ("en", "Is not a leading official")):
        assert words in verdict_text(PACK, ShowVerdict(found), lang)


def test_an_alternative_that_is_not_needed_is_not_held_against_the_person() -> None:
    """Registered here: that they do not work in a branch is no failing, in either door."""
    found = assess(PACK, {**PERSON, "channel": "self"}, ["top"], ON)
    assert "分支机构" not in verdict_text(PACK, ShowVerdict(found), "zh")
    assert [line.condition for line in verdict_lines(PACK, found, ()).general] == [
        "registered_here",
        "no_excluded_cadre",
    ]
