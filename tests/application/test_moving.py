"""A new version is published: drafts move on, once and told; what is handed in stays, what is decided for good."""

import pytest
from sqlalchemy import select

from models.application import lifecycle, moving, notices, packs, queries, service
from models.application.tables import Answer, Application, Event, Notice, Outbox
from models.errors import InvalidAnswer, NotReady
from models.extensions import db
from models.interview.steps import Ready, ShowVerdict
from models.programme import loader
from models.unit_of_work import unit_of_work

SLUG = "tiny"
RENAMED = ("form.toml", ('zh = "行当"', 'zh = "行业"'))
MORE = """
[[sections.fields]]
id = "town"
kind = "text"
label = { zh = "镇", en = "Town" }
clause = "二"
"""


def find_due():
    found = moving.find_due(db.session())
    db.session.rollback()
    return found


def promise_all():
    due = find_due()
    with unit_of_work() as session:
        return moving.promise_due(session, due)


def version_of(app_id):
    return db.session.get(Application, app_id, populate_existing=True).pack_version


def told(app_id):
    rows = db.session.scalars(select(Notice).where(Notice.application_id == app_id).order_by(Notice.created_at))
    return [row.code for row in rows if row.code in ("notice.moved", "notice.reopened")]


def happened(app_id, kind):
    query = select(Event).where(Event.application_id == app_id, Event.type == kind).order_by(Event.seq)
    return list(db.session.scalars(query))


def stored(app_id):
    db.session.expire_all()
    return {row.key: row.value for row in db.session.scalars(select(Answer).where(Answer.application_id == app_id))}


@pytest.fixture
def newer(edition, clock):
    """`newer(*edits)`: the next version, a minute later."""
    count = iter(range(2, 9))

    def publish(*edits):
        clock.advance(minutes=1)
        for file, *changes in edits:
            edition.edit(file, *changes)
        version = str(next(count))
        edition.publish(version)
        return version

    return publish


def test_a_draft_moves_on_with_word_of_it_once(people, newer, clock):
    app_id = people.start()
    people.fill(app_id)
    newer(RENAMED)
    assert [due for due, _effect in find_due()] == [app_id]
    clock.advance(minutes=1)
    assert moving.move_on(app_id) is True
    assert moving.move_on(app_id) is False
    assert version_of(app_id) == "2"
    (event,) = happened(app_id, "moved")
    assert (event.data["from"], event.data["to"], event.actor) == ("1", "2", "worker")
    assert event.data["changes"]["zh"] == "· 填写要求有改动：「行业」"
    assert told(app_id) == ["notice.moved"]
    assert find_due() == []


def test_moves_are_promised_once_for_each_time_a_version_comes_into_force(people, edition, newer, clock):
    app_id = people.start()
    newer(RENAMED)
    assert promise_all() == 1
    assert promise_all() == 0  # it waits for its worker
    moving.move_on(app_id)
    clock.advance(minutes=1)
    edition.edit("form.toml", ('zh = "行业"', 'zh = "行当"'))
    edition.publish("1")  # a release taken back
    assert promise_all() == 1
    moving.move_on(app_id)
    assert version_of(app_id) == "1"
    edition.edit("form.toml", ('zh = "行当"', 'zh = "行业"'))
    edition.publish("2")
    assert promise_all() == 1
    effects = list(db.session.scalars(select(Outbox.effect).where(Outbox.job == "move_draft").order_by(Outbox.effect)))
    assert effects == [f"move:{app_id}:{turn}" for turn in (2, 3, 4)]


def test_nothing_is_due_before_anything_is_published_or_under_the_version_in_force(people):
    people.start()
    assert find_due() == []
    packs.publish(SLUG)
    assert find_due() == []


