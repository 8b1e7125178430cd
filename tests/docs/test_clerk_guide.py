"""The guide for a clerk of a unit: two printed pages with pictures; every word that it quotes is on the screen."""

import io
import re
from pathlib import Path

import pypdfium2
import pytest
from browsing import chromium, violations

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "guide" / "clerk.zh.html"
WORDS = ROOT / "webforms" / "translations_office" / "en" / "LC_MESSAGES" / "messages.po"


@pytest.fixture(scope="module")
def page():
    with chromium() as browser:
        opened = browser.new_page()
        opened.goto(GUIDE.as_uri())
        yield opened


def test_it_prints_on_two_pages(page):
    assert len(pypdfium2.PdfDocument(io.BytesIO(page.pdf(prefer_css_page_size=True)))) == 2
    assert violations(page) == []


def test_its_pictures_are_there_and_said_in_words(page):
    pictures = page.locator("img").evaluate_all("all => all.map(i => [i.naturalWidth, i.alt])")
    assert len(pictures) == 5 and all(width > 0 and len(alt) > 10 for width, alt in pictures)


def test_every_button_and_page_that_it_names_is_on_the_screen():
    text, known = GUIDE.read_text("utf-8"), WORDS.read_text("utf-8")
    quoted = re.findall(r"<b>“([^”]+)”</b>", text)
    menus = [name for path in re.findall(r"菜单“([^”]+)”", text) for name in path.split(" → ")]
    assert len(quoted) > 10 and len(menus) > 5
    assert [word for word in (*quoted, *menus) if f'msgid "{word}"' not in known] == []
