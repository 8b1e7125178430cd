"""Debian's Chromium for journeys. As root Chromium refuses its own sandbox; without the background-networking flags it
looks for hosts that a test machine cannot reach."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


def system_chromium() -> str:
    """Where the system's browser is."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "no Chromium: `make setup-test` installs it"
    return path


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium of the system; never one that the test tool downloaded."""
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=system_chromium(), args=FLAGS)
        yield browser
        browser.close()


def violations(page: Page) -> list[str]:
    """axe-core's findings against WCAG 2.2 A and AA on the page as it is."""
    found = Axe().run(page, options=WCAG).response["violations"]
    return [f"{v['id']}: {n['html'][:160]}" for v in found for n in v["nodes"]]
