"""Lists, notes and labels against the notice's own text, where that is at hand (it is not part of the project)."""

from __future__ import annotations

import os
import re
from pathlib import Path

from models.programme.loader import load_pack

PACK = load_pack("ningxia-2020")
LISTS = (
    *("leading_titles", "top_titles", "honours", "political_status", "education_levels", "degrees"),
    *("ratings", "role_leading", "role_top", "role_reserve", "shortage_fields", "recruitment_ways"),
)


def notice() -> str:
    """The text without blanks; empty where it is not at hand."""
    folder = Path(os.environ.get("BOLE_NOTICES") or Path(__file__).parents[4] / "shared" / "notices")
    path = folder / "ningxia-2020.txt"
    return re.sub(r"\s", "", path.read_text("utf-8")) if path.is_file() else ""


def bare(words: str) -> str:
    return re.sub(r"\s", "", words)


def test_every_entry_of_the_lists_is_in_the_notice_s_words() -> None:
    text = notice()
    for name in LISTS:
        for option in PACK.codes[name]:
            assert not text or bare(option.label.zh) in text, f"{name}: {option.label.zh}"


def test_the_reserve_list_is_the_notice_s_and_one_name_is_said_for_two() -> None:
    """「自治区青年拔尖人才」 stands once, before two names of candidates."""
    text = notice()
    labels = {option.value: bare(option.label.zh) for option in PACK.codes["reserve_titles"]}
    assert not text or all(label in text for label in labels.values())
    assert not text or f"{labels['young_top_regional']}和{labels['young_backbone']}" in text


def test_the_lists_are_as_long_as_the_notice_s() -> None:
    sizes = {name: len(PACK.codes[name]) for name in ("leading_titles", "top_titles", "reserve_titles", "honours")}
    # the three honours (two of them only with a team or laboratory) are asked apart
    assert sizes == {"leading_titles": 9, "top_titles": 7, "reserve_titles": 6, "honours": 3}
    assert len(PACK.codes["political_status"]) == 12


def test_notes_headings_and_official_labels_are_the_notice_s() -> None:
    text = notice()
    books = PACK.workbooks
    for table in (*books.people_tables(), *books.unit_tables):
        words = [*table.notes, table.title, *(column.header for column in table.columns)]
        for word in words:
            assert not text or bare(word) in text, f"{table.id}: {word}"
    official = {field.official for section in PACK.form.sections for field in section.fields if field.official}
    for word in official | {field.official for field in PACK.form.unit_fields}:
        assert not text or bare(word) in text, word
