"""What was read on all papers of one application, put beside the documents that ask for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from models.documents.comparing import Page
from models.documents.draft import FindingDraft
from models.documents.reading import PageReading
from models.eligibility.verdict import Assessment
from models.programme.form import Document
from models.programme.pack import Pack, Text
from models.programme.papers import Paper, paper_of

FOREVER: Final = "9999-12-31"  # 长期


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page that was read: its document, the kind of paper asked for there, and what it shows."""

    document: Document
    paper: Paper
    reading: PageReading

    def day(self, name: str) -> str:
        """A date read on it (ISO, to the day or the month); empty where there is none."""
        found = self.reading.found.get(name)
        return found.value or "" if found is not None else ""

    def draft(self, code: str, clause: str = "", **params: Any) -> FindingDraft:
        """A finding about the document; a clause other than the document's own where a condition is meant."""
        texts = {name: value.model_dump() if isinstance(value, Text) else value for name, value in params.items()}
        label = self.document.title.model_dump()
        key = f"document:{self.document.id}"
        return FindingDraft(key, f"finding.{code}", {"label": label, **texts}, clause or self.document.clause, False)


@dataclass(frozen=True, slots=True)
class Papers:
    """All that was read, in the order of the documents, and what it is held against."""

    pack: Pack
    answers: Mapping[str, Any]
    assessment: Assessment
    sheets: tuple[Sheet, ...]
    on: date  # the day of the hand-in; today before it


def gather(
    pack: Pack,
    answers: Mapping[str, Any],
    assessment: Assessment,
    pages: Sequence[Page],
    readings: Mapping[str, PageReading],
    on: date,
) -> Papers:
    """Put the readings of kept pages beside their documents."""
    sheets: list[Sheet] = []
    for document in pack.documents.documents:
        paper = paper_of(document)
        own = sorted((page for page in pages if page.document == document.id), key=lambda page: page.position)
        if paper is not None and paper.sides:
            read = (readings[page.id] for page in own if page.id in readings)
            sheets += [Sheet(document, paper, one) for one in read if one.state == "read"]
    return Papers(pack, answers, assessment, tuple(sheets), on)
