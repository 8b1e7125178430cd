"""What people type, read as text, dates, months, numbers and phones. `fields` puts these together.

Each function raises InvalidAnswer with a sentence of errors.toml that says what is wrong and what is right.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from models.errors import InvalidAnswer

MAX_NUMBER = 999_999_999
FIRST_YEAR = 1900
YEARS_AHEAD = 50
_YMD = re.compile(r"(\d{4})\s*[-./年\s]\s*(\d{1,2})\s*[-./月\s]\s*(\d{1,2})\s*[日号]?")
_YMD_PLAIN = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YM = re.compile(r"(\d{4})\s*[-./年\s]\s*(\d{1,2})\s*月?")
_YM_PLAIN = re.compile(r"(\d{4})(\d{2})")
_NUMBER = re.compile(r"(\d+|\d{1,3}(?:,\d{3})+)\s*(?:年|个|人|岁|次|项|名|家|户|元|万元|years?|people)?")
_CHINESE_NUMBER = {word: value for value, word in enumerate("零一二三四五六七八九十")} | {"两": 2, "〇": 0}
_PRESENT = frozenset({"至今", "到现在", "现在", "目前", "今", "present", "now", "to date", "current"})
_PASSPORT = re.compile(r"(?=.*\d)[A-Z0-9]{6,9}", re.ASCII)
_SPOKEN = "[零〇○一二三四五六七八九十]"
_NO_NAME = re.compile(rf"[0-9]{{4}}|[0-9][年月日号岁]|@|{_SPOKEN}{{2}}年{_SPOKEN}{{1,3}}月|^{_SPOKEN}{{2,4}}[年岁]$")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_EXTENSION = re.compile(r"(?:转|分机|ext\.?|x|#)\s*(\d{1,5})$", re.IGNORECASE)
_FULL_WIDTH = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_IS_FULL_WIDTH = re.compile("[０-９Ａ-Ｚａ-ｚ]")


def fold(text: str) -> str:
    """For comparing and parsing, never for storing: NFKC, no invisible characters, trimmed."""
    if not text.isascii():  # which has but one form
        text = unicodedata.normalize("NFKC", text)
    return (text if text.isprintable() else _visible(text)).strip()


def clean_text(raw: object, limit: int, *, lines: bool = False) -> str:
    """Text as it is stored: composed, full-width letters and digits made plain, Chinese punctuation left alone,
    control and invisible characters gone, runs of blanks made one. Too long: InvalidAnswer naming the limit."""
    if not isinstance(raw, (str, int)) or isinstance(raw, bool):
        raise InvalidAnswer("error.text")
    text = unicodedata.normalize("NFC", str(raw))
    if _IS_FULL_WIDTH.search(text):
        text = text.translate(_FULL_WIDTH)
    if text.isprintable():  # in one line, the blanks between its words are spaces
        text = " ".join(text.split())
    else:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        parts = text.split("\n") if lines else [text.replace("\n", " ")]
        text = "\n".join([" ".join(_visible(part).split()) for part in parts]).strip()
    if limit and len(text) > limit:
        raise InvalidAnswer("error.too_long", limit=limit, count=len(text))
    return text


def has_words(text: str) -> bool:
    """Whether there is a letter of any script in it, more than one numeral (「二」, left over from a list) says."""
    return any(char.isalpha() for char in text) and not (len(text) == 1 and text.isnumeric())


def is_no_name(text: str) -> bool:
    """Whether `text`, written where a person's name is asked, is plainly none: an ID number, a date, a telephone, an
    e-mail address. Any other writing may be a name, in whatever script, with points, blanks and single digits."""
    return _NO_NAME.search(re.sub(r"[\s\-‐–—.,/]", "", fold(text))) is not None


def _visible(text: str) -> str:
    """Without control, format and lone surrogate characters; tabs and line ends count as blanks."""
    if text.isprintable():  # has none of them
        return text
    text = re.sub(r"[\t\n\v\f\r\x85\u2028\u2029]", " ", text)
    return "".join(char for char in text if unicodedata.category(char) not in ("Cc", "Cf", "Cs"))


def whole_number(raw: object) -> int:
    """``3``, ``３``, ``1,000``, ``5年``, ``三``. Raises InvalidAnswer for anything else and for the absurdly big."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        value = raw
    else:
        text = fold(raw) if isinstance(raw, str) else ""
        if text in _CHINESE_NUMBER:
            return _CHINESE_NUMBER[text]
        match = _NUMBER.fullmatch(text)
        if not match or text.endswith("万元") or len(match[1]) > 20:
            raise InvalidAnswer("error.number")
        value = int(match[1].replace(",", ""))
    if not 0 <= value <= MAX_NUMBER:
        raise InvalidAnswer("error.number_range", limit=MAX_NUMBER)
    return value


