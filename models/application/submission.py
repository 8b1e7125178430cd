"""Handing in: one transaction that holds the status, the event, the unit, the person's one place and all promises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import clock, crypto, outbox
from models.application import events, lifecycle, moving, notices, packs, record, rounds, ways
from models.application.tables import Application, Round
from models.eligibility.verdict import Assessment, Status
from models.errors import Conflict, NotReady
from models.interview.steps import Plan, Ready, ShowVerdict
from models.office import figure_facts, search_terms, units
from models.office.tables import UnitRow
from models.programme.form import IDENTITY_KINDS
from models.programme.mentions import form_fields
from models.programme.pack import Pack
from models.unit_of_work import unit_of_work

PERSON = "person"  # purpose of the blind index


def submit(app_id: str, door: str, by: tuple[str, str] | None = None) -> Application:
    """Hand in, or hand in again after a return. Handing in what is handed in already changes nothing.

    Raises NotReady (`missing`: keys), NotOpen (WayClosed where only the chosen way in has closed), Conflict where the
    person has a live application already (「不重报」; nothing is said about that one), IllegalTransition where it has
    ended. `by`: the actor and the unit that hand in for somebody who has agreed.
    """
    while True:
        try:
            return _submit(app_id, door, by)
        except _BehindError:  # a draft is judged by the version in force, seen and confirmed by the person
            moving.move_on(app_id)


class _BehindError(Exception):
    """The draft has not been brought to the version in force yet."""


def _submit(app_id: str, door: str, by: tuple[str, str] | None) -> Application:
    with unit_of_work() as session:
        application = record.locked(session, app_id)
        if application.status == lifecycle.SUBMITTED:
            return application
        kind = "corrected" if application.status == lifecycle.RETURNED else "submitted"
        lifecycle.step(application.status, kind)
        if kind == "submitted" and packs.is_behind(session, application):
            raise _BehindError
        subject = record.loaded(session, application)
        plan = subject.plan()
        _require_ready(subject, plan)
        if kind == "submitted":
            _require_round(session, application)
            ways.require_open(session, subject.pack, application, plan, subject.held.answers)
        _judge(session, application, subject.pack, plan.assessment)
        _occupy_place(session, subject)
        event = events.append(
            session,
            application,
            kind,
            by[0] if by else events.APPLICANT,
            door=door,
            unit=application.unit_id,
            keys=list(application.returned_keys),
            **({"by_unit": by[1]} if by else {}),
        )
        application.submitted_at = application.submitted_at or event.at
        application.returned_keys, application.corrected_keys = [], []
        search_terms.write(session, application, subject.pack, subject.held.answers)
        figure_facts.keep(session, app_id, subject.pack, subject.held.answers)
        outbox.promise(session, "check_application", app_id, f"check:{app_id}:{event.seq}")
        if kind == "submitted" and subject.pack.routing.not_twice_clause:
            outbox.promise(session, "find_doubles", app_id, f"find_doubles:{app_id}:{event.seq}")
        if kind == "submitted" and any(one.compared_with for one in subject.pack.programme.consents):
            outbox.promise(session, "find_elsewhere", app_id, f"find_elsewhere:{app_id}:{event.seq}")
        notices.promise_workbooks(session, application, str(event.seq), application.unit_id)
        if door != "chat":  # the chat has just said so itself
            late = rounds.late_words(subject.pack, application) if kind == "submitted" else None
            said: dict[str, Any] = {"said": late.model_dump()} if late else {}
            notices.tell(
                session,
                application,
                f"{kind}:{app_id}:{event.seq}",
                f"notice.{kind}_late" if late else f"notice.{kind}",
                receipt=application.receipt,
                **said,
            )
        session.flush()
        return application


def _require_ready(subject: record.Draft, plan: Plan) -> None:
    missing = list(record.outstanding(subject.application, plan))
    missing += [ask.key for ask in plan.asks if ask.key not in plan.answered and ask.key not in missing]
    if isinstance(plan.step, ShowVerdict):
        missing.append("verdict")
    if missing or not isinstance(plan.step, Ready):
        raise NotReady("error.not_ready", missing=missing, count=max(len(missing), 1))


def _require_round(session: Session, application: Application) -> None:
    """Open today; a draft begun in a round that has closed moves to the one that is open now.

    What the office returned may be handed in again after the closing day: the office asked for it.
    """
    today = clock.current().today()
    begun = session.get_one(Round, application.round_id)
    if not begun.takes(today):
        application.round_id = rounds.require_open(application.programme, today).id


def _judge(session: Session, application: Application, pack: Pack, assessment: Assessment) -> None:
    """Keep what the rules of this pack version said: claimed categories not refused, and the collecting unit."""
    application.pack_version = pack.programme.version
    application.categories = [
        category for category in assessment.claimed if assessment.categories[category].status is not Status.NOT_MET
    ]
    if application.unit_id is None:  # handed in again, it stays with the unit that returned it
        application.unit_id = _unit(session, pack, assessment).id


def _unit(session: Session, pack: Pack, assessment: Assessment) -> UnitRow:
    route = assessment.route
    decided = route.unit if route.unit is not None and route.status is Status.MET else None
    code = decided or pack.routing.fallback
    found = units.by_code(session, pack.slug, code)
    if found is None:
        units.load_units(pack)
        found = units.by_code(session, pack.slug, code)
    if found is None:
        raise LookupError(f"the pack {pack.slug} routes to a unit that it does not list")
    return units.open_above(session, found)  # of a version that is no longer in force, it may have been closed


def _occupy_place(session: Session, subject: record.Draft) -> None:
    """「不重报」: the unique index over the person's blind index decides, also between two doors at once."""
    application = subject.application
    index = person_index(subject.pack, subject.held.answers, application.round_id)
    try:
        with session.begin_nested():
            application.person_index = index
            session.flush()
    except IntegrityError as exc:
        raise Conflict("error.already_applied") from exc


def person_index(pack: Pack, answers: Mapping[str, object], round_id: str) -> str | None:
    """The keyed blind index of the person's ID number, or passport number; None where the form has no such field or
    no answer. Of a yearly intake it is the year's: who was chosen may apply again in a later year."""
    for kind in IDENTITY_KINDS:
        for field in form_fields(pack):
            number = answers.get(f"field:{field.id}")
            if field.kind == kind and isinstance(number, str) and number:
                return _index(pack, number, round_id)
    return None


def find_person(session: Session, pack: Pack, number: str) -> Application | None:
    """The live application of the person with this (normalised) ID or passport number; of several years' the last."""
    indexes = person_indexes(session, pack, number)
    of_person = select(Application).where(Application.programme == pack.slug, Application.person_index.in_(indexes))
    return session.scalar(of_person.order_by(Application.submitted_at.desc()).limit(1))


def person_indexes(session: Session, pack: Pack, number: str) -> list[str]:
    """Every index that this (normalised) number may stand under: one, or of a yearly intake one a round."""
    if pack.programme.intake != "yearly":
        return [_index(pack, number, "")]
    held = session.scalars(select(Round.id).where(Round.programme == pack.slug))
    return [_index(pack, number, round_id) for round_id in held]


def _index(pack: Pack, number: str, round_id: str) -> str:
    return crypto.ring().blind_index(f"{number}:{round_id}" if pack.programme.intake == "yearly" else number, PERSON)
