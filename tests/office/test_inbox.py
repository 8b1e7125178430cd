"""The shared inbox: leases, asking back, passing on, closing, reopening, notes, ageing, prepared answers, hours."""

import threading
from datetime import UTC, datetime, time, timedelta

import pytest
from flask import current_app
from sqlalchemy import select
from waiting import PATIENCE

from models.application.tables import Notice
from models.clock import CHINA
from models.errors import Conflict, InvalidAnswer, NotFound
from models.extensions import db
from models.office import (
    accounts,
    enquiries,
    enquiry_ageing,
    enquiry_list,
    enquiry_moves,
    enquiry_queue,
    enquiry_replies,
    enquiry_states,
    prepared_answers,
    threads,
)
from models.office.inbox_tables import EnquiryMessage, PreparedAnswer
from models.office.prepared_answers import Draft
from models.office.tables import Audit, Enquiry, Staff
from models.programme import hours
from models.programme.pack import Programme


def ask(effect="q1", question="证书丢了怎么办？", **where):
    asked = enquiries.ask(db.session, programme="tiny", question=question, effect=effect, **where)
    db.session.commit()
    return asked.id


def row(asked):
    return db.session.get(Enquiry, asked, populate_existing=True)


def kinds(asked):
    return [line.kind for line in threads.read(db.session(), row(asked))]


def reply(asked, text, key=""):
    written = enquiry_replies.write(db.session(), row(asked), text, key=key)
    db.session.commit()
    return written


def codes():
    return list(db.session.scalars(select(Notice.code).where(Notice.code.like("office.%")).order_by(Notice.created_at)))


@pytest.mark.parametrize(("minutes", "state"), [(119, "taken"), (120, "open")])
def test_a_lease_that_runs_out_is_open_again_without_anybody_noticing(persistent_world, clock, minutes, state):
    world = persistent_world
    asked = ask()
    enquiries.take(world.staff("answerer"), asked, 1)
    clock.advance(minutes=minutes)
    assert enquiry_states.standing(row(asked), clock.now()) == state
    shown = enquiry_list.view(world.staff("office"), "free", clock.now())
    assert [one.id for one in shown.rows] == ([asked] if state == "open" else [])
    assert shown.counts["free"] == len(shown.rows) and shown.counts[""] == 1
    if state == "open":
        taken = enquiries.take(world.staff("office"), asked, row(asked).version)
        assert taken.taken_by == world.staff("office").id


def test_who_is_at_it_keeps_it_and_nobody_elses_page_is_out_of_step(persistent_world, clock):
    world = persistent_world
    asked = ask()
    enquiries.take(world.staff("answerer"), asked, 1)
    version = row(asked).version
    clock.advance(minutes=100)
    enquiries.keep(world.staff("answerer"), asked)
    enquiries.keep(world.staff("office"), asked)
    clock.advance(minutes=100)
    assert enquiry_states.holder(row(asked), clock.now()) == world.staff("answerer").id
    assert row(asked).version == version
    with pytest.raises(Conflict):
        enquiries.answer(asked, world.staff("office"), "我也答", version)
    enquiries.answer(asked, world.staff("answerer"), "先挂失。", version)


def test_asked_back_answered_back_and_answered(persistent_world, clock):
    world = persistent_world
    app_id = world.applied("east")
    asked = ask(application_id=app_id)
    east = world.staff("east")
    enquiry_moves.ask_back(east, asked, "哪一年发的？", row(asked).version)
    assert row(asked).state == "asked" and threads.asked_back(db.session(), row(asked)) == "哪一年发的？"
    assert enquiry_queue.waiting(db.session(), None, app_id, "zh") == [
        "「证书丢了怎么办？」工作人员在等您的回答：哪一年发的？"
    ]
    assert enquiry_list.waiting(east, clock.now()).all == 0, "it is the person's turn"
    clock.advance(days=2)
    number = world.number()
    assert reply(asked, f"2010 年，我是{number}", "k1") and not reply(asked, "又来一次", "k1")
    assert row(asked).state == "open" and enquiry_states.waits_since(row(asked)) == clock.now()
    assert number not in "".join(line.text for line in threads.read(db.session(), row(asked)))
    assert [one.id for one in enquiry_list.view(east, "mine", clock.now()).rows] == [asked], "left to who asked"
    enquiries.answer(asked, east, "可以凭存根补办。", row(asked).version)
    assert kinds(asked) == ["question", "ask_back", "reply", "answer"]
    assert codes() == ["office.asked", "office.answered"]
    took = enquiry_queue.usual_time(db.session(), "tiny", row(asked).unit_id, clock.now())
    assert took is None, "one answer tells nothing of the usual time"


