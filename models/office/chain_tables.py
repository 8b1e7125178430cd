"""Tables of the unit's chain: opinions, reports upward, the talent registry and its changes."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.application.tables import new_id
from models.extensions import Base, UtcDateTime


class UnitOpinion(Base):
    """What one unit of the chain says about one person (单位审核意见), signed with name and day; the seal is put on
    paper. One a unit and application; a later one replaces it, and the events keep what was before."""

    __tablename__ = "unit_opinion"
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), primary_key=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)  # the opinion's words
    signer: Mapped[str] = mapped_column(String(100))  # 审核人, as it is printed
    signed_on: Mapped[date]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: invented
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by SQLAlchemy


class UnitReport(Base):
    """What a unit hands upward at once (上报): people with the covering workbook.

    state: reported → received | sent_back. `number` counts a unit's reports in a round.
    """

    __tablename__ = "unit_report"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    round_id: Mapped[str] = mapped_column(ForeignKey("round.id"), index=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), index=True)
    to_unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), index=True)
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(String(300), default="")
    answer: Mapped[str] = mapped_column(String(300), default="")  # why it was sent back
    reported_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by SQLAlchemy
    __table_args__ = (UniqueConstraint("round_id", "unit_id", "number", name="uq_unit_report_number"),)


class ReportItem(Base):
    """A person in a report; `seq` is the event by which they were reported. `sent_back`: alone, out of the report."""

    __tablename__ = "report_item"
    report_id: Mapped[str] = mapped_column(ForeignKey("unit_report.id", ondelete="CASCADE"), primary_key=True)
    application_id: Mapped[str] = mapped_column(
        ForeignKey("application.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    position: Mapped[int]
    seq: Mapped[int]
    sent_back: Mapped[bool] = mapped_column(default=False)


class ReportPart(Base):
    """A file of a report as it was reported (汇总表, 采集表 …), kept as it was then."""

    __tablename__ = "report_part"
    report_id: Mapped[str] = mapped_column(ForeignKey("unit_report.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)  # as in Workbook
    name: Mapped[str] = mapped_column(String(200))
    storage_key: Mapped[str] = mapped_column(String(120))
    rows: Mapped[int]


class RegistryEntry(Base):
    """A person who is in the registry (入库). `number` is the registry's own, counted a programme; `ended_clause` names
    the clause by which the person left it (退出)."""

    __tablename__ = "registry_entry"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), unique=True)
    programme: Mapped[str] = mapped_column(String(64), index=True)
    number: Mapped[int]
    category: Mapped[str] = mapped_column(String(64), default="")
    admitted_on: Mapped[date]
    admitted_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    expires_on: Mapped[date | None]  # the end of a term, where the notice has one
    ended_on: Mapped[date | None]
    ended_clause: Mapped[str] = mapped_column(String(40), default="")
    ended_reason: Mapped[str] = mapped_column(String(300), default="")
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by SQLAlchemy
    __table_args__ = (UniqueConstraint("programme", "number", name="uq_registry_number"),)


class RegistryChange(Base):
    """A change asked for after admission (变动), with its evidence. state: draft → unit → office → accepted | refused |
    withdrawn, and asked where more is wanted (`change_states`).

    `sealed` holds the new answers by key, the old ones and the unit's opinion (`changes.Dossier`); `evidence` the ids
    of the application's pages that prove it.
    """

    __tablename__ = "registry_change"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"), index=True)
    kind: Mapped[str] = mapped_column(String(64))  # a change of the pack's afterwards.toml
    state: Mapped[str] = mapped_column(String(12), index=True)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    reason: Mapped[str] = mapped_column(Text, default="")
    evidence: Mapped[list[str]] = mapped_column(JSON, default=list)
    clause: Mapped[str] = mapped_column(String(40), default="")
    answer: Mapped[str] = mapped_column(String(300), default="")
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: the person
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by SQLAlchemy