@pytest.mark.parametrize("status", ["approved", "declined", "withdrawn", "deleted"])
def test_what_is_decided_or_ended_stays_with_its_version(people, newer, status):
    app_id = people.submitted()
    seen = people.version(app_id)
    {
        "approved": lambda: service.approve(app_id, 1, seen, "同意"),
        "declined": lambda: service.decline(app_id, 1, seen, "一", "没有证书"),
        "withdrawn": lambda: service.withdraw(app_id),
        "deleted": lambda: service.delete(app_id),
    }[status]()
    newer(RENAMED)
    assert find_due() == []
    assert moving.move_on(app_id) is False
    assert version_of(app_id) == "1"
    assert not lifecycle.allows(status, "moved") and not lifecycle.allows(status, "reopened")


def test_what_is_handed_in_keeps_its_version_also_when_it_is_handed_in_again(people, newer):
    app_id = people.submitted()
    newer(RENAMED, ("eligibility.toml", ("value = true", "value = false")))
    assert find_due() == []
    service.return_items(app_id, [service.ReturnedItem("field:trade", "请核对")], 1, people.version(app_id))
    assert moving.move_on(app_id) is False
    service.record(app_id, {"field:trade": "wood"}, "web")
    assert service.submit(app_id, "web").status == "submitted"
    view = queries.view(app_id)
    assert (view.application.pack_version, view.application.categories) == ("1", ["skilled"])
    assert view.plan.ask("field:trade").label.zh == "行当"


def test_no_answer_is_dropped_and_one_that_cannot_be_read_sleeps_until_it_can(people, newer):
    app_id = people.start()
    people.fill(app_id)
    before = stored(app_id)
    newer(
        (
            "form.toml",
            ('value = "wood"', 'value = "timber"'),
            ('id = "mobile"\nkind = "phone"', 'id = "phone"\nkind = "phone"'),
        ),
    )
    moving.move_on(app_id)
    assert stored(app_id) == before
    view = queries.view(app_id)
    assert view.asleep == {"field:trade"}
    assert view.answers["field:mobile"] == "13900000000"  # not asked any more, so the plan never comes to it
    service.record(app_id, {"verdict": True}, "web")
    assert not {"field:trade", "field:phone"} & queries.view(app_id).plan.answered
    assert "field:name" in queries.view(app_id).plan.answered

    newer(
        (
            "form.toml",
            ('value = "timber"', 'value = "wood"'),
            ('id = "phone"\nkind = "phone"', 'id = "mobile"\nkind = "phone"'),
        )
    )
    moving.move_on(app_id)
    service.record(app_id, {"verdict": True}, "web")
    view = queries.view(app_id)
    assert view.asleep == frozenset()
    assert {"field:trade", "field:mobile"} <= view.plan.answered


def test_a_fact_and_a_category_that_are_gone_are_asked_for_anew_and_nothing_breaks(people, newer):
    app_id = people.start()
    people.fill(app_id)
    newer(
        (
            "eligibility.toml",
            ('id = "certificate"', 'id = "diploma"'),
            ('fact = "certificate"', 'fact = "diploma"'),
            ('id = "skilled"', 'id = "masters"'),
        )
    )
    moving.move_on(app_id)
    view = queries.view(app_id)
    assert view.plan.step.key == "claim"
    assert view.asleep == {"claim"}
    service.record(app_id, {"claim": ["masters"]}, "web")
    assert queries.view(app_id).plan.step.key == "fact:diploma"
    assert stored(app_id)["fact:certificate"] is True


def test_the_verdict_is_shown_again_and_consents_only_with_a_new_text(people, newer):
    app_id = people.ready()
    assert isinstance(queries.view(app_id).plan.step, Ready)
    newer(("programme.toml", ('id = "identity"\nversion = 1', 'id = "identity"\nversion = 2')))
    moving.move_on(app_id)
    view = queries.view(app_id)
    assert view.plan.step.key == "consent:identity"
    assert view.answers["consent:news"] is False
    service.record(app_id, {"consent:identity": True}, "web")
    assert isinstance(queries.view(app_id).plan.step, ShowVerdict)
    service.record(app_id, {"verdict": True}, "web")
    assert isinstance(queries.view(app_id).plan.step, Ready)  # photos, fields and declarations stand


