"""The XML of a sheet, parted around its rows, and put together again with further ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from xml.parsers.expat import ExpatError, ParserCreate

from openpyxl.utils import get_column_letter, range_boundaries

from workers.sheets.stream import Block, row_chunks

_CONTENT = {"v", "is", "f"}
# What a worksheet may have between its rows and its merged ranges (ECMA-376 part 1, 18.3.1.99: a sequence).
_BEFORE_MERGES = {
    *("sheetCalcPr", "sheetProtection", "protectedRanges", "scenarios", "autoFilter", "sortState"),
    *("dataConsolidate", "customSheetViews"),
}
_STRETCHING = {"autoFilter", "conditionalFormatting", "dataValidations", "extLst", "ignoredErrors", "protectedRanges"}
_MOVING = _STRETCHING | {"mergeCells", "hyperlinks"}
_PLACES = re.compile(rb'(\s(?:sq)?ref="|<xm:sqref>)([^"<]*)')
_RANGE = re.compile(rb"((?:[A-Z]{1,3}\d+:)?)([A-Z]{1,3})(\d+)(?![\d:])")
_NAMED_RANGE = re.compile(rb"(?<=!)((?:\$[A-Z]{1,3}\$\d+:)?)(\$[A-Z]{1,3}\$)(\d+)(?![\d:])")
_LOCAL_NAME = re.compile(rb'(<(?:\w+:)?definedName\b[^>]*\slocalSheetId="(\d+)"[^>]*>)([^<]*)')
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*)")
_ATTRIBUTE = re.compile(rb'\s(r|s)="([^"]*)"')
_ROW_AT = re.compile(rb'(<(?:\w+:)?row\b[^>]*?\sr=")(\d+)(?=")')
_CELL_AT = re.compile(rb'(<(?:\w+:)?c\b[^>]*?\sr="[A-Z]{1,3})(\d+)(?=")')
_PLACE = re.compile(rb"([A-Z]{1,3})(\d+)")
_NAMED_PLACE = re.compile(rb"(\$)(\d+)(?!\d)")
_LETTERS = b"$ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_COUNT = re.compile(rb'\scount="\d+"')


@dataclass(frozen=True, slots=True)
class Feed:
    """What is written into one sheet: blocks from top to bottom, none overlapping.

    Ranges of the sheet (validations, filter, print area and the like) that end in a row that `ends` names end in the
    row given there afterwards. `merges` are further merged ranges, such as ``A9:F9``. What stands in the row `below`
    and under it moves `down` by so many rows, with its merged ranges, validations and links; formulas, pictures and
    page breaks do not.
    """

    sheet: str
    blocks: Sequence[Block]
    ends: Mapping[int, int] = field(default_factory=dict)
    merges: Sequence[str] = ()
    below: int = 0
    down: int = 0

    @property
    def last(self) -> int:
        """The number of the last row that is written; 0 where there is none."""
        return max((block.last for block in self.blocks if block.count), default=0)


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    xml: bytes
    holds: bool  # whether a cell of it has a value


class SheetXml:
    """A sheet's XML in pieces. ValueError: no worksheet, a DTD, or another encoding than UTF-8."""

    def __init__(self, data: bytes) -> None:
        reading = _Reading()
        reading.read(data)
        if reading.rows_end is None:
            raise ValueError("no sheetData element")
        starts = [*(start for _, start in reading.children), reading.end]
        pieces = [(name, data[a:b]) for (name, a), b in zip(reading.children, starts[1:], strict=True)]
        place = [name for name, _ in pieces].index("sheetData")
        self._prefix = reading.prefix.encode()
        self._namespace = reading.namespace.encode()
        self._opening = data[: starts[0]]
        self._before, self._after = pieces[:place], pieces[place + 1 :]
        self._closing = data[reading.end :]
        bounds = [*(row.start for row in reading.rows), reading.rows_end]
        self._rows = [
            _Row(row.number, data[a:b], row.holds) for row, (a, b) in zip(reading.rows, pairwise(bounds), strict=True)
        ]

    def styles_of(self, row: int) -> dict[str, int]:
        """The style ids of the cells of a row, by column letter; empty where the sheet has no such row."""
        xml = next((each.xml for each in self._rows if each.number == row), b"")
        cells = (dict(_ATTRIBUTE.findall(attributes)) for attributes in _CELL.findall(xml))
        return {cell[b"r"].rstrip(b"0123456789").decode(): int(cell.get(b"s", 0)) for cell in cells if b"r" in cell}

    def fed(self, feed: Feed, fill: Callable[[bytes], bytes]) -> Iterator[bytes]:
        """The whole sheet with `feed` in it; `fill` has a look at what is the sheet's own.

        ValueError: blocks that overlap, a row that holds something where one is fed, and what `row_chunks` refuses.
        """
        yield fill(self.head(feed))
        yield from self._all_rows(feed, fill)
        yield fill(self.tail(feed))

    def head(self, feed: Feed) -> bytes:
        """Everything before the rows; its dimension covers what is fed too."""
        parts = [self._opening]
        parts += [self._dimension(xml, feed) if name == "dimension" else xml for name, xml in self._before]
        # Rows are written without a prefix, whatever the rest of the sheet has.
        namespace = b' xmlns="%s"' % self._namespace if self._prefix else b""
        parts.append(b"<%ssheetData%s>" % (self._prefix, namespace))
        return b"".join(parts)

    def _all_rows(self, feed: Feed, fill: Callable[[bytes], bytes]) -> Iterator[bytes]:
        waiting = iter([*(_moved_row(row, feed) for row in self._rows), None])
        row = next(waiting)
        done = 0
        for block in feed.blocks:
            if block.first <= done:
                raise ValueError(f"a block from row {block.first} on after row {done}")
            while row is not None and row.number < block.first:
                yield fill(row.xml)
                row = next(waiting)
            yield from row_chunks(block)
            done = max(block.last, block.first - 1)
            while row is not None and row.number <= done:
                if row.holds:
                    raise ValueError(f"row {row.number} of the sheet is not empty")
                row = next(waiting)
        while row is not None:
            yield fill(row.xml)
            row = next(waiting)

    def tail(self, feed: Feed) -> bytes:
        """Everything after the rows, with ranges stretched and merged ranges added."""
        parts = [b"</%ssheetData>" % self._prefix]
        merged = not feed.merges
        for name, whole in self._after:
            xml = _moved_ranges(whole, feed) if name in _MOVING else whole
            if not merged and name not in _BEFORE_MERGES:
                merged = True
                if name == "mergeCells":
                    parts.append(self._merges(feed.merges, xml))
                    continue
                parts.append(self._merges(feed.merges))
            parts.append(self._stretched(xml, feed) if name in _STRETCHING else xml)
        if not merged:
            parts.append(self._merges(feed.merges))
        parts.append(self._closing)
        return b"".join(parts)

    def _stretched(self, xml: bytes, feed: Feed) -> bytes:
        return _PLACES.sub(lambda found: found[1] + _stretched(_RANGE, found[2], feed.ends), xml)

    def _dimension(self, xml: bytes, feed: Feed) -> bytes:
        found = _PLACES.search(xml)
        if found is None:
            return xml
        right = max(range_boundaries(found[2].decode())[2] or 1, *(len(block.columns) for block in feed.blocks), 1)
        bottom = max(feed.last, *(_moved(row.number, feed) for row in self._rows), 1)
        covered = b"A1:%s%d" % (get_column_letter(right).encode(), bottom)
        return xml[: found.start(2)] + covered + xml[found.end(2) :]

    def _merges(self, ranges: Sequence[str], xml: bytes = b"") -> bytes:
        """The mergeCells element; `xml` is the one that the sheet has."""
        prefix = self._prefix
        added = b"".join(b'<%smergeCell ref="%s"/>' % (prefix, each.encode()) for each in ranges)
        count = xml.count(b"<%smergeCell " % prefix) + len(ranges)
        if not xml:
            return b'<%smergeCells count="%d">%s</%smergeCells>' % (prefix, count, added, prefix)
        xml = _COUNT.sub(b' count="%d"' % count, xml, count=1)
        before, end, after = xml.rpartition(b"</")
        return before + added + end + after


