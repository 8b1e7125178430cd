"""Tables of the office's side: units, staff, enquiries, workbooks, and the audit of what staff saw."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_security import RoleMixin, UserMixin
from sqlalchemy import JSON, Column, ForeignKey, Index, LargeBinary, String, Table, Text, UniqueConstraint, text
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.application.tables import new_id
from models.extensions import Base, UtcDateTime
from models.office.second_factor import SecondFactor


class UnitRow(Base):
    """A collecting unit of a programme. `code` is the unit's id in the pack, or one that the office's own got
    (`unit_keeping`); `name` is the official Chinese name. One that is closed takes nobody new."""

    __tablename__ = "unit"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    programme: Mapped[str] = mapped_column(String(64), index=True)
    code: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"))
    office: Mapped[bool] = mapped_column(default=False)  # the programme office: sees every unit of its programme
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    __table_args__ = (UniqueConstraint("programme", "code", name="uq_unit_code"),)


staff_role = Table(
    "staff_role",
    Base.metadata,
    Column("staff_id", ForeignKey("staff.id"), primary_key=True),
    Column("role_id", ForeignKey("role.id"), primary_key=True),
)


class Role(Base, RoleMixin):  # type: ignore[misc]  # Flask-Security has no types
    """reviewer · office · answerer · admin."""

    __tablename__ = "role"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    description: Mapped[str | None] = mapped_column(String(200))
    permissions: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(JSON), nullable=True)


class Staff(SecondFactor, Base, UserMixin):  # type: ignore[misc]  # Flask-Security has no types
    """A member of staff; belongs to one unit (administrators to the programme office)."""

    __tablename__ = "staff"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(255), unique=True)
    username: Mapped[str | None] = mapped_column(String(64), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str] = mapped_column(String(100))
    language: Mapped[str] = mapped_column(String(8), default="zh")
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"), index=True)
    demo: Mapped[bool] = mapped_column(default=False)
    unit: Mapped[UnitRow | None] = relationship()
    roles: Mapped[list[Role]] = relationship(secondary=staff_role)


class Enquiry(Base):
    """A question from an applicant, answered by a person. state: open → taken → answered; asked (back): the person's
    turn; closed without an answer. A taken one goes back to the queue after `taken_until`; of any other `taken_by` is
    who had it last or is meant to have it. `question` and `answer` are the first and the last words of its thread."""

    __tablename__ = "enquiry"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    programme: Mapped[str] = mapped_column(String(64), index=True)
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"), index=True)  # None: the programme office
    application_id: Mapped[str | None] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    step_key: Mapped[str] = mapped_column(String(80), default="")  # where the person was
    question: Mapped[str] = mapped_column(Text)
    effect: Mapped[str] = mapped_column(String(160), unique=True)
    state: Mapped[str] = mapped_column(String(10), default="open", index=True)
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    taken_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    waiting_since: Mapped[datetime | None] = mapped_column(UtcDateTime)  # for us; None: as long as it is there
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when the person was asked back last
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by SQLAlchemy


class ApprovedAnswer(Base):
    """An answer that the office has approved for everybody: given for like questions while its clause stays as it was.

    `clause_hash` is the digest of the clause's words when it was approved; another one puts the answer aside.
    """

    __tablename__ = "approved_answer"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    programme: Mapped[str] = mapped_column(String(64), index=True)
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    answer_en: Mapped[str] = mapped_column(Text, default="")
    clause: Mapped[str] = mapped_column(String(40))
    clause_hash: Mapped[str] = mapped_column(String(64))
    enquiry_id: Mapped[str | None] = mapped_column(ForeignKey("enquiry.id", ondelete="SET NULL"))
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    approved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by SQLAlchemy


class Workbook(Base):
    """A unit's workbook, as last assembled. Unchanged `content_hash`: not rebuilt."""

    __tablename__ = "workbook"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    round_id: Mapped[str] = mapped_column(ForeignKey("round.id"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[str] = mapped_column(String(40))  # a table's id in the pack, forms, or paper-<n> (`unit_papers`)
    content_hash: Mapped[str] = mapped_column(String(64))
    storage_key: Mapped[str] = mapped_column(String(120))
    rows: Mapped[int]
    excluded: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    built_at: Mapped[datetime] = mapped_column(UtcDateTime)
    __table_args__ = (UniqueConstraint("round_id", "unit_id", "kind", name="uq_workbook"),)


class UnitEntry(Base):
    """What the unit fills in about one person (`Form.unit_fields`), sealed for exactly its row.

    Nothing on the applicant's side may read this table: `unit_entries` is its one reader, `unit_erasing` its eraser,
    and a contract of the import linter keeps doors and applications away from the reader.
    """

    __tablename__ = "unit_entry"
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)  # the unit field's id
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column(default=1)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: invented people's
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Volume(Base):
    """The bound volume of one application, as last made; `fingerprint` tells whether what it shows has changed."""

    __tablename__ = "volume"
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    storage_key: Mapped[str] = mapped_column(String(120))
    pages: Mapped[int]
    built_at: Mapped[datetime] = mapped_column(UtcDateTime)


class UnitTableRow(Base):
    """A row of a table that a unit fills in itself (`Workbooks.unit_tables`), sealed for exactly its place.

    `id` comes from whoever typed it, so that a row sent twice is one row. `part`: an option of `UnitTable.each`.
    """

    __tablename__ = "unit_table_row"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("round.id"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[str] = mapped_column(String(32))  # the table's id in the pack
    part: Mapped[str] = mapped_column(String(64), default="")
    position: Mapped[int]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column(default=1)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: invented
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    __table_args__ = (Index("ix_unit_table_row_sheet", "round_id", "unit_id", "kind", "part"),)


class Audit(Base):
    """What staff saw or took out: reveals, photo views, exports. Append only; never holds the value itself.

    `seq` and `digest` are its place in the chain (`audit_chain`), given when its transaction ends.
    """

    __tablename__ = "audit"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    action: Mapped[str] = mapped_column(String(40))  # reveal | view_page | export_workbook | login ...
    subject: Mapped[str] = mapped_column(String(120), index=True)
    reason: Mapped[str] = mapped_column(String(300), default="")
    seq: Mapped[int | None] = mapped_column(unique=True)
    digest: Mapped[str] = mapped_column(String(64), default="")


class FileFault(Base):
    """A file that a record names and that is not there (``missing``) or does not open (``damaged``), as last looked."""

    __tablename__ = "file_fault"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(120))
    named_by: Mapped[str] = mapped_column(String(60))  # table.column
    record: Mapped[str] = mapped_column(String(120))  # what tells the record: ids
    kind: Mapped[str] = mapped_column(String(10))
    programme: Mapped[str] = mapped_column(String(64), index=True)
    application_id: Mapped[str | None] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    __table_args__ = (UniqueConstraint("key", "named_by", name="uq_file_fault"),)


class NoticeText(Base):
    """The full text of a programme's notice as the office imported it, without its contact persons."""

    __tablename__ = "notice_text"
    programme: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
    imported_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by SQLAlchemy


class OfficialTemplate(Base):
    """A table that the office has uploaded, to be filled instead of the drawn one.

    state: reading → refused | draft → trying → tried → in_use (→ tried). One in use per programme and kind. `digest` is
    the file's SHA-256; `trial` lists what the trial fill has proved; `wanted` is where the office says the heads are.
    """

    __tablename__ = "official_template"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    programme: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[str] = mapped_column(String(40))  # as in Workbook
    name: Mapped[str] = mapped_column(String(200))  # of the file
    storage_key: Mapped[str] = mapped_column(String(120))
    digest: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10))
    problem: Mapped[str] = mapped_column(String(80), default="")  # a wording key
    wanted: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    layout: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    mapping: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    trial: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    trial_key: Mapped[str] = mapped_column(String(120), default="")
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by SQLAlchemy
    __table_args__ = (
        Index(
            "uq_official_template_in_use",
            *("programme", "kind"),
            unique=True,
            sqlite_where=text("state = 'in_use'"),
            postgresql_where=text("state = 'in_use'"),
        ),
    )
