"""The golden cases of the Karamay notice, its table of industries, its five stages, and its two quotas."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from golden import Golden

from models.application import rounds
from models.eligibility.route import find_route

DURING = date(2017, 6, 15)
GOLDEN = Golden("karamay-2017", Path(__file__).parent, DURING)
PACK = GOLDEN.pack
INDUSTRIES = {  # the notice's table, word for word: industry, lead department, supporting bodies
    "教育": ("市教育局", ()),
    "医疗卫生": ("市卫计委", ()),
    "石油石化": ("市经济委", ("市科技局", "高新区管委会")),
    "文化、体育、新闻、广播": ("市委宣传部", ("市文化体育局",)),
    "电子信息": ("市信管局", ("市云计算园区管委会",)),
    "金融、保险、财税、审计、统计": ("市财政局", ("市审计局", "市统计局")),
    "政法": ("市委政法委", ("市法制办", "市司法局")),
    "城建、环保": ("市住建局", ("市规划局", "市环境保护局")),
    "社工": ("市民政局", ()),
    "旅游": ("市旅游局", ()),
    "农业、林业、畜牧、水产": ("市农牧局", ("市水务局",)),
    "其他专业": ("市人力资源和社会保障局", ()),
}
STAGES = [  # 四(一) to 四(五)
    ("四(一)", date(2017, 5, 27), date(2017, 6, 9)),
    ("四(二)", date(2017, 6, 10), date(2017, 6, 23)),
    ("四(三)", date(2017, 6, 24), date(2017, 7, 9)),
    ("四(四)", date(2017, 7, 10), date(2017, 7, 23)),
    ("四(五)", date(2017, 7, 24), date(2017, 7, 31)),
]


@pytest.mark.parametrize("case", GOLDEN.cases, ids=lambda case: case["id"])
def test_golden_case(case: dict[str, Any]) -> None:
    GOLDEN.check(case)


def test_the_table_is_whole() -> None:
    GOLDEN.check_whole(at_least=30, left_to_people=frozenset({"industry_standard"}))  # 三(二): 略


def test_every_unit_of_the_notice_is_reached() -> None:
    reached = {GOLDEN.judge(case).route.unit for case in GOLDEN.cases if "unit" in case}
    assert {unit.id for unit in PACK.routing.units} == reached


def test_the_industries_lead_to_the_departments_of_the_table_and_name_those_that_help() -> None:
    options = next(fact for fact in PACK.eligibility.facts if fact.id == "industry").options
    units = {unit.id: unit.name.zh for unit in PACK.routing.units}
    found = {}
    for option in options:
        route = find_route(PACK, {"industry": option.value}, DURING)
        assert route.clause == option.clause
        found[option.label.zh] = (units[route.unit or ""], tuple(body.zh for body in route.supporting))
    assert found == INDUSTRIES
    assert list(found) == list(INDUSTRIES)


def test_the_five_stages_follow_one_another_without_a_gap() -> None:
    stages = [(stage.clause, stage.starts, stage.ends) for stage in PACK.programme.calendar]
    assert stages == STAGES
    assert all(stage.who is not None for stage in PACK.programme.calendar)
    for (_, _, ended), (_, starts, _) in pairwise(STAGES):
        assert starts == ended + timedelta(days=1)
    assert (PACK.programme.opens, PACK.programme.closes) == STAGES[1][1:]


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        (date(2017, 5, 27), False),  # publicity begins, nobody applies yet
        (date(2017, 6, 9), False),
        (date(2017, 6, 10), True),
        (date(2017, 6, 23), True),
        (date(2017, 6, 24), False),
        (date(2017, 7, 31), False),
    ],
    ids=str,
)
def test_applications_are_open_in_the_second_stage_alone(persistent_core_app: Flask, day: date, is_open: bool) -> None:
    with persistent_core_app.app_context():
        rounds.ensure_notice_round(PACK)
        assert (rounds.current(PACK.slug, day) is not None) is is_open


def test_the_quotas_are_apart_and_the_ways_in_are_the_notice_s_four() -> None:
    selection = PACK.selection
    assert {quota.category: quota.at_most for quota in selection.quotas} == {"leading": 20, "top": 40}
    assert [channel.name.zh for channel in selection.channels] == ["单位推荐", "专家举荐", "社会团体举荐", "个人自荐"]
    assert not PACK.eligibility.ladders, "the notice does not make one category a tier of the other"


def test_the_panel_is_declared_and_its_points_are_left_to_people() -> None:
    scoring = PACK.scoring
    assert scoring is not None and scoring.panel is not None
    assert (scoring.panel.at_least, scoring.panel.at_most) == (9, 13)
    assert [dimension.title.zh for dimension in scoring.dimensions] == ["专业水平", "工作能力", "业绩贡献"]
    assert scoring.passing is None and all(dimension.points is None for dimension in scoring.dimensions)
    assert "scoring_table" in {point.id for point in PACK.programme.open_points}


def test_fraud_ends_the_part_in_the_selection_and_people_establish_it() -> None:
    (fraud,) = PACK.afterwards.exits
    assert (fraud.clause, fraud.consequence and fraud.consequence.zh) == ("五(三)", "取消参评资格")
