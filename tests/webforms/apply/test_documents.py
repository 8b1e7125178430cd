"""The page of a document without a script: what it says, and what plain forms do to its pages."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template_string
from PIL import Image

import webforms
from models import storage
from models.application import pages, service
from models.application.service import ReturnedItem
from models.application.tables import Application, DocumentPage
from models.extensions import db
from models.interview import wording
from models.office import reason_sentences
from models.programme.loader import load_pack, pack_slugs
from models.programme.pack import Document, Text
from models.programme.papers import paper_of
from webforms.i18n import whole_codes

JPEG = b"\xff\xd8\xff\xe0" + b"0" * 400
WORDS = Text(zh="字", en="word")


@pytest.fixture
def at_document(person: Any) -> Any:
    person.to_the_form()
    for name in "ab":
        person.get(person.url("/d/id_card"))
        upload(person, name)
    return person


def upload(person: Any, name: str, **also: str) -> str:
    files = {"photo": (io.BytesIO(JPEG + name.encode()), f"{name}.jpg"), "_key": name, **also}
    return str(person.send(person.url("/d/id_card"), files, content_type="multipart/form-data"))


def order(person: Any) -> list[str]:
    return [one.id for one in person.view().document_pages("id_card")]


def judged(person: Any, page_id: str, state: str = "ok") -> None:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "JPEG")
    with person.app.app_context():
        page = db.session.get_one(DocumentPage, page_id)
        page.state, page.reason = state, "photo.blurred" if state == "retake" else None
        page.image_key = storage.put(out.getvalue(), pages.bound_to(page_id))
        page.thumb_key = storage.put(out.getvalue(), pages.bound_to(page_id))
        page.width, page.height = 40, 30
        db.session.commit()


def test_it_says_why_what_how_many_and_shows_a_drawing(person: Any) -> None:
    person.to_the_form()
    html = person.get(person.url("/d/id_card"))
    document = next(one for one in load_pack("hengyang-2015").documents.documents if one.id == "id_card")
    for said in (document.why.zh, document.counts.zh, f"依据：通知 {document.clause}", "正面、反面，共2张"):
        assert said in html
    assert "samples/id_card.svg" in html and "原件" not in html, "this notice says nothing of originals"
    english = person.get(person.url("/d/id_card?lang=en"))
    assert "front, back: 2 photos" in english and document.why.en in english


@pytest.mark.parametrize("slug", pack_slugs())
def test_every_document_has_a_drawing_and_originals_only_with_a_clause(slug: str) -> None:
    samples = Path(webforms.__file__).parent / "static" / "samples"
    for document in load_pack(slug).documents.documents:
        paper = paper_of(document)
        assert (samples / f"{paper.sample if paper else 'page'}.svg").is_file(), document.id
        assert (document.originals is None) == (not document.originals_clause)


@pytest.mark.parametrize(
    ("least", "most", "profile", "said"),
    [
        (1, 1, "", "1张"),
        (2, 2, "id_card", "正面、反面，共2张"),
        (2, 2, "", "共2张"),
        (1, 5, "id_card", "1–5张"),
        (0, 8, "", "1–8张"),
        (3, 0, "", "至少3张"),
    ],
)
def test_how_many_pages_are_wanted(site: Flask, least: int, most: int, profile: str, said: str) -> None:
    document = Document(
        id="x", title=WORDS, why=WORDS, counts=WORDS, clause="一", min_pages=least, max_pages=most, profile=profile
    )
    source = "{% import 'apply/_pages.html' as shown with context %}{{ shown.how_many(document, paper) }}"
    with site.test_request_context():
        told = render_template_string(source, document=document, paper=paper_of(document), lng="zh")
    assert told.strip() == said


def test_pages_are_moved_by_plain_forms_and_twice_is_once(at_document: Any) -> None:
    first, second = order(at_document)
    html = at_document.get(at_document.url("/d/id_card"))
    assert html.count('name="place"') == 2, "the first only goes back, the last only forward"
    for _ in range(2):
        at_document.send(at_document.url("/d/id_card/move"), {"page": first, "place": "2"})
        assert order(at_document) == [second, first]
    at_document.send(at_document.url("/d/id_card/move"), {"page": first, "place": "nonsense"})
    assert order(at_document) == [first, second]


def test_a_page_is_turned_by_a_plain_form(at_document: Any) -> None:
    first, _second = order(at_document)
    assert 'name="seen"' not in at_document.get(at_document.url("/d/id_card")), "nothing to be seen yet"
    refused = at_document.send(at_document.url("/d/id_card/turn"), {"page": first, "seen": "0"})
    assert "还在处理" in refused and at_document.last.status_code == 422
    judged(at_document, first)
    at_document.get(at_document.url("/d/id_card"))
    for _ in range(2):
        at_document.send(at_document.url("/d/id_card/turn"), {"page": first, "seen": "0"})
    (turned, _other) = at_document.view().document_pages("id_card")
    assert (turned.turn, turned.width, turned.height) == (1, 30, 40)
    thumb = at_document.client.get(at_document.url(f"/page/{first}"))
    with Image.open(io.BytesIO(thumb.data)) as picture:
        assert picture.size == (30, 40)


def test_what_was_left_out_of_a_pdf_is_said_beside_its_first_page(at_document: Any) -> None:
    first, _second = order(at_document)
    assert "PDF 有" not in at_document.get(at_document.url("/d/id_card"))
    with at_document.app.app_context():
        page = db.session.get_one(DocumentPage, first)
        page.flags = [{"code": "flag.pdf_more", "pages": 9, "kept": 2}]
        db.session.commit()
    html = at_document.get(at_document.url("/d/id_card"))
    assert html.count("这个 PDF 有 9 页，超过这份材料能收的页数，只收下了 2 页。") == 1


def test_a_page_is_taken_again_by_a_plain_form(at_document: Any) -> None:
    first, second = order(at_document)
    assert "可一次选几张" not in at_document.get(at_document.url("/d/id_card")), "it has all its pages"
    html = at_document.get(at_document.url(f"/d/id_card?retake={first}"))
    assert "重拍第 1 张" in html and f'name="replaces" value="{first}"' in html
    assert not re.search(r"<input[^>]*multiple", html)
    upload(at_document, "new", replaces=first)
    new, still = order(at_document)
    assert still == second and new != first
    at_document.get(at_document.url("/d/id_card"))
    refused = at_document.send(
        at_document.url("/d/id_card"),
        {"photo": (io.BytesIO(b"x"), "x.jpg"), "_key": "y", "replaces": second},
        content_type="multipart/form-data",
    )
    assert "重拍第 2 张" in refused and order(at_document) == [new, second], "the old one stays until a new one is kept"


@pytest.mark.parametrize("act", ["remove", "move", "turn"])
def test_what_is_gone_or_somebody_elses_is_no_error_and_changes_nothing(at_document: Any, act: str) -> None:
    before = order(at_document)
    with at_document.app.app_context():
        other = service.start("hengyang-2015", "web", "zh").application.id
        db.session.add(
            DocumentPage(
                id="f" * 32, application_id=other, document="id_card", position=1, idempotency_key="k", sha256="",
                size=1, door="web", created_at=db.session.get_one(Application, other).created_at,
            )
        )  # fmt: skip
        db.session.commit()
    for page_id in ("f" * 32, "0" * 32, ""):
        html = at_document.send(at_document.url(f"/d/id_card/{act}"), {"page": page_id, "place": "2"})
        assert at_document.last.status_code == 200 and "已交的照片" in html
    assert order(at_document) == before
    with at_document.app.app_context():
        assert db.session.get_one(DocumentPage, "f" * 32).removed_at is None


def test_after_the_hand_in_only_an_unusable_page_can_be_taken_again(person: Any) -> None:
    person.to_the_form()
    person.fill_everything()
    person.hand_in()
    first, second = order(person)
    assert not re.search(r'class="act\b', person.get(person.url("/d/id_card")))
    judged(person, first)
    judged(person, second, "retake")
    html = person.get(person.url("/d/id_card"))
    assert html.count("data-retake=") == 1 and f'data-retake="{second}"' in html
    assert 'name="place"' not in html and "/remove" not in html
    person.get(person.url(f"/d/id_card?retake={first}"))
    assert f'name="replaces" value="{first}"' not in person.last.get_data(as_text=True)
    person.get(person.url(f"/d/id_card?retake={second}"))
    upload(person, "new", replaces=second)
    kept = order(person)
    assert kept[0] == first and kept[1] != second and len(kept) == 2


def test_a_returned_application_opens_only_what_was_returned(person: Any) -> None:
    person.to_the_form()
    person.fill_everything()
    person.hand_in()
    with person.app.app_context():
        version = db.session.get_one(Application, person.app_id).version
        service.return_items(person.app_id, [ReturnedItem("document:id_card", "反的")], 1, version)
    html = person.get(person.url("/d/id_card"))
    assert "反的" in html and html.count('name="place"') == 2 and "data-retake" in html
    pages = html.partition('<ol class="pages">')[2].partition("</ol>")[0]
    assert pages.count("<strong>已退回</strong>") == 2 and "清楚" not in pages, "what was returned is not called clear"
    other = next(one for one in person.view().pages if one.document != "id_card")
    before = [one.id for one in person.view().document_pages(other.document)]
    person.send(person.url(f"/d/{other.document}/remove"), {"page": other.id})
    assert [one.id for one in person.view().document_pages(other.document)] == before


def test_a_prepared_reason_is_read_in_the_pages_language(person: Any) -> None:
    person.to_the_form()
    person.fill_everything()
    person.hand_in()
    with person.app.app_context():
        zh, en = (reason_sentences.offered("hengyang-2015", lang)[0] for lang in ("zh", "en"))
        version = db.session.get_one(Application, person.app_id).version
        service.return_items(person.app_id, [ReturnedItem("document:id_card", zh)], 1, version)
    person.headers = {"Accept-Language": "en"}
    for page in ("/d/id_card", "/tasks"):
        html = person.get(person.url(page))
        assert en in html and zh not in html, page


def test_a_camera_is_allowed_where_a_portrait_is_asked_for_and_nowhere_else(person: Any) -> None:
    person.to_the_form()
    documents = load_pack("hengyang-2015").documents.documents
    portrait = next(one.id for one in documents if one.portrait)
    html = person.get(person.url(f"/d/{portrait}"))
    assert person.last.headers["Permissions-Policy"].startswith("camera=(self)") and "data-camera" in html
    assert 'accept="image/*"' in html
    for path in ("/d/id_card", "/tasks"):
        html = person.get(person.url(path))
        assert person.last.headers["Permissions-Policy"].startswith("camera=()") and "data-camera" not in html


def test_a_receipt_code_is_not_broken_at_the_end_of_a_line_and_words_stay_words() -> None:
    told = whole_codes("编号 BL-7K3M-92QX。<b>BL-</b>")
    assert told == '编号 <span class="code">BL-7K3M-92QX</span>。&lt;b&gt;BL-&lt;/b&gt;'


def test_what_is_said_mildly_stands_beside_a_page_that_is_kept(at_document: Any) -> None:
    first, second = order(at_document)
    judged(at_document, first)
    judged(at_document, second)
    with at_document.app.app_context():
        db.session.get_one(DocumentPage, first).reason = "photo.upside_down"
        db.session.get_one(DocumentPage, second).reason = "photo.blurred"  # taken again, and kept for people to see
        db.session.commit()
    html = at_document.get(at_document.url("/d/id_card"))
    assert "第 1 张 · 已收好" in html and "按“旋转”就行" in html
    assert "第 2 张 · 已收下，由工作人员看" in html and wording.say("photo.blurred", "zh") not in html