def test_a_thread_is_sealed(world):
    asked = ask()
    enquiry_moves.note(world.staff("office"), asked, "给王科看看")
    (line,) = db.session.scalars(select(EnquiryMessage))
    assert "王科".encode() not in line.sealed
    assert threads.read(db.session(), row(asked))[1].text == "给王科看看"
    assert [one.kind for one in threads.shared(db.session(), row(asked))] == ["question"]


def test_a_question_answered_before_there_were_threads_is_still_shown(world, clock):
    asked = ask()
    old = row(asked)
    old.state, old.answer, old.answered_at = "answered", "先挂失。", clock.now()
    db.session.commit()
    assert [(line.kind, line.text) for line in threads.read(db.session(), old)] == [
        ("question", "证书丢了怎么办？"),
        ("answer", "先挂失。"),
    ]


@pytest.mark.parametrize(("days", "reopens"), [(14, True), (15, False)])
def test_an_answered_question_goes_on_for_some_days(persistent_world, clock, days, reopens):
    world = persistent_world
    app_id = world.applied("east")
    asked = ask(application_id=app_id)
    enquiries.answer(asked, world.staff("east"), "先挂失。", row(asked).version)
    clock.advance(days=days)
    found = enquiry_replies.settled(db.session(), None, app_id)
    assert (found is not None) == reopens
    if found is not None:
        reply(asked, "没解决，挂失要什么？")
        assert row(asked).state == "open" and kinds(asked)[-1] == "reopened"
        enquiries.answer(asked, world.staff("east"), "带身份证。", row(asked).version)
        assert codes() == ["office.answered", "office.answered"] and row(asked).answer == "带身份证。"


def test_a_word_more_tells_whoever_has_it_open(world):
    asked = ask(application_id=world.applied("east"))
    east = world.staff("east")
    version = enquiries.take(east, asked, 1).version
    reply(asked, "还有，原件在外地")
    assert row(asked).state == "taken", "the lease stands"
    with pytest.raises(Conflict):
        enquiries.answer(asked, world.staff("east"), "先挂失。", version)


@pytest.mark.parametrize("reason", enquiry_moves.REASONS)
def test_closed_without_an_answer_the_person_is_told_why(world, reason):
    asked = ask(application_id=world.applied("east"))
    enquiry_moves.close(world.staff("east"), asked, reason, 1)
    assert row(asked).state == "closed" and codes() == [f"office.closed_{reason}"]
    with pytest.raises(Conflict):
        enquiries.answer(asked, world.staff("east"), "好", row(asked).version)
    reply(asked, "没解决")
    assert row(asked).state == "open" and row(asked).closed_at is None


def test_closing_needs_a_reason(world):
    asked = ask()
    with pytest.raises(InvalidAnswer):
        enquiry_moves.close(world.staff("office"), asked, "", 1)
    assert row(asked).state == "open"


def test_passed_on_to_the_office_a_unit_and_a_colleague(world, clock):
    asked = ask(application_id=world.applied("east"))
    east, office, answerer = world.staff("east"), world.staff("office"), world.staff("answerer")
    enquiry_moves.pass_on(east, asked, "office", "不归我们", row(asked).version)
    assert row(asked).unit_id is None
    with pytest.raises(NotFound):
        enquiry_moves.pass_on(east, asked, "office", "", row(asked).version)
    enquiry_moves.pass_on(office, asked, f"staff:{answerer.id}", "请答", row(asked).version)
    assert [one.id for one in enquiry_list.view(answerer, "mine", clock.now()).rows] == [asked]
    assert row(asked).state == "open", "until it is taken anybody may"
    west = world.unit("west")
    enquiry_moves.pass_on(answerer, asked, f"unit:{west.id}", "", row(asked).version)
    assert enquiries.take(world.staff("west"), asked, row(asked).version).state == "taken"
    assert kinds(asked) == ["question", "passed", "passed", "passed", "taken"]
    passed = [line.text for line in threads.read(db.session(), row(asked)) if line.kind == "passed"]
    assert passed[0].endswith("不归我们") and passed[1].startswith(f"→ {answerer.display_name}")


