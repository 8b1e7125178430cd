"""What was given in one programme is offered in another, taken only with a consent, and copied: on each database."""

import pytest
import two_programmes
from sqlalchemy import select
from two_programmes import CARVERS, JPEG, WEAVERS, carver, weaver

from models import storage
from models.application import queries, readings, reuse, reuse_words, service
from models.application.pages import bound_to
from models.application.tables import Answer, Application, ConsentRecord, DocumentPage, Outbox
from models.documents.reading import Found, PageReading
from models.errors import Conflict, InvalidAnswer, NotFound
from models.extensions import db
from models.interview import wording
from models.unit_of_work import unit_of_work


@pytest.fixture(autouse=True)
def programmes(monkeypatch, persistent_core_app):
    """Both programmes are open."""
    with two_programmes.packs(monkeypatch), persistent_core_app.app_context():
        two_programmes.open_rounds()
        yield
        db.session.rollback()


@pytest.fixture
def made():
    """A carver's draft, a weaver's draft at its form, and the offer from one to the other."""
    source, target = carver(), weaver()
    found = reuse.offer(queries.view(target), [source])
    assert found is not None
    return source, target, found


def take(source, target, found=None, door="web"):
    found = found or reuse.offer(queries.view(target), [source])
    reuse.accept(target, source, found.mark, door)


def judge(source, state="ok", reason=None):
    """As a worker leaves pages: rebuilt copies instead of the upload."""
    with unit_of_work() as session:
        for page in session.scalars(select(DocumentPage).where(DocumentPage.application_id == source)):
            upload, page.state, page.reason = page.upload_key, state, reason
            page.image_key = storage.put(b"image " + page.document.encode(), bound_to(page.id))
            page.thumb_key = storage.put(b"thumb " + page.document.encode(), bound_to(page.id))
            page.upload_key, page.width, page.height = None, 1200, 900
            storage.delete(upload)


def kinds(app_id):
    return [event.type for event in queries.view(app_id).events]


def consents(app_id):
    query = select(ConsentRecord).where(
        ConsentRecord.application_id == app_id, ConsentRecord.consent.startswith("reuse:")
    )
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def test_the_offer_says_exactly_what_would_be_taken_and_hides_what_is_sealed(made):
    _, _, found = made
    assert reuse_words.question(found, "zh") == (
        "您在《木雕人才》里填过姓名、身份证号码等 8 项、4 张照片。要带到《织造人才》来吗？"
    )
    lines = dict(reuse_words.lines(found, "zh"))
    assert lines["姓名"] == "测试甲"
    assert lines["身份证号码"] == "4304*************" + two_programmes.ID_NUMBER[-1]
    assert lines["手机"] == "139****0000"
    assert lines["工作经历"] == "2 条"
    assert (lines["本人照片"], lines["身份证照片"], lines["学位证"]) == ("1 张照片", "2 张照片", "1 张照片")
    assert "织机" not in lines
    assert reuse_words.question(found, "en").startswith("In “Wood carvers” you gave: Name, ID number and more, 8")


def test_few_answers_are_all_named():
    source = carver(photos=False, **dict.fromkeys(
        ["field:education", "field:employer", "field:phone", "field:political_status", "field:career"]
    ), **{"field:birth_date": None})  # fmt: skip
    found = reuse.offer(queries.view(weaver()), [source])
    assert reuse_words.what(found, "zh") == "姓名、身份证号码"


