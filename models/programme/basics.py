"""What every part of a pack is made of: texts in two languages, clauses, options, and the vocabulary of values."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Ident = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
ClauseRef = str
DayOfYear = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-([0-2][1-9]|[123]0|31)$")]  # MM-DD


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Model):
    """One sentence a person may see, in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def get(self, lang: str) -> str:
        """The wording in `lang` (``zh`` or ``en``); any other language reads Chinese, the notice's own."""
        return self.en if lang == "en" else self.zh


class Clause(Model):
    """A clause of the notice: reference, heading, and its own words where it decides something (`quote`)."""

    ref: ClauseRef
    heading: str
    quote: str = ""
    open: str = ""  # why nothing claims it, or what the text leaves open; shown to staff


class Term(Model):
    """What a notice's own word is called in a question that is asked in English; several are parted by ``|``."""

    en: str = Field(pattern=r"^[^|]+(\|[^|]+)*$")
    zh: str = Field(pattern=r"^[^|]+(\|[^|]+)*$")


class Clauses(Model):
    """The whole of clauses.toml, in the notice's order."""

    clause: tuple[Clause, ...] = Field(min_length=1)
    term: tuple[Term, ...] = ()


class OpenPoint(Model):
    """Something the notice leaves open or contradicts: never invented, shown to staff."""

    id: Ident
    clause: ClauseRef
    reason: Text
    default: Text | None = None  # what the software does until the office decides


class Option(Model):
    value: str
    label: Text
    hint: Text | None = None
    parent: str = ""  # value of the parent field's option that this belongs to
    group: str = ""  # heading under which long lists are shown
    group_en: str = ""
    clause: ClauseRef = ""
    # Its number in the national standard of the list: GB/T 2261.1 sex, 3304 ethnic group, 4658 education (as in
    # 毕业), 4762 political status, 6864 degree. Text: ``01`` stays ``01``. Empty where no single number means the same.
    gb: str = Field(default="", pattern=r"^[0-9]*$")

    def heading(self, lang: str) -> str:
        """`group` in `lang`; empty where the option stands under none."""
        return self.group_en if lang == "en" else self.group


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
    "years_more_than",  # the other side of years_at_most, by the same number
    "answered",  # any answer but none/unsure
]
FactKind = Literal["yes_no", "choice", "choices", "number", "date"]
Scalar = str | int | bool | date
