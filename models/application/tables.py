"""Tables of the applicant's side. Times are UTC, timezone-aware; ids are uuid4 hex strings (not guessable or personal).

Encrypted columns hold `models.crypto` envelopes (AES-GCM, key ring), bound to their row by associated data.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.extensions import Base, UtcDateTime


def new_id() -> str:
    """A random id: 32 lower-case hex digits."""
    return uuid.uuid4().hex


class Round(Base):
    """One intake (届, 年度) of a programme. `opens` and `closes` are whole days in China's time, both included.

    Without a closing day it takes applications all year (长期受理).
    """

    __tablename__ = "round"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    programme: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(200))
    opens: Mapped[date]
    closes: Mapped[date | None]
    demo: Mapped[bool] = mapped_column(default=False)
    notice: Mapped[bool] = mapped_column(default=False)  # the notice's own dates
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def standing(self) -> bool:
        """Whether it has no closing day."""
        return self.closes is None

    def takes(self, day: date) -> bool:
        """Whether it takes applications on this day."""
        return self.opens <= day and (self.closes is None or day <= self.closes)

    def days_left(self, day: date) -> int | None:
        """Days from this one to the last; None where there is none."""
        return None if self.closes is None else (self.closes - day).days


class PackVersion(Base):
    """A version of a pack as it was published: kept whole, never changed. Of a programme's versions the one with the
    highest `turn` is in force; applications name theirs by `Application.pack_version`."""

    __tablename__ = "pack_version"
    programme: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[str] = mapped_column(String(40), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))  # of what the files say, see models.programme.archive
    archive: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    current_since: Mapped[datetime] = mapped_column(UtcDateTime)  # when it came into force last
    turn: Mapped[int] = mapped_column(default=1)  # the how-manyth to come into force; 0: never has
    demo: Mapped[bool] = mapped_column(default=False)  # published by a demo installation


class Application(Base):
    """One person's application to one round. `status` is reduced from the events; `version` guards every write."""

    __tablename__ = "application"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    programme: Mapped[str] = mapped_column(String(64), index=True)
    pack_version: Mapped[str] = mapped_column(String(40))
    round_id: Mapped[str] = mapped_column(ForeignKey("round.id"))
    status: Mapped[str] = mapped_column(String(20), index=True)
    version: Mapped[int] = mapped_column(default=1)
    language: Mapped[str] = mapped_column(String(8), default="zh")
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"), index=True)
    receipt: Mapped[str] = mapped_column(String(20), unique=True)  # BL-XXXX-XXXX, also resumes on another device
    resume_hash: Mapped[str] = mapped_column(String(64), unique=True)  # sha256 of the resume-link token
    person_index: Mapped[str | None] = mapped_column(String(64))  # keyed blind index of the ID number
    name: Mapped[str | None] = mapped_column(String(100))  # for staff lists; not sensitive on its own
    categories: Mapped[list[str]] = mapped_column(JSON, default=list)  # claimed and not refused, at submission
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    returned_keys: Mapped[list[str]] = mapped_column(JSON, default=list)  # answer keys open for correction
    corrected_keys: Mapped[list[str]] = mapped_column(JSON, default=list)  # those of them the person has dealt with
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by SQLAlchemy
    __table_args__ = (
        # 「不重报」: one live record a person and programme. NULL (before submission, or ended) never collides.
        UniqueConstraint("programme", "person_index", name="uq_application_person"),
        Index("ix_application_queue", "unit_id", "status", "submitted_at"),
    )


class Answer(Base):
    """The latest answer to one key (see `models.interview.steps`). Exactly one of `value` and `sealed` is set."""

    __tablename__ = "answer"
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON, nullable=True)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    door: Mapped[str] = mapped_column(String(10))  # web | chat | staff | simulate | reuse (as it was brought over)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ConsentRecord(Base):
    """One consent given, with the version of its text; withdrawn, not deleted."""

    __tablename__ = "consent"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)
    consent: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    door: Mapped[str] = mapped_column(String(10))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DocumentPage(Base):
    """One photographed page. The upload as it came (`upload_key`) is never served and goes once it is rebuilt.

    state: received → ok | retake (with `reason`, a wording key); `position` orders pages in a document.
    """

    __tablename__ = "document_page"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)
    document: Mapped[str] = mapped_column(String(64))
    position: Mapped[int]
    idempotency_key: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(12), default="received")
    reason: Mapped[str | None] = mapped_column(String(60))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]  # bytes as received
    upload_key: Mapped[str | None] = mapped_column(String(120))
    image_key: Mapped[str | None] = mapped_column(String(120))  # rebuilt JPEG, encrypted
    thumb_key: Mapped[str | None] = mapped_column(String(120))
    crop_key: Mapped[str | None] = mapped_column(String(120))  # of a portrait: cut for the form
    turn: Mapped[int] = mapped_column(default=0)  # quarter turns clockwise that the person gave the rebuilt copies
    sheet: Mapped[int] = mapped_column(default=0)  # the how-manyth page of an uploaded PDF; 0: a picture of its own
    phash: Mapped[str | None] = mapped_column(String(16), index=True)  # perceptual hash, 16 hex digits
    flags: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # doubts for staff only: {"code": …, …}
    width: Mapped[int | None]
    height: Mapped[int | None]
    door: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    __table_args__ = (UniqueConstraint("application_id", "idempotency_key", name="uq_page_idempotency"),)


