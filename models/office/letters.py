"""Letters (e-mails) of ours: written in the caller's transaction, sent by a worker, once.

A letter holds no personal data: a unit's name, counts, and an expiring link (`links`). Without a server to send by
(`smtp_host`) it is kept as it would have been sent, for administrators to look at.

state: pending → sent | failed | uncertain (it went out and nothing came back, so it is not sent again) | kept; or
withdrawn, where what it brings was taken back before it went.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models import clock, crypto, outbox
from models.application import deliveries
from models.application.channel_tables import Delivery
from models.application.tables import new_id
from models.clock import CHINA
from models.errors import Conflict, InvalidAnswer
from models.interview import wording
from models.office import links, sealing
from models.office.edition_tables import Letter
from models.office.links import Made
from models.office.tables import Staff

JOB = "send_letter"
PENDING, SENT, FAILED, UNCERTAIN, KEPT = "pending", "sent", "failed", "uncertain", "kept"
WITHDRAWN = "withdrawn"
STATES = (FAILED, UNCERTAIN, PENDING, SENT, KEPT, WITHDRAWN)
NOT_MAILED = "@staff.invalid"  # what an account without an address has, see `staff.create_staff`
KEEP = timedelta(days=180)
# Plain ones only: no server has to know how to take another, and nothing of it can be a second header.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
                      r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """What a letter says, and to whom."""

    to: str = field(repr=False)
    subject: str
    body: str = field(repr=False)


def address(text: str) -> str:
    """An e-mail address as it is kept. Raises InvalidAnswer."""
    given = text.strip()
    if len(given) > 254 or not _ADDRESS.fullmatch(given) or given.lower().endswith(NOT_MAILED):
        raise InvalidAnswer("office.email_shape")
    return given


def write(
    session: Session,
    effect: str,
    kind: str,
    *,
    to: str = "",
    staff: Staff | None = None,
    unit_id: str | None = None,
    link: Made | None = None,
    lang: str = "",
    **params: Any,
) -> Letter | None:
    """Write a letter of a kind (wording ``letter.<kind>_subject`` and ``letter.<kind>_body``, filled by `params`, by
    ``url`` and ``until`` of `link`) and promise that it is sent, within the caller's transaction.

    To the address `to`, else to that of `staff`. None where there is no address, or `effect` was written before.
    """
    to = to or (staff.email if staff is not None and not staff.email.endswith(NOT_MAILED) else "")
    if not to or session.scalar(select(Letter.id).where(Letter.effect == effect)) is not None:
        return None
    lang = lang or (staff.language if staff is not None else "zh")
    if link is not None:
        params |= {"url": link.url, "until": f"{link.expires_at.astimezone(CHINA):%Y-%m-%d %H:%M}"}
    words = _words(kind, lang, params)
    letter = Letter(id=new_id(), effect=effect, kind=kind, unit_id=unit_id, staff_id=staff.id if staff else None)
    ring = crypto.ring()
    letter.recipient = ring.seal(address(to).encode(), sealing.letter_recipient(letter.id))
    letter.sealed = ring.seal(json.dumps(words, ensure_ascii=False).encode(), sealing.letter(letter.id))
    letter.state, letter.created_at = PENDING, clock.current().now()
    session.add(letter)
    session.flush()
    outbox.promise(session, JOB, letter.id, f"letter:{letter.id}")
    return letter


def _words(kind: str, lang: str, params: dict[str, Any]) -> dict[str, str]:
    subject = wording.say(f"letter.{kind}_subject", lang, **params)
    parts = [wording.say(f"letter.{kind}_body", lang, **params)]
    if "url" in params:
        told = "letter.link_once" if kind in links.ONCE else "letter.link"
        parts.append(wording.say(told, lang, url=params["url"], until=params["until"]))
    parts.append(wording.say("letter.foot", lang))
    return {"subject": " ".join(subject.split()), "body": "\n\n".join(parts) + "\n"}


def read(letter: Letter) -> Words:
    """What it says, and to whom. Raises crypto.Damaged."""
    ring = crypto.ring()
    words = json.loads(ring.open(letter.sealed, sealing.letter(letter.id)))
    to = ring.open(letter.recipient, sealing.letter_recipient(letter.id)).decode()
    return Words(to, words["subject"], words["body"])


def is_sent() -> bool:
    """Whether letters go anywhere; else they are kept."""
    return bool(current_app.config["BOLE"].smtp_host)


def effect_of(letter_id: str) -> str:
    """The own key of its sends."""
    return f"letter:{letter_id}"


def settle(session: Session, letter_id: str) -> None:
    """Bring a letter's state up to what became of its sends, within the caller's transaction. One that was withdrawn
    while it was on its way has been sent all the same."""
    letter = session.get(Letter, letter_id, with_for_update=True, populate_existing=True)
    if letter is None or letter.state not in (PENDING, WITHDRAWN):
        return
    sent = session.scalar(select(Delivery).where(Delivery.effect == effect_of(letter_id)))
    if letter.state == WITHDRAWN and (sent is None or sent.state not in deliveries.OUT):
        return
    if sent is None:
        letter.state, letter.sent_at = (KEPT, None) if not is_sent() else (FAILED, None)
    elif sent.state in deliveries.OVER:
        out = sent.state in deliveries.OUT
        letter.state = SENT if out else sent.state
        letter.sent_at = sent.updated_at if out else None
        letter.error = "" if out else f"{sent.error} {sent.detail}".strip()[:80]


def withdraw(session: Session, staff_id: int) -> None:
    """Keep back what has not gone of the letters that bring somebody a way in, within the transaction in which those
    links end: neither the queue nor a second press sends them any more."""
    mine = (Letter.staff_id == staff_id, Letter.kind.in_(links.ONCE), Letter.state.in_((PENDING, FAILED, KEPT)))
    session.execute(update(Letter).where(*mine).values(state=WITHDRAWN, error=""))


def again(session: Session, letter: Letter) -> None:
    """Send a letter once more that has failed, or of which nobody knows; within the caller's transaction. Raises
    Conflict where it is not so any more."""
    now = clock.current().now()
    taken = update(Letter).where(Letter.id == letter.id, Letter.state.in_((FAILED, UNCERTAIN, KEPT)))
    if session.scalar(taken.values(state=PENDING, error="").returning(Letter.id)) is None:
        raise Conflict("office.letter_waiting")
    session.execute(delete(Delivery).where(Delivery.effect == effect_of(letter.id)))
    outbox.promise(session, JOB, letter.id, f"letter:{letter.id}:{now.isoformat()}")


def sweep(session: Session) -> int:
    """Forget letters, and how they went, when nobody asks after them any more; how many."""
    old = select(Letter.id).where(Letter.created_at < clock.current().now() - KEEP)
    ids = list(session.scalars(old))
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        session.execute(delete(Delivery).where(Delivery.effect.in_([effect_of(one) for one in some])))
        session.execute(delete(Letter).where(Letter.id.in_(some)))
    return len(ids)
