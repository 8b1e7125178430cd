"""Kinds of papers that are the same everywhere (ID card, diploma, title certificate): ``packs/_shared/papers.toml``.

A document of a pack is of the kind that its `paper` names, or else its `profile`. The kind says which drawn sample
shows it, which pages it has, and what stands on them that the form asks as well (by profile).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from models.programme.basics import Ident, Model
from models.programme.form import Document, Documents

FILE = Path(__file__).resolve().parent.parent / "packs" / "_shared" / "papers.toml"


class Shows(Model):
    """One thing that stands on the paper: `name` as readings call it, `profile` of the form's field that asks it."""

    name: Ident
    profile: str = ""


class Paper(Model):
    """A kind of paper. `sides`: the kinds of pages that a reader tells apart, in the order in which they are asked
    for; empty where nothing is read. `sample`: name of the drawing.

    `since`, `level`, `term` are names read: the date from which years count that a condition wants shown by it, the
    level that it is of, and the first and last day for which it holds (a contract of so many years).
    """

    sample: Ident
    sides: tuple[Ident, ...] = ()
    shows: tuple[Shows, ...] = ()
    since: str = ""
    level: str = ""
    term: tuple[str, ...] = ()
    prefill: bool = False  # worth offering before the form: what is read fills it in


@cache
def papers() -> dict[str, Paper]:
    """Every kind of paper by its name."""
    with FILE.open("rb") as stream:
        return {name: Paper.model_validate(spec) for name, spec in tomllib.load(stream).items()}


def paper_of(document: Document) -> Paper | None:
    """The kind of paper that a document is; None where it is none of the shared ones."""
    return papers().get(document.paper or document.profile)


def problems(documents: Documents) -> Iterator[tuple[str, str, str]]:
    """File, key and reason of what documents say wrongly about the paper that they are."""
    for document in documents.documents:
        key = f"documents({document.id})"
        if document.paper and document.paper not in papers():
            yield "documents.toml", f"{key}.paper", f"{document.paper!r} is not in _shared/papers.toml"
        if (document.originals is None) != (not document.originals_clause):
            yield "documents.toml", f"{key}.originals", "originals and originals_clause go together"
