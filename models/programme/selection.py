"""How a programme chooses among applicants: ways in, quotas, and the scores where the notice scores."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from models.programme.basics import ClauseRef, Ident, Model, Text


class Channel(Model):
    """A way in (个人自荐, 单位推荐, 单位统一报送). `closes` binds this way alone; `by_unit`: the unit hands in for its
    people, each of whom has to agree."""

    id: Ident
    clause: ClauseRef
    name: Text
    plain: Text
    closes: date | None = None
    by_unit: bool = False


class Quota(Model):
    """How many may be chosen. Without a `category` it counts for the whole programme."""

    id: Ident
    clause: ClauseRef
    title: Text
    category: str = ""
    at_most: int = Field(ge=1)


class Selection(Model):
    """`channel_fact`: the choice fact whose options are the channels' ids: which way a person comes."""

    channel_fact: str = ""
    channels: tuple[Channel, ...] = ()
    quotas: tuple[Quota, ...] = ()


class Dimension(Model):
    """What is scored. `points` (its maximum) is None where the notice does not give it: the office fills it in."""

    id: Ident
    clause: ClauseRef
    title: Text
    points: int | None = Field(default=None, ge=1)


class Threshold(Model):
    """The score that a category takes at least."""

    category: Ident
    clause: ClauseRef
    points: int = Field(ge=1)


class Share(Model):
    """A category's part of all who are chosen, in relation to the other shares."""

    category: Ident
    parts: int = Field(ge=1)


class Panel(Model):
    """Who judges (专家评议组): how many, and of whom it is made up."""

    clause: ClauseRef
    title: Text
    members: Text
    at_least: int = Field(ge=1)
    at_most: int = Field(ge=1)


class Scoring(Model):
    """The scored evaluation. `passing`: points below which nobody goes on, None where the notice gives none."""

    clause: ClauseRef
    passing: int | None = Field(default=None, ge=0)
    panel: Panel | None = None
    dimensions: tuple[Dimension, ...] = Field(min_length=1)
    thresholds: tuple[Threshold, ...] = ()
    shares_clause: ClauseRef = ""
    shares: tuple[Share, ...] = ()
