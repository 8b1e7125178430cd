"""What a pack asks to fill in and to photograph."""

from __future__ import annotations

from typing import Final, Literal

from models.programme.basics import ClauseRef, Ident, Model, Op, Option, Scalar, Text


class When(Model):
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


IDENTITY_KINDS: Final = ("id_number", "passport_number")  # by which a person is known again
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
    "passport_number",  # ICAO Doc 9303, for people without an ID number
    "phone",
    "place",  # administrative division: any text, helped by the names of today's (places.py)
    "rows",
]


class Column(Model):
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
    digits: bool = False  # a text that may be digits and signs alone: a code, the number of a patent
    profile: str = ""  # what it means in every programme (_shared/profile.csv), within its rows


class FormField(Model):
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
    binding: bool = False  # has to agree with that answer: the verdict rests on it
    # Offered from, and compared with, the ID number; without one (a passport) from the eligibility answer.
    derive: Literal["", "birth_date_from_id", "sex_from_id"] = ""
    id_field: str = ""  # the id_number field that `derive` reads
    may_be_future: bool = False  # a month or date that need not be past
    digits: bool = False  # a text that may be digits and signs alone: a code, the number of a patent
    min_age: int = 0  # a month or date before that birthday (by the ID number) is questioned, not refused
    profile: str = ""  # what it means in every programme (_shared/profile.csv): offered again in another one


class UnitField(Model):
    """What the unit itself fills in about a person (an employer's rating). Kept apart from the person's answers:
    `confidential` values reach staff and workbooks, never an applicant."""

    id: Ident
    kind: Literal["text", "long_text", "choice", "number", "month", "date", "yes_no"]
    label: Text
    official: str = ""
    help: Text | None = None
    clause: ClauseRef
    required: bool = True
    confidential: bool = True
    when: When | None = None
    options: tuple[Option, ...] = ()
    codes: str = ""
    max_length: int = 200


class Section(Model):
    """A task of the task list."""

    id: Ident
    title: Text
    clause: ClauseRef
    intro: Text | None = None
    when: When | None = None
    fields: tuple[FormField, ...]


class Form(Model):
    sections: tuple[Section, ...]
    unit_fields: tuple[UnitField, ...] = ()


class Document(Model):
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
    photo_mm: tuple[int, int] = (25, 35)  # of a portrait on paper: 一寸; 大一寸 is 33 × 48
    identity: bool = False  # falls under the consent for identity data
    profile: str = ""  # what it is in every programme (_shared/profile.csv): offered again in another one
    paper: str = ""  # what kind of paper (_shared/papers.toml), where the profile does not say: its sample, its reader
    originals: Text | None = None  # whether and when the original is looked at later
    originals_clause: ClauseRef = ""


class Documents(Model):
    documents: tuple[Document, ...]
