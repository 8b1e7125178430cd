"""Remind of a draft that lies about, and of a round that closes: once each, only in a conversation, never a refusal.

`due` finds what to promise; the job looks again when it runs, because the person may have gone on meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, literal, or_, select
from sqlalchemy.orm import Session

from models import clock, outbox
from models.application import others, rounds
from models.application.packs import pack_of
from models.application.tables import Application, Outbox, Round
from models.interview import wording
from workers.delivery import Message, tell_in_chat
from workers.runtime import run

IDLE = timedelta(days=3)
CLOSING_DAYS = (1, 7)  # days before closing on which a reminder is due, the most urgent first
RECENT = timedelta(days=1)  # who worked on the draft within a day knows about it
BATCH = 200


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of reminder; `name` becomes part of the job's subject and of the effect that is told once."""

    name: str
    days_left: int | None = None  # for those that depend on the closing day


KINDS = (*(Kind(f"closing{days}", days) for days in CLOSING_DAYS), Kind("idle"))


def effect_of(application_id: str, kind: str) -> str:
    """The outbox effect of one reminder: each is promised once in a draft's life."""
    return f"remind:{application_id}:{kind}"


def find_due(session: Session, now: datetime, today: date) -> list[tuple[str, str]]:
    """(application, kind) of every reminder that is due and not promised yet; only reads. One at a time a draft."""
    found: dict[str, str] = {}
    for kind in KINDS:
        for application_id in session.scalars(_due(kind, now, today)):
            found.setdefault(application_id, kind.name)
    return list(found.items())


def promise_due(session: Session, due: list[tuple[str, str]]) -> int:
    """Promise them; how many were not promised by somebody else meanwhile."""
    return sum(
        outbox.promise(session, "remind_draft", f"{application_id}:{kind}", effect_of(application_id, kind)) is not None
        for application_id, kind in due
    )


def _due(kind: Kind, now: datetime, today: date) -> Select[str]:
    """Drafts in an open round, with somebody to tell, to whom this has not been promised."""
    promised = select(Outbox.id).where(Outbox.effect == literal("remind:") + Application.id + literal(f":{kind.name}"))
    quiet_since = now - (IDLE if kind.days_left is None else RECENT)
    query = (
        select(Application.id)
        .join(Round, Round.id == Application.round_id)
        .where(
            Application.status == "draft",
            Application.updated_at <= quiet_since,
            Round.opens <= today,
            or_(Round.closes.is_(None), Round.closes >= today),
            ~promised.exists(),
            others.in_chat(Application.id),
        )
        .order_by(Application.updated_at)
        .limit(BATCH)
    )
    return query if kind.days_left is None else query.where(Round.closes <= today + timedelta(days=kind.days_left))


def remind_draft(outbox_id: str) -> None:
    """Job: remind of one draft; the subject is ``<application id>:<kind>``."""
    run(outbox_id, _remind)


def _remind(subject: str, session: Session) -> None:
    application_id, _, kind = subject.partition(":")
    application = session.get(Application, application_id)
    if application is None or application.status != "draft":
        return
    round_ = session.get_one(Round, application.round_id)
    if not round_.takes(clock.current().today()):
        return
    days = round_.days_left(clock.current().today())
    tell_in_chat(session, application_id, effect_of(application_id, kind), _sentence(application, round_, kind, days))


def _sentence(application: Application, round_: Round, kind: str, days: int | None) -> Message:
    pack = pack_of(application)
    params: dict[str, Any] = {"programme": pack.programme.short.model_dump()}
    said = rounds.intake_words(pack, round_, clock.current().today())
    if said is not None:
        return Message("notice.draft_yearly", {**params, "said": said.model_dump()})
    if round_.closes is None:
        return Message("notice.draft_idle_standing", params)
    params["closes"] = {lang: wording.spoken_date(round_.closes, lang) for lang in ("zh", "en")}
    if days == 0:
        return Message("notice.draft_last_day", params)
    if kind == "idle":
        return Message("notice.draft_idle", params)
    return Message("notice.draft_closing", {**params, "days": days})
