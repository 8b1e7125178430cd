"""What follows once somebody is in: changes, exits, yearly reviews, benefits. People carry it out."""

from __future__ import annotations

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


class Benefit(Model):
    """What somebody in one of the `categories` (all, if none is named) is given."""

    id: Ident
    clause: ClauseRef
    title: Text
    text: Text
    categories: tuple[Ident, ...] = ()


class Afterwards(Model):
    changes: tuple[Change, ...] = ()
    exits: tuple[Exit, ...] = ()
    reviews: tuple[YearlyReview, ...] = ()
    benefits: tuple[Benefit, ...] = ()