def iso_date(raw: object, today: date) -> str:
    """``YYYY-MM-DD`` from 1990-1-5, 1990.01.05, 1990年1月5日, 19900105 or a date."""
    if isinstance(raw, date):
        raw = raw.isoformat()[:10]
    text = fold(raw) if isinstance(raw, str) else str(raw)
    match = _YMD.fullmatch(text) or _YMD_PLAIN.fullmatch(text)
    if not match:
        raise InvalidAnswer("error.date")
    year, month, day = (int(part) for part in match.groups())
    _check_year(year, today)
    try:
        return date(year, month, day).isoformat()
    except ValueError as exc:
        raise InvalidAnswer("error.date_not_real", year=year, month=month, day=day) from exc


def iso_month(raw: object, today: date) -> str:
    """``YYYY-MM`` from 2010-9, 2010.09, 2010年9月, 201009, or a whole date of which the day is dropped."""
    if isinstance(raw, date):
        raw = raw.isoformat()[:7]
    text = fold(raw) if isinstance(raw, str) else str(raw)
    match = _YM.fullmatch(text) or _YM_PLAIN.fullmatch(text)
    if not match:
        if _YMD.fullmatch(text) or _YMD_PLAIN.fullmatch(text):
            return iso_date(text, today)[:7]
        raise InvalidAnswer("error.month")
    year, month = int(match[1]), int(match[2])
    _check_year(year, today)
    if not 1 <= month <= 12:
        raise InvalidAnswer("error.month_not_real")
    return f"{year:04d}-{month:02d}"


def is_present(raw: object) -> bool:
    """Whether this is 「至今」."""
    return isinstance(raw, str) and fold(raw).casefold() in _PRESENT


def _check_year(year: int, today: date) -> None:
    last = today.year + YEARS_AHEAD
    if not FIRST_YEAR <= year <= last:
        raise InvalidAnswer("error.year_range", first=FIRST_YEAR, last=last)


def passport_number(raw: object) -> str:
    """Six to nine letters and digits, at least one digit among them (ICAO Doc 9303), in capitals; blanks and dashes
    are dropped."""
    number = re.sub(r"[\s\-‐–—·.]+", "", fold(str(raw))).upper()
    if not _PASSPORT.fullmatch(number):
        raise InvalidAnswer("error.passport_id" if len(number) in (15, 18) else "error.passport")
    return number


def phone_number(raw: object) -> str:
    """An 11-digit mobile, or ``0734-8123456`` (``-123`` for an extension); blanks, dashes and +86 are dropped."""
    text = fold(str(raw)).replace("－", "-")
    text, extension = _without_extension(text)
    digits = re.sub(r"[\s\-()‐–—·.]+", "", text)
    digits = re.sub(r"^(?:\+86|0086|86(?=1[3-9]\d{9}$))", "", digits)
    if not re.fullmatch(r"\d+", digits, re.ASCII):
        raise InvalidAnswer("error.phone")
    if _MOBILE.fullmatch(digits):
        return digits
    landline = _landline(digits) or (_landline("0" + digits) if "+86" in text or text.startswith("0086") else "")
    if landline:
        return f"{landline}-{extension}" if extension else landline
    if digits.startswith("1") and len(digits) != 11 and len(digits) > 8:
        raise InvalidAnswer("error.phone_mobile_length", count=len(digits))
    if re.fullmatch(r"[2-9]\d{6,7}", digits, re.ASCII):
        raise InvalidAnswer("error.phone_area_code")
    raise InvalidAnswer("error.phone")


def _without_extension(text: str) -> tuple[str, str]:
    match = _EXTENSION.search(text) or re.search(r"(?<=\d{7})-(\d{1,5})$", text)
    return (text[: match.start()], match[1]) if match else (text, "")


def _landline(digits: str) -> str:
    match = re.fullmatch(r"(010|02\d|0[3-9]\d{2})([2-9]\d{6,7})", digits, re.ASCII)
    return f"{match[1]}-{match[2]}" if match else ""
