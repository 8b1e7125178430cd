"""What staff decide about one case, by its own page or as one of many: the same steps, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from models.application import service
from models.errors import InvalidAnswer
from models.office import assignments, audit, opinions, reviews


@dataclass(frozen=True, slots=True)
class Signed:
    """The opinion with which somebody is passed; without words there is none."""

    words: str = ""
    signer: str = ""
    day: date | None = None


def approve(session: Session, staff_id: int, application_id: str, version: int, signed: Signed) -> None:
    """Pass, with the opinion that goes into the official form. Raises InvalidAnswer, Conflict, IllegalTransition."""
    if len(signed.words) > reviews.LONGEST_REASON:
        raise InvalidAnswer("office.too_long", limit=reviews.LONGEST_REASON)
    found = service.approve(application_id, staff_id, version, signed.words)
    if signed.words and found.unit_id:
        opinions.sign(session, found, found.unit_id, signed.words, signed.signer, signed.day, staff_id)


def return_items(staff_id: int, application_id: str, version: int, reasons: Mapping[str, str]) -> int:
    """Return fields and documents by their keys; how many. Raises InvalidAnswer, Conflict, IllegalTransition."""
    items = [service.ReturnedItem(key, reason) for key, reason in reasons.items()]
    service.return_items(application_id, items, staff_id, version)
    return len(items)


def settle(session: Session, staff_id: int, action: str, application_id: str, note: str = "") -> None:
    """What follows each decision: nobody has the case any more, and a line in the audit."""
    assignments.done(session, [application_id])
    audit.write(session, staff_id, action, f"application:{application_id}", note)