def test_taking_over_is_a_recorded_consent_an_event_and_the_targets_own_answers(made):
    source, target, found = made
    take(source, target, found)
    view = queries.view(target)
    assert view.answers["field:name"] == "测试甲"
    assert view.answers["field:schooling"] == "b"
    assert view.application.name == "测试甲"
    assert {"field:number", "field:mobile"} <= view.sealed_keys
    assert {ask.key for ask in view.plan.asks} - view.plan.answered == {"field:loom", "declaration:true"}
    (given,) = consents(target)
    assert (given.consent, given.version, given.door) == ("reuse:carvers", reuse.CONSENT_VERSION, "web")
    event = view.events[-1]
    assert (event.type, event.data["from"], event.data["pages"]) == ("reused", CARVERS, 4)
    assert set(event.data["keys"]) == {one.ask.key for one in found.fields} | {one.key for one in found.photos}
    assert "测试甲" not in str(event.data)
    assert queries.timeline(view, "zh")[-1].text == "您同意从《木雕人才》带来 8 项内容、4 张照片。"
    assert reuse.sources(view.events) == (CARVERS,)


def test_nothing_is_copied_before_the_consent_and_nothing_after_a_no(made):
    source, target, found = made
    assert not any(key.startswith("field:") for key in queries.view(target).answers)
    reuse.decline(target, CARVERS, "web")
    reuse.decline(target, CARVERS, "web")
    view = queries.view(target)
    assert not any(key.startswith("field:") for key in view.answers) and not view.pages
    assert kinds(target) == ["started", "reuse_declined"]
    assert consents(target) == []
    assert not reuse.is_due(view)
    assert reuse.offer(view, [source]).mark == found.mark  # still there for who changes their mind


def test_it_is_due_once_and_only_before_the_form_is_begun(made):
    source, target, _ = made
    assert reuse.is_due(queries.view(target))
    service.record(target, {"field:loom": "花楼机"}, "web")
    assert not reuse.is_due(queries.view(target))
    take(source, target)
    assert not reuse.is_due(queries.view(target))


@pytest.mark.parametrize("when", ["before the verdict", "handed in"])
def test_it_is_offered_only_in_a_draft_at_its_form(when):
    source = carver()
    target = service.start(WEAVERS, "web", "zh").application.id if when == "before the verdict" else weaver()
    if when == "handed in":
        finish(source, target)
    assert reuse.offer(queries.view(target), [source]) is None


def finish(source, target):
    take(source, target)
    service.record(target, {"field:loom": "花楼机", "declaration:true": True}, "web")
    service.submit(target, "web")


@pytest.mark.parametrize("held", ["nothing", "itself", "unknown", "the same programme", "deleted", "consent gone"])
def test_only_another_programmes_application_that_is_held_and_still_there_is_offered(held):
    source, target = carver(), weaver()
    if held == "deleted":
        service.delete(source)
    if held == "consent gone":
        service.withdraw_consent(source, "identity")
    ids = {"nothing": [], "itself": [target], "unknown": ["0" * 32], "the same programme": [weaver()]}.get(
        held, [source]
    )
    assert reuse.offer(queries.view(target), ids) is None


@pytest.mark.parametrize("status", ["withdrawn", "submitted"])
def test_what_was_handed_in_or_withdrawn_may_be_used_again(status):
    source, target = carver(), weaver()
    if status == "withdrawn":
        service.withdraw(source)
    else:
        service.skip_document(source, "work")
        service.record(source, {"declaration:true": True}, "web")
        service.submit(source, "web")
    take(source, target)
    assert queries.view(target).answers["field:name"] == "测试甲"


def test_of_several_the_richest_is_offered():
    poor = carver(photos=False, **{"field:phone": None})
    rich = carver()
    target = weaver()
    assert reuse.offer(queries.view(target), [poor, rich]).source_id == rich
    assert reuse.offer(queries.view(target), [rich, poor]).source_id == rich


def test_pages_are_copied_with_their_state_and_belong_to_the_new_application_alone(made):
    source, target, _ = made
    judge(source, reason="photo.blurred")
    take(source, target)
    pages = queries.view(target).pages
    assert [(page.document, page.position, page.state) for page in pages] == [
        ("card", 1, "ok"),
        ("card", 2, "ok"),
        ("certificate", 1, "ok"),
        ("photo", 1, "ok"),
    ]
    assert {(page.reason, page.width, page.height, page.upload_key) for page in pages} == {
        ("photo.blurred", 1200, 900, None)
    }
    before = {page.image_key for page in queries.view(source).pages}
    assert not before & {page.image_key for page in pages}
    service.delete(source)
    assert storage.get(pages[0].image_key, bound_to(pages[0].id)) == b"image id_card"
    assert storage.get(pages[3].thumb_key, bound_to(pages[3].id)) == b"thumb portrait"
    assert queries.view(target).answers["field:name"] == "测试甲"


