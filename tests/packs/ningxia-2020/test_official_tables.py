"""The ten tables: headings in the notice's order, what may be chosen, who fills in what, and what adds up."""

from __future__ import annotations

import pytest

from models.programme.loader import load_pack
from models.programme.official import SummaryTable, UnitTable

PACK = load_pack("ningxia-2020")
BOOKS = PACK.workbooks
RECOMMENDED = (
    "序号┃行业（地区）┃姓名┃性别┃身份证号┃学历┃学位┃所学专业┃毕业院校┃从事专业┃职称┃入选人才工程项目获人才荣誉奖项"
    "┃现任岗位作用发挥情况┃下一步培养使用方向"
)
PEOPLE = {
    "summary": "序号┃地区┃姓名┃单位┃性别┃民族┃身份证号┃籍贯┃政治面貌┃最高学历┃学位"
    "┃毕业时间┃职称┃是否退休┃专业素质┃工作绩效┃岗位匹配度",
    "leading": RECOMMENDED,
    "top": RECOMMENDED,
    "reserve": RECOMMENDED,
}
UNIT = {
    "totals": "地区（市县）┃高级职称{正高级,副高级,小计}┃中级职称┃初级职称┃其他",
    "shortages": "产业或行业细分领域┃学科类别┃专业代码┃专业名称┃紧缺指数┃专业分布目标院校",
    "demand": "紧缺专业┃岗位名称┃岗位职责描述┃需求数量┃学历要求┃工作经验要求┃任职能力要求┃当年急需引进数量"
    "┃未来3-5年急需引进数量┃引进目标院校（地）",
    "succession": "地区（行业）┃单位┃岗位名称┃现有关键岗位专业技术人才{姓名,身份证号,学历,职称}"
    "┃后备关键岗位专业技术人才{姓名,身份证号,学历,职称}",
    "development": "地区（行业）┃单位┃姓名┃身份证号┃学历┃职称┃专业领域及发展方向",
    "recruitment": "地区（行业）┃单位┃专业要求┃学历┃需求数量┃引进方式┃激励措施┃备注",
}
TITLES = {
    "summary": "XX工程（经济、工艺美术）专业技术人才盘点信息汇总表",
    "leading": "XX工程（经济、工艺美术）领军人才推荐表",
    "top": "XX工程（经济、工艺美术）拔尖人才推荐表",
    "reserve": "XX工程（经济、工艺美术）后备人才推荐表",
    "totals": "XX工程（经济、工艺美术）专业技术人员总量统计表",
    "shortages": "XX工程（经济、工艺美术）紧缺专业目录",
    "demand": "XX工程（经济、工艺美术）紧缺人才需求目录",
    "succession": "XX工程（经济、工艺美术）关键岗位专业人才继任计划表",
    "development": "XX工程（经济、工艺美术）高潜质人才培养计划表",
    "recruitment": "XX工程（经济、工艺美术）高层次人才引进计划表",
}
SIGNED = {"succession", "development", "recruitment"}


def table(name: str) -> SummaryTable | UnitTable:
    return next(t for t in (*BOOKS.people_tables(), *BOOKS.unit_tables) if t.id == name)


def heads(columns: tuple[object, ...]) -> str:
    """Headings as one line: columns of one group within braces."""
    out: list[str] = []
    for column in columns:
        header, group = column.header, column.group  # type: ignore[attr-defined]
        if group and out and out[-1].startswith(f"{group}{{"):
            out[-1] = f"{out[-1][:-1]},{header}}}"
        else:
            out.append(f"{group}{{{header}}}" if group else header)
    return "┃".join(out)


def test_there_are_ten_tables_and_no_form() -> None:
    assert {t.id for t in (*BOOKS.people_tables(), *BOOKS.unit_tables)} == set(TITLES)
    assert BOOKS.form is None


@pytest.mark.parametrize(("name", "columns"), [*PEOPLE.items(), *UNIT.items()])
def test_headings_are_the_notice_s(name: str, columns: str) -> None:
    assert heads(table(name).columns) == columns


@pytest.mark.parametrize(("name", "title"), TITLES.items())
def test_titles_keep_what_the_filer_replaces(name: str, title: str) -> None:
    assert table(name).title == title


