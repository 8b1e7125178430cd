"""The golden cases of the Hengyang notice: one table of people, one test."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from golden import Golden

from models.eligibility.assess import assess

DURING = date(2016, 2, 20)
GOLDEN = Golden("hengyang-2015", Path(__file__).parent, DURING)
PACK, CASES, judge = GOLDEN.pack, GOLDEN.cases, GOLDEN.judge


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_golden_case(case: dict[str, Any]) -> None:
    GOLDEN.check(case)


def test_the_table_is_whole() -> None:
    GOLDEN.check_whole(at_least=90)


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
