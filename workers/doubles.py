"""Job: who is named by two units of a programme, looked for once what names them is committed."""

from __future__ import annotations

from sqlalchemy.orm import Session

from models.extensions import db
from models.office import double_cases, elsewhere
from models.office.double_cases import New
from workers.runtime import run_prepared


def find_doubles(outbox_id: str) -> None:
    """Job: compare a list, or an application, with what other units hold. Subject: the id of either."""
    run_prepared(outbox_id, _look, _keep)


def _look(subject: str) -> list[New]:
    return double_cases.look_for(db.session(), subject)


def _keep(_subject: str, session: Session, found: list[New]) -> None:
    double_cases.keep(session, found)


def find_elsewhere(outbox_id: str) -> None:
    """Job: has the person applied in a programme that this one is compared with? Subject: the application's id."""
    run_prepared(outbox_id, lambda subject: elsewhere.of_application(db.session(), subject), _keep_elsewhere)


def sweep_elsewhere(outbox_id: str) -> None:
    """Job: the same for everybody in a programme, since its office has begun to compare. Subject: the programme."""
    run_prepared(outbox_id, lambda subject: elsewhere.look_through(db.session(), subject), _keep_elsewhere)


def _keep_elsewhere(_subject: str, session: Session, found: list[elsewhere.Pair]) -> None:
    elsewhere.keep(session, found)
