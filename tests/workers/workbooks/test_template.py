"""An office's own table: read, filled, and still the office's."""

import subprocess
import zipfile
from datetime import date
from io import BytesIO

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st
from office_tables import office_table
from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string
from waiting import PATIENCE
from xlsx_rules import problems

from models.interview import wording
from models.office.template_layout import Template, Wanted
from models.programme.loader import load_pack, pack_slugs
from models.programme.official import FORMS
from models.programme.official_columns import slots, suggest, table_of
from workers.sheets.guard import Refused, inspect
from workers.sheets.reading import read
from workers.sheets.sample_people import sample_unit
from workers.sheets.style_xml import StyleXml
from workers.sheets.template_fill import fill, rows_of_people
from workers.sheets.template_proof import CHECKS, prove
from workers.sheets.template_reading import Unfit, read_layout
from workers.sheets.text import clean

ON = date(2026, 11, 26)
KIND = "summary"
TABLES = [(slug, kind) for slug in pack_slugs() for kind in load_pack(slug).workbooks.kinds() if kind != FORMS]


def heads_of(table):
    own = [(column.group, column.header) for column in table.columns]
    return own if table_has_number(table) else [("", "序号"), *own]


def table_has_number(table):
    return any(getattr(column, "source", "") == "seq" for column in table.columns)


def template_of(pack, kind, data, wanted=None):
    known = slots(pack, kind)
    layout = read_layout(data, known, wanted)
    found = suggest([(head.group, head.header) for head in layout.heads], known)
    mapping = {head.letter: slot for head, slot in zip(layout.heads, found, strict=True) if slot}
    return Template(data, layout, mapping)


@pytest.fixture(scope="module")
def own(pack):
    """A table with the tiny pack's own headings, as an office would keep it."""
    return office_table(heads_of(table_of(pack, KIND)))


@pytest.fixture(scope="module")
def template(pack, own):
    return template_of(pack, KIND, own)


def sheet_of(data, title="正式表"):
    return load_workbook(BytesIO(data))[title]


@pytest.mark.parametrize(("slug", "kind"), TABLES)
def test_every_official_table_of_every_pack_can_be_kept_by_an_office(slug, kind):
    pack = load_pack(slug)
    data = office_table(heads_of(table_of(pack, kind)), formula=False)
    found = template_of(pack, kind, data)
    assert set(found.mapping.values()) == {slot.id for slot in slots(pack, kind)}
    filled = fill(pack, kind, found, sample_unit(pack, 2, kind), ON)
    assert set(problems(filled)) <= set(problems(data)), "nothing but what the office's own table has"
    inspect(filled)


def test_the_heads_are_found_under_title_and_groups(pack, template):
    layout = template.layout
    assert (layout.sheet, layout.sheets) == ("正式表", ("正式表", "填表说明"))
    assert layout.first == layout.bottom + 1 and layout.below == layout.first + 10 and layout.room == 10
    assert layout.height == 30 and layout.widths["A"] == 10
    assert [head.header for head in layout.heads] == [header for _, header in heads_of(table_of(pack, KIND))]


def test_people_stand_in_the_rows_and_all_else_is_as_it_was(pack, own, template):
    unit = sample_unit(pack, 2, KIND)
    filled = fill(pack, KIND, template, unit, ON)
    rows = rows_of_people(pack, table_of(pack, KIND), unit)
    found = prove(own, filled, template.layout, template.mapping, rows)
    assert [finding.check for finding in found] == list(CHECKS)
    assert all(finding.held for finding in found), found
    counts = {finding.check: finding.count for finding in found}
    assert counts["images"] >= 2 and counts["merged"] >= 2 and counts["validations"] == 1 and counts["formulas"] == 1
    sheet = sheet_of(filled)
    assert sheet.page_setup.orientation == "landscape" and sheet.page_setup.paperSize == 8
    assert sheet.cell(template.layout.first, 1).border.left.style == "thin"
    assert fill(pack, KIND, template, unit, ON) == filled, "the same people, the same bytes"


