"""What a programme pack may say: the typed, frozen shape of one notice turned into data.

A pack is a folder of TOML files (and CSV code lists); `loader.load_pack` reads it into `Pack`.
Rules are data in a closed vocabulary: `Op` for conditions, `all`/`any`/`none` for trees. Nothing here evaluates.
References (`clause`) are strings such as ``三(二)4(1)``; each must exist in `clauses.toml`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Ident = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
ClauseRef = str


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Model):
    """One sentence a person may see, in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def get(self, lang: str) -> str:
        """The wording in `lang` (``zh`` or ``en``); any other language reads Chinese, the notice's own."""
        return self.en if lang == "en" else self.zh


class Clause(_Model):
    """A clause of the notice: reference, heading, and its own words where it decides something (`quote`)."""

    ref: ClauseRef
    heading: str
    quote: str = ""
    open: str = ""  # why nothing claims it, or what the text leaves open; shown to staff


class OpenPoint(_Model):
    """Something the notice leaves open or contradicts: never invented, shown to staff."""

    id: Ident
    clause: ClauseRef
    reason: Text
    default: Text | None = None  # what the software does until the office decides


class Option(_Model):
    value: str
    label: Text
    hint: Text | None = None
    parent: str = ""  # value of the parent field's option that this belongs to
    group: str = ""  # heading under which long lists are shown
    group_en: str = ""
    clause: ClauseRef = ""


Op = Literal[
    "is",  # equal
    "is_not",
    "one_of",  # a choice within the list
    "any_of",  # a multi-choice that has at least one of the list
    "none_of",  # a multi-choice that has none of the list
    "at_least",  # number, or ordered choice by position in its options
    "at_most",
    "on_or_before",  # date
    "on_or_after",
    "years_at_least",  # whole years from the date in the fact to the day of assessment
    "years_at_most",
    "answered",  # any answer but none/unsure
]
FactKind = Literal["yes_no", "choice", "choices", "number", "date"]
Scalar = str | int | bool | date


class Fact(_Model):
    """One thing to know about a person. Worded for the person, not for the clause.

    Values: yes_no → bool; choice → option value; choices → tuple of option values (empty = 「以上都没有」);
    number → int; date → ISO date string. The string ``"unsure"`` (`UNSURE`) is 「不确定」 for every kind.
    """

    id: Ident
    kind: FactKind
    question: Text
    why: Text
    hint: Text | None = None
    example: Text | None = None
    options: tuple[Option, ...] = ()
    codes: str = ""  # a CSV under codes/, instead of inline options
    ordered: bool = False  # options run from lowest to highest; at_least / at_most may be used
    unsure: bool = True
    ask_when: tuple[Ident, ...] = ()  # conditions that must all be met before the question makes sense
    clause: ClauseRef = ""


class Condition(_Model):
    """fact, operator, value. `staff=True`: a match is not *met* but *staff decide* (「成绩突出」 is for people);
    a mismatch is still *not met*."""

    id: Ident
    fact: Ident
    op: Op
    value: Scalar | tuple[Scalar, ...] | None = None
    clause: ClauseRef
    quote: str = ""  # words of that clause (must occur in the clause's quote); default: the clause's quote
    text: Text  # the condition in plain words, for the verdict page
    staff: bool = False
    staff_why: Text | None = None
    evidence: tuple[Ident, ...] = ()  # documents that show it


class Tree(_Model):
    """all AND (at least one of any) AND none of none; names are conditions or groups. An empty tree is met."""

    all: tuple[Ident, ...] = ()
    any: tuple[Ident, ...] = ()
    none: tuple[Ident, ...] = ()


class Group(Tree):
    """A named sub-tree, as a numbered condition of the notice: 「符合下列条件之一」 ..."""

    id: Ident
    clause: ClauseRef
    title: Text


class Category(Tree):
    """A category (or tier) a person may fit."""

    id: Ident
    clause: ClauseRef
    name: Text
    plain: Text  # one line that a person recognises themselves in


class Eligibility(_Model):
    claim_question: Text
    claim_hint: Text | None = None
    general: Tree = Tree()  # what every category needs as well
    general_clause: ClauseRef = ""
    facts: tuple[Fact, ...]
    conditions: tuple[Condition, ...]
    groups: tuple[Group, ...] = ()
    categories: tuple[Category, ...]


class When(_Model):
    """When a field, section or document is asked: all given parts must hold.

    `category`: any of these is claimed and not refused; `field`/`fact` with `op`/`value`: that answer matches
    (unanswered does not match); `condition`: any of these conditions is met or staff-decided.
    """

    category: tuple[Ident, ...] = ()
    condition: tuple[Ident, ...] = ()
    field: str = ""
    fact: str = ""
    op: Op = "is"
    value: Scalar | tuple[Scalar, ...] | None = None


FieldKind = Literal[
    "text",
    "long_text",
    "choice",
    "choices",
    "yes_no",
    "number",
    "date",  # YYYY-MM-DD
    "month",  # YYYY-MM
    "id_number",  # GB 11643
    "phone",
    "place",  # administrative division, free text with suggestion
    "rows",
]


class Column(_Model):
    """A column of a repeatable row."""

    id: Ident
    kind: Literal["text", "choice", "date", "month", "number"]
    label: Text
    required: bool = True
    example: Text | None = None
    codes: str = ""
    options: tuple[Option, ...] = ()
    max_length: int = 100
    clause: ClauseRef = ""
    may_be_future: bool = False  # a month or date that need not be past (the end of a period never need be)


