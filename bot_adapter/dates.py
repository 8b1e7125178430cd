"""Days and months as people say them: 「76年5月3号」「一九七六年五月」「May 1976」「去年九月」. Pure.

What comes out is ISO text that `fields.parse` validates like any other. Whatever had to be worked out (two digits of a
year, 「去年」) is said back by the caller; whatever has two readings is asked again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from bot_adapter.numerals import CHARACTERS, ONES, Unclear, fold, whole

_NEXT = 10  # two digits up to so many years ahead may lie in this century or the last
_LUNAR = re.compile(r"农历|阴历|旧历|正月|腊月|冬月|初[一二三四五六七八九十]|廿")
_WEAK = re.compile(
    r"^(?:我|是|在|于|从|就|应该|可能|大概|大约|约|好像|记得|出生于|生于|born|since|from|in|on|about)+\s*"
)
_AFTER = re.compile(r"(?:出生的?|生的?|毕业的?|左右|份|开始|起|取得的?|拿的?|的|吧|了|那天|公历|阳历)+$")
_RUN = re.compile(rf"[{CHARACTERS}]+")
_SEP = r"\s*[-./年,，、\s]\s*"
_SEP2 = r"\s*[-./月,，、\s]\s*"
_FULL = re.compile(rf"(\d{{4}}|\d{{2}}){_SEP}(\d{{1,2}}){_SEP2}(\d{{1,2}})\s*[日号]?")
_MONTH = re.compile(rf"(\d{{4}}|\d{{2}}){_SEP}(\d{{1,2}})\s*月?")
_YEAR = re.compile(r"(\d{4})\s*年?|(\d{2})\s*年")
_NO_YEAR = re.compile(r"\d{1,2}\s*月\s*\d{1,2}\s*[日号]?")
_SIX, _EIGHT = re.compile(r"\d{6}"), re.compile(r"\d{8}")
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY_FIRST = re.compile(rf"(?:(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?{_NAME},?\s+(\d{{4}})")
_MONTH_FIRST = re.compile(rf"{_NAME}\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})")
_YEAR_LAST = re.compile(r"(\d{1,2})\s*[-./]\s*(\d{4})")  # a month and a year: no day is so
_DAYS = {"今天": 0, "今日": 0, "today": 0, "昨天": 1, "昨日": 1, "yesterday": 1, "前天": 2}
_MONTHS = {"本月": 0, "这个月": 0, "this month": 0, "上个月": 1, "上月": 1, "last month": 1}
_YEARS = {"今年": 0, "this year": 0, "去年": 1, "last year": 1, "前年": 2}

Read = str | Unclear | None


def day(text: str, today: date) -> Read:
    """``YYYY-M-D`` (not yet proven to be a day); what is missing; or None where no date is recognised."""
    said = _plain(text, today)
    if isinstance(said, Unclear):
        return said
    if said in _DAYS:
        return (today - timedelta(days=_DAYS[said])).isoformat()
    if found := _FULL.fullmatch(said):
        written, in_month, on = found.groups()
        return _with_year(written, today, lambda year: f"{year}-{in_month}-{on}")
    if _EIGHT.fullmatch(said):
        return f"{said[:4]}-{said[4:6]}-{said[6:]}"
    if _SIX.fullmatch(said):
        return _six(said, today)
    if (found := _MONTH.fullmatch(said)) and int(found[2]) <= 12:
        if _may_be_days(found, said):
            return Unclear("chat.date_year", {})
        in_month = int(found[2])
        return _with_year(found[1], today, lambda year: Unclear("chat.date_day", {"year": year, "month": in_month}))
    if found := _YEAR.fullmatch(said):
        return _with_year(found[1] or found[2], today, lambda year: Unclear("chat.date_month", {"year": year}))
    return Unclear("chat.date_year", {}) if _NO_YEAR.fullmatch(said) else None


def month(text: str, today: date) -> Read:
    """``YYYY-M``, or ``YYYY-M-D`` where a day was said too; what is missing; or None."""
    said = _plain(text, today)
    if isinstance(said, Unclear):
        return said
    if found := _FULL.fullmatch(said):
        written, in_month, on = found.groups()
        return _with_year(written, today, lambda year: f"{year}-{in_month}-{on}")
    if _SIX.fullmatch(said) and 1 <= int(said[4:]) <= 12:
        return f"{said[:4]}-{said[4:]}"
    if (found := _MONTH.fullmatch(said)) and int(found[2]) <= 12:
        if _may_be_days(found, said):
            return Unclear("chat.year_four", {"year": found[1]})
        written, in_month = found.groups()
        return _with_year(written, today, lambda year: f"{year}-{in_month}")
    if found := _YEAR.fullmatch(said):
        return _with_year(found[1] or found[2], today, lambda year: Unclear("chat.month_month", {"year": year}))
    return Unclear("chat.month_year", {}) if re.fullmatch(r"\d{1,2}\s*月", said) else None


def _may_be_days(found: re.Match[str], said: str) -> bool:
    """「05.10」 may be a year and a month, or a month and a day."""
    return len(found[1]) == 2 and int(found[1]) <= 12 and "年" not in said


def _plain(text: str, today: date) -> str | Unclear:
    """With digits for characters, years for 「去年」, and the order year, month, day for English."""
    said = fold(text)
    if _LUNAR.search(said):
        return Unclear("chat.date_lunar", {})
    said = _AFTER.sub("", _WEAK.sub("", said)).strip().replace("年的", "年").replace("元月", "1月")
    for word, back in _MONTHS.items():
        if said == word:
            year, index = divmod(today.year * 12 + today.month - 1 - back, 12)
            return f"{year}-{index + 1}"
    for word, back in _YEARS.items():
        if said == word or said.startswith(f"{word}的") or re.match(rf"{word}\s*[\d{CHARACTERS}]", said):
            said = f"{today.year - back}年" + said.removeprefix(word).removeprefix("的")
    said = _RUN.sub(lambda run: _digits(run[0]), said)
    if found := _DAY_FIRST.fullmatch(said):
        parts = (found[3], str(_NAMES.index(found[2]) + 1), found[1])
        return "-".join(part for part in parts if part)
    if found := _YEAR_LAST.fullmatch(said):
        return f"{found[2]}-{found[1]}"
    if found := _MONTH_FIRST.fullmatch(said):
        return f"{found[3]}-{_NAMES.index(found[1]) + 1}-{found[2]}"
    return said


def _digits(run: str) -> str:
    """「十二」 12, 「一九七六」 1976, 「〇五」 05; what is neither stays."""
    if all(sign in ONES for sign in run):
        return "".join(str(ONES[sign]) for sign in run)
    value = whole(run)
    return run if value is None else str(value)


def _with_year(written: str, today: date, then: Callable[[int], str | Unclear]) -> str | Unclear:
    """The year of two digits where it has one reading; else the sentence that asks for four."""
    year = int(written)
    if len(written) == 2:
        near = today.year % 100
        if near < year <= near + _NEXT:
            return Unclear("chat.year_four", {"year": written})
        year += today.year - near - (100 if year > near else 0)
    return then(year)


def _six(said: str, today: date) -> str | Unclear | None:
    """「760503」 is a day; 「200503」 may be a month as well."""
    as_month = 1900 <= int(said[:4]) <= today.year + _NEXT and 1 <= int(said[4:]) <= 12
    as_day = 1 <= int(said[2:4]) <= 12 and 1 <= int(said[4:]) <= 31
    if as_month and not as_day:
        return Unclear("chat.date_day", {"year": int(said[:4]), "month": int(said[4:])})
    if as_month or not as_day:
        return None
    return _with_year(said[:2], today, lambda year: f"{year}-{said[2:4]}-{said[4:]}")
