"""The answers that a page's script relies on when it sends a photo in parts."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest

from webforms import apply_uploads

PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8
KEY = "abcdef-1"


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def at_document(person: Any) -> Any:
    person.to_the_form()
    person.get(person.url("/d/id_card"))
    return person


def announce(person: Any, data: bytes = PHOTO, **also: Any) -> Any:
    form = {"_ticket": person.ticket, "key": KEY, "size": len(data), "sha256": digest(data), **also}
    return person.client.post(person.url("/d/id_card/parts"), data=form, headers={"Accept": "application/json"})


def part(person: Any, upload: str, offset: int, data: bytes, **also: Any) -> Any:
    form = {"_ticket": person.ticket, "offset": offset, "sha256": digest(data), "part": (io.BytesIO(data), "p"), **also}
    address = person.url(f"/d/id_card/parts/{upload}")
    return person.client.post(
        address, data=form, headers={"Accept": "application/json"}, content_type="multipart/form-data"
    )


def test_a_photo_arrives_in_parts(at_document: Any) -> None:
    first = announce(at_document)
    assert first.status_code == 200 and first.json["offset"] == 0 and first.json["page"] == ""
    upload = first.json["upload"]
    told = part(at_document, upload, 0, PHOTO[:1000])
    assert told.json == {"upload": upload, "offset": 1000, "sha256": digest(PHOTO[:1000]), "page": ""}
    asked = at_document.client.get(at_document.url(f"/d/id_card/parts/{upload}"))
    assert asked.json["offset"] == 1000
    assert at_document.client.head(at_document.url(f"/d/id_card/parts/{upload}")).status_code == 200
    done = part(at_document, upload, 1000, PHOTO[1000:])
    (page,) = at_document.view().document_pages("id_card")
    assert (done.json["page"], done.json["sha256"]) == (page.id, digest(PHOTO))
    assert announce(at_document).json["page"] == page.id
    gone = at_document.client.head(at_document.url(f"/d/id_card/parts/{upload}"))
    assert gone.status_code == 404


def test_a_refusal_is_a_sentence_in_the_pages_language(at_document: Any) -> None:
    told = announce(at_document, size=31 * 1024 * 1024)
    assert told.status_code == 422 and "30 MB" in told.json["error"]
    at_document.headers = {"Accept-Language": "en"}
    upload = announce(at_document).json["upload"]
    no_photo = b"no photo at all, but a text that somebody has called photo.jpg, long enough to be told"
    refused = part(at_document, upload, 0, no_photo)
    assert refused.status_code == 422 and refused.json["error"]


def test_without_the_ticket_nothing_is_taken(at_document: Any) -> None:
    upload = announce(at_document).json["upload"]
    for answer in (announce(at_document, _ticket=""), part(at_document, upload, 0, PHOTO, _ticket="x")):
        assert answer.status_code == 401 and "/resume" in answer.json["resume"]
    stranger = at_document.app.test_client().get(at_document.url(f"/d/id_card/parts/{upload}"))
    assert stranger.status_code == 302
    assert at_document.client.get(at_document.url(f"/d/id_card/parts/{upload}")).json["offset"] == 0


def test_another_site_cannot_send_parts(at_document: Any) -> None:
    form = {"_ticket": at_document.ticket, "key": KEY, "size": 10, "sha256": digest(b"")}
    answer = at_document.client.post(
        at_document.url("/d/id_card/parts"), data=form, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "also", [{"key": "short"}, {"key": "../../../etc"}, {"key": "k" * 61}, {"sha256": "0" * 63}, {"sha256": "G" * 64}]
)
def test_what_no_page_of_ours_says_is_not_found(at_document: Any, also: dict[str, str]) -> None:
    assert announce(at_document, **also).status_code == 404


def test_announcements_are_counted_by_application(at_document: Any) -> None:
    assert apply_uploads.ANNOUNCEMENTS == "300 per hour"
    answers = [announce(at_document).status_code for _ in range(301)]
    assert answers == [200] * 300 + [429]
