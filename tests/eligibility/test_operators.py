"""Each operator on both sides of its threshold."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.eligibility import operators
from models.programme.pack import Fact, Option, Text

T = Text(zh="某", en="x")
ON = date(2016, 2, 29)
OPTIONS = tuple(Option(value=v, label=T) for v in ("none", "low", "high"))


def fact(kind):
    return Fact(
        id="f",
        kind=kind,
        question=T,
        why=T,
        options=OPTIONS if kind.startswith("choice") else (),
        ordered=kind == "choice",
    )


@pytest.mark.parametrize(
    ("kind", "op", "wanted", "yes", "no"),
    [
        ("yes_no", "is", True, [True], [False]),
        ("yes_no", "is_not", True, [False], [True]),
        ("choice", "is", "low", ["low"], ["none", "high"]),
        ("choice", "is_not", "low", ["none", "high"], ["low"]),
        ("choice", "one_of", ("low", "high"), ["low", "high"], ["none"]),
        ("choice", "at_least", "low", ["low", "high"], ["none"]),
        ("choice", "at_most", "low", ["none", "low"], ["high"]),
        ("choices", "any_of", ("low", "high"), [("low",), ("none", "high")], [(), ("none",)]),
        ("choices", "none_of", ("low", "high"), [(), ("none",)], [("low",), ("none", "high")]),
        ("choices", "answered", None, [("none",)], [()]),
        ("yes_no", "answered", None, [True, False], []),
        ("number", "at_least", 3, [3, 4], [2]),
        ("number", "at_most", 3, [3, 0], [4]),
        ("number", "is", 0, [0], [1]),
        ("date", "on_or_before", date(2015, 12, 31), ["2015-12-31"], ["2016-01-01"]),
        ("date", "on_or_after", date(2015, 12, 31), ["2015-12-31"], ["2015-12-30"]),
        ("date", "years_at_least", 10, ["2006-02-28", "2006-02-01"], ["2006-03-01"]),
        ("date", "years_at_most", 10, ["2005-03-01"], ["2005-02-28"]),
        ("date", "years_more_than", 10, ["2005-02-28"], ["2005-03-01"]),
        ("date", "is", date(2015, 12, 31), ["2015-12-31"], ["2015-12-30"]),
    ],
)
def test_both_sides_of_each_threshold(kind, op, wanted, yes, no):
    assert [operators.holds(op, value, wanted, fact(kind), ON) for value in yes] == [True] * len(yes)
    assert [operators.holds(op, value, wanted, fact(kind), ON) for value in no] == [False] * len(no)


def test_unsure_is_never_judged():
    with pytest.raises(ValueError, match="unsure"):
        operators.holds("is_not", "unsure", "low", fact("choice"), ON)


def test_an_answer_outside_the_options_is_not_ranked():
    with pytest.raises(ValueError, match="not among"):
        operators.holds("at_least", "gone", "low", fact("choice"), ON)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 80))
def test_years_are_complete_on_the_anniversary_and_not_a_day_before(start, years):
    if start.month == 2 and start.day == 29:
        return
    anniversary = start.replace(year=start.year + years)
    assert operators.whole_years(start.isoformat(), anniversary) == years
    assert operators.whole_years(start.isoformat(), date.fromordinal(anniversary.toordinal() - 1)) == years - 1
