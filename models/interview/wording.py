"""The shared wording: every sentence a person may be told by chat, workers or validation, in Chinese and English.

Sentences live in ``models/packs/_shared/messages/*.toml`` as nested tables ``[error.too_long]`` with ``zh`` and ``en``.
`{param}` placeholders must be the same in both. A `Text` or a date given as a param is put into the language first.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from models.errors import BoleError, PackError
from models.programme.pack import Text

MESSAGES = Path(__file__).resolve().parent.parent / "packs" / "_shared" / "messages"
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def say(key: str, lang: str, **params: Any) -> str:
    """The sentence `key` in `lang` (``zh`` or ``en``), filled with `params`.

    Raises KeyError when the key or one of its params is missing: that is our mistake, never the person's.
    """
    sentence = catalogue()[key]
    return _filled(sentence.en if lang == "en" else sentence.zh, lang, params)


def fill(sentence: Text, lang: str, **params: Any) -> str:
    """Any sentence in `lang`, filled with `params`: a pack's own wording of a shared one."""
    return _filled(sentence.get(lang), lang, params)


def _filled(template: str, lang: str, params: Mapping[str, Any]) -> str:
    if "{" not in template and "}" not in template:
        return template
    return template.format_map({name: localised(value, lang) for name, value in params.items()})


def error(exc: BoleError, lang: str) -> str:
    """The sentence that tells a person what `exc` means and what to do."""
    return say(exc.key, lang, **exc.params)


def text(key: str) -> Text:
    """The unfilled sentence in both languages; KeyError when there is none."""
    return catalogue()[key]


def localised(value: Any, lang: str) -> str:
    """A param as people read it: texts in their language, errors as sentences, dates in words, lists joined."""
    if isinstance(value, (str, int)):
        return str(value)
    if isinstance(value, Text):
        return value.get(lang)
    if isinstance(value, BoleError):
        return error(value, lang)
    if isinstance(value, Mapping) and value.keys() == {"zh", "en"}:  # a Text that went through JSON (notice, finding)
        return str(value["en" if lang == "en" else "zh"])
    if isinstance(value, date):
        return spoken_date(value, lang)
    if isinstance(value, (list, tuple)):
        return ("、" if lang == "zh" else ", ").join(localised(item, lang) for item in value)
    return str(value)


def spoken_date(day: date, lang: str) -> str:
    """``1990年1月5日`` or ``5 January 1990``."""
    if lang == "en":
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"


def day_of_year(day: date) -> Text:
    """``6月30日`` or ``30 June``: a day whose year is plain."""
    return Text(zh=f"{day.month}月{day.day}日", en=f"{day.day} {_MONTHS[day.month - 1]}")


def spoken_workday(day: date, provisional: bool, lang: str) -> str:
    """A day on which people work, with its weekday: ``2027年1月8日星期五（暂定）`` until it is sure."""
    plain = spoken_date(day, lang)
    told = f"{_WEEKDAYS[day.weekday()]}, {plain}" if lang == "en" else f"{plain}星期{'一二三四五六日'[day.weekday()]}"
    return say("workday.provisional", lang, day=told) if provisional else told


def deadline(until: date, lang: str) -> str:
    """A day until which something is to be done, as staff read it, with its weekday, or a moment of it as China's
    clocks show it: ``2027-01-08（周五）``, ``2027-01-08（周五）17:30``."""
    name = _WEEKDAYS[until.weekday()][:3] if lang == "en" else f"周{'一二三四五六日'[until.weekday()]}"
    told = f"{until:%Y-%m-%d} ({name})" if lang == "en" else f"{until:%Y-%m-%d}（{name}）"
    if not isinstance(until, datetime):
        return told
    return f"{told} {until:%H:%M}" if lang == "en" else f"{told}{until:%H:%M}"


def spoken_month(year: int, month: int, lang: str) -> str:
    """``1990年1月`` or ``January 1990``."""
    return f"{_MONTHS[month - 1]} {year}" if lang == "en" else f"{year}年{month}月"


@cache
def catalogue() -> dict[str, Text]:
    """All shared sentences by dotted key. Raises PackError naming file and key when one is wrong."""
    sentences: dict[str, Text] = {}
    for path in sorted(MESSAGES.glob("*.toml")):
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
            raise PackError(path.name, "", f"not valid TOML: {exc}") from exc
        for key, sentence in flatten(data, path.name):
            if key in sentences:
                raise PackError(path.name, key, "this sentence is already defined")
            sentences[key] = sentence
    return sentences


def flatten(data: Mapping[str, Any], file: str, prefix: str = "") -> Iterator[tuple[str, Text]]:
    """Dotted keys and their texts out of nested TOML tables; the same checks serve a pack's messages.toml."""
    for name, value in data.items():
        key = f"{prefix}{name}"
        if not isinstance(value, dict):
            raise PackError(file, key, "a sentence is a table with zh and en")
        if any(isinstance(part, dict) for part in value.values()):
            yield from flatten(value, file, f"{key}.")
        else:
            yield key, _sentence(value, file, key)


def _sentence(value: Mapping[str, Any], file: str, key: str) -> Text:
    if set(value) != {"zh", "en"} or not all(isinstance(part, str) and part for part in value.values()):
        raise PackError(file, key, "give exactly zh and en, neither empty")
    sentence = Text(zh=value["zh"], en=value["en"])
    try:
        zh, en = placeholders(sentence.zh), placeholders(sentence.en)
    except ValueError as exc:
        raise PackError(file, key, f"braces do not match: {exc}") from exc
    if zh != en:
        raise PackError(file, key, f"zh has {sorted(zh)} and en has {sorted(en)}: the params must be the same")
    return sentence


def placeholders(template: str) -> set[str]:
    """The names of the params of a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
