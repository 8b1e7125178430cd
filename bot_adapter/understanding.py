"""From what was typed to a raw answer for the engine. Pure; whether the answer is valid is the engine's to say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from bot_adapter import nearness, search, unsettled, written
from bot_adapter.assent import is_hedge, is_none, is_picture, yes_or_no
from bot_adapter.choosing import Chosen, Entry, all_bare, bare, by_words, choose_many, choose_one
from bot_adapter.commands import all_offered, normalise
from bot_adapter.meanings import Answer, Found, Meaning, Misread, Picked, Refused, Stay
from bot_adapter.prompting import (
    DONE,
    KEEP,
    NO,
    NO_OPTION,
    NONE,
    OPTION,
    PRESENT,
    SKIP,
    STAY,
    UNSURE,
    YES,
    Prompt,
    is_long,
    option_entries,
)
from models.eligibility import verdict
from models.interview.steps import Ask
from models.programme import places

__all__ = ["Answer", "Found", "Meaning", "Misread", "Picked", "Refused", "Stay", "exact_word", "misread", "understand"]

_SAID_ALL = "全部 全选 都有 全都有 以上都有 都符合 全部都有 都选 all allofthem allofthese everything"
_ALL = frozenset(_SAID_ALL.split())
_YES_BEGINS = re.compile(r"(?:是|是的|有|yes)(?:[,，(（]|$)")
_NO_BEGINS = re.compile(r"(?:不是|没有|否|无|no)(?:[,，(（]|$)")
_PLAIN: dict[str, Meaning] = {
    YES: Answer(True),
    NO: Answer(False),
    UNSURE: Answer(verdict.UNSURE),
    STAY: Stay(),
    PRESENT: Answer(""),
}


def understand(
    ask: Ask, prompt: Prompt, text: str, suggestion: Any = None, picked: Sequence[str] = (), *, today: date
) -> Meaning:
    """What `text` means as a reply to `ask` under the prompt that was shown on `today`."""
    word = exact_word(prompt, text)
    if word is not None:
        return _token(ask, word, suggestion, picked)
    if ask.unsure and unsettled.is_unsure(text):
        return Answer(verdict.UNSURE)
    if ask.kind == "place":
        return _place(ask, prompt, text, today)
    if is_long(ask):
        return _long(ask, prompt, text, picked)
    if not prompt.numbered:
        return written.read(ask, text, today)
    chosen = choose_many(text, prompt.entries) if prompt.many else choose_one(text, prompt.entries)
    if ask.kind in ("consent", "declaration") and not _is_plain(text, chosen, prompt):
        chosen = Chosen()
    worded = len(chosen.tokens) == 1 and not any(sign.isnumeric() for sign in text)
    if worded and (instead := nearness.rather(text, chosen.tokens[0], prompt.entries)):
        return misread(Chosen(candidates=instead), prompt.entries, text)
    if chosen.tokens:
        return _tokens(ask, chosen.tokens)
    return _not_chosen(ask, prompt, chosen, text)


def _not_chosen(ask: Ask, prompt: Prompt, chosen: Chosen, text: str) -> Meaning:
    """No number and no words of the list: yes or no said otherwise, everything, what it may be, or nothing at all."""
    problem = misread(chosen, prompt.entries, text)
    if chosen.candidates or chosen.bad_number is not None:
        return problem
    if (said := _yes_or_no(ask, text)) is not None:
        return _token(ask, YES if said else NO, None, ())
    if (begun := _begun(ask, text, prompt)).tokens:
        return _token(ask, begun.tokens[0], None, ())
    if begun.candidates:
        return misread(begun, prompt.entries, text)
    all_of_them = "".join(normalise(text).split()) in _ALL
    if not prompt.many and (all_of_them or len(choose_many(text, prompt.entries).tokens) > 1):
        return Misread("error.several_chosen")
    if (none := _none_of(prompt)) and is_none(text):
        return _token(ask, none, None, ())
    if prompt.many and all_of_them:
        return Answer([option.value for option in ask.options if option.value != NO_OPTION], read=True)
    if nothing := unsettled.sentence(ask, text):
        return nothing
    if ask.kind == "yes_no" and is_hedge(text):
        return Misread("chat.hedged_unsure" if ask.unsure else "chat.hedged")
    near = nearness.near(text, [entry for entry in prompt.entries if entry.token.startswith(OPTION)])
    if near.sure:
        value = near.tokens[0].removeprefix(OPTION)
        return Answer([value] if ask.kind == "choices" else value, read=True)
    if len(near.tokens) == 1:
        (label,) = _numbered(prompt.entries, near.tokens)
        return Misread("chat.is_it", {"label": label}, guess=near.tokens[0].removeprefix(OPTION))
    return misread(Chosen(candidates=near.tokens), prompt.entries, text)


def _none_of(prompt: Prompt) -> str:
    """The entry by which this list says 「都没有」, if it has one."""
    offered = [*(entry.token for entry in prompt.entries), *(entry.token for entry, _, _ in prompt.worded)]
    return next((token for token in (NONE, OPTION + NO_OPTION) if token in offered), "")


def _is_plain(text: str, chosen: Chosen, prompt: Prompt) -> bool:
    """Whether a choice was made by a number or hardly more than its words: 「等我确认一下」 confirms nothing."""
    said = bare(text)
    words = [word for entry in prompt.entries if entry.token in chosen.tokens for word in all_bare(entry.words)]
    longest = max((len(word) for word in words if word in said), default=0)
    return not longest or len(said) <= longest + (3 if "同意" in said or "agree" in said else 1)


def _yes_or_no(ask: Ask, text: str) -> bool | None:
    """A consent takes words, never a sign: 「👍」 under a question about personal data is not clear enough."""
    if ask.kind not in ("yes_no", "consent", "declaration") or (ask.kind != "yes_no" and is_picture(text)):
        return None
    return yes_or_no(text, ask.label.zh)


def _begun(ask: Ask, text: str, prompt: Prompt) -> Chosen:
    """「是」 where one option is 「是，在学校」: the one that begins so, or those among which to choose."""
    if ask.kind != "choice" or is_picture(text) or (said := yes_or_no(text, ask.label.zh)) is None:
        return Chosen()
    begins = _YES_BEGINS if said else _NO_BEGINS
    tokens = tuple(e.token for e in prompt.entries if any(begins.match(normalise(word)) for word in e.words))
    return Chosen(tokens=tokens) if len(tokens) == 1 else Chosen(candidates=tokens)


def _numbered(entries: Sequence[Entry], tokens: Sequence[str]) -> list[str]:
    return [f"{n}. {e.words[0]}" for n, e in enumerate(entries, start=1) if e.token in tokens]


def exact_word(prompt: Prompt, text: str) -> str | None:
    """The token of a worded entry (跳过, 对, 不改 …) that `text` is, exactly."""
    word = normalise(text)
    for entry, _, _ in prompt.worded:
        if word in all_offered(entry.words):
            return entry.token
    return None


def misread(chosen: Chosen, entries: Sequence[Entry], text: str) -> Misread:
    """Why nothing was chosen."""
    if chosen.bad_number is not None:
        return Misread("chat.bad_number", {"number": chosen.bad_number, "count": len(entries)})
    if chosen.candidates:
        return Misread("chat.which_of", {"labels": _numbered(entries, chosen.candidates)[: search.SHOWN]})
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
    if token in _PLAIN:
        return _PLAIN[token]
    several = ask.kind == "choices"
    if token in (NONE, SKIP):
        return Answer([] if several or token == NONE else "")
    if token == KEEP:
        return Answer(suggestion)
    if token == DONE:
        return Answer(list(picked))
    value = token.removeprefix(OPTION)
    return Answer([value] if several else value)


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
    found = [option.value for option in search.search(text, ask.options)]
    if not found:
        return _not_found(ask, prompt, text, picked)
    called = nearness.otherwise(text, [entry for entry, _ in option_entries(ask.options)])
    first = [
        token.removeprefix(OPTION) for token in called
    ]  # 「高工」 is 「高级工程师」 before all that has both letters
    return Found(tuple(dict.fromkeys((*first, *found))))


def _not_found(ask: Ask, prompt: Prompt, text: str, picked: Sequence[str]) -> Meaning:
    """What is like the words that no entry of a long list has."""
    if nothing := unsettled.sentence(ask, text):
        return nothing
    if not prompt.numbered and (none := _none_of(prompt)) and is_none(text):
        return _token(ask, none, None, ())  # beside what a search found, it may mean: not among those
    near = nearness.near(text, [entry for entry, _ in option_entries(ask.options)])
    values = tuple(token.removeprefix(OPTION) for token in near.tokens)
    if near.sure:
        return _take(ask, values[0], picked)
    return Found(values, near=True) if values else Misread("chat.not_found", {"text": " ".join(text.split())[:30]})


def _place(ask: Ask, prompt: Prompt, text: str, today: date) -> Meaning:
    """A number or the words of what was found; else the names that may be meant, or the text as it is."""
    if prompt.numbered:
        chosen = choose_one(text, prompt.entries)
        if len(chosen.tokens) == 1 and _is_number_or_word(text, prompt.entries, chosen.tokens[0]):
            return Answer(chosen.tokens[0].removeprefix(OPTION))
        if chosen.bad_number is not None:
            return misread(chosen, prompt.entries, text)
    meaning = written.read(ask, text, today)
    if isinstance(meaning, Misread):
        return meaning
    name = " ".join(str(meaning.raw).split())
    known = places.is_known(name)
    names = [] if known else places.search(name, search.SHOWN - 1) or places.sounding_like(name, search.SHOWN - 1)
    return Found((*names, name)) if names else Answer(name)


def _is_number_or_word(text: str, entries: Sequence[Entry], token: str) -> bool:
    """In a searched list, words only count where they are an entry's exact words: others narrow the search."""
    word = normalise(text)
    for entry in entries:
        if entry.token == token and word in all_offered(entry.words):
            return True
    return not by_words(text, entries)


def _take(ask: Ask, value: str, picked: Sequence[str]) -> Meaning:
    return (
        Picked((*picked, value) if value not in picked else tuple(picked)) if ask.kind == "choices" else Answer(value)
    )
