"""Tables of what a unit enters for its people: batches, their rows, links for confirmation, duplicates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.application.tables import new_id
from models.extensions import Base, UtcDateTime


class Batch(Base):
    """People that a unit enters at once, pasted or uploaded.
    state: reading → refused | read → entering → entered, or dropped.

    `problem` is a wording key with `params`; the upload goes once its rows are read.
    """

    __tablename__ = "batch"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    round_id: Mapped[str] = mapped_column(ForeignKey("round.id"), index=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), index=True)
    name: Mapped[str] = mapped_column(String(200), default="")  # of the file; empty: pasted
    storage_key: Mapped[str] = mapped_column(String(120), default="")
    state: Mapped[str] = mapped_column(String(10))
    problem: Mapped[str] = mapped_column(String(80), default="")
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    columns: Mapped[list[str]] = mapped_column(JSON, default=list)  # answer keys by place, "" for one not taken
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by SQLAlchemy


class BatchRow(Base):
    """A person of a batch. state: new → ready | faulty → entered | dropped; the heads, if there are any, are row 0.
    `sealed`: the cells, those typed here since, and what is wrong in words; gone once entered. `problems`: {"key",
    "code"} each; never a personal value."""

    __tablename__ = "batch_row"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    batch_id: Mapped[str] = mapped_column(ForeignKey("batch.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    application_id: Mapped[str | None] = mapped_column(ForeignKey("application.id", ondelete="SET NULL"), index=True)
    # The blind index of the number until the row is entered or dropped; only where nobody may be reported twice.
    person_index: Mapped[str | None] = mapped_column(String(64), index=True)
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by SQLAlchemy
    __table_args__ = (UniqueConstraint("batch_id", "position", name="uq_batch_row"),)


class Confirmation(Base):
    """An application that a unit has entered, and how the person stands to it. state: asked → confirmed | objected, or
    recorded: the unit holds the consent on paper. `digest` is the SHA-256 of the link's token, which is worked out anew
    from the application and `serial` wherever it is shown."""

    __tablename__ = "confirmation"
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), primary_key=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    serial: Mapped[int] = mapped_column(default=1)  # the how-manyth link; an older one leads nowhere
    tries: Mapped[int] = mapped_column(default=0)  # wrong numbers given at this link
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paper: Mapped[str] = mapped_column(String(300), default="")  # where the signed paper is kept, as the unit says
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    person_index: Mapped[str | None] = mapped_column(String(64), index=True)  # of the number as the unit entered it
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by SQLAlchemy


class Duplicate(Base):
    """One person at two units of a programme (不重报), found by the blind index and settled by people.

    `first_id` < `second_id`: each an application or, until it is entered, a row of a list. state: open → settled;
    `decision`: keep (the other place was dropped) | move (the application went to the unit of the row or draft, which
    was dropped). `dropped_id`: the place that is no more. An open pair of which one place has gone is over by itself.
    """

    __tablename__ = "duplicate"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    programme: Mapped[str] = mapped_column(String(64))
    first_id: Mapped[str] = mapped_column(String(32))
    second_id: Mapped[str] = mapped_column(String(32), index=True)
    first_unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))  # as they were when found
    second_unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    state: Mapped[str] = mapped_column(String(10))
    decision: Mapped[str] = mapped_column(String(12), default="")
    dropped_id: Mapped[str] = mapped_column(String(32), default="", index=True)
    reason: Mapped[str] = mapped_column(String(300), default="")
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by SQLAlchemy
    __table_args__ = (
        UniqueConstraint("first_id", "second_id", name="uq_duplicate"),
        Index("ix_duplicate_open", "programme", "state"),
    )


class Comparison(Base):
    """An office compares its applicants with another programme's; nothing is compared before the other does as well."""

    __tablename__ = "comparison"
    programme: Mapped[str] = mapped_column(String(64), primary_key=True)
    other: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class Elsewhere(Base):
    """What one office sees of a person with an application in another programme: one row for each of the two offices.
    state: open → settled; `decision`: stand | end (by the ordinary ways; nothing follows from this row)."""

    __tablename__ = "elsewhere"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    programme: Mapped[str] = mapped_column(String(64))  # whose office sees it
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    other: Mapped[str] = mapped_column(String(64))
    other_id: Mapped[str] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    decision: Mapped[str] = mapped_column(String(10), default="")
    reason: Mapped[str] = mapped_column(String(300), default="")
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by SQLAlchemy
    __table_args__ = (
        UniqueConstraint("application_id", "other_id", name="uq_elsewhere"),
        Index("ix_elsewhere_open", "programme", "state"),
    )
