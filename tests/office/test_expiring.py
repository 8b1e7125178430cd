"""Personal data whose time is over: erased on the day and not before, everywhere, and seen by the office beforehand."""

import json
import re
from datetime import date, datetime, timedelta

import pytest
from decrypting import opened, plain, texts, unpacked
from everything import fill
from sqlalchemy import select

from bot_adapter import conversation
from bot_adapter.messages import InboundMessage
from models import clock as clocks
from models import sealed, storage
from models.application import events, expiring, record, service
from models.application.tables import Application, Event, Outbox, new_id
from models.clock import CHINA, SystemClock
from models.extensions import db
from models.office import enquiries
from models.office.chain_tables import (
    RegistryChange,
    RegistryEntry,
    ReportItem,
    ReportPart,
    UnitOpinion,
    UnitReport,
)
from models.office.tables import Enquiry
from models.programme import idnumber, retention
from models.programme.loader import load_pack
from models.unit_of_work import unit_of_work
from workers import scheduler
from workers.workbooks import assemble_workbook

NAME = "欧阳测试乙"


def at(clock, day, hour=0, minute=0):
    """Move the clock to this moment in China."""
    moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=CHINA)
    clock.advance(seconds=(moment - clock.now()).total_seconds())


def status(app_id):
    db.session.rollback()
    return db.session.get_one(Application, app_id, populate_existing=True).status


def purge():
    db.session.rollback()
    return expiring.purge_due()


def approve(world, app_id):
    version = world.application(app_id).version
    service.approve(app_id, world.staff("office").id, version, "同意")


def decline(world, app_id):
    version = world.application(app_id).version
    service.decline(app_id, world.staff("office").id, version, "二", "材料不足")


ENDED = {
    "approved": (approve, date(2028, 11, 21)),
    "declined": (decline, date(2027, 11, 21)),
    "withdrawn": (lambda _world, app_id: service.withdraw(app_id), date(2027, 2, 21)),
}


@pytest.mark.parametrize("ending", ENDED)
def test_on_the_day_and_not_before(persistent_world, clock, ending):
    world, (end, day) = persistent_world, ENDED[ending]
    app_id = world.applied(name=NAME)
    end(world, app_id)
    assert expiring.ends_on(db.session(), world.application(app_id)) == day
    at(clock, day - timedelta(days=1), 23, 59)
    assert purge() == 0
    assert (status(app_id), world.application(app_id).name) == (ending, NAME)
    at(clock, day, 0, 1)
    assert purge() == 1
    found = world.application(app_id)
    assert (found.status, found.name, found.person_index) == ("deleted", None, None)
    last = db.session.scalars(select(Event).where(Event.application_id == app_id).order_by(Event.seq.desc())).first()
    assert (last.type, last.actor) == ("purged", "worker")
    assert purge() == 0


def test_a_draft_is_kept_until_long_after_the_round(persistent_world, clock):
    app_id = service.start("tiny", "web", "zh").application.id  # the round closes on 31 December 2026
    service.record(app_id, {"consent:identity": True}, "web")
    day = date(2027, 6, 30)
    at(clock, day - timedelta(days=1), 23, 59)
    assert purge() == 0
    at(clock, day)
    assert purge() == 1
    assert status(app_id) == "deleted"


def test_what_waits_for_people_is_kept(persistent_world, clock):
    world = persistent_world
    submitted, returned = world.applied(), world.applied("west")
    version = world.application(returned).version
    item = service.ReturnedItem("field:name", "请核对姓名")
    service.return_items(returned, [item], world.staff("west").id, version)
    clock.advance(days=20 * 365)
    assert purge() == 0
    assert (status(submitted), status(returned)) == ("submitted", "returned")


def _through(*kinds):
    """The rest of the chain, as the office's services would leave it."""

    def end(world, app_id):
        approve(world, app_id)
        with unit_of_work() as session:
            application = record.locked(session, app_id)
            for kind in kinds:
                events.append(session, application, kind, "staff:1")

    return end


