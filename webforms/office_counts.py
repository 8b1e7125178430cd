"""How many things wait for somebody, for the navigation of every staff page: asked in one statement where nothing odd
is found."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select

from models import clock
from models.extensions import db
from models.office import (
    bulk,
    chain,
    changes,
    counting,
    double_cases,
    doubles,
    elsewhere,
    enquiry_list,
    exports,
    notice_states,
    scope,
    scope_chain,
    scope_letters,
    worklist,
)
from models.office.edition_tables import Letter
from models.office.letters import FAILED
from models.office.tables import Staff
from models.programme.loader import load_pack
from models.programme.pack import Pack


def waiting(member: Staff) -> dict[str, int]:
    """What waits, by the names that the navigation knows, and what there is at all."""
    slug = scope.programme(member)
    pack = load_pack(slug) if slug else None
    offered = _offered(member, pack) if pack else {}
    found = counting.together(db.session(), {**_everywhere(member), **_of_the_chain(member, offered)}) | offered
    # A few of the programme, before who reaches them is asked: mostly there are none.
    if found["notices_failed"]:
        found["notices_failed"] = notice_states.failed(member)
    if found.get("doubles"):
        found["doubles"] = len(double_cases.open_cases(db.session(), member))
    return found


def _everywhere(member: Staff) -> dict[str, Select[Any]]:
    questions, letters = enquiry_list.for_us(member), scope_letters.letters(member)
    return {
        "applications": worklist.to_decide(member),
        "enquiries": questions,
        "enquiries_late": questions.where(enquiry_list.is_late(clock.current().now())),
        "files_missing": scope.file_faults(member),
        "notices_failed": notice_states.any_broken(),
        "exports": exports.for_a_second(member),
        "work_failed": scope.failed_work(member),
        "letters": letters,
        "letters_failed": letters.where(Letter.state == FAILED),
        "bulks": bulk.going_on(member),
    }


def _offered(member: Staff, pack: Pack) -> dict[str, int]:
    """Which pages there are in this programme: those of the steps behind a review, of the units' own tables, and, for
    the office, of people reported by two units or in two programmes."""
    office = scope.OFFICE in scope.roles(member)
    return {
        "unit_tables": int(bool(pack.workbooks.unit_tables)),
        "reporting": int(chain.reports(pack)),
        "registry": int(chain.admits(pack)),
        "changing": int(bool(changes.kinds(pack))),
        "not_twice": int(office and doubles.settles(pack)),
        "comparable": int(office and bool(elsewhere.named(pack))),
    }


def _of_the_chain(member: Staff, offered: dict[str, int]) -> dict[str, Select[Any]]:
    asked: dict[str, Select[Any]] = {}
    if offered.get("reporting"):
        asked["reports"] = scope_chain.to_take_in(member)
    if offered.get("changing"):
        asked["changes"] = scope_chain.changes_for(member)
    if offered.get("not_twice"):
        asked["doubles"] = double_cases.open_pairs(member)
    if offered.get("comparable"):
        asked["elsewhere"] = elsewhere.to_settle_of(member)
    return asked
