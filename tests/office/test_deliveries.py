"""What was told to applicants, as staff see it: how it stands and why; what failed is sent again."""

import tomllib
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from browsing import violations
from playwright.sync_api import expect
from recording import RecordingChannel
from sqlalchemy import select
from texting import RecordingSms

from bot_adapter import sms
from bot_adapter.channels import registry
from bot_adapter.messages import SendResult
from models.application import notices
from models.application.channel_tables import Delivery
from models.application.tables import Conversation, Notice, Outbox
from models.clock import CHINA
from models.extensions import db
from models.interview import wording
from models.office import notice_states, reply_failures
from models.office.tables import Audit
from models.unit_of_work import unit_of_work
from webforms import office_deliveries
from workers.delivery import deliver_notice

PAGE = "/office/deliveries"


@pytest.fixture
def channel(app, world):
    one = RecordingChannel("telegram")
    registry.add(app, one)
    sms.use(app, None)
    return one


def person(world, unit="east", **changes):
    """Somebody who applied and talks on the channel; what was told so far has been told."""
    app_id = world.applied(unit)
    with unit_of_work() as session:
        for notice in session.scalars(select(Notice).where(Notice.application_id == app_id)):
            session.delete(notice)
        now = world.application(app_id).submitted_at
        talk = {"channel": "telegram", "sender": app_id, "programme": "tiny", "application_id": app_id}
        talk |= {"heard_at": now, "state": {}, "created_at": now, "updated_at": now}
        session.add(Conversation(**{**talk, **changes}))
    return app_id


def tell(world, app_id, code="notice.approved"):
    with unit_of_work() as session:
        held = world.application(app_id)
        made = notices.tell(session, held, f"{code}:{app_id}", code, receipt=held.receipt, count=1)
        made_id = made.id
    work()
    return made_id


def work():
    db.session.rollback()
    ids = list(db.session.scalars(select(Outbox.id).where(Outbox.job == "deliver_notice")))
    db.session.rollback()
    for row in ids:
        deliver_notice(row)


def shown(client, **query):
    answer = client.get(f"{PAGE}?{urlencode(query)}")
    assert answer.status_code == 200
    db.session.rollback()
    return answer.get_data(as_text=True)


def state_of(staff):
    rows, _ = notice_states.listed(staff, "")
    found = [stand.state for stand in rows]
    db.session.rollback()
    return found


def test_sent_delivered_waiting_and_failed_have_their_reason(channel, world, sign_in, clock):
    tell(world, person(world))
    with unit_of_work() as session:
        session.scalars(select(Delivery)).one().state = "delivered"
    tell(world, person(world))
    tell(world, person(world, channel="webchat"))
    channel.results = [SendResult.problem("config", "40164")]
    tell(world, person(world))
    clock.advance(hours=13)
    tell(world, person(world))
    db.session.rollback()
    assert sorted(state_of(world.staff("east"))) == ["delivered", "failed", "sent", "waiting", "waiting"]
    client = sign_in("east")
    page = shown(client)
    for words in ("已送达", "已推送", "下次来信", "渠道没有设置好", "40164", "免打扰时段", "08:00 后发送"):
        assert words in page, words
    assert shown(client, state="failed").count("<tr>") == 2, "the head and the one"
    assert "40164" not in shown(client, state="waiting")
    english = shown(client, state="failed", lang="en")
    assert "The channel is not set up" in english and "Send again" in english


@pytest.mark.parametrize(
    ("error", "state"), [("window_closed", "waiting"), ("blocked", "waiting"), ("rejected", "failed")]
)
def test_what_the_person_closed_is_no_failure(channel, world, error, state):
    channel.results = [SendResult.problem(error, "1")]
    tell(world, person(world))
    assert state_of(world.staff("east")) == [state]
    assert notice_states.failed(world.staff("east")) == (state == "failed")
    db.session.rollback()


def test_what_failed_is_sent_again_and_audited(channel, world, sign_in):
    channel.results = [SendResult.problem("config", "40164")]
    notice = tell(world, person(world))
    client = sign_in("east")
    assert '<span class="badge text-bg-light">1</span>' in shown(client)
    assert client.post(f"{PAGE}/{notice}/retry").status_code == 302
    assert "不用再发" not in shown(client)
    work()
    assert len(channel.sent) == 1 and state_of(world.staff("east")) == ["sent"]
    assert db.session.scalars(select(Audit.subject).where(Audit.action == "retry_notice")).all() == [f"notice:{notice}"]
    assert client.post(f"{PAGE}/{notice}/retry").status_code == 302
    work()
    assert len(channel.sent) == 1, "what was sent is not sent again"
    assert "不用再发" in shown(client)
    assert "重新发送通知" in sign_in("office").get("/office/audit").get_data(as_text=True)


def test_a_text_message_and_one_told_in_a_reply_are_sent(channel, world, app, sign_in):
    sms.use(app, RecordingSms())
    channel.results = [SendResult.problem("blocked", "1")]
    app_id = person(world)
    with unit_of_work() as session:
        world.application(app_id).status = "approved"
        session.flush()
    tell(world, person(world, channel="webchat"), "notice.to_mend")
    with unit_of_work() as session:
        session.scalars(select(Notice)).one().state = notices.SENT
    tell(world, app_id)
    page = shown(sign_in("east"))
    assert "已发短信" in page and "随回复告知" in page
    assert state_of(world.staff("east")) == ["sent", "sent"]


