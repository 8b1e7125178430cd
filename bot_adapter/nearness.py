"""What may have been meant by words that choose nothing: other names, parts of a label, the sound, a slip of a finger.

All of it is offered, and only what `synonyms.csv` calls the very same is ever taken. It costs more than understanding,
so it is asked only after that has failed. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot_adapter.choosing import NEGATION, Entry, bare, by_words
from models.programme import pinyin
from models.programme.pinyin import Sound
from models.programme.synonyms import Synonym, meant, table

SHOWN = 8
_LEAST = 3  # characters of a word that may stand within another, or hold a slip
_LONGEST = 24  # characters: more is a sentence, and sounds like many things
_PARTS = re.compile(r"[、，,；;/（）()“”《》]|或者|或|以及")
_AROUND = re.compile(
    r"^(?:我的|我|俺|本人)?(?:就是|算是|是|属于|读的|学的)?(.+?)(?:了|的|啊|呢|哦|嘛|毕业|学历|学位|职称|证书|证)?$"
)


@dataclass(frozen=True, slots=True)
class Near:
    """Tokens that may be meant, the likeliest first; `sure`: it is one, and the very same thing."""

    tokens: tuple[str, ...] = ()
    sure: bool = False


def near(text: str, entries: Sequence[Entry]) -> Near:
    """What `text` may mean among `entries`; nothing for a negation, a sentence, or what is like nothing."""
    said = bare(text)
    if not said or len(said) > _LONGEST:
        return Near()
    forms = tuple(dict.fromkeys((said, _core(said))))
    for form in forms:
        if found := _by_synonym(meant(form), entries):
            return found
    if NEGATION.search(said) or said.isdecimal():
        return Near()
    for look in (_sounding, _worded, _synonym_sounding, _holding_part, _slipped, _sounding_within):
        for form in forms:
            tokens = look(form, entries)
            if tokens and len(tokens) <= SHOWN:
                return Near(tokens, sure=_is_whole(form, tokens, entries))
    return Near()


def otherwise(text: str, entries: Sequence[Entry]) -> tuple[str, ...]:
    """What a word that people use is called in this list; cheap enough for every search."""
    synonym = meant(bare(text))
    return _of_synonym(synonym, entries) if synonym else ()


def rather(text: str, token: str, entries: Sequence[Entry]) -> tuple[str, ...]:
    """Where `token` was only found within the words: what all of them are like instead, and `token` last. 「付教授」
    holds 「教授」 and sounds like 「副教授」."""
    said = bare(text)
    if any(said in bare(word) for entry in entries if entry.token == token for word in entry.words):
        return ()
    found = _sounding(said, entries) or (_slipped(said, entries) if said.isascii() else ())
    return () if not found or token in found else (*found, token)


def _core(said: str) -> str:
    """Without what people say around a word: 「我是…的」, 「…毕业」."""
    found = _AROUND.match(said)
    return found[1] if found else said


def _by_synonym(synonym: Synonym | None, entries: Sequence[Entry]) -> Near | None:
    tokens = _of_synonym(synonym, entries) if synonym else ()
    if synonym is None or not tokens:
        return None
    return Near(tokens, synonym.sure and len(tokens) == 1 and _is_label(synonym, entries, tokens[0]))


def _of_synonym(synonym: Synonym, entries: Sequence[Entry]) -> tuple[str, ...]:
    """For each meaning the labels that are it, else those that begin with it, else those that hold it."""
    for alternative in synonym.means:
        found: list[str] = []
        for meaning in map(bare, alternative):
            for fits in (str.__eq__, str.startswith, str.__contains__):
                tokens = [e.token for e in entries if any(fits(bare(word), meaning) for word in e.words)]
                if tokens:
                    found += tokens
                    break
        if found:
            return tuple(dict.fromkeys(found))[:SHOWN]
    return ()


def _is_label(synonym: Synonym, entries: Sequence[Entry], token: str) -> bool:
    words = [word for entry in entries if entry.token == token for word in entry.words]
    return bare(synonym.means[0][0]) in map(bare, words)


@lru_cache(maxsize=4096)
def _parts(label: str) -> tuple[str, ...]:
    """What a label names: 「高中、中专、技校」 three things."""
    return tuple(dict.fromkeys(part for raw in _PARTS.split(label) if len(part := bare(raw)) >= 2))


@lru_cache(maxsize=4096)
def _sounds(words: str) -> tuple[Sound, ...]:
    return pinyin.sounds(words)


@lru_cache(maxsize=4096)
def _spelled(words: str) -> str:
    return pinyin.spelled(words)


def _matching(entries: Sequence[Entry], fits: Callable[[str], bool]) -> tuple[str, ...]:
    return tuple(entry.token for entry in entries if any(fits(word) for word in entry.words))


def _worded(said: str, entries: Sequence[Entry]) -> tuple[str, ...]:
    """What the words themselves mean, once what people say around them is off."""
    return by_words(said, entries)


def _is_whole(said: str, tokens: tuple[str, ...], entries: Sequence[Entry]) -> bool:
    exact = [entry.token for entry in entries if said in map(bare, entry.words)]
    return len(exact) == 1 and tuple(exact) == tokens


def _holding_part(said: str, entries: Sequence[Entry]) -> tuple[str, ...]:
    """Labels that name several things, one of them within what was said."""
    return _matching(entries, lambda label: len(_parts(label)) > 1 and any(part in said for part in _parts(label)))


def _sounding(said: str, entries: Sequence[Entry]) -> tuple[str, ...]:
    """What is meant by a label, or one of the things it names, that sounds like this; typed in Latin letters too."""
    heard = {
        part: None
        for entry in entries
        for label in entry.words
        for part in (bare(label), *_parts(label))
        if pinyin.same(_sounds(said), _sounds(part)) or (len(said) > 3 and said == _spelled(part))
    }
    return tuple(dict.fromkeys(token for part in heard for token in by_words(part, entries)))


def _synonym_sounding(said: str, entries: Sequence[Entry]) -> tuple[str, ...]:
    """「工成师」 sounds like 「工程师」, which is a word for 「中级」."""
    if len(said) < _LEAST:
        return ()
    heard = (one for word, one in table().items() if pinyin.same(_sounds(said), _sounds(word)))
    return next((tokens for one in heard if (tokens := _of_synonym(one, entries))), ())


def _sounding_within(said: str, entries: Sequence[Entry]) -> tuple[str, ...]:
    def fits(label: str) -> bool:
        shorter, longer = sorted((said, bare(label)), key=len)
        return len(shorter) >= _LEAST and pinyin.within(_sounds(shorter), _sounds(longer))

    return _matching(entries, fits)


def _slipped(said: str, entries: Sequence[Entry]) -> tuple[str, ...]:
    """One slip in a word of three characters (five letters), two from six (nine) on."""
    first, second = (5, 9) if said.isascii() else (_LEAST, 6)

    def fits(label: str) -> bool:
        word = bare(label)
        allowed = (len(word) >= first) + (len(word) >= second)
        return bool(allowed) and abs(len(said) - len(word)) <= allowed and _slips(said, word) <= allowed

    return _matching(entries, fits)


def _slips(one: str, other: str) -> int:
    """How many characters were typed wrongly, left out, put in, or swapped with their neighbour."""
    before, row = [0] * (len(other) + 1), list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        older, before, row = before, row, [i] * (len(other) + 1)
        for j, b in enumerate(other, start=1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                row[j] = min(row[j], older[j - 2] + 1)
    return row[-1]