@pytest.mark.parametrize("to", ["unit:west", "staff:west", "staff:other-east", "unit:other", "somebody:1", "office"])
def test_whom_a_question_cannot_go_to(world, to):
    asked = ask()
    kind, _, name = to.partition(":")
    there = {"west": world.unit("west").id, "other": world.unit("east", "other").id}
    ident = world.staff(name).id if kind == "staff" else there.get(name, name)
    member = world.staff("office") if to != "unit:west" else world.staff("east")
    with pytest.raises(NotFound):
        enquiry_moves.pass_on(member, asked, f"{kind}:{ident}" if name else kind, "", 1)


def test_nothing_is_forgotten_in_the_supervisors_view(persistent_world, clock):
    world = persistent_world
    app_id = world.applied("east")
    first, second = ask("a", application_id=app_id), ask("b")
    enquiries.take(world.staff("east"), first, 1)
    clock.advance(days=3, minutes=1)
    third = ask("c")
    enquiries.answer(third, world.staff("office"), "好", 1)
    office, now = world.staff("office"), clock.now()
    assert {one.id for one in enquiry_ageing.overdue(office, now)} == {first, second}
    assert all(enquiry_list.age(enquiry_states.waits_since(one), now) == "later" for one in (row(first), row(second)))
    desks = {desk.key: desk for desk in enquiry_ageing.desks(office, now)}
    own = desks[world.unit("east").id]
    assert (own.open, own.taken, own.asked, own.answered) == (1, 0, 0, 0)
    assert (desks[None].open, desks[None].answered, desks[None].median) == (1, 1, timedelta(0))
    assert own.oldest is not None and now - own.oldest > timedelta(days=3)
    people = {desk.key: desk for desk in enquiry_ageing.people(office, now)}
    assert people[world.staff("east").id].open == 1 and people[office.id].answered == 1
    assert [desk.key for desk in enquiry_ageing.desks(world.staff("east"), now)] == [world.unit("east").id]


@pytest.mark.parametrize(
    ("waited", "age"),
    [
        (timedelta(days=1, seconds=-1), ""),
        (timedelta(days=1), "late"),
        (timedelta(days=3, seconds=-1), "late"),
        (timedelta(days=3), "later"),
    ],
)
def test_the_colour_changes_when_the_time_does(clock, waited, age):
    assert enquiry_list.age(clock.now() - waited, clock.now()) == age, "never three days beside more than one"


def test_the_longest_waiting_come_first_and_those_in_hand_last(persistent_world, clock):
    world = persistent_world
    ids = []
    for name in "abc":
        ids.append(ask(name))
        clock.advance(minutes=1)
    enquiries.take(world.staff("answerer"), ids[0], 1)
    office = world.staff("office")
    assert [one.id for one in enquiry_list.view(office, "", clock.now()).rows] == [ids[1], ids[2], ids[0]]
    assert enquiry_list.neighbours(office, row(ids[1])) == (ids[0], ids[2])
    assert enquiry_list.view(office, "", clock.now(), unit="office").units == {None: 3}
    assert enquiry_list.view(office, "", clock.now(), unit=world.unit("east").id).rows == []


def test_a_prepared_answer_is_counted_when_it_is_sent(world):
    office, east = world.staff("office"), world.staff("east")
    made = prepared_answers.save(office, Draft("挂失", "请先挂失。", "Report it lost first."))
    prepared_answers.used(east, [made.id, made.id, "", "nothing"])
    (kept,) = db.session.scalars(select(PreparedAnswer).execution_options(populate_existing=True))
    assert kept.used == 1 and prepared_answers.listed(east) == [kept]
    assert prepared_answers.listed(world.staff("other-east")) == []
    prepared_answers.used(world.staff("other-east"), [made.id])
    prepared_answers.save(office, Draft("挂失", "先挂失。"), made.id, made.version)
    with pytest.raises(Conflict):
        prepared_answers.save(office, Draft("挂失", "别的"), made.id, 1)
    with pytest.raises(InvalidAnswer):
        prepared_answers.save(office, Draft("", "别的"))
    assert db.session.get(PreparedAnswer, made.id, populate_existing=True).used == 1
    prepared_answers.remove(office, made.id)
    assert prepared_answers.listed(office) == []


@pytest.mark.parametrize(
    ("at", "back"),
    [(time(8, 59), True), (time(9), False), (time(12), True), (time(14, 29), True), (time(14, 30), False)],
)
def test_an_office_that_has_a_midday_break(at, back):
    spans = hours.spans(("09:00-12:00", "14:30-17:30"))
    monday = datetime(2026, 11, 23, tzinfo=CHINA)
    found = hours.back_on(datetime.combine(monday.date(), at, CHINA), spans)
    assert (found is not None and found.day == monday.date()) == back


