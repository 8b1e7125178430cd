"""Photos from a real browser over a bad network: each arrives, each once, and 「继续」 waits for them."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image
from playwright.sync_api import BrowserContext, Page, Route
from waiting import wait_for

DOCUMENT = "id_card"


def photo(name: str, width: int = 640) -> dict[str, Any]:
    buffer = io.BytesIO()
    Image.effect_noise((width, width * 3 // 4), 80).convert("RGB").save(buffer, "JPEG", quality=95)
    return {"name": name, "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def pages(person: Any) -> list[Any]:
    return list(person.view().document_pages(DOCUMENT))


def open_document(phone: BrowserContext, person: Any) -> Page:
    page = phone.new_page()
    page.goto(person.url(f"/d/{DOCUMENT}"))
    return page


def test_a_lost_answer_is_asked_for_again_with_the_same_key(phone: BrowserContext, person: Any) -> None:
    page = open_document(phone, person)
    keys: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        body = route.request.post_data_buffer or b""
        keys.append(body.partition(b'name="_key"\r\n\r\n')[2].partition(b"\r\n")[0].decode())
        answer = route.fetch()  # the server has it …
        if len(keys) == 1:
            return route.abort()  # … but the phone is not told
        return route.fulfill(response=answer)

    page.route(f"**/d/{DOCUMENT}", lose_the_first_answer)
    page.set_input_files("#photo", [photo("a.jpg")])  # type: ignore[list-item]
    page.wait_for_selector(".pages li")
    assert len(keys) == 2 and keys[0] == keys[1] != ""
    assert len(pages(person)) == 1


def test_photos_chosen_before_the_script_has_come_are_sent(phone: BrowserContext, person: Any) -> None:
    page = phone.new_page()
    held: list[Route] = []
    page.route("**/photos*.js*", lambda route: held.append(route))
    page.goto(person.url(f"/d/{DOCUMENT}"), wait_until="commit")
    page.wait_for_selector("#photo", state="attached")
    page.set_input_files("#photo", [photo("a.jpg")])  # type: ignore[list-item]
    wait_for(lambda: page.evaluate("true") and held)  # asking the page lets the test tool hear of the request
    held[0].continue_()
    page.wait_for_selector(".pages li")
    assert len(pages(person)) == 1


def test_without_a_network_photos_wait_and_go_when_it_is_back(phone: BrowserContext, person: Any) -> None:
    page = open_document(phone, person)
    phone.set_offline(True)
    page.set_input_files("#photo", [photo("a.jpg"), photo("b.jpg")])  # type: ignore[list-item]
    page.wait_for_selector(".uploads li:nth-child(2)")
    page.get_by_text("连上后自动接着传").first.wait_for()
    page.click("form[data-onward] button")
    page.get_by_text("传完会自动继续").wait_for()
    assert pages(person) == []
    phone.set_offline(False)
    page.wait_for_url(lambda url: not url.endswith(f"/d/{DOCUMENT}"))
    assert len(pages(person)) == 2


def test_a_large_photo_is_shrunk_on_the_phone(phone: BrowserContext, person: Any) -> None:
    page = open_document(phone, person)
    big = photo("big.jpg", 3400)
    page.set_input_files("#photo", [big])  # type: ignore[list-item]
    page.wait_for_selector(".pages li")
    (kept,) = pages(person)
    assert kept.size < len(big["buffer"]) / 2


def test_what_is_not_a_photo_is_refused_beside_its_name_and_the_others_arrive(
    phone: BrowserContext, person: Any
) -> None:
    page = open_document(phone, person)
    wrong = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"}
    page.set_input_files("#photo", [wrong, photo("b.jpg")])  # type: ignore[list-item]
    page.wait_for_selector(".uploads li:nth-child(1) .error:not(:empty)")
    page.get_by_text("已收到", exact=True).wait_for()
    assert not page.is_visible("[data-send]"), "photos are sent by themselves"
    assert len(pages(person)) == 1
