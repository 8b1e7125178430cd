"""Tables of the reviewers' work: who has which case, what can be searched, saved searches, bulk actions, exports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.application.tables import new_id
from models.extensions import Base, UtcDateTime


class Assignment(Base):
    """Who works on an application now. After `until` it is back in the queue, whether or not anything has
    cleaned up."""

    __tablename__ = "assignment"
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    given_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))  # None: taken
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class SearchTerm(Base):
    """A word by which an application is found: of its name, its sound, category, keywords. Never a number of a person.

    Written with the hand-in that it comes from; `models.office.search_terms` says which terms there are. Compared byte
    by byte, so that the beginning of a word is a range.
    """

    __tablename__ = "search_term"
    programme: Mapped[str] = mapped_column(String(64), primary_key=True)
    term: Mapped[str] = mapped_column(
        String(40).with_variant(String(40, collation="C"), "postgresql"), primary_key=True
    )
    application_id: Mapped[str] = mapped_column(
        ForeignKey("application.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class SavedSearch(Base):
    """A search that a member of staff keeps; `sealed` holds what was typed and chosen."""

    __tablename__ = "saved_search"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    programme: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(60))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    __table_args__ = (UniqueConstraint("staff_id", "programme", "name", name="uq_saved_search"),)


class BulkAction(Base):
    """One decision about many applications. state: waiting (can be undone until `due_at`) → running → done | undone."""

    __tablename__ = "bulk_action"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    programme: Mapped[str] = mapped_column(String(64), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    action: Mapped[str] = mapped_column(String(20))
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # reasons, clause, keys; never a personal value
    state: Mapped[str] = mapped_column(String(10), index=True)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by SQLAlchemy


class BulkItem(Base):
    """An application of a bulk action, at the version that was on the screen. result: "" → done | refused (`problem` is
    a wording key)."""

    __tablename__ = "bulk_item"
    bulk_id: Mapped[str] = mapped_column(ForeignKey("bulk_action.id", ondelete="CASCADE"), primary_key=True)
    application_id: Mapped[str] = mapped_column(
        ForeignKey("application.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    position: Mapped[int]
    seen_version: Mapped[int]
    result: Mapped[str] = mapped_column(String(10), default="")
    problem: Mapped[str] = mapped_column(String(80), default="")


class ExportRequest(Base):
    """People's data taken out. state: waiting (for a second person) → making → ready → taken | refused | expired.

    `sealed` holds what is exported (the search and its columns); the file goes when the link expires.
    """

    __tablename__ = "export_request"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    programme: Mapped[str] = mapped_column(String(64), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), index=True)
    reason: Mapped[str] = mapped_column(String(300))
    rows: Mapped[int]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    answer: Mapped[str] = mapped_column(String(300), default="")
    storage_key: Mapped[str] = mapped_column(String(120), default="")
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by SQLAlchemy
    __table_args__ = (Index("ix_export_request_due", "state", "expires_at"),)


class PreparedReasons(Base):
    """The sentences that stand ready where something is returned, as a programme's office has written them: a list of
    ``{"zh": …, "en": …}``, without anybody's data. Without a row the shared ones stand ready."""

    __tablename__ = "prepared_reasons"
    programme: Mapped[str] = mapped_column(String(64), primary_key=True)
    reasons: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by SQLAlchemy
