"""The golden cases of the Chenggong notice: one table of people, one test."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from golden import Golden

DURING = date(2021, 4, 10)
GOLDEN = Golden("chenggong-2021", Path(__file__).parent, DURING)
PACK, CASES, judge = GOLDEN.pack, GOLDEN.cases, GOLDEN.judge


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_golden_case(case: dict[str, Any]) -> None:
    GOLDEN.check(case)


def test_the_table_is_whole() -> None:
    GOLDEN.check_whole(at_least=100)


def test_two_libraries_of_three_tiers_each_from_the_highest_down() -> None:
    tiers = {ladder.name.zh: list(ladder.categories) for ladder in PACK.eligibility.ladders}
    names = {category.id: category.name.zh for category in PACK.eligibility.categories}
    assert [[names[tier] for tier in of] for of in tiers.values()] == [
        ["高级专业技术人才", "中级专业技术人才", "初级专业技术人才"],
        ["高级技能人才", "中级技能人才", "初级技能人才"],
    ]
    assert list(tiers) == ["专业技术人才数据库", "技能人才数据库"]


def test_every_unit_is_reached() -> None:
    assert {judge(case).route.unit for case in CASES if "unit" in case} == {unit.id for unit in PACK.routing.units}


def test_only_what_units_report_together_has_a_closing_day() -> None:
    programme = PACK.programme
    assert (programme.intake, programme.opens, programme.closes) == ("standing", date(2021, 3, 29), None)
    closes = {channel.id: channel.closes for channel in PACK.selection.channels}
    assert closes == {"own_application": None, "by_unit": date(2021, 4, 30)}