def test_the_note_is_a_sheet_of_its_own_at_the_end(pack, template):
    book = load_workbook(BytesIO(fill(pack, KIND, template, sample_unit(pack, 2, KIND), ON)))
    assert book.sheetnames == ["正式表", "填表说明", "说明"]
    said = [str(cell.value) for row in book["说明"].iter_rows() for cell in row if cell.value]
    assert "核对：收到＝列入＋未列入" in said and "2 份" in said


def test_a_template_with_a_note_of_its_own_keeps_it(pack, own, template):
    book = load_workbook(BytesIO(own))
    book["填表说明"].title = "说明"
    out = BytesIO()
    book.save(out)
    data = fill(pack, KIND, template_of(pack, KIND, out.getvalue()), sample_unit(pack, 1, KIND), ON)
    assert load_workbook(BytesIO(data)).sheetnames == ["正式表", "说明", "说明 (2)"]


@pytest.mark.parametrize(("people", "moved"), [(0, 0), (9, 0), (10, 0), (11, 1), (60, 50)])
def test_what_stands_below_moves_down_where_people_need_the_room(pack, template, people, moved):
    layout = template.layout
    sheet = sheet_of(fill(pack, KIND, template, sample_unit(pack, people, KIND), ON))
    foot = layout.below + moved
    assert sheet.cell(foot, 1).value == "填报人："
    last = max(layout.below - 1, layout.first + people - 1)
    assert any(str(area).startswith(f"A{foot}:") for area in sheet.merged_cells.ranges)
    assert sheet.print_area.endswith(f"${foot}")
    (rule,) = sheet.data_validations.dataValidation
    assert str(rule.sqref) == f"B{layout.first}:B{last}"


def test_without_a_foot_there_is_room_without_end(pack, make_unit, make_record):
    data = office_table(heads_of(table_of(pack, KIND)), foot="", room=1)
    found = template_of(pack, KIND, data)
    assert found.layout.room is None
    sheet = sheet_of(fill(pack, KIND, found, sample_unit(pack, 30, KIND), ON))
    end = found.layout.first + 29
    assert sheet.max_row == end and sheet.print_area.endswith(f"${end}")


def test_what_people_typed_is_text(pack, template, make_unit, make_record):
    unit = make_unit(records=(make_record(1, name="=1+1"), make_record(2, name="样例\n两行")))
    data = fill(pack, KIND, template, unit, ON)
    letter = next(letter for letter, slot in template.mapping.items() if slot == "field:name")
    number = next(letter for letter, slot in template.mapping.items() if slot == "field:id_number")
    sheet, row = sheet_of(data), template.layout.first
    assert (sheet[f"{letter}{row}"].value, sheet[f"{letter}{row}"].data_type) == ("=1+1", "s")
    assert sheet[f"{letter}{row}"].quotePrefix
    assert (sheet[f"{number}{row}"].data_type, sheet[f"{number}{row}"].number_format) == ("s", "@")
    assert len(sheet[f"{number}{row}"].value) == 18


def test_whatever_people_type_reads_back(pack, make_unit, make_record):
    template = template_of(pack, KIND, office_table(heads_of(table_of(pack, KIND)), formula=False))
    letter = next(letter for letter, slot in template.mapping.items() if slot == "field:name")
    column, first = column_index_from_string(letter), template.layout.first

    @settings(max_examples=25, deadline=None)
    @given(names=st.lists(st.text(max_size=30), max_size=15))
    def check(names):
        unit = make_unit(records=tuple(make_record(number, name=name) for number, name in enumerate(names, start=1)))
        data = fill(pack, KIND, template, unit, ON)
        assert set(problems(data)) <= set(problems(template.data))
        rows = next(sheet for sheet in read(data) if sheet.title == "正式表").rows
        assert [rows[first - 1 + place][column - 1] or "" for place in range(len(names))] == list(map(clean, names))
        sheet = sheet_of(data)
        assert all(sheet.cell(first + place, column).data_type != "f" for place in range(len(names)))

    check()


XF = '<{0}xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"'


