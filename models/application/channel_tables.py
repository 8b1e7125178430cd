"""Tables of the channels: what was sent, what an account keeps, the codes that bind a conversation, what it carries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from models.application.tables import new_id
from models.extensions import Base, UtcDateTime


class Delivery(Base):
    """One message sent to a platform, under a key of its own (`effect`), from before the platform is called.

    state: sending → sent | delivered | failed | deferred | uncertain (see `models.application.deliveries`); purpose:
    reply | notice. `error` and `detail` are kinds and codes, never anything of a person.
    """

    __tablename__ = "delivery"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    effect: Mapped[str] = mapped_column(String(200), unique=True)
    channel: Mapped[str] = mapped_column(String(20))
    purpose: Mapped[str] = mapped_column(String(10))
    part: Mapped[int] = mapped_column(default=0)  # the how-manyth message of one reply or notice
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    application_id: Mapped[str | None] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)
    notice_id: Mapped[str | None] = mapped_column(ForeignKey("notice.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(12))
    error: Mapped[str] = mapped_column(String(20), default="")
    detail: Mapped[str] = mapped_column(String(80), default="")
    attempts: Mapped[int] = mapped_column(default=1)
    external_id: Mapped[str] = mapped_column(String(120), default="")  # the platform's name for it
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    __table_args__ = (Index("ix_delivery_receipt", "channel", "external_id"), Index("ix_delivery_state", "state"))


class ChannelState(Base):
    """What a channel's account keeps between messages: an access token, a cursor; one process renews it at a time."""

    __tablename__ = "channel_state"
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    account: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LinkCode(Base):
    """A one-time code that lets another conversation carry an application on; only its keyed digest is kept."""

    __tablename__ = "link_code"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Carried(Base):
    """An application that a chat carries besides the one that is talked about there (`Conversation.application_id`):
    left by 「换项目」 with all that was open in it, until the person goes on with it."""

    __tablename__ = "carried"
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    application_id: Mapped[str] = mapped_column(
        ForeignKey("application.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    state: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # of the conversation, as it was left
    bound_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # as the conversation's
    left_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int]  # the conversation's when it was left: each time another one
