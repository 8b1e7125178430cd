"""What is set for each channel and how it has gone lately: names of settings and times, never a secret."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.application.channel_tables import Delivery
from models.application.tables import Conversation
from models.settings import Settings

CHANNELS = ("wechat", "kefu", "telegram", "sms", "email")
ARRIVED = ("sent", "delivered")
FAILED = ("failed", "uncertain")
_SETTINGS = {
    "wechat": tuple(f"wechat_{name}" for name in ("token", "app_id", "aes_keys", "secret", "template", "programme")),
    "kefu": tuple(f"kefu_{name}" for name in ("corp_id", "account", "secret", "token", "aes_key", "programme")),
    "telegram": ("telegram_token", "telegram_secret", "telegram_programme"),
    "sms": ("sms_sender",),
    "email": tuple(f"smtp_{name}" for name in ("host", "port", "security", "user", "password", "from")),
}
_NEEDED = {
    *("wechat_token", "wechat_app_id", "telegram_token", "smtp_host"),
    *(f"kefu_{name}" for name in ("corp_id", "account", "secret", "token", "aes_key")),
}
_LONGEST = 60  # characters of a value that is shown


@dataclass(frozen=True, slots=True)
class Given:
    """One setting: the variable, what it is for (a name of wording), whether it is set, and its value where that may be
    seen. `needed`: without it the channel does nothing."""

    variable: str
    about: str
    given: bool
    needed: bool
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel. `address`: what the platform has to be told to call; empty where it calls nobody."""

    name: str
    on: bool
    settings: tuple[Given, ...]
    address: str = ""
    reachable: bool = True  # whether a platform could call that address at all
    heard: datetime | None = None
    sent: datetime | None = None
    failed: datetime | None = None
    error: str = ""
    detail: str = ""
    missing: tuple[Given, ...] = field(default=())


def channels(session: Session, settings: Settings) -> list[Channel]:
    """Every channel, whether it is set up or not."""
    times = _times(session)
    heard = _heard(session)
    return [_channel(name, settings, times, heard, session) for name in CHANNELS]


def _channel(
    name: str,
    settings: Settings,
    times: dict[tuple[str, str], datetime],
    heard: dict[str, datetime],
    session: Session,
) -> Channel:
    given = _given(name, settings)
    arrived = [at for state in ARRIVED if (at := times.get((name, state))) is not None]
    broken = [at for state in FAILED if (at := times.get((name, state))) is not None]
    error, detail = _last_failure(session, name) if broken else ("", "")
    calls = name in ("wechat", "kefu", "telegram")
    missing = tuple(one for one in given if one.needed and not one.given)
    return Channel(
        name,
        bool(settings.sms_sender) if name == "sms" else not missing,
        given,
        f"{settings.base_url}/{name}/" if calls else "",
        settings.base_url.startswith("https://"),
        heard.get(name),
        max(arrived, default=None),
        max(broken, default=None),
        error,
        detail,
        missing,
    )


def _given(channel: str, settings: Settings) -> tuple[Given, ...]:
    """The channel's settings. What `Settings` keeps out of its own repr is a secret, and only told to be there."""
    return tuple(_one(name, settings, name in _NEEDED) for name in _SETTINGS[channel])


def _one(name: str, settings: Settings, needed: bool) -> Given:
    value = getattr(settings, name)
    open_ = Settings.model_fields[name].repr
    shown = str(value)[:_LONGEST] if value and open_ else ""
    return Given(f"BOLE_{name.upper()}", name, bool(value), needed, shown)


def _times(session: Session) -> dict[tuple[str, str], datetime]:
    """When a message was last in each state, by channel and state."""
    query = select(Delivery.channel, Delivery.state, func.max(Delivery.updated_at))
    rows = session.execute(query.group_by(Delivery.channel, Delivery.state)).all()
    return {(channel, state): at for channel, state, at in rows}


def _heard(session: Session) -> dict[str, datetime]:
    """When somebody last wrote, by channel."""
    query = select(Conversation.channel, func.max(Conversation.heard_at)).group_by(Conversation.channel)
    return {channel: at for channel, at in session.execute(query).all() if at is not None}


def _last_failure(session: Session, name: str) -> tuple[str, str]:
    query = select(Delivery.error, Delivery.detail).where(Delivery.channel == name, Delivery.state.in_(FAILED))
    found = session.execute(query.order_by(Delivery.updated_at.desc()).limit(1)).one_or_none()
    return (found.error, found.detail) if found is not None else ("", "")
