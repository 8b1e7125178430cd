"""A part of a unit's papers as one PDF: cover, contents, then person by person the form and the papers in the pack's
order, pages numbered through. Seal and signatures are left blank. Pictures are brought one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import structlog

from models.errors import NotFound
from models.office.workbook_data import Record
from models.programme.pack import Pack
from workers.volume import kai
from workers.volume.bind import Bound, Entry, Papers, copies_of
from workers.volume.form_page import FormPages
from workers.volume.pen import LEADING, MARGIN, PAGE_HEIGHT, ROOM, Pen, copy, wrap

log = structlog.get_logger(__name__)

_LINE, _TOP = 20.0, 104.0
_LINES_A_PAGE = int((PAGE_HEIGHT - _TOP - 60) // _LINE)
_HEADER, _SMALL, _BODY, _TITLE = 40.0, 10.0, 11.0, 24.0
_MISSING = "（这一页的照片缺失，请本人补交）"


@dataclass(frozen=True, slots=True)
class Person:
    """One person's form and papers; `pack` is of the version that judged them."""

    pack: Pack
    record: Record
    portrait: bytes | None
    papers: Sequence[Papers]

    @property
    def name(self) -> str:
        """As it stands in the form."""
        return str(self.record.answers.get("field:name") or self.record.receipt)

    def form(self, unit_name: str) -> FormPages | None:
        """The form laid out, where the programme has one."""
        if self.pack.workbooks.form is None:
            return None
        return FormPages(self.pack, self.record, unit_name, self.portrait)


@dataclass(frozen=True, slots=True)
class Cover:
    """What stands on the cover of a part."""

    pack: Pack
    title: str
    unit_name: str
    round_name: str
    on: date
    part: int
    parts: int


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the contents: a person, or below one a part of their papers."""

    title: str
    first: int
    inner: bool


def length(person: Person, unit_name: str) -> int:
    """How many pages one person's papers take."""
    form = person.form(unit_name)
    return (form.count if form else 0) + sum(len(each.pages) for each in person.papers)


def bind_part(cover: Cover, people: Sequence[Person]) -> Bound:
    """Bind these people's papers."""
    forms = [person.form(cover.unit_name) for person in people]
    held = [list(_pieces(person, form)) for person, form in zip(people, forms, strict=True)]
    count = sum(1 + len(pieces) for pieces in held)
    front = 1 + max(1, -(-count // _LINES_A_PAGE))
    lines = list(_lines(people, held, front + 1))
    total = front + sum(pages for pieces in held for _title, pages in pieces)
    pen = Pen(f"{cover.unit_name}　{cover.title}")
    _cover(pen, cover, people, total)
    _contents(pen, lines, total)
    for person, form in zip(people, forms, strict=True):
        if form is not None:
            form.draw(pen, total)
        for each in person.papers:
            for number in range(len(each.pages)):
                _page(pen, person, each, number, total)
    return Bound(pen.finish(), tuple(Entry(line.title, line.first, 0) for line in lines), pen.pages)


def _pieces(person: Person, form: FormPages | None) -> Iterator[tuple[str, int]]:
    if form is not None:
        yield person.pack.workbooks.person_form().title, form.count
    for each in person.papers:
        yield each.title, len(each.pages)


def _lines(people: Sequence[Person], held: Sequence[Sequence[tuple[str, int]]], at: int) -> Iterator[_Line]:
    for number, (person, pieces) in enumerate(zip(people, held, strict=True), start=1):
        yield _Line(f"{number}. {person.name}（{person.record.receipt}）", at, inner=False)
        for title, pages in pieces:
            yield _Line(title, at, inner=True)
            at += pages


def _cover(pen: Pen, cover: Cover, people: Sequence[Person], total: int) -> None:
    y = 170.0
    for text in (cover.pack.programme.title.zh, cover.title):
        for line in wrap(kai.printable(text), ROOM, _TITLE):
            pen.text(line, MARGIN, y, ROOM, _TITLE, "centre")
            y += _TITLE * LEADING
        y += 8
    y += 60
    form = cover.pack.workbooks.form
    copies = [("份　　数", copies_of(cover.pack))] if form is not None and form.copies > 1 else []
    told = [
        ("报送单位", cover.unit_name),
        ("批　　次", cover.round_name),
        ("本册人数", f"{len(people)} 人"),
        ("本册页数", f"{total} 页"),
        ("册　　次", f"第 {cover.part} 册，共 {cover.parts} 册"),
        *copies,
        ("装订日期", f"{cover.on.year}年{cover.on.month}月{cover.on.day}日"),
        ("经 办 人", "（签名）"),
        ("审 核 人", "（签名）"),
    ]
    for label, value in told:
        pen.text(f"{label}：", MARGIN + 70, y, 90, 14)
        for line in wrap(kai.printable(value), ROOM - 160, 14):
            pen.text(line, MARGIN + 150, y, ROOM - 160, 14)
            y += 14 * LEADING
        y += 9
    pen.text("（单位公章）", MARGIN, PAGE_HEIGHT - 130, ROOM - 60, 14, "right")
    pen.text("年　　月　　日", MARGIN, PAGE_HEIGHT - 104, ROOM - 40, 14, "right")
    pen.end_page(total)


def _contents(pen: Pen, lines: Sequence[_Line], total: int) -> None:
    for start in range(0, max(len(lines), 1), _LINES_A_PAGE):
        pen.text("目　　录", MARGIN, 56, ROOM, 18, "centre")
        for place, line in enumerate(lines[start : start + _LINES_A_PAGE]):
            y, left = _TOP + place * _LINE, MARGIN + (22 if line.inner else 0)
            title = wrap(kai.printable(line.title), ROOM - 90, _BODY)[0]
            pen.text(title, left, y, ROOM, _BODY)
            begins = left + kai.width(title, _BODY) + 6
            pen.dots(begins, y + _BODY, MARGIN + ROOM - 30 - begins)
            pen.text(str(line.first), MARGIN, y, ROOM, _BODY, "right")
        pen.end_page(total)


def _page(pen: Pen, person: Person, papers: Papers, number: int, total: int) -> None:
    count = len(papers.pages)
    part = f"（{number + 1}/{count}）" if count > 1 else ""
    pen.text(kai.printable(f"{person.name}　{papers.title}{part}"), MARGIN, 26, ROOM, _SMALL)
    try:
        picture = copy(papers.pages[number]())
    except NotFound:  # one lost file does not keep forty people's papers back; the page says so
        log.error("page_missing", application=person.record.application_id)
        pen.text(_MISSING, MARGIN, PAGE_HEIGHT / 2, ROOM, 14, "centre")
    else:
        pen.picture(picture, MARGIN / 2, _HEADER, ROOM + MARGIN, PAGE_HEIGHT - _HEADER - 46)
    pen.end_page(total)
