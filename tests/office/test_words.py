"""Staff read English as completely as Chinese."""

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import webforms
from models.errors import InvalidAnswer
from models.interview import wording
from models.office import audit, logins, reason_sentences, scope
from models.queue import JOBS
from webforms import office_action_words, office_format

FOLDER = Path(webforms.__file__).parent
CALLED_N = re.compile(r"\b_n\(\s*([\"'])(.+?)\1")
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[a-z]")


def extracted():
    method_map = [
        ("office*.py", "python"),
        ("security.py", "python"),
        ("second_factor.py", "python"),
        ("templates/office/*.html", "jinja2"),
        ("templates/security/*.html", "jinja2"),
    ]
    keywords = {"_": None, "_l": None, "_n": None, "gettext": None, "lazy_gettext": None}
    found = extract_from_dir(FOLDER, method_map=method_map, keywords=keywords)
    return {message for _file, _line, message, _comments, _context in found}


@pytest.fixture(scope="module")
def english():
    with (FOLDER / "translations_office" / "en" / "LC_MESSAGES" / "messages.po").open("rb") as source:
        return read_po(source, locale="en")


def test_every_sentence_has_its_english(english):
    messages = extracted()
    assert len(messages) > 150
    for message in messages:
        entry = english.get(message)
        assert entry is not None and entry.string and not entry.fuzzy, message
        for said in entry.string if entry.pluralizable else (entry.string,):
            assert said and set(PLACEHOLDER.findall(message)) == set(PLACEHOLDER.findall(said)), message
    ids = {entry.id[0] if entry.pluralizable else entry.id for entry in english if entry.id}
    assert ids == messages, "no sentence is left that nobody says"


def test_english_has_one_sentence_for_one_and_another_for_many(english):
    """Who calls a sentence with `_n` finds two in the catalogue; one of two is called by no other name."""
    files = (*FOLDER.glob("office*.py"), *FOLDER.glob("templates/*/*.html"))
    called = {one for file in files for _quote, one in CALLED_N.findall(file.read_text("utf-8"))}
    two = {entry.id[0]: entry for entry in english if entry.id and entry.pluralizable}
    assert set(two) == called
    assert all(entry.id[0] == entry.id[1] and entry.string[0] != entry.string[1] for entry in two.values())


def test_chinese_in_staff_pages_is_marked_for_translation():
    """Text in a template outside `_()` would stay Chinese on the English page."""
    for file in (*FOLDER.glob("templates/office/*.html"), *FOLDER.glob("templates/security/*.html")):
        bare = re.sub(r"_n?\((\"[^\"]*\"|'[^']*')", "", file.read_text(encoding="utf-8"))
        bare = re.sub(r"'(中文|、)'", "", bare)
        assert not re.findall(r"[\u4e00-\u9fff]+", bare), file.name


def test_a_closing_day_has_its_weekday_on_every_page_of_staff(app):
    """Also of a round's or a way's last day, and of how long a case is kept for somebody."""
    until = re.compile(r"\b(?:closes|until|ends|expires_at)\|(staff_\w+)")
    shown = {file.name: until.findall(file.read_text("utf-8")) for file in FOLDER.glob("templates/office/*.html")}
    night = datetime(2026, 11, 28, 18, tzinfo=UTC)
    with app.test_request_context():
        assert office_format.due(night) == "2026-11-29（周日）02:00"
    used = {name: set(filters) for name, filters in shown.items() if filters}
    assert len(used) >= 12 and {name: filters for name, filters in used.items() if filters != {"staff_due"}} == {}


def test_one_hour_of_waiting_is_no_hours(app):
    for lang, said in (
        ("en", ["less than an hour", "1 hour", "47 hours", "2 d"]),
        ("zh", ["不到 1 小时", "1 小时", "47 小时", "2 天"]),
    ):
        with app.test_request_context(f"/?lang={lang}"):
            assert [office_format.spent(hours * 3600) for hours in (0.5, 1, 47, 48)] == said


def test_names_exist_for_everything_that_is_shown():
    assert set(audit.ACTIONS) | {logins.FAILED} <= set(office_action_words.ACTION)
    assert set(office_format.STATUS) == set(scope.VISIBLE)
    assert set(office_format.ROLE) == set(scope.ROLES)
    assert set(office_action_words.JOB) == set(JOBS)


def test_every_wording_key_that_the_office_raises_exists():
    keys = {f"office.reason.{name}" for name in reason_sentences.SHARED}
    files = (*FOLDER.glob("office*.py"), *(FOLDER.parent / "models" / "office").glob("*.py"))
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                keys |= set(re.findall(r"^office\.[a-z_]+$", node.value)) - {"office.home"}
    endpoints = {key for key in keys if key.partition(".")[2] in _endpoints()}
    for key in keys - endpoints:
        assert wording.text(key).en, key
    assert wording.error(InvalidAnswer("office.too_long", limit=3), "en")


def _endpoints():
    from webforms.office import blueprint
    from webforms.office_base import ROLES_OF

    assert blueprint.name == "office"
    return {name.partition(".")[2] for name in ROLES_OF} | {"entering", "forgot"}