@pytest.mark.parametrize("written", ["9:00-17:00", "09:00", "17:00-09:00", "24:00-25:00"])
def test_hours_that_are_none(written):
    with pytest.raises(ValueError, match=r"span|before"):
        hours.spans((written,))
    with pytest.raises(ValueError, match="before"):
        hours.spans(("09:00-12:00", "11:00-17:00"))
    assert Programme.model_fields["office_hours"].default == ()


def test_out_of_hours_the_day_and_the_hours_are_said(world, tiny_packs, clock):
    file = tiny_packs / "tiny" / "programme.toml"
    file.write_text(f'office_hours = ["09:00-12:00", "14:30-17:30"]\n{file.read_text("utf-8")}', "utf-8")
    from models.programme.loader import load_pack

    load_pack.cache_clear()
    assert enquiry_queue.back_on(datetime(2026, 11, 23, 5, tzinfo=UTC), "tiny") is not None, "13:00 in China"
    clock.set_day(datetime(2026, 11, 21).date())  # a Saturday
    lines = enquiry_queue.queued(db.session(), row(ask()), "zh")
    assert lines[-1] == "工作时间：工作日 09:00-12:00、14:30-17:30。"


def test_the_page_in_every_state(world, sign_in, clock):
    app_id = world.applied("east")
    asked = ask(application_id=app_id, step_key="field:name")
    prepared = prepared_answers.save(world.staff("office"), Draft("挂失", "请先挂失。")).id
    client = sign_in("east")
    one = f"/office/enquiries/{asked}"
    page = client.get(one).get_data(as_text=True)
    assert "可能有关的条款" in page and "挂失" in page and "没有聊天" in page
    filled = client.post(one, data={"version": 1, "answer": "您好。", "insert": f"prepared:{prepared}"})
    assert filled.status_code == 200 and "您好。\n请先挂失。</textarea>" in filled.get_data(as_text=True)
    assert f'name="prepared" value="{prepared}"' in filled.get_data(as_text=True)
    part = client.post(
        one, data={"version": 1, "answer": "", "insert": "clause:一"}, headers={"HX-Request": "true"}
    ).get_data(as_text=True)
    assert part.startswith("<textarea") and "通知一（" in part
    noted = client.post(f"{one}/note", data={"note": "问过王科"}, follow_redirects=True).get_data(as_text=True)
    assert "问过王科" in noted and "备注已记下" in noted
    empty = client.post(f"{one}/close", data={"version": 1, "reason": ""})
    assert empty.status_code == 422 and "请写明理由" in empty.get_data(as_text=True)
    assert client.post(f"{one}/keep", data={}).status_code == 204
    back = client.post(one, data={"version": 1, "answer": "哪年的？", "do": "ask", "prepared": prepared})
    assert back.status_code == 302 and row(asked).state == "asked"
    assert "哪年的？" in client.get(one).get_data(as_text=True)
    assert "追问后" in client.get("/office/enquiries?state=asked").get_data(as_text=True)
    reply(asked, "2010 年的")
    assert "对方又写了" in client.get("/office/enquiries").get_data(as_text=True)
    clock.advance(days=4)
    ageing = sign_in("office").get("/office/enquiries/ageing").get_data(as_text=True)
    assert "超过三天" in ageing and "留给 east 同志" in ageing
    db.session.rollback()
    client = sign_in("east")
    passed = client.post(f"{one}/pass", data={"version": row(asked).version, "to": "office", "pass_note": "请答"})
    assert passed.status_code == 302 and client.get(one).status_code == 404
    assert db.session.get(PreparedAnswer, prepared, populate_existing=True).used == 1
    done = {line.action for line in db.session.scalars(select(Audit))}
    assert {"view_enquiry", "ask_back", "pass_enquiry", "write_prepared"} <= done
    for path in ("/office/prepared", "/office/prepared/new", f"/office/prepared/{prepared}"):
        assert sign_in("office").get(path).status_code == 200
    wrong = sign_in("office").post("/office/prepared/new", data={"title": "", "text": "写了的"})
    assert wrong.status_code == 422 and "写了的" in wrong.get_data(as_text=True)