def test_what_was_read_and_cut_comes_along_and_what_compared_it_with_others_does_not(made):
    source, target, _ = made
    judge(source)
    with unit_of_work() as session:
        page = next(p for p in queries.view(source).pages if p.document == "portrait")
        page = session.get(DocumentPage, page.id)
        page.crop_key = storage.put(b"cut", bound_to(page.id))
        page.turn, page.phash, page.flags = 1, "0123456789abcdef", [{"code": "flag.same_as_elsewhere"}]
        readings.save(session, page, PageReading("read", "id_front", {"name": Found("测试甲", "测试甲")}), "test 1")
        readings.confirm(session, source, {page.id: ["name"]})
    take(source, target)
    copied = next(p for p in queries.view(target).pages if p.phash)
    assert storage.get(copied.crop_key, bound_to(copied.id)) == b"cut"
    assert (copied.turn, copied.flags) == (1, [])
    assert readings.of_application(target)[copied.id].found["name"].value == "测试甲"
    assert readings.confirmed(target) == {copied.id: frozenset()}


def test_deleting_the_new_application_leaves_the_old_one_whole(made):
    source, target, _ = made
    judge(source)
    take(source, target)
    service.delete(target)
    view = queries.view(source)
    assert view.answers["field:name"] == "测试甲"
    assert [storage.get(p.image_key, bound_to(p.id)) for p in view.pages if p.document == "portrait"] == [
        b"image portrait"
    ]


def test_a_page_that_nobody_has_judged_yet_is_judged_in_the_new_application_too(made):
    source, target, _ = made
    take(source, target)
    pages = queries.view(target).pages
    assert {page.state for page in pages} == {"received"}
    assert storage.get(pages[3].upload_key, bound_to(pages[3].id)) == JPEG + b"portrait\x00"
    promised = set(db.session.scalars(select(Outbox.subject_id).where(Outbox.job == "process_page")))
    assert {page.id for page in pages} <= promised


def test_a_page_to_be_taken_again_is_not_brought_over(made):
    source, target, _ = made
    judge(source, state="retake", reason="photo.blurred")
    found = reuse.offer(queries.view(target), [source])
    assert found.photos == ()
    take(source, target, found)
    assert queries.view(target).pages == ()


def test_a_document_with_a_page_of_its_own_is_left_alone(made):
    source, target, _ = made
    mine = service.add_page(target, "photo", JPEG, "mine", "web").id
    with unit_of_work() as session:
        session.get(DocumentPage, mine).state = "retake"  # does not count, but the person is at it
    take(source, target)
    assert [page.id for page in queries.view(target).pages if page.document == "photo"] == [mine]


def test_a_second_tap_takes_nothing_twice(made):
    source, target, found = made
    take(source, target, found)
    service.record(target, {"field:name": "测试丙"}, "web")
    take(source, target, found)
    view = queries.view(target)
    assert view.answers["field:name"] == "测试丙"
    assert len(view.pages) == 4
    assert kinds(target).count("reused") == len(consents(target)) == 1


def test_two_at_once_take_it_over_once(made, at_once, persistent_core_app):
    source, target, found = made
    results = at_once(*[lambda: reuse.accept(target, source, found.mark, "web")] * 3)
    assert results == [None, None, None]
    assert len(queries.view(target).pages) == 4
    assert kinds(target).count("reused") == len(consents(target)) == 1
    files = [p for p in (persistent_core_app.config["BOLE"].data / "files").rglob("*") if p.is_file()]
    assert len(files) == 8  # nothing that no page names


