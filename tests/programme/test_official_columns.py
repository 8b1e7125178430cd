"""Columns of an office's own table: what each may hold, and what its heading suggests."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.programme.loader import load_pack, pack_slugs
from models.programme.official import FORMS
from models.programme.official_columns import Slot, normal, score, slots, suggest, table_of

NAME, SCHOOL, MOBILE = Slot("field:name", "姓名"), Slot("field:school", "毕业院校"), Slot("field:mobile", "手机")
GROUPED = [Slot("a", "院校", "本科"), Slot("b", "院校", "硕士"), NAME]
TABLES = [(slug, kind) for slug in pack_slugs() for kind in load_pack(slug).workbooks.kinds() if kind != FORMS]


def heads(known):
    return [(slot.group, slot.header) for slot in known]


@pytest.mark.parametrize(("slug", "kind"), TABLES)
@given(seed=st.integers(0, 2**16))
def test_a_tables_own_headings_in_any_order_map_one_to_one(slug, kind, seed):
    known = list(slots(load_pack(slug), kind))
    shuffled = random.Random(seed).sample(known, len(known))
    assert suggest(heads(shuffled), known) == tuple(slot.id for slot in shuffled)


@pytest.mark.parametrize(("slug", "kind"), TABLES)
def test_what_is_left_blank_for_people_takes_no_other_columns_place(slug, kind):
    table = table_of(load_pack(slug), kind)
    known = slots(load_pack(slug), kind)
    sources = [getattr(cell, "source", f"column:{cell.id if hasattr(cell, 'id') else ''}") for cell in table.columns]
    found = suggest([(cell.group, cell.header) for cell in table.columns], known)
    assert found == tuple("" if source == "blank" else source for source in sources)


@pytest.mark.parametrize(
    ("heading", "slot"),
    [
        (("", "姓 名"), "field:name"),
        (("", "姓名："), "field:name"),
        (("申报人", "姓名"), "field:name"),
        (("", "毕业院校及专业"), "field:school"),
        (("", "毕业 院校"), "field:school"),
        (("", "院校"), "field:school"),
        (("", "手机（必填）"), "field:mobile"),
        (("", "机"), ""),
        (("", "备注"), ""),
        (("", ""), ""),
        (("", "——"), ""),
    ],
)
def test_suggestions_by_heading(heading, slot):
    assert suggest([heading], [NAME, SCHOOL, MOBILE]) == (slot,)


def test_the_same_heading_under_two_groups_is_told_apart():
    assert suggest([("硕士", "院校"), ("本科", "院校")], GROUPED) == ("b", "a")


def test_an_exact_heading_comes_before_one_that_holds_it():
    assert suggest([("", "姓名拼音"), ("", "姓名")], [NAME]) == ("", "field:name")


@given(st.lists(st.tuples(st.text(max_size=6), st.text(max_size=6)), max_size=12))
def test_no_slot_is_suggested_twice(given_heads):
    found = suggest(given_heads, [*GROUPED, SCHOOL, MOBILE])
    chosen = [slot for slot in found if slot]
    assert len(found) == len(given_heads) and len(set(chosen)) == len(chosen)


def test_heads_with_their_groups_fit_better():
    assert score([("本科", "院校")], GROUPED) > score([("", "院校")], GROUPED) > score([("", "院校名")], GROUPED) > 0
    assert score([("", "别的")], GROUPED) == 0


def test_normal_headings():
    assert normal(" Ｅ-mail（邮箱） \n") == "email邮箱"


def test_an_unknown_table():
    with pytest.raises(LookupError):
        table_of(load_pack(pack_slugs()[0]), "nothing")
