"""What the navigation counts: in one statement, and of each only what is in reach."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from models.application.channel_tables import Delivery
from models.application.tables import Notice, Outbox, Round
from models.extensions import db
from models.office import counting, elsewhere, scope
from models.office.batch_tables import Comparison, Duplicate, Elsewhere
from models.office.chain_tables import UnitReport
from models.office.edition_tables import Letter
from models.office.review_tables import BulkAction, ExportRequest
from models.office.tables import Enquiry, FileFault
from webforms import office_counts

OFFERED = {"unit_tables", "reporting", "registry", "changing", "not_twice", "comparable"}  # pages that there are


@contextmanager
def statements():
    """What is sent to the database meanwhile."""
    sent = []

    def keep(_connection, _cursor, sql, *_rest):
        sent.append(sql)

    event.listen(db.engine, "before_cursor_execute", keep)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", keep)


def counted(world, username):
    found = office_counts.waiting(world.staff(username))
    return {name: number for name, number in found.items() if number and name not in OFFERED}


def something_of_everything(world, now):
    """At unit `east`; and as much again where the tests' people must not look."""
    mine, west = world.applied("east"), world.applied("west")
    strange = world.applied("east", slug="other")
    east, office, keeper = world.unit("east"), world.staff("office"), world.staff("keeper")
    intake = db.session.scalars(select(Round).where(Round.programme == "tiny")).one()
    rows = [
        Enquiry(programme="tiny", unit_id=east.id, question="？", effect="q1", created_at=now - timedelta(days=2)),
        Enquiry(programme="tiny", unit_id=east.id, question="？", effect="q2", created_at=now),
        Enquiry(programme="other", question="？", effect="q3", created_at=now),
        FileFault(key="a", named_by="b.c", record="1", kind="missing", programme="tiny", found_at=now),
        FileFault(key="b", named_by="b.c", record="1", kind="missing", programme="other", found_at=now),
        Outbox(job="deliver_notice", subject_id="x", effect="w", state="failed", not_before=now, created_at=now),
        ExportRequest(
            **{"programme": "tiny", "staff_id": keeper.id, "state": "waiting", "reason": "核对", "rows": 1},
            **{"sealed": b"", "created_at": now},
        ),
        UnitReport(
            **{"round_id": intake.id, "unit_id": east.id, "to_unit_id": office.unit_id, "number": 1},
            **{"state": "reported", "reported_at": now},
        ),
        BulkAction(programme="tiny", staff_id=office.id, action="approve", state="waiting", due_at=now, created_at=now),
    ]
    for state, unit in (("failed", "east"), ("sent", "east"), ("failed", "west")):
        rows.append(
            Letter(
                **{"effect": f"letter:{state}:{unit}", "unit_id": world.unit(unit).id, "kind": "new", "state": state},
                **{"recipient": b"", "sealed": b"", "created_at": now},
            )
        )
    for app_id in (mine, west, strange):
        told = Notice(application_id=app_id, effect=f"told:{app_id}", code="application.received", created_at=now)
        db.session.add(told)
        db.session.flush()
        rows.append(
            Delivery(
                **{"effect": f"send:{app_id}", "channel": "kefu", "purpose": "notice", "notice_id": told.id},
                **{"state": "failed", "error": "config", "created_at": now, "updated_at": now},
            )
        )
    db.session.add_all(rows)
    db.session.commit()
    return mine, strange


def test_each_is_counted_as_far_as_somebody_reaches(reporting_packs, world, clock):
    something_of_everything(world, clock.now())
    assert counted(world, "east") == {
        **{"applications": 1, "enquiries": 2, "enquiries_late": 1, "notices_failed": 1, "exports": 1}
    }
    assert counted(world, "west") == {"applications": 1, "notices_failed": 1}
    assert counted(world, "office") == {
        **{"applications": 2, "enquiries": 2, "enquiries_late": 1, "notices_failed": 2, "files_missing": 1},
        **{"reports": 1, "bulks": 1},
    }
    assert counted(world, "admin") == {"files_missing": 1, "work_failed": 1, "letters": 3, "letters_failed": 2}
    assert counted(world, "keeper") == {"letters": 2, "letters_failed": 1}
    assert counted(world, "answerer") == {"enquiries": 2, "enquiries_late": 1}
    assert counted(world, "other-east") == {"applications": 1, "notices_failed": 1}


def test_a_pair_and_who_is_elsewhere_are_counted_for_the_office(not_twice_packs, comparing_packs, world, clock):
    mine, strange = something_of_everything(world, clock.now())
    assert not {"doubles", "elsewhere"} & counted(world, "office").keys()
    now, (east, west) = clock.now(), (world.unit("east").id, world.unit("west").id)
    gone = Duplicate(
        **{"programme": "tiny", "first_id": "0" * 32, "second_id": "1" * 32, "first_unit_id": east},
        **{"second_unit_id": west, "state": "open", "found_at": now},
    )
    compared = [Comparison(programme=a, other=b, since=now) for a, b in (("tiny", "other"), ("other", "tiny"))]
    there = Elsewhere(
        programme="tiny", other="other", application_id=mine, other_id=strange, state="open", found_at=now
    )
    db.session.add_all([gone, *compared, there])
    db.session.commit()
    assert elsewhere.waiting(db.session(), world.staff("office")) == 1
    found = office_counts.waiting(world.staff("office"))
    assert (found["not_twice"], found["comparable"], found["elsewhere"]) == (1, 1, 1)
    assert found["doubles"] == 0, "neither place of the pair is there any more"
    found = office_counts.waiting(world.staff("east"))
    assert not any(found.get(name) for name in ("not_twice", "comparable", "elsewhere", "doubles"))


@pytest.mark.parametrize("username", ["east", "office", "answerer", "admin", "keeper"])
def test_one_statement_counts_all_that_waits(reporting_packs, not_twice_packs, world, clock, username):
    world.applied("east")
    member = world.staff(username)
    assert scope.roles(member) and scope.programme(member) == "tiny"  # what the session knows of them
    office_counts.waiting(member)
    with statements() as sent:
        office_counts.waiting(member)
    assert len(sent) == 1, sent


def test_decisions_about_many_are_read_on_a_page_only_where_there_are_some(world, clock, sign_in):
    def read():
        with statements() as sent:
            assert client.get("/office/applications").status_code == 200
        return [sql for sql in sent if "bulk_action.due_at" in sql.split("FROM")[0]]

    client = sign_in("office")
    assert read() == []
    something_of_everything(world, clock.now())
    assert len(read()) == 1


def test_what_a_scope_leaves_empty_is_not_asked(world):
    nobody = scope.failed_work(world.staff("east"))
    with statements() as sent:
        assert counting.together(db.session(), {"work_failed": nobody}) == {"work_failed": 0}
    assert sent == []
    assert counting.number(db.session(), scope.units(world.staff("east"))) == 1
