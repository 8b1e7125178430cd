"""What is missing is found and said; findings are replaced, recorded, told once, and never refuse anybody."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from models.application import answers, queries
from models.application.tables import Application, DocumentPage, Event, Finding, Notice, Outbox
from models.clock import FixedClock
from models.interview import engine
from models.interview.steps import Plan
from models.interview.wording import say
from models.programme import idnumber, loader
from models.programme.pack import Pack
from models.unit_of_work import unit_of_work
from workers.completeness import check_application, find
from workers.crossfield import FindingDraft

ON = date(2026, 11, 21)
NUMBER = idnumber.make("430401", date(1990, 6, 15), 124)


def everything(pack: Pack) -> dict[str, Any]:
    """Every required answer of the tiny pack, the verdict confirmed as the engine wants it."""
    given: dict[str, Any] = {
        "consent:data": True,
        "claim": ("worker",),
        "fact:works_here": True,
        "field:name": "王小明",
        "field:id_number": NUMBER,
        "field:birth": "1990-06-15",
        "field:sex": "female",
        "field:began": "2012-07",
    }
    return {**given, "verdict": engine.accept(pack, given, "verdict", True, ON)}


@dataclass
class View:
    """What `find` looks at, without a database."""

    pack: Pack
    answers: dict[str, Any]
    pages: list[DocumentPage] = field(default_factory=list)

    @property
    def plan(self) -> Plan:
        return engine.plan(self.pack, self.answers, ON)


@pytest.fixture
def pack(tiny_pack: str) -> Pack:
    return loader.load_pack(tiny_pack)


def page(document: str, state: str = "ok", position: int = 1, **more: Any) -> DocumentPage:
    return DocumentPage(document=document, state=state, position=position, **more)


def good_pages() -> list[DocumentPage]:
    return [page("id_card"), page("id_card", position=2), page("portrait")]


def found(pack: Pack, pages: list[DocumentPage], **changes: Any) -> list[FindingDraft]:
    held = {**everything(pack), **changes}
    held = {key: value for key, value in held.items() if value is not None}
    held["document:id_card"] = sum(p.document == "id_card" and p.state != "retake" for p in pages)
    held["document:portrait"] = sum(p.document == "portrait" and p.state != "retake" for p in pages)
    return find(View(pack, held, pages), ON)


def codes(drafts: list[FindingDraft]) -> list[tuple[str, str, bool]]:
    for draft in drafts:
        for lang in ("zh", "en"):
            say(draft.code, lang, **draft.params)
    return [(draft.key, draft.code.removeprefix("finding."), draft.blocking) for draft in drafts]


def test_complete(pack: Pack) -> None:
    assert codes(found(pack, good_pages())) == []


@pytest.mark.parametrize("key", ["field:name", "field:id_number", "field:birth", "field:began"])
def test_each_required_field(pack: Pack, key: str) -> None:
    assert codes(found(pack, good_pages(), **{key: None})) == [(key, "missing_field", True)]


def test_optional_things_may_be_missing(pack: Pack) -> None:
    keys = {draft.key for draft in found(pack, good_pages())}
    assert not keys & {"field:jobs", "field:awards", "field:contract_end", "document:other"}


def test_a_document_that_is_missing_in_part_and_whole(pack: Pack) -> None:
    drafts = found(pack, [page("id_card")])
    assert codes(drafts) == [
        ("document:id_card", "missing_document", True),
        ("document:portrait", "missing_document", True),
    ]
    assert say(drafts[0].code, "zh", **drafts[0].params) == "「身份证」还缺 1 页清楚的照片，请补拍。"


def test_a_page_to_take_again_and_one_that_waits(pack: Pack) -> None:
    pages = [page("id_card"), page("id_card", "retake", 2, reason="photo.too_dark"), page("portrait", "received")]
    drafts = found(pack, pages)
    assert codes(drafts) == [
        ("document:id_card", "page_retake", True),
        ("document:portrait", "page_waiting", False),
    ]
    assert say(drafts[0].code, "en", **drafts[0].params).startswith(
        "“ID card”, page 2, needs another photo: The photo is too"
    )


def test_removed_pages_do_not_count(pack: Pack, clock: FixedClock) -> None:
    gone = [page("id_card", "retake", 5, reason="photo.blank", removed_at=clock.now())]
    assert codes(found(pack, good_pages() + gone)) == []


def test_an_empty_application_has_findings_and_no_error(pack: Pack) -> None:
    assert ("consent:data", "missing_consent", True) in codes(find(View(pack, {}), ON))


# --- the job --------------------------------------------------------------------------------------------------------


def submitted(desk: Any, without: str = "", **changes: Any) -> str:
    """A submitted application with its answers and good pages."""
    application: str = desk.answered("submitted", without, **changes)
    return application


def check(desk: Any, application: str, nth: int = 1) -> None:
    with desk.app.app_context():
        with unit_of_work() as session:
            from models import outbox

            row = outbox.promise(session, "check_application", application, f"check:{application}:{nth}")
            assert row is not None
            row_id = row.id
        check_application(row_id)
        check_application(row_id)
    assert desk.one(Outbox, id=row_id).state == "done", desk.one(Outbox, id=row_id).error


def test_checked_and_recorded_once(persistent_desk: Any) -> None:
    desk = persistent_desk
    application = submitted(desk)
    before = desk.one(Application, id=application).version
    check(desk, application)
    assert desk.one(Application, id=application).version == before  # a decision on a reviewer's screen stays valid
    assert desk.all(Finding) == []
    (event,) = desk.all(Event, application_id=application)
    assert (event.type, event.actor, event.data) == ("checked", "worker", {"findings": 0, "blocking": 0})
    assert desk.one(Application, id=application).status == "submitted"
    assert desk.all(Notice) == []


def test_found_stored_replaced_and_told_once(persistent_desk: Any) -> None:
    desk = persistent_desk
    application = submitted(desk, without="field:began")
    desk.conversation(application)
    check(desk, application)
    finding = desk.one(Finding)
    assert (finding.key, finding.code, finding.clause, finding.blocking) == (
        "field:began",
        "finding.missing_field",
        "二",
        True,
    )
    (notice,) = desk.all(Notice)
    assert "有 1 处需要补正：\n· 「参加工作时间」还没有填写，请补填。" in say(notice.code, "zh", **notice.params)
    check(desk, application, 2)
    assert len(desk.all(Finding)) == 1
    assert len(desk.all(Notice)) == 1
    with desk.app.app_context(), unit_of_work() as session:
        pack = loader.load_pack(desk.slug)
        answers.save(session, application, pack, {"field:began": "2012-07"}, "web")
    check(desk, application, 3)
    assert desk.all(Finding) == []
    assert [event.seq for event in desk.all(Event, application_id=application)] == [1, 2, 3]


def test_findings_and_notices_hold_no_answers(desk: Any) -> None:
    application = submitted(desk, **{"field:birth": "1990-06-14", "field:sex": "male"})
    check(desk, application)
    written = repr([(f.params, f.key) for f in desk.all(Finding)] + [n.params for n in desk.all(Notice)])
    assert {f.code for f in desk.all(Finding)} == {"finding.birth_mismatch", "finding.sex_mismatch"}
    assert not any(secret in written for secret in (NUMBER, "1990", "王小明"))


def test_questions_do_not_trouble_the_person(desk: Any) -> None:
    check(desk, submitted(desk, **{"field:began": "2001-01"}))
    assert [(f.code, f.blocking) for f in desk.all(Finding)] == [("finding.young_start", False)]
    assert desk.all(Notice) == []


@pytest.mark.parametrize("status", ["draft", "withdrawn", "declined", "deleted"])
def test_not_for_what_is_not_submitted(desk: Any, status: str) -> None:
    application = desk.application(status)
    check(desk, application)
    assert desk.all(Finding) == [] and desk.all(Event) == []


def test_gone_meanwhile(desk: Any) -> None:
    check(desk, "0" * 32)


def test_the_view_shows_the_findings(desk: Any) -> None:
    application = submitted(desk, without="field:name")
    check(desk, application)
    with desk.app.app_context():
        assert [finding.key for finding in queries.view(application).findings] == ["field:name"]
