"""A returned workbook is read in a child of its own: hostile files are refused in words, and each cap on both sides."""

import json
import zipfile
from dataclasses import replace
from io import BytesIO

import pytest
from openpyxl import Workbook

from models.interview import wording
from workers import limited, returned_child, returned_file
from workers.limited import ChildBroken
from workers.returned_file import Unreadable, read_file

SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.fixture(scope="module")
def good():
    book, out = Workbook(), BytesIO()
    book.worksheets[0].append(["姓名", "评语"])
    book.worksheets[0].append(["测试甲", "好"])
    book.save(out)
    return out.getvalue()


def with_part(data, name, body):
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()} | {name: body}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, content in parts.items():
            archive.writestr(each, content)
    return out.getvalue()


def sheet(rows, head=""):
    return f'{head}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def test_an_honest_file_is_read_as_texts(good):
    (page,) = read_file(good)
    assert [list(row) for row in page.rows] == [["姓名", "评语"], ["测试甲", "好"]]


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("xl/vbaProject.bin", b"code", "macros"),
        (SHEET, sheet("", '<!DOCTYPE w [<!ENTITY a "aaaa">]>'), "dtd"),
        (SHEET, lambda: sheet("<row>" + " " * (200 << 20)), "too_compressed"),
        ("xl/externalLinks/externalLink1.xml", b"<externalLink/>", "external_links"),
        (SHEET, "<worksheet", "damaged"),
    ],
)
def test_hostile_files_are_refused_in_words(good, name, body, reason):
    with pytest.raises(Unreadable) as refused:
        read_file(with_part(good, name, body() if callable(body) else body))
    assert refused.value.key == f"workbook.refused.{reason}"
    assert all(wording.text(refused.value.key).get(lang) for lang in ("zh", "en"))


@pytest.mark.parametrize(("rows", "columns", "taken"), [(3, 2, True), (4, 2, False), (3, 3, False)])
def test_how_much_may_stand_in_it(good, monkeypatch, rows, columns, taken):
    monkeypatch.setattr(returned_child, "LIMITS", replace(returned_child.LIMITS, rows=3, columns=2))
    cells = "".join(f'<c r="{"ABC"[at]}{{0}}"><v>1</v></c>' for at in range(columns))
    body = "".join(f'<row r="{n}">{cells.format(n)}</row>' for n in range(1, rows + 1))
    found = json.loads(returned_child.answer(with_part(good, SHEET, sheet(body))))
    assert ("sheets" in found) is taken
    assert taken or found["refused"] == f"workbook.refused.too_many_{'rows' if rows > 3 else 'columns'}"


def test_a_child_that_its_limits_end_refuses_and_one_that_does_not_start_is_tried_again(good, monkeypatch, tmp_path):
    dying, silent = tmp_path / "dying.py", tmp_path / "silent.py"
    dying.write_text("print('ready')")
    silent.write_text("")
    monkeypatch.setattr(returned_file, "_CHILD", (str(dying),))
    with pytest.raises(Unreadable, match="too_many_cells"):
        read_file(good)
    monkeypatch.setattr(returned_file, "_CHILD", (str(silent),))
    with pytest.raises(ChildBroken):
        read_file(good)
    monkeypatch.setattr(limited, "WALL_FACTOR", 0.0001)
    monkeypatch.setattr(returned_file, "_CHILD", ("-m", "workers.returned_child"))
    with pytest.raises(ChildBroken):
        read_file(good)
