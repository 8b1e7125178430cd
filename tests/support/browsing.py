"""Debian's Chromium for journeys, an app served to it, and axe. As root Chromium refuses its own sandbox; without the
background-networking flags it looks for hosts that a test machine cannot reach."""

import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import Context
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, expect, sync_playwright
from waiting import PATIENCE
from werkzeug.serving import WSGIRequestHandler, make_server

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 850}

expect.set_options(timeout=PATIENCE * 1000)


def system_chromium(whole: bool = False) -> str:
    """Where the system's browser is: the one without windows where there is one, the same engine at half the processor
    time, unless it has to be the whole one."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")[whole:]
    path = next(filter(None, map(shutil.which, names)), None)
    assert path, "no Chromium: `make setup-test` installs it"
    return path


@contextmanager
def chromium(*, page_cache: bool = False, camera: bool = False) -> Iterator[Browser]:
    """A headless Chromium of the system; never one that the test tool downloaded. `page_cache`: with the browser's
    memory of whole pages, which the test tool switches off otherwise. `camera`: with one that shows a test picture;
    a context still has to be allowed to use it.

    It goes on running for the next module of this test process: what people have of their own is in their contexts,
    and those are closed here."""
    browser = _RUNNING.browser(page_cache, camera)
    yield browser
    for context in list(browser.contexts):
        context.close()


class _Running:
    """The browser of this process, one at a time: starting one is seconds of processor time."""

    def __init__(self) -> None:
        self._ends = ExitStack()
        self._player: Playwright | None = None
        self._kind: tuple[bool, bool] | None = None
        self._browser: Browser | None = None

    def browser(self, page_cache: bool, camera: bool) -> Browser:
        if self._player is None:
            self._player = self._ends.enter_context(sync_playwright())
        if self._browser is None or self._kind != (page_cache, camera) or not self._browser.is_connected():
            self._close()
            flags = [*FLAGS, "--use-fake-device-for-media-stream"] if camera else FLAGS
            without = ["--disable-back-forward-cache"] if page_cache else None
            self._browser = self._player.chromium.launch(
                executable_path=system_chromium(page_cache or camera), args=flags, ignore_default_args=without
            )
            self._kind = page_cache, camera
        return self._browser

    def _close(self) -> None:
        if self._browser is not None:
            self._browser.close()
            self._browser = None

    def end(self) -> None:
        self._close()
        self._ends.close()
        self._player = None


_RUNNING = _Running()


def end_browser() -> None:
    """At the end of a test process."""
    _RUNNING.end()


def open_context(browser: Browser, **options: Any) -> BrowserContext:
    """A person's browser: in Chinese and on a phone's screen unless told otherwise."""
    context = browser.new_context(**{"viewport": PHONE, "locale": "zh-CN", **options})
    context.set_default_timeout(PATIENCE * 1000)
    return context


class _Handler(WSGIRequestHandler):
    timeout = 10  # seconds: a connection on which a browser says nothing does not hold the end of a test up


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address of the app, served from this process on a free port. At the end no request is under way any more:
    one that outlived its test would meet the next one's, or a database that is closed."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Handler)
    server.daemon_threads = False  # type: ignore[attr-defined]
    # A context of its own: the test's app context and session are not the server's.
    thread = threading.Thread(target=Context().run, args=(server.serve_forever,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def follow(page: Page, target: Locator | str) -> None:
    """Press what leads to another page, and go on when that has loaded with its scripts: a press alone returns when
    the first bytes have come."""
    with page.expect_navigation():
        (page.locator(target).first if isinstance(target, str) else target).click()


def violations(page: Page, rules: Sequence[str] = WCAG) -> list[str]:
    """axe-core's findings on the page as it is: against WCAG 2.2 A and AA, unless other rules are named."""
    # Only these are asked for: what is in order is a hundred times as much, to look up and to send.
    options = {"runOnly": {"type": "tag", "values": list(rules)}, "resultTypes": ["violations"]}
    page.evaluate(Axe().axe_script)
    found = page.evaluate("options => axe.run(options).then(all => all.violations)", options)
    return [f"{v['id']}: {n['html'][:160]} {n.get('failureSummary', '')}" for v in found for n in v["nodes"]]
