"""How typed words choose from numbered options: digits of any width, 「一」「第二个」「the second」, the words. Pure.

Nothing is guessed: a text that fits two options chooses none and gives the candidates back, and a text with a
negation never chooses by a word inside it (「不是高级技师」 is not 「高级技师」).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from bot_adapter.commands import normalise
from models.frozen import dataclass

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "壹": 1, "贰": 2, "叁": 3}
_CHINESE = "零〇一二三四五六七八九十两壹贰叁"
_NUMBER = rf"(?:[0-9]+|[{_CHINESE}]+)"
_SPOKEN = r"[嗯呃那就我想要选择答案应该是,，\s]*"  # what people say before a number: 「那我就选第二个吧」
_ONE = re.compile(rf"^{_SPOKEN}第?\s*({_NUMBER})\s*(?:个|项|号|条|种|类|选项)?[吧呢啊呀嘛的了]*\s*[.、)]?$")
_SIGN = re.compile(r"[①-⑳⑴-⒇]")  # 「①③」 is 1 and 3, which half-width digits would make 13
_KEYCAP = re.compile(r"(?<=[0-9])\ufe0f?\u20e3")  # the digit in a box of an emoji keyboard
_TO = re.compile(r"(?<=[0-9零一二三四五六七八九十])\s*(-|~|—|–|到|至)\s*(?=第?[0-9零一二三四五六七八九十])")
_FIRST_FEW = re.compile(rf"^{_SPOKEN}(?:前面?|头)({_NUMBER})\s*(?:个|项|条|种)?(?:都[选有是])?[吧呢啊的了]*$")
_RANGE = re.compile(rf"^第?({_NUMBER})(?:个|项)?\s*(?:-|~|—|–|到|至)\s*第?({_NUMBER})(?:个|项)?$")
_SEPARATORS = re.compile(r"[\s,，、;；/|+&。]+|(?:以及|还有|和|与|及|跟)")
NEGATION = re.compile(r"不|没|非|无|未|否|\bno\b|\bnot\b|n't|\bnone\b")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_CARDINALS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ENGLISH = {word: n for words in (_ORDINALS, _CARDINALS) for n, word in enumerate(words, start=1)}
_ENGLISH_PARTS = re.compile(r"[a-z]+|([0-9]+)(?:st|nd|rd|th)?|\S")
_FILLERS = frozenset({"the", "option", "options", "number", "numbers", "choice", "item", "and", "#", ",", "&"})
_BARE_NO = re.compile(r"^(?:没有?|无|不|否|非|未|都?没有|no|not|none)$")
_ASSENTING = "是 有 在 对 好 行 嗯 会 能 要 算 可以 是的 对的 有的 好的 都是 都有 没错 同意 确认 ok yes y"
_BARE_YES = frozenset(_ASSENTING.split())
_LATIN = re.compile(r"^[\x00-\x7f]*$")
_PUNCTUATION = re.compile(r"[\s,，、;；/|。.:：()（）「」《》“”\"'·-]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing that can be chosen: its token, and every wording that means it (labels in both languages, synonyms)."""

    token: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a text chose. Exactly one is filled in: `tokens`, or `candidates` (ambiguous), or neither (not understood).

    `bad_number` is a number that is not on the list."""

    tokens: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    bad_number: int | None = None


def to_number(text: str) -> int | None:
    """``3``, ``十二``, ``二十`` → the number; anything else → None. Up to ninety-nine in characters."""
    if text.isdecimal() and text.isascii():
        return int(text) if len(text) <= 9 else None
    if "十" in text:
        tens, _, ones = text.partition("十")
        if tens not in _DIGITS and tens:
            return None
        if ones not in _DIGITS and ones:
            return None
        return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
    return _DIGITS.get(text)


def _english_numbers(folded: str) -> str:
    """「the second one」, 「first and 3rd」, 「option two」 as digits; every other text as it is."""
    out: list[str] = []
    for found in _ENGLISH_PARTS.finditer(folded):
        word = found[0]
        if found[1]:
            out.append(found[1])
        elif word in ("one", "ones") and out:
            continue  # "the second one"
        elif word in _ENGLISH:
            out.append(str(_ENGLISH[word]))
        elif word not in _FILLERS:
            return folded
    return " ".join(out) if out and re.search(r"[a-z#]", folded) else folded


def _apart(text: str) -> str:
    """Each number by itself: circled ones parted, boxes off, a range in one piece."""
    parted = _SIGN.sub(lambda sign: f" {sign[0]} ", text)
    return _TO.sub(r"\1", _KEYCAP.sub(" ", parted))


def numbers(text: str, count: int, *, many: bool) -> tuple[int, ...] | None:
    """The numbers that `text` consists of, in its order and without repeats, or None if it is not only numbers.

    With `many`, ``135`` for at most nine options is read as 1, 3 and 5. Numbers may lie outside 1..count.
    """
    folded = normalise(text)
    if not (text.isascii() and folded.isdecimal()):
        folded = _english_numbers(normalise(_apart(text)))
    if many and (few := _FIRST_FEW.match(folded)) and (last := to_number(few[1])) and last <= 99:
        return tuple(range(1, last + 1))
    whole = _ONE.match(folded)
    if whole is not None:
        number = to_number(whole[1])
        if number is not None:
            together = whole[1].isdecimal() and number > count and count <= 9 and len(set(whole[1])) == len(whole[1])
            return tuple(int(digit) for digit in whole[1]) if many and together else (number,)
    found: list[int] = []
    for part in filter(None, _SEPARATORS.split(folded)):
        span, one = (_RANGE.match(part) if many else None), _ONE.match(part)
        if span is not None:
            first, last = to_number(span[1]), to_number(span[2])
            if first is None or last is None or not first <= last <= first + 99:
                return None
            found.extend(range(first, last + 1))
        elif one is not None and (number := to_number(one[1])) is not None:
            found.append(number)
        else:
            return None
    return tuple(dict.fromkeys(found)) or None


def bare(text: str) -> str:
    """As words are compared: half width, lower case, no blanks and no signs between."""
    return _PUNCTUATION.sub("", normalise(text))


def _holds(whole: str, part: str, *, ended: bool = False) -> bool:
    """Whether `part` stands in `whole`; Latin letters only from the beginning of a word on, with `ended` to its end:
    "no" is not in "I know", nor "yes" in "yesterday"."""
    if not _LATIN.match(part):
        return bare(part) in bare(whole)
    words = normalise(part)
    found = re.search(rf"(?<![a-z0-9]){re.escape(words)}{'(?![a-z0-9])' if ended else ''}", normalise(whole))
    return bool(words) and found is not None


@lru_cache(maxsize=1024)
def all_bare(words: tuple[str, ...]) -> frozenset[str]:
    """`bare` for the words of an entry: the same ones are offered again and again."""
    return frozenset([bare(word) for word in words])


def _exactly(wanted: str, entries: Sequence[Entry]) -> list[str]:
    """The tokens of the entries that are called so; `wanted` as `bare` gives it."""
    return [entry.token for entry in entries if wanted in all_bare(entry.words)]


def by_words(text: str, entries: Sequence[Entry]) -> tuple[str, ...]:
    """Tokens that the words of `text` mean: one (sure), several (ambiguous) or none."""
    wanted = bare(text)
    if not wanted:
        return ()
    exact = _exactly(wanted, entries)
    if exact:
        return tuple(dict.fromkeys(exact))
    # 「无」 alone means none of a list, never 「无党派人士」 because it begins so, and 「是」 no option that has this
    # sign somewhere; one Latin letter means nothing
    if _BARE_NO.match(wanted) or wanted in _BARE_YES or (len(wanted) < 2 and _LATIN.match(wanted)):
        return ()
    inside = [entry.token for entry in entries if any(_holds(word, text) for word in entry.words)]
    if inside:
        return () if NEGATION.search(wanted) and len(inside) > 1 else tuple(dict.fromkeys(inside))
    if len(wanted) < 2:
        return ()
    if NEGATION.search(normalise(text)):
        return ()
    around: dict[str, str] = {}
    for entry in entries:
        longest = max(
            (bare(w) for w in entry.words if len(bare(w)) >= 2 and _holds(text, w, ended=True)), key=len, default=""
        )
        if longest:
            around[entry.token] = longest
    best = max(around.values(), key=len, default="")
    if all(word in best for word in around.values()):  # 「高级技师」 said: 「技师」 inside it does not count
        return tuple(token for token, word in around.items() if word == best)
    return tuple(around)


def choose_one(text: str, entries: Sequence[Entry]) -> Chosen:
    """Choose one entry by number or by words. The words win where an option is itself a number."""
    wanted = bare(text)
    exact = _exactly(wanted, entries)
    listed = None if exact else numbers(text, len(entries), many=False)
    if listed is not None:
        if len(listed) == 1 and 1 <= listed[0] <= len(entries):
            return Chosen(tokens=(entries[listed[0] - 1].token,))
        return Chosen(bad_number=next((n for n in listed if not 1 <= n <= len(entries)), None))
    found = by_words(text, entries)
    return Chosen(tokens=found) if len(found) == 1 else Chosen(candidates=found)


def choose_many(text: str, entries: Sequence[Entry]) -> Chosen:
    """Choose several entries: ``1 3 5``, ``1,3、5``, ``1-3``, or words parted by commas."""
    listed = numbers(text, len(entries), many=True)
    if listed is not None:
        wrong = [number for number in listed if not 1 <= number <= len(entries)]
        if wrong:
            return Chosen(bad_number=wrong[0])
        return Chosen(tokens=tuple(entries[number - 1].token for number in listed))
    parts = [part for part in re.split(r"[,，、;；\n]+", text) if part.strip()]
    wanted = bare(text)
    exact = _exactly(wanted, entries)
    if exact or len(parts) < 2:
        whole = by_words(text, entries)
        return Chosen(tokens=whole) if len(whole) == 1 else Chosen(candidates=whole)
    tokens: list[str] = []
    for part in parts:
        one = choose_one(part, entries)
        if len(one.tokens) != 1:
            return Chosen(candidates=one.candidates, bad_number=one.bad_number)
        tokens.extend(one.tokens)
    return Chosen(tokens=tuple(dict.fromkeys(tokens)))
