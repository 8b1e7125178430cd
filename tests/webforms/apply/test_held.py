"""A person sees what is held, who looked, and takes all of it along."""

import io
import json
import zipfile

import pytest

from models import storage
from models.application.pages import bound_to
from models.application.tables import Application, DocumentPage
from models.extensions import db
from models.office import audit, enquiries, threads
from models.unit_of_work import unit_of_work
from tests.webforms.apply.conftest import ID_NUMBER, JPEG


@pytest.fixture
def handed_in(person):
    person.to_the_form()
    person.fill_everything()
    person.hand_in()
    with person.app.app_context(), unit_of_work() as session:
        for row in session.query(DocumentPage):
            row.image_key = storage.put(JPEG + row.id.encode(), bound_to(row.id))
            row.state = "ok"
    return person


def taken(person):
    person.get(person.url("/held"))
    sent = person.client.post(person.url("/held/file"), data={"_ticket": person.ticket}, headers=person.headers)
    assert sent.status_code == 200 and sent.mimetype == "application/zip"
    assert sent.headers["Cache-Control"] == "no-store, private"
    return sent, zipfile.ZipFile(io.BytesIO(sent.data))


def test_every_page_leads_there_and_it_says_what_is_held(handed_in):
    page = handed_in.get(handed_in.url("/status"))
    assert f'href="{handed_in.url("/held")}"' in page
    page = handed_in.get(handed_in.url("/held"))
    assert handed_in.last.headers["Cache-Control"] == "no-store, private"
    for said in ("我的信息", "保存多久", "您同意过的", "还没有工作人员看过", "下载我的全部信息"):
        assert said in page
    assert ID_NUMBER not in page


def test_a_look_is_told_by_the_unit_and_not_by_the_clerk(handed_in):
    app_id = handed_in.app_id
    with handed_in.app.app_context():
        audit.write_now(None, audit.VIEW, f"application:{app_id}")
        db.session.rollback()
    page = handed_in.get(handed_in.url("/held"))
    assert "打开了您的申报" in page and "还没有工作人员看过" not in page


def test_everything_is_in_the_file(handed_in):
    sent, archive = taken(handed_in)
    receipt = handed_in.view().application.receipt
    assert receipt in sent.headers["Content-Disposition"]
    names = archive.namelist()
    read = archive.read("我的申报.html").decode()
    assert ID_NUMBER in read and receipt in read and "同意" in read
    plain = json.loads(archive.read("data.json"))
    answers = handed_in.view().answers
    assert plain["answers"] == json.loads(json.dumps(answers, default=str))
    assert {event["type"] for event in plain["events"]} >= {"started", "submitted"}
    photos = [name for name in names if name.endswith(".jpg")]
    assert len(photos) == len(handed_in.view().pages) > 0
    assert all(archive.read(name).startswith(JPEG) for name in photos)
    assert all(name in read for name in photos)


def test_a_lost_photo_keeps_nothing_else_back(handed_in):
    with handed_in.app.app_context():
        lost = db.session.query(DocumentPage).order_by(DocumentPage.id).first()
        storage.delete(lost.image_key)
        db.session.rollback()
    _sent, archive = taken(handed_in)
    photos = [name for name in archive.namelist() if name.endswith(".jpg")]
    assert len(photos) == len(handed_in.view().pages) - 1
    assert archive.read("我的申报.html").decode().count("文件丢失") == 1


def test_a_draft_has_its_file_too_and_english_people_read_english(person):
    person.headers = {"Accept-Language": "en"}
    person.to_the_form()
    assert "Who has looked" in person.get(person.url("/held"))
    _sent, archive = taken(person)
    assert "No member of staff has looked yet." in archive.read("My application.html").decode()


def test_without_the_pages_own_ticket_nothing_is_given(handed_in):
    sent = handed_in.client.post(handed_in.url("/held/file"), headers=handed_in.headers)
    assert sent.mimetype != "application/zip"
    stranger = handed_in.app.test_client()
    assert stranger.get(handed_in.url("/held")).status_code in (302, 303)


def test_names_in_the_archive_stay_inside_it(handed_in):
    _sent, archive = taken(handed_in)
    for name in archive.namelist():
        assert ".." not in name and not name.startswith("/") and "\\" not in name


def test_what_was_said_to_and_by_our_staff_is_in_the_file_and_notes_between_colleagues_are_not(handed_in):
    with handed_in.app.app_context(), unit_of_work() as session:
        found = session.query(Application).one()
        of = {"programme": found.programme, "application_id": found.id}
        asked = enquiries.ask(session, question="车停在哪里？", effect="q", **of)
        for kind, text in (("ask_back", "开什么车？"), ("reply", "小车"), ("note", "内部的话")):
            threads.add(session, asked, kind, text)
    page = taken(handed_in)[1].read("我的申报.html").decode()
    assert "我和工作人员的问答" in page
    assert all(said in page for said in ("车停在哪里？", "开什么车？", "小车")) and "内部的话" not in page
