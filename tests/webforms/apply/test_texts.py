"""English is whole, vendored files are what they were, errors are kind."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from flask import Flask

import webforms

ROOT = Path(webforms.__file__).parent
VENDOR = ROOT / "static" / "vendor"
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")


def extracted() -> set[str]:
    with (ROOT / "translations" / "babel.cfg").open() as config:
        methods, options = parse_mapping_cfg(config)
    found = extract_from_dir(ROOT, methods, options)
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


@pytest.fixture(scope="module")
def english() -> Catalog:
    with (ROOT / "translations" / "en" / "LC_MESSAGES" / "messages.po").open("rb") as source:
        return read_po(source)


def test_every_sentence_has_english(english: Catalog) -> None:
    known = {str(m.id) for m in english if m.id and m.string and not m.fuzzy}
    assert extracted() - known == set()
    assert known - extracted() == set(), "English of sentences that no page says any more"


def test_placeholders_agree(english: Catalog) -> None:
    for message in english:
        assert sorted(PLACEHOLDER.findall(str(message.id))) == sorted(PLACEHOLDER.findall(str(message.string))), (
            message.id
        )


def test_vendored_files_are_untouched() -> None:
    lines = (VENDOR / "CHECKSUMS").read_text().splitlines()
    listed = {Path(line.split()[1]) for line in lines}
    for line in lines:
        digest, name = line.split()
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name
    there = {
        p.relative_to(VENDOR) for p in VENDOR.rglob("*") if p.is_file() and p.name not in ("CHECKSUMS", "README.md")
    }
    assert {Path(*path.parts) for path in listed} == there


def test_a_page_is_the_same_in_the_other_language(person: Any) -> None:
    person.to_the_form()
    page = person.get(person.url("/s/basic?lang=en"))
    assert person.path.endswith("/s/basic")
    assert '<html lang="en">' in page and "Save and continue" in page
    assert "Save and continue" in person.get(person.url("/s/basic")), "the choice is remembered"


def test_an_unknown_error_apologises_with_its_reference(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from webforms import apply_start

    def fail(_pack: object) -> None:
        raise RuntimeError("430406197003050017")

    monkeypatch.setattr(apply_start, "opening", fail)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = app.test_client().get("/", headers={"Accept-Language": "zh-CN"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert re.search(r"E-[0-9A-Z]{8}", page) and "对不起" in page
    assert "430406" not in page


@pytest.mark.parametrize("path", ["/nowhere", "/p/nothing", "/p/hengyang-2015/d/x"])
def test_what_is_not_there_is_said_kindly(app: Flask, path: str) -> None:
    answer = app.test_client().get(path, follow_redirects=True, headers={"Accept-Language": "zh-CN"})
    assert answer.status_code in (200, 404)
    assert "<h1>" in answer.get_data(as_text=True)


def test_an_applicant_reads_the_applicants_english(person: Any) -> None:
    """The Chinese of some sentences stands in both catalogues: staff's columns are shorter than a person needs."""
    person.headers = {"Accept-Language": "en-GB"}
    assert "<h2>Basis</h2>" in person.get(person.url())
    person.to_the_form()
    assert "<p>Application number <strong" in person.get(person.url("/tasks"))
    assert "<h1>Check your answers</h1>" in person.get(person.url("/check"))


@pytest.mark.parametrize(("language", "summed_up"), [("zh-CN", "。："), ("en-GB", ".: ")])
def test_a_declaration_has_no_full_stop_before_the_colon(person: Any, language: str, summed_up: str) -> None:
    person.headers = {"Accept-Language": language}
    person.to_the_form()
    person.fill_everything()
    person.get(person.url("/declare"))
    page = person.send(person.url("/declare"))
    assert person.last.status_code == 422
    assert summed_up not in page
