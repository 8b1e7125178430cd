"""A new pack folder: every file in the right shape, with 待填 where its author has to write.

Out of the notice's text come its numbered paragraphs, by reference and heading; its words stay where they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from models.errors import PackError
from models.programme import numbering, unfilled

TEMPLATES = Path(__file__).resolve().parent.parent / "packs" / "_scaffold"
_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_ENDS = re.compile(r"[。；;：:，,（(\n]")
_TELEPHONE = re.compile(r"\d{7}")
_LONGEST = 24
_ENTRY = '\n[[clause]]\nref = "{ref}"{note}\nheading = "{heading}"\n'
_TWICE = f"  # {{ref}} stands in the text before: give this one a name of its own instead of {unfilled.WORD}"


def make(folder: Path, notice_text: str | None) -> int:
    """Make the folder, named after the pack; how many paragraphs were found in the text.

    Raises PackError where the name cannot be a pack's or something is there already.
    """
    if not _SLUG.fullmatch(folder.name):
        raise PackError(folder.name, "", "a pack is called by small letters, digits and -, such as some-town-2026")
    if folder.exists():
        raise PackError(folder.name, "", "there is something of this name already; nothing was changed")
    paragraphs = list(_paragraphs(notice_text or ""))
    folder.mkdir(parents=True)
    for template in sorted(TEMPLATES.glob("*.toml")):
        text = template.read_text(encoding="utf-8").replace("{slug}", folder.name)
        if template.stem == "clauses":
            text += "".join(paragraphs or [_ENTRY.format(ref="一", note="", heading=unfilled.WORD)])
        (folder / template.name).write_text(text, encoding="utf-8")
    return len(paragraphs)


def _paragraphs(text: str) -> Iterator[str]:
    seen: set[str] = set()
    for ref, words in numbering.numbered_paragraphs(text):
        again = ref in seen
        seen.add(ref)
        note = _TWICE.format(ref=ref) if again else ""
        yield _ENTRY.format(ref=unfilled.WORD if again else ref, note=note, heading=_heading(words))


def _heading(words: str) -> str:
    """The first words of a paragraph, up to the first stop; 待填 where there are none, or a telephone number."""
    first = _ENDS.split(numbering.without_number(words), maxsplit=1)[0].strip()
    heading = "".join(char for char in first if char.isprintable() and char not in '"\\')[:_LONGEST]
    return unfilled.WORD if not heading or _TELEPHONE.search(heading) else heading
