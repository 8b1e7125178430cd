"""Changing the sentences that stand ready where something is returned; how they are read: `reason_sentences`.

The whole list is one row, changed as one: two who write at once are told.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError

from models import clock
from models.errors import Conflict, InvalidAnswer
from models.office import audit, scope
from models.office.review_tables import PreparedReasons
from models.office.reviews import LONGEST_REASON, check_reason
from models.office.tables import Staff
from models.unit_of_work import unit_of_work

MOST = 30


def save(staff: Staff, typed: Sequence[tuple[str, str]], version: int) -> None:
    """Write the list anew: pairs of Chinese and English, empty ones left out, English optional.

    Raises InvalidAnswer for what cannot be kept, Conflict when somebody changed it since `version`.
    """
    kept = [_pair(zh.strip(), en.strip()) for zh, en in typed if zh.strip() or en.strip()]
    if len(kept) > MOST:
        raise InvalidAnswer("office.reasons_many", limit=MOST)
    if not kept:
        raise InvalidAnswer("office.reasons_none")
    staff_id, slug = staff.id, scope.programme(staff)
    with unit_of_work() as session:
        row = session.get(PreparedReasons, slug, with_for_update=True, populate_existing=True)
        if (row.version if row else 0) != version:
            raise Conflict("office.reasons_changed")
        if row is None:
            row = PreparedReasons(programme=slug)
            session.add(row)
        row.reasons, row.updated_at = kept, clock.current().now()
        try:
            session.flush()
        except IntegrityError as first:  # two wrote the first list at the same moment
            raise Conflict("office.reasons_changed") from first
        audit.write(session, staff_id, audit.WRITE_REASONS, f"programme:{slug}")


def _pair(zh: str, en: str) -> dict[str, str]:
    if not zh:
        raise InvalidAnswer("office.reasons_chinese")
    check_reason(zh)
    if len(en) > LONGEST_REASON:
        raise InvalidAnswer("office.too_long", limit=LONGEST_REASON)
    return {"zh": zh, "en": en or zh}


def restore(staff: Staff, version: int) -> None:
    """The shared ones again. Raises Conflict when somebody changed the list since `version`."""
    staff_id, slug = staff.id, scope.programme(staff)
    with unit_of_work() as session:
        row = session.get(PreparedReasons, slug, with_for_update=True, populate_existing=True)
        if (row.version if row else 0) != version:
            raise Conflict("office.reasons_changed")
        if row is not None:
            session.delete(row)
            audit.write(session, staff_id, audit.WRITE_REASONS, f"programme:{slug}", "restored")
