"""The golden cases of the Hengyang notice: one table of people, one test."""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from models.eligibility import report
from models.eligibility.assess import assess
from models.eligibility.verdict import Assessment
from models.programme.loader import load_pack

PACK = load_pack("hengyang-2015")
DURING = date(2016, 2, 20)
TABLE = tomllib.loads((Path(__file__).parent / "cases.toml").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = TABLE["case"]
CATEGORY_CLAUSES = {category.id: category.clause for category in PACK.eligibility.categories}


def judge(case: dict[str, Any]) -> Assessment:
    """The verdict on a case, through the same reading of facts as `bole assess`."""
    given: dict[str, Any] = {}
    for name in case.get("people", []):
        given.update(TABLE["people"][name])
    given.update(case["facts"])
    if "claim" in case:
        given["claim"] = case["claim"]
    facts, claimed, problems = report.facts_from_json(PACK, given)
    assert problems == []
    return assess(PACK, facts, claimed, DURING)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_golden_case(case: dict[str, Any]) -> None:
    verdict = judge(case)

    for category, status in case.get("expect", {}).items():
        assert verdict.categories[category].status == status
        deciding = {f.clause for f in verdict.categories[category].findings() if f.status == status}
        if len(case["expect"]) == 1:
            assert any(clause.startswith(case["clause"]) for clause in deciding)
    if "outcome" in case:
        assert verdict.outcome == case["outcome"]
    if "unit" in case:
        assert verdict.route.unit == case["unit"]
    if "route" in case:
        assert verdict.route.status == case["route"]
        assert verdict.route.clause.startswith(case["clause"])
        assert verdict.route.quote


def test_the_table_is_whole() -> None:
    """Enough cases, no two alike, and for every numbered condition somebody who has it and somebody who has not."""
    assert len(CASES) >= 90
    assert [name for name, times in Counter(case["id"] for case in CASES).items() if times > 1] == []

    reached: dict[str, set[str]] = {}
    for case in CASES:
        for finding in (f for c in judge(case).categories.values() for f in c.findings()):
            reached.setdefault(finding.condition, set()).add(finding.status)
    one_sided = {name for name, statuses in reached.items() if not {"not_met"} < statuses - {"unknown"}}
    assert one_sided == set()


def test_every_unit_of_the_notice_is_reached_or_is_a_collector_of_last_resort() -> None:
    reached = {judge(case).route.unit for case in CASES if "unit" in case}
    candidates = {unit for case in CASES if "unit" in case for unit in judge(case).route.candidates}
    assert {unit.id for unit in PACK.routing.units} == reached | candidates


def test_a_vertical_unit_never_reaches_a_county_or_park() -> None:
    counties = {unit.id for unit in PACK.routing.units if unit.clause == "四(一)1"}
    for county in counties:
        for kind in ("vertical_organ", "central_provincial", "finance"):
            facts = {"works_outside": False, "political_status": "13", "unit_kind": kind, "county": county}
            for party in (None, "unsure", "city-sasac", "programme-office"):
                asked = facts if party is None else {**facts, "party_organisation": party}
                route = assess(PACK, asked, None, DURING).route
                assert route.unit not in counties
                assert counties.isdisjoint(route.candidates)


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        (date(2015, 12, 31), False),
        (date(2016, 1, 1), True),
        (date(2016, 2, 20), True),
        (date(2016, 3, 31), True),
        (date(2016, 4, 1), False),
    ],
    ids=str,
)
def test_the_notice_s_own_round(day: date, is_open: bool) -> None:
    programme = PACK.programme
    assert (programme.opens <= day <= programme.closes) is is_open
    assert programme.dates_clause == "四(三)"
