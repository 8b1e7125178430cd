"""Choosing among options: by value, or by the words of a label in either language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from models.errors import InvalidAnswer
from models.programme import typed
from models.programme.pack import Option

_BLANKS = re.compile(r"\s+")
_SEPARATORS = re.compile(r"[,，、;；\n]+")
NONE = "none"
_NONE_WORDS = frozenset(
    {NONE, "以上都没有", "以上都不是", "都没有", "都不是", "没有", "无", "noneofthese", "noneoftheabove"}
)


def none_is_an_answer(spec: Any) -> bool:
    """Whether 「以上都没有」 (the empty list) answers it: so for an eligibility fact, not for claim or form field."""
    return spec.kind == "choices" and (hasattr(spec, "ask_when") or getattr(spec, "key", "").startswith("fact:"))


def choose_one(raw: Any, options: Sequence[Option]) -> str:
    """The value of the one option meant. InvalidAnswer when none or several are."""
    if isinstance(raw, (list, tuple)):
        if len(raw) != 1:
            raise InvalidAnswer("error.several_chosen")
        raw = raw[0]
    return _find(raw, options)


def choose_some(raw: Any, options: Sequence[Option], *, none_allowed: bool, single: bool = False) -> list[str]:
    """The values of the options meant, in the order of the options; a string may list several.

    `single`: more than one is InvalidAnswer.
    """
    if isinstance(raw, str):
        whole = _match(raw, options)
        items: list[Any] = whole if len(whole) == 1 else [part for part in _SEPARATORS.split(raw) if part.strip()]
    else:
        items = list(raw) if isinstance(raw, (list, tuple, set, frozenset)) else [raw]
    if none_allowed and (not items or (len(items) == 1 and _means_none(items[0], options))):
        return []
    if none_allowed and any(_means_none(item, options) for item in items):
        raise InvalidAnswer("error.none_with_others")
    found = {_find(item, options) for item in items}
    if not found:
        raise InvalidAnswer("error.choose_one" if single else "error.choose_some")
    if single and len(found) > 1:
        raise InvalidAnswer("error.several_chosen")
    return [option.value for option in options if option.value in found]


def _means_none(item: Any, options: Sequence[Option]) -> bool:
    return isinstance(item, str) and not _match(item, options) and _plain(item) in _NONE_WORDS


def _plain(text: str) -> str:
    return _BLANKS.sub("", typed.fold(text)).casefold()


def _match(raw: str, options: Sequence[Option]) -> list[str]:
    """Values of the options that this is the value of, or else the label of."""
    for option in options:
        if option.value == raw:
            return [raw]
    plain = _plain(raw)
    by_value = [option.value for option in options if _plain(option.value) == plain]
    if by_value:
        return by_value
    return [option.value for option in options if plain in (_plain(option.label.zh), _plain(option.label.en))]


def _find(raw: Any, options: Sequence[Option]) -> str:
    if not isinstance(raw, str):
        raw = str(raw)
    found = _match(raw, options)
    if len(found) == 1:
        return found[0]
    shown = typed.fold(raw)[:40]
    raise InvalidAnswer("error.ambiguous_option" if found else "error.not_an_option", value=shown)
