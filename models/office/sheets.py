"""The reviewer's sheet of one application: typed, read and derived side by side, differences first, with the reasons
that a return would give. What is kept encrypted is masked here; `reveal` shows it for a reason that is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Final

from models.application import differences, readings
from models.application.tables import DocumentPage
from models.clock import CHINA
from models.documents.comparing import Compared
from models.documents.deriving import derived
from models.documents.reading import PageReading
from models.errors import NotFound
from models.interview import wording
from models.office import audit, reviews, scope
from models.office.masking import mask
from models.office.tables import Staff
from models.programme.pack import Document
from models.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from models.application.queries import ApplicationView

_PRIVATE: Final = frozenset({"id_number"})  # hidden wherever they are read, asked or not
# Findings that often have a good explanation: not taken into a return unless staff take them in.
_OFTEN_RIGHT: Final = frozenset({"finding.title_before_graduation", "finding.page_doubtful", "finding.page_waiting"})


@dataclass(frozen=True, slots=True)
class Row:
    """One thing on one paper, in words. `id` names it in a return, `key` is the answer that would be returned;
    `hidden`: both values are masked; `crop`: the photo around it can be shown at once; `taken`: into a return, at
    first."""

    id: str
    outcome: str
    what: str
    document: str
    typed: str
    read: str
    derived: str
    clause: str
    key: str
    page_id: str
    page: int
    name: str
    hidden: bool
    crop: bool
    confirmed: bool
    taken: bool


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something about a document or a page as a whole: a finding of the check, a photo to take again, a mark that only
    staff see. `key` is empty where there is nothing to return; `other` is another application that it is about."""

    id: str
    text: str
    clause: str
    key: str
    page_id: str
    taken: bool
    reason: str
    other: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    rows: tuple[Row, ...]
    doubts: tuple[Doubt, ...]

    def of(self, *outcomes: str) -> tuple[Row, ...]:
        """The rows with these outcomes, those that the person has not explained first."""
        return tuple(sorted((row for row in self.rows if row.outcome in outcomes), key=_place))

    def count(self, outcome: str) -> int:
        """How many rows have this outcome."""
        return len(self.of(outcome))


def _place(row: Row) -> tuple[int, bool]:
    return ("differs", "not_checked", "unreadable", "agrees", "nothing_typed").index(row.outcome), row.confirmed


def sheet(view: ApplicationView, lang: str) -> Sheet:
    """Everything that was read, and every doubt, in the language of the page."""
    read = readings.of_application(view.application.id)
    rows = [_row(view, one, read, lang) for one in differences.compared(view, read)]
    return Sheet(tuple(_together(rows, lang)), (*_findings(view, lang), *_pages(view, lang)))


def marks(view: ApplicationView, lang: str) -> tuple[Doubt, ...]:
    """What only staff are told about the photos: nobody has to answer for it, so nothing else shows it."""
    return tuple(doubt for doubt in _pages(view, lang) if not doubt.taken)


def prepared(view: ApplicationView, ids: Collection[str], lang: str) -> dict[str, str]:
    """By answer key, the reasons for returning what `ids` name, in the language that the applicant reads."""
    if not ids:
        return {}
    made = sheet(view, lang)
    known = reviews.returnable(view)
    reasons: dict[str, list[str]] = {}
    for row in made.rows:
        if row.id in ids and row.key in known and row.outcome not in ("agrees", "nothing_typed"):
            code = "differs" if row.outcome == "differs" else "unreadable"
            reasons.setdefault(row.key, []).append(
                wording.say(f"prepared.{code}", lang, document=row.document, what=row.what)
            )
    for doubt in made.doubts:
        if doubt.id in ids and doubt.key in known:
            reasons.setdefault(doubt.key, []).append(doubt.reason)
    gap = " " if lang == "en" else ""
    return {key: gap.join(dict.fromkeys(said))[: reviews.LONGEST_REASON] for key, said in reasons.items()}


def found(view: ApplicationView, page_id: str, name: str) -> tuple[Compared, PageReading]:
    """What was read as `name` on the page, with the page's reading. Raises NotFound."""
    read = readings.of_application(view.application.id)
    for one in differences.compared(view, read):
        if one.page_id == page_id and one.name == name and one.found is not None:
            return one, read[page_id]
    raise NotFound("office.not_found")


def is_hidden(view: ApplicationView, one: Compared) -> bool:
    """Whether what was typed and read here is masked by default."""
    ask = view.plan.ask(one.key) if one.key else None
    return one.name in _PRIVATE or one.key in view.sealed_keys or bool(ask and ask.sensitive)


def reveal(staff: Staff, page_id: str, name: str, reason: str, lang: str) -> tuple[str, str]:
    """What was typed and what was read, in plain. The reveal is committed to the audit before they are given.

    Raises NotFound out of reach, InvalidAnswer without a good reason.
    """
    from models.application import queries

    reason = reviews.check_reason(reason)
    staff_id = staff.id
    with unit_of_work() as session:
        page = scope.page(staff, page_id)
        view = queries.view(page.application_id)
        one, _ = found(view, page_id, name)
        values = differences.typed_value(view, one, lang), differences.read_value(one, lang)
        audit.write(session, staff_id, audit.REVEAL, f"page:{page_id}:{name}"[:120], reason)
    return values


