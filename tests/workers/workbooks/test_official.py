"""Tables drawn as a notice draws them: merged heads, who stands in them, sums, and what is printed below."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from xlsx_rules import problems

from models.programme.unit_rows import computed, total_row
from workers.sheets.books import build, rows_of

ON = date(2026, 11, 21)


def sheet_of(pack, unit, kind):
    data = build(pack, unit, kind, ON, lambda _: None)
    assert problems(data) == []
    return load_workbook(BytesIO(data)).worksheets[0]


@pytest.fixture
def abroad(pack, make_unit, make_record):
    people = [make_record(number) for number in range(1, 4)]
    stand = frozenset({"abroad"})
    people[0] = replace(people[0], stands_in=stand, clauses=("三(二)7", "三(一)"), unit_name="样例市人才办")
    people[2] = replace(people[2], stands_in=stand)
    return make_unit(records=tuple(people))


def test_only_those_who_belong_are_rows_and_the_cover_says_so(pack, abroad):
    sheet = sheet_of(pack, abroad, "abroad")
    assert sheet.title == "留学人员表"
    assert [sheet.cell(row, 3).value for row in range(4, 7)] == ["样本1", "样本3", None]
    assert [sheet.cell(row, 1).value for row in range(4, 7)] == [1, 2, None]
    assert sheet["B4"].value == "样例市人才办" and sheet["E4"].value == "三(二)7、三(一)"
    assert rows_of(pack, abroad, "abroad") == 2 and rows_of(pack, abroad, "summary") == 3
    cover = load_workbook(BytesIO(build(pack, abroad, "abroad", ON, lambda _: None)))["说明"]
    said = {row[1].value: row[2].value for row in cover.iter_rows() if row[1].value}
    assert said["其中本表"] == "2 人（其余 1 人不属于本表）"


def test_heads_of_a_group_stand_under_one_merged_heading(pack, abroad):
    sheet = sheet_of(pack, abroad, "abroad")
    assert sheet["A1"].value == "样例留学人员推荐表"
    assert [cell.value for cell in sheet[2]] == ["序号", "单位", "留学人员", None, "依据"]
    assert [sheet.cell(3, column).value for column in (3, 4)] == ["姓名", "语言"]
    merged = {str(each) for each in sheet.merged_cells.ranges}
    assert {"A1:E1", "C2:D2", "A2:A3", "B2:B3", "E2:E3"} <= merged
    assert sheet.print_title_rows == "$1:$3" and sheet.freeze_panes == "D4"


def test_the_line_and_the_notes_stand_below_the_spare_rows(pack, abroad):
    sheet = sheet_of(pack, abroad, "abroad")
    assert sheet["A9"].value == "填报人：        审核人：        样例市人才办"
    assert sheet["A10"].value == "填表说明：“姓名”栏照证件填写；“语言”栏可以填几种。"
    assert sheet.max_row == 10
    assert sheet.print_area == f"'{sheet.title}'!$A$1:$E$10"


def test_a_table_without_a_line_above_begins_with_its_heads(pack, abroad):
    assert sheet_of(pack, abroad, "abroad")["A2"].value == "序号"
    assert sheet_of(pack, abroad, "summary")["A3"].value == "序号"


def unit_with(make_unit, kind, *rows):
    return replace(make_unit(0), unit_rows={kind: tuple(rows)})


def test_rows_that_the_notice_names_are_there_and_everything_adds_up(pack, make_unit):
    typed = ({"full": 2, "deputy": 3, "other": 4}, {"full": 10, "deputy": None})
    sheet = sheet_of(pack, unit_with(make_unit, "totals", *typed), "totals")
    assert [cell.value for cell in sheet[2]] == ["序号", "地区", "高级职称", None, None, "其他", "合计"]
    assert [cell.value for cell in sheet[4]] == [1, "东区", 2, 3, 5, 4, 9]
    assert [cell.value for cell in sheet[5]] == [2, "西区", 10, None, 10, None, 10]
    assert [cell.value for cell in sheet[6]] == [None, "总计", 12, 3, 15, 4, 19]
    assert sheet["B6"].font.bold and not sheet["B5"].font.bold
    assert sheet.max_row == 6
    assert all(cell.data_type == "n" for cell in sheet[6][2:])


def test_an_empty_table_of_named_rows_has_no_zeros(pack, make_unit):
    sheet = sheet_of(pack, make_unit(0), "totals")
    assert [cell.value for cell in sheet[4]] == [1, "东区", None, None, None, None, None]
    assert [cell.value for cell in sheet[6]] == [None, "总计", None, None, None, None, None]


def test_a_table_of_free_rows_offers_its_list_and_holds_numbers_to_their_limits(pack, make_unit):
    unit = unit_with(make_unit, "plan", {"post": "=1+1", "number": 3, "way": "part", "holder": "110101199003077774"})
    sheet = sheet_of(pack, unit, "plan")
    assert sheet["A2"].value == "填报单位（盖章）：样例市人才办    填报日期：2026年11月21日"
    assert [cell.value for cell in sheet[4]] == [1, "=1+1", 3, "柔性引进", "110101199003077774"]
    assert sheet["B4"].data_type == "s" and sheet["B4"].quotePrefix
    assert sheet["E4"].data_type == "s" and sheet["E4"].number_format == "@"
    rules = {str(each.sqref): each for each in sheet.data_validations.dataValidation}
    assert set(rules) == {"C4:C8", "D4:D8"}
    number = rules["C4:C8"]
    assert (number.type, number.operator, number.formula1, number.formula2) == ("whole", "between", "1", "9")
    assert number.errorStyle == "stop" and rules["D4:D8"].type == "list"


def test_a_kind_that_is_not_there(pack, make_unit):
    with pytest.raises(LookupError, match="nothing"):
        build(pack, make_unit(0), "nothing", ON, lambda _: None)


numbers = st.one_of(st.none(), st.integers(0, 10**6))


@given(st.lists(st.fixed_dictionaries({"full": numbers, "deputy": numbers, "other": numbers}), max_size=2))
def test_sums_of_rows_and_of_columns_meet(pack, typed):
    table = pack.workbooks.unit_tables[0]
    rows = computed(table, typed)
    total = total_row(table, rows)
    assert (total["all"] or 0) == sum(row["all"] or 0 for row in rows)
    assert (total["all"] or 0) == sum((row[name] or 0) for row in typed for name in ("full", "deputy", "other"))
    assert (total["senior"] or 0) == (total["full"] or 0) + (total["deputy"] or 0)


def test_units_share_what_is_drawn_and_nothing_that_is_theirs(pack, abroad, make_unit):
    other = make_unit(2, unit_name='甲&乙<局>"')
    first = build(pack, abroad, "abroad", ON, lambda _: None)
    book = load_workbook(BytesIO(build(pack, other, "summary", ON, lambda _: None)))
    sheet = book.worksheets[0]
    assert sheet.oddFooter.right.text == '甲&&乙<局>"'
    assert book.properties.title == f'甲&乙<局>" {pack.workbooks.summary.title}'
    assert '甲&乙<局>"' in sheet["A2"].value
    assert sheet_of(pack, other, "abroad").oddFooter.right.text == '甲&&乙<局>"'
    assert build(pack, abroad, "abroad", ON, lambda _: None) == first
    later = load_workbook(BytesIO(build(pack, abroad, "abroad", date(2026, 11, 22), lambda _: None)))
    assert later.properties.created.date() == date(2026, 11, 22)


def test_a_table_without_any_row_offers_nothing(pack, make_unit):
    table = pack.workbooks.summary
    bare = table.model_copy(update={"spare_rows": 0, "notes": ("没有人。",)})
    packed = pack.model_copy(update={"workbooks": pack.workbooks.model_copy(update={"summary": bare})})
    sheet = sheet_of(packed, make_unit(0), "summary")
    assert sheet["A4"].value == "填表说明：没有人。"
    assert sheet.data_validations.dataValidation == []
    assert sheet.print_area.endswith("$4")
    assert sheet_of(pack, make_unit(0), "summary").data_validations.dataValidation != []
