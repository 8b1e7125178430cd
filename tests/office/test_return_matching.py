"""A returned table found again, and three states of its cells compared: properties, and the cases that clerks make."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.office.return_diff import CONFLICT, OURS, THEIRS, differ, merged
from models.office.return_matching import edition_of, heads_of, match
from models.programme.official_columns import Slot
from models.programme.pasting import is_rounded

KEYS = [f"{number:032x}" for number in range(6)]
COLUMNS = ["field:name", "field:id_number", "unit_field:note"]
SLOTS = [Slot("field:name", "姓名"), Slot("field:id_number", "身份证号"), Slot("unit_field:note", "评语", "单位填写")]
ROWS = some.dictionaries(
    some.sampled_from(KEYS), some.dictionaries(some.sampled_from(COLUMNS), some.sampled_from("甲乙丙"))
)
CHOICES = some.dictionaries(
    some.tuples(some.sampled_from(KEYS), some.sampled_from(COLUMNS)), some.sampled_from([OURS, THEIRS])
)


@given(ROWS, ROWS, ROWS, CHOICES)
def test_nothing_is_lost_and_nothing_is_invented(base, theirs, ours, decisions):
    found = differ(base, theirs, ours)
    after = merged(ours, found, decisions)
    assert list(after) == list(ours)
    for key in ours:
        for column in COLUMNS:
            was, came, now = (rows.get(key, {}).get(column, "") for rows in (base, theirs, ours))
            stands = after[key].get(column, "")
            assert stands in (now, came)
            if key not in base or key not in theirs or column not in theirs[key] or came == was:
                assert stands == now, "what they did not touch stays as it is here"
            elif now == was:
                chosen = decisions.get((key, column), THEIRS)
                assert stands == (came if chosen == THEIRS else now), "what only they changed is taken"
            else:
                chosen = decisions.get((key, column), OURS)
                assert stands == (came if chosen == THEIRS else now), "a conflict is nobody's but by choice"
    open_ones = {(one.key, one.column) for one in found if one.kind == CONFLICT}
    for key, column in open_ones:
        assert len({rows[key].get(column, "") for rows in (base, theirs, ours)}) == 3
    again = merged(after, differ(base, theirs, after), decisions)
    assert again == after or any(decisions.get(one) != THEIRS for one in open_ones), "a second time changes nothing"


def sheet(rows, keys=True):
    mark = "bole:" + "e" * 32
    top = [["汇总表", "", "", ""], ["姓名", "身份证号", "单位填写", ""], ["", "", "评语", mark if keys else ""]]
    return top + [[*cells, key if keys else ""] for key, cells in rows]


BASE = {key: {"field:name": f"人{n}", "field:id_number": f"43040119700101{n:03d}X"} for n, key in enumerate(KEYS[:3])}
CELLS = {key: [row["field:name"], row["field:id_number"], ""] for key, row in BASE.items()}


def found(rows, keys=True, known=()):
    grid = sheet(rows, keys)
    return match(grid, heads_of(grid, SLOTS), BASE, [*BASE, *known], "field:id_number")


def test_rows_are_found_in_any_order_with_a_blank_one_between():
    grid = sheet([])
    assert edition_of([grid]) == "e" * 32 and edition_of([[["回传编号（请勿改动）", "f" * 32]]]) == "f" * 32
    assert edition_of([[["编号", "f" * 32]]]) == ""
    assert heads_of([["什么"], ["也没有"]], SLOTS) is None
    rows = [(key, CELLS[key]) for key in reversed(BASE)]
    got = found([rows[0], ("", ["", "", ""]), *rows[1:]])
    assert list(got.rows) == list(reversed(BASE)) and not (got.added or got.doubled or got.foreign or got.missing)
    assert got.rows[KEYS[2]]["field:name"].row == 4


@pytest.mark.parametrize("keys", [True, False])
def test_keys_that_are_lost_or_stayed_behind_when_the_rows_were_sorted(keys):
    turned = list(zip(BASE, [CELLS[key] for key in reversed(BASE)], strict=True))
    got = found(turned, keys)
    assert {key: row["field:name"].text for key, row in got.rows.items()} == {
        k: r["field:name"] for k, r in BASE.items()
    }
    assert got.by_number == (2 if keys else 3)


def test_rows_that_are_new_twice_gone_or_of_somebody_else():
    rows = [(KEYS[0], CELLS[KEYS[0]]), (KEYS[0], CELLS[KEYS[0]]), ("", ["新人", "1", ""]), ("", ["填报人：", "", ""])]
    rows += [(KEYS[4], CELLS[KEYS[1]]), (KEYS[5], ["走了", "2", ""])]
    got = found(rows, known=[KEYS[5]])
    assert (got.doubled, got.added, got.foreign) == ((5,), (6,), (8,))
    assert got.missing == (KEYS[1], KEYS[2])


@pytest.mark.parametrize(
    ("text", "rounded"),
    [
        *(("4.4E+17", True), ("4.30E+17", True), ("430401197001010000", True), ("43040119700101000", True)),
        *(("430401197001010019", False), ("13900001234", False), ("", False), ("4.4", False)),
    ],
)
def test_long_numbers_that_have_been_rounded(text, rounded):
    assert is_rounded(text) is rounded