def test_what_has_changed_since_it_was_shown_is_not_taken(made):
    source, target, found = made
    service.record(source, {"field:name": "测试丁"}, "web")
    with pytest.raises(Conflict) as caught:
        take(source, target, found)
    assert "再看一遍" in wording.error(caught.value, "zh")
    view = queries.view(target)
    assert "field:name" not in view.answers and not view.pages and consents(target) == []


def test_what_is_gone_meanwhile_is_not_taken(made, persistent_core_app):
    source, target, found = made
    service.delete(source)
    with pytest.raises(NotFound):
        take(source, target, found)
    assert queries.view(target).pages == ()
    assert [p for p in (persistent_core_app.config["BOLE"].data / "files").rglob("*") if p.is_file()] == []


def test_a_failure_half_way_leaves_neither_rows_nor_files(made, monkeypatch, persistent_core_app):
    source, target, found = made
    folder = persistent_core_app.config["BOLE"].data / "files"
    before = {p for p in folder.rglob("*") if p.is_file()}
    written, put = [], storage.put

    def fail_at_the_third(*args):
        if len(written) == 2:
            raise OSError("disk full")
        written.append(put(*args))
        return written[-1]

    monkeypatch.setattr(storage, "put", fail_at_the_third)
    with pytest.raises(OSError, match="disk full"):
        take(source, target, found)
    view = queries.view(target)
    assert "field:name" not in view.answers and not view.pages and consents(target) == []
    assert len(written) == 2 and {p for p in folder.rglob("*") if p.is_file()} == before


def test_a_draft_whose_consent_is_taken_back_loses_what_came_and_keeps_what_was_saved_here(made):
    source, target, found = made
    take(source, target, found)
    service.record(target, {"field:workplace": "自家"}, "web")
    (photo,) = [page.id for page in queries.view(target).pages if page.document == "photo"]
    service.remove_page(target, photo)
    own = service.add_page(target, "photo", JPEG, "own", "web").id
    service.withdraw_consent(target, "reuse:carvers")
    view = queries.view(target)
    assert [key for key in view.answers if key.startswith("field:")] == ["field:workplace"]
    assert [page.id for page in view.pages] == [own]
    assert (view.application.status, view.application.name) == ("draft", None)
    (given,) = consents(target)
    assert given.withdrawn_at is not None
    assert reuse.sources(view.events) == ()
    assert queries.timeline(view, "zh")[-1].text.startswith("您收回了同意")
    assert len(queries.view(source).pages) == 4
    left = list(db.session.scalars(select(DocumentPage).where(DocumentPage.removed_at.is_not(None))))
    assert all(page.upload_key is None for page in left)
    with pytest.raises(InvalidAnswer):
        service.withdraw_consent(target, "reuse:carvers")
    take(source, target)  # who changes their mind again
    assert queries.view(target).answers["field:name"] == "测试甲"
    assert len(queries.view(target).pages) == 4


def test_after_the_hand_in_taking_the_consent_back_ends_the_application(made):
    source, target, _ = made
    finish(source, target)
    service.withdraw_consent(target, "reuse:carvers")
    view = queries.view(target)
    assert view.application.status == "withdrawn"
    assert db.session.scalars(select(Answer.key).where(Answer.application_id == target)).all() == []
    assert "使用您在《木雕人才》里填过的内容" in queries.timeline(view, "zh")[-1].text
    assert queries.view(source).answers["field:name"] == "测试甲"


def test_the_person_is_not_looked_up_by_number(made):
    """Somebody who types another's ID number is offered nothing of theirs."""
    _, target, _ = made
    service.record(target, {"field:number": two_programmes.ID_NUMBER}, "web")
    assert reuse.offer(queries.view(target), []) is None


def test_both_applications_stand_side_by_side(made):
    source, target, _ = made
    finish(source, target)
    service.skip_document(source, "work")
    service.record(source, {"declaration:true": True}, "web")
    assert service.submit(source, "web").status == "submitted"
    assert db.session.get(Application, target).status == "submitted"
