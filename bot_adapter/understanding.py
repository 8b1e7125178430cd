"""From what was typed to a raw answer for the engine. Pure; whether the answer is valid is the engine's to say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot_adapter import search
from bot_adapter.choosing import Chosen, Entry, by_words, choose_many, choose_one
from bot_adapter.commands import normalise
from bot_adapter.prompting import (
    DONE,
    KEEP,
    NO,
    NONE,
    OPTION,
    PRESENT,
    SKIP,
    STAY,
    UNSURE,
    YES,
    Prompt,
    is_long,
)
from models.eligibility import verdict
from models.interview.steps import Ask
from models.programme import places
from models.programme.fields import is_unsure


@dataclass(frozen=True, slots=True)
class Answer:
    """A raw answer, to be validated and stored."""

    raw: Any


@dataclass(frozen=True, slots=True)
class Refused:
    """「不同意」 to a consent or declaration that is needed."""


@dataclass(frozen=True, slots=True)
class Stay:
    """The answer that stands shall stay."""


@dataclass(frozen=True, slots=True)
class Found:
    """A search in a long list: the values found, best first (all of them, the caller shows the best). Of places: their
    names, and last what was written."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picked:
    """One more from a long list where several may be chosen."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Misread:
    """Not understood: wording key and params of the sentence that says so."""

    key: str
    params: dict[str, Any]


Meaning = Answer | Refused | Stay | Found | Picked | Misread


def understand(ask: Ask, prompt: Prompt, text: str, suggestion: Any = None, picked: Sequence[str] = ()) -> Meaning:
    """What `text` means as a reply to `ask` under the prompt that was shown."""
    word = exact_word(prompt, text)
    if word is not None:
        return _token(ask, word, suggestion, picked)
    if ask.unsure and is_unsure(text):
        return Answer(verdict.UNSURE)
    if ask.kind == "place":
        return _place(prompt, text)
    if is_long(ask):
        return _long(ask, prompt, text, picked)
    if not prompt.numbered:
        return Answer(text)
    chosen = choose_many(text, prompt.entries) if prompt.many else choose_one(text, prompt.entries)
    if chosen.tokens:
        return _tokens(ask, chosen.tokens)
    return misread(chosen, prompt.entries, text)


def exact_word(prompt: Prompt, text: str) -> str | None:
    """The token of a worded entry (跳过, 对, 不改 …) that `text` is, exactly."""
    word = normalise(text)
    for entry, _, _ in prompt.worded:
        if word in {normalise(known) for known in entry.words}:
            return entry.token
    return None


def misread(chosen: Chosen, entries: Sequence[Entry], text: str) -> Misread:
    """Why nothing was chosen."""
    if chosen.bad_number is not None:
        return Misread("chat.bad_number", {"number": chosen.bad_number, "count": len(entries)})
    if chosen.candidates:
        numbered = [f"{n}. {e.words[0]}" for n, e in enumerate(entries, start=1) if e.token in chosen.candidates]
        return Misread("chat.which_of", {"labels": numbered[: search.SHOWN]})
    return Misread("chat.not_understood", {})


def _tokens(ask: Ask, tokens: Sequence[str]) -> Meaning:
    if len(tokens) == 1:
        return _token(ask, tokens[0], None, ())
    if UNSURE in tokens or NONE in tokens:
        return Misread("error.unsure_with_others" if UNSURE in tokens else "chat.not_understood", {})
    return Answer([token.removeprefix(OPTION) for token in tokens])


def _token(ask: Ask, token: str, suggestion: Any, picked: Sequence[str]) -> Meaning:
    if token == NO and ask.kind in ("consent", "declaration"):
        return Refused() if ask.required else Answer(False)
    plain: dict[str, Meaning] = {
        YES: Answer(True),
        NO: Answer(False),
        UNSURE: Answer(verdict.UNSURE),
        NONE: Answer([]),
        SKIP: Answer([] if ask.kind == "choices" else ""),
        KEEP: Answer(suggestion),
        STAY: Stay(),
        DONE: Answer(list(picked)),
        PRESENT: Answer(""),
    }
    if token in plain:
        return plain[token]
    value = token.removeprefix(OPTION)
    return Answer([value] if ask.kind == "choices" else value)


def _long(ask: Ask, prompt: Prompt, text: str, picked: Sequence[str]) -> Meaning:
    """A number of what was found, an exact label, or else a search."""
    chosen = choose_one(text, prompt.entries)
    if len(chosen.tokens) == 1 and _is_number_or_word(text, prompt.entries, chosen.tokens[0]):
        token = chosen.tokens[0]
        if token.startswith(OPTION):
            return _take(ask, token.removeprefix(OPTION), picked)
        return _token(ask, token, None, picked)
    option = search.exact(text, ask.options)
    if option is not None:
        return _take(ask, option.value, picked)
    if chosen.bad_number is not None and any(entry.token.startswith(OPTION) for entry in prompt.entries):
        return misread(chosen, prompt.entries, text)
    found = search.search(text, ask.options)
    if not found:
        return Misread("chat.not_found", {"text": " ".join(text.split())[:30]})
    return Found(tuple(option.value for option in found))


def _place(prompt: Prompt, text: str) -> Meaning:
    """A number or the words of what was found; else the names that may be meant, or the text as it is."""
    if prompt.numbered:
        chosen = choose_one(text, prompt.entries)
        if len(chosen.tokens) == 1 and _is_number_or_word(text, prompt.entries, chosen.tokens[0]):
            return Answer(chosen.tokens[0].removeprefix(OPTION))
        if chosen.bad_number is not None:
            return misread(chosen, prompt.entries, text)
    names = [] if places.is_known(text) else places.search(text, search.SHOWN - 1)
    written = " ".join(text.split())
    return Found((*names, written)) if names else Answer(text)


def _is_number_or_word(text: str, entries: Sequence[Entry], token: str) -> bool:
    """In a searched list, words only count where they are an entry's exact words: others narrow the search."""
    word = normalise(text)
    words = {normalise(known) for entry in entries if entry.token == token for known in entry.words}
    return word in words or not by_words(text, entries)


def _take(ask: Ask, value: str, picked: Sequence[str]) -> Meaning:
    return (
        Picked((*picked, value) if value not in picked else tuple(picked)) if ask.kind == "choices" else Answer(value)
    )