@pytest.mark.parametrize("prefix", ["", "x:"])
@pytest.mark.parametrize(
    ("given_style", "after"),
    [
        ("/>", '<{0}alignment wrapText="1"/>'),
        ("></{0}xf>", '<{0}alignment wrapText="1"/>'),
        ("><{0}protection/></{0}xf>", '<{0}alignment wrapText="1"/><{0}protection/>'),
        ('><{0}alignment horizontal="center"/></{0}xf>', '<{0}alignment wrapText="1" horizontal="center"/>'),
        ('><{0}alignment wrapText="0"/></{0}xf>', '<{0}alignment wrapText="1"/>'),
        ('><{0}alignment shrinkToFit="1"/></{0}xf>', '<{0}alignment shrinkToFit="1"/>'),
        ('><{0}alignment wrapText="1"/></{0}xf>', '<{0}alignment wrapText="1"/>'),
    ],
)
def test_a_long_text_goes_on_in_the_next_line(prefix, given_style, after):
    declared = f'xmlns{":x" if prefix else ""}="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    cells = (XF + given_style).format(prefix)
    styles = StyleXml(
        f"<{prefix}styleSheet {declared}><{prefix}cellXfs>{cells}</{prefix}cellXfs></{prefix}styleSheet>".encode()
    )
    number = styles.like(0, text=True, quoted=False, wrap=True)
    xml = styles.to_bytes().decode()
    added = list(fromstring(xml)[0])[number]
    assert f"{after.format(prefix)}</{prefix}xf></{prefix}cellXfs>" in xml and added.get("numFmtId") == "49"


def test_a_number_wider_than_its_column_is_not_cut_off(pack, template):
    sheet = sheet_of(fill(pack, KIND, template, sample_unit(pack, 1, KIND), ON))
    letter = next(letter for letter, slot in template.mapping.items() if slot == "field:id_number")
    cell = sheet[f"{letter}{template.layout.first}"]
    assert sheet.column_dimensions[letter].width < 18
    assert cell.alignment.wrap_text and sheet.row_dimensions[cell.row].height >= 30


def test_merged_cells_of_the_sample_row_are_merged_for_everybody(pack):
    data = office_table([("", "序号"), ("", "姓名"), ("", ""), ("", "性别")], foot="", room=1)
    book = load_workbook(BytesIO(data))
    book["正式表"].merge_cells("B3:C3")
    out = BytesIO()
    book.save(out)
    found = template_of(pack, KIND, out.getvalue())
    assert found.layout.spans == ((2, 3),)
    merged = {str(area) for area in sheet_of(fill(pack, KIND, found, sample_unit(pack, 3, KIND), ON)).merged_cells}
    assert {"B3:C3", "B4:C4", "B5:C5"} <= merged and "B6:C6" not in merged


def test_the_office_may_say_where_the_heads_are(pack, own):
    found = template_of(pack, KIND, own, Wanted(sheet="正式表", top=2, bottom=2, first=5))
    assert (found.layout.top, found.layout.bottom, found.layout.first) == (2, 2, 5)


def changed(data, change):
    book = load_workbook(BytesIO(data))
    change(book["正式表"])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("change", "wanted", "key"),
    [
        (lambda sheet: sheet.delete_rows(1, 50), None, "no_heads"),
        (lambda sheet: None, Wanted(sheet="没有", top=2, bottom=2, first=4), "no_sheet"),
        (lambda sheet: None, Wanted(sheet="正式表", top=30, bottom=30, first=40), "no_heads"),
        (lambda sheet: None, Wanted(sheet="正式表", top=1, bottom=1, first=2), "no_room"),
        (lambda sheet: sheet.cell(16, 3, "=SUM(C3:C9)"), None, "below"),
        (lambda sheet: sheet.merge_cells("C5:C6"), None, "merged_rows"),
    ],
)
def test_what_cannot_be_filled_is_said(pack, own, change, wanted, key):
    data = changed(own, change)
    if key == "no_heads" and wanted is None:
        book = load_workbook(BytesIO(data))
        book["填表说明"]["A1"] = None
        out = BytesIO()
        book.save(out)
        data = out.getvalue()
    with pytest.raises(Unfit) as caught:
        read_layout(data, slots(pack, KIND), wanted)
    assert caught.value.key == f"template.{key}"
    assert wording.error(caught.value, "zh") and wording.error(caught.value, "en")


