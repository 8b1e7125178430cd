"""The golden cases of the Ningxia notice: one table of people, one test."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from golden import Golden

DURING = date(2020, 7, 1)
GOLDEN = Golden("ningxia-2020", Path(__file__).parent, DURING)
PACK, CASES, judge = GOLDEN.pack, GOLDEN.cases, GOLDEN.judge


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_golden_case(case: dict[str, Any]) -> None:
    GOLDEN.check(case)


def test_the_table_is_whole() -> None:
    GOLDEN.check_whole(at_least=90)


def test_every_unit_of_the_notice_is_reached() -> None:
    reached = {judge(case).route.unit for case in CASES if "unit" in case}
    assert {unit.id for unit in PACK.routing.units} == reached


def test_every_title_of_the_three_lists_is_somebody_s() -> None:
    for fact in ("leading_titles", "top_titles", "reserve_titles", "honours"):
        held = {title for case in CASES for title in case["facts"].get(fact, [])}
        assert {option.value for option in PACK.codes[fact]} == held, fact
