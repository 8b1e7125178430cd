"""What a unit's workbooks are made of: plain values, so that the builders need neither database nor queue."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from models.application import lifecycle
from models.programme.official import SummaryTable
from models.programme.pack import Pack

COUNTED = tuple(sorted(lifecycle.COUNTED))  # statuses that are a row of the workbook
FORMS_PER_FILE = 200  # a workbook of more sheets is slow to open and to leaf through
LAYOUT = 5  # raise when the builders draw the same records differently: workbooks are then built again


@dataclass(frozen=True, slots=True)
class Exclusion:
    """An application of the unit that is not a row, and why: `reason` is its status (wording ``workbook.out.*``)."""

    receipt: str
    reason: str
    unit_id: str = ""  # that collected it; empty: the workbook's own unit
    unit_name: str = ""

    def to_json(self) -> dict[str, str]:
        """As stored in `Workbook.excluded`."""
        return {"receipt": self.receipt, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Record:
    """One counted application: only answers that its plan asks for, decrypted. `portrait` is (key, bound_to)."""

    application_id: str
    receipt: str
    status: str
    categories: tuple[str, ...]
    answers: Mapping[str, Any] = field(repr=False)
    pack_version: str = ""
    submitted_on: date | None = None
    portrait: tuple[str, str] | None = field(default=None, repr=False)
    opinion: str = field(default="", repr=False)  # the reviewer's, written into the review box
    stands_in: frozenset[str] = frozenset()  # tables with a condition (`when`) of which this person is a row
    clauses: tuple[str, ...] = ()  # by which the categories hold
    undecided: frozenset[str] = frozenset()  # tiers of a ladder that people have yet to grant
    unit_id: str = ""  # that collected it; empty: the workbook's own unit
    unit_name: str = ""
    pack: Pack | None = field(default=None, repr=False)  # of its version, where the tables are built by another
    unit_values: Mapping[str, Any] = field(default_factory=dict, repr=False)  # by unit field: what the unit filled in
    unit_lacking: tuple[str, ...] = ()  # unit fields that it has still to fill in


@dataclass(frozen=True, slots=True)
class UnitRecords:
    """A unit's share of a round: what it has collected itself, and what the units have that report through it.

    records in = len(records) + len(exclusions), always.
    """

    programme: str
    round_id: str
    round_name: str
    unit_id: str
    unit_code: str
    unit_name: str
    records: tuple[Record, ...]
    exclusions: tuple[Exclusion, ...] = ()
    unit_rows: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict, repr=False)  # by unit table
    unit_row_ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)  # of these rows

    @property
    def records_in(self) -> int:
        """How many applications the unit has received in this round, itself or from the units below."""
        return len(self.records) + len(self.exclusions)

    def own(self) -> UnitRecords:
        """The same without what came from the units below: each of those has its own workbooks too."""
        here = ("", self.unit_id)
        return replace(
            self,
            records=tuple(one for one in self.records if one.unit_id in here),
            exclusions=tuple(one for one in self.exclusions if one.unit_id in here),
        )

    def below(self) -> dict[str, int]:
        """How many applications came from each of the units below, by its name."""
        here = ("", self.unit_id)
        received: list[Record | Exclusion] = [*self.records, *self.exclusions]
        return Counter(one.unit_name for one in received if one.unit_id not in here)


def standing_in(unit: UnitRecords, table: SummaryTable) -> tuple[Record, ...]:
    """The records that are rows of `table`."""
    if table.when is None:
        return unit.records
    return tuple(record for record in unit.records if table.id in record.stands_in)


def content_hash(unit: UnitRecords, pack_version: str, kind: str, template: str = "") -> str:
    """SHA-256 over everything a workbook of `kind` shows but the day: same hash, nothing to rebuild. `template` stands
    for the uploaded table that it is filled into (`template_layout.stamp`).

    Being a hash of personal data it is a fingerprint to key before it is stored, not an anonymous value.
    """
    shown = {
        "layout": LAYOUT,
        "kind": kind,
        **({"template": template} if template else {}),
        "pack": pack_version,
        "round": [unit.round_id, unit.round_name],
        "unit": [unit.unit_id, unit.unit_name],
        "records": [
            [
                *(r.application_id, r.receipt, r.status, list(r.categories), dict(r.answers)),
                *(r.pack_version, r.portrait, r.opinion, sorted(r.stands_in), list(r.clauses), sorted(r.undecided)),
                *(dict(r.unit_values), list(r.unit_lacking)),
            ]
            for r in unit.records
        ],
        "exclusions": [e.to_json() for e in unit.exclusions],
        "unit_rows": [dict(row) for row in unit.unit_rows.get(kind, ())],
    }
    text = json.dumps(shown, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\ud800-\udfff\u200b-\u200f\u202a-\u202e\ufeff]+')


def file_name(unit: str, programme: str, label: str, on: date, *, suffix: str = "xlsx") -> str:
    """``单位_项目_汇总表_YYYYMMDD.xlsx``.

    Safe on Windows too: reserved and invisible characters become ``_``, each part is at most 60 characters
    (a Chinese character takes three bytes of the 255 that file systems allow).
    """
    return f"{safe_name(unit, 40)}_{safe_name(programme, 30)}_{safe_name(label, 30)}_{on:%Y%m%d}.{suffix}"


def safe_name(text: str, limit: int = 40) -> str:
    """A part of a file name that every system takes; ``_`` for what is left with nothing."""
    return _UNSAFE.sub("_", text).strip(" .")[:limit].strip(" .") or "_"