def test_a_declaration_is_made_again_only_under_other_words(people, newer):
    app_id = people.ready()
    newer(RENAMED)
    moving.move_on(app_id)
    assert queries.view(app_id).answers["declaration:true"] is True
    newer(("programme.toml", ('zh = "以上属实。"', 'zh = "以上属实，愿意负责。"')))
    moving.move_on(app_id)
    assert "declaration:true" not in queries.view(app_id).answers
    assert happened(app_id, "moved")[-1].data["changes"]["zh"] == "· 要重新确认：「以上属实，愿意负责。」"


def test_a_draft_that_is_handed_in_before_it_was_moved_is_judged_by_the_version_in_force(people, newer):
    app_id = people.ready()
    newer(RENAMED)
    with pytest.raises(NotReady) as caught:
        service.submit(app_id, "web")
    assert caught.value.params["missing"] == ["verdict"]
    assert version_of(app_id) == "2"  # and it stays moved
    assert told(app_id) == ["notice.moved"]
    service.record(app_id, {"verdict": True}, "web")
    assert service.submit(app_id, "web").status == "submitted"
    assert version_of(app_id) == "2"
    assert len(happened(app_id, "moved")) == 1


def test_a_new_version_that_refuses_is_told_at_the_hand_in(people, newer):
    app_id = people.ready()
    newer(("eligibility.toml", ("value = true", "value = false")))
    with pytest.raises(NotReady):
        service.submit(app_id, "web")
    view = queries.view(app_id)
    assert isinstance(view.plan.step, ShowVerdict) and view.plan.assessment.outcome == "refused"


def test_what_is_on_disk_but_not_published_moves_nobody(people, edition):
    app_id = people.ready()
    edition.edit("programme.toml", ('version = "1"', 'version = "2"'))
    assert service.submit(app_id, "web").status == "submitted"
    assert version_of(app_id) == "1"


def test_a_move_that_breaks_off_before_the_word_of_it_does_neither(people, newer, monkeypatch):
    app_id = people.start()
    newer(RENAMED)

    def broken(*_given, **_named):
        raise RuntimeError("the process dies here")

    with monkeypatch.context() as patched:
        patched.setattr(notices, "tell", broken)
        with pytest.raises(RuntimeError):
            moving.move_on(app_id)
    assert (version_of(app_id), told(app_id), happened(app_id, "moved")) == ("1", [], [])
    moving.move_on(app_id)
    assert (version_of(app_id), told(app_id), len(happened(app_id, "moved"))) == ("2", ["notice.moved"], 1)


def test_moved_by_several_at_once_it_is_moved_once(people, newer, at_once):
    app_id = people.start()
    newer(RENAMED)
    assert sorted(at_once(*[lambda: moving.move_on(app_id)] * 4)) == [False, False, False, True]
    assert (len(happened(app_id, "moved")), told(app_id)) == (1, ["notice.moved"])


def test_a_draft_touched_at_that_moment_loses_nothing(people, newer, at_once):
    app_id = people.start()
    people.fill(app_id)
    newer(RENAMED)
    results = at_once(
        lambda: moving.move_on(app_id),
        lambda: service.save_partial(app_id, {"field:trade": "metal"}, "web"),
        lambda: service.save_partial(app_id, {"fact:county": "west"}, "chat"),
    )
    assert results[0] is True
    kept = stored(app_id)
    for result, key, value in ((results[1], "field:trade", "metal"), (results[2], "fact:county", "west")):
        if result == {}:
            assert kept[key] == value
        else:  # moved first: the verdict comes before the form again, so the form's field waits
            assert (key, result[key].key) == ("field:trade", "error.not_asked")
            assert kept[key] == "wood"
    assert version_of(app_id) == "2"


def test_the_news_stay_until_the_person_does_something(people, newer, clock):
    app_id = people.start()
    people.fill(app_id)
    assert queries.view(app_id).news is None
    newer(RENAMED)
    moving.move_on(app_id)
    assert queries.view(app_id).news.data["changes"]["en"] == "· To be filled in differently: “Trade”"
    clock.advance(seconds=1)
    service.record(app_id, {"verdict": True}, "web")
    assert queries.view(app_id).news is None


