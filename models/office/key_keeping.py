"""The keys as an administrator sees them: which there are and since when, what each still opens, sealing again. Ids
only; what a key is never leaves the ring."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from models import clock, crypto, outbox, resealing_pieces
from models.application import channel_state
from models.application.tables import new_id
from models.crypto import KeyRing
from models.errors import Conflict, NotFound
from models.extensions import db
from models.keys import kept_ring, ring_file
from models.office import audit, scope
from models.office.tables import Staff
from models.resealing_pieces import COUNT, JOB, SEAL, Progress
from models.settings import Settings
from models.unit_of_work import unit_of_work

GONE = timedelta(minutes=15)  # a run that has not been heard of for so long may be begun anew


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the ring. `records`, `files`: what it still opened when last counted; None before that."""

    id: str
    seals: bool
    indexes: bool
    seen: datetime | None
    records: int | None
    files: int | None

    @property
    def opens(self) -> int | None:
        """Records and files."""
        return None if self.records is None or self.files is None else self.records + self.files


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that the page shows. `newer`: a key stands in front where the ring is kept that this process does not
    seal with yet. `strange`: what no key of the ring has sealed."""

    keys: tuple[Key, ...]
    in_file: bool
    newer: bool
    progress: Progress | None
    running: bool
    strange: int


def note_seen() -> None:
    """Write down when each key of the ring was first there. Needs an app context."""
    now = clock.current().now()
    for key_id in crypto.ring().ids:
        if channel_state.told(_seen(key_id), now) is None:
            channel_state.put(_seen(key_id), now.isoformat(), now)


def standing(settings: Settings) -> Standing:
    """How things are; whatever belongs to the session's transaction has to be over."""
    ring, progress, now = crypto.ring(), resealing_pieces.latest(), clock.current().now()
    counted = progress if progress is not None and progress.counted_at else None
    if progress is not None and progress.work == COUNT and not progress.ended:
        counted = None  # half a count says nothing
    running = progress is not None and not progress.ended and now - progress.moment < GONE
    keys = []
    for key_id in ring.ids:
        seen = channel_state.told(_seen(key_id), now)
        keys.append(
            Key(
                key_id,
                key_id == ring.ids[0],
                key_id == ring.ids[-1],
                datetime.fromisoformat(seen) if seen else None,
                counted.records.get(key_id, 0) if counted else None,
                counted.files.get(key_id, 0) if counted else None,
            )
        )
    strange = 0
    if counted is not None:
        both = (*counted.records.items(), *counted.files.items())
        strange = sum(count for key_id, count in both if key_id not in ring.ids)
    return Standing(
        tuple(keys), ring_file(settings) is not None, _front(settings) != ring.ids[0], progress, running, strange
    )


def begin(staff: Staff, settings: Settings, work: str) -> None:
    """Begin counting, or sealing again. Raises Conflict while a run is under way, or where this process does not know
    the newest key; NotFound for whoever is no administrator."""
    if work not in (COUNT, SEAL) or scope.ADMIN not in scope.roles(staff):
        raise NotFound("office.not_found")
    staff_id = staff.id
    db.session.rollback()  # only read so far; what is kept of a run has a connection of its own
    found = standing(settings)
    if found.running:
        raise Conflict("keys.running")
    if found.newer:
        raise Conflict("keys.newer")
    front, before = found.keys[0].id, found.progress
    run = new_id()
    made = Progress(run, work, front, "")
    if work == SEAL and before is not None:  # the last count is shown until there is a new one
        made = replace(made, counted_at=before.counted_at, records=before.records, files=before.files)
    resealing_pieces.keep(made)
    with unit_of_work() as session:
        outbox.promise(session, JOB, run, f"{JOB}:{run}:0")
        audit.write(session, staff_id, audit.SEAL_AGAIN if work == SEAL else audit.COUNT_SEALS, f"keys:{front}")


def _front(settings: Settings) -> str:
    """The id of the key that stands in front where the ring is kept."""
    kept = kept_ring(settings)
    return KeyRing.from_text(kept()).ids[0] if kept is not None else crypto.ring().ids[0]


def _seen(key_id: str) -> channel_state.Key:
    return "keys", key_id, "seen"
