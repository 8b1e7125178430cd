"""What holds for every pack: whole, in two languages, word for word from its notice, and short enough for a phone."""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from models.application.packs import Given
from models.programme.check import check_pack, prove_quotes
from models.programme.loader import load_folder, load_pack, pack_slugs
from models.programme.pack import Pack, Text

ROOT = Path(__file__).parents[2]
SLUGS = pack_slugs()
BY_THE_PAGE = Path(__file__).parent / "sixth" / "lizhou-2026"  # written by docs/packs.md alone; not installed
HAN = re.compile(r"[\u4e00-\u9fff]")
QUESTION_FITS_A_PHONE = 45


@pytest.fixture(params=[*SLUGS, BY_THE_PAGE], ids=lambda one: getattr(one, "name", one))
def pack(request: pytest.FixtureRequest) -> Pack:
    return load_pack(request.param) if isinstance(request.param, str) else load_folder(request.param)


def notices() -> dict[str, str]:
    """The notices' texts by name. They are not part of the project; BOLE_NOTICES says where they are, and a folder that
    is named but empty is an error."""
    named = os.environ.get("BOLE_NOTICES")
    folder = Path(named) if named else ROOT.parent / "shared" / "notices"
    texts = {path.stem: path.read_text("utf-8") for path in folder.glob("*.txt")}
    assert texts or not named
    return texts


def texts(value: Any, path: str = "") -> Iterator[tuple[str, Text]]:
    """Every sentence in a pack, with the way to it."""
    if isinstance(value, Text):
        yield path, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from texts(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from texts(item, f"{path}.{name}")
    elif isinstance(value, tuple):
        for item in value:
            yield from texts(item, f"{path}({getattr(item, 'id', getattr(item, 'value', ''))})")


@pytest.mark.parametrize("slug", SLUGS)
def test_what_a_pack_says_changes_only_with_its_version(slug: str) -> None:
    """An installation that has published a version refuses to start with another pack of the same number."""
    with (Path(__file__).parent / "versions.csv").open(encoding="utf-8") as lines:
        held = {row["slug"]: (row["version"], row["sha256"]) for row in csv.DictReader(lines)}
    given = Given.of(slug)
    version = given.pack.programme.version
    assert held.get(slug) == (version, given.sha256), (
        f"raise `version` in {slug}/programme.toml if it has been released, and note in versions.csv: "
        f"{slug},{version},{given.sha256}"
    )


def test_there_are_packs() -> None:
    assert "hengyang-2015" in SLUGS


def test_the_pack_is_whole(pack: Pack) -> None:
    report = check_pack(pack)
    assert report.problems == ()
    assert report.claimed == report.total > 0


def test_quotations_are_the_notice_s_own_words_and_no_paragraph_is_forgotten() -> None:
    for slug in SLUGS:
        for name, text in notices().items():
            if name.startswith(slug):
                assert prove_quotes(load_pack(slug), text) == []


def test_both_languages_are_there_and_differ(pack: Pack) -> None:
    for path, text in texts(pack):
        if path.endswith(".example"):
            continue  # an example may be a Chinese name in both
        assert HAN.search(text.zh), path
        assert text.zh != text.en, path
        han = len(HAN.findall(text.en))
        assert han <= len(text.en) / 4, f"{path}: {text.en}"


def test_no_sentence_has_stray_blanks_or_half_width_punctuation(pack: Pack) -> None:
    for path, text in texts(pack):
        assert text.zh == text.zh.strip() and text.en == text.en.strip(), path
        assert not re.search(r"[\u4e00-\u9fff][,;!?]", text.zh), f"{path}: {text.zh}"
        assert "  " not in text.en, path


def test_questions_are_short_and_say_why(pack: Pack) -> None:
    for fact in (*pack.eligibility.facts, *pack.routing.facts):
        assert len(fact.question.zh) <= QUESTION_FITS_A_PHONE, fact.id
        assert fact.question.zh.endswith("？") and fact.question.en.endswith("?"), fact.id
        assert fact.question.zh.count("？") == 1, f"{fact.id} asks two things"
        assert fact.unsure, f"{fact.id}: 「不确定」 must be possible"


def test_headings_are_in_both_languages(pack: Pack) -> None:
    facts = (*pack.eligibility.facts, *pack.routing.facts)
    fields = [field for section in pack.form.sections for field in section.fields]
    options = [option for spec in (*facts, *fields) for option in spec.options]
    options += [option for codes in pack.codes.values() for option in codes]
    one_sided = [one for one in (*options, *pack.routing.units) if bool(one.group) != bool(one.group_en)]
    assert one_sided == []


def test_labels_cannot_be_confused(pack: Pack) -> None:
    """Two options of one list that a person cannot tell apart would be answered by chance."""
    for fact in (*pack.eligibility.facts, *pack.routing.facts):
        assert _twins(fact.options) == [], fact.id
    for name, options in pack.codes.items():
        assert _twins(options) == [], name
    assert [x for x, n in Counter(unit.name.zh for unit in pack.routing.units).items() if n > 1] == []


def _twins(options: tuple[Any, ...]) -> list[Any]:
    seen = Counter((o.label.zh, o.group, o.parent) for o in options)
    return [label for label, times in seen.items() if times > 1]


def test_no_telephone_number_is_in_a_pack() -> None:
    number = re.compile(r"(?<!\d)(1[3-9]\d{9}|0\d{2,3}[-－ ]?\d{7,8}|\d{8,12})(?!\d)")
    for slug in SLUGS:
        for path in (ROOT / "models" / "packs" / slug).rglob("*.*"):
            assert number.findall(path.read_text("utf-8")) == [], path.name


def test_an_example_does_not_say_twice_that_it_is_one(pack: Pack) -> None:
    """The doors put 「例如：」 before it."""
    for path, text in texts(pack):
        if path.endswith(".example"):
            assert not text.zh.startswith(("例如", "如", "比如")), path
            assert not text.en.lower().startswith(("for example", "such as")), path


@pytest.mark.parametrize("slug", SLUGS)
def test_that_a_unit_is_given_the_application_is_agreed_to_by_itself(slug: str) -> None:
    consents = {one.id: one for one in load_pack(slug).programme.consents}
    given = consents.get("unit") or consents["unit_report"]  # where only whom the employer reports is passed on
    assert given.required and (given.channels or "交给" in given.title.zh)
