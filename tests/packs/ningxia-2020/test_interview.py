"""A person of each category goes through the interview: how much is asked, what only some are asked, and when."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from models.application import rounds
from models.interview import engine
from models.interview.steps import Answers, Ask, Plan, Ready, ShowVerdict
from models.programme import idnumber
from models.programme.loader import load_pack

PACK = load_pack("ningxia-2020")
ON = date(2020, 7, 1)
ID = idnumber.make("640104", date(1975, 3, 12), 23)
WORKS = {
    "works_in_region": True,
    "employer_kind": "enterprise",
    "technical_work": True,
    "field": "mechanical",
    "title_level": "intermediate",
    "highest_education": "bachelor",
    "retired": False,
    "employer_level": "private",
    "city": "wuzhong",
    "honours": (),
    "heads": (),
    "top_titles": (),
}
PEOPLE: dict[str, dict[str, Any]] = {
    "high_level": {"title_level": "associate_senior"},
    "professional": {},
    "leading": {"leading_titles": ("changjiang_scholar",)},
    "top": {"top_titles": (), "honours": ("state_allowance",)},
    "reserve": {"reserve_titles": ("young_backbone",)},
}
LISTS = ("leading", "top", "reserve")
MOST_QUESTIONS = 10


def reply(ask: Ask, person: dict[str, Any]) -> Any:
    kind, name = ask.key.split(":")[0], ask.key.split(":")[-1]
    if kind in ("consent", "declaration"):
        return True
    if kind == "document":
        return 0
    if kind == "fact":
        return {**WORKS, **person}[name]
    if ask.suggestion is not None:
        return ask.suggestion
    if ask.kind == "choice":
        return ask.options[0].value
    return {"id_number": ID, "month": "2008.07", "yes_no": False}.get(ask.kind, "样例")


def interview(category: str) -> tuple[dict[str, Any], list[str], Plan]:
    answers: dict[str, Any] = {}
    asked: list[str] = []
    plan = engine.plan(PACK, answers, ON)
    while not isinstance(plan.step, Ready):
        step = plan.step
        if isinstance(step, ShowVerdict):
            key, raw = "verdict", True
        else:
            key, raw = step.key, (category,) if step.key == "claim" else reply(step, PEOPLE[category])
        asked.append(key)
        answers[key] = engine.accept(PACK, answers, key, raw, ON)
        plan = engine.plan(PACK, answers, ON)
    return answers, asked, plan


@pytest.mark.parametrize("category", PEOPLE)
def test_somebody_of_each_category_gets_through_with_few_questions(category: str) -> None:
    _answers, asked, plan = interview(category)
    assert plan.assessment.outcome == "eligible"
    assert plan.assessment.route.unit == "wuzhong"
    assert len([key for key in asked if key.startswith("fact:")]) <= MOST_QUESTIONS


@pytest.mark.parametrize("category", PEOPLE)
def test_only_the_three_lists_ask_for_what_only_their_tables_show(category: str) -> None:
    _answers, asked, _plan = interview(category)
    assert ("field:speciality" in asked) is (category in LISTS)
    assert ("document:honour_proof" in asked) is (category in LISTS)


def test_nobody_is_asked_what_the_employer_assesses() -> None:
    unit_fields = {f"field:{field.id}" for field in PACK.form.unit_fields}
    for category in PEOPLE:
        _answers, asked, plan = interview(category)
        assert unit_fields.isdisjoint(asked)
        assert unit_fields.isdisjoint(ask.key for ask in plan.asks)


def test_the_year_and_month_of_graduation_as_the_notice_writes_them() -> None:
    answers, _asked, _plan = interview("high_level")
    assert answers["field:graduated"] == "2008-07"


def test_someone_without_a_title_is_not_asked_for_its_name() -> None:
    answers: Answers = {f"consent:{consent.id}": True for consent in PACK.programme.consents}
    answers |= {"claim": ("professional",), **{f"fact:{k}": v for k, v in WORKS.items()}, "fact:title_level": "none"}
    answers["verdict"] = engine.accept(PACK, answers, "verdict", True, ON)
    plan = engine.plan(PACK, answers, ON)
    assert plan.assessment.outcome == "staff_decides"
    assert plan.ask("field:title") is None


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        (date(2020, 6, 27), False),
        (date(2020, 6, 28), True),
        (date(2020, 7, 10), True),
        (date(2020, 7, 11), False),
    ],
)
def test_the_notice_s_round_at_its_edges(app: Any, day: date, is_open: bool) -> None:
    with app.app_context():
        made = rounds.ensure_notice_round(PACK)
        assert made.name  # the notice has no number of its own
        assert (rounds.current(PACK.slug, day) is not None) is is_open
