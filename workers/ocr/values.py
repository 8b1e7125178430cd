"""What readers of all papers find in text: dates, the ID number, names of people. Pure.

Canonical values are those of `models.documents.reading`: dates ``YYYY-MM-DD`` or ``YYYY-MM``, texts without spaces.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from models.documents.reading import Found
from models.errors import InvalidAnswer
from models.programme import idnumber
from workers.ocr.lines import Line, found, squeezed

FOREVER = "9999-12-31"  # 长期
HAN = "\u3007\u4e00-\u9fff\u3400-\u4dbf\U00020000-\U000323af"
# A name in Chinese characters; names of minorities have a middle dot, which cameras see as any dot.
NAME = re.compile(f"[{HAN}](?:[{HAN}]|[·•・.．](?=[{HAN}])){{1,14}}")

# An ID number's digits are each read this surely before the number may be trusted, and more surely where the printed
# birth date could not be read beside it: a wrong reading must break several digits at once, and confidently.
SURE = 0.85
VERY_SURE = 0.98
_DIGITS = str.maketrans("OoQDIl|iZzSsBbqg", "0000111122558899")  # what digits are mistaken for; never trusted
_NUMBER = re.compile(r"(?<![0-9])[0-9]{17}[0-9X](?![0-9])")
_LIKE_A_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z|]{18}(?![0-9A-Za-z])")
_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(?:[年午.．·。,，\-/ ]{1,2}(\d{1,2})[月.．·。,，\-/ ]{1,2}(\d{1,2})|(\d\d)(\d\d))(?!\d)日?"
)
_MONTH = re.compile(r"(?<!\d)((?:19|20)\d\d)[年.．·\-/ ]{1,2}(\d{1,2})(?!\d)月?")
_CHINESE_DATE = re.compile(
    "([〇零○OО0一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月(?:([一二三四五六七八九十]{1,3})日)?"
)
_CHINESE = {character: value for value, character in enumerate("〇一二三四五六七八九")} | dict.fromkeys("零○OО0", 0)


@dataclass(frozen=True, slots=True)
class Printed:
    """What else the paper says about the holder of an ID number; None where it was not read."""

    birth_date: str | None = None
    sex: str | None = None


NOTHING = Printed()


def plain(text: str) -> str:
    """Full-width letters and digits made ordinary, no spaces."""
    return squeezed(unicodedata.normalize("NFKC", text))


def dates(text: str) -> Iterator[tuple[str, str]]:
    """Every date in `text`, as it stands there and as ``YYYY-MM-DD`` (``YYYY-MM`` where no day is given)."""
    taken: list[tuple[int, int]] = []
    made = []
    for pattern, numbers in ((_DATE, _western), (_CHINESE_DATE, _chinese), (_MONTH, _western)):
        for match in pattern.finditer(text):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            taken.append(match.span())  # also what is no date: 31 February is not the month of February
            if (value := numbers(match)) is not None:
                made.append((match.start(), match.group(), value))
    yield from ((stands, value) for _, stands, value in sorted(made))


def _western(match: re.Match[str]) -> str | None:
    return _iso(*(int(part) for part in match.groups() if part is not None))


def _chinese(match: re.Match[str]) -> str | None:
    year = int("".join(str(_CHINESE[character]) for character in match.group(1)))
    return _iso(year, *(_counted(part) for part in match.groups()[1:] if part))


def _counted(text: str) -> int:
    """A number below a hundred in Chinese words; 0 for what is none."""
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _CHINESE[text] if len(text) == 1 else 0
    return (_CHINESE.get(tens, 0) if tens else 1) * 10 + (_CHINESE.get(ones, 0) if ones else 0)


def _iso(year: int, month: int, day: int | None = None) -> str | None:
    try:
        made = date(year, month, 1 if day is None else day)
    except ValueError:
        return None
    return f"{made:%Y-%m}" if day is None else made.isoformat()


def id_number(lines: Sequence[Line], printed: Printed = NOTHING) -> Found | None:
    """The citizen identity number on these lines; the one that holds, where several look like one.

    `value` is a number that passes the standard's check, else None. `trusted` only where it stands in one line of which
    every digit was read surely, and neither the printed birth date nor the printed sex says otherwise.
    """
    seen = [one for line in lines for one in _numbers(line, printed)]
    return max(seen, key=lambda one: (one.trusted, one.value is not None, one.score), default=None)


def _numbers(line: Line, printed: Printed) -> Iterator[Found]:
    text, sure = _characters(line)
    for match in _NUMBER.finditer(text):
        number = _valid(match.group())
        trusted = number is not None and holds(number, min(sure[slice(*match.span())]), printed)
        yield replace(found([line], match.group(), number), trusted=trusted)
    if _NUMBER.search(text) is None:
        for match in _LIKE_A_NUMBER.finditer(text):
            digits = match.group()
            mended = digits[:17].translate(_DIGITS) + digits[17].upper().replace("K", "X")
            if _NUMBER.fullmatch(mended):
                yield found([line], match.group(), _valid(mended))


def _characters(line: Line) -> tuple[str, list[float]]:
    """The line's characters without spaces and in plain form, each with how surely it was read."""
    text, sure = [], []
    for at, character in enumerate(line.text):
        for one in plain(character):
            text.append("X" if one == "x" else one)
            sure.append(line.surest(at, at + 1))
    return "".join(text), sure


def _valid(number: str) -> str | None:
    try:
        return idnumber.check(number)
    except InvalidAnswer:
        return None


def holds(number: str, sure: float, printed: Printed) -> bool:
    """Whether a number that passes the check is beyond doubt: see `SURE`; whatever else is printed must agree."""
    if printed.sex is not None and printed.sex != idnumber.sex(number):
        return False
    if printed.birth_date is not None:
        return printed.birth_date == idnumber.birth_date(number).isoformat() and sure >= SURE
    return sure >= VERY_SURE
