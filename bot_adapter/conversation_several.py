"""Several answers in one message: 「姓名：张三 电话：138…」, 「1、男 1976年5月3日」 at the first of several questions.

Only of the form, where a label or the kind of a value says what it is for. A labelled value goes to the question of
that name. Without labels every part has to be the one certain answer to the next question in order, or none is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot_adapter import conversation_steps as steps
from bot_adapter import prompting, rendering
from bot_adapter.choosing import bare
from bot_adapter.meanings import Answer, Misread
from bot_adapter.turn import DOOR, Turn
from bot_adapter.understanding import understand
from models.application import service
from models.errors import InvalidAnswer
from models.interview import engine, wording
from models.interview.steps import Ask, Stage

_FIRST = frozenset({"text", "choice", "date", "month", "id_number", "phone", "number", "yes_no"})
_LABELLED = _FIRST | {"place", "passport_number"}
_SELF_EVIDENT = frozenset({"choice", "date", "month", "id_number", "phone"})  # what a value says of itself what it is
_MOST = 12
_LABEL = r"[^\s:：,，、;；。\n]{1,20}"
_PAIR = re.compile(rf"({_LABEL})\s*[:：]\s*(.+?)(?=[\s,，、;；。]+{_LABEL}\s*[:：]|\s*$)", re.DOTALL)
_STRONG = re.compile(r"[\n,，、;；]+")
_WEAK = re.compile(r"[\s,，、;；]+")
_PARTED = re.compile(r"[\s:：,，、;；]")
_NUMBERED = re.compile(r"^\d{1,2}[.)）．]\s*(?=\D)")  # 「1.张三」 in a list that the person numbers themselves


@dataclass(frozen=True, slots=True)
class _Part:
    ask: Ask
    raw: Any


def take(turn: Turn, text: str) -> bool:
    """Take several answers and say which, or leave the message to be understood as one."""
    if not (_PARTED.search(text.strip()) and turn.plan.sections):
        return False
    here = steps.place(turn)
    if not isinstance(here, Ask) or here.stage is not Stage.FORM or turn.status != "draft" or turn.state.get("edit"):
        return False
    pairs = _pairs(turn, text)
    if len(pairs) > 1:
        _labelled(turn, pairs)
        return True
    parts = _in_order(turn, here, text) if here.kind in _FIRST else []
    if len(parts) < 2:
        return False
    service.save_partial(turn.application(), {part.ask.key: part.raw for part in parts}, DOOR)
    _said(turn, [part.ask for part in parts], [])
    return True


def _open(turn: Turn) -> list[Ask]:
    """The questions of the form that have no answer yet."""
    return [ask for section in turn.plan.sections for ask in section.asks if ask.key not in turn.plan.answered]


def _pairs(turn: Turn, text: str) -> list[tuple[Ask, str]]:
    """Each open question that is named, with what is said to be its answer."""
    if ":" not in text and "：" not in text:
        return []
    open_asks = [ask for ask in _open(turn) if ask.kind in _LABELLED]
    found: dict[str, tuple[Ask, str]] = {}
    for label, value in _PAIR.findall(text):
        ask = _named(open_asks, bare(label))
        if ask is not None:
            found.setdefault(ask.key, (ask, value.strip()))
    return list(found.values())


def _named(asks: list[Ask], label: str) -> Ask | None:
    """The one question called so, or the one whose name holds these words."""
    exact = [ask for ask in asks if label in (bare(ask.label.zh), bare(ask.label.en))]
    holding = [ask for ask in asks if len(label) > 1 and (label in bare(ask.label.zh) or bare(ask.label.zh) in label)]
    return exact[0] if len(exact) == 1 else holding[0] if len(holding) == 1 and not exact else None


def _labelled(turn: Turn, pairs: list[tuple[Ask, str]]) -> None:
    raws: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for ask, value in pairs:
        meaning = understand(ask, prompting.prompt(ask), value, today=turn.today)
        if isinstance(meaning, Answer):
            raws[ask.key] = meaning.raw
        else:
            key, params = (meaning.key, meaning.params) if isinstance(meaning, Misread) else ("chat.several_which", {})
            problems[ask.key] = wording.say(key, turn.lang, **params)
    refused = service.save_partial(turn.application(), raws, DOOR)
    problems |= {key: wording.error(exc, turn.lang) for key, exc in refused.items()}
    asks = {ask.key: ask for ask, _ in pairs}
    _said(
        turn,
        [ask for key, ask in asks.items() if key not in problems],
        [(asks[key], problem) for key, problem in problems.items()],
    )


def _said(turn: Turn, taken: list[Ask], left: list[tuple[Ask, str]]) -> None:
    """A line for each, and on to the first question that is left."""
    turn.changed()
    turn.drop("found", "places", "picked", "guess", "tries")
    lang = turn.lang
    lines = [
        wording.say("chat.several_line", lang, label=a.label, value=rendering.shown(a, turn.answers.get(a.key), lang))
        for a in taken
    ]
    lines += [wording.say("chat.several_left", lang, label=ask.label, problem=problem) for ask, problem in left]
    turn.say("chat.several" if taken else "chat.several_none", lines="\n".join(lines))


def _in_order(turn: Turn, here: Ask, text: str) -> list[_Part]:
    """Every part as the answer to the next question in order; nothing where one of them is not certain."""
    pieces = [_NUMBERED.sub("", piece).strip() for piece in _split(here, text)]
    if not 2 <= len(pieces) <= _MOST or not all(pieces) or not _is_more(turn, here, text):
        return []
    parts: list[_Part] = []
    for part in _walk(turn, here, pieces):
        if part is None:
            return []
        parts.append(part)
    return parts


def _split(here: Ask, text: str) -> list[str]:
    """Blanks part only where nothing is written in words: 「张 三」 is one name."""
    return (_STRONG if here.kind == "text" else _WEAK).split(text.strip())


def _is_more(turn: Turn, here: Ask, text: str) -> bool:
    """Whether the message is more than one answer: as a whole it is not valid (words of one's own always are)."""
    if here.kind == "text":
        return True
    meaning = understand(here, steps.prompt_of(turn, here), text, today=turn.today)
    return not isinstance(meaning, Answer) or not _accepted(turn, dict(turn.answers), here.key, meaning.raw)


def _walk(turn: Turn, here: Ask, pieces: list[str]) -> Iterator[_Part | None]:
    """Replayed as it would be asked; None once a piece is not the certain answer to what comes next."""
    given, ask = dict(turn.answers), here
    for number, piece in enumerate(pieces):
        certain = number == 0 or _is_evident(turn, ask, piece)
        meaning = understand(ask, prompting.prompt(ask), piece, today=turn.today) if certain else None
        if not isinstance(meaning, Answer) or not _accepted(turn, given, ask.key, meaning.raw):
            yield None
            return
        yield _Part(ask, meaning.raw)
        step = engine.plan(turn.pack, given, turn.today).step
        if number + 1 < len(pieces):
            if not isinstance(step, Ask) or step.stage is not Stage.FORM:
                yield None
                return
            ask = step


def _accepted(turn: Turn, given: dict[str, Any], key: str, raw: Any) -> bool:
    try:
        given[key] = engine.accept(turn.pack, given, key, raw, turn.today)
    except InvalidAnswer:
        return False
    return True


def _is_evident(turn: Turn, ask: Ask, piece: str) -> bool:
    """Whether a piece that was sent before its question was seen can only be meant for it: no number of a list, and
    no other open question takes such a value."""
    if ask.kind not in _SELF_EVIDENT or (ask.kind == "choice" and not _names_option(ask, piece)):
        return False
    alike = [other for other in _open(turn) if other.kind == ask.kind and other.key != ask.key]
    if ask.kind == "choice":
        return not any(_names_option(other, piece) for other in alike)
    return not alike


def _names_option(ask: Ask, piece: str) -> bool:
    return any(bare(piece) in (bare(option.label.zh), bare(option.label.en)) for option in ask.options)
