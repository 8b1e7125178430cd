"""What comes next, as a pure value that a door renders. Neither door knows a rule.

Answer keys, the same in both doors and in the database:
``consent:<id>`` bool · ``claim`` tuple of category ids or UNSURE · ``fact:<id>`` FactValue ·
``verdict`` given as True once the person goes on from the verdict, kept as the fingerprint of what was judged ·
``field:<id>`` canonical field value ·
``document:<id>`` int, pages stored (kept by the service, never typed; for an optional document ``0`` = skipped) ·
``declaration:<id>`` True.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from models.eligibility.verdict import Assessment
from models.frozen import dataclass
from models.programme.pack import Column, Option, Text

Answers = Mapping[str, Any]


class Stage(StrEnum):
    CONSENT = "consent"
    ELIGIBILITY = "eligibility"
    VERDICT = "verdict"
    FORM = "form"
    DOCUMENTS = "documents"
    DECLARATION = "declaration"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing asked. `kind`: consent, declaration, document, or a FactKind / FieldKind."""

    key: str
    stage: Stage
    kind: str
    label: Text
    required: bool = True
    help: Text | None = None
    example: Text | None = None
    why: Text | None = None
    clause: str = ""
    options: tuple[Option, ...] = ()
    unsure: bool = False  # 「不确定」 is offered
    single: bool = False  # of several choices only one may be taken
    columns: tuple[Column, ...] = ()
    min_rows: int = 0
    max_rows: int = 0
    max_length: int = 0
    digits: bool = True  # a text may be digits and signs alone
    is_name: bool = False  # a person's: an ID number or a date is none
    min_pages: int = 0
    max_pages: int = 0
    portrait: bool = False
    sensitive: bool = False
    section: str = ""  # form section id
    suggestion: Any = None  # offered value (derived, or from an eligibility answer); the person confirms


@dataclass(frozen=True, slots=True)
class ShowVerdict:
    """All that decides is known: show it; the person goes on, changes an answer, or asks.

    `documents`: what will have to be photographed, as far as the verdict tells; empty on a refusal. `later`: what may
    have to be besides, by what the form will say.
    """

    assessment: Assessment
    documents: tuple[Ask, ...] = ()
    later: tuple[Ask, ...] = ()


@dataclass(frozen=True, slots=True)
class Ready:
    """Everything asked is answered: check answers, then submit."""


Step = Ask | ShowVerdict | Ready


@dataclass(frozen=True, slots=True)
class SectionState:
    """A task of the task list."""

    id: str
    title: Text
    asks: tuple[Ask, ...]
    answered: int
    state: str  # not_started | in_progress | done

    @classmethod
    def of(cls, id: str, title: Text, asks: tuple[Ask, ...], done: int) -> SectionState:
        """With the state that so many answers make."""
        return cls(id, title, asks, done, "done" if done == len(asks) else "in_progress" if done else "not_started")


@dataclass(frozen=True, slots=True)
class ByKey:
    """These very asks by their keys."""

    asks: tuple[Ask, ...]
    found: Mapping[str, Ask]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything live under these answers, by replay from the start; what is not live is not asked and not sent."""

    asks: tuple[Ask, ...]  # in order, every stage, answered or not (pending eligibility: only the next one)
    answered: frozenset[str]
    assessment: Assessment
    step: Step
    sections: tuple[SectionState, ...]
    documents: tuple[Ask, ...]
    by_key: ByKey | None = field(default=None, repr=False, compare=False)  # of `asks`; made anew for other ones

    def __post_init__(self) -> None:
        if self.by_key is None or self.by_key.asks is not self.asks:
            object.__setattr__(self, "by_key", ByKey(self.asks, {ask.key: ask for ask in reversed(self.asks)}))

    def ask(self, key: str) -> Ask | None:
        """The live ask with this key."""
        assert self.by_key is not None
        return self.by_key.found.get(key)
