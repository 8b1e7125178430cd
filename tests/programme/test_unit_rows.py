"""Cells of a unit's table: what is read, on both sides of each limit; what is added up; what a row still lacks."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidAnswer
from models.office.unit_totals import added
from models.programme import idnumber, unit_rows
from models.programme.loader import load_pack

TABLES = {table.id: table for table in load_pack("ningxia-2020").workbooks.unit_tables}
TOTALS, SHORTAGES, SUCCESSION = TABLES["totals"], TABLES["shortages"], TABLES["succession"]
TODAY = date(2020, 7, 1)
ID = idnumber.make("640104", date(1975, 3, 12), 23)
NUMBERS = st.one_of(st.none(), st.integers(0, 10_000))


def cell(table, name, raw):
    return unit_rows.read_cell(next(c for c in table.columns if c.id == name), raw, TODAY)


@pytest.mark.parametrize("raw", ["1", "５", " 3 ", 5])
def test_numbers_within_their_limits(raw):
    assert 1 <= cell(SHORTAGES, "shortage", raw) <= 5


@pytest.mark.parametrize(("raw", "key"), [("0", "number_between"), ("6", "number_between"), ("三成", "number")])
def test_numbers_outside_or_none_at_all(raw, key):
    with pytest.raises(InvalidAnswer) as caught:
        cell(SHORTAGES, "shortage", raw)
    assert caught.value.key == f"error.{key}"


@pytest.mark.parametrize(("least", "most", "raw", "key"), [(2, None, "1", "least"), (None, 2, "3", "most")])
def test_a_single_limit_is_said_alone(least, most, raw, key):
    column = SHORTAGES.columns[4].model_copy(update={"at_least": least, "at_most": most})
    with pytest.raises(InvalidAnswer) as caught:
        unit_rows.read_cell(column, raw, TODAY)
    assert caught.value.key == f"error.number_{key}"
    assert unit_rows.read_cell(column, "2", TODAY) == 2


@pytest.mark.parametrize("raw", ["工程和经济", "engineering_economy", " 工程和经济 "])
def test_choices_by_their_words(raw):
    assert cell(SHORTAGES, "field", raw) == "engineering_economy"


@pytest.mark.parametrize("raw", ["装备制造", "3"])
def test_a_choice_outside_the_list_is_refused(raw):
    """The notice's own sample 「装备制造」 is not among its values, and a number names no option."""
    with pytest.raises(InvalidAnswer) as caught:
        cell(SHORTAGES, "field", raw)
    assert caught.value.key == "error.not_an_option"


def test_id_numbers_are_checked_by_their_last_character():
    assert cell(SUCCESSION, "holder_id_number", f" {ID.lower()} ") == ID
    wrong = ID[:-1] + ("1" if ID[-1] != "1" else "2")
    with pytest.raises(InvalidAnswer) as caught:
        cell(SUCCESSION, "holder_id_number", wrong)
    assert caught.value.key == "error.id_checksum"


@pytest.mark.parametrize("raw", [None, "", "  ", "\u3000"])
def test_a_blank_is_nothing(raw):
    assert cell(SHORTAGES, "shortage", raw) is None


def test_sums_and_named_cells_are_not_read():
    values, problems = unit_rows.read(TOTALS, {"region": "火星", "senior": "99", "full_senior": "2"}, TODAY)
    assert (values, problems) == ({"full_senior": 2}, {})


def test_what_a_row_lacks_is_said_once_it_is_begun():
    assert unit_rows.lacking(SHORTAGES, {}) == ()
    lacking = [column.id for column in unit_rows.lacking(SHORTAGES, {"major": "电气工程"})]
    assert lacking == ["field", "discipline", "shortage"]
    whole = {"major": "电气工程", "field": "education", "discipline": "工学", "shortage": 5}
    assert unit_rows.lacking(SHORTAGES, whole) == ()


def test_copies_of_a_named_table_are_added_up_place_by_place():
    copies = [[{"full_senior": 1}, {}], [{"full_senior": 2, "junior": 3}, {"junior": 4}]]
    merged = unit_rows.merged(TOTALS, copies)
    assert merged[:2] == ({"full_senior": 3, "junior": 3}, {"junior": 4}) and len(merged) == 6


def test_copies_of_other_tables_stand_after_one_another():
    assert unit_rows.merged(SHORTAGES, [[{"major": "甲"}], [{"major": "乙"}]]) == ({"major": "甲"}, {"major": "乙"})


LEVELS = ("full_senior", "associate_senior", "intermediate", "junior", "untitled")


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(LEVELS, NUMBERS)), min_size=6, max_size=6))
def test_across_and_down_come_to_the_same(rows):
    sheet = added(TOTALS, tuple(rows))
    everything = sum(value or 0 for row in rows for value in row.values())
    assert sheet.adds_up and sheet.grand == sum(sheet.across) == everything
    for row in sheet.rows:
        parts = [row.get("full_senior"), row.get("associate_senior")]
        assert row["senior"] == (None if parts == [None, None] else sum(part or 0 for part in parts))


def test_a_wrong_sum_is_noticed():

    sheet = added(TOTALS, ({"full_senior": 1},))
    assert not replace(sheet, grand=2).adds_up
    assert not replace(sheet, rows=({**sheet.rows[0], "senior": 5}, *sheet.rows[1:])).adds_up
