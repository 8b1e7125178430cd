"""The cover note 说明: when built, whether the numbers add up, what is left out and why, what is still open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from models.application.lifecycle import PASSED
from models.interview.wording import say
from models.office.workbook_data import Record, UnitRecords
from models.programme.pack import Pack, UnitField
from workers.sheets import styles
from workers.sheets.cells import ColumnStyle, Value
from workers.sheets.sheet_xml import Feed
from workers.sheets.stream import Block
from workers.sheets.text import TEXT, lines

SHEET = "说明"
_LETTERS = "ABC"
WIDTHS = (6.0, 24.0, 66.0)
EDITION = "回传编号（请勿改动）"
INFERRED = "列次序由办公室确认"


@dataclass(frozen=True, slots=True)
class CoverLooks:
    """The styles of the kinds of lines; all but a `row` are one cell over the whole width."""

    heading: tuple[ColumnStyle, ...]
    section: tuple[ColumnStyle, ...]
    warning: tuple[ColumnStyle, ...]
    row: tuple[ColumnStyle, ...]


@dataclass(frozen=True, slots=True)
class Entered:
    """The columns of a table that the unit fills in, and the people who stand in it."""

    fields: tuple[UnitField, ...]
    records: Sequence[Record]


def draw_cover(workbook: Workbook) -> CoverLooks:
    """Append the sheet to `workbook`, without what it says."""
    sheet: Worksheet = workbook.create_sheet(SHEET)
    for letter, width in zip(_LETTERS, WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    styles.page(sheet, landscape=False)
    sheet.print_area = "A1:C1"
    sheet.sheet_view.showGridLines = False

    heading, section, warning, centred, left = (
        styles.register(workbook, look, TEXT)
        for look in (
            styles.Look(styles.HEADING, styles.CENTRE),
            styles.Look(styles.STRONG, styles.LEFT, fill=styles.SHADE),
            styles.Look(styles.WARNING, styles.LEFT),
            styles.Look(styles.NOTE, styles.CENTRE, styles.SOFT_BOX),
            styles.Look(styles.NOTE, styles.LEFT, styles.SOFT_BOX),
        )
    )
    row = tuple(ColumnStyle(letter, *ids) for letter, ids in zip(_LETTERS, (centred, left, left), strict=True))
    whole = [(ColumnStyle("A", *ids),) for ids in (heading, section, warning)]
    return CoverLooks(whole[0], whole[1], whole[2], row)


def cover_feed(
    looks: CoverLooks,
    pack: Pack,
    unit: UnitRecords,
    on: date,
    table: str,
    *,
    inferred: bool,
    rows: int | None = None,
    people: bool = True,
    entered: Entered | None = None,
    sheet: str = SHEET,
    edition: str = "",
) -> Feed:
    """What `sheet` says of `unit`. `rows`: how many of the people stand in the table, if not all; `people`: whether
    it is about people at all; `entered`: what of it the unit fills in; `edition`: by
    which a file that comes back tells what it was made from."""
    note = _Note(looks, sheet)
    note.heading(f"{table}　说明")
    for label, text in _facts(pack, unit, on):
        note.pair(label, text)
    if edition:
        note.pair(EDITION, edition)
    if people:
        _check(note, unit, rows)
    if entered is not None and entered.fields:
        _entered(note, entered)
    if inferred:
        note.section(INFERRED)
        note.warning("通知正文没有给出本表的栏目样式；本表的栏目按填写说明推出，栏目与列次序由办公室确认后使用。")
    _open_points(note, pack)
    return note.feed()


def _check(note: _Note, unit: UnitRecords, rows: int | None) -> None:
    note.section("核对：收到＝列入＋未列入")
    note.pair("收到", f"{unit.records_in} 份{_from_below(unit)}")
    note.pair("列入", f"{len(unit.records)} 份{_by_status(unit)}")
    if rows is not None and rows < len(unit.records):
        note.pair("其中本表", f"{rows} 人（其余 {len(unit.records) - rows} 人不属于本表）")
    note.pair("未列入", f"{len(unit.exclusions)} 份（逐份列于下）" if unit.exclusions else "0 份")
    for number, exclusion in enumerate(unit.exclusions, start=1):
        note.numbered(number, exclusion.receipt, say(f"workbook.out.{exclusion.reason}", "zh"))


def _entered(note: _Note, entered: Entered) -> None:
    """Which columns are confidential, and whose the unit has still to fill in."""
    labels = {field.id: field.official or field.label.zh for field in entered.fields}
    note.section("由单位填写的栏目")
    note.pair("栏目", "、".join(dict.fromkeys(labels.values())))
    secret = dict.fromkeys(labels[field.id] for field in entered.fields if field.confidential)
    if secret:
        note.pair("保密", f"{'、'.join(secret)}：请勿外传，本人看不到")
    waiting = [(r, [labels[key] for key in r.unit_lacking if key in labels]) for r in entered.records]
    waiting = [(record, lacking) for record, lacking in waiting if lacking]
    note.pair("还没填", f"{len(waiting)} 人（逐人列于下）" if waiting else "0 人")
    for number, (record, lacking) in enumerate(waiting, start=1):
        name = str(record.answers.get("field:name") or "")
        note.numbered(number, record.receipt, "：".join(filter(None, (name, "、".join(lacking)))))


def _facts(pack: Pack, unit: UnitRecords, on: date) -> Iterable[tuple[str, str]]:
    programme = pack.programme
    yield "项目", programme.title.zh
    if programme.document_number:
        yield "文号", programme.document_number
    yield "批次", unit.round_name
    yield "报送单位", unit.unit_name
    yield "生成日期", f"{on.year}年{on.month}月{on.day}日"
    yield "方案版本", programme.version
    older = sum(1 for r in unit.records if r.pack_version and r.pack_version != programme.version)
    if older:
        yield "旧版方案", f"有 {older} 份按较早的方案版本审定"


def _by_status(unit: UnitRecords) -> str:
    approved = sum(1 for r in unit.records if r.status in PASSED)
    return f"（已审核通过 {approved} 份，待审核 {len(unit.records) - approved} 份）" if unit.records else ""


def _from_below(unit: UnitRecords) -> str:
    below = unit.below()
    if not below:
        return ""
    own = unit.records_in - sum(below.values())
    shares = [f"本单位 {own} 份", *(f"{name} {count} 份" for name, count in below.items())]
    return f"（{'，'.join(shares)}；下级单位的同时列在各自的表里）"


def _open_points(note: _Note, pack: Pack) -> None:
    points = pack.programme.open_points
    if not points:
        return
    note.section("通知未明确、待办公室确定的事项")
    for number, point in enumerate(points, start=1):
        default = f"\n目前的处理：{point.default.zh}" if point.default else ""
        note.numbered(number, point.clause, point.reason.zh + default)


class _Note:
    """Writes downwards."""

    def __init__(self, looks: CoverLooks, sheet: str) -> None:
        self._looks, self._sheet = looks, sheet
        self._blocks: list[Block] = []
        self._merges: list[str] = []

    def heading(self, text: str) -> None:
        self._across(self._looks.heading, text, 30.0)

    def section(self, text: str) -> None:
        self._across(self._looks.section, text, 24.0)

    def warning(self, text: str) -> None:
        self._across(self._looks.warning, text, lines(text, sum(WIDTHS)) * 15.0 + 4)

    def pair(self, label: str, text: str) -> None:
        self._line(None, label, text)

    def numbered(self, number: int, label: str, text: str) -> None:
        self._line(number, label, text)

    def feed(self) -> Feed:
        return Feed(self._sheet, self._blocks, {1: len(self._blocks)}, self._merges)

    def _line(self, number: int | None, label: str, text: str) -> None:
        needed = max(lines(text, WIDTHS[2]), lines(label, WIDTHS[1]))
        self._add(self._looks.row, (number, label, text), needed * 15.0 + 5)

    def _across(self, look: tuple[ColumnStyle, ...], text: str, height: float) -> None:
        self._add(look, (text,), height)
        self._merges.append(f"A{len(self._blocks)}:C{len(self._blocks)}")

    def _add(self, look: tuple[ColumnStyle, ...], line: tuple[Value, ...], height: float) -> None:
        self._blocks.append(Block(len(self._blocks) + 1, 1, look, [line], height))
