"""Photos from a real browser over a bad network: each arrives, each once, what arrived is not sent again, and 「继续」
waits for them."""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Callable
from typing import Any

from browsing import violations
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Request, Route
from waiting import wait_for

from models.application.tables import DocumentPage
from models.extensions import db

DOCUMENT = "id_card"
PART = 256 * 1024
Handler = Callable[[Route, int], object]


def photo(name: str, width: int = 640) -> dict[str, Any]:
    buffer = io.BytesIO()
    Image.effect_noise((width, width * 3 // 4), 80).convert("RGB").save(buffer, "JPEG", quality=95)
    return {"name": name, "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def heavy(name: str = "a.heic", parts: int = 4) -> dict[str, Any]:
    """What the phone cannot shrink, of several parts."""
    rest = random.Random(parts).randbytes(PART * (parts - 1) + 1000 - 16)
    return {"name": name, "mimeType": "image/heic", "buffer": b"\x00\x00\x00\x10ftypheic\x00\x00\x00\x00" + rest}


def pages(person: Any) -> list[Any]:
    return list(person.view().document_pages(DOCUMENT))


def open_document(phone: BrowserContext, person: Any) -> Page:
    page = phone.new_page()
    page.goto(person.url(f"/d/{DOCUMENT}"))
    return page


def choose(page: Page, *files: dict[str, Any]) -> None:
    page.set_input_files("#photo", list(files))  # type: ignore[arg-type]


def field(request: Request, name: str) -> str:
    body = request.post_data_buffer or b""
    return body.partition(f'name="{name}"\r\n\r\n'.encode())[2].partition(b"\r\n")[0].decode()


class Line:
    """Watches the parts that a page sends; `trouble` decides what becomes of each, counted from 1."""

    def __init__(self, page: Page, trouble: Handler | None = None) -> None:
        self.offsets: list[int] = []
        self.keys: set[str] = set()
        self.trouble = trouble
        page.route("**/parts", self._announcement)
        page.route("**/parts/*", self._part)

    def _announcement(self, route: Route) -> None:
        self.keys.add(field(route.request, "key"))
        route.continue_()

    def _part(self, route: Route) -> None:
        self.offsets.append(int(field(route.request, "offset")))
        if self.trouble is None or self.trouble(route, len(self.offsets)) is None:
            route.continue_()


def test_a_dropped_connection_goes_on_behind_the_last_byte_that_arrived(phone: BrowserContext, person: Any) -> None:
    page = open_document(phone, person)
    line = Line(page, lambda route, count: (route.abort() or True) if count == 2 else None)
    given = heavy()
    choose(page, given)
    page.wait_for_selector(".pages li")
    assert line.offsets[:3] == [0, PART, PART], "what was acknowledged is not sent again"
    assert sorted(set(line.offsets)) == line.offsets[:2] + line.offsets[3:]
    (kept,) = pages(person)
    assert kept.sha256 == hashlib.sha256(given["buffer"]).hexdigest()
    assert len(line.keys) == 1


def test_a_lost_answer_is_no_second_page_and_no_second_part(phone: BrowserContext, person: Any) -> None:
    page = open_document(phone, person)

    def lose(route: Route, count: int) -> object:
        if count not in (1, 4):
            return None
        route.fetch()  # the server has it, but the phone is not told
        route.abort()
        return True

    line = Line(page, lose)
    choose(page, heavy(parts=3))
    page.wait_for_selector(".pages li")
    wait_for(lambda: page.locator(".uploads li").count() == 0)
    assert len(line.offsets) == len(set(line.offsets)), "each byte travels once"
    assert len(pages(person)) == 1


def test_a_page_loaded_anew_goes_on_where_the_photo_was(phone: BrowserContext, person: Any) -> None:
    page = open_document(phone, person)
    stuck: list[Route] = []
    line = Line(page, lambda route, count: stuck.append(route) or True if count == 2 else None)
    choose(page, heavy())
    wait_for(lambda: page.evaluate("true") and stuck)
    page.reload()
    page.get_by_text("上次没传完的照片").first.wait_for()
    page.wait_for_selector(".pages li")
    assert line.offsets[:3] == [0, PART, PART] and len(line.keys) == 1
    wait_for(lambda: page.evaluate("Bole.kept.all().then((left) => left.length === 0)"))
    assert len(pages(person)) == 1


def test_damaged_bytes_are_sent_again(phone: BrowserContext, person: Any) -> None:
    page = open_document(phone, person)

    def damage(route: Route, count: int) -> object:
        if count != 1:
            return None
        body = bytearray(route.request.post_data_buffer or b"")
        body[len(body) // 2] ^= 1
        route.continue_(post_data=bytes(body))
        return True

    line = Line(page, damage)
    given = heavy()
    choose(page, given)
    page.wait_for_selector(".pages li")
    assert line.offsets[:2] == [0, 0]
    assert [one.sha256 for one in pages(person)] == [hashlib.sha256(given["buffer"]).hexdigest()]


def test_photos_chosen_before_the_script_has_come_are_sent(phone: BrowserContext, person: Any) -> None:
    page = phone.new_page()
    held: list[Route] = []
    page.route("**/static/photos*.js*", lambda route: held.append(route))
    page.goto(person.url(f"/d/{DOCUMENT}"), wait_until="commit")
    page.wait_for_selector("#photo", state="attached")
    choose(page, photo("a.jpg"))
    wait_for(lambda: page.evaluate("true") and held)  # asking the page lets the test tool hear of the request
    held[0].continue_()
    page.wait_for_selector(".pages li")
    assert len(pages(person)) == 1


def test_without_a_network_photos_wait_and_go_when_it_is_back(phone: BrowserContext, person: Any) -> None:
    page = open_document(phone, person)
    phone.set_offline(True)
    choose(page, photo("a.jpg"), photo("b.jpg"))
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
    choose(page, big)
    page.wait_for_selector(".pages li")
    (kept,) = pages(person)
    assert kept.size < len(big["buffer"]) / 2


def test_what_is_not_a_photo_is_refused_beside_its_name_and_the_others_arrive(
    phone: BrowserContext, person: Any
) -> None:
    page = open_document(phone, person)
    wrong = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"no picture " * 20}
    choose(page, wrong, photo("b.jpg"))
    page.wait_for_selector(".uploads li:nth-child(1) .error:not(:empty)")
    page.get_by_text("已收到", exact=True).wait_for()
    assert not page.is_visible("[data-send]"), "photos are sent by themselves"
    assert len(pages(person)) == 1
    assert violations(page) == []
    page.get_by_role("button", name="不传了").click()
    assert page.locator(".uploads li").count() == 0


def test_the_own_sum_is_that_of_the_standard(phone: BrowserContext, person: Any) -> None:
    """Over plain http a browser lends none."""
    page = open_document(phone, person)
    for length in (0, 1, 55, 56, 63, 64, 65, 1000, 70_001):
        data = random.Random(length).randbytes(length)
        assert page.evaluate("(b) => Bole.ownSum(Uint8Array.from(b))", list(data)) == hashlib.sha256(data).hexdigest()


def test_a_photo_taken_again_takes_its_place_and_the_keyboard_moves_pages(phone: BrowserContext, person: Any) -> None:
    page = open_document(phone, person)
    choose(page, photo("a.jpg"), photo("b.jpg", 320))
    page.wait_for_selector(".pages li:nth-child(2)")
    first, second = [one.id for one in pages(person)]
    with page.expect_file_chooser() as chooser:
        page.get_by_role("link", name="重拍 第 1 张").click()
    assert not chooser.value.is_multiple()
    chooser.value.set_files([photo("c.jpg", 480)])  # type: ignore[list-item]
    wait_for(lambda: first not in [one.id for one in pages(person)])
    new, still = [one.id for one in pages(person)]
    assert still == second and new != first
    page.wait_for_selector(f"#page-{new}")
    page.get_by_role("button", name="往后 第 1 张").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert [one.id for one in pages(person)] == [second, new]
    assert violations(page) == []


def judge(person: Any, page_id: str, state: str, reason: str | None = None) -> None:
    """As the worker does it."""
    with person.app.app_context():
        page = db.session.get_one(DocumentPage, page_id)
        page.state, page.reason = state, reason
        db.session.commit()


def test_a_verdict_comes_onto_the_page_by_itself_and_leaves_the_keyboard_where_it_is(
    phone: BrowserContext, person: Any
) -> None:
    page = open_document(phone, person)
    choose(page, photo("a.jpg"))
    page.wait_for_selector(".pages li.received")
    page.evaluate("window.same = true")
    page.get_by_role("button", name="删除 第 1 张").focus()
    judge(person, pages(person)[0].id, "retake", "photo.blurred")
    page.wait_for_selector(".pages li.retake")
    page.get_by_text("照片模糊").wait_for()
    assert page.evaluate("window.same"), "the page was not loaded anew"
    assert page.evaluate("document.activeElement.textContent.trim()").startswith("删除")
    assert violations(page) == []


def test_after_the_hand_in_the_bad_photo_is_replaced_from_its_own_button(phone: BrowserContext, person: Any) -> None:
    person.fill_everything()
    person.hand_in()
    first, second = [one.id for one in pages(person)]
    judge(person, first, "ok")
    judge(person, second, "retake", "photo.blurred")
    page = open_document(phone, person)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("link", name="重拍 第 2 张").click()
    chooser.value.set_files([photo("c.jpg", 480)])  # type: ignore[list-item]
    wait_for(lambda: second not in [one.id for one in pages(person)])
    page.wait_for_selector(".pages li:nth-child(2).received")
    kept = pages(person)
    assert kept[0].id == first and len(kept) == 2
    assert not page.is_visible("#photo"), "nothing more may be added"