class FormField(_Model):
    """One field of the form. `official` is the label in the official table, word for word."""

    id: Ident
    kind: FieldKind
    label: Text
    official: str = ""
    help: Text | None = None
    example: Text | None = None
    clause: ClauseRef
    required: bool = True
    when: When | None = None
    options: tuple[Option, ...] = ()
    codes: str = ""
    parent: str = ""  # a field whose value narrows this one's options (Option.parent)
    columns: tuple[Column, ...] = ()
    min_rows: int = 0
    max_rows: int = 20
    max_length: int = 100
    sensitive: bool = False  # encrypted at rest, masked for staff
    from_fact: str = ""  # offered from this eligibility answer (choice values must be the same codes)
    derive: Literal["", "birth_date_from_id", "sex_from_id"] = ""  # offered from, and compared with, the ID number
    id_field: str = ""  # the id_number field that `derive` reads
    may_be_future: bool = False  # a month or date that need not be past
    min_age: int = 0  # a month or date before that birthday (by the ID number) is questioned, not refused


class Section(_Model):
    """A task of the task list."""

    id: Ident
    title: Text
    clause: ClauseRef
    intro: Text | None = None
    when: When | None = None
    fields: tuple[FormField, ...]


class Form(_Model):
    sections: tuple[Section, ...]


class Document(_Model):
    """A document to photograph."""

    id: Ident
    title: Text
    why: Text
    counts: Text  # what counts as this document
    clause: ClauseRef
    required: bool = True
    when: When | None = None
    min_pages: int = 1
    max_pages: int = 5
    portrait: bool = False
    identity: bool = False  # falls under the consent for identity data


class Documents(_Model):
    documents: tuple[Document, ...]


class Unit(_Model):
    """A collecting unit or county named by the notice (四(一))."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    name: Text
    clause: ClauseRef
    parent: str = ""  # reports through this unit
    group: str = ""


class Route(_Model):
    """The first route whose tree is met decides. Exactly one of `unit` (an id) or `unit_by` (a choice fact whose
    option values are unit ids). `staff=True`: candidates only, the office decides."""

    id: Ident
    clause: ClauseRef
    when: Tree
    unit: str = ""
    unit_by: str = ""
    staff: bool = False
    text: Text


class Routing(_Model):
    """Facts and conditions here extend those of eligibility; `fallback` is the unit that sorts out the rest."""

    office: str  # the unit id of the programme office
    fallback: str
    fallback_clause: ClauseRef
    facts: tuple[Fact, ...] = ()
    conditions: tuple[Condition, ...] = ()
    units: tuple[Unit, ...]
    routes: tuple[Route, ...]


class StageDate(_Model):
    """A dated stage of the notice's calendar."""

    id: Ident
    clause: ClauseRef
    title: Text
    starts: date | None = None
    ends: date | None = None


class Duty(_Model):
    """An obligation the notice lays on somebody; shown to them, not evaluated."""

    id: Ident
    clause: ClauseRef
    who: Text
    text: Text


class Consent(_Model):
    """One separate consent; a new `version` asks again."""

    id: Ident
    version: int
    title: Text
    text: Text
    required: bool = True


class Declaration(_Model):
    id: Ident
    clause: ClauseRef
    text: Text


class Programme(_Model):
    slug: str
    version: str
    title: Text
    short: Text  # a name that fits a phone's heading
    summary: Text
    issuer: Text
    document_number: str
    issued: date
    opens: date  # the notice's own round
    closes: date
    dates_clause: ClauseRef
    office_place: Text | None = None  # room and building only; never a person or a private number
    calendar: tuple[StageDate, ...] = ()
    duties: tuple[Duty, ...] = ()
    consents: tuple[Consent, ...]
    declarations: tuple[Declaration, ...]
    open_points: tuple[OpenPoint, ...] = ()
    nearest_help: Text | None = None


class Cell(_Model):
    """A workbook column or form cell. `source`: ``seq`` · ``category`` · ``field:<id>`` · ``fact:<id>`` ·
    ``document:<id>`` (portrait) · ``rows:<id>`` (a block of rows) · ``blank`` (left for people)."""

    header: str
    source: str
    width: float = 12.0
    codes: str = ""  # drop-down list down the rows
    clause: ClauseRef


class SummaryTable(_Model):
    """The unit's summary workbook (汇总表)."""

    title: str
    clause: ClauseRef
    header_line: str  # e.g. 报送时间：{date}    报送单位：{unit}（单位公章）
    columns: tuple[Cell, ...]
    inferred: bool = False  # columns are not in the notice: an open point says so
    spare_rows: int = 20


class FormBlock(_Model):
    title: str
    cells: tuple[Cell, ...]
    when: When | None = None


class FormTable(_Model):
    """One person's collection form (采集表)."""

    title: str
    clause: ClauseRef
    blocks: tuple[FormBlock, ...]
    opinion: str  # label of the review box, word for word
    opinion_clause: ClauseRef
    inferred: bool = False


class Workbooks(_Model):
    summary: SummaryTable
    form: FormTable


class Pack(_Model):
    """A whole, validated pack. `clauses` keep the notice's order; `messages` are pack-specific wordings."""

    programme: Programme
    clauses: tuple[Clause, ...]
    eligibility: Eligibility
    form: Form
    documents: Documents
    routing: Routing
    workbooks: Workbooks
    messages: dict[str, Text] = {}
    codes: dict[str, tuple[Option, ...]] = {}  # CSV name without .csv → options

    @property
    def slug(self) -> str:
        return self.programme.slug
