"""The guide for a clerk of a unit: two printed pages with pictures; every word that it quotes is on the screen."""

import io
import re
from pathlib import Path

import pypdfium2
import pytest
from browsing import chromium, violations

ROOT = Path(__file__).parents[2]
GUIDES = {lang: ROOT / "docs" / "guide" / f"clerk.{lang}.html" for lang in ("zh", "en")}
WORDS = ROOT / "webforms" / "translations_office" / "en" / "LC_MESSAGES" / "messages.po"
both = pytest.mark.parametrize("lang", GUIDES)


@pytest.fixture(scope="module")
def page():
    with chromium() as browser:
        yield browser.new_page()


@both
def test_it_prints_on_two_pages_with_its_pictures_said_in_words(page, lang):
    page.goto(GUIDES[lang].as_uri())
    assert len(pypdfium2.PdfDocument(io.BytesIO(page.pdf(prefer_css_page_size=True)))) == 2
    assert violations(page) == []
    pictures = page.locator("img").evaluate_all("all => all.map(i => [i.naturalWidth, i.alt])")
    assert len(pictures) == 5 and all(width > 0 and len(alt) > 10 for width, alt in pictures)


@both
def test_every_button_and_page_that_it_names_is_on_the_screen(lang):
    text, known = GUIDES[lang].read_text("utf-8"), WORDS.read_text("utf-8")
    quoted = re.findall(r"<b>“([^”]+)”</b>", text)
    menus = [
        name for path in re.findall(r"[Mm]enu “([^”]+)”|菜单“([^”]+)”", text) for name in "".join(path).split(" → ")
    ]
    assert len(quoted) > 10 and len(menus) > 5
    of = "msgid" if lang == "zh" else "msgstr"
    assert [word for word in (*quoted, *menus) if f'{of} "{word}"' not in known] == []
