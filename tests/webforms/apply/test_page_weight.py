"""What a page weighs: the bytes and the answers that it takes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, CDPSession, Page

FIRST_VISIT = 20 * 1024
NEXT_PAGE = 8 * 1024
PHOTO_PAGE = 22 * 1024


class Scale:
    """Counts what comes over the line, not what the browser has kept: bytes, and answers."""

    def __init__(self, session: CDPSession) -> None:
        self._came: list[int] = []
        session.on("Network.loadingFinished", lambda done: self._came.append(int(done["encodedDataLength"])))

    def read(self) -> tuple[int, int]:
        """Bytes and answers since it was last read."""
        came, self._came = [size for size in self._came if size], []
        return sum(came), len(came)


def _visit(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")


def test_pages_are_light_and_come_in_few_answers(phone: BrowserContext, person: Any) -> None:
    """On a village's line (50 kB a second, 400 ms there and back) this is a second and a half, then half a second."""
    page = phone.new_page()
    session = phone.new_cdp_session(page)
    session.send("Network.enable")
    scale = Scale(session)
    _visit(page, person.url())
    weight, answers = scale.read()
    assert weight < FIRST_VISIT and answers <= 5, "the page, its sheet, two scripts, the icon"
    for path in ("/q/lives_in_hengyang", "/q/claim", "/verdict", "/tasks", "/s/basic", "/check"):
        _visit(page, person.url(path))
        weight, answers = scale.read()
        assert weight < NEXT_PAGE and answers == 1, f"{path}: sheets and scripts are kept from the first page"
    _visit(page, person.url("/d/id_card"))
    weight, answers = scale.read()
    assert weight < PHOTO_PAGE and answers <= 7, "a drawing and the five scripts for photos, side by side"


def test_nothing_is_loaded_that_the_page_does_not_use(person: Any) -> None:
    person.to_the_form()
    for path in ("", "/tasks", "/s/basic", "/check"):
        html = person.get(person.url(path))
        assert re.findall(r'/static/([\w./-]+)\?v=\w+"', html) == ["icon.svg", "app.css", "keep.js", "app.js"]
        assert "vendor" not in html


def test_static_files_are_kept_for_a_year_by_what_is_in_them(site: Flask) -> None:
    client = site.test_client()
    address = re.search(r'"(/static/app.css\?v=\w+)"', client.get("/").get_data(as_text=True))
    assert address
    with client.get(address[1], headers={"Accept-Encoding": "gzip"}) as kept:
        assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert kept.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in kept.headers["Vary"]
        tag = kept.headers["ETag"]
    with client.get(address[1], headers={"Accept-Encoding": "gzip", "If-None-Match": tag}) as again:
        assert again.status_code == 304
    for other in ("/static/app.css", "/static/app.css?v=older"):
        with client.get(other) as answer:
            assert "immutable" not in answer.headers.get("Cache-Control", "")
    with client.get(address[1]) as plain:
        assert "Content-Encoding" not in plain.headers and plain.get_data(as_text=True).startswith("/*")


@pytest.mark.parametrize("path", ["/check", "/keep", "/status"])
def test_pages_that_only_show_are_not_kept_by_the_browser(person: Any, path: str) -> None:
    person.to_the_form()
    person.get(person.url(path))
    assert person.last.headers["Cache-Control"] == "no-store, private"
