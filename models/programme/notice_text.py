"""The full text of a notice, for reading beside its pack: contact persons taken out, quotations found in it.

The text is not part of the project; the office imports it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from models.programme.check import quoted_pieces
from models.programme.pack import Pack

LEFT_OUT = "（联系方式略）"
_CONTACT = re.compile(r"联系人|联系电话|电\s*话|邮\s*箱|QQ|传\s*真")
_PERSON = re.compile(r"联系人(?:及电话)?[:：]\s*(?!联系|电话)[\u4e00-\u9fff]{2}")
_NUMBER = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|0\d{2,3}[-－—]\s*\d{7,8}|\d{8,9})(?!\d)|[\w.+-]+@[\w-]+\.\w+")


def without_contacts(text: str) -> str:
    """The text without names, numbers and addresses of contact persons: an office and its room are enough."""
    return "\n".join(_without(line) for line in text.splitlines())


def _without(line: str) -> str:
    if not (_PERSON.search(line) or _NUMBER.search(line)):
        return line
    word = _CONTACT.search(line)
    return line[: word.start()] + LEFT_OUT if word else LEFT_OUT


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the text, and the clauses whose quotation it belongs to."""

    text: str
    clauses: tuple[str, ...] = ()


def marked(text: str, pack: Pack) -> list[list[Span]]:
    """The text by paragraphs, each in spans that say which clauses quote them; blanks do not count in comparing.

    Clauses keep the notice's order: words that occur twice are taken for those after the clause before.
    """
    places = [place for place, character in enumerate(text) if not _is_blank(character)]
    bare = "".join(text[place] for place in places)
    marks: list[list[str]] = [[] for _ in text]
    before = 0
    for clause in pack.clauses:
        pieces = quoted_pieces(clause.quote)
        found = _find(bare, pieces, before) or _find(bare, pieces, 0)
        for start, end in found:
            for place in range(places[start], places[end - 1] + 1):
                marks[place].append(clause.ref)
        before = found[0][0] if found else before
    return [spans for spans in _paragraphs(text, marks) if spans]


def _find(bare: str, pieces: list[str], at: int) -> list[tuple[int, int]]:
    """Where the pieces stand one after the other from `at` on; nothing if one of them does not."""
    out = []
    for piece in pieces:
        start = bare.find(piece, at)
        if start < 0:
            return []
        at = start + len(piece)
        out.append((start, at))
    return out


def _paragraphs(text: str, marks: list[list[str]]) -> Iterator[list[Span]]:
    start = 0
    for line in text.splitlines(keepends=True):
        yield _spans(line.rstrip("\r\n"), marks[start : start + len(line)])
        start += len(line)


def _spans(line: str, marks: list[list[str]]) -> list[Span]:
    if not line.strip():
        return []
    spans: list[Span] = []
    begin = 0
    for place in range(1, len(line) + 1):
        if place == len(line) or marks[place] != marks[begin]:
            spans.append(Span(line[begin:place], tuple(marks[begin])))
            begin = place
    return spans


def _is_blank(character: str) -> bool:
    return character.isspace() or character in "\u3000\u200b\ufeff"
