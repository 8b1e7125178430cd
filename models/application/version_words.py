"""What a new version of the programme means for one person's application, in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from models.eligibility.compiled import compiled
from models.eligibility.pending import claimed_categories
from models.interview.wording import say
from models.programme.diff import Change, Kind
from models.programme.diff_reach import Reach, reach
from models.programme.diff_words import area, called
from models.programme.loader import spec_by_key
from models.programme.pack import Fact, Pack, Text

_SHOWN = 4  # things of a line that are named
# What people are told of, in this order (areas of `diff_words`). The notice's own dates are not: rounds have theirs.
_TOLD = ("categories", "rules", "facts", "fields", "documents", "consents")
_CONFIRMED = frozenset({"consents", "declarations"})
_UNSEEN = frozenset({"official", "profile", "clause", "quote", "evidence", "sensitive", "id_field", "gb"})
_Mine = dict[tuple[str, Kind], dict[str, Any]]


def plainly(changes: Sequence[Change], old: Pack, new: Pack, answers: Mapping[str, Any]) -> Text:
    """What changes for the person with these answers, a line for each kind of thing."""
    claimed = {name for pack in (old, new) for name in claimed_categories(compiled(pack), answers.get("claim"))}
    mine: _Mine = {}
    for change in changes:
        if not change.attribute or change.attribute[-1] not in _UNSEEN:
            for where, name, thing in _told(change, reach(change, old, new), new, answers, claimed):
                mine.setdefault(where, {})[name] = thing
    return Text(zh=_lines(mine, "zh"), en=_lines(mine, "en"))


def _told(
    change: Change, found: Reach, new: Pack, answers: Mapping[str, Any], claimed: set[str]
) -> Iterator[tuple[tuple[str, Kind], str, Any]]:
    """The things of one change that concern the person: area and kind, a name, the thing."""
    place = area(change)
    if place == "codes":
        for key in sorted(found.keys.intersection(answers)):
            spec = spec_by_key(new, key)
            if spec is not None:
                yield ("facts" if isinstance(spec, Fact) else "fields", Kind.CHANGED), key, spec
        return
    whole = not change.attribute and change.kind in (Kind.ADDED, Kind.REMOVED)
    kind = change.kind if whole else Kind.CHANGED
    if place in _TOLD and _concerns(change, place, kind, found, answers, claimed):
        before, after = change.things if change.depth else (None, None)
        yield (place, kind), change.place[-1] if change.depth else "", after if after is not None else before


def _concerns(
    change: Change, place: str, kind: Kind, found: Reach, answers: Mapping[str, Any], claimed: set[str]
) -> bool:
    if place == "consents":
        return change.path[1] in _CONFIRMED
    if kind is Kind.ADDED:  # will be asked of them, as far as one can tell
        return not found.categories or not found.categories.isdisjoint(claimed)
    return found.touches(answers, claimed)


def _lines(mine: _Mine, lang: str) -> str:
    lines = []
    for place in _TOLD:
        for kind in (Kind.ADDED, Kind.CHANGED, Kind.REMOVED):
            if (place, kind) in mine:
                names = _names(mine[place, kind].values(), lang)
                lines.append(say(f"moved.{place}.{kind.value}" if names else "moved.rules.some", lang, what=names))
    return "\n".join(f"· {line}" for line in dict.fromkeys(lines)) or say("moved.nothing", lang)


def _names(things: Iterable[Any], lang: str) -> str:
    """The things as people know them; those of one name once."""
    names = dict.fromkeys(name for thing in things if (name := called(thing, lang)))
    told = [f"“{name}”" if lang == "en" else f"「{name}」" for name in names]
    joined = (", " if lang == "en" else "、").join(told[:_SHOWN])
    return joined if len(told) <= _SHOWN else say("moved.more", lang, shown=joined, count=len(told))
