"""What a person is told of the consent that a unit says they have signed on paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from models.extensions import db
from models.office import confirmations
from models.office.batch_tables import Confirmation
from models.office.tables import UnitRow
from models.programme.pack import Text


@dataclass(frozen=True, slots=True)
class Paper:
    """Which unit holds it, where, and since when that is noted."""

    unit: Text
    where: str
    at: datetime | None


def unit_name(row: Confirmation) -> Text:
    """The unit that has entered the person."""
    unit = db.session.get_one(UnitRow, row.unit_id)
    return Text(zh=unit.name, en=unit.name_en or unit.name)


def paper(application_id: str) -> Paper | None:
    """The paper that is noted for this application; None where there is none."""
    row = confirmations.of_application(application_id)
    if row is None or row.state != confirmations.RECORDED:
        return None
    return Paper(unit_name(row), row.paper, row.settled_at)