def stretch_names(workbook_xml: bytes, feeds: Mapping[int, Feed]) -> bytes:
    """`workbook_xml` with the names that sheets have (print area, filter) stretched; `feeds` by the sheet's index."""

    def name(found: re.Match[bytes]) -> bytes:
        feed = feeds.get(int(found[2]))
        if feed is None:
            return found[0]
        return found[1] + _stretched(_NAMED_RANGE, _moved_places(_NAMED_PLACE, found[3], feed), feed.ends)

    return _LOCAL_NAME.sub(name, workbook_xml)


def _moved(row: int, feed: Feed) -> int:
    return row + feed.down if feed.down and row >= feed.below else row


def _moved_row(row: _Row, feed: Feed) -> _Row:
    """ValueError: a row that has to move and does not say its number."""
    number = _moved(row.number, feed)
    if number == row.number:
        return row
    xml, found = _ROW_AT.subn(rb"\g<1>%d" % number, row.xml, count=1)
    if not found:
        raise ValueError(f"row {row.number} does not say its number")
    return _Row(number, _CELL_AT.sub(rb"\g<1>%d" % number, xml), row.holds)


def _moved_ranges(xml: bytes, feed: Feed) -> bytes:
    if not feed.down:
        return xml
    return _PLACES.sub(lambda found: found[1] + _moved_places(_PLACE, found[2], feed), xml)


