"""Numbers as people say them: 「三万五」「3.5万」「大概三万」「5年半」, and digits dictated one by one. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

ONES = {c: i for i, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "○": 0,
    "两": 2,
    "幺": 1,
    "壹": 1,
    "贰": 2,
    "叁": 3,
}
_SCALES = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
CHARACTERS = "".join(ONES) + "".join(_SCALES)
_EDGES = " \t\r\n。.!！,，;；:：、~"
_HEDGE = re.compile(
    r"^(?:我|应该|可能|大概|大约|约|差不多|也就|就|有|是|共|一共|总共|工作了|干了|about|around|some)\s*(?:有|是)?"
)
_AROUND = re.compile(r"(?:左右|上下|的样子|吧|了|的|呢)+$")
_VAGUE = re.compile(r"几|多|来[年个人]|余|数[十百千万]|more|over|\+")
_NUMBER = re.compile(
    rf"(?P<number>[0-9][0-9,]*(?:\.[0-9]+)?|[{CHARACTERS}]+)(?P<wan>万|w)?(?P<more>[0-9]+|[{CHARACTERS}]+)?"
    r"\s*(?P<unit>个月|年|月|天|个|人|岁|次|项|名|家|户|件|元|块|块钱|years?|months?|people)?(?P<half>半)?"
)
_WHOLE_YEAR = frozenset({"全年", "整年", "一整年", "常年", "all year", "the whole year"})
_HALF = re.compile(r"^半(?:年|个月|月|天)$")
_TIMES = {"年": "year", "year": "year", "years": "year", "个月": "month", "月": "month", "month": "month"}
_TIMES |= {"months": "month", "天": "day", "days": "day"}
_ASKED = re.compile(r"(?:几|多少|how many )(个月|年|天|years|months|days)")


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number that was understood."""

    value: int


@dataclass(frozen=True, slots=True)
class Unclear:
    """A sentence of the shared wording that says what is missing, with its params."""

    key: str
    params: dict[str, Any]


def fold(text: str) -> str:
    """As it is compared: half width, lower case, nothing at the edges that dictating adds."""
    return unicodedata.normalize("NFKC", text).casefold().strip(_EDGES)


def digits(text: str) -> str | None:
    """``一三八〇…`` or ``138 0013 8000。`` as plain digits; a last X stays. None where it is anything else."""
    folded = re.sub(r"[\s\-—–·.。,，、]+", "", fold(text)).replace("叉", "x")
    out = "".join(str(ONES[sign]) if sign in ONES else sign for sign in folded)
    return out if re.fullmatch(r"[0-9]+x?", out) else None


def whole(text: str) -> int | None:
    """A number in Chinese characters: 「一百二」「三千零五」「三十五」, and digit by digit 「一九七六」."""
    if not text or any(sign not in CHARACTERS for sign in text):
        return None
    if not any(sign in _SCALES for sign in text):
        return int("".join(str(ONES[sign]) for sign in text)) if len(text) <= 9 else None
    total, digit, scale, last = 0, None, 10_000, 0
    for sign in text:
        if sign in ONES:
            digit, zero = ONES[sign], ONES[sign] == 0
            last = 0 if zero else last
        else:
            if _SCALES[sign] >= scale:
                return None
            scale = last = _SCALES[sign]
            total += (1 if digit is None else digit) * scale
            digit = None
    # 「一百二」 is a hundred and twenty, 「一百零二」 a hundred and two
    return total + (digit or 0) * (last // 10 if digit and last > 10 else 1)


def number(text: str, question: str) -> Number | Unclear | None:
    """The whole number that `text` says as a reply to `question` (which may count in 万, months …); None where the
    text is none. What is vague, half or counted in another unit is unclear: nobody's years are rounded here."""
    folded = _AROUND.sub("", fold(text)).strip()
    while (shorter := _HEDGE.sub("", folded).strip()) != folded:
        folded = shorter
    asked = _ASKED.search(question)
    if folded in _WHOLE_YEAR and asked is not None and _TIMES[asked[1]] == "month":
        return Number(12)
    if _HALF.match(folded):
        return Unclear("chat.number_half", {"whole": 0})
    found = _NUMBER.fullmatch(folded)
    if found is None or _is_span(found["number"]):
        spoken = re.search(rf"[0-9{CHARACTERS}]", folded)
        return (
            Unclear("chat.number_vague", {})
            if spoken and len(folded) <= 12 and (found or _VAGUE.search(folded))
            else None
        )
    value = _value(found, "万" in question)
    if value is None:
        return None
    if found["half"]:
        return Unclear("chat.number_half", {"whole": value})
    if other := _other_unit(found["unit"] or "", question.casefold()):
        return Unclear("chat.number_unit", {"unit": other})
    return Number(value)


def _is_span(spoken: str) -> bool:
    """「三五年」 is three to five."""
    return len(spoken) == 2 and all(sign in ONES for sign in spoken) and "零" not in spoken


def _value(found: re.Match[str], in_wan: bool) -> int | None:
    """The number itself; 「三万五」 is 35,000. A fraction that 万 does not make whole is None."""
    raw, more = found["number"].replace(",", ""), found["more"] or ""
    written = str(whole(raw)) if raw[0] in CHARACTERS else raw
    if written == "None" or (more and not found["wan"]):
        return None
    value = Decimal(written)
    if found["wan"] and not in_wan:
        rest = int(more) if more.isascii() and more else whole(more) if more else 0
        if rest is None:
            return None
        value = value * 10_000 + rest * (1000 if len(more) == 1 else 1)
    elif more:
        return None
    return int(value) if value == int(value) else None


def _other_unit(unit: str, question: str) -> str:
    """The unit of time that `question` counts in, where `unit` is another one."""
    asked = _ASKED.search(question)
    if unit not in _TIMES or asked is None or _TIMES[unit] == _TIMES[asked[1]]:
        return ""
    return asked[1]
