"""The portrait through the outline: cut to the photo's own ratio; without a camera the ordinary way stays."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from browsing import chromium, open_context, violations
from PIL import Image
from playwright.sync_api import Browser, Page
from waiting import wait_for

from models import storage
from models.application import pages as stored
from webforms import access

DOCUMENT = "portrait"
NO_CAMERA = "Object.defineProperty(navigator, 'mediaDevices', { value: undefined })"  # WeChat on some phones
Opener = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(camera=True) as launched:
        yield launched


@pytest.fixture
def opened(browser: Browser, address: str, person: Any) -> Iterator[Opener]:
    person.to_the_form()
    cookie = person.client.get_cookie(access.COOKIE)
    contexts = []

    def open_page(script: str = "", **options: Any) -> Page:
        context = open_context(browser, base_url=address, **options)
        contexts.append(context)
        context.add_cookies([{"name": access.COOKIE, "value": cookie.value, "url": address}])
        context.add_init_script(script)
        page = context.new_page()
        page.goto(person.url(f"/d/{DOCUMENT}"))
        return page

    yield open_page
    for context in contexts:
        context.close()


def test_a_portrait_is_taken_through_the_outline_in_its_own_ratio(opened: Opener, person: Any) -> None:
    page = opened(permissions=["camera"])
    page.get_by_role("button", name="打开相机").click()
    wait_for(lambda: page.evaluate("document.querySelector('video').videoWidth"))
    assert violations(page) == []
    page.get_by_role("button", name="拍照").press("Enter")
    page.get_by_role("button", name="重拍一次").press("Enter")
    page.get_by_role("button", name="拍照").click()
    page.get_by_role("button", name="用这张").press("Enter")
    page.wait_for_selector(".pages li")
    (kept,) = person.view().document_pages(DOCUMENT)
    with person.app.app_context():
        data = storage.get(kept.upload_key, stored.bound_to(kept.id))
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.format == "JPEG"
        assert abs(picture.width / picture.height - 25 / 35) < 0.01 and picture.height >= 413
    assert page.evaluate("document.querySelector('video').srcObject.active") is False, "the camera is off again"
    assert not page.get_by_role("button", name="打开相机").is_visible(), "one is enough"


def test_escape_closes_and_lets_the_camera_go(opened: Opener, person: Any) -> None:
    page = opened(permissions=["camera"])
    page.get_by_role("button", name="打开相机").press("Enter")
    wait_for(lambda: page.evaluate("document.querySelector('video').videoWidth"))
    page.keyboard.press("Escape")
    wait_for(lambda: page.evaluate("document.querySelector('video').srcObject.active") is False)
    assert not page.get_by_role("button", name="拍照").is_visible()
    assert person.view().document_pages(DOCUMENT) == ()


def test_a_camera_that_is_refused_leaves_the_ordinary_way(opened: Opener) -> None:
    page = opened(permissions=[])
    page.get_by_role("button", name="打开相机").click()
    page.get_by_text("用不了相机").wait_for()
    assert not page.get_by_role("button", name="拍照").is_visible()
    assert page.is_visible("#photo") and violations(page) == []


def test_where_there_is_no_camera_it_is_not_offered(opened: Opener) -> None:
    page = opened(NO_CAMERA)
    assert page.is_visible("#photo") and not page.get_by_role("button", name="打开相机").is_visible()
