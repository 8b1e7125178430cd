"""How characters sound, to find what was typed or dictated wrongly (同音字): to offer, never to take. Pure.

The readings are pypinyin's table of single characters. Its file of data is read by itself: importing the package also
loads its phrases, fifty megabytes that nothing here needs. That happens once, when somebody was not understood.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path

_LATER = "\u0300\u0301\u0304\u030c\u0302"  # what marks a tone
# 平翘舌, 前后鼻音, n and l: told apart by few ears and by fewer microphones
_BLURRED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))

_COMMON = 2  # readings of a character that count; further ones are of old words and names

Sound = frozenset[str]


def sounds(text: str) -> tuple[Sound, ...]:
    """For each character its possible syllables, without tones and blurred; what has no reading sounds as itself."""
    return tuple(_sound(character) for character in text)


def spelled(text: str) -> str:
    """`text` in Latin letters without tones, each character as it is mostly read: 高级 → ``gaoji``."""
    return "".join(found[0] if (found := _syllables(character)) else character for character in text)


def readings(text: str) -> tuple[tuple[str, ...], ...]:
    """For each character its readings without tones, the usual one first; what has none reads as itself."""
    return tuple(_syllables(character) or (character,) for character in text)


def same(one: tuple[Sound, ...], other: tuple[Sound, ...]) -> bool:
    """Whether two texts may sound the same."""
    return len(one) == len(other) and all(a & b for a, b in zip(one, other, strict=True))


def within(part: tuple[Sound, ...], whole: tuple[Sound, ...]) -> bool:
    """Whether `whole` may sound as if `part` were in it."""
    return any(same(part, whole[at : at + len(part)]) for at in range(len(whole) - len(part) + 1))


@cache
def _sound(character: str) -> Sound:
    found = _syllables(character)
    return frozenset(map(_blur, found)) if found else frozenset({character})


def _blur(syllable: str) -> str:
    for sharp, blurred in _BLURRED:
        if syllable.startswith(sharp):
            syllable = blurred + syllable[len(sharp) :]
    return syllable[:-1] if syllable.endswith("ng") else syllable


@cache
def _syllables(character: str) -> tuple[str, ...]:
    """Its readings without tones, the usual one first; none for what is no character."""
    readings = _readings().get(ord(character), "")
    return tuple(dict.fromkeys(map(_toneless, readings.split(","))))[:_COMMON] if readings else ()


@cache
def _readings() -> dict[int, str]:
    package = find_spec("pypinyin")
    assert package is not None and package.origin is not None
    spec = spec_from_file_location("pypinyin_readings", Path(package.origin).with_name("pinyin_dict.py"))
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    found: dict[int, str] = module.pinyin_dict
    return found


def _toneless(reading: str) -> str:
    plain = "".join(sign for sign in unicodedata.normalize("NFD", reading) if sign not in _LATER)
    return unicodedata.normalize("NFC", plain).replace("ü", "v")