def test_the_timeline_tells_of_it(people, newer):
    app_id = people.start()
    newer(RENAMED)
    moving.move_on(app_id)
    view = queries.view(app_id)
    assert queries.timeline(view, "zh")[-1].text == "申报要求有更新，按新版本（2）继续。"
    assert "version 2" in queries.timeline(view, "en")[-1].text


PLAIN = [
    # what the person reads, the edits, whether the form had been filled in
    ("· 填写要求有改动：「行业」", [RENAMED], True),
    ("您要填的内容没有变化。", [RENAMED], False),
    ("您要填的内容没有变化。", [("workbooks.toml", ('title = "汇总表"', 'title = "名册"'))], True),
    ("· 有改动的条件：「有证」", [("eligibility.toml", ('zh = "有证书"', 'zh = "有证"'))], True),
    ("· 您申报的类别有改动：「能工」", [("eligibility.toml", ('zh = "技能人才"', 'zh = "能工"'))], True),
    ("· 材料要求有改动：「身份证」", [("documents.toml", ("max_pages = 3", "max_pages = 4"))], True),
    (
        "· 要多填：「镇」",
        [
            (
                "form.toml",
                ('\n[[sections.fields]]\nid = "metal_kind"', MORE + '\n[[sections.fields]]\nid = "metal_kind"'),
            )
        ],
        False,
    ),
    (
        "· 要重新确认：「身份信息」",
        [("programme.toml", ('id = "identity"\nversion = 1', 'id = "identity"\nversion = 2'))],
        True,
    ),
]


@pytest.mark.parametrize(("words", "edits", "filled"), PLAIN)
def test_what_changes_for_the_person_in_plain_words(people, newer, words, edits, filled):
    app_id = people.ready() if filled else people.start()
    newer(*edits)
    moving.move_on(app_id)
    assert happened(app_id, "moved")[-1].data["changes"]["zh"] == words


def test_a_handed_in_application_is_reopened_under_the_new_version(people, newer, clock):
    app_id = people.submitted()
    newer(
        (
            "form.toml",
            ('zh = "行当"', 'zh = "行业"'),
            ('\n[[sections.fields]]\nid = "metal_kind"', MORE + '\n[[sections.fields]]\nid = "metal_kind"'),
        ),
    )
    service.reopen(app_id, 1, people.version(app_id), "新版本对您更有利")
    view = queries.view(app_id)
    assert (view.application.status, view.application.pack_version) == ("returned", "2")
    assert view.application.returned_keys == ["field:trade"]
    assert "这一项在新版本里有改动" in view.returned_reasons["field:trade"]
    assert view.news.data["reason"] == "新版本对您更有利"
    assert told(app_id) == ["notice.reopened"]
    assert isinstance(view.plan.step, ShowVerdict)
    clock.advance(seconds=1)
    service.record(app_id, {"verdict": True}, "web")
    with pytest.raises(NotReady) as caught:
        service.submit(app_id, "web")
    assert caught.value.params["missing"] == ["field:trade", "field:town"]
    with pytest.raises(InvalidAnswer):
        service.record(app_id, {"field:name": "别人"}, "web")  # what has not changed stays as it was handed in
    service.record(app_id, {"field:trade": "wood", "field:town": "某镇"}, "web")
    assert service.submit(app_id, "web").status == "submitted"
    assert version_of(app_id) == "2"
    assert queries.timeline(queries.view(app_id), "zh")[-2].text == "办公室按新版本（2）重新开放：新版本对您更有利"


COMES_BACK = [
    # what changes, and what the person has to look at again
    (("form.toml", ('zh = "行当"', 'zh = "行业"')), ["field:trade"]),
    (("form.toml", ('label = { zh = "木工"', 'label = { zh = "木作"')), ["field:trade"]),
    (("documents.toml", ('zh = "身份证正反面。"', 'zh = "身份证正面。"')), ["document:card"]),
    (("eligibility.toml", ('zh = "有高级技师证书吗？"', 'zh = "有技师证书吗？"')), ["fact:certificate"]),
    (("documents.toml", ("max_pages = 3", "max_pages = 4")), []),  # more room: what was sent is still enough
    (("form.toml", ('kind = "phone"', 'kind = "phone"\nofficial = "联系电话"')), []),  # for the clerk's table
    (("eligibility.toml", ('zh = "有证书"', 'zh = "有证"')), []),  # a rule: the verdict is shown
]


