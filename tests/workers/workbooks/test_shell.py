"""Shells drawn by openpyxl, and shells as other programs write them, continued with rows."""

import zipfile
from datetime import date
from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from xlsx_rules import problems

from workers.sheets import stream
from workers.sheets.cells import ColumnStyle
from workers.sheets.package import shell_of
from workers.sheets.reading import read
from workers.sheets.sheet_xml import Feed, SheetXml
from workers.sheets.shell import Shell, mark
from workers.sheets.stream import Block
from workers.sheets.style_xml import StyleXml

ON = date(2026, 11, 26)
COLUMNS = [ColumnStyle("A", 0, 0), ColumnStyle("B", 0, 0)]
MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def rows(count):
    return [(f"第{number}人", number) for number in range(1, count + 1)]


def block(first, count, **more):
    return Block(first, count, COLUMNS, rows(count), **more)


def drawn():
    """A head of two rows, a validation, a filter, a print area, a merged range; and a second sheet."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "A4 表, '汇总'"
    sheet["A1"], sheet["A2"], sheet["B2"] = "标题", "姓名", "序号"
    sheet.merge_cells("A1:B1")
    sheet.freeze_panes = "A3"
    sheet.auto_filter.ref = "A2:B3"
    sheet.print_area = "A1:B3"
    sheet.print_title_rows = "1:2"
    choice = DataValidation(type="list", formula1='"甲,乙"')
    choice.add("A3:A3")
    choice.add("B1")
    sheet.add_data_validation(choice)
    sheet.conditional_formatting.add("B3", CellIsRule(operator="greaterThan", formula=["3"]))
    workbook.create_sheet("别的")["A1"] = "不动"
    return workbook


@pytest.fixture
def shell():
    return shell_of(drawn(), ON, "题")


def sheet_of(data):
    return load_workbook(BytesIO(data)).worksheets[0]


def part(data, name="xl/worksheets/sheet1.xml"):
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return archive.read(name)


def test_rows_go_below_the_head_and_ranges_reach_to_their_end(shell):
    data = shell.to_bytes([Feed(shell.sheets[0], [block(3, 40)], {3: 42})])
    sheet = sheet_of(data)
    assert [c.value for c in sheet["A"]] == ["标题", "姓名", *(text for text, _ in rows(40))]
    assert (sheet.dimensions, sheet.auto_filter.ref, sheet.freeze_panes) == ("A1:B42", "A2:B42", "A3")
    assert {str(v.sqref) for v in sheet.data_validations.dataValidation} == {"A3:A42 B1"}
    assert [str(each.sqref) for each in sheet.conditional_formatting] == ["B3:B42"]
    assert sheet.print_area.endswith("!$A$1:$B$42")
    assert sheet.print_title_rows == "$1:$2"
    assert [str(each) for each in sheet.merged_cells.ranges] == ["A1:B1"]
    names = part(data, "xl/workbook.xml").decode()
    assert names.count("'A4 表, ''汇总'''!") == 3  # a title that looks like a cell stays


def test_without_rows_ranges_end_with_the_head_or_where_they_begin(shell):
    sheet = sheet_of(shell.to_bytes([Feed(shell.sheets[0], [block(3, 0)], {3: 2})]))
    assert (sheet.dimensions, sheet.auto_filter.ref) == ("A1:B2", "A2:B2")
    assert {str(v.sqref) for v in sheet.data_validations.dataValidation} == {"A3 B1"}
    assert sheet.print_area.endswith("!$A$1:$B$2")


def test_what_is_not_fed_stays_byte_for_byte(shell):
    data = shell.to_bytes([Feed(shell.sheets[0], [block(3, 5)])])
    bare = shell.to_bytes()
    with zipfile.ZipFile(BytesIO(data)) as archive, zipfile.ZipFile(BytesIO(bare)) as before:
        assert archive.namelist() == before.namelist()
        changed = [name for name in archive.namelist() if archive.read(name) != before.read(name)]
    assert changed == ["xl/worksheets/sheet1.xml"]


def test_the_same_rows_give_the_same_bytes_from_any_writing(shell):
    feeds = lambda: [Feed(shell.sheets[0], [block(3, 1500)], {3: 1502})]  # noqa: E731
    first = shell.to_bytes(feeds())
    assert shell.to_bytes(feeds()) == first
    assert shell_of(drawn(), ON, "题").to_bytes(feeds()) == first


def test_blocks_between_rows_that_the_shell_has():
    workbook = Workbook()
    for number, text in ((1, "头"), (4, "中"), (9, "注")):
        workbook.worksheets[0].cell(number, 1, text)
    workbook.worksheets[0].row_dimensions[3].height = 30  # an empty row, no longer empty
    feed = Feed("Sheet", [block(2, 2), block(5, 3, height=20.0)], merges=["A9:B9"])
    data = shell_of(workbook, ON, "题").to_bytes([feed])
    assert problems(data) == []
    sheet = sheet_of(data)
    column = [sheet.cell(number, 1).value for number in range(1, 10)]
    assert column == ["头", "第1人", "第2人", "中", "第1人", "第2人", "第3人", None, "注"]
    assert [sheet.row_dimensions[n].height for n in (3, 4, 5, 8)] == [None, None, 20, None]
    assert [str(each) for each in sheet.merged_cells.ranges] == ["A9:B9"]


def test_merged_ranges_join_those_that_are_there(shell):
    data = shell.to_bytes([Feed(shell.sheets[0], [block(3, 2)], merges=["A3:B3", "A4:B4"])])
    assert {str(each) for each in sheet_of(data).merged_cells.ranges} == {"A1:B1", "A3:B3", "A4:B4"}
    assert b'<mergeCells count="3">' in part(data)
    bare = shell_of(Workbook(), ON, "题").to_bytes([Feed("Sheet", [block(1, 1)], merges=["A1:B1"])])
    assert [str(each) for each in sheet_of(bare).merged_cells.ranges] == ["A1:B1"]


@pytest.mark.parametrize("above", ['<autoFilter ref="A1:B2"/>', '<sheetProtection sheet="1"/>', ""])
def test_merged_ranges_come_in_turn(above):
    xml = f'<worksheet {MAIN.decode()}><sheetData/>{above}<pageMargins left="1"/></worksheet>'.encode()
    tail = SheetXml(xml).tail(Feed("", [], merges=["A1:B1"])).decode()
    merged = '<mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>'
    assert tail == f'</sheetData>{above}{merged}<pageMargins left="1"/></worksheet>'


def test_heights():
    shell = shell_of(Workbook(), ON, "题")
    blocks = [block(1, 2), block(3, 2, height=21.5), block(5, 2, height=lambda row: row[1] * 300.0)]
    sheet = sheet_of(shell.to_bytes([Feed("Sheet", blocks)]))
    assert [sheet.row_dimensions[n].height for n in range(1, 7)] == [None, None, 21.5, 21.5, 300, 409]


def test_marks_are_filled_in_and_what_people_typed_is_not():
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet["A1"] = f"报送单位：{mark('unit')}"
    sheet.oddFooter.right.text = mark("unit")
    feed = Feed("Sheet", [Block(2, 1, COLUMNS, [(mark("unit"), mark("other"))])])
    shell = shell_of(workbook, ON, f"{mark('unit')} 汇总")
    data = shell.to_bytes([feed], {"unit": '甲<乙>"丙"'})
    book = load_workbook(BytesIO(data))
    sheet = book.worksheets[0]
    assert sheet["A1"].value == '报送单位：甲<乙>"丙"'
    assert sheet.oddFooter.right.text == '甲<乙>"丙"'
    assert book.properties.title == '甲<乙>"丙" 汇总'
    assert [c.value for c in sheet[2]] == [mark("unit"), mark("other")]
    with pytest.raises(KeyError, match="unit"):
        shell.to_bytes([], {})


def test_a_path_holds_a_whole_workbook_or_what_it_held(shell, tmp_path):
    path = tmp_path / "表.xlsx"
    shell.write(path, [Feed(shell.sheets[0], [block(3, 5)])])
    whole = path.read_bytes()
    with pytest.raises(ValueError, match="announced"):
        shell.write(path, [Feed(shell.sheets[0], [Block(3, 9, COLUMNS, rows(5))])])
    assert path.read_bytes() == whole == shell.to_bytes([Feed(shell.sheets[0], [block(3, 5)])])
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        ([Block(3, 2, COLUMNS, rows(3))], "more than the 2 rows"),
        ([Block(3, 4, COLUMNS, rows(3))], "3 rows of the 4"),
        ([Block(3, 1, COLUMNS, [("只有一格",)])], "rows of 1 values for 2 columns"),
        ([Block(3, 2, COLUMNS, [("甲", 1), ("乙",)])], "longer|shorter"),
        ([Block(2, 1, COLUMNS, rows(1))], "row 2 of the sheet is not empty"),
        ([block(3, 4), block(6, 1)], "from row 6 on after row 6"),
        ([block(5, 1), block(3, 1)], "from row 3 on after row 5"),
        ([Block(0, 1, COLUMNS, rows(1))], "from row 0 on after row 0"),
        ([Block(1_048_576, 2, COLUMNS, rows(2))], "row 1048577"),
        ([Block(3, 1, COLUMNS * 8193, [("甲", 1) * 8193])], "16386 columns"),
    ],
)
def test_what_cannot_be_written_is_refused(shell, blocks, said):
    with pytest.raises(ValueError, match=said):
        shell.to_bytes([Feed(shell.sheets[0], blocks)])


def test_the_last_row_of_a_sheet():
    data = shell_of(Workbook(), ON, "题").to_bytes([Feed("Sheet", [block(1_048_575, 2)])])
    assert sheet_of(data).max_row == 1_048_576


def test_a_sheet_that_is_not_there_and_one_fed_twice(shell):
    with pytest.raises(ValueError, match="no sheet '无'"):
        shell.to_bytes([Feed("无", [])])
    with pytest.raises(ValueError, match="twice"):
        shell.to_bytes([Feed("别的", []), Feed("别的", [])])


def test_chunks_are_invisible(shell, monkeypatch):
    feed = lambda: [Feed(shell.sheets[0], [block(3, 20)])]  # noqa: E731
    whole = part(shell.to_bytes(feed()))
    monkeypatch.setattr(stream, "_CHUNK", 3)
    assert part(shell.to_bytes(feed())) == whole


def test_rows_are_taken_as_they_are_written(shell):
    """A target sees the first rows before the last one has been asked for."""
    sizes = []

    class Target(BytesIO):
        def seekable(self):
            return False

    target = Target()

    def people():
        for row in rows(20_000):
            sizes.append(len(target.getbuffer()))
            yield row

    shell.write(target, [Feed(shell.sheets[0], [Block(3, 20_000, COLUMNS, people())])])
    assert sizes[-1] > 2 * sizes[0]
    assert sheet_of(target.getvalue()).max_row == 20_002
    first, _ = read(target.getvalue())
    assert [tuple(row) for row in first.rows[2:]] == rows(20_000)


PREFIXED = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
    b'<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:y="urn:y">'
    b'<x:dimension ref="A1:C2"/><x:sheetData><x:row><x:c r="A1" t="str"><x:v>\xe5\xa4\xb4</x:v></x:c></x:row>\n'
    b'<x:row r="2" ht="30"/></x:sheetData><x:mergeCells count="1"><x:mergeCell ref="A1:C1"/></x:mergeCells>'
    b'<x:dataValidations count="1"><x:dataValidation type="whole" sqref="B2:B2 C2"/></x:dataValidations>'
    b'<x:extLst><x:ext uri="u" xmlns:xm="urn:xm"><xm:sqref>A2:A2</xm:sqref></x:ext></x:extLst></x:worksheet>'
)


def test_a_sheet_of_another_program_with_its_own_prefixes():
    data = shell_of(Workbook(), ON, "题").to_bytes()
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            target.writestr(name, PREFIXED if name == "xl/worksheets/sheet1.xml" else source.read(name))
    data = Shell(out.getvalue()).to_bytes([Feed("Sheet", [block(2, 3)], {2: 4}, merges=["A4:B4"])])
    with pytest.warns(UserWarning, match="Unknown extension"):
        sheet = sheet_of(data)
    assert [c.value for c in sheet["A"]] == ["头", "第1人", "第2人", "第3人"]
    assert {str(each) for each in sheet.merged_cells.ranges} == {"A1:C1", "A4:B4"}
    assert str(sheet.data_validations.dataValidation[0].sqref) == "B2:B4 C2:C4"
    xml = part(data)
    assert b'<x:dimension ref="A1:C4"/>' in xml
    assert b"<xm:sqref>A2:A4</xm:sqref>" in xml
    assert xml.startswith(PREFIXED[:150])


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        (b"<worksheet " + MAIN + b"/>", "sheetData"),
        (b"<chartsheet " + MAIN + b"><sheetData/></chartsheet>", "no worksheet"),
        (b"<worksheet " + MAIN + b"><sheetData>", "well-formed"),
        (b"<!DOCTYPE worksheet><worksheet " + MAIN + b"><sheetData/></worksheet>", "document type"),
        (b'<?xml version="1.0" encoding="GBK"?><worksheet ' + MAIN + b"><sheetData/></worksheet>", "GBK"),
        (("<worksheet " + MAIN.decode() + "><sheetData/></worksheet>").encode("utf-16"), "UTF-16"),
    ],
)
def test_what_is_no_sheet_is_refused(xml, said):
    with pytest.raises(ValueError, match=said):
        SheetXml(xml)


@pytest.mark.parametrize("data", [b"", b"PK", b"%PDF-1.7"])
def test_what_is_no_workbook_is_refused(data):
    with pytest.raises(ValueError, match="no workbook"):
        Shell(data)


@pytest.mark.parametrize(
    "lost", ["xl/workbook.xml", "_rels/.rels", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"]
)
def test_a_package_without_what_a_workbook_needs_is_refused(lost):
    data, out = shell_of(Workbook(), ON, "题").to_bytes(), BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            if name != lost:
                target.writestr(name, source.read(name))
    with pytest.raises(ValueError, match="no workbook"):
        Shell(out.getvalue())


@pytest.fixture
def template():
    """A template as an office may have it: a sample row with looks of its own, formats left as they were."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    for column, head in enumerate(("姓名", "证件号码", "年限"), start=1):
        sheet.cell(1, column, head)
        sample = sheet.cell(2, column)
        sample.font = Font(name="楷体", size=12, bold=column == 1)
        sample.fill = PatternFill("solid", "FFFFEE")
    sheet["C2"].number_format = "0.0"
    return shell_of(workbook, ON, "题")


