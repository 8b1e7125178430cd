"""What Excel and WPS put on the clipboard, taken apart and put into columns."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidAnswer
from models.programme import pasting
from models.programme.loader import load_pack

TABLES = {table.id: table for table in load_pack("ningxia-2020").workbooks.unit_tables}
TOTALS, SHORTAGES = TABLES["totals"], TABLES["shortages"]
CELL = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12).map(str.strip)


def clipboard(rows):
    """As a spreadsheet writes it."""
    out = io.StringIO()
    csv.writer(out, delimiter="\t", lineterminator="\r\n").writerows(rows)
    return out.getvalue()


@given(st.lists(st.lists(CELL, min_size=2, max_size=5), min_size=1, max_size=8))
def test_what_a_spreadsheet_copies_comes_back(rows):
    while rows and not any(rows[-1]):
        rows.pop()
    assert pasting.cells(clipboard(rows)) == rows


@given(st.text(max_size=200))
def test_any_text_is_taken_apart(text):
    rows = pasting.cells(text)
    assert all(cell == cell.strip() for row in rows for cell in row)
    assert not rows or any(rows[-1])


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("1\t2\r\n3\t4\r\n", [["1", "2"], ["3", "4"]]),
        ("一行\n", [["一行"]]),
        ('"两行的\n格子"\t乙', [["两行的\n格子", "乙"]]),
        ('"说""好"""\t乙', [['说"好"', "乙"]]),
        ('"没有收尾\t乙\n丙\t丁', [['"没有收尾', "乙"], ["丙", "丁"]]),
        ('5"管\t乙', [['5"管', "乙"]]),
        (" 空白 \t\u3000全角\u3000", [["空白", "全角"]]),
        ("甲\t\t\n\n\n", [["甲", "", ""]]),
        ("", []),
        ("\n\n", []),
    ],
)
def test_cells(text, rows):
    assert pasting.cells(text) == rows


def test_too_much_at_once_is_said():
    with pytest.raises(InvalidAnswer) as caught:
        pasting.cells("x" * (pasting.LARGEST + 1))
    assert caught.value.key == "error.paste_size"
    assert pasting.cells("x" * pasting.LARGEST)


def test_rows_go_into_the_columns_from_the_one_pasted_into():
    placed = pasting.placed(SHORTAGES, [["080601", "电气工程", "5"]], "code", 10)
    assert placed == [{"code": "080601", "major": "电气工程", "shortage": "5"}]


def test_a_subtotal_that_came_along_is_left_out():
    placed = pasting.placed(TOTALS, [["2", "5", "7", "30", "11", "1"]], "full_senior", 6)
    assert placed == [
        {"full_senior": "2", "associate_senior": "5", "intermediate": "30", "junior": "11", "untitled": "1"}
    ]


@pytest.mark.parametrize(("columns", "fits"), [(6, True), (7, False)])
def test_more_columns_than_there_are(columns, fits):
    rows = [["1"] * columns]
    if fits:
        assert pasting.placed(TOTALS, rows, "full_senior", 6)
        return
    with pytest.raises(InvalidAnswer) as caught:
        pasting.placed(TOTALS, rows, "full_senior", 6)
    assert caught.value.params == {"given": 7, "room": 6}


def test_empty_cells_at_the_end_of_a_row_do_not_count():
    assert pasting.placed(TOTALS, [["1", "", "", "", "", "", "", ""]], "full_senior", 6)


@pytest.mark.parametrize(("rows", "fits"), [(6, True), (7, False)])
def test_more_rows_than_there_is_room_for(rows, fits):
    pasted = [["1"]] * rows
    if fits:
        assert len(pasting.placed(TOTALS, pasted, "full_senior", 6)) == 6
        return
    with pytest.raises(InvalidAnswer) as caught:
        pasting.placed(TOTALS, pasted, "full_senior", 6)
    assert (caught.value.key, caught.value.params) == ("error.paste_rows", {"given": 7, "room": 6})


def test_an_unknown_column_has_no_room():
    with pytest.raises(InvalidAnswer):
        pasting.placed(TOTALS, [["1"]], "nothing", 6)
