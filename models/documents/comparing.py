"""What was read on the pages held against what was typed: agrees, differs, unreadable, not checked.

A difference is a question to the person and a mark for the reviewer; nothing here refuses anybody. What the machine is
not sure of is *unreadable*, never *differs*.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from models.documents import words
from models.documents.reading import Found, PageReading
from models.errors import InvalidAnswer
from models.programme import idnumber
from models.programme.form import Document, FormField
from models.programme.mentions import form_fields
from models.programme.pack import Pack
from models.programme.papers import Shows, paper_of

# nothing_typed: it stands on the paper, and the form does not ask it (or the person left it out).
Outcome = Literal["differs", "not_checked", "unreadable", "agrees", "nothing_typed"]
ORDER: tuple[Outcome, ...] = ("differs", "not_checked", "unreadable", "agrees", "nothing_typed")

SURE = 0.8  # a reader less confident than this has read nothing that could contradict a person
SEVERAL = 4  # digits of an unproven ID number that have to differ before it is another number
_OF_THE_PERSON = frozenset({"name", "id_number", "sex", "birth_date", "ethnicity"})  # the same on every paper


class Page(Protocol):
    """A kept page; `models.application.tables.DocumentPage` is one."""

    @property
    def id(self) -> str: ...
    @property
    def document(self) -> str: ...
    @property
    def position(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Compared:
    """One thing on one paper. `key`: the answer it is held against, empty where the form asks no such thing.
    `page_id`: where it was read, or the first page where it should have been. `confirmed`: the person stands by it."""

    outcome: Outcome
    document: str
    page_id: str
    name: str
    key: str = ""
    clause: str = ""
    typed: Any = field(default=None, repr=False)
    found: Found | None = field(default=None, repr=False)
    confirmed: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it is still a question to the person."""
        return self.outcome == "differs" and not self.confirmed


def compare(
    pack: Pack,
    answers: Mapping[str, Any],
    pages: Sequence[Page],
    readings: Mapping[str, PageReading],
    confirmed: Mapping[str, Collection[str]],
    live: Collection[str] | None = None,
    *,
    mark: Callable[[str, Any], str] = lambda name, typed: name,
) -> tuple[Compared, ...]:
    """Everything that the papers show, in the order of the documents. `readings` and `confirmed` by page id; `live`:
    the answer keys that count now (None: all); `mark(name, typed)` is what `confirmed` holds of a name."""
    fields = {spec.profile: spec for spec in form_fields(pack) if spec.profile and _is_live(f"field:{spec.id}", live)}
    found: list[Compared] = []
    for document in pack.documents.documents:
        paper = paper_of(document)
        if paper is None or not paper.sides or not _is_live(f"document:{document.id}", live):
            continue
        own = sorted((page for page in pages if page.document == document.id), key=lambda page: page.position)
        for shows in paper.shows if own else ():
            found.extend(_shown(document, shows, fields.get(shows.profile), answers, own, readings))
    return tuple(replace(one, confirmed=mark(one.name, one.typed) in confirmed.get(one.page_id, ())) for one in found)


def _is_live(key: str, live: Collection[str] | None) -> bool:
    return live is None or key in live


def _shown(
    document: Document,
    shows: Shows,
    spec: FormField | None,
    answers: Mapping[str, Any],
    pages: Sequence[Page],
    readings: Mapping[str, PageReading],
) -> Iterator[Compared]:
    """One thing that the paper shows, on each page where it was read; or that it was read on none."""
    typed = answers.get(f"field:{spec.id}") if spec is not None else None
    blank = Compared("nothing_typed", document.id, pages[0].id, shows.name, clause=document.clause)
    if spec is not None:
        blank = replace(blank, key=f"field:{spec.id}", clause=spec.clause or document.clause, typed=typed)
    seen = [(page.id, readings[page.id].found[shows.name]) for page in pages if _has(readings, page, shows.name)]
    if not seen:
        if typed not in (None, "", []):
            yield replace(blank, outcome=_without(pages, readings))
        return
    if spec is None or typed in (None, "", []):
        yield from (replace(blank, page_id=page_id, found=found) for page_id, found in seen)
        return
    held = [replace(blank, outcome=judge(spec, typed, found), page_id=id_, found=found) for id_, found in seen]
    agreed = [one for one in held if one.outcome == "agrees"]
    if agreed and shows.profile not in _OF_THE_PERSON:
        # Of several certificates in one document, one is the one that the form means.
        yield from agreed
        yield from (replace(one, outcome="nothing_typed") for one in held if one not in agreed)
    else:
        yield from held


def _has(readings: Mapping[str, PageReading], page: Page, name: str) -> bool:
    reading = readings.get(page.id)
    return reading is not None and name in reading.found


def _without(pages: Sequence[Page], readings: Mapping[str, PageReading]) -> Outcome:
    """Nothing of the kind was read: because nobody could look at some page, or because it cannot be read."""
    looked = [readings.get(page.id) for page in pages]
    unseen = any(reading is None or reading.state == "not_checked" for reading in looked)
    return "not_checked" if unseen else "unreadable"


def judge(spec: FormField, typed: Any, found: Found) -> Outcome:
    """How one reading stands to what was typed into the field `spec`."""
    same = _same(spec, typed, found)
    if same:
        return "agrees"
    if same is None or (0 < found.score < SURE and not found.trusted):
        return "unreadable"
    return "differs"


def _same(spec: FormField, typed: Any, found: Found) -> bool | None:
    """None where the reading says too little to tell."""
    if not isinstance(typed, str):
        return None
    read = found.value or found.text
    if spec.kind in ("id_number", "passport_number"):
        return _same_number(typed, found)
    if spec.kind in ("date", "month"):
        return _same_date(typed, found.value)
    if not words.plain(read):
        return None
    if spec.kind == "choice":
        meant = words.options_of(spec.options, read) or words.options_of(spec.options, found.text)
        return typed in meant if meant else None
    if spec.kind == "place":
        return words.within(typed, read)
    return _same_text(spec.profile, typed, read)


def _same_text(profile: str, typed: str, read: str) -> bool:
    if profile == "name":
        return words.person(typed) == words.person(read)
    if profile in ("employer", "school"):
        return words.same_body(typed, read)
    if profile in ("household_place", "address", "residence"):
        return words.within(typed, read) or words.plain(typed) == words.plain(read)
    return words.same_title(typed, read)


def _same_date(typed: str, read: str | None) -> bool | None:
    """At the coarser precision of the two: a month agrees with every day in it."""
    if not read or not typed:
        return None
    length = min(len(typed), len(read))
    return typed[:length] == read[:length]


def _same_number(typed: str, found: Found) -> bool | None:
    """A number that proves itself counts as it is; another only where it is plainly not a slip of the reader."""
    read, own = words.plain(found.value or found.text).upper(), words.plain(typed).upper()
    if read == own:
        return bool(read)
    if found.trusted:
        return False
    if len(read) != len(own) or not _is_valid(own):
        return None
    return False if sum(a != b for a, b in zip(read, own, strict=True)) >= SEVERAL else None


def _is_valid(number: str) -> bool:
    try:
        idnumber.check(number)
    except InvalidAnswer:
        return False
    return True
