"""A notice reaches the person once, by the way that is open: pushed, reminded of, texted, or told with the next reply.
On both databases; the platform and the gateway are in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from recording import RecordingChannel
from sqlalchemy import select
from texting import RecordingSms
from waiting import PATIENCE, wait_for

from bot_adapter import conversation, delivery, sms
from bot_adapter.channels import registry
from bot_adapter.messages import Capabilities, InboundMessage, OutboundMessage, SendResult
from models.application import answers, binding, ending, notices, receipts, rounds
from models.application.channel_tables import Delivery
from models.application.tables import Application, Conversation, Notice, Outbox, new_id
from models.clock import FixedClock
from models.extensions import db
from models.office import units
from models.programme import loader
from models.unit_of_work import unit_of_work
from workers.delivery import deliver_notice

PHONE = "13912345678"
WINDOW = timedelta(hours=48)


class Reminds(RecordingChannel):
    """Can remind as well."""

    reminds = True

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.reminded: list[OutboundMessage] = []

    def remind(self, message: OutboundMessage) -> SendResult:
        assert message.id and message.recipient is not None
        self.reminded.append(message)
        return SendResult.sent("r")


class Story:
    """An application, who carries it on where, and what reached them."""

    def __init__(self, app: Flask, clock: FixedClock, slug: str) -> None:
        self.app, self.clock, self.slug = app, clock, slug
        self.channel = RecordingChannel()
        self.texts = RecordingSms()
        self.heard: list[str] = []
        registry.add(app, self.channel)
        sms.use(app, self.texts)
        self.number = 0

    def applied(self, status: str = "submitted", phone: str = PHONE) -> str:
        pack, now = loader.load_pack(self.slug), self.clock.now()
        with unit_of_work() as session:
            made = Application(
                id=new_id(),
                programme=self.slug,
                pack_version=pack.programme.version,
                round_id=rounds.ensure_notice_round(pack).id,
                status=status,
                receipt=f"BL-{new_id()[:8]}",
                resume_hash=new_id(),
                created_at=now,
                updated_at=now,
            )
            session.add(made)
            session.flush()
            if phone:
                answers.save(session, made.id, pack, {"field:phone": phone}, "web")
            return made.id

    def talks(self, application_id: str | None, channel: str = "test", *, heard: bool = True) -> str:
        with unit_of_work() as session:
            made = Conversation(
                id=new_id(),
                channel=channel,
                sender=f"{channel}-person",
                programme=self.slug,
                application_id=application_id,
                heard_at=self.clock.now() if heard else None,
                state={"at": "submitted"},
                created_at=self.clock.now(),
                updated_at=self.clock.now(),
            )
            session.add(made)
            return made.id

    def tell(self, application_id: str, code: str = "notice.approved", text: str = "", **params: Any) -> str:
        self.number += 1
        with unit_of_work() as session:
            application = session.get_one(Application, application_id)
            given = {"receipt": application.receipt, **params}
            made = notices.tell(session, application, f"t:{self.number}", code, text, **given)
            assert made is not None
            return made.id

    def work(self) -> None:
        """Every promise that is due, as often as a worker may be told of it."""
        ids = list(db.session.scalars(select(Outbox.id).where(Outbox.job == "deliver_notice")))
        db.session.remove()
        for row in (*ids, *ids):
            deliver_notice(row)

    def says(self, text: str = "进度", channel: str = "test") -> str:
        self.number += 1
        message = InboundMessage(channel, f"{channel}-person", f"k{self.number}", text, programme=self.slug)
        reply = conversation.handle(message)
        db.session.remove()
        self.heard.append("\n".join(part.plain() for part in reply))
        return self.heard[-1]

    def states(self) -> list[str]:
        db.session.rollback()
        found = list(db.session.scalars(select(Notice.state).order_by(Notice.created_at)))
        db.session.rollback()
        return found

    def sends(self) -> list[tuple[str, str, str]]:
        db.session.rollback()
        rows = db.session.scalars(select(Delivery).order_by(Delivery.created_at))
        found = [(row.channel, row.state, row.error) for row in rows]
        db.session.rollback()
        return found

    def talk(self, conversation_id: str) -> Conversation:
        db.session.rollback()
        return db.session.get_one(Conversation, conversation_id, populate_existing=True)


def told_by(app: Flask, slug: str, clock: FixedClock) -> Iterator[Story]:
    app.extensions["bole"].redis = None
    with app.app_context():
        units.load_units(loader.load_pack(slug))
        rounds.open_round(slug, "试验", date(2026, 11, 1), date(2026, 12, 31))
        db.session.remove()
        yield Story(app, clock, slug)
        db.session.remove()


@pytest.fixture
def story(tiny_pack: str, app: Flask, clock: FixedClock) -> Iterator[Story]:
    yield from told_by(app, tiny_pack, clock)


@pytest.fixture
def persistent_story(tiny_pack: str, persistent_app: Flask, clock: FixedClock) -> Iterator[Story]:
    """On both databases, for what depends on who is first."""
    yield from told_by(persistent_app, tiny_pack, clock)


def test_what_can_be_pushed_is_pushed_once_and_heads_no_reply(persistent_story: Story) -> None:
    story = persistent_story
    app_id = story.applied("approved")
    talk = story.talks(app_id)
    story.tell(app_id)
    story.work()
    (pushed,) = story.channel.sent
    assert "已审核通过" in pushed.text and pushed.purpose == "notice"
    assert story.states() == ["sent"] and story.talk(talk).pushes == 1
    assert "已审核通过" not in story.says().split("\n")[0]
    assert story.texts.sent == []


def test_it_is_rendered_in_the_language_of_the_conversation_with_the_titles_of_the_pack(story: Story) -> None:
    app_id = story.applied("draft")
    with unit_of_work() as session:
        session.get_one(Conversation, story.talks(app_id)).language = "en"
    story.tell(app_id, "notice.page_ok", document="document:id_card", page=1)
    story.work()
    title = next(d for d in loader.load_pack(story.slug).documents.documents if d.id == "id_card").title.en
    assert title in story.channel.sent[0].text and "clear" in story.channel.sent[0].text


def test_a_return_is_pushed_with_its_items_and_a_way_to_go_on(story: Story) -> None:
    app_id = story.applied("returned")
    story.talks(app_id)
    story.tell(app_id, "notice.returned", "姓名：和身份证不一样", count=1)
    story.work()
    assert "姓名：和身份证不一样" in story.channel.sent[0].text
    assert "回复任意一句话" in story.channel.sent[0].text


def test_whoever_writes_before_the_push_is_told_in_the_reply(story: Story) -> None:
    app_id = story.applied("approved")
    story.talks(app_id)
    story.tell(app_id)
    assert "已审核通过" in story.says()
    story.work()
    assert story.channel.tried == [] and story.states() == ["sent"]


def test_at_night_it_waits_and_the_morning_brings_it(story: Story, clock: FixedClock) -> None:
    app_id = story.applied("approved")
    clock.advance(hours=12, minutes=30)
    story.talks(app_id)
    story.tell(app_id)
    story.work()
    clock.advance(hours=10, minutes=29)
    story.work()
    assert story.channel.tried == [] and story.states() == ["pending"]
    clock.advance(minutes=1)
    story.work()
    assert len(story.channel.sent) == 1 and story.states() == ["sent"]


def test_replies_use_the_quota_as_well_and_a_message_fills_it_again(persistent_story: Story) -> None:
    story = persistent_story
    app_id = story.applied("approved")
    talk = story.talks(app_id)
    with unit_of_work() as session:
        session.get_one(Conversation, talk).pushes = 5
    story.tell(app_id)
    story.work()
    assert story.channel.tried == [] and story.states() == ["pending"]
    assert "已审核通过" in story.says()
    assert story.talk(talk).pushes == 0


@pytest.mark.parametrize("error", ["window_closed", "blocked", "rejected", "config"])
def test_what_the_platform_refuses_heads_the_next_reply(story: Story, error: Any) -> None:
    app_id = story.applied("approved", phone="")
    talk = story.talks(app_id)
    story.channel.results = [SendResult.problem(error, "45047")]
    story.tell(app_id)
    story.work()
    assert (story.states(), story.sends()) == (["pending"], [("test", "failed", error)])
    assert (story.talk(talk).blocked_at is not None) == (error == "blocked")
    assert story.talk(talk).pushes == 0
    db.session.rollback()
    assert "已审核通过" in story.says()
    assert len(story.channel.tried) == 1 and story.states() == ["sent"]
    assert story.talk(talk).blocked_at is None, "who writes has not blocked us"


def test_whoever_has_blocked_us_gets_the_text_message(persistent_story: Story) -> None:
    story = persistent_story
    app_id = story.applied("approved")
    story.talks(app_id)
    story.channel.results = [SendResult.problem("blocked", "403")]
    story.tell(app_id)
    story.work()
    ((phone, text),) = story.texts.sent
    assert phone == PHONE and "已有审核结果" in text
    assert story.sends() == [("test", "failed", "blocked"), ("sms", "sent", "")]


def test_a_throttled_push_is_tried_again_unless_a_reply_tells_it(persistent_story: Story, clock: FixedClock) -> None:
    story = persistent_story
    app_id = story.applied("approved")
    story.talks(app_id)
    story.channel.results = [SendResult.problem("throttled", "45009", retry_after=30)] * 2
    story.tell(app_id)
    story.work()
    assert story.states() == ["pending"] and len(story.channel.tried) == 1
    clock.advance(seconds=30)
    story.work()
    assert len(story.channel.tried) == 2
    assert "已审核通过" in story.says()
    clock.advance(minutes=5)
    story.work()
    assert len(story.channel.tried) == 2 and story.states() == ["sent"]


def test_a_push_cut_off_is_not_repeated_and_the_reply_says_so(persistent_story: Story, clock: FixedClock) -> None:
    story = persistent_story

    class Killed(BaseException):
        pass

    def die(message: OutboundMessage) -> SendResult:
        story.channel.tried.append(message)
        raise Killed

    app_id = story.applied("approved")
    story.talks(app_id)
    story.tell(app_id)
    send, story.channel.send = story.channel.send, die  # type: ignore[method-assign]
    with pytest.raises(Killed):
        story.work()
    assert story.states() == ["sending"]
    assert "已审核通过" not in story.says().split("\n")[0], "it may be on its way"
    story.channel.send = send  # type: ignore[method-assign]
    clock.advance(minutes=10)
    story.work()
    assert len(story.channel.tried) == 1 and story.states() == ["unsure"]
    assert story.texts.sent == []
    heard = story.says()
    assert heard.startswith("下面这条可能已经发给过您") and "已审核通过" in heard
    assert story.states() == ["sent"] and "可能已经" not in story.says()


def test_a_chat_that_was_let_go_in_the_middle_is_told_nothing_more(persistent_story: Story, clock: FixedClock) -> None:
    class Killed(BaseException):
        pass

    def die(_message: OutboundMessage) -> SendResult:
        raise Killed

    story = persistent_story
    app_id = story.applied("approved")
    talk = story.talks(app_id)
    story.tell(app_id)
    send, story.channel.send = story.channel.send, die  # type: ignore[method-assign]
    with pytest.raises(Killed):
        story.work()
    story.channel.send = send  # type: ignore[method-assign]
    binding.unbind(app_id, talk)
    clock.advance(minutes=10)
    story.work()
    assert story.channel.tried == []
    assert "已审核通过" not in story.says(), "it is no longer their application"
    story.talks(app_id, "passive")
    assert "已审核通过" in story.says("进度", "passive"), "nor is it lost"


def test_a_worker_that_dies_before_the_call_loses_nothing(story: Story, clock: FixedClock, monkeypatch: Any) -> None:
    class Killed(BaseException):
        pass

    def die(*_: Any) -> None:
        raise Killed

    app_id = story.applied("approved")
    story.talks(app_id)
    story.tell(app_id)
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr("workers.carrying.send_all", die)
        story.work()
    clock.advance(minutes=10)
    story.work()
    assert len(story.channel.sent) == 1 and story.states() == ["sent"]


def test_parts_of_a_long_notice_are_one_notice(story: Story, clock: FixedClock) -> None:
    story.channel.capabilities = Capabilities(push=True, window=WINDOW, quota=5, max_text=40)
    app_id = story.applied("returned", phone="")
    talk = story.talks(app_id)
    lines = "\n".join(f"第{n}项：请看清楚再填一遍" for n in range(6))
    story.channel.results = [SendResult.sent("a"), SendResult.problem("rejected", "400")]
    story.tell(app_id, "notice.returned", lines, count=6)
    story.work()
    assert story.states() == ["unsure"], "one part has arrived, another never will"
    assert story.talk(talk).pushes == len(story.channel.sent) > 2


def test_outside_the_window_the_channel_reminds_and_the_reply_tells(story: Story, clock: FixedClock) -> None:
    channel = Reminds()
    registry.add(story.app, channel)
    app_id = story.applied("approved")
    story.talks(app_id)
    clock.advance(hours=48)
    story.tell(app_id)
    story.work()
    clock.advance(days=2)
    story.work()
    (reminded,) = channel.reminded
    assert reminded.recipient is not None
    assert reminded.recipient.sender_id == "test-person" and channel.tried == [] and story.texts.sent == []
    assert story.states() == ["pending"] and "已审核通过" in story.says()


def test_where_the_chat_only_answers_a_text_message_goes_after_a_day(story: Story, clock: FixedClock) -> None:
    app_id = story.applied("approved")
    story.talks(app_id, "passive")
    story.tell(app_id)
    story.work()
    clock.advance(hours=23, minutes=59)
    story.work()
    assert story.texts.sent == []
    clock.advance(minutes=1)
    story.work()
    ((phone, text),) = story.texts.sent
    assert phone == PHONE and text.startswith("【伯乐】") and text.endswith("/resume")
    assert "已审核通过" in story.says(channel="passive"), "the chat still tells the whole of it"
    clock.advance(days=2)
    story.work()
    assert len(story.texts.sent) == 1


def test_nobody_is_texted_what_they_have_read(story: Story, clock: FixedClock) -> None:
    app_id = story.applied("approved")
    story.talks(app_id, "passive")
    story.tell(app_id)
    story.work()
    story.says(channel="passive")
    clock.advance(days=1)
    story.work()
    assert story.texts.sent == [] and story.states() == ["sent"]


def test_from_the_web_alone_the_three_are_texted_at_once_and_nothing_else(story: Story) -> None:
    app_id = story.applied("submitted")
    story.tell(app_id, "notice.submitted")
    story.tell(app_id, "notice.to_mend", count=1, items="…")
    story.work()
    ((_, text),) = story.texts.sent
    assert "申报已收到" in text
    assert sorted(story.states()) == ["pending", "sent"]


def test_what_was_corrected_meanwhile_is_not_asked_for(persistent_story: Story, clock: FixedClock) -> None:
    story = persistent_story
    app_id = story.applied("returned")
    story.talks(app_id, "passive")
    story.tell(app_id, "notice.returned", "姓名：错字", count=1)
    story.work()
    with unit_of_work() as session:
        session.get_one(Application, app_id).status = "submitted"
    clock.advance(days=1)
    story.work()
    assert story.texts.sent == [] and story.states() == ["seen"]
    assert "错字" not in story.says(channel="passive")


@pytest.mark.parametrize("phone", ["", "0734-8123456"])
def test_without_a_mobile_nothing_is_texted(story: Story, phone: str) -> None:
    story.tell(story.applied("approved", phone=phone))
    story.work()
    assert story.texts.sent == [] and story.states() == ["pending"]


def test_without_a_sender_nothing_is_texted(story: Story) -> None:
    sms.use(story.app, None)
    story.tell(story.applied("approved"))
    story.work()
    assert story.sends() == [] and story.states() == ["pending"]


def test_a_gateway_that_refuses_is_written_down(story: Story) -> None:
    story.texts.results = [SendResult.problem("config", "no template")]
    story.tell(story.applied("approved"))
    story.work()
    assert story.sends() == [("sms", "failed", "config")] and story.states() == ["pending"]


def test_another_conversation_that_can_be_told_at_once_is_told(persistent_story: Story, clock: FixedClock) -> None:
    story = persistent_story
    app_id = story.applied("approved")
    pushable = story.talks(app_id)
    clock.advance(minutes=1)
    story.talks(app_id, "passive")
    notice = story.tell(app_id)
    story.work()
    assert len(story.channel.sent) == 1
    assert db.session.get_one(Notice, notice).conversation_id == pushable
    db.session.rollback()
    assert "已审核通过" not in story.says(channel="passive").split("\n")[0]


def test_what_did_not_arrive_after_all_heads_the_next_reply(persistent_story: Story) -> None:
    story = persistent_story
    app_id = story.applied("approved", phone="")
    story.talks(app_id)
    story.tell(app_id)
    story.work()
    assert story.states() == ["sent"]
    assert receipts.receipt("test", "ext-0", "failed", story.clock.now(), error="window_closed", detail="45015")
    story.work()
    assert story.states() == ["pending"] and len(story.channel.tried) == 1
    assert "已审核通过" in story.says()
    assert not receipts.receipt("test", "ext-0", "failed", story.clock.now()), "the platform says it twice"
    story.work()
    assert len(story.channel.tried) == 1 and story.states() == ["sent"]


def test_of_parts_one_of_which_did_not_arrive_the_reply_says_so(story: Story) -> None:
    story.channel.capabilities = Capabilities(push=True, max_text=40)
    app_id = story.applied("returned", phone="")
    story.talks(app_id)
    story.tell(app_id, "notice.returned", "姓名：请看清楚再填一遍，和身份证上的一样", count=1)
    story.work()
    assert receipts.receipt("test", "ext-0", "failed", story.clock.now(), error="rejected")
    assert story.states() == ["unsure"]
    story.work()
    assert story.says().startswith("下面这条可能")


@pytest.mark.parametrize("code", ["notice.bound", "office.answered"])
def test_what_is_for_one_conversation_goes_to_no_other(story: Story, clock: FixedClock, code: str) -> None:
    app_id = story.applied("submitted")
    story.talks(app_id)
    clock.advance(minutes=1)
    own = story.talks(app_id, "passive")
    notice = story.tell(app_id, code, "是的", question="要交原件吗", channel="Telegram")
    story.work()
    assert story.channel.tried == [] and story.states() == ["pending"]
    assert db.session.get_one(Notice, notice).conversation_id == own


def test_pushing_and_answering_at_the_same_moment_tell_it_once(persistent_story: Story) -> None:
    """A push is about to begin when a message comes: one of them tells it, never both or none."""
    story = persistent_story
    app_id = story.applied("approved")
    story.talks(app_id)
    for number in range(1, 7):
        story.tell(app_id)
        gate = threading.Barrier(2)
        _together(partial(_at, gate, story, story.work), partial(_at, gate, story, story.says))
        told = sum(reply.startswith("好消息") for reply in story.heard)
        assert len(story.channel.sent) + told == number
        assert set(story.states()) == {"sent"}


def test_a_push_that_comes_while_a_reply_is_written_finds_it_told(persistent_story: Story, monkeypatch: Any) -> None:
    story = persistent_story
    app_id = story.applied("approved")
    story.talks(app_id)
    story.tell(app_id)
    taken = threading.Event()
    take, say = notices.take, delivery.notice_text
    workers: list[threading.Thread] = []

    def taking(*ids: str) -> bool:
        try:
            return take(*ids)
        finally:
            taken.set()

    def work() -> None:
        with story.app.app_context():
            story.work()

    def saying(*given: Any) -> str:
        """The reply has found the notice and is about to tell it; nothing is written yet."""
        if not workers:
            workers.append(threading.Thread(target=work))
            workers[0].start()
            if db.engine.dialect.name == "postgresql":  # SQLite does not even let it look for what to write
                wait_for(lambda: taken.is_set() or _somebody_waits())
        return say(*given)

    monkeypatch.setattr(notices, "take", taking)
    monkeypatch.setattr(delivery, "notice_text", saying)
    assert "已审核通过" in story.says()
    workers[0].join(PATIENCE)
    assert story.channel.tried == [] and story.states() == ["sent"]


def _somebody_waits() -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with db.engine.connect() as connection:
        return bool(connection.exec_driver_sql(query).scalar())


def _at(gate: threading.Barrier, story: Story, call: Callable[[], object]) -> None:
    with story.app.app_context():
        gate.wait()
        call()


def _together(*calls: Callable[[], None]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)


def test_an_erased_application_leaves_no_send_behind(persistent_story: Story, clock: FixedClock) -> None:
    story = persistent_story
    app_id = story.applied("approved")
    story.talks(app_id)
    story.tell(app_id)
    story.work()
    assert len(story.sends()) == 1
    ending.delete_application(app_id)
    assert story.sends() == [] and story.states() == []
    story.work()
    assert len(story.channel.tried) == 1


def test_what_is_purged_takes_its_sends_with_it(persistent_story: Story) -> None:
    story = persistent_story
    app_id = story.applied("approved")
    story.tell(app_id)
    story.work()
    assert story.sends() == [("sms", "sent", "")]
    assert ending.purge(app_id, lambda *_: True)
    assert story.sends() == []


def test_neither_number_nor_code_is_in_the_log(story: Story, caplog: Any, capsys: Any) -> None:
    story.app.extensions.pop("bole.sms")  # the console's sender, as the settings say
    app_id = story.applied("approved")
    receipt = db.session.get_one(Application, app_id).receipt
    db.session.rollback()
    story.tell(app_id)
    story.work()
    out = capsys.readouterr()
    seen = out.out + out.err + caplog.text
    assert "139****5678" in seen and "已有审核结果" in seen
    assert PHONE not in seen and receipt not in seen
    assert story.sends() == [("console", "sent", "")]
    assert story.states() == ["pending"], "nobody has been told"
