"""One row of a batch: its cells as they came, what was typed here since, and what the rules say of it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from models import crypto
from models.errors import BoleError, InvalidAnswer
from models.interview import entering, wording
from models.office import sealing
from models.programme.entry_columns import EntryColumn, entry_columns
from models.programme.pack import Pack

LANGUAGES = ("zh", "en")
_LEAST = 2  # characters by which an option is known
_ROUNDED = re.compile(r"\d+(\.\d+)?[eE][+]?\d+|\d{15}000")  # what a spreadsheet makes of 18 digits


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a cell (an answer's key; empty: with the row), in both languages."""

    key: str
    code: str
    text: dict[str, str]


@dataclass(frozen=True, slots=True)
class Content:
    """What is kept sealed. `typed`: places of cells that somebody has typed here; `lacks`: labels of what is still
    open; `verdict`: what the conditions say so far."""

    cells: tuple[str, ...] = field(repr=False)
    typed: frozenset[int] = frozenset()
    problems: tuple[Problem, ...] = field(default=(), repr=False)
    lacks: tuple[dict[str, str], ...] = ()
    verdict: str = ""

    @property
    def faulty(self) -> bool:
        """Whether it cannot be entered as it is."""
        return bool(self.problems)


def seal(row_id: str, content: Content) -> bytes:
    """Encrypted for exactly this row."""
    plain = {
        "cells": content.cells,
        "typed": sorted(content.typed),
        "problems": [[one.key, one.code, one.text] for one in content.problems],
        "lacks": content.lacks,
        "verdict": content.verdict,
    }
    return crypto.ring().seal(json.dumps(plain, ensure_ascii=False).encode(), sealing.batch_row(row_id))


def unseal(row_id: str, sealed: bytes) -> Content:
    """The row's content; raises crypto.Damaged."""
    kept = json.loads(crypto.ring().open(sealed, sealing.batch_row(row_id)))
    problems = tuple(Problem(*one) for one in kept["problems"])
    return Content(tuple(kept["cells"]), frozenset(kept["typed"]), problems, tuple(kept["lacks"]), kept["verdict"])


@dataclass(frozen=True, slots=True)
class Judged:
    """A row as the rules read it: what to keep of it, the values to enter, the person's number."""

    content: Content
    values: dict[str, Any] = field(repr=False)
    number: str = field(default="", repr=False)
    index: str | None = None  # the blind index to keep with the row


def judge(pack: Pack, columns: Sequence[str], content: Content, on: date) -> Judged:
    """Read a row whose cells answer `columns` (keys by place, empty: not taken)."""
    known = {column.key: column for column in entry_columns(pack)}
    raw, problems = _raw(known, columns, content)
    taken = entering.take(pack, {}, raw, on, offer=True)
    problems += [_problem(key, error) for key, error in taken.refused.items()]
    wrong = {one.key for one in problems}
    numbers = [taken.values.get(key) for key, column in known.items() if column.identity]
    number = next((str(one) for one in numbers if one), "")
    identities = [key for key, column in known.items() if column.identity]
    nameless = not taken.values.get("field:name") and "field:name" not in wrong
    if "field:name" in known and nameless:
        problems.append(_problem("field:name", InvalidAnswer("batch.name_missing")))
    if identities and not number and not wrong.intersection(identities):
        problems.append(_problem(identities[0], InvalidAnswer("batch.number_missing")))
    if taken.not_eligible:
        problems.append(_refused(taken))
    lacks = tuple({lang: ask.label.get(lang) for lang in LANGUAGES} for ask in taken.lacking if ask.key not in wrong)
    verdict = taken.plan.assessment.outcome.value
    found = Content(content.cells, content.typed, tuple(problems), lacks, verdict)
    return Judged(found, taken.values, number)


def with_problem(judged: Judged, key: str, error: BoleError) -> Judged:
    """The same with one more problem."""
    kept = judged.content
    more = (*kept.problems, _problem(key, error))
    return replace(judged, content=replace(kept, problems=more))


def _raw(
    known: dict[str, EntryColumn], columns: Sequence[str], content: Content
) -> tuple[dict[str, str], list[Problem]]:
    raw: dict[str, str] = {}
    problems = []
    for place, key in enumerate(columns):
        cell = content.cells[place].strip() if place < len(content.cells) else ""
        if key not in known:
            continue
        if known[key].identity and place not in content.typed and _ROUNDED.fullmatch(cell):
            problems.append(_problem(key, InvalidAnswer("batch.number_damaged")))
        elif cell or not known[key].required:
            raw[key] = _named(known[key], cell)
    return raw, problems


def _named(column: EntryColumn, cell: str) -> str:
    """An option written shorter than it is called (「本科」 for 「大学本科」, 「汉」 for 「汉族」), if one is meant."""
    if not cell or not column.options:
        return cell
    names = {name for one in column.options for name in (one.value, one.label.zh, one.label.en)}
    if cell in names:
        return cell
    within = [one.value for one in column.options if len(cell) >= _LEAST and cell in one.label.zh]
    without_last = [one.value for one in column.options if cell == one.label.zh[:-1]]
    meant = without_last if len(without_last) == 1 else within
    return meant[0] if len(meant) == 1 else cell


def _refused(taken: entering.Taken) -> Problem:
    """The first condition that is not met, with its clause."""
    assessment = taken.plan.assessment
    groups = [assessment.general, *(assessment.categories[name] for name in assessment.claimed)]
    finding = next((one for group in groups for one in group.deciding() if one.status.value == "not_met"), None)
    if finding is None:
        return _problem("", InvalidAnswer("batch.not_eligible", clause="", text=""))
    said = {
        lang: wording.say("batch.not_eligible", lang, clause=finding.clause, text=finding.text.get(lang))
        for lang in LANGUAGES
    }
    return Problem("", "batch.not_eligible", said)


def _problem(key: str, error: BoleError) -> Problem:
    return Problem(key, error.key, {lang: wording.error(error, lang) for lang in LANGUAGES})
