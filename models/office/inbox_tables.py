"""Tables of the shared inbox: the thread of a question, and answers prepared for many."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.application.tables import new_id
from models.extensions import Base, UtcDateTime


class EnquiryMessage(Base):
    """One thing said or done in a question's thread. kind: question | answer | ask_back | reply | note | passed |
    taken | released | closed | reopened. A note is between colleagues and never reaches the person."""

    __tablename__ = "enquiry_message"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    enquiry_id: Mapped[str] = mapped_column(ForeignKey("enquiry.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: the person, or nobody (a lease's end)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # the words
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class PreparedAnswer(Base):
    """An answer that staff take as a beginning and change; the person sees only what is sent."""

    __tablename__ = "prepared_answer"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    programme: Mapped[str] = mapped_column(String(64), index=True)
    title: Mapped[str] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text, default="")
    clause: Mapped[str] = mapped_column(String(40), default="")
    used: Mapped[int] = mapped_column(default=0)
    written_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by SQLAlchemy
