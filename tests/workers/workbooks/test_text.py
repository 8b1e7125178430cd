from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import Workbook

from workers.sheets.text import CELL_LIMIT, clean, encode, lines, sheet_title, width, write_value

HOSTILE = st.text() | st.text("=+-@\t\r\n'\"&<>_x0041\x00\x1f\ud800\ufffe", max_size=30)


def units(text):
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@given(HOSTILE)
@example('=HYPERLINK("http://a")')
@example("\ud83d\ude00")
def test_clean_text_fits_into_xml_and_stays(text):
    cleaned = clean(text)
    cleaned.encode("utf-8")  # no lone surrogate
    assert clean(cleaned) == cleaned
    assert not any(ord(c) < 32 and c not in "\t\n" for c in cleaned)


def test_ordinary_text_is_untouched():
    assert clean("张三（高级技师）=A1\n第二行\t完") == "张三（高级技师）=A1\n第二行\t完"
    assert clean("a\r\nb\rc") == "a\nb\nc"


def test_text_beyond_the_limit_is_cut_and_says_so():
    for character in ("甲", "𠮷"):
        cut = clean(character * CELL_LIMIT)
        assert units(cut) <= CELL_LIMIT or character == "甲"
        assert units(clean(character * (CELL_LIMIT + 1))) <= CELL_LIMIT
    assert clean("甲" * CELL_LIMIT) == "甲" * CELL_LIMIT
    assert clean("甲" * (CELL_LIMIT + 1)).endswith("已截断）")


def test_excel_escapes_are_made_literal():
    assert encode("_x0041_") == "_x005F_x0041_"
    assert encode("_x0041_x0042_") == "_x005F_x0041_x005F_x0042_"
    assert encode("a_x41_b_") == "a_x41_b_"


@given(HOSTILE)
def test_no_text_becomes_a_formula_or_an_error(text):
    cell = Workbook().worksheets[0]["A1"]
    write_value(cell, text)
    assert cell.data_type == "s"
    assert cell.number_format == "@"
    assert bool(cell.quotePrefix) == clean(text).startswith(tuple("=+-@\t\n'＝＋－＠"))


def test_error_words_stay_words_and_numbers_numbers():
    sheet = Workbook().worksheets[0]
    write_value(sheet["A1"], "#N/A")
    write_value(sheet["A2"], 7)
    write_value(sheet["A3"], None)
    assert [sheet[a].data_type for a in ("A1", "A2")] == ["s", "n"]
    assert (sheet["A2"].value, sheet["A3"].value) == (7, None)
    assert sheet["A3"].number_format == "@"


@given(st.lists(HOSTILE, min_size=1, max_size=20))
def test_sheet_names_are_legal_and_unique(names):
    taken = set()
    titles = [sheet_title(name, taken) for name in names]
    assert len({t.casefold() for t in titles}) == len(titles)
    for title in titles:
        assert 1 <= len(title) <= 31
        assert not set(title) & set("[]:*?/\\")
        assert not title.startswith("'")
        assert title.casefold() != "history"


def test_the_same_long_name_twice():
    taken = set()
    first, second = (sheet_title("很长的名字" * 10, taken) for _ in range(2))
    assert first != second
    assert second.endswith(" (2)")
    assert sheet_title("History", taken) == "History (2)"


def test_width_counts_chinese_double():
    assert width("张三ab") == 6
    assert width("张\n三四") == 4
    assert lines("张三" * 10, 13) == 4
    assert lines("", 10) == 1