def test_who_is_in_the_registry_is_kept(persistent_world, clock):
    world = persistent_world
    admitted, removed, reported = world.applied(), world.applied("west"), world.applied("west")
    _through("reported", "admitted")(world, admitted)
    _through("reported")(world, reported)
    clock.advance(seconds=10 * 365 * 86400)
    assert purge() == 1
    assert (status(admitted), status(reported)) == ("admitted", "deleted")
    _through("reported", "admitted", "removed")(world, removed)
    day = retention.add_months(clocks.current().today(), 24)
    assert expiring.ends_on(db.session(), world.application(removed)) == day
    at(clock, day - timedelta(days=1), 23, 59)
    assert purge() == 0
    at(clock, day)
    assert purge() == 1
    assert (status(admitted), status(removed)) == ("admitted", "deleted")


def test_whoever_leaves_ends_in_the_registry_and_in_the_files_of_reports(persistent_world, clock):
    """The row stays, a number, days and a clause; nobody downloads the files any more."""
    world = persistent_world
    app_id = fill(world, clock, NAME)
    _through("reported", "admitted")(world, app_id)
    with unit_of_work() as session:
        report = session.scalars(select(UnitReport)).one()
        session.add(ReportItem(report_id=report.id, application_id=app_id, position=1, seq=1))
        session.add(RegistryEntry(application_id=app_id, programme="tiny", number=1, admitted_on=date(2026, 11, 21)))
    file = db.session.scalars(select(ReportPart.storage_key)).one()
    service.withdraw_consent(app_id, "identity")
    assert status(app_id) == "withdrawn"
    assert db.session.scalars(select(ReportPart.storage_key)).one() == ""
    assert file not in set(storage.current().files.keys_before(SystemClock().now() + timedelta(days=1)))
    entry = db.session.scalars(select(RegistryEntry)).one()
    assert (entry.number, entry.ended_on, entry.ended_reason) == (1, clocks.current().today(), "")
    assert db.session.scalars(select(RegistryChange.id)).all() == []
    assert db.session.scalars(select(UnitOpinion.unit_id)).all() == []


def test_who_goes_on_in_time_keeps_everything(persistent_world, clock, monkeypatch):
    """The list of what is due was read before; what counts is what stands under the lock."""
    app_id = service.start("tiny", "web", "zh").application.id
    at(clock, date(2027, 6, 30))
    real = expiring._at_rest

    def listed(session, slug=""):
        found = list(real(session, slug))
        yield from found

    def goes_on(app_id):
        with db.engine.begin() as connection:
            table = Application.__table__
            connection.execute(table.update().where(table.c.id == app_id).values(updated_at=clock.now()))
        return purging(app_id)

    purging = expiring._purge
    monkeypatch.setattr(expiring, "_at_rest", listed)
    monkeypatch.setattr(expiring, "_purge", goes_on)
    assert purge() == 0
    assert status(app_id) == "draft"


@pytest.mark.parametrize("how", ["purged", "deleted"])
def test_nothing_is_left_of_the_person_anywhere(persistent_world, clock, how):
    """Everything that is stored is opened and looked through: columns, envelopes, files, what is inside of tables."""
    world = persistent_world
    number = idnumber.make("430405", date(1971, 2, 3), 77)
    stays = world.applied(name="留下的人")
    app_id = fill(world, clock, NAME, number)
    enquiries.ask(db.session, programme="tiny", question=f"我是{NAME}", effect="q", application_id=app_id)
    db.session.commit()
    version = world.application(app_id).version
    item = service.ReturnedItem("field:name", f"{NAME}，请核对")
    service.return_items(app_id, [item], world.staff("east").id, version)
    service.record(app_id, {"field:name": NAME}, "web")
    service.submit(app_id, "web")
    approve(world, app_id)
    build()
    before = everywhere()
    found = {where for where, text in before if NAME in text or number in text}
    assert {"application.name", "answer.value", "answer.sealed", "event.data", "enquiry.question"} <= found
    assert {"reading.sealed", "inbound.reply", "conversation.state", "unit_entry.sealed"} <= found
    assert {"document_page.crop_key", "upload.parts", "volume.storage_key", "workbook.storage_key"} <= found
    if how == "deleted":
        service.delete(app_id)
    else:
        at(clock, ENDED["approved"][1])
        assert purge() == 1
    for built in (False, True):  # nobody has to wait for the tables to be built again
        if built:
            build()
        after = everywhere()
        assert [where for where, text in after if NAME in text or number in text] == []
        assert any("留下的人" in text for _, text in after)
        assert unnamed() == set()
    kept = list(db.session.scalars(select(Event.type).where(Event.application_id == app_id).order_by(Event.seq)))
    assert kept[0] == "started" and kept[-1] == how and "approved" in kept
    assert status(stays) == "submitted"
    assert db.session.scalar(select(Enquiry.id)) is None


