"""What a programme pack may say: the typed, frozen shape of one notice turned into data.

A pack is a folder of TOML files (and CSV code lists); `loader.load_pack` reads it into `Pack`.
Rules are data in a closed vocabulary: `Op` for conditions, `all`/`any`/`none` for trees. Nothing here evaluates.
References (`clause`) are strings such as ``三(二)4(1)``; each must exist in `clauses.toml`.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, field_validator

from models.programme import hours
from models.programme.afterwards import Afterwards, Amount, Benefit, Change, Exit, YearlyReview
from models.programme.basics import (
    Clause,
    ClauseRef,
    Clauses,
    DayOfYear,
    FactKind,
    Ident,
    Model,
    Op,
    OpenPoint,
    Option,
    Scalar,
    Term,
    Text,
)
from models.programme.form import Column, Document, Documents, FieldKind, Form, FormField, Section, UnitField, When
from models.programme.official import (
    BoundVolume,
    Cell,
    Figure,
    FormBlock,
    FormTable,
    GridCell,
    SummaryTable,
    UnitColumn,
    UnitTable,
    Workbooks,
)
from models.programme.retention import Retention
from models.programme.rules import Category, Condition, Eligibility, Fact, Group, Ladder, Route, Routing, Tree, Unit
from models.programme.selection import Channel, Dimension, Panel, Quota, Scoring, Selection, Share, Threshold

__all__ = [
    "Afterwards",
    "Amount",
    "Benefit",
    "BoundVolume",
    "Category",
    "Cell",
    "Change",
    "Channel",
    "Clause",
    "ClauseRef",
    "Clauses",
    "Column",
    "Condition",
    "Consent",
    "Declaration",
    "Dimension",
    "Document",
    "Documents",
    "Duty",
    "Eligibility",
    "Exit",
    "Fact",
    "FactKind",
    "FieldKind",
    "Figure",
    "Form",
    "FormBlock",
    "FormField",
    "FormTable",
    "GridCell",
    "Group",
    "Ident",
    "Ladder",
    "Op",
    "OpenPoint",
    "Option",
    "Pack",
    "Panel",
    "Programme",
    "Quota",
    "Retention",
    "Route",
    "Routing",
    "Scalar",
    "Scoring",
    "Section",
    "Selection",
    "Setting",
    "Share",
    "StageDate",
    "SummaryTable",
    "Text",
    "Threshold",
    "Tree",
    "Unit",
    "UnitColumn",
    "UnitField",
    "UnitTable",
    "When",
    "Workbooks",
    "YearlyReview",
]


class StageDate(Model):
    """A stage of the notice's calendar. `who` acts in it; `working_days` is its length where no dates are given,
    `ends_on` its last day where it comes every year."""

    id: Ident
    clause: ClauseRef
    title: Text
    who: Text | None = None
    text: Text | None = None
    starts: date | None = None
    ends: date | None = None
    ends_on: DayOfYear | None = None
    working_days: int | None = Field(default=None, ge=1)


class Duty(Model):
    """An obligation the notice lays on somebody; shown to them, not evaluated."""

    id: Ident
    clause: ClauseRef
    who: Text
    text: Text


class Consent(Model):
    """One separate consent; a new `version` asks again. With `channels` it is asked only of those who come that way.
    `compared_with`: the programmes (slugs) of which its text says that their offices are told who applied in both."""

    id: Ident
    version: int
    title: Text
    text: Text
    required: bool = True
    channels: tuple[Ident, ...] = ()
    compared_with: tuple[str, ...] = ()


class Declaration(Model):
    id: Ident
    clause: ClauseRef
    text: Text


class Setting(Model):
    """A number that the notice leaves room for; conditions name it, and staff see it with the reason."""

    id: Ident
    clause: ClauseRef
    title: Text
    value: int
    reason: Text


Intake = Literal["dated", "standing", "yearly"]


class Programme(Model):
    """Titles, dates and duties of a notice.

    `intake` says how applications are taken in: ``dated``, from `opens` to `closes`; ``standing`` (长期受理), without a
    closing day; or ``yearly``, without a gap: what comes until the day `closes_on` belongs to that year, what comes
    later to the next. The office may open rounds of its own.
    """

    slug: str
    version: str = Field(min_length=1, max_length=40)  # raised for every change once it has been published
    title: Text
    short: Text  # a name that fits a phone's heading
    summary: Text
    issuer: Text
    document_number: str = ""  # 文号; empty where the text has none
    notice_text: str = ""  # name of the file with the notice's text, if it is not the slug
    issued: date | None = None
    intake: Intake = "dated"
    opens: date | None = None  # the notice's own round
    closes: date | None = None
    closes_on: DayOfYear | None = None  # of a yearly intake
    dates_clause: ClauseRef
    office_place: Text | None = None  # room and building only; never a person or a private number
    office_hours: tuple[str, ...] = ()  # ``09:00-12:00``, on working days; see `hours`
    calendar: tuple[StageDate, ...] = ()
    duties: tuple[Duty, ...] = ()
    consents: tuple[Consent, ...]
    declarations: tuple[Declaration, ...]
    open_points: tuple[OpenPoint, ...] = ()
    settings: tuple[Setting, ...] = ()
    nearest_help: Text | None = None
    retention: Retention = Retention()

    @field_validator("office_hours")
    @classmethod
    def _spans(cls, written: tuple[str, ...]) -> tuple[str, ...]:
        hours.spans(written)
        return written


class Pack(Model):
    """A whole, validated pack. `clauses` keep the notice's order; `terms` are what its own words are called in English;
    `messages` are pack-specific wordings."""

    programme: Programme
    clauses: tuple[Clause, ...]
    terms: tuple[Term, ...] = ()
    eligibility: Eligibility
    form: Form
    documents: Documents
    routing: Routing
    workbooks: Workbooks
    selection: Selection = Selection()
    scoring: Scoring | None = None
    afterwards: Afterwards = Afterwards()
    messages: dict[str, Text] = Field(default_factory=dict)
    codes: dict[str, tuple[Option, ...]] = Field(default_factory=dict)  # CSV name without .csv → options

    @property
    def slug(self) -> str:
        return self.programme.slug

    @property
    def text_name(self) -> str:
        """The notice's text is kept under this name, with ``.txt``."""
        return self.programme.notice_text or self.slug
