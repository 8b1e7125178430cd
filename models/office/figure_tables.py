"""The table of the figures: what people are counted by, coded once instead of read out of sealed answers each time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.extensions import Base, UtcDateTime


class FigureFact(Base):
    """The codes of one person (`models.programme.figuring.coded`): options chosen, month of birth, yes or no; nothing
    that names anybody. Made from answers as they were at `at`; one older than its application is made again."""

    __tablename__ = "figure_fact"
    application_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("application.id", ondelete="CASCADE"), primary_key=True
    )
    codes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
