"""Ways in (channels): which of them have closed, and changing from one to another.

A channel's own closing day is the notice's and binds that way alone, in the notice's own round; in a round that the
office opens only the round's days do. What the office returned is not bound by it: the office asked for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import clock
from models.application import lifecycle, rounds
from models.application.tables import Application, ConsentRecord, Round
from models.errors import WayClosed
from models.interview.prepared import prepared
from models.interview.steps import Ask, Plan
from models.interview.wording import say
from models.programme.pack import Channel, Consent, Option, Pack, Text


@dataclass(frozen=True, slots=True)
class ClosedWay:
    """The way that a person chose, closed since `closes`, and the `others` that are still open."""

    channel: Channel
    closes: date
    others: tuple[Channel, ...]

    def sentence(self, lang: str) -> str:
        """That this way has closed, and that the others are there."""
        return say("error.way_closed" if self.others else "error.way_closed_only", lang, **self.params)

    @property
    def params(self) -> dict[str, Any]:
        """What the sentence is filled with."""
        filled: dict[str, Any] = {"way": self.channel.name, "closes": self.closes}
        return {**filled, "others": _listed(self.others)} if self.others else filled


def fact_key(pack: Pack) -> str:
    """The answer key under which a person says how they come; empty where the programme does not ask."""
    return f"fact:{pack.selection.channel_fact}" if pack.selection.channel_fact else ""


def closed(pack: Pack, round_: Round | None, today: date) -> tuple[Channel, ...]:
    """The channels whose own closing day has passed in this round."""
    if round_ is None or not round_.notice:
        return ()
    return tuple(c for c in pack.selection.channels if c.closes is not None and c.closes < today)


def closed_now(session: Session, pack: Pack, application: Application) -> tuple[Channel, ...]:
    """The channels that are closed for this draft today, in the round into which it would go; none for others."""
    if application.status != lifecycle.DRAFT or not prepared(pack).closing:
        return ()
    today = clock.current().today()
    begun = session.get_one(Round, application.round_id)
    return closed(pack, begun if begun.takes(today) else rounds.current(pack.slug, today), today)


def chosen_closed(
    pack: Pack, shut: tuple[Channel, ...], plan: Plan, answers: Mapping[str, Any]
) -> ClosedWay | None:  # fmt: skip
    """The way that these answers choose, if it is among those that have closed."""
    found = chosen(pack, plan, answers)
    if found is None or found not in shut or found.closes is None:
        return None
    return ClosedWay(found, found.closes, others(pack, shut, answers))


def chosen(pack: Pack, plan: Plan, answers: Mapping[str, Any]) -> Channel | None:
    """The way by which a person comes; None where the programme does not ask, or they do not know."""
    key = fact_key(pack)
    way = answers.get(key) if key and key in plan.answered else None
    return next((channel for channel in pack.selection.channels if channel.id == way), None)


def agreed(session: Session, pack: Pack, application_id: str) -> tuple[tuple[Consent, datetime], ...]:
    """The consents to a way in that stand, each with when it was given."""
    titles = {consent.id: consent for consent in pack.programme.consents if consent.channels}
    query = select(ConsentRecord).where(
        ConsentRecord.application_id == application_id,
        ConsentRecord.consent.in_(titles),
        ConsentRecord.withdrawn_at.is_(None),
    )
    found = session.scalars(query.order_by(ConsentRecord.given_at)) if titles else ()
    return tuple((titles[given.consent], given.given_at) for given in found)


def others(pack: Pack, shut: tuple[Channel, ...], answers: Mapping[str, Any]) -> tuple[Channel, ...]:
    """The ways that are open beside the one that these answers choose."""
    way = answers.get(fact_key(pack))
    return tuple(channel for channel in pack.selection.channels if channel not in shut and channel.id != way)


def require_open(
    session: Session, pack: Pack, application: Application, plan: Plan, answers: Mapping[str, Any]
) -> None:
    """Raise WayClosed where the way that the person chose has closed; they can still come another way."""
    way = chosen_closed(pack, closed_now(session, pack, application), plan, answers)
    if way is not None:
        raise WayClosed("error.way_closed" if way.others else "error.way_closed_only", **way.params)


def marked(plan: Plan, pack: Pack, shut: Iterable[Channel]) -> Plan:
    """The same plan, whose question about the way says which options have closed."""
    days = {channel.id: channel.closes for channel in shut if channel.closes is not None}
    ask = plan.ask(fact_key(pack)) if days else None
    if ask is None:
        return plan
    told = replace(ask, options=tuple(_marked(option, days.get(option.value)) for option in ask.options))
    step = told if isinstance(plan.step, Ask) and plan.step.key == ask.key else plan.step
    return replace(plan, asks=tuple(told if one.key == ask.key else one for one in plan.asks), step=step)


def moot_consents(pack: Pack, accepted: Mapping[str, Any]) -> list[str]:
    """Consents to ways that the person has just left."""
    key = fact_key(pack)
    if not key or key not in accepted:
        return []
    return [c.id for c in pack.programme.consents if c.channels and accepted[key] not in c.channels]


def _marked(option: Option, closes: date | None) -> Option:
    if closes is None:
        return option
    text = {}
    for lang in ("zh", "en"):
        said = say("way.closed", lang, closes=closes)
        gap = "" if lang == "zh" else " "
        text[lang] = f"{said}{gap}{option.hint.get(lang)}" if option.hint else said
    return option.model_copy(update={"hint": Text(**text)})


def _listed(channels: Iterable[Channel]) -> Text:
    found = tuple(channels)
    return Text(zh="、".join(c.name.zh for c in found), en=" / ".join(c.name.en for c in found))
