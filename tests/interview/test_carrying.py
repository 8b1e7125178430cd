"""What of one programme's answers another one takes: by profile, by its own rules, never over an answer that stands."""

from datetime import date

import pytest
import two_programmes
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidAnswer
from models.interview import engine
from models.interview.carrying import carried
from models.programme import loader

ON = date(2026, 11, 21)
CARVERS = loader.load_folder(two_programmes.PACKS / "carvers")
WEAVERS = loader.load_folder(two_programmes.PACKS / "weavers")
HERE = {
    "consent:identity": True,
    "claim": ("skilled",),
    "fact:certificate": True,
    "fact:schooling": "b",
    "fact:county": "west",
}
GIVEN = two_programmes.carver_answers()


def at_the_form(**changes):
    """Answers of a weaver who has read the verdict."""
    answers = {**HERE, **{key: value for key, value in changes.items() if key.startswith("fact:")}}
    answers["verdict"] = engine.accept(WEAVERS, answers, "verdict", True, ON)
    return {**answers, **changes}


def taken(given=None, present=None):
    found = carried(CARVERS, GIVEN if given is None else given, WEAVERS, present or at_the_form(), ON)
    return {one.ask.key: one.value for one in found.fields}


def test_what_means_the_same_is_taken_in_the_targets_own_terms():
    assert taken() == {
        "field:name": "测试甲",
        "field:number": two_programmes.ID_NUMBER,
        "field:born": "1970-03",  # a day is in its month
        "field:schooling": "b",  # 大学本科 is 01 there and b here
        "field:workplace": "县木器厂",
        "field:mobile": "13900000000",
        "field:standing": "02",  # 群众
        "field:jobs": [
            {"where": "县木器厂 学徒", "from": "1990-07", "to": "2001-12"},
            {"where": "自办木雕坊", "from": "2002-01", "to": ""},
        ],
    }


def test_nothing_is_taken_before_the_form():
    assert carried(CARVERS, GIVEN, WEAVERS, {}, ON).fields == ()
    assert carried(CARVERS, GIVEN, WEAVERS, HERE, ON).fields == ()  # the verdict has not been read


def test_an_answer_that_stands_is_not_replaced():
    found = taken(present=at_the_form(**{"field:name": "测试乙", "field:mobile": ""}))
    assert "field:name" not in found
    assert "field:mobile" not in found


@pytest.mark.parametrize(
    ("key", "value", "left"),
    [
        ("field:employer", "一二三四五六七八九十一", "field:workplace"),  # one more than there is room for
        ("field:education", "03", "field:schooling"),  # 中专 is no option here
        ("field:education", "02", "field:schooling"),  # at odds with the eligibility answer given here
        ("field:political_status", "03", "field:standing"),  # 共青团员; 03 is another party here
    ],
)
def test_what_does_not_fit_is_left_to_be_filled_in(key, value, left):
    found = taken({**GIVEN, key: value})
    assert left not in found
    assert len(found) == 7


def test_the_longest_that_fits_is_taken():
    assert taken({**GIVEN, "field:employer": "一二三四五六七八九十"})["field:workplace"] == "一二三四五六七八九十"


def test_an_option_worded_differently_is_found_by_its_national_number():
    assert taken({**GIVEN, "field:political_status": "01"})["field:standing"] == "01"


def test_rows_with_a_column_that_the_target_needs_and_the_source_leaves_blank_are_left():
    rows = [{"start": "1990-07", "end": "", "place": ""}]
    assert "field:jobs" not in taken({**GIVEN, "field:career": rows})


def test_a_field_without_profile_is_never_taken():
    found = carried(CARVERS, GIVEN, WEAVERS, at_the_form(), ON)
    assert "story" not in {one.source.id for one in found.fields}


def test_documents_go_by_profile_where_there_is_room_and_no_page_yet():
    given = {**GIVEN, "document:portrait": 1, "document:id_card": 2, "document:diploma": 2, "document:work": 1}
    found = carried(CARVERS, given, WEAVERS, at_the_form(), ON).documents
    assert [(one.ask.key, one.source) for one in found] == [
        ("document:photo", "portrait"),
        ("document:card", "id_card"),
    ]
    one_page = carried(CARVERS, {**given, "document:diploma": 1}, WEAVERS, at_the_form(), ON).documents
    assert ("document:certificate", "diploma") in [(one.ask.key, one.source) for one in one_page]
    skipped = at_the_form(**{"document:certificate": 0, "document:photo": 1})
    left = carried(CARVERS, {**given, "document:diploma": 1}, WEAVERS, skipped, ON).documents
    assert [one.ask.key for one in left] == ["document:card"]


values = st.one_of(st.text(max_size=30), st.sampled_from(["01", "02", "03", "13", "1990-01", "2999-01-01", "a"]))
keys = [key for key in GIVEN if key.startswith("field:") and key != "field:career"]


@given(st.dictionaries(st.sampled_from(keys), values), st.lists(st.fixed_dictionaries({}), max_size=1))
def test_whatever_was_given_what_is_taken_is_what_the_target_would_accept(changes, rows):
    present = at_the_form()
    found = carried(CARVERS, {**GIVEN, **changes, "field:career": rows}, WEAVERS, present, ON)
    standing = dict(present)
    for one in found.fields:
        assert one.ask.key not in present
        assert engine.accept(WEAVERS, standing, one.ask.key, one.value, ON) == one.value
        standing[one.ask.key] = one.value
    assert {one.ask.key for one in found.fields} <= engine.plan(WEAVERS, standing, ON).answered


def test_what_the_target_refuses_is_an_error_there_too():
    with pytest.raises(InvalidAnswer):
        engine.accept(WEAVERS, at_the_form(), "field:workplace", "一二三四五六七八九十一", ON)
