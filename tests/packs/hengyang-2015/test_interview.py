"""A person of each category goes through the whole interview: what is asked, how much, and what is left out."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from models.eligibility.assess import assess
from models.eligibility.verdict import Status
from models.interview import engine
from models.interview.steps import Ask, Ready, ShowVerdict
from models.programme import idnumber
from models.programme.loader import load_pack

PACK = load_pack("hengyang-2015")
ON = date(2016, 2, 20)
ID = idnumber.make("430424", date(1966, 5, 18), 123)
LOCAL = {"works_outside": False, "political_status": "13", "unit_kind": "local_business", "county": "hengdong"}
AWAY = {"works_outside": True, "political_status": "13", "hengyang_tie": "ancestral", "outside_place": "beijing-office"}
NOBODY = {"honours": [], "talent_plans": [], "major_awards": [], "key_projects": [], "other_high_level": []}
PEOPLE: dict[str, dict[str, Any]] = {
    "enterprise_leader": LOCAL
    | {"enterprise_nature": "private", "enterprise_position": "general_manager", "enterprise_size": "large"},
    "senior_professional": LOCAL | {"title_level": "associate_senior"},
    "high_skilled": LOCAL | {"vocational_level": "level_1"},
    "high_level": LOCAL | NOBODY | {"honours": ["provincial_allowance"]},
    "rural": LOCAL
    | {
        "household": "rural",
        "farm_organisations": ["cooperative"],
        "farm_role": "founder",
        "rural_award": "provincial",
    },
    "social_work": LOCAL | {"social_work_level": "intermediate"},
    "returnee": LOCAL | {"studied_abroad": True, "overseas_education": "master", "overseas_degree": "master"},
    "special_skill": LOCAL
    | {"folk_skills": ["arts"], "creates_works": True, "secret_recipe": False, "heritage_inheritor": "no"},
    "hengyang_elsewhere": AWAY
    | NOBODY
    | {"heads_elsewhere": [], "official_rank": "none", "competition_level": "none"}
    | {"highest_education": "doctor", "highest_degree": "doctor"},
}
FIELDS: dict[str, Any] = {
    "id_number": ID,
    "sex": idnumber.sex(ID),
    "birth_date": "1966-05-18",
    "work_start": "1988-07",
    "phone": "13800000000",
    "career": [{"start": "1988-07", "end": "", "employer_and_post": "衡东县农业局 技术员"}],
    "study_periods": [{"start": "1990-09", "end": "1994-06"}],
}
MOST_QUESTIONS = 11
OWN_DOCUMENTS = {
    "enterprise_leader": {"appointment", "enterprise_size_proof"},
    "senior_professional": {"title_certificate"},
    "high_skilled": {"skill_certificate"},
    "high_level": {"high_level_proof"},
    "rural": {"household_register", "farm_licence", "rural_award_certificate"},
    "social_work": {"social_work_certificate"},
    "returnee": {"overseas_certificates"},
    "special_skill": {"folk_works"},
    "hengyang_elsewhere": {"doctoral_certificates"},
}


def reply(ask: Ask, person: dict[str, Any]) -> Any:
    kind, name = ask.key.split(":")[0], ask.key.split(":")[-1]
    if kind in ("consent", "declaration"):
        return True
    if kind == "document":
        return str(ask.min_pages)
    if kind == "fact":
        return {"lives_in_hengyang": True, **person}[name]
    if name in FIELDS:
        return FIELDS[name]
    if ask.kind == "choice":
        return ask.options[0].value
    if ask.kind == "choices":
        return [ask.options[0].value]
    return [] if ask.kind == "rows" else "农业"


def interview(category: str) -> tuple[dict[str, Any], list[str]]:
    """All answers of this person, and the keys in the order in which they were asked."""
    answers: dict[str, Any] = {}
    asked: list[str] = []
    while True:
        step = engine.next_step(PACK, answers, ON)
        if isinstance(step, Ready):
            return answers, asked
        if isinstance(step, ShowVerdict):
            answers["verdict"] = engine.accept(PACK, answers, "verdict", True, ON)
            continue
        assert step.key not in asked, f"{step.key} is asked again and again"
        asked.append(step.key)
        if step.key == "claim":
            answers["claim"] = engine.accept(PACK, answers, "claim", [category], ON)
        elif step.key.startswith("document:"):
            answers[step.key] = max(1, step.min_pages)
        else:
            answers[step.key] = engine.accept(PACK, answers, step.key, reply(step, PEOPLE[category]), ON)


@pytest.mark.parametrize("category", PEOPLE)
def test_a_person_of_each_category_reaches_the_end(category: str) -> None:
    _, asked = interview(category)

    facts = [key for key in asked if key.startswith("fact:")]
    assert len(facts) <= MOST_QUESTIONS
    own = {section.id: section for section in PACK.form.sections}[category]
    assert any(f"field:{field.id}" in asked for field in own.fields)
    others = {x.id for x in PACK.eligibility.categories} - {category}
    for section in PACK.form.sections:
        if section.id in others:
            assert not any(f"field:{field.id}" in asked for field in section.fields)
    documents = {key.removeprefix("document:") for key in asked if key.startswith("document:")}
    assert documents == {"portrait", "id_card"} | OWN_DOCUMENTS[category]


def test_eligibility_comes_before_any_personal_data() -> None:
    _, asked = interview("rural")
    last_fact = max(place for place, key in enumerate(asked) if key.startswith("fact:"))
    first_field = min(place for place, key in enumerate(asked) if key.startswith("field:"))
    assert last_fact < first_field


def test_consents_come_first_and_are_separate() -> None:
    _, asked = interview("high_skilled")
    assert asked[:3] == ["consent:personal_data", "consent:identity_data", "consent:photos"]


def test_a_new_type_farmer_is_asked_for_the_kind_and_nobody_else_is() -> None:
    answers, asked = interview("rural")
    assert "field:new_farmer_kind" in asked
    for kind in ("skills", "social_services"):
        plan = engine.plan(PACK, answers | {"field:rural_kind": kind}, ON)
        assert plan.ask("field:new_farmer_kind") is None


def test_titles_are_those_of_the_series_and_a_title_outside_is_written_out() -> None:
    answers, _ = interview("senior_professional")
    ask = engine.plan(PACK, answers | {"field:title_series": "health"}, ON).ask("field:senior_title")
    assert ask is not None
    assert {o.label.zh for o in ask.options} >= {"主任医师", "副主任医师", "主任护师"}
    assert all(o.parent == "health" for o in ask.options)

    plan = engine.plan(PACK, answers | {"field:title_series": "unlisted"}, ON)
    assert plan.ask("field:senior_title") is None
    assert plan.ask("field:senior_title_unlisted") is not None


def test_a_registered_qualification_is_offered_again_in_the_form() -> None:
    answers, _ = interview("senior_professional")
    answers |= {"fact:title_level": "intermediate", "fact:registered_qualifications": ("cpa", "constructor_2")}
    answers["verdict"] = engine.accept(PACK, answers, "verdict", True, ON)
    ask = engine.plan(PACK, answers, ON).ask("field:registrations")
    assert ask is not None
    assert tuple(ask.suggestion) == ("cpa", "constructor_2")


def test_what_eligibility_knows_is_offered_in_the_form() -> None:
    answers, _ = interview("enterprise_leader")
    plan = engine.plan(PACK, answers, ON)
    suggested = {ask.key: ask.suggestion for ask in plan.asks}
    assert suggested["field:enterprise_nature"] == "private"
    assert suggested["field:political_status"] == "13"


def test_a_full_list_of_the_notice_s_codes() -> None:
    """The lists of 附件3 have as many entries as the notice gives."""
    sizes = {name: len(options) for name, options in PACK.codes.items()}
    assert sizes["enterprise_natures"] == 4
    assert sizes["occupation_classes"] == 15
    assert sizes["high_level_kinds"] == 5
    assert (sizes["rural_kinds"], sizes["new_farmer_kinds"]) == (3, 3)
    assert (sizes["social_work_identities"], sizes["social_work_titles"]) == (5, 2)
    assert sizes["special_skill_kinds"] == 8
    assert sizes["elsewhere_kinds"] == 5
    assert sizes["title_series"] == 25 + 1  # and one entry for a title outside the 25 series
    assert sizes["registered_qualifications"] == 49 + 1  # and one for a qualification outside the list
    assert {o.parent for o in PACK.codes["senior_titles"]} == {o.value for o in PACK.codes["title_series"]} - {
        "unlisted"
    }


def test_the_papers_a_verdict_names_are_the_papers_asked_for() -> None:
    """Over the golden cases: what a met or staff-decided condition names as evidence is asked for."""
    table = tomllib.loads((Path(__file__).parent / "cases.toml").read_text(encoding="utf-8"))
    always = {document.id for document in PACK.documents.documents if document.when is None}
    checked = 0
    for case in table["case"]:
        facts = dict(LOCAL)
        for name in case.get("people", []):
            facts |= table["people"][name]
        facts = {k: tuple(v) if isinstance(v, list) else v for k, v in (facts | case["facts"]).items()}
        if facts["works_outside"]:
            facts |= AWAY | {"hengyang_tie": facts["hengyang_tie"]}
        if case.get("outcome") not in ("eligible", "staff_decides"):
            continue
        answers: dict[str, Any] = {f"consent:{consent.id}": True for consent in PACK.programme.consents}
        answers |= {"claim": tuple(case["claim"]), **{f"fact:{name}": value for name, value in facts.items()}}
        verdict_step = engine.plan(PACK, answers, ON).step
        answers["verdict"] = engine.accept(PACK, answers, "verdict", True, ON)
        plan = engine.plan(PACK, answers, ON)
        assert isinstance(verdict_step, ShowVerdict) and verdict_step.documents == plan.documents, "told at the verdict"
        asked = {ask.key.removeprefix("document:") for ask in plan.documents} - always

        live = {ask.key.removeprefix("fact:") for ask in plan.asks if ask.key.startswith("fact:")}
        verdict = assess(PACK, {k: v for k, v in facts.items() if k in live}, case["claim"], ON)
        found = [
            verdict.categories[name] for name in case["claim"] if verdict.categories[name].status != Status.NOT_MET
        ]
        shown = {
            document
            for category in found
            for finding in category.findings()
            if finding.status in (Status.MET, Status.STAFF)
            for document in finding.evidence
        }
        assert shown <= asked, case["id"]
        checked += 1
    assert checked > 70
