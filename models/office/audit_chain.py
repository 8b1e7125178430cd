"""The audit's chain: every line has a place (`seq`, from 1) and a keyed digest over itself and the line before it.

Lines take their places as the last thing of the transaction that writes them, so that on PostgreSQL, too, one
transaction after the other does it and none waits for anything else meanwhile. Whoever changes, removes or inserts a
line in the database without the key breaks the chain from there on. What a chain cannot tell is that its end was cut
off: for that, `head` is noted elsewhere (the log, once an hour; a sheet of paper) and `verify` is given it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, select, text, update
from sqlalchemy.orm import Session

from models import clock, crypto
from models.office.tables import Audit

PENDING = "bole.audited"  # in a session's info: lines of this transaction have no place yet
_LOCK = 0x626F6C65  # of PostgreSQL's advisory locks: whoever gives places
_SETTLED = timedelta(minutes=10)  # no transaction is open that long
_PAGE = 1000
_COLUMNS = (Audit.id, Audit.at, Audit.staff_id, Audit.action, Audit.subject, Audit.reason)


@dataclass(frozen=True, slots=True)
class Head:
    """The last line: its place and digest; 0 and "" where there is none."""

    seq: int = 0
    digest: str = ""

    def __str__(self) -> str:
        return f"{self.seq}:{self.digest}"


@dataclass(frozen=True, slots=True)
class Fault:
    """Where the chain does not hold. `what`: changed (this line, or the one before it was taken out) | gap | unplaced |
    head (the noted one is not in the chain)."""

    what: str
    seq: int
    at: datetime | None = None


def link(session: Session) -> None:
    """Give places to the lines of this transaction, and to any left over; for the session's last step."""
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    last = head(session)
    for row in session.execute(_unplaced()):
        last = Head(last.seq + 1, _digest(last, row))
        session.execute(
            update(Audit)
            .where(Audit.id == row.id)
            .values(seq=last.seq, digest=last.digest)
            .execution_options(synchronize_session=False)
        )


def on_commit(session: Session) -> None:
    """Before a commit: link what this transaction has written. A savepoint's end is no commit."""
    if PENDING in session.info and not session.in_nested_transaction():
        del session.info[PENDING]
        link(session)


def head(session: Session) -> Head:
    """The last line that has a place."""
    query = select(Audit.seq, Audit.digest).where(Audit.seq.is_not(None)).order_by(Audit.seq.desc()).limit(1)
    found = session.execute(query).first()
    return Head(found.seq, found.digest) if found else Head()


def verify(session: Session, noted: Head | None = None) -> Iterator[Fault]:
    """Go through the whole chain; each place where it does not hold. `noted`: a head from earlier that must still be in
    it. The walk goes on behind a fault with what stands there, so that one change is one fault and not thousands."""
    last, seen = Head(), noted is None or not noted.seq
    for row in _placed(session):
        if row.seq != last.seq + 1:
            yield Fault("gap", last.seq + 1, row.at)
            last = Head(row.seq - 1, "")
        elif row.digest != _digest(last, row):
            yield Fault("changed", row.seq, row.at)
        seen = seen or (noted is not None and (row.seq, row.digest) == (noted.seq, noted.digest))
        last = Head(row.seq, row.digest)
    if not seen and noted is not None:
        yield Fault("head", noted.seq)
    old = clock.current().now() - _SETTLED
    for at in session.scalars(select(Audit.at).where(Audit.seq.is_(None), Audit.at < old).order_by(Audit.at)):
        yield Fault("unplaced", 0, at)


def length(session: Session) -> int:
    """How many lines there are."""
    return session.scalar(select(func.count(Audit.id))) or 0


def _unplaced() -> Select[*tuple[Any, ...]]:
    return select(*_COLUMNS).where(Audit.seq.is_(None)).order_by(Audit.at, Audit.id)


def _placed(session: Session) -> Iterator[Row[*tuple[Any, ...]]]:
    after = 0
    while True:
        query = select(*_COLUMNS, Audit.seq, Audit.digest).where(Audit.seq > after).order_by(Audit.seq).limit(_PAGE)
        rows = session.execute(query).all()
        yield from rows
        if len(rows) < _PAGE:
            return
        after = rows[-1].seq


def _digest(before: Head, row: Row[*tuple[Any, ...]]) -> str:
    said = [
        before.seq + 1,
        before.digest,
        row.id,
        row.at.isoformat(),
        row.staff_id,
        row.action,
        row.subject,
        row.reason,
    ]
    return crypto.ring().blind_index(json.dumps(said, ensure_ascii=False, separators=(",", ":")), "audit")