def _row(view: ApplicationView, one: Compared, read: dict[str, PageReading], lang: str) -> Row:
    hidden = is_hidden(view, one)
    typed, seen = differences.typed_value(view, one, lang), differences.read_value(one, lang)
    document = f"document:{one.document}"
    differs = one.outcome == "differs"
    kind = "id_number" if one.name == "id_number" else ""
    return Row(
        id=f"{one.page_id}.{one.name}",
        outcome=one.outcome,
        what=differences.label(one).get(lang),
        document=differences.title(view, one).get(lang),
        typed=mask(kind, typed) if hidden else typed,
        read=mask(kind, seen) if hidden else seen,
        derived=_derived(view, one, read, lang),
        clause=one.clause,
        key=one.key if differs and one.key in reviews.returnable(view) else document,
        page_id=one.page_id,
        page=_number(view, one.page_id),
        name=one.name,
        hidden=hidden,
        crop=one.found is not None and one.found.box is not None and not hidden,
        confirmed=one.confirmed,
        taken=one.is_open,
    )


def _together(rows: Sequence[Row], lang: str) -> Iterator[Row]:
    """A paper of which nothing was read takes one row, not one for everything that should stand there."""
    for document, group in groupby(rows, key=lambda row: (row.document, row.page_id)):
        same = list(group)
        outcomes = {row.outcome for row in rows if row.document == document[0]}
        if len(same) < 2 or outcomes not in ({"unreadable"}, {"not_checked"}) or any(row.read for row in same):
            yield from same
            continue
        gap = ", " if lang == "en" else "、"
        what, typed = (gap.join(getattr(row, part) for row in same) for part in ("what", "typed"))
        yield replace(same[0], what=what, typed=typed, hidden=False, derived="")


def _derived(view: ApplicationView, one: Compared, read: dict[str, PageReading], lang: str) -> str:
    value = one.found.value if one.found is not None else None
    if not value:
        return ""
    beside = {name: other.value for name, other in read[one.page_id].found.items() if other.value}
    says = derived(one.name, value, beside, _day(view))
    return wording.say(says[0], lang, **says[1]) if says is not None else ""


def _day(view: ApplicationView) -> date:
    """The day of the hand-in, in China."""
    at = view.application.submitted_at or view.application.updated_at
    return at.astimezone(CHINA).date()


def _number(view: ApplicationView, page_id: str) -> int:
    page = next(page for page in view.pages if page.id == page_id)
    return [other.id for other in view.document_pages(page.document)].index(page_id) + 1


def _findings(view: ApplicationView, lang: str) -> Iterator[Doubt]:
    """What the last check found, those that block first; a photo to take again comes with its page."""
    for finding in sorted(view.findings, key=lambda finding: not finding.blocking):
        if finding.code == "finding.page_retake":
            continue
        said = wording.say(finding.code, lang, **finding.params)
        ready = f"prepared.{finding.code.removeprefix('finding.')}"
        known = ready in wording.catalogue()
        reason = wording.say(ready, lang, **finding.params) if known else said
        taken = (finding.blocking or known) and finding.code not in _OFTEN_RIGHT
        page_id = _first(view, finding.key)
        yield Doubt(f"{finding.code}.{finding.key}", said, finding.clause, finding.key, page_id, taken, reason)


def _first(view: ApplicationView, key: str) -> str:
    """The first page of the document that is named; empty where it is none, or has no page."""
    return next((page.id for page in view.document_pages(key.removeprefix("document:"))), "")


def _pages(view: ApplicationView, lang: str) -> Iterator[Doubt]:
    """Photos that cannot be used, and marks on photos that only staff see."""
    titles = {document.id: document for document in view.pack.documents.documents}
    for page in view.pages:
        document = titles.get(page.document)
        if document is None:
            continue
        where = wording.say("sheet.page", lang, document=document.title, page=_number(view, page.id))
        key = f"document:{page.document}"
        if page.state == "retake":
            why = wording.say(page.reason or "photo.damaged", lang)
            reason = wording.say("prepared.retake", lang, reason=why)
            yield Doubt(f"{page.id}.retake", f"{where}{why}", document.clause, key, page.id, True, reason)
        for number, mark in enumerate(page.flags or ()):
            yield from _flag(mark, f"{page.id}.{number}", where, document, page, lang)


def _flag(
    mark: dict[str, object], id_: str, where: str, document: Document, page: DocumentPage, lang: str
) -> Iterator[Doubt]:
    code = str(mark.get("code", ""))
    if code in wording.catalogue():
        said = wording.say(code, lang, **{name: value for name, value in mark.items() if name != "code"})
        reason = wording.say("prepared.flag", lang, document=document.title)
        key, other = f"document:{document.id}", str(mark.get("application", ""))
        yield Doubt(f"{id_}.{code}", f"{where}{said}", document.clause, key, page.id, False, reason, other)
