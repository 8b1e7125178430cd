"""What the units of the chain say about a person (单位审核意见): sealed, signed with name and day, for the form and for
staff. The seal is put on paper.

Doors and `models.application` must not import this module (a contract of the import linter): what the collecting unit
wrote on passing somebody is in the person's timeline as before; what a unit says afterwards is its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from models import clock, crypto
from models.application import lifecycle, notices
from models.application.tables import Application, new_id
from models.errors import Conflict, InvalidAnswer
from models.office import audit, scope, sealing
from models.office.chain_tables import UnitOpinion
from models.office.tables import Staff, UnitRow
from models.unit_of_work import unit_of_work

LONGEST, LONGEST_SIGNER = 300, 40
WRITABLE = frozenset({lifecycle.SUBMITTED, *lifecycle.PASSED})


@dataclass(frozen=True, slots=True)
class Opinion:
    """One unit's opinion. `version` is what whoever changes it has seen."""

    unit_id: str
    unit: UnitRow
    words: str
    signer: str
    signed_on: date
    version: int
    collected: bool  # the unit that collected the person says it

    def line(self) -> str:
        """As it stands in the official form: whose it is where another unit than the collecting one says it."""
        whose = "" if self.collected else f"{self.unit.name}："
        day = self.signed_on
        return f"{whose}{self.words}\n审核人：{self.signer}　{day.year}年{day.month}月{day.day}日"


def of_person(session: Session, application: Application) -> tuple[Opinion, ...]:
    """What the units have said, the collecting one first."""
    return tuple(_by_person(session, UnitOpinion.application_id == application.id).get(application.id, ()))


def lines(session: Session, of: Iterable[ColumnElement[bool]]) -> dict[str, str]:
    """What stands in the review box, by application, of those in `of` whose units have signed."""
    found = _by_person(session, *of)
    return {one: "\n".join(opinion.line() for opinion in said) for one, said in found.items()}


def _by_person(session: Session, *conditions: ColumnElement[bool]) -> dict[str, list[Opinion]]:
    query = (
        select(UnitOpinion, UnitRow, Application.unit_id)
        .join(UnitRow, UnitRow.id == UnitOpinion.unit_id)
        .join(Application, Application.id == UnitOpinion.application_id)
        .where(*conditions)
        .order_by(UnitOpinion.application_id, Application.unit_id != UnitOpinion.unit_id, UnitRow.code)
    )
    found: dict[str, list[Opinion]] = {}
    for row, unit, collector in session.execute(query):
        words = crypto.ring().open(row.sealed, sealing.opinion(row.application_id, row.unit_id)).decode()
        opinion = Opinion(row.unit_id, unit, words, row.signer, row.signed_on, row.version, collector == row.unit_id)
        found.setdefault(row.application_id, []).append(opinion)
    return found


def may_write(staff: Staff, application: Application) -> bool:
    """Whoever stands on the person's way: the unit that has them, and those through which it reports."""
    return bool(scope.roles(staff) & {scope.REVIEWER, scope.OFFICE}) and application.status in WRITABLE


def save(
    staff: Staff, application_id: str, words: str, signer: str, signed_on: date | None, version: int
) -> UnitOpinion | None:
    """Write the own unit's opinion; without words it is taken back (None).

    Raises NotFound out of reach, InvalidAnswer (too long, no signer, no day, a day to come), Conflict where a colleague
    has changed it since `version` (0: there was none).
    """
    staff_id, unit_id = staff.id, staff.unit_id
    with unit_of_work() as session:
        application = scope.get_application(staff, application_id)
        if unit_id is None or not may_write(staff, application):
            raise InvalidAnswer("office.not_now")
        session.refresh(application, with_for_update=True)
        row = session.get(UnitOpinion, (application_id, unit_id), populate_existing=True)
        if (row.version if row else 0) != version:
            raise Conflict("office.opinion_changed")
        done = sign(session, application, unit_id, words, signer, signed_on, staff_id)
        audit.write(session, staff_id, audit.OPINION, f"application:{application_id}")
        notices.promise_workbooks(session, application, f"opinion:{new_id()}", application.unit_id)
        return done


def sign(
    session: Session,
    application: Application,
    unit_id: str,
    words: str,
    signer: str,
    signed_on: date | None,
    staff_id: int | None,
) -> UnitOpinion | None:
    """The same within the caller's transaction, over whatever stood there. Raises InvalidAnswer."""
    row = session.get(UnitOpinion, (application.id, unit_id), populate_existing=True)
    words, signer = words.strip(), signer.strip()
    if not words:
        if row is not None:
            session.delete(row)
            session.flush()
        return None
    day = check(words, signer, signed_on)
    if row is None:
        row = UnitOpinion(application_id=application.id, unit_id=unit_id)
        session.add(row)
    row.sealed = crypto.ring().seal(words.encode(), sealing.opinion(application.id, unit_id))
    row.signer, row.signed_on, row.staff_id, row.updated_at = signer, day, staff_id, clock.current().now()
    session.flush()
    return row


def check(words: str, signer: str, signed_on: date | None) -> date:
    """The day of an opinion that can be signed so. Raises InvalidAnswer."""
    if len(words) > LONGEST:
        raise InvalidAnswer("office.too_long", limit=LONGEST)
    if not signer or len(signer) > LONGEST_SIGNER:
        raise InvalidAnswer("office.signer_missing", limit=LONGEST_SIGNER)
    if signed_on is None or signed_on > clock.current().today():
        raise InvalidAnswer("office.day_wrong")
    return signed_on
