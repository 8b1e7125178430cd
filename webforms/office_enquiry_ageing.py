"""How long people wait: by desk and by person, and those that have waited more than a day, longest first."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from sqlalchemy import select

from models import clock
from models.extensions import db
from models.office import enquiry_ageing, enquiry_list, enquiry_states, scope
from models.office.tables import UnitRow
from webforms.office_base import page, staff, staff_route
from webforms.office_enquiry_context import names
from webforms.office_format import spent, waited


@staff_route("/enquiries/ageing", scope.REVIEWER, scope.OFFICE)
def ageing() -> ResponseReturnValue:
    """The supervisor's view."""
    now = clock.current().now()
    desks, people = enquiry_ageing.desks(staff(), now), enquiry_ageing.people(staff(), now)
    late = enquiry_ageing.overdue(staff(), now)
    wanted = {str(desk.key) for desk in desks if desk.key} | {row.unit_id for row in late if row.unit_id}
    units = {row.id: row for row in db.session.scalars(select(UnitRow).where(UnitRow.id.in_(wanted)))}
    return page(
        "ageing.html",
        desks=desks,
        people=people,
        late=late,
        units=units,
        names=names(
            n for n in (*(p.key for p in people if isinstance(p.key, int)), *(row.taken_by for row in late)) if n
        ),
        standing=lambda row: enquiry_states.standing(row, now),
        lapsed=lambda row: enquiry_states.is_lapsed(row, now),
        since=enquiry_states.waits_since,
        age=lambda at: enquiry_list.age(at, now) if at else "",
        waited=lambda at: waited(at, now),
        spent=lambda took: spent(took.total_seconds()) if took is not None else "",
    )
