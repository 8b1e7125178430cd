"""The bound volume of one person (装订成册，编制目录和页码) as one PDF: cover, contents, form and document pages in the
pack's order. Pages are brought one after the other: never more than one picture is open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from models.office.workbook_data import Record
from models.programme.pack import BoundVolume, Pack
from workers.volume import kai
from workers.volume.form_page import FormPages
from workers.volume.pen import LEADING, MARGIN, PAGE_HEIGHT, ROOM, Pen, copy, wrap

_COPIES = ("", "一式一份", "一式两份", "一式三份", "一式四份")
_LINE = 24.0
_TOP = 110.0
_LINES_A_PAGE = int((PAGE_HEIGHT - _TOP - 70) // _LINE)
_HEADER = 40.0
_SMALL, _BODY, _HEADING, _TITLE = 10.0, 12.0, 18.0, 24.0


@dataclass(frozen=True, slots=True)
class Papers:
    """A document with its pages: each gives its rebuilt picture when it is its turn."""

    title: str
    pages: Sequence[Callable[[], bytes]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the contents."""

    title: str
    first: int
    pages: int


@dataclass(frozen=True, slots=True)
class Bound:
    """The volume, and what its contents say."""

    data: bytes
    entries: tuple[Entry, ...]
    pages: int


@dataclass(frozen=True, slots=True)
class Whose:
    """What stands on the cover beside the person's form."""

    unit_name: str
    round_name: str
    on: date
    portrait: bytes | None


def bind(pack: Pack, record: Record, whose: Whose, papers: Sequence[Papers]) -> Bound:
    """Bind the volume of the person of `record`. Raises LookupError where the pack has no volume."""
    volume = pack.workbooks.bound_volume()
    form = FormPages(pack, record, whose.unit_name, whose.portrait) if pack.workbooks.form is not None else None
    given = [each for each in papers if each.pages]
    lines = len(given) + (1 if form else 0)
    front = 1 + max(1, -(-lines // _LINES_A_PAGE))
    entries = tuple(_entries(pack, form, given, front))
    total = front + sum(entry.pages for entry in entries)
    pen = Pen(f"{volume.title}　{record.receipt}")
    _cover(pen, pack, volume, record, whose, total)
    _contents(pen, entries, total)
    if form is not None:
        form.draw(pen, total)
    for each in given:
        for number, picture in enumerate(each.pages, start=1):
            _page(pen, each, number, copy(picture()), total)
    return Bound(pen.finish(), entries, pen.pages)


def _entries(pack: Pack, form: FormPages | None, papers: Sequence[Papers], front: int) -> Iterator[Entry]:
    at = front + 1
    if form is not None:
        yield Entry(pack.workbooks.person_form().title, at, form.count)
        at += form.count
    for each in papers:
        yield Entry(each.title, at, len(each.pages))
        at += len(each.pages)


def _cover(pen: Pen, pack: Pack, volume: BoundVolume, record: Record, whose: Whose, total: int) -> None:
    y = 190.0
    for line in wrap(kai.printable(volume.title), ROOM, _TITLE):
        pen.text(line, MARGIN, y, ROOM, _TITLE, "centre")
        y += _TITLE * LEADING
    y += 90
    name = str(record.answers.get("field:name") or "")
    told = [
        ("姓　　名", name),
        ("申报编号", record.receipt),
        ("批　　次", whose.round_name),
        ("受理单位", whose.unit_name),
        ("装订日期", f"{whose.on.year}年{whose.on.month}月{whose.on.day}日"),
        ("份　　数", copies_of(pack)),
    ]
    for label, value in told:
        pen.text(f"{label}：", MARGIN + 90, y, 90, 14)
        for line in wrap(kai.printable(value), ROOM - 180, 14) if value else [""]:
            pen.text(line, MARGIN + 170, y, ROOM - 180, 14)
            y += 14 * LEADING
        y += 12
    pen.end_page(total)


def copies_of(pack: Pack) -> str:
    """In how many copies the notice wants the form."""
    copies = pack.workbooks.form.copies if pack.workbooks.form is not None else 1
    return _COPIES[copies] if copies < len(_COPIES) else f"一式{copies}份"


def _contents(pen: Pen, entries: Sequence[Entry], total: int) -> None:
    starts = range(0, max(len(entries), 1), _LINES_A_PAGE)
    for start in starts:
        pen.text("目　　录", MARGIN, 60, ROOM, _HEADING, "centre")
        for line, entry in enumerate(entries[start : start + _LINES_A_PAGE]):
            y = _TOP + line * _LINE
            title = wrap(kai.printable(f"{start + line + 1}. {entry.title}"), ROOM - 60, _BODY)[0]
            pen.text(title, MARGIN, y, ROOM, _BODY)
            begins = MARGIN + kai.width(title, _BODY) + 6
            pen.dots(begins, y + _BODY, MARGIN + ROOM - 30 - begins)
            pen.text(str(entry.first), MARGIN, y, ROOM, _BODY, "right")
        pen.end_page(total)


def _page(pen: Pen, papers: Papers, number: int, jpeg: bytes, total: int) -> None:
    heading = papers.title if len(papers.pages) == 1 else f"{papers.title}（{number}/{len(papers.pages)}）"
    pen.text(kai.printable(heading), MARGIN, 26, ROOM, _SMALL)
    pen.picture(jpeg, MARGIN / 2, _HEADER, ROOM + MARGIN, PAGE_HEIGHT - _HEADER - 46)
    pen.end_page(total)
