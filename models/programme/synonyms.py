"""What people say for what a list calls otherwise: ``packs/_shared/synonyms.csv``, in both languages.

``said,means,sure``: `means` names (parts of) labels, several parted by ``|``; after ``>`` what counts where a list has
nothing of what stands before. Almost every row only brings up what may
be meant. With ``yes`` the two are the same thing in every list, and the word is taken like the label itself. Pure.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from models.errors import PackError

FILE = Path(__file__).resolve().parent.parent / "packs" / "_shared" / "synonyms.csv"
_COLUMNS = ["said", "means", "sure"]


@dataclass(frozen=True, slots=True)
class Synonym:
    """`means`: labels or parts of labels, by alternatives of which the first that a list has counts; `sure`: it may be
    taken without asking."""

    means: tuple[tuple[str, ...], ...]
    sure: bool


def meant(said: str) -> Synonym | None:
    """What a word, as `choosing` bares it, is otherwise called."""
    return table().get(said)


@cache
def table() -> Mapping[str, Synonym]:
    """Every word that is known. Raises PackError for a row that says nothing, or twice the same."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        if reader.fieldnames != _COLUMNS:
            raise PackError(FILE.name, "", f"the columns are {','.join(_COLUMNS)}")
        found: dict[str, Synonym] = {}
        for row in reader:
            said = row["said"].casefold().replace(" ", "").replace("'", "")
            means = tuple(tuple(filter(None, one.split("|"))) for one in row["means"].split(">"))
            sure = row["sure"] == "yes"
            single = means == (means[0][:1],)
            if not said or not all(means) or said in found or (sure and not single):
                raise PackError(
                    FILE.name, f"line {reader.line_num}", f"{row['said']!r}: one row, one word, its meaning"
                )
            found[said] = Synonym(means, sure)
    return found
