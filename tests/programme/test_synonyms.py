"""The shared words: each row means something that a list of some programme has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.errors import PackError
from models.programme import synonyms
from models.programme.loader import load_pack, pack_slugs
from models.programme.pack import Option


@pytest.fixture
def labels() -> str:
    def options() -> Iterator[Option]:
        for slug in pack_slugs():
            pack = load_pack(slug)
            for fact in (*pack.eligibility.facts, *pack.routing.facts):
                yield from fact.options
            for section in pack.form.sections:
                for field in section.fields:
                    yield from field.options
                    for column in field.columns:
                        yield from column.options

    return "|".join(f"{option.label.zh}|{option.label.en}" for option in options()).replace(" ", "").casefold()


def test_each_word_means_something_that_somewhere_can_be_chosen(labels: str) -> None:
    dead = {
        f"{said}: {meaning}"
        for said, synonym in synonyms.table().items()
        for alternative in synonym.means
        for meaning in alternative
        if meaning.replace(" ", "").casefold() not in labels.replace("“", "").replace("”", "")
    }
    assert not dead


@pytest.mark.parametrize(
    "row", ["高工,,", ",高级工程师,", "高工,甲|乙,yes", "高工,甲>乙,yes", "高工,甲,\n高工,乙,", "高工,甲|乙>,"]
)
def test_a_row_that_says_nothing_certain_is_refused(row: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "synonyms.csv"
    file.write_text(f"said,means,sure\n{row}\n", encoding="utf-8")
    monkeypatch.setattr(synonyms, "FILE", file)
    synonyms.table.cache_clear()
    with pytest.raises(PackError):
        synonyms.table()
    synonyms.table.cache_clear()


def test_other_columns_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "synonyms.csv"
    file.write_text("said,means\n高工,甲\n", encoding="utf-8")
    monkeypatch.setattr(synonyms, "FILE", file)
    synonyms.table.cache_clear()
    with pytest.raises(PackError):
        synonyms.table()
    synonyms.table.cache_clear()
