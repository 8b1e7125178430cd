"""The citizen identity number, GB 11643-1999: 6 digits region, 8 birth date, 3 sequence (odd: male), 1 check.

The region is held to its shape only: a real province code. Districts come and go (530114 is real and missing from
well-known lists), so a list of districts would refuse real people. Numbers of the permanent residence card for
foreigners (``9``, province, country) follow the same standard and pass.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from models.errors import InvalidAnswer

PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
    ]
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_SHAPE = re.compile(r"[0-9]{17}[0-9X]")
_SEPARATORS = re.compile(r"[\s\-·.]+")
OLDEST_YEARS = 120


def check(text: str, *, today: date | None = None) -> str:
    """The number as 17 digits and a check digit (capital X).

    Full-width digits, spaces and a small x are mended. Raises InvalidAnswer saying what is wrong: length, characters,
    region, birth date, or the check digit. With `today`, a birth date in the future or over 120 years ago is refused.
    """
    number = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()
    if not any(char.isdecimal() for char in number):  # a name, a 「没有」: how long it is says nothing
        raise InvalidAnswer("error.id_needed")
    if len(number) != 18:
        raise InvalidAnswer("error.id_length", count=len(number))
    if not _SHAPE.fullmatch(number):
        raise InvalidAnswer("error.id_characters")
    if not _region_is_real(number):
        raise InvalidAnswer("error.id_region", region=number[:2])
    _check_birth(number, today)
    if _check_digit(number[:17]) != number[17]:
        raise InvalidAnswer("error.id_checksum")
    return number


def birth_date(number: str) -> date:
    """The birth date in a number that `check` has passed."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def sex(number: str) -> str:
    """``male`` or ``female``, from a number that `check` has passed."""
    return "male" if int(number[16]) % 2 else "female"


def make(region6: str, birth: date, sequence: int) -> str:
    """A valid number for an invented person; `sequence` 0–999, odd for men. ValueError for parts of another shape."""
    if not re.fullmatch(r"[0-9]{6}", region6) or not 0 <= sequence <= 999:
        raise ValueError("region6 is six digits and sequence is 0 to 999")
    body = f"{region6}{birth:%Y%m%d}{sequence:03d}" if birth.year >= 1000 else ""
    if not body:
        raise ValueError("the birth year has four digits")
    return body + _check_digit(body)


def _region_is_real(number: str) -> bool:
    return number[:2] in PROVINCES or (number[0] == "9" and number[1:3] in PROVINCES)


def _check_birth(number: str, today: date | None) -> None:
    try:
        born = birth_date(number)
    except ValueError as exc:
        raise InvalidAnswer("error.id_birth", birth=number[6:14]) from exc
    if today is not None and (born > today or born.year < today.year - OLDEST_YEARS):
        raise InvalidAnswer("error.id_birth", birth=number[6:14])


def _check_digit(body: str) -> str:
    """ISO 7064 MOD 11-2 over the first 17 digits."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]