def _moved_places(pattern: re.Pattern[bytes], ranges: bytes, feed: Feed) -> bytes:
    return pattern.sub(lambda found: b"%s%d" % (found[1], _moved(int(found[2]), feed)), ranges)


def _stretched(pattern: re.Pattern[bytes], ranges: bytes, ends: Mapping[int, int]) -> bytes:
    """Each of `ranges` that ends in a row of `ends` to the row given there; never to one above its first."""

    def stretch(found: re.Match[bytes]) -> bytes:
        first, column, last = found[1], found[2], int(found[3])
        end = max(ends.get(last, last), int(first.rstrip(b":").lstrip(_LETTERS)) if first else last)
        if end == last:
            return found[0]
        return b"%s%s%d" % (first or found[0] + b":", column, end)

    return pattern.sub(stretch, ranges)


class _Start:
    def __init__(self, number: int, start: int) -> None:
        self.number, self.start, self.holds = number, start, False


class _Reading:
    """Finds where the children of a worksheet and its rows begin, as byte positions."""

    def __init__(self) -> None:
        self.children: list[tuple[str, int]] = []
        self.rows: list[_Start] = []
        self.rows_end: int | None = None
        self.end = 0
        self.prefix = self.namespace = ""
        self._depth = 0
        self._parser = ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._stop
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.XmlDeclHandler = self._declaration

    def read(self, data: bytes) -> None:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise ValueError("in UTF-16, not UTF-8")
        try:
            self._parser.Parse(data, True)
        except ExpatError as error:
            raise ValueError("no well-formed XML") from error

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        prefix, _, local = name.rpartition(":")
        at = self._parser.CurrentByteIndex
        self._depth += 1
        if self._depth == 1:
            self.prefix = f"{prefix}:" if prefix else ""
            self.namespace = attributes[f"xmlns:{prefix}" if prefix else "xmlns"]
            if local != "worksheet":
                raise ValueError("no worksheet")
        elif self._depth == 2:
            self.children.append((local, at))
        elif self._depth == 3 and self.children[-1][0] == "sheetData":
            before = self.rows[-1].number if self.rows else 0
            self.rows.append(_Start(int(attributes.get("r", before + 1)), at))
        elif self._depth > 3 and local in _CONTENT and self.children[-1][0] == "sheetData":
            self.rows[-1].holds = True

    def _stop(self, name: str) -> None:
        if self._depth == 1:
            self.end = self._parser.CurrentByteIndex
        elif self._depth == 2 and self.children[-1][0] == "sheetData":
            self.rows_end = self._parser.CurrentByteIndex
        self._depth -= 1

    def _doctype(self, *_: object) -> None:
        raise ValueError("a document type declaration")

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if (encoding or "utf-8").lower() != "utf-8":
            raise ValueError(f"in {encoding}, not UTF-8")
