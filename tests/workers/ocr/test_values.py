"""Dates and ID numbers in what an engine read; a number is trusted only where nothing speaks against it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidAnswer
from models.programme import idnumber
from workers.ocr.lines import Line
from workers.ocr.values import SURE, VERY_SURE, Printed, dates, id_number

Typed = Callable[..., Line]
NUMBER = idnumber.make("430401", date(1990, 6, 15), 124)
WOMAN = Printed("1990-06-15", "female")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1990年6月15日", ["1990-06-15"]),
        ("1990年06月15日", ["1990-06-15"]),
        ("2016.03.01-2036.03.01", ["2016-03-01", "2036-03-01"]),
        ("2016·03·01—长期", ["2016-03-01"]),
        ("20160301", ["2016-03-01"]),
        ("2016-3-1", ["2016-03-01"]),
        ("2019年12月", ["2019-12"]),
        ("二〇一九年十二月三十一日", ["2019-12-31"]),
        ("二零二〇年二月二十九日", ["2020-02-29"]),
        ("二○一九年十月", ["2019-10"]),
        ("2019年2月29日", []),
        ("2019年13月1日", []),
        ("1890年1月1日", []),
        ("2019年", []),
        ("编号201911234567", []),
        (NUMBER, []),
        ("", []),
    ],
)
def test_dates(text: str, values: list[str]) -> None:
    assert [value for _, value in dates(text)] == values


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from(["{}年{}月{}日", "{}.{}.{}", "{}-{}-{}"]))
def test_every_day_is_read(day: date, written: str) -> None:
    assert [value for _, value in dates(written.format(day.year, day.month, day.day))] == [day.isoformat()]


@given(st.text())
def test_any_text_has_dates_or_none(text: str) -> None:
    for stands, value in dates(text):
        assert stands in text
        assert len(value) in (7, 10)


@pytest.mark.parametrize(
    ("printed", "sure", "trusted"),
    [
        (WOMAN, 0.999, True),
        (WOMAN, SURE, True),
        (WOMAN, SURE - 0.01, False),
        (Printed(), VERY_SURE, True),
        (Printed(), VERY_SURE - 0.01, False),
        (Printed("1990-06-15", None), SURE, True),
        (Printed("1990-06-16", None), 0.999, False),
        (Printed("1990-06-15", "male"), 0.999, False),
        (Printed(None, "male"), 0.999, False),
    ],
)
def test_trusted_only_where_nothing_speaks_against_it(
    line: Typed, printed: Printed, sure: float, trusted: bool
) -> None:
    found = id_number([line(NUMBER, 0.3, 0.5, sure=sure)], printed)
    assert found is not None
    assert (found.value, found.trusted) == (NUMBER, trusted)


def test_one_digit_read_unsurely_takes_the_trust_away(line: Typed) -> None:
    whole = line(NUMBER, 0.3, 0.5)
    doubtful = Line(whole.text, whole.score, whole.box, whole.level, (*whole.sure[:9], 0.6, *whole.sure[10:]))
    found = id_number([doubtful], WOMAN)
    assert found is not None and found.value == NUMBER and not found.trusted


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (f"公民身份号码{NUMBER}", NUMBER),
        (" ".join(NUMBER), NUMBER),
        (NUMBER.replace("0", "O"), NUMBER),  # mended, and so never trusted
        (NUMBER.replace("1", "l"), NUMBER),
        (NUMBER + "1", None),
        (NUMBER[:-1], None),
        (NUMBER[:-1] + "X", None),
    ],
)
def test_what_passes_for_a_number(line: Typed, text: str, value: str | None) -> None:
    found = id_number([line(text, 0.1, 0.5)], WOMAN)
    assert (found.value if found else None) == value
    assert found is None or found.trusted == (value is not None and NUMBER in text.replace(" ", ""))


@given(
    st.builds(idnumber.make, st.just("430401"), st.dates(date(1930, 1, 1), date(2010, 1, 1)), st.integers(0, 999)),
    st.lists(st.tuples(st.integers(0, 17), st.sampled_from("0123456789X")), min_size=1, max_size=3),
)
def test_a_misread_number_that_is_trusted_passes_all_that_can_be_asked_of_it(
    number: str, wrong: list[tuple[int, str]]
) -> None:
    """Two wrong digits pass the check digit one time in eleven; then the printed birth date and sex must agree too."""
    changed = list(number)
    for at, digit in wrong:
        changed[at] = digit
    text = "".join(changed)
    box = (0.0, 0.0, 1.0, 0.1)
    printed = Printed(idnumber.birth_date(number).isoformat(), idnumber.sex(number))
    found = id_number([Line(text, 1.0, box, box)], printed)
    if text == number:
        assert found is not None and found.trusted
        return
    if found is None or not found.trusted:
        return
    assert text[6:14] == number[6:14]
    with pytest.raises(InvalidAnswer):
        idnumber.check(number[:-1] + ("0" if number[-1] != "0" else "1"))
    assert len([1 for one, other in zip(text, number, strict=True) if one != other]) > 1
