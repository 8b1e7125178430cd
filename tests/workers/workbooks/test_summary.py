import re
import zipfile
from dataclasses import replace
from datetime import date
from io import BytesIO
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from workers.sheets.official import fill_line
from workers.sheets.package import to_bytes
from workers.sheets.summary import build_table
from workers.sheets.text import clean, encode

ON = date(2026, 11, 21)


def opened(data):
    return load_workbook(BytesIO(data))


@pytest.fixture(scope="module")
def built(pack, make_unit):
    return build_table(pack, pack.workbooks.summary, make_unit(30), ON)


@pytest.fixture(scope="module")
def sheet(built):
    return opened(built)["汇总表"]


def test_title_and_header_line(sheet):
    assert sheet["A1"].value == "样例人才信息汇总表"
    assert sheet["A2"].value == "报送时间：2026年11月21日    报送单位：样例市人才办（单位公章）"
    assert [c.value for c in sheet[3]][:5] == ["序号", "姓名", "性别", "出生年月日", "身份证号"]


def test_braces_in_a_unit_name_mean_nothing():
    assert fill_line("{date}|{unit}", "{date}{0}", ON) == "2026年11月21日|{date}{0}"


def test_one_row_a_person_and_ids_byte_for_byte(sheet, make_record):
    for number in range(1, 31):
        row = sheet[3 + number]
        record = make_record(number)
        assert row[0].value == number
        assert row[4].value == record.answers["field:id_number"]
        assert row[4].data_type == "s" and row[4].number_format == "@"
        assert row[3].value == record.answers["field:birth"] and row[3].data_type == "s"
        assert row[10].value == record.answers["field:phone"]
    assert sheet.max_row == 3 + 30 + 20
    assert sheet["F6"].value == "高技能人才、留学回国人员"
    assert sheet["I6"].value == "英语、日语"


def test_spare_rows_are_text_and_offer_the_same_lists(sheet):
    last = sheet.max_row
    assert sheet.cell(last, 5).number_format == "@" and sheet.cell(last, 5).value is None
    ranges = {str(v.sqref): v for v in sheet.data_validations.dataValidation}
    assert set(ranges) == {f"{c}4:{c}{last}" for c in "CFGHI"}
    sexes = ranges[f"C4:C{last}"]
    assert (sexes.type == "list" and sexes.formula1 == "'代码'!$A$1:$A$2") or sexes.formula1 == "代码!$A$1:$A$2"
    assert sexes.errorStyle == "stop"
    assert ranges[f"I4:I{last}"].errorStyle == "information"


def test_code_lists_stand_on_a_hidden_sheet_word_for_word(built, pack):
    book = opened(built)
    codes = book["代码"]
    assert codes.sheet_state == "hidden"
    columns = [[c.value for c in column if c.value] for column in codes.iter_cols()]
    assert [f"注册某某工程师（第{n}类）" for n in range(60)] in columns
    assert ["一级", "二级", "不确定"] in columns


def test_page(sheet):
    assert sheet.page_setup.orientation == "landscape"
    assert int(sheet.page_setup.paperSize) == 9
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.print_title_rows == "$1:$3"
    assert sheet.oddFooter.center.text == "第 &P 页 共 &N 页"
    assert sheet.print_area == "'汇总表'!$A$1:$L$53"
    assert sheet.freeze_panes == "C4"
    assert sheet.column_dimensions["E"].width >= 20


def test_fonts_are_named_in_chinese(sheet):
    assert sheet["A1"].font.name == "宋体"
    assert sheet["B4"].font.name == "仿宋"


def test_cover_note_adds_up(built):
    cover = opened(built)["说明"]
    text = {row[1].value: row[2].value for row in cover.iter_rows() if row[1].value}
    assert text["收到"] == "32 份"
    assert text["列入"].startswith("30 份")
    assert text["未列入"].startswith("2 份")
    assert text["BL-OUT1-SAMP"] == "本人已撤回"
    assert "汇总表的栏目正文没有给出。" in text["附件2"]
    assert any(row[0].value == "列次序由办公室确认" for row in cover.iter_rows())


