"""Replies that are typed or dictated rather than chosen: dates, numbers, phones, words of one's own. Pure."""

from __future__ import annotations

import re
from datetime import date

from bot_adapter import dates, numerals, unsettled
from bot_adapter.choosing import bare
from bot_adapter.meanings import Answer, Misread
from bot_adapter.numerals import ONES, Number, Unclear
from models.errors import InvalidAnswer
from models.interview.steps import Ask
from models.programme import typed

WORDS = frozenset({"text", "long_text", "place"})
_CODES = frozenset({"id_number", "passport_number", "phone"})
_LABELLED = re.compile(r"^\s*([^:：=\n]{1,20}?)\s*(?:[:：=]|是(?=\s*\S))\s*(\S.*)$", re.DOTALL)
_CALLED = re.compile(r"^\s*(?:我|本人|我的名字|名字)叫(?=\S)")
_WITHIN = re.compile(r"[。！？!?；;，,\n]")
_LONGEST = 60  # characters: no date and no number is longer
_FULL_STOP = "。．"


def read(ask: Ask, text: str, today: date) -> Answer | Misread:
    """What was written as a reply to `ask`; whether it is valid is the engine's to say."""
    nothing = unsettled.sentence(ask, text)
    if nothing is not None:
        return nothing
    text = without_label(ask, text)
    if ask.kind in WORDS:
        text = _CALLED.sub("", text) if ask.kind == "text" else text
        return Answer(_without_full_stop(ask, text))
    if ask.kind in _CODES:
        return Answer(_code(text))
    if len(text) > _LONGEST:
        return Answer(text)
    if ask.kind == "number":
        return _number(ask, text)
    return _date(ask.kind, text, today) if ask.kind in ("date", "month") else Answer(text)


def without_label(ask: Ask, text: str) -> str:
    """「电话：138…」 as a reply to 联系电话 is the number; 「地址：…」 to something else stays as it is."""
    found = _LABELLED.match(text)
    if found is None:
        return text
    named = bare(found[1])
    labels = (bare(ask.label.zh), bare(ask.label.en))
    own = named in labels or (ask.kind not in WORDS and len(named) >= 2 and any(named in label for label in labels))
    return found[2] if own else text


def _without_full_stop(ask: Ask, text: str) -> str:
    """Dictating puts a full stop behind a name; one that ends a sentence stays."""
    words = text.strip()
    if ask.kind != "long_text" and words[-1:] in _FULL_STOP and not _WITHIN.search(words[:-1]):
        return words.rstrip(_FULL_STOP) or text
    return text


def _code(text: str) -> str:
    """Digits that were dictated as characters; anything else without what dictating puts at its end."""
    spoken = numerals.digits(text) if any(sign in ONES for sign in text) else None
    return spoken or text.strip().rstrip("。.，,！!；; ")


def _number(ask: Ask, text: str) -> Answer | Misread:
    said = numerals.number(text, ask.label.zh)
    if isinstance(said, Unclear):
        return Misread(said.key, said.params)
    if not isinstance(said, Number):
        return Answer(text)
    return Answer(said.value, read=str(said.value) not in numerals.fold(text).replace(",", ""))


def _date(kind: str, text: str, today: date) -> Answer | Misread:
    strict, loose = (typed.iso_date, dates.day) if kind == "date" else (typed.iso_month, dates.month)
    bared = numerals.fold(text)
    try:
        return Answer(strict(bared, today))
    except InvalidAnswer:
        said = loose(text, today)
    if isinstance(said, Unclear):
        return Misread(said.key, said.params)
    return Answer(text if said is None else said, read=said is not None)