def test_a_picture_below_cannot_move(pack):
    from office_tables import seal
    from openpyxl.drawing.image import Image

    data = changed(office_table(heads_of(table_of(pack, KIND))), lambda s: s.add_image(Image(seal()), "A20"))
    with pytest.raises(Unfit) as caught:
        read_layout(data, slots(pack, KIND))
    assert caught.value.key == "template.below"


def with_part(data, name, body):
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in old.namelist():
            archive.writestr(each, body if each == name else old.read(each))
        if name not in old.namelist():
            archive.writestr(name, body)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("xl/vbaProject.bin", b"x", "macros"),
        ("xl/externalLinks/externalLink1.xml", b"<a/>", "external_links"),
        ("xl/embeddings/oleObject1.bin", b"x", "embedded"),
        ("xl/media/x.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "dtd"),
        ("xl/styles.xml", b"<styleSheet>", "damaged"),
    ],
)
def test_hostile_uploads_are_refused(pack, own, name, body, reason):
    with pytest.raises(Refused) as caught:
        read_layout(with_part(own, name, body), slots(pack, KIND))
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "empty"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 99, "old_format"), (b"PK\3\4", "damaged")],
)
def test_what_is_no_workbook_is_refused(pack, data, reason):
    with pytest.raises(Refused) as caught:
        read_layout(data, slots(pack, KIND))
    assert caught.value.reason == reason


def lose(pattern, by=b""):
    def change(data, name="xl/worksheets/sheet1.xml"):
        import re

        with zipfile.ZipFile(BytesIO(data)) as archive:
            xml = archive.read(name)
        new = re.sub(pattern, by, xml, count=1, flags=re.DOTALL)
        assert new != xml
        return with_part(data, name, new)

    return change


@pytest.mark.parametrize(
    ("check", "damage"),
    [
        ("images", lambda data: with_part(data, "xl/media/image1.png", b"x")),
        ("validations", lose(rb"<dataValidations.*?</dataValidations>")),
        ("merged", lose(rb'<mergeCell ref="A1:[A-Z]+1"\s*/>')),
        ("print", lose(rb'orientation="landscape"', b'orientation="portrait"')),
        ("print", lose(rb"<headerFooter.*?</headerFooter>")),
        ("widths", lose(rb"<cols>.*?</cols>")),
        ("formulas", lambda data: lose(rb"<f>.*?</f>")(data, "xl/worksheets/sheet2.xml")),
        ("others", lambda data: lose(rb"<f>1\+1</f>", b"<f>1+2</f>")(data, "xl/worksheets/sheet2.xml")),
        ("names", lambda data: lose(rb"<definedName name=.*?</definedName>")(data, "xl/workbook.xml")),
        ("rows", lose("样例甲".encode(), "样例丙".encode())),
    ],
)
def test_the_proof_finds_what_was_lost(pack, own, template, check, damage):
    """The comparison can fail: each thing it speaks of is taken out of a good filled table."""
    unit = sample_unit(pack, 2, KIND)
    rows = rows_of_people(pack, table_of(pack, KIND), unit)
    filled = damage(fill(pack, KIND, template, unit, ON))
    found = {each.check: each.held for each in prove(own, filled, template.layout, template.mapping, rows)}
    assert found[check] is False


def test_a_real_libreoffice_opens_it(pack, template, tmp_path):
    (tmp_path / "filled.xlsx").write_bytes(fill(pack, KIND, template, sample_unit(pack, 14, KIND), ON))
    command = ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
    command += ["--convert-to", "xlsx", "--outdir", str(tmp_path / "out"), str(tmp_path / "filled.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
    book = load_workbook(tmp_path / "out" / "filled.xlsx")
    sheet, layout = book["正式表"], template.layout
    letter = next(letter for letter, slot in template.mapping.items() if slot == "field:name")
    names = [sheet[f"{letter}{row}"].value for row in range(layout.first, layout.first + 14)]
    assert names == ["样例甲", "样例乙"] * 7
    assert sheet.cell(layout.below + 4, 1).value == "填报人："
    assert len(sheet._images) == 1 and sheet.data_validations.dataValidation and "说明" in book.sheetnames
