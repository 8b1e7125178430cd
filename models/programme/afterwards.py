"""What follows once somebody is in: changes, exits, yearly reviews, benefits. People carry it out."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from models.programme.basics import ClauseRef, DayOfYear, Ident, Model, Text


class Change(Model):
    """A change that must be reported, with the papers that show it."""

    id: Ident
    clause: ClauseRef
    what: Text
    who: Text  # who reports it, and to whom
    fields: tuple[Ident, ...] = ()  # form fields that change
    evidence: tuple[Ident, ...] = ()  # documents that show it


class Exit(Model):
    """A reason for which somebody leaves (退出, 取消资格). `decided_by`: who establishes it; never the software."""

    id: Ident
    clause: ClauseRef
    reason: Text
    decided_by: Text
    consequence: Text | None = None


class YearlyReview(Model):
    """What is handed in each year until `due`, and what follows if it is not approved."""

    id: Ident
    clause: ClauseRef
    title: Text
    due: DayOfYear
    papers: tuple[Text, ...] = ()
    consequence: Text | None = None


class Amount(Model):
    """How much a category is given, in yuan: between `least` and `most` where the notice leaves room."""

    category: Ident
    least: int = Field(ge=1)
    most: int = Field(ge=1)
    per: Literal["once", "month", "year"]


class Benefit(Model):
    """What somebody in one of the `categories` (all, if none is named) is given. `years`: for how long;
    `instalments`: percent paid in each year."""

    id: Ident
    clause: ClauseRef
    title: Text
    text: Text
    categories: tuple[Ident, ...] = ()
    amounts: tuple[Amount, ...] = ()
    years: int | None = Field(default=None, ge=1)
    instalments: tuple[int, ...] = ()


class Admission(Model):
    """What the notice calls it when somebody is chosen. `deed`: what the office carries out (入库, 聘任); `done`: how
    the application then stands (已入库); `told`: the same said to the person, without a full stop (您已入库)."""

    deed: Text
    done: Text
    told: Text


class Afterwards(Model):
    """`admitted_clause`: the office enters whom it has chosen in a registry (入库, 聘任), for `term_years` where the
    notice sets a term; `admission`: in which words."""

    admitted_clause: ClauseRef = ""
    admission: Admission | None = None
    term_years: int | None = Field(default=None, ge=1, le=50)
    changes: tuple[Change, ...] = ()
    exits: tuple[Exit, ...] = ()
    reviews: tuple[YearlyReview, ...] = ()
    benefits: tuple[Benefit, ...] = ()
