"""People go through the whole interview: ID card or passport, first time or again, each way in."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from models.errors import InvalidAnswer
from models.interview import engine
from models.interview.steps import Ask, Ready, ShowVerdict
from models.programme import idnumber
from models.programme.loader import load_pack

PACK = load_pack("zhongshan")
ON = date(2026, 5, 10)
BORN = date(1980, 3, 15)
ID = idnumber.make("442000", BORN, 13)
FACTS: dict[str, Any] = {
    "public_post": "none",
    "cancelled_before": False,
    "employer_kind": "local_enterprise",
    "in_catalogue": True,
    "meets_opinion": False,
    "work_fits": True,
    "has_results": True,
    "contract_kind": "fixed",
    "contract_years": 3,
    "months_here": 12,
    "birth_date": BORN.isoformat(),
    "place": "one-stop-window",
    "channel": "enterprise",
}
FORM: dict[str, Any] = {
    "employer": "中山市样例机械有限公司",
    "id_kind": "id_card",
    "id_number": ID,
    "passport_number": "E12345678",
    "sex": idnumber.sex(ID),
    "birth_date": BORN.isoformat(),
    "education": "bachelor",
    "degree": "bachelor",
    "graduated": "2002-07",
    "phone": "13800000000",
    "contact_phone": "0760-88880000",
    "qualification": "高级工程师",
    "certified_before": False,
    "previous_date": "2020-01-01",
}


def reply(ask: Ask, facts: dict[str, Any], form: dict[str, Any]) -> Any:
    kind, _, name = ask.key.partition(":")
    if kind in ("consent", "declaration"):
        return True
    if kind == "claim":
        return ["level_7"]
    if kind == "fact":
        return facts[name]
    if name in form:
        return form[name]
    return ask.options[0].value if ask.kind == "choice" else "样例"


def interview(**changed: Any) -> tuple[dict[str, Any], list[str]]:
    """All answers of this person, and the keys in the order in which they were asked."""
    facts = {**FACTS, **{name: value for name, value in changed.items() if name in FACTS and name != "birth_date"}}
    form = {**FORM, **changed}
    answers: dict[str, Any] = {}
    asked: list[str] = []
    while not isinstance(step := engine.next_step(PACK, answers, ON), Ready):
        if isinstance(step, ShowVerdict):
            answers["verdict"] = engine.accept(PACK, answers, "verdict", True, ON)
            continue
        assert step.key not in asked, f"{step.key} is asked again and again"
        asked.append(step.key)
        if step.key.startswith("document:"):
            answers[step.key] = max(1, step.min_pages)
        else:
            answers[step.key] = engine.accept(PACK, answers, step.key, reply(step, facts, form), ON)
    return answers, asked


def documents(asked: list[str]) -> list[str]:
    return [key.removeprefix("document:") for key in asked if key.startswith("document:")]


def test_a_person_with_an_id_card_reaches_the_end() -> None:
    answers, asked = interview()
    assert answers["claim"] == ["level_7"]
    assert "field:passport_number" not in asked
    assert documents(asked) == [
        *("portrait", "id_card", "education_certificate", "degree_certificate", "education_verification"),
        *("honours", "title_certificate", "post_proof", "achievements", "contract"),
    ]
    assert len([key for key in asked if key.startswith("fact:")]) == len(FACTS)


def test_a_person_with_a_passport_is_asked_for_it_and_for_nothing_of_an_id_card() -> None:
    answers, asked = interview(id_kind="passport")
    assert "field:id_number" not in asked
    assert answers["field:passport_number"] == "E12345678"
    assert "passport" in documents(asked) and "id_card" not in documents(asked)


def test_with_a_passport_the_birth_date_is_offered_from_the_answer_that_age_was_judged_by() -> None:
    answers, _ = interview(id_kind="passport")
    ask = engine.plan(PACK, answers, ON).ask("field:birth_date")
    assert ask is not None and ask.suggestion == BORN.isoformat()


def test_an_id_number_typed_before_changing_to_a_passport_binds_nothing() -> None:
    answers, _ = interview()
    answers["field:id_kind"] = "passport"
    assert engine.accept(PACK, answers, "field:sex", "female", ON) == "female"


def test_a_birth_date_other_than_the_one_judged_is_refused_and_never_handed_in() -> None:
    answers, _ = interview(id_kind="passport")
    with pytest.raises(InvalidAnswer) as caught:
        engine.accept(PACK, answers, "field:birth_date", "1960-03-15", ON)
    assert caught.value.key == "error.differs_from_fact"
    assert caught.value.params["earlier"].zh == "1980年3月15日"
    assert caught.value.params["earlier_key"] == "fact:birth_date", "which the chat asks again"
    older = answers | {"fact:birth_date": "1960-03-15"}
    older["verdict"] = engine.accept(PACK, older, "verdict", True, ON)
    assert "field:birth_date" not in engine.plan(PACK, older, ON).answered


def test_an_id_number_with_another_birth_date_than_the_one_judged_is_found() -> None:
    other = idnumber.make("442000", date(1960, 3, 15), 13)
    answers, _ = interview()
    answers["field:id_number"] = other
    plan = engine.plan(PACK, answers, ON)
    assert "field:birth_date" not in plan.answered
    with pytest.raises(InvalidAnswer):
        engine.accept(PACK, answers, "field:birth_date", "1960-03-15", ON)


@pytest.mark.parametrize("certified", [True, False])
def test_the_earlier_level_is_asked_only_of_those_who_have_one(certified: bool) -> None:
    _, asked = interview(certified_before=certified)
    assert ("field:previous_level" in asked) is certified
    assert ("field:previous_date" in asked) is certified


@pytest.mark.parametrize("channel", ["self", "enterprise", "talent"])
def test_a_recommender_is_named_where_one_recommends(channel: str) -> None:
    _, asked = interview(channel=channel)
    assert ("field:recommender" in asked) is (channel == "talent")


@pytest.mark.parametrize(
    ("changed", "left_out"),
    [
        ({"degree": "none"}, {"degree_certificate"}),
        ({"education": "senior_secondary", "degree": "none"}, {"degree_certificate", "education_verification"}),
        (
            {"education": "primary", "degree": "none"},
            {"degree_certificate", "education_verification", "education_certificate"},
        ),
        ({"qualification": ""}, {"title_certificate"}),
    ],
)
def test_only_papers_that_the_person_has_are_asked_for(changed: dict[str, Any], left_out: set[str]) -> None:
    everything = set(documents(interview()[1]))
    assert everything - set(documents(interview(**changed)[1])) == left_out


def test_500_characters_and_no_more() -> None:
    answers, _ = interview()
    assert len(engine.accept(PACK, answers, "field:achievements", "成" * 500, ON)) == 500
    with pytest.raises(InvalidAnswer) as caught:
        engine.accept(PACK, answers, "field:achievements", "成" * 501, ON)
    assert caught.value.params == {"limit": 500, "count": 501}


def test_one_level_is_applied_for() -> None:
    consents = {f"consent:{consent.id}": True for consent in PACK.programme.consents}
    assert engine.accept(PACK, consents, "claim", "第六层次", ON) == ["level_6"]
    assert engine.accept(PACK, consents, "claim", "不确定", ON) == "unsure"
    with pytest.raises(InvalidAnswer) as caught:
        engine.accept(PACK, consents, "claim", ["level_6", "level_7"], ON)
    assert caught.value.key == "error.several_chosen"


def test_the_labels_of_the_form_are_in_the_notice_s_words() -> None:
    official = {field.official for section in PACK.form.sections for field in section.fields if field.official}
    grid = "".join(
        cell.label for row in (*PACK.workbooks.person_form().above, *PACK.workbooks.person_form().grid) for cell in row
    )
    printed = "".join(grid.split())
    assert {label for label in official if label not in printed} == set()


def test_the_verdict_says_which_papers_may_be_asked_for_by_what_the_form_says() -> None:
    answers, _ = interview()
    step = engine.plan(PACK, {k: v for k, v in answers.items() if k != "verdict"}, ON).step
    assert isinstance(step, ShowVerdict)
    now, later = ([ask.key.removeprefix("document:") for ask in asks] for asks in (step.documents, step.later))
    assert now == ["portrait", "honours", "post_proof", "achievements", "contract"]
    assert later == [
        *("id_card", "passport", "education_certificate", "degree_certificate", "education_verification"),
        "title_certificate",
    ]