@pytest.mark.parametrize(("edit", "again"), COMES_BACK)
def test_only_a_question_that_is_put_otherwise_comes_back(people, newer, edit, again):
    app_id = people.submitted()
    newer(edit)
    service.reopen(app_id, 1, people.version(app_id), "按新版本办理")
    assert queries.view(app_id).application.returned_keys == again


def test_what_was_returned_before_stays_to_be_corrected(people, newer):
    app_id = people.submitted()
    service.return_items(app_id, [service.ReturnedItem("field:name", "请写全名")], 1, people.version(app_id))
    newer(RENAMED)
    service.reopen(app_id, 1, people.version(app_id), "按新版本办理")
    view = queries.view(app_id)
    assert view.application.returned_keys == ["field:name", "field:trade"]
    assert queries.timeline(view, "zh")[-2].text.startswith("审核人员请您修改：姓名")


def test_a_question_that_comes_back_and_is_moot_then_holds_nobody_up(people, newer):
    app_id = people.submitted(**{"field:trade": "metal", "field:metal_kind": "铁"})
    newer(("form.toml", ('zh = "行当"', 'zh = "行业"'), ('zh = "哪种金工"', 'zh = "什么金工"')))
    service.reopen(app_id, 1, people.version(app_id), "按新版本办理")
    assert queries.view(app_id).application.returned_keys == ["field:trade", "field:metal_kind"]
    service.record(app_id, {"verdict": True}, "web")
    service.record(app_id, {"field:trade": "wood"}, "web")
    assert queries.view(app_id).outstanding == ()
    assert service.submit(app_id, "web").status == "submitted"


def test_reopening_needs_a_newer_version_a_reason_and_the_page_as_it_is(people, edition, newer):
    from models.errors import Conflict, IllegalTransition

    app_id = people.submitted()
    seen = people.version(app_id)
    with pytest.raises(InvalidAnswer) as caught:
        service.reopen(app_id, 1, seen, "按新版本办理")
    assert caught.value.key == "error.version_in_force"
    newer(RENAMED)
    with pytest.raises(InvalidAnswer) as caught:
        service.reopen(app_id, 1, seen, "  ")
    assert caught.value.key == "error.reason_needed"
    with pytest.raises(Conflict):
        service.reopen(app_id, 1, seen + 1, "按新版本办理")
    service.approve(app_id, 1, seen, "同意")
    with pytest.raises(IllegalTransition):
        service.reopen(app_id, 1, people.version(app_id), "按新版本办理")
    assert version_of(app_id) == "1"


def test_a_reopened_application_leaves_the_workbook_until_it_is_handed_in(people, newer):
    app_id = people.submitted()
    newer(RENAMED)
    before = db.session.scalars(select(Outbox.effect).where(Outbox.job == "assemble_workbook")).all()
    db.session.execute(db.update(Outbox).where(Outbox.job == "assemble_workbook").values(state="done"))
    db.session.commit()
    service.reopen(app_id, 1, people.version(app_id), "按新版本办理")
    after = db.session.scalars(select(Outbox.effect).where(Outbox.job == "assemble_workbook")).all()
    assert len(after) == 2 * len(before) > 0  # the unit's, and those above it


def test_events_reduce_to_the_status(people, newer):
    app_id = people.submitted()
    newer(RENAMED)
    service.reopen(app_id, 1, people.version(app_id), "按新版本办理")
    kinds = db.session.scalars(select(Event.type).where(Event.application_id == app_id).order_by(Event.seq)).all()
    assert lifecycle.reduce(kinds) == "returned"
    assert loader.load_pack(SLUG).programme.version == "2"
