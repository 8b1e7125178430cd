"""References of dates, channels, quotas, scores and what follows, proven."""

from __future__ import annotations

from collections.abc import Collection

from models.errors import PackError
from models.programme.form import IDENTITY_KINDS
from models.programme.mentions import form_fields
from models.programme.pack import Pack

_DAY = {"dated": "a closing day", "standing": "no closing day"}


def prove(pack: Pack, categories: Collection[str], fields: Collection[str], documents: Collection[str]) -> None:
    """Raise PackError, naming file, key and reason, at the first reference that does not hold."""
    _round(pack)
    for stage in pack.programme.calendar:
        if stage.starts and stage.ends and stage.starts > stage.ends:
            raise PackError("programme.toml", f"calendar({stage.id}).ends", "the stage ends before it starts")
    _channels(pack)
    for quota in pack.selection.quotas:
        if quota.category:
            _known("selection.toml", f"quotas({quota.id}).category", quota.category, categories)
    if pack.scoring is not None:
        for name in (*(x.category for x in pack.scoring.thresholds), *(x.category for x in pack.scoring.shares)):
            _known("scoring.toml", "category", name, categories)
        if bool(pack.scoring.shares) != bool(pack.scoring.shares_clause):
            raise PackError("scoring.toml", "shares_clause", "shares and their clause go together")
        panel = pack.scoring.panel
        if panel is not None and panel.at_least > panel.at_most:
            raise PackError("scoring.toml", "panel.at_most", "the panel has at most fewer members than at least")
    if pack.afterwards.admission is not None and not pack.afterwards.admitted_clause:
        raise PackError("afterwards.toml", "admission", "words for an admission need the clause of it: admitted_clause")
    numbers = {field.id for field in form_fields(pack) if field.kind in IDENTITY_KINDS}
    for change in pack.afterwards.changes:
        for name in change.fields:
            if name in numbers:  # people are known by it: another number is another person's application
                raise PackError("afterwards.toml", f"changes({change.id}).fields", f"{name} is an identity number")
            _known("afterwards.toml", f"changes({change.id}).fields", name, fields)
        for name in change.evidence:
            _known("afterwards.toml", f"changes({change.id}).evidence", name, documents)
    for benefit in pack.afterwards.benefits:
        for name in (*benefit.categories, *(amount.category for amount in benefit.amounts)):
            _known("afterwards.toml", f"benefits({benefit.id}).categories", name, categories)
        if benefit.instalments and sum(benefit.instalments) != 100:
            raise PackError("afterwards.toml", f"benefits({benefit.id}).instalments", "the parts make 100 percent")
        for amount in benefit.amounts:
            if amount.least > amount.most:
                raise PackError("afterwards.toml", f"benefits({benefit.id}).amounts", "least is more than most")


def _round(pack: Pack) -> None:
    programme = pack.programme
    if programme.intake == "yearly":
        if programme.closes_on is None or programme.opens is not None or programme.closes is not None:
            raise PackError("programme.toml", "closes_on", "a yearly intake has this day and neither opens nor closes")
        return
    if programme.closes_on is not None:
        raise PackError("programme.toml", "closes_on", "only a yearly intake closes on the same day each year")
    if programme.opens is None:
        raise PackError("programme.toml", "opens", "the day is missing")
    if (programme.closes is None) != (programme.intake == "standing"):
        raise PackError("programme.toml", "closes", f"a {programme.intake} intake has {_DAY[programme.intake]}")
    if programme.closes is not None and programme.opens > programme.closes:
        raise PackError("programme.toml", "closes", "the round closes before it opens")


def _channels(pack: Pack) -> None:
    selection = pack.selection
    _consents(pack)
    if not selection.channel_fact:
        if selection.channels:
            raise PackError(
                "selection.toml", "channel_fact", "channels need the fact that says which way a person comes"
            )
        return
    facts = {fact.id: fact for fact in (*pack.eligibility.facts, *pack.routing.facts)}
    fact = facts.get(selection.channel_fact)
    if fact is None or fact.kind != "choice":
        raise PackError("selection.toml", "channel_fact", f"there is no choice fact {selection.channel_fact!r}")
    if [option.value for option in fact.options] != [channel.id for channel in selection.channels]:
        raise PackError("selection.toml", "channel_fact", f"the options of {fact.id} are the channels, in their order")


def _consents(pack: Pack) -> None:
    """What a unit hands in for its people, each of them has agreed to."""
    channels = {channel.id for channel in pack.selection.channels}
    agreed = {name for consent in pack.programme.consents if consent.required for name in consent.channels}
    for consent in pack.programme.consents:
        for name in consent.channels:
            _known("programme.toml", f"consents({consent.id}).channels", name, channels)
    for channel in pack.selection.channels:
        if channel.by_unit and channel.id not in agreed:
            key = f"channels({channel.id}).by_unit"
            raise PackError("selection.toml", key, "needs a required consent with this channel in programme.toml")


def _known(file: str, key: str, name: str, known: Collection[str]) -> None:
    if name not in known:
        raise PackError(file, key, f"there is no {name!r}")
