"""A unit's workbooks built and taken out, as tests need them."""

from sqlalchemy import select

from models import outbox
from models.application import queries
from models.application.notices import workbook_subject
from models.application.tables import Round
from models.extensions import db
from models.office import editions, unit_entries
from models.office.tables import Workbook
from models.unit_of_work import unit_of_work
from workers.workbooks import assemble_workbook

TURN = iter(range(1_000))


def build(world, code="east"):
    """The unit's workbooks, assembled as they would be after a change; by kind."""
    unit_id, intake = world.unit(code).id, db.session.scalar(select(Round.id).where(Round.programme == "tiny"))
    with unit_of_work() as session:
        row = outbox.promise(session, "assemble_workbook", workbook_subject(intake, unit_id), f"test-{next(TURN)}")
        ident = row.id
    assemble_workbook(ident)
    db.session.rollback()
    found = db.session.scalars(select(Workbook).where(Workbook.unit_id == unit_id))
    return {each.kind: each for each in found}


def take(book, staff):
    with unit_of_work() as session:
        book = session.merge(book)
        return editions.take(session, book, staff.id).id


def fill(world, app_id, text):
    """The unit writes its remark about somebody."""
    staff = world.staff("east")
    now = {e.field.id: e.version for e in unit_entries.entries(db.session(), queries.view(app_id))}
    assert unit_entries.save(staff, app_id, {"remarks": text}, now) == {}
    db.session.rollback()


def remarks(app_id):
    """What it says now."""
    db.session.rollback()
    found = unit_entries.entries(db.session(), queries.view(app_id))
    return next(e.value for e in found if e.field.id == "remarks")