def test_a_text_message_that_waits_says_for_what_and_until_when(channel, world, app, sign_in, clock):
    sms.use(app, RecordingSms())
    app_id = person(world, channel="webchat")
    with unit_of_work() as session:
        world.application(app_id).status = "approved"
        session.flush()
    told = clock.now().astimezone(CHINA)
    tell(world, app_id)
    client = sign_in("east")
    tomorrow = f"{told + timedelta(days=1):%Y-%m-%d %H:%M}"
    assert f"只能随回复告知；到 {tomorrow} 本人还没有来信，就发短信<" in shown(client)
    assert f"unless they write by {tomorrow}, a text message is sent then<" in shown(client, lang="en")
    sms.use(app, sms.ConsoleSms())
    assert "就发短信（没有接网关，只写日志）" in shown(client, lang="zh")
    sms.use(app, None)
    page = shown(client)
    assert "短信" not in page and "等本人下次来信时告知" in page


def test_what_the_log_alone_was_told_is_not_sent(channel, world, app, sign_in):
    app.extensions.pop("bole.sms")
    app_id = world.applied("east")
    work()
    assert db.session.scalars(select(Delivery.channel)).all() == ["console"]
    assert state_of(world.staff("east")) == ["waiting"]
    page = shown(sign_in("east"), application=app_id)
    assert "只写日志" in page and "已发短信" not in page


def test_only_the_own_people_are_there(channel, world, sign_in):
    mine, theirs = person(world), person(world, "west")
    notice = tell(world, theirs)
    tell(world, mine)
    receipts = {app_id: world.application(app_id).receipt for app_id in (mine, theirs)}
    db.session.rollback()
    client = sign_in("east")
    page = shown(client)
    assert receipts[mine] in page and receipts[theirs] not in page
    assert client.get(f"{PAGE}?application={theirs}").status_code == 404
    assert client.post(f"{PAGE}/{notice}/retry").status_code == 404
    assert receipts[mine] in shown(client, application=mine)
    everyone = shown(sign_in("office"))
    assert receipts[mine] in everyone and receipts[theirs] in everyone
    assert f"{PAGE}?application={mine}" in client.get(f"/office/applications/{mine}").get_data(as_text=True)


def unanswered(talk, clock, number, state="failed", **more):
    """A reply that the platform did not take."""
    with unit_of_work() as session:
        found = session.scalars(select(Conversation).where(Conversation.sender == talk)).one()
        own = {"effect": f"reply:{number}:0", "channel": "telegram", "purpose": "reply", "state": state}
        times = {"created_at": clock.now(), "updated_at": clock.now()}
        session.add(Delivery(**own, conversation_id=found.id, **times, **more))


def test_replies_that_did_not_arrive_are_counted_for_the_office(channel, world, sign_in, clock):
    east = person(world)
    foreign = person(world, channel="kefu", programme="other", sender="twin")
    unanswered(east, clock, 0, error="rejected", detail="400")
    unanswered(east, clock, 1, error="rejected", detail="400")
    unanswered(east, clock, 2, "uncertain")
    unanswered(east, clock, 3, "sent")
    unanswered("twin", clock, 4, error="config", detail="40001")
    del foreign
    office = world.staff("office")
    found = [(one.uncertain, one.error, one.count) for one in reply_failures.listed(office)]
    assert found == [(False, "rejected", 2), (True, "", 1)]
    db.session.rollback()
    page = shown(sign_in("office"))
    assert "没有送到的对话回复" in page and "渠道拒收" in page and "<code>400</code>" in page and "40001" not in page
    assert "Chat replies that did not arrive" in shown(sign_in("office"), lang="en")
    assert "没有送到的对话回复" not in shown(sign_in("east")), "a unit sees its own people's notices alone"
    clock.advance(days=7, seconds=1)
    assert reply_failures.listed(world.staff("office")) == []
    db.session.rollback()


def test_every_notice_and_every_reason_has_a_name():
    codes = {key for key in wording.catalogue() if key.startswith("notice.")} | {"office.answered"}
    for code in codes - {"notice.maybe_told", "notice.go_on", "notice.of_other", "notice.of_programme"}:
        assert code.partition(".")[2].partition("_")[0] in office_deliveries._ABOUT, code
    from bot_adapter.routes import WHYS

    assert set(office_deliveries._WHY) == set(WHYS)
    assert set(office_deliveries.STATE) == set(office_deliveries.STYLE) == set(notice_states.STATES)


def test_a_text_message_is_short_and_says_no_result():
    """Two parts of 67 at most, with the longest name of a programme; who reads over a shoulder learns nothing."""
    from models.programme.loader import load_pack, pack_slugs

    for slug in pack_slugs():
        short = load_pack(slug).programme.short
        for template in ("receipt", "correction", "result"):
            params = {"programme": short.zh, "receipt": "BL-ABCD-2345", "url": "https://rencai.example.gov.cn/resume"}
            text = sms.text(template, {"language": "zh", **params})
            assert len(text) <= 134 and text.startswith("【伯乐】"), text
            assert not any(word in text for word in ("通过", "未予", "不符合"))
    with (wording.MESSAGES / "delivery.toml").open("rb") as file:
        assert set(tomllib.load(file)["sms"]) == {"receipt", "correction", "result"}


@pytest.mark.parametrize(("scheme", "lang"), [("light", "zh"), ("dark", "en")])
def test_the_page_is_accessible_at_a_desk(channel, world, enter, address, clock, scheme, lang):
    channel.results = [SendResult.problem("config", "40164"), SendResult.sent("x")]
    tell(world, person(world))
    tell(world, person(world))
    tell(world, person(world, channel="webchat"), "notice.to_mend")
    page = enter("east", color_scheme=scheme)
    page.goto(f"{address}{PAGE}?lang={lang}")
    expect(page.locator("tbody tr")).to_have_count(3)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
