"""A person of each tier goes through the whole interview: what is asked, how much, and what is left out."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from models.eligibility.verdict import Status
from models.interview import engine
from models.interview.steps import Ask, Ready, ShowVerdict
from models.programme import idnumber
from models.programme.loader import load_pack

PACK = load_pack("chenggong-2021")
ON = date(2021, 4, 10)
ID = idnumber.make("530199", date(1986, 5, 18), 123)
HERE = {"workplace": "here", "employer_kind": "enterprise", "reporting_way": "own_application"}
PROFESSIONAL = HERE | {"post_kind": "professional", "highest_degree": "bachelor", "professional_qualification": False}
SKILLED = HERE | {"post_kind": "skilled", "highest_degree": "bachelor", "skill_certificates": ["skill_level"]}
UNCERTIFIED = SKILLED | {"skill_certificates": [], "competition_level": "none", "patents": 0, "same_skill": False}
PEOPLE: dict[str, tuple[str, dict[str, Any]]] = {
    "junior_professional": (
        "professional",
        PROFESSIONAL | {"title_level": "intermediate", "intermediate_since": "2019-01-01"},
    ),
    "intermediate_professional": (
        "professional",
        PROFESSIONAL | {"title_level": "intermediate", "intermediate_since": "2010-01-01"},
    ),
    "senior_professional": ("professional", PROFESSIONAL | {"title_level": "associate_senior"}),
    "junior_skilled": ("skilled", SKILLED | {"certificate_level": "intermediate"}),
    "intermediate_skilled": ("skilled", UNCERTIFIED | {"patents": 1}),
    "senior_skilled": ("skilled", UNCERTIFIED | {"competition_level": "national"}),
}
OWN_DOCUMENTS = {
    "junior_professional": {"title_certificate"},
    "intermediate_professional": {"title_certificate"},
    "senior_professional": {"title_certificate"},
    "junior_skilled": {"skill_certificate"},
    "intermediate_skilled": {"patent_certificate"},
    "senior_skilled": {"award_certificate"},
}
ALWAYS = {"id_card", "education_certificate", "achievements", "honours", "unit_opinion"}
FIELDS: dict[str, Any] = {
    "id_number": ID,
    "sex": idnumber.sex(ID),
    "birth_date": "1986-05-18",
    "phone": "13800000000",
    "title_since": "2009-06-01",
    "career": [{"start": "2008-07", "end": "", "employer_and_post": "呈贡样例机械有限公司 技术员"}],
    "certificates": [{"kind": "skill_level", "trade": "电工", "level": "intermediate", "issued": "2018-06-30"}],
    "competitions": [{"month": "2019-10", "competition": "样例大赛", "award": "一等奖", "awarded_by": "样例协会"}],
    "patent_list": [{"kind": "invention", "title": "样例装置", "number": "样例", "granted": "2019-05-21"}],
}
MOST_QUESTIONS = 8
# What a golden case does not say because it cannot matter to its clause, asked in another order.
OTHERWISE = UNCERTIFIED | PROFESSIONAL | {"title_level": "none", "professional_ability": False}


def reply(ask: Ask, person: dict[str, Any]) -> Any:
    kind, name = ask.key.split(":")[0], ask.key.split(":")[-1]
    if kind in ("consent", "declaration"):
        return True
    if kind == "fact":
        return person[name]
    if ask.suggestion is not None:
        return ask.suggestion
    if name in FIELDS:
        return FIELDS[name]
    return ask.options[0].value if ask.kind == "choice" else "工程"


def interview(claim: str, person: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
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
        if step.key.startswith("document:"):
            answers[step.key] = max(1, step.min_pages)
        else:
            raw = [claim] if step.key == "claim" else reply(step, person)
            answers[step.key] = engine.accept(PACK, answers, step.key, raw, ON)


@pytest.mark.parametrize("tier", PEOPLE)
def test_a_person_of_each_tier_reaches_the_end(tier: str) -> None:
    answers, asked = interview(*PEOPLE[tier])

    facts = [key for key in asked if key.startswith("fact:")]
    assert len(facts) <= MOST_QUESTIONS
    documents = {key.removeprefix("document:") for key in asked if key.startswith("document:")}
    assert documents == ALWAYS | OWN_DOCUMENTS[tier]
    verdict = engine.plan(PACK, answers, ON).assessment
    assert [name for name in verdict.claimed if verdict.categories[name].status is Status.MET] == [tier]


def test_the_title_s_date_is_offered_again_in_the_form() -> None:
    answers, _ = interview(*PEOPLE["intermediate_professional"])
    assert answers["field:title_since"] == answers["fact:intermediate_since"] == "2010-01-01"


def test_the_skilled_are_not_asked_about_titles_nor_the_professionals_about_certificates() -> None:
    _, asked = interview(*PEOPLE["junior_skilled"])
    assert "fact:title_level" not in asked
    assert "fact:patents" not in asked  # a certificate holder's patents do not count
    _, asked = interview(*PEOPLE["senior_professional"])
    assert "fact:skill_certificates" not in asked
    assert "field:certificates" not in asked


def test_who_comes_by_flexible_arrangement_names_both_employers() -> None:
    claim, person = PEOPLE["senior_professional"]
    _, asked = interview(claim, person | {"workplace": "flexible"})
    assert {"field:employer", "field:home_employer"} <= set(asked)


def test_what_the_unit_reports_needs_no_stamped_page_from_the_person() -> None:
    claim, person = PEOPLE["senior_professional"]
    _, asked = interview(claim, person | {"reporting_way": "by_unit"})
    assert "document:unit_opinion" not in asked


def test_what_people_decide_is_written_out_and_proven() -> None:
    _, asked = interview("skilled", UNCERTIFIED | {"same_skill": True})
    assert {"field:same_skill_text", "document:skill_proof"} <= set(asked)
    _, asked = interview("skilled", UNCERTIFIED | {"highest_degree": "doctor", "solves_problems": True})
    assert {"field:solved_problems_text", "document:skill_proof", "document:degree_certificate"} <= set(asked)


def test_the_papers_a_verdict_names_are_the_papers_asked_for() -> None:
    """Over the golden cases: what a met or staff-decided condition names as evidence is asked for."""
    table = tomllib.loads((Path(__file__).parent / "cases.toml").read_text(encoding="utf-8"))
    checked = 0
    for case in table["case"]:
        facts: dict[str, Any] = dict(OTHERWISE)
        for name in case.get("people", []):
            facts |= table["people"][name]
        facts = {k: tuple(v) if isinstance(v, list) else v for k, v in (facts | case["facts"]).items()}
        if case.get("outcome") not in ("eligible", "staff_decides"):
            continue
        claim = case["claim"] if isinstance(case["claim"], str) else tuple(case["claim"])
        answers: dict[str, Any] = {f"consent:{consent.id}": True for consent in PACK.programme.consents}
        answers |= {"claim": claim, **{f"fact:{name}": value for name, value in facts.items()}}
        plan = engine.plan(PACK, answers, case.get("on", ON))
        assert isinstance(plan.step, ShowVerdict), (case["id"], plan.step)
        asked = {ask.key.removeprefix("document:") for ask in plan.step.documents}
        for name in plan.assessment.claimed:
            found = plan.assessment.categories[name]
            if found.status in (Status.MET, Status.STAFF):
                papers = {paper for finding in found.deciding() for paper in finding.evidence}
                assert papers <= asked, (case["id"], name)
                checked += 1
    assert checked > 60


def test_the_consent_to_a_joint_report_comes_with_that_way_and_before_the_verdict() -> None:
    claim, person = PEOPLE["senior_professional"]
    _, asked = interview(claim, person)
    assert "consent:unit_report" not in asked
    _, asked = interview(claim, person | {"reporting_way": "by_unit"})
    assert asked.index("consent:unit_report") == asked.index("fact:reporting_way") + 1
    assert asked.index("consent:unit_report") < asked.index("field:name")


def test_who_is_refused_is_not_asked_how_the_papers_come() -> None:
    claim, person = PEOPLE["senior_professional"]
    person = {key: value for key, value in person.items() if key != "reporting_way"} | {"workplace": "elsewhere"}
    answers: dict[str, Any] = {}
    while isinstance(step := engine.next_step(PACK, answers, ON), Ask):
        assert step.key != "consent:unit_report"
        raw = [claim] if step.key == "claim" else reply(step, person)
        answers[step.key] = engine.accept(PACK, answers, step.key, raw, ON)
    assert isinstance(step, ShowVerdict)
