from datetime import date, datetime, time
from io import BytesIO

import pytest
from openpyxl import Workbook

from workers.sheets.forms import build_forms
from workers.sheets.reading import read
from workers.sheets.summary import build_table

ON = date(2026, 11, 26)


def saved(workbook):
    out = BytesIO()
    workbook.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("430401199001011234", "430401199001011234"),
        ("  两端 ", "  两端 "),
        (7, 7),
        (-2.5, -2.5),
        (1e15 - 1, 10**15 - 1),
        (430401199001011234, 4.304011990010113e17),  # typed as a number: the program has rounded it
        (date(2020, 3, 30), "2020-03-30"),
        (datetime(2020, 3, 30, 8, 5), "2020-03-30 08:05:00"),
        (time(8, 5), "08:05:00"),
        (True, "TRUE"),
        (False, "FALSE"),
        (None, None),
    ],
)
def test_what_a_cell_holds(value, wanted):
    workbook = Workbook()
    workbook.worksheets[0]["B2"] = value
    workbook.worksheets[0]["C3"] = "末"
    (sheet,) = read(saved(workbook))
    assert [list(row) for row in sheet.rows] == [[None] * 3, [None, wanted, None], [None, None, "末"]]
    assert type(sheet.rows[1][1]) is type(wanted)


def test_sheets_in_order_with_what_is_hidden_and_an_empty_one():
    workbook = Workbook()
    workbook.worksheets[0].title = "甲"
    workbook.create_sheet("乙").append(["一"])
    workbook["乙"].sheet_state = "hidden"
    sheets = read(saved(workbook))
    assert [(s.title, s.hidden, len(s.rows)) for s in sheets] == [("甲", False, 0), ("乙", True, 1)]


def test_our_own_workbooks_pass_the_guard_and_come_back(pack, make_unit, photo):
    unit = make_unit(30)
    summary = {sheet.title: sheet for sheet in read(build_table(pack, pack.workbooks.summary, unit, ON))}
    assert summary["代码"].hidden
    rows = summary["汇总表"].rows
    assert [row[4] for row in rows[3:33]] == [r.answers["field:id_number"] for r in unit.records]
    assert [row[0] for row in rows[3:33]] == list(range(1, 31))
    forms = read(build_forms(pack, unit, ON, lambda _: photo))
    assert len(forms) == 32
