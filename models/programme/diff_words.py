"""The differences between two versions of a pack in words: by area, then by thing, each with both wordings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from models.interview.wording import say, spoken_date, text
from models.programme.diff import Change, Kind, is_part, named
from models.programme.pack import Condition, Pack, Text

# In reading order. A part of the pack that is not named here makes an area of its own, after these.
AREAS = (
    *("programme", "dates", "categories", "rules", "settings", "facts", "routes", "fields", "documents", "consents"),
    *("tables", "selection", "scoring", "afterwards", "open", "clauses", "codes", "messages"),
)
_AREA: dict[tuple[str, ...], str] = {
    **{("programme", name): "dates" for name in ("issued", "opens", "closes", "dates_clause", "calendar")},
    **{("programme", name): "consents" for name in ("consents", "declarations", "duties")},
    ("programme", "settings"): "settings",
    ("programme", "open_points"): "open",
    **{("eligibility", name): "categories" for name in ("claim_question", "claim_hint", "categories", "ladders")},
    **{(part, "conditions"): "rules" for part in ("eligibility", "routing")},
    **{(part, "facts"): "facts" for part in ("eligibility", "routing")},
    ("eligibility",): "rules",
    ("routing",): "routes",
    ("form",): "fields",
    ("terms",): "clauses",
    ("workbooks",): "tables",
}
_CALLED = ("title", "label", "name", "question", "text", "what", "reason", "heading", "header", "zh")
_SILENT = frozenset({"id", "ref", "clause"})  # said in the heading of a thing
_SHOWN = 8  # members of a list that are named
_RULES = ("eligibility.conditions", "routing.conditions", "eligibility.groups")
_REFERS = {  # attributes that hold ids, and where in the pack their names are
    **dict.fromkeys(("all", "any", "none", "ask_when", "condition"), _RULES),
    **dict.fromkeys(("category", "categories"), ("eligibility.categories", "eligibility.ladders")),
    **dict.fromkeys(("fact", "from_fact", "unit_by", "channel_fact"), ("eligibility.facts", "routing.facts")),
    **dict.fromkeys(("unit", "office", "fallback"), ("routing.units",)),
    "evidence": ("documents.documents",),
}


@dataclass(frozen=True, slots=True)
class Line:
    """What of a thing: the attribute, and the value as it was and as it is (empty where there was or is none)."""

    attribute: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that differs: how people call it, its id and clause, and its lines. `changes` are behind it."""

    kind: Kind
    name: str
    ident: str
    clause: str
    lines: tuple[Line, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Area:
    """What belongs together for a reader."""

    id: str
    title: str
    items: tuple[Item, ...]


def areas(changes: Iterable[Change], old: Pack, new: Pack, lang: str) -> tuple[Area, ...]:
    """All changes in reading order."""
    found: dict[str, dict[tuple[str, ...], list[Change]]] = {}
    for change in changes:
        place = change.place or (*change.path[:1], "")
        found.setdefault(area(change), {}).setdefault(place, []).append(change)
    order = [*(name for name in AREAS if name in found), *(name for name in found if name not in AREAS)]
    teller = _Teller((old, new), lang)
    return tuple(
        Area(name, teller.word("diff.area", name), tuple(teller.item(group) for group in found[name].values()))
        for name in order
    )


def area(change: Change) -> str:
    """The area (see AREAS) of a change."""
    return _AREA.get(change.path[:2]) or _AREA.get(change.path[:1]) or change.path[0]


def called(thing: Any, lang: str) -> str:
    """What people call a thing; empty where it has no name of its own."""
    if isinstance(thing, Text):
        return thing.get(lang)
    for attribute in _CALLED if is_part(thing) else ():
        value = getattr(thing, attribute, None)
        if isinstance(value, Text):
            return value.get(lang)
        if isinstance(value, str) and value:
            return value
    return ""


class _Teller:
    def __init__(self, packs: tuple[Pack, Pack], lang: str) -> None:
        self._packs, self._lang = packs, lang

    def word(self, group: str, name: str) -> str:
        """The word for a name of the vocabulary; one that has none yet is shown as it is."""
        try:
            return text(f"{group}.{name}").get(self._lang)
        except KeyError:
            return name

    def item(self, changes: Sequence[Change]) -> Item:
        first = changes[0]
        before, after = first.things
        thing = after if after is not None else before
        if not first.depth:
            lines = tuple(line for change in changes for line in self._lines(change))
            return Item(Kind.CHANGED, "", "", "", lines, tuple(changes))
        whole = not first.attribute and first.kind in (Kind.ADDED, Kind.REMOVED)
        if whole:
            lines = tuple(self._facets(first.kind, thing, self._packs[0 if after is None else 1]))
        else:
            lines = tuple(line for change in changes for line in self._lines(change))
        ident = str(getattr(thing, "id", "") or first.place[-1])
        name = called(thing, self._lang) or ident
        clause = str(getattr(thing, "clause", "") or "")
        return Item(
            first.kind if whole else Kind.CHANGED, name, "" if name == ident else ident, clause, lines, tuple(changes)
        )

    def _lines(self, change: Change) -> Iterator[Line]:
        attribute = self._spell(change)
        if change.kind is Kind.REORDERED:
            order = say("diff.order", self._lang)
            old, new = (
                self._order(change, names, pack)
                for names, pack in zip((change.old, change.new), self._packs, strict=True)
            )
            yield Line(self._joined_steps((attribute, order)), old, new)
            return
        if isinstance(change.old, Text) and isinstance(change.new, Text):
            for lang in ("zh", "en"):
                old, new = change.old.get(lang), change.new.get(lang)
                if old != new and (lang == self._lang or change.old.get(self._lang) == change.new.get(self._lang)):
                    yield Line(attribute, self._foreign(old, lang), self._foreign(new, lang))
            return
        name = change.path[-1]
        old, new = (
            self.value(name, value, pack, thing)
            for value, pack, thing in zip((change.old, change.new), self._packs, change.things, strict=True)
        )
        yield Line(attribute, old, new)

    def _order(self, change: Change, names: Sequence[str], pack: Pack) -> str:
        """The members of a list in their order, as people call them."""
        here: Any = pack
        for step in change.path:
            here = getattr(here, step) if is_part(here) else here[step] if isinstance(here, dict) else named(here)[step]
        members = named(here)
        return self._list(called(members[name], self._lang) or name for name in names)

    def _foreign(self, wording: str, lang: str) -> str:
        """A wording in the language that is not the reader's, where only that one has changed."""
        if lang == self._lang:
            return wording
        return say("diff.in_english" if lang == "en" else "diff.in_chinese", self._lang, value=wording)

    def _spell(self, change: Change) -> str:
        """``选项 · 博士 · 名称``: the way from the thing to what has changed of it."""
        steps = change.attribute if change.depth else change.path[1:] or change.path
        thing: Any = next((one for one in reversed(change.things) if one is not None), None) if change.depth else None
        words = []
        for step in steps:
            if is_part(thing) and step in type(thing).model_fields:
                thing = getattr(thing, step)
                words.append(self.word("diff.attribute", step))
                continue
            members = named(thing) if isinstance(thing, tuple) else {}
            thing = members.get(step)
            words.append(called(thing, self._lang) or self.word("diff.attribute", step))
        return self._joined_steps(words)

    def _joined_steps(self, words: Iterable[str]) -> str:
        return " · ".join(word for word in words if word)

    def _facets(self, kind: Kind, thing: Any, pack: Pack) -> Iterator[Line]:
        """What an added or removed thing says, but for what its heading tells and what is left at its default."""
        if not is_part(thing):
            value = self.value("", thing, pack, None)
            yield Line("", value if kind is Kind.REMOVED else "", value if kind is Kind.ADDED else "")
            return
        for name, spec in type(thing).model_fields.items():
            value = getattr(thing, name)
            if name in _SILENT or value == spec.default or called(thing, self._lang) == called(value, self._lang) != "":
                continue
            said = self.value(name, value, pack, thing)
            yield Line(
                self.word("diff.attribute", name),
                said if kind is Kind.REMOVED else "",
                said if kind is Kind.ADDED else "",
            )

    def value(self, attribute: str, value: Any, pack: Pack, thing: Any) -> str:
        """A value as people read it; nothing for nothing."""
        if value is None or value in ("", ()):
            return ""
        if isinstance(value, Text):
            return value.get(self._lang)
        if isinstance(value, bool):
            return say("diff.yes_no.yes" if value else "diff.yes_no.no", self._lang)
        if isinstance(value, date):
            return spoken_date(value, self._lang)
        if isinstance(value, tuple):
            return self._list([self.value(attribute, item, pack, thing) for item in value])
        if is_part(value):
            return called(value, self._lang) or self._parts(value, pack)
        return self._named(attribute, str(value), pack, thing)

    def _parts(self, part: Any, pack: Pack) -> str:
        """A part without a name (when something is needed): its attributes that are set."""
        fields = type(part).model_fields.items()
        said = [
            f"{self.word('diff.attribute', name)} {self.value(name, getattr(part, name), pack, part)}"
            for name, spec in fields
            if getattr(part, name) != spec.default
        ]
        return ("；" if self._lang == "zh" else "; ").join(said)

    def _list(self, names: Iterable[str]) -> str:
        told = list(names)
        joined = ("、" if self._lang == "zh" else ", ").join(told[:_SHOWN])
        return joined if len(told) <= _SHOWN else say("diff.more", self._lang, shown=joined, count=len(told))

    def _named(self, attribute: str, value: str, pack: Pack, thing: Any) -> str:
        """What an id refers to, by its name."""
        if attribute == "op":
            return self.word("diff.op", value)
        if attribute == "kind":
            return self.word("diff.type", value)
        if attribute == "value" and isinstance(thing, Condition):
            options = {o.value: o for fact in _at(pack, "facts") if fact.id == thing.fact for o in fact.options}
            return called(options.get(value), self._lang) or value
        for place in _REFERS.get(attribute, ()):
            part, _, name = place.partition(".")
            for one in getattr(getattr(pack, part), name):
                if one.id == value:
                    return called(one, self._lang)
        return value


def _at(pack: Pack, name: str) -> tuple[Any, ...]:
    return (*getattr(pack.eligibility, name), *getattr(pack.routing, name))