@pytest.mark.parametrize("name", TITLES)
def test_only_three_tables_name_who_fills_them_in(name: str) -> None:
    found = table(name)
    if name not in SIGNED:
        assert (found.header_line, found.footer_line) == ("", "")
        return
    assert found.header_line.split() == ["填报单位（盖章）：{unit}", "填报日期：{date}"]
    assert found.footer_line.split() == ["填报人：", "审核人："]


def labels(codes: str) -> list[str]:
    return [option.label.zh for option in PACK.codes[codes]]


def drop_down(name: str, header: str) -> list[str]:
    return next(labels(c.codes) for c in table(name).columns if c.header == header)


def test_values_are_those_of_the_notes() -> None:
    assert "、".join(drop_down("summary", "政治面貌")) == (
        "中共党员、中共预备党员、民革党员、民盟盟员、民建会员、民进会员、农工党党员、致公党党员、九三学社社员、"
        "台盟盟员、无党派人士、群众"
    )
    education = ["研究生", "大学本科", "大学专科", "高中（职高、技校）", "中专", "其他学历"]
    assert drop_down("summary", "最高学历") == education
    assert drop_down("summary", "学位") == ["博士", "硕士", "学士", "无学位"]
    assert drop_down("summary", "专业素质") == drop_down("summary", "岗位匹配度") == ["高", "中", "一般"]
    assert next(c.codes for c in table("summary").columns if c.header == "工作绩效") == ""
    assert drop_down("shortages", "产业或行业细分领域") == ["社科文化", "教育", "工程和经济", "农业农村", "医疗卫生"]
    assert drop_down("recruitment", "引进方式") == ["全职引进", "柔性引进"]


def test_the_scale_of_leading_talent_is_its_own() -> None:
    effect = "现任岗位作用发挥情况"
    assert drop_down("leading", effect) == ["优秀", "良好", "一般", "不合格"]
    assert drop_down("top", effect) == drop_down("reserve", effect) == ["优秀", "良好", "合格", "一般"]


def test_shortage_runs_from_one_to_five() -> None:
    column = next(c for c in BOOKS.unit_tables[1].columns if c.id == "shortage")
    assert (column.kind, column.at_least, column.at_most) == ("number", 1, 5)


def test_six_areas_a_total_row_and_no_typed_sum() -> None:
    totals = BOOKS.unit_tables[0]
    assert totals.rows == ("银川", "石嘴山", "吴忠", "中卫", "固原", "区直")
    assert totals.total == "总计"
    assert {c.header: c.sum_of for c in totals.columns if c.sum_of} == {"小计": ("full_senior", "associate_senior")}


@pytest.mark.parametrize("name", ["leading", "top", "reserve"])
def test_a_recommendation_has_a_row_for_those_who_fit_its_list(name: str) -> None:
    when = table(name).when  # type: ignore[union-attr]
    assert when is not None and when.category == (name,)
    assert next(c for c in PACK.eligibility.categories if c.id == name).name.zh in TITLES[name]


def test_what_the_employer_assesses_is_no_field_of_the_person() -> None:
    given = {field.official: field.confidential for field in PACK.form.unit_fields}
    assert [name for name, kept in given.items() if kept] == ["专业素质", "工作绩效", "岗位匹配度"]
    asked = {field.official for section in PACK.form.sections for field in section.fields}
    assert asked.isdisjoint(given)
    shown = {c.header for t in BOOKS.people_tables() for c in t.columns if c.source.startswith("unit_field:")}
    assert shown == set(given)


def test_each_list_is_rated_on_the_scale_of_its_own_table() -> None:
    for name in ("leading", "top", "reserve"):
        cell = next(c for c in table(name).columns if c.header == "现任岗位作用发挥情况")
        field = next(f for f in PACK.form.unit_fields if f.id == cell.source.removeprefix("unit_field:"))  # type: ignore[union-attr]
        assert field.codes == cell.codes
        assert field.when is not None and field.when.category == (name,)


def test_the_political_question_is_nowhere() -> None:
    """二(一) is for people: no fact, condition, field or document may rest on it."""
    eligibility = PACK.eligibility
    clauses = {x.clause for x in (*eligibility.facts, *eligibility.conditions, *eligibility.groups)}
    clauses |= {field.clause for section in PACK.form.sections for field in section.fields}
    clauses |= {given.clause for given in PACK.form.unit_fields}
    assert "二(一)" not in clauses
    assert "系统不提问" in next(d.text.zh for d in PACK.programme.duties if d.clause == "二(一)")