class Upload(Base):
    """A photo on its way in parts, so that a dropped connection goes on where it broke. It becomes a `DocumentPage`
    with the same idempotency key when all bytes are there and their checksum holds."""

    __tablename__ = "upload"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)
    document: Mapped[str] = mapped_column(String(64))
    idempotency_key: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]  # bytes, as announced
    sha256: Mapped[str] = mapped_column(String(64))  # as announced
    replaces: Mapped[str | None] = mapped_column(String(32))  # id of the page whose place it takes
    received: Mapped[int] = mapped_column(default=0)  # bytes kept so far
    parts: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # {"key": storage key, "size": bytes}
    door: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    __table_args__ = (UniqueConstraint("application_id", "idempotency_key", name="uq_upload_idempotency"),)


class Reading(Base):
    """What a worker read on a page; `sealed` holds a `models.documents.reading.PageReading`, encrypted.

    `turn` is the page's when it was read: a page turned since is read again.
    """

    __tablename__ = "reading"
    page_id: Mapped[str] = mapped_column(ForeignKey("document_page.id", ondelete="CASCADE"), primary_key=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(12))  # read | unreadable | not_checked
    kind: Mapped[str] = mapped_column(String(32), default="")  # id_front, certificate …
    turn: Mapped[int] = mapped_column(default=0)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    confirmed: Mapped[list[str]] = mapped_column(JSON, default=list)  # names whose difference the person has explained
    engine: Mapped[str] = mapped_column(String(60), default="")  # what read it, with its version
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Event(Base):
    """What has happened, in the past tense: the truth, the audit and the status timeline. Append only."""

    __tablename__ = "event"
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(60))  # applicant | staff:<id> | worker
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # ids, keys, reasons; never personal values


class Finding(Base):
    """A finding of the completeness check, replaced at each check."""

    __tablename__ = "finding"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(String(80))  # the answer key it is about
    code: Mapped[str] = mapped_column(String(60))  # wording key of the sentence
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    clause: Mapped[str] = mapped_column(String(40), default="")
    blocking: Mapped[bool] = mapped_column(default=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Outbox(Base):
    """Work promised by a committed transaction. `effect` is unique: the same effect is promised once.

    state: pending → done | failed (attempts used up; staff see it) → given_up (by an administrator). A lease keeps two
    workers off one row.
    """

    __tablename__ = "outbox"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    job: Mapped[str] = mapped_column(String(40))  # a name in models.queue.JOBS
    subject_id: Mapped[str] = mapped_column(String(64))  # id of what the job is about
    effect: Mapped[str] = mapped_column(String(160), unique=True)
    state: Mapped[str] = mapped_column(String(10), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(String(300))  # exception type and place, never values
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    __table_args__ = (Index("ix_outbox_due", "state", "not_before"),)


class Conversation(Base):
    """One sender on one channel account. The draft it carries on is `application_id`."""

    __tablename__ = "conversation"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    channel: Mapped[str] = mapped_column(String(20))
    account: Mapped[str] = mapped_column(String(64), default="")
    sender: Mapped[str] = mapped_column(String(80))
    programme: Mapped[str | None] = mapped_column(String(64))
    application_id: Mapped[str | None] = mapped_column(ForeignKey("application.id", ondelete="SET NULL"), index=True)
    language: Mapped[str] = mapped_column(String(8), default="zh")
    heard_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the person's last message: opens the reply window
    pushes: Mapped[int] = mapped_column(default=0)  # messages pushed since then
    blocked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the person wants nothing more there
    bound_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # joined to its application by a one-time code
    state: Mapped[dict[str, Any]] = mapped_column(
        JSON, default=dict
    )  # conversational only (menu shown, row being typed)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by SQLAlchemy
    __table_args__ = (UniqueConstraint("channel", "account", "sender", name="uq_conversation_sender"),)


class Inbound(Base):
    """An inbound message with its rendered reply: a retry with the same key gets the same answer."""

    __tablename__ = "inbound"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    # what it was about: a conversation may go on to another application, and this one's end must still reach it
    application_id: Mapped[str | None] = mapped_column(ForeignKey("application.id", ondelete="SET NULL"), index=True)
    dedupe_key: Mapped[str] = mapped_column(String(120), unique=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)  # what came (kind, text), encrypted
    reply: Mapped[bytes] = mapped_column(LargeBinary)  # rendered OutboundMessages as JSON, encrypted
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Notice(Base):
    """A message to the applicant that we begin (verdict on a photo, a return, an approval, an answer).

    What cannot be pushed waits here and heads the next reply. `effect` is unique: nobody is told twice.
    """

    __tablename__ = "notice"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    application_id: Mapped[str | None] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    effect: Mapped[str] = mapped_column(String(160), unique=True)
    code: Mapped[str] = mapped_column(String(60))  # wording key
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    text: Mapped[str] = mapped_column(Text, default="")  # free text where a person wrote it (an answer to an enquiry)
    state: Mapped[str] = mapped_column(String(10), default="pending")  # see models.application.notices
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
