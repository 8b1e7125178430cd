"""A form drawn cell by cell: every label and span as the pack has it, ticks, photo, signatures, nothing cut."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image
from waiting import PATIENCE

from models.office.workbook_data import Record, UnitRecords
from models.programme import grid, idnumber
from models.programme.loader import load_pack
from models.programme.pack import GridCell, Pack
from workers.sheets.forms import build_forms
from workers.sheets.portrait import photo_mm, shrink

ON = date(2026, 5, 10)
ID = idnumber.make("442000", date(1971, 6, 30), 12)
PACK = load_pack("zhongshan")
FORM = PACK.workbooks.person_form()
ANSWERS: dict[str, Any] = {
    "claim": ("level_6",),
    "field:employer": "中山市样例机械有限公司",
    "field:employer_code": "YL00000000X",
    "field:contact_name": "样例甲",
    "field:contact_phone": "13800000001",
    "field:name": "李样例",
    "field:sex": "female",
    "field:id_kind": "id_card",
    "field:id_number": ID,
    "field:birth_date": "1971-06-30",
    "field:native_place": "广东省中山市",
    "field:household_place": "湖南省株洲市",
    "field:political_status": "13",
    "field:education": "bachelor",
    "field:degree": "none",
    "field:school": "样例理工大学",
    "field:graduated": "1993-07",
    "field:major": "机械工程",
    "field:speciality": "模具设计",
    "field:qualification": "高级工程师",
    "field:post": "研发部经理",
    "field:address": "中山市样例路1号",
    "field:phone": "13800000002",
    "field:email": "li@example.com",
    "field:achievements": "主持高速注塑机研发。",
    "field:certified_before": True,
    "field:previous_level": "level_8",
    "field:previous_date": "2020-09-01",
}
# 附件2 row by row: the labels of tables.md section 4, in their order.
ROWS: list[list[str]] = [
    ["姓名", "性别", "照片"],
    ["出生年月", "籍贯"],
    ["户籍所在地", "证件及号码"],
    ["学历", "学位", "毕业院校及时间"],
    ["所学专业", "从事专业", "政治面貌"],
    ["专业技术资格或职业（执业）资格", "单位及职务"],
    ["通讯地址", "联系电话"],
    ["电子邮箱"],
    ["近5年内主要业绩、成果和贡献（限500字内）"],
    ["原认定（评定）层次", "原认定（评定）时间"],
    ["现申请"],
    ["所在单位推荐意见（或同行专家推荐意见）"],
    ["审核部门意见"],
    ["评审委员会意见"],
    ["市人才工作领导小组审定意见"],
]


def drawn(answers: dict[str, Any], pack: Pack = PACK, opinion: str = "", photo: bytes | None = None) -> Worksheet:
    """The form of one person, as written and read back."""
    record = Record("a" * 32, "BL-2345-678T", "approved", ("level_6",), answers, "1", ON, opinion=opinion)
    unit = UnitRecords("zhongshan", "r" * 32, "2026年度", "u" * 32, "approval-office", "审批服务办公室", (record,))
    data = build_forms(pack, unit, ON, lambda _: photo)
    return load_workbook(BytesIO(data)).worksheets[-1]


def bare(text: object) -> str:
    return "".join(str(text or "").split())


def regions(sheet: Worksheet) -> dict[str, tuple[int, int, int, int]]:
    """Text → (first row, first column, last row, last column) of the cell that holds it, merged or not."""
    merged = {(r.min_row, r.min_col): (r.max_row, r.max_col) for r in sheet.merged_cells.ranges}
    found: dict[str, tuple[int, int, int, int]] = {}
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value not in (None, ""):
                end = merged.get((cell.row, cell.column), (cell.row, cell.column))
                found.setdefault(bare(cell.value), (cell.row, cell.column, *end))
    return found


def placed_words(cells: Sequence[Sequence[GridCell]]) -> Iterator[tuple[str, grid.Placed]]:
    for placed in grid.place(cells):
        if placed.cell.label:
            yield bare(placed.cell.label), placed


def test_the_labels_of_the_form_are_the_notice_s_row_by_row() -> None:
    rows: dict[int, list[str]] = {}
    for label, placed in placed_words(FORM.grid):
        rows.setdefault(placed.row, []).append(label)
    assert [rows[n] for n in range(len(FORM.grid))] == ROWS
    assert [[bare(cell.label) for cell in row] for row in FORM.above] == [
        ["申报单位：", "法人代码："],
        ["联系人：", "联系电话："],
    ]


def test_every_label_stands_where_the_grid_has_it_over_its_columns() -> None:
    sheet = drawn(ANSWERS)
    found = regions(sheet)
    starts: dict[int, set[int]] = {}
    for label, placed in placed_words(FORM.grid):
        if label == "联系电话":
            continue  # it stands above the table as well; its row is held by 通讯地址
        first, column, _, last = found[label]
        assert (column, last) == (placed.column + 1, placed.column + placed.cell.span), label
        starts.setdefault(placed.row, set()).add(first)
    assert all(len(rows) == 1 for rows in starts.values()), "what stands in one row begins in one row"
    order = [next(iter(starts[row])) for row in sorted(starts)]
    assert order == sorted(order)
    first, _, last, _ = found["照片"]
    assert (first, last) == (order[0], order[3] - 1), "the photo is as high as three rows"


def test_what_the_person_said_stands_beside_its_label() -> None:
    found = regions(drawn(ANSWERS))
    assert f"身份证{ID}" in found
    for text in ("1971年6月", "样例理工大学1993年7月", "中山市样例机械有限公司研发部经理", "女", "2020年9月1日"):
        assert text in found, text
    assert "申报单位：中山市样例机械有限公司" in found
    assert "联系人：样例甲" in found


def test_ticks_show_every_option_and_only_one_is_ticked() -> None:
    found = regions(drawn(ANSWERS))
    assert "☐第五层次☑第六层次☐第七层次☐第八层次" in found
    assert "☐第五层次☐第六层次☐第七层次☑第八层次" in found


def test_who_is_not_sure_of_the_level_leaves_the_boxes_to_the_office() -> None:
    unsure = {**ANSWERS, "claim": "unsure"}
    assert "☐第五层次☐第六层次☐第七层次☐第八层次" in regions(drawn(unsure))


def test_who_was_never_certified_leaves_the_printed_blank() -> None:
    new = {k: v for k, v in ANSWERS.items() if not k.startswith("field:previous")}
    sheet = drawn(new)
    values = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert "    年    月    日" in values


def test_a_passport_stands_in_the_place_of_the_id_number() -> None:
    foreign = {**ANSWERS, "field:id_kind": "passport", "field:passport_number": "E12345678"}
    del foreign["field:id_number"]
    assert "护照E12345678" in regions(drawn(foreign))


def test_signature_lines_and_the_reviewer_s_opinion() -> None:
    found = regions(drawn(ANSWERS, opinion="材料齐全，同意推荐。"))
    assert "申请人签名：年月日" in found
    for who in ("单位负责人或推荐人签名", "部门负责人或推荐人签名", "评委会主任签名", "负责人签名"):
        assert f"（单位公章）{who}：年月日" in found
    assert found["材料齐全，同意推荐。"][1] == found["（单位公章）部门负责人或推荐人签名：年月日"][1]


def test_the_notes_are_below_and_the_page_is_one_a4_upright() -> None:
    sheet = drawn(ANSWERS)
    found = regions(sheet)
    notes = [found[bare(note)][0] for note in FORM.notes]
    assert notes == sorted(notes) and notes[0] > found["市人才工作领导小组审定意见"][2]
    assert sheet.page_setup.orientation == "portrait"
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 1)


@pytest.mark.parametrize("hostile", ["=HYPERLINK(1)", "+1", "@SUM(A1)", "-2"])
def test_input_never_becomes_a_formula(hostile: str) -> None:
    sheet = drawn({**ANSWERS, "field:name": hostile, "field:achievements": hostile, "field:employer": hostile})
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value]
    assert hostile in [cell.value for cell in cells]
    assert all(cell.data_type == "s" and cell.number_format == "@" for cell in cells)


def heights(sheet: Worksheet, region: tuple[int, int, int, int]) -> list[float]:
    return [float(sheet.row_dimensions[row].height or 0) for row in range(region[0], region[2] + 1)]


@pytest.mark.parametrize("text", ["成果。" * 166, "成\n" * 249 + "果"], ids=["one paragraph", "250 lines"])
def test_long_words_grow_their_row_and_are_never_cut(text: str) -> None:
    sheet = drawn({**ANSWERS, "field:achievements": text})
    region = regions(sheet)[bare(text)]
    own = heights(sheet, region)
    assert all(height <= 409 for height in own)
    width_in_chars = 48  # two-column characters that a line of the page holds, at most
    lines = sum(-(-len(line) // width_in_chars) for line in text.split("\n"))
    assert sum(own) >= lines * 14


def test_the_photo_is_33_by_48_millimetres_in_its_cell() -> None:
    raw = BytesIO()
    Image.new("RGB", (660, 960), "blue").save(raw, "JPEG")
    assert photo_mm(PACK) == (33, 48)
    sheet = drawn(ANSWERS, photo=shrink(raw.getvalue(), photo_mm(PACK)))
    (picture,) = sheet._images
    emu_a_mm = 36000
    assert picture.anchor.ext.width / emu_a_mm == pytest.approx(33, abs=1)
    assert picture.anchor.ext.height / emu_a_mm == pytest.approx(48, abs=1)
    assert (picture.anchor._from.row + 1, picture.anchor._from.col + 1) == regions(drawn(ANSWERS))["照片"][:2]


def test_libreoffice_prints_one_page_a_person(tmp_path: Path) -> None:
    record = Record("a" * 32, "BL-2345-678T", "submitted", ("level_6",), ANSWERS, "1", ON)
    unit = UnitRecords("zhongshan", "r" * 32, "2026年度", "u" * 32, "approval-office", "审批服务办公室", (record,))
    book = tmp_path / "forms.xlsx"
    book.write_bytes(build_forms(PACK, unit, ON, lambda _: None))
    command = ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
    command += ["--convert-to", "pdf", "--outdir", str(tmp_path), str(book)]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
    pages = subprocess.run(["pdftotext", "-layout", str(tmp_path / "forms.pdf"), "-"], check=True, capture_output=True)
    with_form = [page for page in pages.stdout.decode().split("\f") if "申请人签名" in page]
    assert len(with_form) == 1
    printed = bare(with_form[0])
    for row in FORM.grid:
        assert all(bare(line) in printed for cell in row for line in cell.label.split("\n"))
    assert "负责人签名：" in with_form[0] and "填表说明：" in with_form[0]
