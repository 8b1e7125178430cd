"""Applications and new versions of their programme: drafts move on, handed-in ones only where the office re-opens them.

No answer is dropped: what the new version cannot read sleeps (`interview.fitting`), the verdict is shown again because
its fingerprint holds the version, and a consent or declaration with a new text is asked for again. Version, event and
message are written in one transaction, so a kill does all of it or nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import String, cast, func, literal, select
from sqlalchemy.orm import Session

from models import clock, outbox
from models.application import answers, events, lifecycle, notices, packs, record
from models.application.tables import Application, Event, Outbox, PackVersion
from models.application.version_words import plainly
from models.eligibility.verdict import Outcome
from models.errors import InvalidAnswer
from models.interview import engine
from models.interview.replay import fingerprint, replay
from models.interview.steps import Plan
from models.interview.wording import text
from models.programme.diff import Change, diff
from models.programme.diff_reach import reach
from models.programme.pack import Pack, Text
from models.unit_of_work import unit_of_work

BATCH = 500
LONGEST_REASON = 300
_CONFIRMED = ("programme", "declarations")
_ANSWERS = ("fact:", "field:", "document:")
_WORDING = frozenset({"label", "question", "title", "help", "hint", "counts", "kind"})
_KEPT = 32
_known: dict[tuple[int, int], tuple[Pack, Pack, tuple[Change, ...]]] = {}


def find_due(session: Session) -> list[tuple[str, str]]:
    """(application, effect) of drafts that another version is in force for, and whose move is not promised yet."""
    newer = select(func.max(PackVersion.turn)).where(PackVersion.programme == Application.programme)
    effect = literal("move:") + Application.id + literal(":") + cast(PackVersion.turn, String)
    query = (
        select(Application.id, effect)
        .join(PackVersion, PackVersion.programme == Application.programme)
        .where(
            Application.status == lifecycle.DRAFT,
            PackVersion.turn == newer.correlate(Application).scalar_subquery(),
            PackVersion.version != Application.pack_version,
            ~select(Outbox.id).where(Outbox.effect == effect).exists(),
        )
        .order_by(Application.id)
        .limit(BATCH)
    )
    return [(app_id, promised) for app_id, promised in session.execute(query)]


def promise_due(session: Session, due: Iterable[tuple[str, str]]) -> int:
    """Promise these moves; how many were not promised by somebody else meanwhile."""
    return sum(outbox.promise(session, "move_draft", app_id, effect) is not None for app_id, effect in due)


def move_on(app_id: str) -> bool:
    """Bring a draft to the version in force and leave word of it; False where there is nothing to do."""
    with unit_of_work() as session:
        application = record.locked(session, app_id)
        target = packs.current(session, application.programme)
        if application.status != lifecycle.DRAFT or target is None or target.version == application.pack_version:
            return False
        change = _Turn.of(session, application, target.version)
        event = change.take(session, "moved", events.WORKER)
        notices.tell(
            session,
            application,
            f"moved:{app_id}:{event.seq}",
            "notice.moved",
            programme=change.new.programme.short.model_dump(),
            changes=change.words.model_dump(),
        )
        session.flush()
        return True


def reopen(app_id: str, staff_id: int, version: int, reason: str) -> Application:
    """Open a handed-in application again under the version in force; the person is told, and hands in anew.

    What the new version asks otherwise comes back for correction, what it asks besides is open, the rest stays.
    Raises InvalidAnswer (no reason, already on that version), Conflict, IllegalTransition.
    """
    with unit_of_work() as session:
        application = record.at_version(session, app_id, version)
        lifecycle.step(application.status, "reopened")
        target = packs.current(session, application.programme)
        if target is None or target.version == application.pack_version:
            raise InvalidAnswer("error.version_in_force")
        if not reason.strip():
            raise InvalidAnswer("error.reason_needed")
        change = _Turn.of(session, application, target.version)
        unit, again = application.unit_id, change.asked_otherwise(record.outstanding(application))
        why = text("moved.look_again").get(application.language)
        event = change.take(
            session,
            "reopened",
            events.staff_actor(staff_id),
            reason=reason.strip()[:LONGEST_REASON],
            items=[{"key": key, "reason": why} for key in again],
        )
        application.returned_keys, application.corrected_keys = again, []
        notices.promise_workbooks(session, application, str(event.seq), unit)
        notices.tell(
            session,
            application,
            f"reopened:{app_id}:{event.seq}",
            "notice.reopened",
            receipt=application.receipt,
            reason=reason.strip()[:LONGEST_REASON],
            changes=change.words.model_dump(),
        )
        session.flush()
        return application


@dataclass(frozen=True, slots=True)
class Preview:
    """What re-opening would mean: both versions, what the person would read, the outcome that their present answers
    have under the new one, and the answer keys that would come back for correction."""

    old: str
    new: Pack
    words: Text
    outcome: Outcome
    again: tuple[str, ...]


def preview(session: Session, application: Application) -> Preview | None:
    """What `reopen` would do; None where the application is under the version in force."""
    if not packs.is_behind(session, application):
        return None
    target = packs.current(session, application.programme)
    assert target is not None
    turn = _Turn.of(session, application, target.version)
    again = turn.asked_otherwise(record.outstanding(application))
    return Preview(application.pack_version, turn.new, turn.words, turn.plan.assessment.outcome, tuple(again))


class _Turn:
    """One application's turn to another version: what changes for it."""

    def __init__(
        self, application: Application, old: Pack, new: Pack, held: dict[str, Any], as_now: dict[str, Any]
    ) -> None:
        self.application, self.old, self.new = application, old, new
        self._held, self._as_now = held, as_now
        self._changes = differences(old, new)
        self.words: Text = plainly(self._changes, old, new, held)

    @classmethod
    def of(cls, session: Session, application: Application, version: str) -> _Turn:
        old, new = packs.pack_of(application), packs.of_version(application.programme, version)
        held, as_now = (answers.load(session, application.id, pack).answers for pack in (old, new))
        return cls(application, old, new, held, as_now)

    def take(self, session: Session, kind: str, actor: str, **data: Any) -> Event:
        """Write it: the version, what was confirmed under other words, the event."""
        answers.drop(session, self.application.id, self._confirmed_otherwise())
        versions = {"from": self.old.programme.version, "to": self.new.programme.version}
        self.application.pack_version = self.new.programme.version
        return events.append(
            session, self.application, kind, actor, **versions, changes=self.words.model_dump(), **data
        )

    def _confirmed_otherwise(self) -> list[str]:
        """Declarations whose words are others now: who confirmed the old ones has not confirmed these."""
        return [f"declaration:{c.path[2]}" for c in self._changes if c.path[:2] == _CONFIRMED and c.depth]

    @cached_property
    def plan(self) -> Plan:
        """What the new version asks, once the person has gone on from its verdict."""
        today = clock.current().today()
        live, _following = replay(self.new, self._as_now, today)
        going_on = {"verdict": fingerprint(self.new, self._as_now.get("claim"), live)}
        return engine.plan(self.new, {**self._as_now, **going_on}, today)

    def asked_otherwise(self, outstanding: Iterable[str]) -> list[str]:
        """Answers that stand, and whose question is not the same any more; and what was to be corrected anyway."""
        asked = [ask.key for ask in self.plan.asks if ask.key in self.plan.answered and ask.key.startswith(_ANSWERS)]
        changed = {key for c in self._changes for key in self._keys(c)}.union(outstanding)
        return [key for key in asked if key in changed]

    def _keys(self, change: Change) -> frozenset[str]:
        """The answers whose question a change puts otherwise. What is only asked more or less of (a length, a number
        of pages, a new column) is open by itself where it is not enough; rules are what the verdict is shown for."""
        asking = change.path[0] in ("form", "documents", "codes") or change.path[1:2] == ("facts",)
        if asking and change.attribute and change.attribute[-1] in _WORDING:
            return reach(change, self.old, self.new).keys
        return frozenset()


def differences(old: Pack, new: Pack) -> tuple[Change, ...]:
    """`diff`, kept for the next application of the same programme."""
    found = _known.get((id(old), id(new)))
    if found is None or found[0] is not old or found[1] is not new:
        if len(_known) >= _KEPT:
            _known.clear()
        found = _known[id(old), id(new)] = (old, new, diff(old, new))
    return found[2]
