"""The golden cases of the Zhongshan rules: one table of people, one test; ages on 30 June from both sides."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from golden import Golden

from models.eligibility.verdict import Finding, GroupFinding, Status

DURING = date(2026, 5, 10)
GOLDEN = Golden("zhongshan", Path(__file__).parent, DURING)
PACK, CASES, judge = GOLDEN.pack, GOLDEN.cases, GOLDEN.judge


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_golden_case(case: dict[str, Any]) -> None:
    GOLDEN.check(case)


def test_the_table_is_whole() -> None:
    GOLDEN.check_whole(at_least=70)


def findings(case: dict[str, Any]) -> dict[str, Finding]:
    return {finding.condition: finding for finding in judge(case).general.findings()}


@pytest.mark.parametrize("case", [case for case in CASES if "age" in case], ids=lambda case: case["id"])
def test_age_is_counted_on_the_30_june_to_come_and_never_refuses(case: dict[str, Any]) -> None:
    found = findings(case)
    within, above = found["within_age"].status, found["above_age"].status
    wanted = (Status.MET, Status.NOT_MET) if case["age"] == "within" else (Status.NOT_MET, Status.STAFF)
    assert (within, above) == wanted
    age = next(part for part in judge(case).general.parts if isinstance(part, GroupFinding) and part.id == "age")
    assert age.status is (Status.MET if case["age"] == "within" else Status.STAFF)


def test_the_limit_is_a_setting_with_its_reason() -> None:
    (setting,) = PACK.programme.settings
    assert (setting.id, setting.value, setting.clause) == ("age_limit", 55, "第八条(四)")
    assert "第一千二百五十九条" in setting.reason.zh


def test_who_may_be_recognised_directly_is_told_so_and_people_look() -> None:
    case = next(case for case in CASES if case["id"] == "达到《意见》标准，可走认定")
    found = findings(case)["recognition_possible"]
    assert found.status is Status.STAFF
    assert "可申请直接认定" in found.quote
    assert found.staff_why is not None and "直接认定" in found.staff_why.zh


@pytest.mark.parametrize(
    ("facts", "clause"),
    [
        ({"public_post": "institution"}, "第十九条"),
        ({"cancelled_before": True}, "第十八条"),
        ({"months_here": 5}, "第八条(二)"),
    ],
)
def test_a_refusal_names_its_article_alone(facts: dict[str, Any], clause: str) -> None:
    verdict = judge({"people": ["fit"], "facts": facts, "claim": ["level_8"]})
    assert {finding.clause for finding in verdict.general.deciding()} == {clause}


def test_scores_levels_and_shares_are_the_notice_s() -> None:
    scoring = PACK.scoring
    assert scoring is not None
    assert scoring.passing == 60
    assert {t.category: t.points for t in scoring.thresholds} == {
        "level_5": 80,
        "level_6": 70,
        "level_7": 65,
        "level_8": 60,
    }
    assert [share.parts for share in scoring.shares] == [5, 10, 35, 50]
    assert [(d.title.zh, d.points) for d in scoring.dimensions] == [
        (name, None) for name in ("基本要素", "需求匹配", "业绩评价", "专家评审", "发明创造")
    ]


def test_what_follows_is_the_notice_s() -> None:
    later = PACK.afterwards
    allowance = {a.category: (a.least, a.most, a.per) for b in later.benefits if b.id == "allowance" for a in b.amounts}
    assert allowance == {f"level_{n}": (y, y, "month") for n, y in ((5, 1500), (6, 1000), (7, 800), (8, 600))}
    housing = next(b for b in later.benefits if b.id == "housing")
    assert housing.instalments == (30, 30, 40)
    assert {a.category for a in housing.amounts} == {"level_5", "level_6"}
    assert [review.due for review in later.reviews] == ["03-31"]
    assert len(later.exits) == 4
    publication = next(stage for stage in PACK.programme.calendar if stage.id == "publication")
    assert publication.working_days == 5


def test_the_programme_takes_applications_all_year_until_30_june() -> None:
    programme = PACK.programme
    assert (programme.intake, programme.closes_on, programme.dates_clause) == ("yearly", "06-30", "第十条")


def test_who_is_over_age_reads_so_also_where_something_else_is_not_sure() -> None:
    verdict = judge({"people": ["fit"], "facts": {"birth_date": "1960-01-01", "in_catalogue": "unsure"}})
    decided = {finding.condition: finding.status for finding in verdict.general.deciding()}
    assert decided["listed_in_catalogue"] is Status.UNKNOWN
    assert decided["above_age"] is Status.STAFF
