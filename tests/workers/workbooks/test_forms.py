import zipfile
from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from PIL import Image

from models.office import workbook_data
from models.programme.pack import Column, Text
from workers.sheets import forms
from workers.sheets.forms import build_forms
from workers.sheets.forms_layout import GRID, Line, RowsTable, lay_out, spans
from workers.sheets.portrait import shrink

ON = date(2026, 11, 21)


def opened(data):
    return load_workbook(BytesIO(data))


def values(sheet):
    return [cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None]


@pytest.fixture(scope="module")
def small(photo):
    return shrink(photo)


@pytest.fixture(scope="module")
def book(pack, make_unit, small):
    return opened(
        build_forms(pack, make_unit(5), ON, lambda record: small if record.receipt != "BL-0002-SAMP" else None)
    )


def test_an_index_then_one_sheet_a_person(book):
    assert book.sheetnames == ["目录", "说明", "001 样本1", "002 样本2", "003 样本3", "004 样本4", "005 样本5"]
    index = book["目录"]
    assert index["B4"].value == "样本1"
    assert index["B4"].hyperlink.location == "'001 样本1'!A1"
    assert index["C4"].value == "BL-0001-SAMP"


def test_a_person_reads_as_the_paper_form(book, make_record):
    shown = values(book["001 样本1"])
    assert shown[0] == "样例人才信息采集表"
    assert "主管部门组织人事部门审核意见" in shown
    assert any("公章" in str(text) and "年" in str(text) for text in shown)
    assert make_record(1).answers["field:id_number"] in shown
    assert "☑高技能人才　□留学回国人员" in shown
    assert "样例机械厂 技术员" in shown


def test_the_reviewers_opinion_stands_above_the_seal(pack, make_unit, make_record):
    people = (replace(make_record(1), opinion="材料属实，同意入库。"), make_record(2))
    made = opened(build_forms(pack, make_unit(records=people), ON, lambda _: None))
    shown = values(made["001 样本1"])
    assert shown[-2] == "材料属实，同意入库。" and "公章" in shown[-1]
    assert "公章" in values(made["002 样本2"])[-1] and "审核意见" in values(made["002 样本2"])[-2]


def test_a_table_among_cells_says_what_it_is(pack, make_unit):
    cells = (pack.workbooks.form.blocks[2].cells[0], pack.workbooks.form.blocks[3].cells[0])
    block = pack.workbooks.form.blocks[2].model_copy(update={"cells": cells, "when": None})
    form = pack.workbooks.form.model_copy(update={"blocks": (block,)})
    other = pack.model_copy(update={"workbooks": pack.workbooks.model_copy(update={"form": form})})
    assert "工作简历" in values(opened(build_forms(other, make_unit(1), ON, lambda _: None))["001 样本1"])


def test_a_block_that_does_not_concern_the_person_is_left_out(book):
    assert "三、留学" in values(book["003 样本3"])
    assert "三、留学" not in values(book["001 样本1"])


def test_until_now_leaves_the_end_blank(book):
    sheet = book["001 样本1"]
    row = next(r for r in sheet.iter_rows() if r[0].value == "2008-02")
    assert row[2].value is None


def test_the_photo_or_a_word_that_it_is_missing(book):
    assert len(book["001 样本1"]._images) == 1
    assert not book["002 样本2"]._images
    assert "照片\n（未提供）" in values(book["002 样本2"])


def test_page(book):
    sheet = book["001 样本1"]
    assert sheet.page_setup.orientation == "portrait"
    assert int(sheet.page_setup.paperSize) == 9
    assert sheet.oddFooter.center.text == "第 &P 页 共 &N 页"
    assert sheet.print_area.startswith("'001 样本1'!$A$1:$L$")


def test_same_people_same_bytes(pack, make_unit, small):
    first, second = (build_forms(pack, make_unit(3), ON, lambda _: small) for _ in range(2))
    assert first == second


def test_two_people_of_one_name(pack, make_unit, make_record):
    twins = tuple(replace(make_record(n, name="样本"), receipt=f"BL-{n}") for n in (1, 2))
    assert opened(build_forms(pack, make_unit(records=twins), ON, lambda _: None)).sheetnames[2:] == [
        "001 样本",
        "002 样本",
    ]


def test_more_than_a_file_holds(pack, make_unit, make_record, monkeypatch):
    for module in (forms, workbook_data):
        assert module.FORMS_PER_FILE == 200
        monkeypatch.setattr(module, "FORMS_PER_FILE", 4)  # two hundred sheets take ten seconds to show the same
    people = tuple(make_record(n) for n in range(1, 8))
    data = build_forms(pack, make_unit(records=people), ON, lambda _: None)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        names = archive.namelist()
        assert names == [f"样例市人才办_样例人才库_采集表_20261121_{part:02d}.xlsx" for part in (1, 2)]
        second = opened(archive.read(names[1]))
    assert second.sheetnames[2:] == [f"{n:03d} 样本{n}" for n in (5, 6, 7)]
    assert "共 7 人，本册 3 人" in second["目录"]["A2"].value


HOSTILE = st.text(max_size=40) | st.sampled_from(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"])
PEOPLE = st.lists(
    st.tuples(HOSTILE, HOSTILE, st.sampled_from(["=1", "+86", "@x", "'a"])),
    min_size=8,
    max_size=8,  # a workbook of eight costs little more than one of one
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=PEOPLE)
def test_hostile_input_stays_text(pack, make_unit, make_record, people):
    records = tuple(
        make_record(n, name=name, phone=phone, duties=[{"start": "2000-01", "end": "", "post": post}])
        for n, (name, post, phone) in enumerate(people, start=1)
    )
    for sheet in opened(build_forms(pack, make_unit(records=records), ON, lambda _: None)).worksheets:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)


def test_no_two_regions_overlap(book):
    for sheet in book.worksheets:
        seen = set()
        for region in sheet.merged_cells.ranges:
            cells = set(region.cells)
            assert not seen & cells
            seen |= cells


def test_lines_fill_the_grid(pack):
    for block in pack.workbooks.form.blocks:
        layout = lay_out(pack, block.cells)
        for band in layout.bands:
            if isinstance(band, RowsTable):
                assert sum(band.spans) == GRID
            elif isinstance(band, Line) and band.pairs:
                last = band.pairs[-1]
                assert last.value_column + last.value - 1 == (10 if band.beside_portrait else GRID)


@given(st.lists(st.sampled_from(["text", "choice", "date", "month", "number"]), min_size=1, max_size=12))
def test_columns_of_rows_share_the_grid(kinds):
    columns = [Column(id=f"c{n}", kind=kind, label=Text(zh="列", en="c")) for n, kind in enumerate(kinds)]
    found = spans(columns)
    assert sum(found) == GRID
    assert min(found) >= 1


def test_a_photo_is_shrunk_without_losing_its_shape(photo):
    with Image.open(BytesIO(shrink(photo))) as image:
        assert image.format == "JPEG"
        assert image.size == (295, 413)
    wide = BytesIO()
    Image.new("RGB", (1200, 300)).save(wide, "PNG")
    with Image.open(BytesIO(shrink(wide.getvalue()))) as image:
        assert image.size == (295, 74)
