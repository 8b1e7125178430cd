"""The ID card before the form: photographed first, read by a worker, and what was read offered to be confirmed.

Optional at every step: the person may say no, may go on while it is being read, and fills in by hand whatever could not
be read. Only what they have confirmed is recorded, as their own answers; the event names fields, never values.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import select

from models import clock, crypto
from models.application import drafting, events, lifecycle, readings, record
from models.application.tables import Event
from models.documents import prefill as pure
from models.documents.prefill import Proposal
from models.errors import Conflict, InvalidAnswer
from models.extensions import db
from models.interview.steps import Ask
from models.programme.form import Document
from models.unit_of_work import joined, unit_of_work

if TYPE_CHECKING:
    from models.application.queries import ApplicationView

# offer: not photographed yet; reading: a page has not been read yet; ready: something to confirm; unread: every page
# was looked at and gives nothing.
Stage = Literal["offer", "reading", "ready", "unread"]
_ASKED = frozenset({"prefilled", "prefill_declined"})


@dataclass(frozen=True, slots=True)
class Prefill:
    """Where it stands. `mark` says in short what is offered: an offer that has changed is not the one confirmed."""

    document: Document
    ask: Ask
    stage: Stage
    fields: tuple[Ask, ...]  # the open questions that the paper would answer
    proposals: tuple[Proposal, ...]
    mark: str
    asked: bool  # the person has said yes or no already

    @property
    def confirmable(self) -> dict[str, Any]:
        """What 「都对」 records."""
        return {one.ask.key: one.value for one in pure.to_confirm(self.proposals)}


@cache
def reader_is_there() -> bool:
    """Whether this installation can read papers at all (the extra ``ocr``)."""
    return all(importlib.util.find_spec(name) is not None for name in ("rapidocr", "onnxruntime"))


def prefill(view: ApplicationView) -> Prefill | None:
    """What there is to offer on this draft; None before the form, after the hand-in, without the consents, where nobody
    can read, and where nothing is left that the paper would answer."""
    if view.status != lifecycle.DRAFT or "verdict" not in view.plan.answered:
        return None
    document = pure.document_of(view.pack)
    if document is None:
        return None
    ask = view.plan.ask(f"document:{document.id}")
    fields = pure.open_fields(view.pack, view.plan, document)
    if ask is None or not fields or not pure.consented(view.pack, view.answers):
        return None
    asked = is_settled(view)
    pages = [page for page in view.document_pages(document.id) if page.state != "retake"]
    if not pages:
        worth = reader_is_there() and len(fields) >= pure.WORTH and ask.key not in view.plan.answered
        return Prefill(document, ask, "offer", fields, (), "", asked) if worth else None
    found = readings.of_application(view.application.id)
    read = [found[page.id] for page in pages if page.id in found]
    made = pure.proposals(view.pack, view.answers, document, read, clock.current().today())
    stage: Stage = "ready" if made else "reading" if len(read) < len(pages) else "unread"
    return Prefill(document, ask, stage, fields, made, _mark(made), asked)


def is_settled(view: ApplicationView) -> bool:
    """Whether the person has said yes or no already, so that it is no step any more."""
    return not _ASKED.isdisjoint(view.snapshot.kinds)


def is_due(now: Prefill | None) -> bool:
    """Whether it is a step of its own now: said neither yes nor no before."""
    return now is not None and not now.asked and now.stage in ("offer", "ready")


def accept(app_id: str, values: Mapping[str, Any], mark: str, door: str) -> dict[str, InvalidAnswer]:
    """Record what the person has confirmed or corrected, all or none: what is refused is given back by key.

    Raises Conflict where the offer is no longer the one that was shown (somebody typed meanwhile, a page was turned);
    twice records once. InvalidAnswer after the hand-in.
    """
    refused: dict[str, InvalidAnswer] = {}
    try:
        with unit_of_work() as session:
            subject = record.draft(session, app_id)
            now = _current(app_id)
            if (now is None or now.mark != mark) and _said_yes(app_id, mark):
                return {}  # a second tap
            if now is None or now.mark != mark:
                raise Conflict("error.prefill_changed")
            given = _with_what_follows(now, values)
            refused = drafting.save_partial(app_id, given, door)
            if refused:
                raise _Refused
            offered = [one.ask.key for one in now.proposals]
            same = [key for key, value in given.items() if now.confirmable.get(key) == value]
            events.append(
                session,
                subject.application,
                "prefilled",
                events.APPLICANT,
                door=door,
                document=now.document.id,
                mark=mark,
                offered=offered,
                accepted=list(given),
                corrected=len(given) - len(same),
                fields=len(given),
            )
    except _Refused:
        pass
    return refused


class _Refused(Exception):
    """Something was refused: nothing of the call is kept."""


def decline(app_id: str, door: str) -> None:
    """「我自己填」: not offered as a step again. Saying it again, or after the hand-in, changes nothing."""
    with joined() as session:
        before = record.taken(session, app_id).snapshot
        asked = any(event.type in _ASKED for event in before.events)
        if before.application.status == lifecycle.DRAFT and not asked:
            record.happened(session, before, "prefill_declined", events.APPLICANT, door=door)


def _with_what_follows(now: Prefill, values: Mapping[str, Any]) -> dict[str, Any]:
    """Only what was offered, without what was left blank; and what follows from the ID number, unless that was
    corrected (then the form asks, with its own suggestion)."""
    keys = {one.ask.key for one in now.proposals if one.trust != "follows"}
    given = {key: value for key, value in values.items() if key in keys and not _blank(value)}
    numbers = [one for one in now.proposals if one.ask.kind == "id_number"]
    if all(given.get(one.ask.key) == one.value for one in numbers):
        given |= {one.ask.key: one.value for one in now.proposals if one.trust == "follows"}
    return given


def _blank(value: Any) -> bool:
    return value in (None, []) or (isinstance(value, str) and not value.strip())


def _current(app_id: str) -> Prefill | None:
    from models.application import queries

    return prefill(queries.view(app_id))


def _asked(app_id: str) -> bool:
    query = select(Event.seq).where(Event.application_id == app_id, Event.type.in_(_ASKED)).limit(1)
    return db.session.scalar(query) is not None


def _said_yes(app_id: str, mark: str) -> bool:
    """Whether this very offer was confirmed before."""
    query = select(Event.data).where(Event.application_id == app_id, Event.type == "prefilled")
    return any(data.get("mark") == mark for data in db.session.scalars(query))


def _mark(made: tuple[Proposal, ...]) -> str:
    what = json.dumps([[one.ask.key, one.trust, one.value, one.text] for one in made], ensure_ascii=False)
    return crypto.ring().blind_index(what, "prefill")[:32]
