"""What workers are making for a page: it asks again by itself until it is there, and without script has a link."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from flask import request

from models import outbox
from models.application.tables import Round
from models.extensions import db
from models.office import unit_papers
from models.office.tables import UnitRow
from webforms.office_base import fragment

ASSEMBLE = "assemble_workbook"

Place = tuple[str, str]  # a round and a unit


@dataclass(frozen=True, slots=True)
class OfUnits:
    """Whose tables are being assembled and whose papers bound, by round and unit."""

    tables: frozenset[Place]
    papers: frozenset[Place]

    @property
    def places(self) -> list[Place]:
        """The rows of the page that will change, in one order."""
        return sorted(self.tables | self.papers)

    @property
    def mark(self) -> str:
        """What the page shows of it: another one means that something has come."""
        said = repr([sorted(self.tables), sorted(self.papers)])
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def of_units(rounds: Iterable[Round], units: Sequence[UnitRow]) -> OfUnits:
    """What is being made of these, where somebody reaches them."""
    tables, papers = (outbox.under_way(db.session(), job) for job in (ASSEMBLE, unit_papers.JOB))
    places = [(intake.id, unit.id) for intake in rounds for unit in units] if tables or papers else []
    return OfUnits(_among(tables, places), _among(papers, places))


def _among(subjects: Collection[str], places: Iterable[Place]) -> frozenset[Place]:
    return frozenset(place for place in places if "".join(place) in subjects)


def nothing_new(mark: str) -> bool:
    """Whether the page that asks again shows this already: then it is answered with 204, and stays as it is, with
    what somebody has opened or stands on."""
    return fragment() and request.args.get("under_way") == mark