def test_whoever_is_done_with_a_question_goes_on_to_the_next(world, sign_in, clock):
    asked = []
    for n in range(4):
        asked.append(ask(f"q{n}"))
        clock.advance(minutes=1)
    first, taken, second, third = asked
    enquiries.take(world.staff("office"), taken, 1)
    db.session.commit()
    desk = sign_in("answerer")
    path = "/office/enquiries/{}".format

    def done(asked, what="", **form):
        version = row(asked).version
        return desk.post(path(asked) + what, data={"version": version, **form}).location

    assert done(first, answer="请先挂失。", do="send") == path(second), "a colleague is answering the one between"
    assert done(second, answer="哪一年的？", do="ask") == path(third)
    assert done(third, "/close", reason="elsewhere") == "/office/enquiries", "none is left that nobody answers"


def test_of_two_who_do_something_at_the_same_moment_the_second_is_told(persistent_world):
    world, asked, flask = persistent_world, ask(), current_app._get_current_object()
    version, told, gate = row(asked).version, [], threading.Barrier(2)
    who = {name: world.staff(name).id for name in ("answerer", "office")}
    db.session.rollback()

    def move(name, act):
        with flask.app_context():
            gate.wait(PATIENCE)
            try:
                act(db.session.get_one(Staff, who[name]))
                told.append("done")
            except Conflict:
                told.append("told")
            db.session.remove()

    acts = {
        "answerer": lambda member: enquiries.answer(asked, member, "先挂失。", version),
        "office": lambda member: enquiry_moves.close(member, asked, "same", version),
    }
    both = [threading.Thread(target=move, args=pair) for pair in acts.items()]
    for each in both:
        each.start()
    for each in both:
        each.join(PATIENCE)
    assert sorted(told) == ["done", "told"]
    assert len(kinds(asked)) == 2 and len(codes()) == 1


def test_whoever_leaves_the_desk_has_no_questions_any_more(persistent_world, clock):
    world = persistent_world
    taken, passed, back, done = (ask(f"q{number}") for number in range(4))
    leaving = world.staff("answerer")
    enquiries.take(leaving, taken, 1)
    enquiry_moves.pass_on(world.staff("office"), passed, f"staff:{leaving.id}", "", 1)
    enquiry_moves.ask_back(world.staff("answerer"), back, "哪一年？", 1)
    enquiries.answer(done, world.staff("answerer"), "先挂失。", 1)
    db.session.rollback()
    accounts.set_active(world.staff("admin"), leaving.id, False)
    found = {name: (row(ident).state, row(ident).taken_by) for name, ident in (("taken", taken), ("passed", passed))}
    assert found == {"taken": ("open", None), "passed": ("open", None)}
    assert (row(back).state, row(back).taken_by) == ("asked", None)
    assert row(done).state == "answered" and row(done).answered_by == leaving.id
    assert enquiry_list.view(world.staff("office"), "free", clock.now()).counts["free"] == 2
    assert kinds(taken) == ["question", "taken", "released"]


def test_how_many_are_late_is_counted_for_whoever_reaches_them(persistent_world, clock):
    world = persistent_world
    app_id = world.applied("east")
    ask("old", application_id=app_id)
    clock.advance(days=1, seconds=-1)
    ask("new", application_id=app_id)
    east, west = world.staff("east"), world.staff("west")
    assert enquiry_list.waiting(east, clock.now()) == enquiry_list.Waits(2, 0)
    clock.advance(seconds=1)
    assert enquiry_list.waiting(east, clock.now()) == enquiry_list.Waits(2, 1)
    assert enquiry_list.waiting(west, clock.now()) == enquiry_list.Waits(0, 0)


def test_staff_see_what_the_person_is_told_and_that_some_are_late(world, sign_in, clock):
    app_id = world.applied("east")
    for n in range(enquiry_queue.FEWEST):
        done = ask(f"done{n}", application_id=app_id)
        clock.advance(minutes=90)
        enquiries.answer(done, world.staff("east"), "可以。", row(done).version)
    asked = ask("now", application_id=app_id)
    client = sign_in("east")
    told = "最近一般 2 小时左右有答复。"
    assert told in " ".join(enquiry_queue.queued(db.session(), row(asked), "zh"))
    db.session.rollback()
    one, listed = f"/office/enquiries/{asked}", "/office/enquiries"
    assert all(told in client.get(path).get_data(as_text=True) for path in (one, listed))
    assert "个超过一天" not in client.get(listed).get_data(as_text=True)
    clock.advance(days=1)
    page = sign_in("east").get(listed).get_data(as_text=True)
    assert "1 个超过一天" in page and "其中 1 个等了一天以上" in page
