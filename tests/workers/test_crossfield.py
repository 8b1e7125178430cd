"""Rules between answers, from both sides; what is right alone raises nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.interview.wording import say
from models.programme import idnumber, loader
from models.programme.pack import Pack
from workers.crossfield import check_fields

ON = date(2026, 11, 21)
NUMBER = idnumber.make("430401", date(1990, 6, 15), 124)  # even: female
LIVE = ["field:" + name for name in ("name", "id_number", "birth", "sex", "began", "contract_end", "jobs", "awards")]


@pytest.fixture(scope="module")
def pack() -> Pack:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loader, "PACKS", Path(__file__).parent / "packs")
        return loader.load_folder(Path(__file__).parent / "packs" / "tiny")


def codes(pack: Pack, live: list[str] = LIVE, **answers: Any) -> list[str]:
    """Codes found; every one can be said in both languages and holds no answer."""
    found = check_fields(pack, live, {f"field:{key}": value for key, value in answers.items()}, ON)
    for draft in found:
        for lang in ("zh", "en"):
            assert NUMBER not in say(draft.code, lang, **draft.params)
        assert draft.clause == "二"
    return [draft.code.removeprefix("finding.") for draft in found]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, []),
        ({"id_number": NUMBER, "birth": "1990-06-15", "sex": "female"}, []),
        ({"id_number": NUMBER, "birth": "1990-06-14"}, ["birth_mismatch"]),
        ({"id_number": NUMBER, "sex": "male"}, ["sex_mismatch"]),
        ({"birth": "1990-06-14", "sex": "male"}, []),  # nothing to compare with
        ({"id_number": "not a number", "birth": "1990-06-14", "sex": "male", "began": "1991-01"}, []),
        ({"began": "2026-11"}, []),
        ({"began": "2026-12"}, ["in_future"]),
        ({"birth": "2026-11-21"}, []),
        ({"birth": "2026-11-22"}, ["in_future"]),
        ({"contract_end": "2030-01-01"}, []),
        ({"id_number": NUMBER, "began": "2006-06"}, []),
        ({"id_number": NUMBER, "began": "2006-05"}, ["young_start"]),
        ({"jobs": [{"since": "2010-01", "until": "2010-01", "place": "厂"}]}, []),
        ({"jobs": [{"since": "2010-02", "until": "2010-01", "place": "厂"}]}, ["start_after_end"]),
        ({"jobs": [{"since": "2010-02", "until": "", "place": "厂"}]}, []),
        ({"jobs": [{"since": "2010-02", "until": "2030-01", "place": "厂"}]}, []),
        ({"jobs": [{"since": "2027-02", "until": "", "place": "厂"}]}, ["row_in_future"]),
        ({"awards": [{"when": "2026-11-21", "title": "奖"}]}, []),
        ({"awards": [{"when": "2026-11-21", "title": "奖"}, {"when": "2026-11-22", "title": "奖"}]}, ["row_in_future"]),
    ],
)
def test_each_rule_from_both_sides(pack: Pack, answers: dict[str, Any], expected: list[str]) -> None:
    assert codes(pack, **answers) == expected


def test_a_young_start_is_a_question(pack: Pack) -> None:
    (draft,) = check_fields(pack, LIVE, {"field:id_number": NUMBER, "field:began": "2006-05"}, ON)
    assert not draft.blocking
    assert say(draft.code, "zh", **draft.params) == (
        "按「参加工作时间」算，当时还不满 16 周岁。日期确实如此吗？如果写错了请改正；没错就不用管。"
    )


def test_a_row_is_named_by_its_number(pack: Pack) -> None:
    rows = [{"when": "2020-01-01", "title": "a"}, {"when": "2027-01-01", "title": "b"}]
    (draft,) = check_fields(pack, LIVE, {"field:awards": rows}, ON)
    assert say(draft.code, "en", **draft.params) == "“Awards”, row 2: “Date” is a date in the future. Please check it."


def test_what_is_not_asked_is_not_checked(pack: Pack) -> None:
    assert codes(pack, ["field:id_number"], id_number=NUMBER, birth="1990-06-14") == []


months = st.dates(date(1950, 1, 1), date(2035, 12, 31)).map(lambda day: day.isoformat()[:7])


@given(since=months, until=st.one_of(st.just(""), months))
def test_periods(pack: Pack, since: str, until: str) -> None:
    found = codes(pack, jobs=[{"since": since, "until": until, "place": "x"}])
    assert ("start_after_end" in found) == (until != "" and since > until)
    assert ("row_in_future" in found) == (since > "2026-11")


@given(st.dates(date(1940, 1, 1), date(2008, 1, 1)), st.integers(1, 999))
def test_what_is_derived_from_the_number_agrees_with_it(pack: Pack, birth: date, sequence: int) -> None:
    number = idnumber.make("430401", birth, sequence)
    assert codes(pack, id_number=number, birth=birth.isoformat(), sex=idnumber.sex(number)) == []
    assert codes(pack, id_number=number, birth=birth.isoformat()[:7]) == []
