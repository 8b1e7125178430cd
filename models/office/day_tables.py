"""Table of the days on which an office works otherwise than the country does."""

from __future__ import annotations

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.extensions import Base


class OfficeDay(Base):
    """One day of a programme's office. kind: off | work, or whole: this year's days (the row stands on 1 January) are
    all known."""

    __tablename__ = "office_day"
    programme: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(5), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), default="")