def test_rows_look_like_the_sample_row_of_a_template(template):
    columns = template.columns_like("Sheet", 2, numbers={"C"})
    assert [column.letter for column in columns] == ["A", "B", "C"]
    people = [("张三", "430401199001011234", 2.5), ("=1+1", "00012", 3)]
    data = template.to_bytes([Feed("Sheet", [Block(2, 2, columns, people)])])
    assert problems(data) == []
    sheet = sheet_of(data)
    assert [tuple(cell.value for cell in row) for row in sheet["A2:C3"]] == people
    assert {cell.font.name for row in sheet["A2:C3"] for cell in row} == {"楷体"}
    assert [cell.number_format for cell in sheet[2]] == ["@", "@", "0.0"]
    assert [cell.quotePrefix for cell in sheet["A"]][1:] == [False, True]
    assert (sheet["A3"].font.bold, sheet["B3"].font.bold, sheet["A3"].fill.fgColor.rgb) == (True, False, "00FFFFEE")


@pytest.mark.parametrize(("sheet", "row"), [("Sheet", 9), ("无", 2)])
def test_a_sample_row_that_is_not_there(template, sheet, row):
    with pytest.raises(ValueError, match="no "):
        template.columns_like(sheet, row)


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        (b"<styleSheet/>", "no cell styles"),
        (b"<styleSheet><cellXfs/></styleSheet>", "no cell styles"),
        (b"<styleSheet>", "well-formed"),
    ],
)
def test_styles_that_are_none(xml, said):
    with pytest.raises(ValueError, match=said):
        StyleXml(xml)


def test_a_style_is_added_with_all_that_it_has():
    had = b"""<x:xf numFmtId="0"/>\n<x:xf numFmtId="7" quotePrefix="1"><x:alignment a="b"/></x:xf>"""
    before = b"<x:styleSheet xmlns:x='u'><x:cellStyleXfs><x:xf/></x:cellStyleXfs>"
    styles = StyleXml(before + b'<x:cellXfs count="2">' + had + b"</x:cellXfs><x:dxfs/></x:styleSheet>")
    assert styles.like(1, text=False, quoted=False) == 1
    assert [styles.like(1, text=True, quoted=each) for each in (False, True, False)] == [2, 3, 2]
    xml = styles.to_bytes()
    assert xml.startswith(before + b'<x:cellXfs count="4">' + had)
    assert b'<x:xf quotePrefix="1" numFmtId="49" applyNumberFormat="1"><x:alignment a="b"/></x:xf>' in xml
    assert xml.endswith(b"</x:cellXfs><x:dxfs/></x:styleSheet>")
    with pytest.raises(ValueError, match="no style 4"):
        styles.like(4, text=True, quoted=False)