def build():
    """What the worker does with the workbooks that wait."""
    db.session.rollback()
    rows = select(Outbox.id).where(Outbox.job == "assemble_workbook", Outbox.state == "pending")
    clock = clocks.current()
    clock.advance(minutes=5)
    for row in list(db.session.scalars(rows)):
        db.session.rollback()
        assemble_workbook(row)


def everywhere():
    """(where, text) of everything that is kept, opened."""
    db.session.rollback()
    with db.engine.connect() as connection:
        found = list(plain(connection))
        for where, data in opened(connection, storage.current()).items():
            name = where.removeprefix("file ").split()[0]
            found += [(name, piece.decode("utf-8", "replace")) for piece in unpacked(data)]
            found += [(name, text) for piece in unpacked(data) for text in _as_json(piece)]
    return found


def _as_json(piece):
    try:
        return list(texts(json.loads(piece)))
    except ValueError:
        return []


def unnamed():
    """Keys of files that nothing names."""
    with db.engine.connect() as connection:
        named = {file.key for file in sealed.files(connection)}
    return set(storage.current().files.keys_before(SystemClock().now() + timedelta(days=1))) - named


def test_the_clockwork_purges(world, clock, app):
    app_id = world.applied()
    service.withdraw(app_id)
    at(clock, ENDED["withdrawn"][1])
    db.session.rollback()
    scheduler._tick_logged(app, house=False, files=True)
    assert status(app_id) == "deleted"


def test_the_office_sees_beforehand_what_goes_when(world, clock, sign_in):
    for name in ("甲", "乙"):
        approve(world, world.applied(name=name))
    service.withdraw(world.applied(name="丙"))
    service.start("tiny", "web", "zh")
    for who in ("office", "admin"):
        page = sign_in(who).get("/office/retention").get_data(as_text=True)
        assert "通知没有写明，现在按系统的默认期限" in page
        assert "已通过，从通过那天起：24 个月" in page
        rows = re.findall(r'<th scope="row" class="num">([\d-]+)</th><td>([^<]+)</td><td class="num">(\d+)', page)
        assert [(month, said[:3], count) for month, said, count in rows] == [
            ("2027-02", "已撤回", "1"),
            ("2027-06", "一直没", "1"),
            ("2028-11", "已通过", "2"),
        ]
        assert not any(name in page for name in ("甲", "乙", "丙"))


def test_both_doors_say_how_long_before_anything_is_asked(world, app, visitor):
    words = expiring.words(load_pack("tiny"))
    assert "24 个月" in words.zh and "24 months" in words.en
    sender = new_id()
    told = [_said(sender, text) for text in ("开始", "你好")]
    assert [words.zh in reply for reply in told] == [True, False]  # once, before the first consent
    visitor.get("/p/tiny")
    begun = visitor.post("/p/tiny/start", follow_redirects=True).get_data(as_text=True)
    assert "征求您的同意" in begun
    assert words.zh in begun


def _said(sender, text):
    message = InboundMessage("test", sender, new_id(), text, (), "tiny", "tiny")
    return "\n".join(reply.text for reply in conversation.handle(message))
