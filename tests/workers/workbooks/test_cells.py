"""Any text, in any company, comes back from other programs' readers as it went in."""

from datetime import date
from io import BytesIO
from itertools import zip_longest
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from python_calamine import CalamineWorkbook
from xlsx_rules import problems

from workers.sheets.cells import EXACT, ColumnStyle, encode_column
from workers.sheets.package import to_bytes
from workers.sheets.sheet_xml import Feed
from workers.sheets.stream import Block
from workers.sheets.styles import BODY, LEFT, Look, register
from workers.sheets.text import CELL_LIMIT, CUT, RISKY_START, clean, encode, is_risky

ON = date(2026, 11, 26)
STYLE = ColumnStyle("B", 3, 4)
PIECES = (
    *(
        "=1+1",
        "+86",
        "-5",
        "@SUM(A1)",
        "\t",
        "\r",
        "\n",
        "'",
        "＝",
        " ",
        "　",
        "\x1f",
        "\x00",
        "\ud800",
        "\ufffe",
        "\uffff",
    ),
    *(
        "&",
        "<",
        ">",
        "]]>",
        "&amp;",
        "_x000D_",
        "_x005F_",
        "_",
        "\x7funit\x7f",
        "甲",
        "𠮷",
        "430401199001011234",
        "1e5",
    ),
)
TEXT = st.text(max_size=12) | st.lists(st.sampled_from(PIECES), max_size=5).map("".join)
NUMBER = st.integers(-(10**17), 10**17) | st.floats(allow_nan=False, allow_infinity=False)
VALUE = TEXT | st.none() | NUMBER
# Columns of one kind take another way than mixed ones.
ROWS = st.integers(1, 5).flatmap(
    lambda width: st.tuples(
        *(st.sampled_from([TEXT, TEXT | st.none(), st.integers(-99, 99), st.none(), VALUE]) for _ in range(width))
    ).flatmap(lambda kinds: st.lists(st.tuples(*kinds), min_size=1, max_size=6))
)


LOOK = Look(BODY, LEFT)


def written(rows):
    workbook = Workbook()
    ids = register(workbook, LOOK, "@")
    columns = [ColumnStyle(get_column_letter(n), *ids) for n in range(1, len(rows[0]) + 1)]
    return to_bytes(workbook, ON, "题", [Feed("Sheet", [Block(1, len(rows), columns, rows)])])


def kept(value):
    """What a cell holds of `value`: cleaned text, a number if it has at most fifteen digits, or nothing."""
    if isinstance(value, int) and abs(value) >= EXACT:
        return str(value)
    return (clean(value) or None) if isinstance(value, str) else value


@settings(max_examples=150, deadline=None)
@given(ROWS)
@example([("第一行\n第二行 ", "a"), (" a", None), ("　全角", "=1")])
@example([("_x000D_", "]]>"), ("_x005F_x0041_", "&lt;")])
def test_every_row_reads_back_equal(rows):
    data = written(rows)
    assert problems(data) == []
    wanted = [[kept(value) for value in row] for row in rows]
    sheet = load_workbook(BytesIO(data)).worksheets[0]
    for number, row in enumerate(wanted, start=1):
        cells = [sheet.cell(number, column) for column in range(1, len(row) + 1)]
        # openpyxl leaves Excel's escape of an escape in place
        assert [c.value for c in cells] == [encode(v) if isinstance(v, str) else v for v in row]
        assert [c.data_type for c in cells] == ["s" if isinstance(v, str) else "n" for v in row]
        assert [bool(c.quotePrefix) for c in cells] == [isinstance(v, str) and is_risky(v) for v in row]
        assert {c.number_format for c in cells} == {"@"}
    read = CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    for given_row, read_row in zip_longest(wanted, read, fillvalue=[]):  # empty ends of rows and sheet are left out
        assert ["" if value is None else value for value in given_row] == [
            *read_row,
            *[""] * (len(given_row) - len(read_row)),
        ]


@given(st.lists(TEXT, min_size=1))
def test_a_column_as_one_is_what_its_cells_are_one_by_one(texts):
    before, bodies, after = encode_column(STYLE, texts)
    together = [ElementTree.fromstring(b'<c r="B1' + before + body + after) for body in bodies]
    for cell, text in zip(together, texts, strict=True):
        before, (body,), after = encode_column(STYLE, [text])
        alone = ElementTree.fromstring(b'<c r="B1' + before + body + after)
        assert (cell.attrib, "".join(cell.itertext())) == (alone.attrib, "".join(alone.itertext()))
        assert not list(cell.iter("f"))


@pytest.mark.parametrize("start", RISKY_START)
def test_a_risky_beginning_bears_the_quote_prefix(start):
    _, cells, _ = encode_column(STYLE, ["平常", f"{start}1+1"])
    wanted = b'" s="4"' if clean(f"{start}1") == f"{start}1" or start == "\r" else b'" s="3"'
    assert cells[0].startswith(b'" s="3"')
    assert cells[1].startswith(wanted)


def test_white_space_at_an_end_is_kept_by_name():
    for text in (" a", "a ", "a\n", "a\t", "\na"):
        assert b"preserve" in b"".join([*encode_column(STYLE, ["b", text])[1], encode_column(STYLE, ["b", text])[0]])
    assert b"preserve" not in encode_column(STYLE, ["第一行\n第二行", "a b"]).before


@pytest.mark.parametrize(("length", "cut"), [(CELL_LIMIT, False), (CELL_LIMIT + 1, True)])
@pytest.mark.parametrize("others", [[], ["短"] * 3, [None]])
def test_a_text_beyond_what_a_cell_holds_is_cut_and_says_so(length, cut, others):
    rows = [(text,) for text in ["长" * length, *others]]
    value = load_workbook(BytesIO(written(rows))).worksheets[0]["A1"].value
    assert value.endswith(CUT) == cut
    assert len(value) == CELL_LIMIT


@pytest.mark.parametrize(("number", "kind"), [(EXACT - 1, "n"), (EXACT, "s"), (1 - EXACT, "n"), (-EXACT, "s")])
@pytest.mark.parametrize("others", [(), (1,), ("甲",)])
def test_a_number_that_would_lose_digits_is_text(number, kind, others):
    cell = load_workbook(BytesIO(written([(value,) for value in (number, *others)]))).worksheets[0]["A1"]
    assert cell.data_type == kind
    assert cell.value == (number if kind == "n" else str(number))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_refused(number):
    with pytest.raises(ValueError, match="no number"):
        encode_column(STYLE, [1.5, number])


def test_a_truth_value_is_no_number():
    assert b"True" in encode_column(STYLE, [True, 1]).bodies[0]
