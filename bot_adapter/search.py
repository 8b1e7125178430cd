"""Long lists are searched by typing: the best few matches, numbered. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from models.programme.pack import Option

LONG = 16  # a list of more options is searched instead of shown
SHOWN = 8  # matches shown at once


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace(" ", "")


def _texts(option: Option) -> tuple[str, ...]:
    hint = (option.hint.zh, option.hint.en) if option.hint else ()
    return (option.label.zh, option.label.en, option.value, option.group, option.group_en, *hint)


def _score(query: str, option: Option) -> int:
    """How well `option` fits: 0 not at all; an exact label before a prefix, a part, the group, scattered letters."""
    labels = [_folded(option.label.zh), _folded(option.label.en), _folded(option.value)]
    if query in labels:
        return 5
    if any(label.startswith(query) for label in labels):
        return 4
    if any(query in label for label in labels):
        return 3
    if any(query in _folded(text) for text in _texts(option)):
        return 2
    # 「高教」 finds 「高等学校教师」: every character in its order, in the label only
    return 1 if len(query) > 1 and any(_in_order(query, label) for label in labels) else 0


def _in_order(query: str, label: str) -> bool:
    rest = iter(label)
    return all(character in rest for character in query)


def search(query: str, options: Iterable[Option]) -> list[Option]:
    """Every option that fits `query`, best first, the list's own order among equals. Weak matches (characters merely
    in order) appear only where nothing better does."""
    wanted = _folded(query)
    if not wanted:
        return []
    scored = [(score, option) for option in options if (score := _score(wanted, option))]
    best = [pair for pair in scored if pair[0] > 1] or scored
    return [option for _, option in sorted(best, key=lambda pair: -pair[0])]


def exact(query: str, options: Iterable[Option]) -> Option | None:
    """The option whose label or value is exactly `query`, if there is just one."""
    wanted = _folded(query)
    found = [o for o in options if wanted in {_folded(o.label.zh), _folded(o.label.en), _folded(o.value)}]
    return found[0] if len(found) == 1 else None


def groups(options: Sequence[Option], lang: str, limit: int = SHOWN) -> list[str]:
    """The first headings of a long list in `lang`, as examples of what to type."""
    return list(dict.fromkeys(heading for option in options if (heading := option.heading(lang))))[:limit]