def test_cover_note_is_printed_whole(built):
    cover = opened(built)["说明"]
    assert cover.print_area == f"'说明'!$A$1:$C${cover.max_row}"
    assert {"A1:C1"} <= {str(each) for each in cover.merged_cells.ranges}


def test_same_records_same_bytes(pack, make_unit, built):
    assert build_table(pack, pack.workbooks.summary, make_unit(30), ON) == built
    with zipfile.ZipFile(BytesIO(built)) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
        core = archive.read("docProps/core.xml").decode()
    assert core.count("2026-11-21T00:00:00Z") == 2


def test_empty_unit(pack, make_unit):
    sheet = opened(build_table(pack, pack.workbooks.summary, make_unit(0), ON))["汇总表"]
    assert sheet.max_row == 23
    assert sheet["A4"].value is None


def test_no_rows_at_all(pack, make_unit):
    tables = pack.workbooks
    bare = tables.model_copy(update={"summary": tables.summary.model_copy(update={"spare_rows": 0})})
    sheet = opened(build_table(pack, bare.summary, make_unit(0), ON))["汇总表"]
    assert sheet.max_row == 3


def test_an_unsure_answer_says_so_and_a_missing_one_is_empty(pack, make_unit, make_record):
    record = make_record(1)
    answers = {**record.answers, "fact:level": "unsure"}
    del answers["field:note"]
    sheet = opened(
        build_table(pack, pack.workbooks.summary, make_unit(records=(replace(record, answers=answers),)), ON)
    )["汇总表"]
    assert sheet["G4"].value == "不确定"
    assert sheet["J4"].value is None


HOSTILE = st.text(min_size=1) | st.sampled_from(
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "_x0041_", " a "]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=HOSTILE, note=HOSTILE)
def test_hostile_input_stays_text(pack, make_unit, make_record, name, note):
    data = build_table(pack, pack.workbooks.summary, make_unit(records=(make_record(1, name=name, note=note),)), ON)
    book = opened(data)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)
    cells = book["汇总表"][4]
    for cell, given_text in ((cells[1], name), (cells[9], note)):
        wanted = encode(clean(given_text))
        assert (cell.value or "") == wanted
        if wanted.startswith(("=", "+", "-", "@")):
            assert cell.quotePrefix and cell.number_format == "@"


def test_only_a_risky_beginning_bears_the_quote_prefix(pack, make_unit, make_record):
    unit = make_unit(records=(make_record(1), make_record(2, name="=1+1")))
    sheet = opened(build_table(pack, pack.workbooks.summary, unit, ON))["汇总表"]
    quoted = [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.quotePrefix]
    assert quoted == ["B5"]


def test_no_formula_element_in_any_part(built):
    with zipfile.ZipFile(BytesIO(built)) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/"):
                root = ElementTree.fromstring(archive.read(name))
                assert not [e for e in root.iter() if e.tag.endswith("}f")]
                assert re.search(rb'<dimension ref="A1:L53"', archive.read(name)) or "sheet1" not in name


def test_ten_thousand_people(pack, make_unit, make_record):
    record = make_record(1)
    unit = make_unit(records=tuple(replace(record, receipt=f"BL-{n}") for n in range(10_000)))
    with zipfile.ZipFile(BytesIO(build_table(pack, pack.workbooks.summary, unit, ON))) as archive:
        assert archive.read("xl/worksheets/sheet1.xml").count(b"<row ") == 3 + 10_000 + 20


def test_document_properties_come_from_the_day(pack):
    from openpyxl import Workbook

    book = load_workbook(BytesIO(to_bytes(Workbook(), ON, "题名")))
    assert (book.properties.title, book.properties.created.date()) == ("题名", ON)
