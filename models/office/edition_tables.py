"""Tables of workbooks on their way to a unit and back: editions, schedules, letters, returned files."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.application.tables import new_id
from models.extensions import Base, UtcDateTime


class Edition(Base):
    """What a workbook held when a unit took it out: the ground for "what changed since", and what a returned file is
    compared with. `number` counts a unit's editions of one kind in a round, from 1.

    `sealed` holds, as packed JSON, each row by its key with its cells as texts; `people` names the keys, one a line, to
    find by them whoever leaves. What nobody has taken out yet is replaced by the next build. See
    `models.office.editions`.
    """

    __tablename__ = "edition"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    round_id: Mapped[str] = mapped_column(ForeignKey("round.id"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[str] = mapped_column(String(40))  # as in Workbook
    number: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))  # of the workbook that it is
    pack_version: Mapped[str] = mapped_column(String(40))
    rows: Mapped[int]
    people: Mapped[str] = mapped_column(Text, default="")
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # last time
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    __table_args__ = (UniqueConstraint("round_id", "unit_id", "kind", "number", name="uq_edition"),)


class UnitSchedule(Base):
    """When a unit wants to hear that its workbook has changed: `mode` change | daily | deadline | never."""

    __tablename__ = "unit_schedule"
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    mode: Mapped[str] = mapped_column(String(10))
    hour: Mapped[int] = mapped_column(default=9)  # in China, for daily and deadline
    days: Mapped[int] = mapped_column(default=3)  # before the deadline
    email: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed
    by_chat: Mapped[bool] = mapped_column(default=True)  # to the clerks who have bound a chat
    told_hash: Mapped[str] = mapped_column(String(64), default="")  # of what the unit was told about last
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by SQLAlchemy


class Letter(Base):
    """An e-mail of ours. `effect` is unique: it is sent once. state: pending → sent | failed | uncertain | kept
    | withdrawn (see `models.office.letters`).

    `recipient` and `sealed` (subject, body as JSON) are encrypted; a body holds no personal data, only a link.
    """

    __tablename__ = "letter"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    effect: Mapped[str] = mapped_column(String(160), unique=True)
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))  # whom it is to
    kind: Mapped[str] = mapped_column(String(40))
    recipient: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(10), index=True)
    error: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OfficeLink(Base):
    """An expiring link in a letter or a message: it leads to a page and opens nothing without signing in.
    `digest` is the SHA-256 of its token."""

    __tablename__ = "office_link"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    purpose: Mapped[str] = mapped_column(String(20))  # workbook | export | invitation
    subject_id: Mapped[str] = mapped_column(String(64), default="")
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StaffChat(Base):
    """A chat that a member of staff has bound, for notices about work; never for anybody's data."""

    __tablename__ = "staff_chat"
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    bound_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WorkbookReturn(Base):
    """A workbook that a unit has edited and uploaded. state: reading → refused | read → applied | dropped.

    `problem` is a wording key with `params`. The upload is encrypted and goes when it is applied or dropped.
    """

    __tablename__ = "workbook_return"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    round_id: Mapped[str] = mapped_column(ForeignKey("round.id"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40), default="")
    edition_id: Mapped[str | None] = mapped_column(ForeignKey("edition.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64))
    storage_key: Mapped[str] = mapped_column(String(120), default="")
    state: Mapped[str] = mapped_column(String(10))
    problem: Mapped[str] = mapped_column(String(80), default="")
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by SQLAlchemy


class ReturnCell(Base):
    """A cell that came back otherwise. `kind`: change (only theirs) | conflict (changed here too) | refused (may not be
    changed so; `problem` says why). `decision`: "" | ours | theirs. `sealed`: base, ours, theirs as JSON."""

    __tablename__ = "return_cell"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    return_id: Mapped[str] = mapped_column(ForeignKey("workbook_return.id", ondelete="CASCADE"), index=True)
    application_id: Mapped[str | None] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)
    row: Mapped[int]  # in their sheet, for the eye
    column: Mapped[str] = mapped_column(String(120))  # the column's id in the pack
    place: Mapped[str] = mapped_column(String(20), default="")  # D7
    kind: Mapped[str] = mapped_column(String(10))
    problem: Mapped[str] = mapped_column(String(80), default="")
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    decision: Mapped[str] = mapped_column(String(8), default="")
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (UniqueConstraint("return_id", "application_id", "column", name="uq_return_cell"),)
