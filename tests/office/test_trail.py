"""The queue that a case was opened from: every page of the case leads on in it, and back to where one came from."""

import re
from html import unescape

import pytest

TRAIL = "q=1&status=submitted&order=newest"


@pytest.fixture
def cases(world, clock):
    """The one looked at, and the next where the newest come first: in the plain queue the next is another."""
    ids = []
    for _ in range(3):
        ids.append(world.applied("east"))
        clock.advance(minutes=1)
    return ids[1], ids[0]


def text(answer, status=200):
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def links(page, ending):
    """The addresses on the page whose path ends so."""
    found = [unescape(one) for one in re.findall(r'(?:href|action|hx-get)="(/office/[^"#]*)', page)]
    return [one for one in found if "lang=" not in one and re.search(ending + "$", one.partition("?")[0])]


def test_a_photo_leads_back_into_the_queue(world, sign_in, cases):
    client = sign_in("east")
    case = text(client.get(f"/office/applications/{cases[0]}?{TRAIL}"))
    (first, *_) = links(case, "/pages/[0-9a-f]+")
    photo = text(client.get(first))
    assert links(photo, cases[0]) == [f"/office/applications/{cases[0]}?{TRAIL}"]
    (after,) = links(photo, "/pages/[0-9a-f]+")
    assert links(text(client.get(after)), cases[0]) == [f"/office/applications/{cases[0]}?{TRAIL}"]
    (full,) = links(photo, "/full")
    asked = text(client.get(full))
    (sent,) = links(asked, "/full")
    seen = text(client.post(sent, data={"reason": "字太小，要看原样"}))
    assert links(seen, "/pages/[0-9a-f]+") == [first]
    (decision,) = links(text(client.get(f"/office/applications/{cases[0]}/return?{TRAIL}")), "/pages/[0-9a-f]+")[:1]
    assert decision == first


def test_a_photo_opened_from_the_sheet_leads_back_to_the_sheet(world, sign_in, cases):
    world.read(cases[0], name="别人")
    client = sign_in("east")
    sheet = text(client.get(f"/office/applications/{cases[0]}/sheet?{TRAIL}"))
    photo = text(client.get(links(sheet, "/pages/[0-9a-f]+")[0]))
    assert links(photo, "/sheet") == [f"/office/applications/{cases[0]}/sheet?{TRAIL}&sheet=1"]
    assert "回到核对单" in photo and "回到这份申报" not in photo
    (asking,) = links(sheet, "/holder")
    fresh = text(client.get(asking.replace("version=", "version=9")))
    assert links(fresh, "/sheet") == [f"/office/applications/{cases[0]}/sheet?{TRAIL}&sheet=1"]


def test_what_the_page_asks_again_about_its_holder_keeps_the_queue(sign_in, cases):
    client = sign_in("east")
    (asking,) = links(text(client.get(f"/office/applications/{cases[0]}?{TRAIL}")), "/holder")
    fresh = text(client.get(asking))
    assert links(fresh, "/give-back") == [f"/office/applications/{cases[0]}/give-back?{TRAIL}"]
    assert links(fresh, "/holder") == [asking]


def test_the_units_own_words_and_opinion_keep_the_queue(world, sign_in, cases):
    client = sign_in("east")
    case = text(client.get(f"/office/applications/{cases[0]}?{TRAIL}"))
    (opinion,) = links(case, "/opinion")
    said = {"opinion": "同意", "signer": "东县", "day": "2026-11-20", "opinion_version": 0}
    assert client.post(opinion, data=said).location == f"/office/applications/{cases[0]}?{TRAIL}"
    (fields,) = links(case, "/unit-fields")
    assert client.post(fields, data={"unit:standing": "high"}).location == f"/office/applications/{cases[0]}?{TRAIL}"
    going_on = {"unit:standing": "high", "version:standing": 1, "then": cases[1]}
    at = client.post(fields, data=going_on).location
    assert at == f"/office/applications/{cases[1]}?{TRAIL}#unit-fields", "not the next of the plain queue"
