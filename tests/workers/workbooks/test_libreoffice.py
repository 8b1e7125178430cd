"""A real LibreOffice opens what we write: nothing repaired, nothing calculated, nothing lost."""

import subprocess
from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook
from waiting import PATIENCE

from workers.sheets.forms import build_forms
from workers.sheets.guard import inspect
from workers.sheets.portrait import shrink
from workers.sheets.reading import read
from workers.sheets.sheet_xml import Feed
from workers.sheets.shell import Shell
from workers.sheets.stream import Block
from workers.sheets.summary import build_table

ON = date(2026, 11, 21)
NASTY = [
    "=1+1",
    "+86 139",
    "-5",
    "@SUM(A1)",
    "_x0041_",
    "'quoted",
    "  两端有空格  ",
    "　两端全角　",
    "末行是空的\n",
    "]]>",
    "_x000D_",
    "第一行\n第二行",
    "<b>&amp;",
    "00012",
]


@pytest.fixture(scope="module")
def converted(tmp_path_factory, pack, make_unit, make_record, photo):
    """Both workbooks written, and converted to .xlsx and .pdf by one LibreOffice each."""
    folder = tmp_path_factory.mktemp("office")
    people = tuple(make_record(n, name=text, note=text) for n, text in enumerate(NASTY, start=1))
    unit = make_unit(records=people)
    small = shrink(photo)
    (folder / "summary.xlsx").write_bytes(build_table(pack, pack.workbooks.summary, unit, ON))
    (folder / "forms.xlsx").write_bytes(build_forms(pack, unit, ON, lambda _: small))
    for target in ("xlsx", "pdf"):
        command = ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
        command += ["--convert-to", target, "--outdir", str(folder / target)]
        subprocess.run(
            [*command, str(folder / "summary.xlsx"), str(folder / "forms.xlsx")],
            check=True,
            capture_output=True,
            timeout=PATIENCE,
        )
    return folder


def test_cells_come_back_as_they_went(converted, make_record):
    sheet = load_workbook(BytesIO((converted / "xlsx" / "summary.xlsx").read_bytes()))["汇总表"]
    for number, text in enumerate(NASTY, start=1):
        row = sheet[3 + number]
        assert row[1].value == text
        assert row[1].data_type == "s"
        assert row[4].value == make_record(number).answers["field:id_number"]
        assert row[4].data_type == "s"


def test_lists_page_and_repeated_rows_survive(converted):
    sheet = load_workbook(converted / "xlsx" / "summary.xlsx")["汇总表"]
    assert len(sheet.data_validations.dataValidation) == 5
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.print_title_rows == "$1:$3"


def test_forms_keep_their_sheets_and_photos(converted):
    book = load_workbook(converted / "xlsx" / "forms.xlsx")
    assert len(book.sheetnames) == 2 + len(NASTY)
    assert all(len(book[name]._images) == 1 for name in book.sheetnames[2:])


def test_printed_pages(converted):
    def text(name, *options):
        command = ["pdftotext", "-layout", *options, str(converted / "pdf" / name), "-"]
        return subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE).stdout.decode()

    summary = text("summary.pdf")
    assert "样例人才信息汇总表" in summary
    assert "第1页" in summary.replace(" ", "")
    pages = text("forms.pdf").count("\f")
    assert pages == 2 + len(NASTY)  # index, cover note, and one page a person


def test_what_libreoffice_saved_may_be_continued(converted):
    """An office's template comes from another program: it passes the guard, and only its rows grow."""
    data = (converted / "xlsx" / "summary.xlsx").read_bytes()
    inspect(data)
    before = load_workbook(BytesIO(data))["汇总表"]
    shell = Shell(data)
    columns = shell.columns_like("汇总表", 4, numbers={"A"})
    first = before.max_row + 1
    people = [[number, *["=1+1"] * (len(columns) - 1)] for number in (1, 2)]
    continued = shell.to_bytes([Feed("汇总表", [Block(first, 2, columns, people, 30.0)])])
    sheet = load_workbook(BytesIO(continued))["汇总表"]
    assert [[cell.value for cell in sheet[first + n]][: len(columns)] for n in (0, 1)] == people
    assert sheet.cell(first, 2).quotePrefix and sheet.cell(first, 2).font.name == before["B4"].font.name
    assert sheet.row_dimensions[first].height == 30
    assert len(sheet.data_validations.dataValidation) == len(before.data_validations.dataValidation)
    assert sheet.print_title_rows == before.print_title_rows
    (converted / "continued.xlsx").write_bytes(continued)
    command = ["soffice", f"-env:UserInstallation={(converted / 'profile').as_uri()}", "--headless", "--convert-to"]
    command += ["xlsx", "--outdir", str(converted / "again"), str(converted / "continued.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
    rows = read((converted / "again" / "continued.xlsx").read_bytes())[0].rows
    assert [list(row)[: len(columns)] for row in rows[first - 1 : first + 1]] == people
