"""The sentences that stand ready where something is returned: those of the programme's office, else the shared ones.

The whole list is one row, changed as one: two who write at once are told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.exc import IntegrityError

from models import clock
from models.errors import Conflict, InvalidAnswer
from models.extensions import db
from models.interview import wording
from models.office import audit, scope
from models.office.review_tables import PreparedReasons
from models.office.reviews import LONGEST_REASON, check_reason
from models.office.tables import Staff
from models.programme.pack import Text
from models.unit_of_work import unit_of_work

SHARED = ("blurred", "cut", "wrong", "expired", "mismatch", "incomplete", "full_name")
MOST = 30


def listed(slug: str) -> tuple[list[Text], int]:
    """The programme's sentences in their order, and the version of the list (0: nobody has changed the shared ones).
    One that was written in Chinese only is Chinese in both."""
    row = db.session.get(PreparedReasons, slug) if slug else None
    if row is None:
        return [wording.text(f"office.reason.{name}") for name in SHARED], 0
    return [Text(zh=one["zh"], en=one["en"]) for one in row.reasons], row.version


def offered(slug: str, lang: str) -> list[str]:
    """What is offered to whoever returns something of a person who reads `lang`."""
    return [one.get(lang) for one in listed(slug)[0]]


def read_in(slug: str, reasons: Mapping[str, str], lang: str) -> dict[str, str]:
    """The same reasons as somebody reads them in `lang`: what is one of the prepared sentences, in whichever language
    it was chosen, else as it was written."""
    if not reasons:
        return {}
    known = {said: one.get(lang) for one in listed(slug)[0] for said in (one.zh, one.en)}
    return {key: known.get(reason, reason) for key, reason in reasons.items()}


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
