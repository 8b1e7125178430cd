"""A workbook without its rows: drawn by openpyxl or uploaded by an office, and continued with rows as often as needed.

Only what is fed is touched: styles, pictures, merged heads, print set-up and validations stay byte for byte what they
were. Its XML is parted as text (`sheet_xml`) because a parser that writes it again loses the declarations that other
programs' extensions rest on.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from xml.sax.saxutils import escape

from defusedxml.ElementTree import fromstring
from openpyxl.utils import get_column_letter

from workers.sheets.cells import ColumnStyle
from workers.sheets.sheet_added import add_sheet
from workers.sheets.sheet_xml import Feed, SheetXml, stretch_names
from workers.sheets.style_xml import StyleXml
from workers.sheets.text import clean, encode
from workers.sheets.zipping import ZipStream

_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_OFFICE = f"{_RELATIONS}/officeDocument"
_STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument"
_XML = (".xml", ".rels")
_MARK = re.compile("\x7f([a-z_]+)\x7f")  # a character that nobody types, and XML serialisers leave as it is
_ANCHOR = re.compile(rb"<(?:\w+:)?from>.*?<(?:\w+:)?row>(\d+)</", re.DOTALL)
_MARK_START = b"\x7f"


def mark(name: str) -> str:
    """A place in a shell for a text that is known when rows are written (`texts` of `Shell.write`)."""
    return f"\x7f{name}\x7f"


class Shell:
    """An .xlsx as parts. Bytes that came from outside are looked at by `guard.inspect` before they come here.

    ValueError: no workbook, or one in another encoding than UTF-8 (no program writes such).
    """

    def __init__(self, data: bytes) -> None:
        try:
            with zipfile.ZipFile(BytesIO(data)) as archive:
                self._parts = {info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()}
            self._workbook = self._find_workbook()
            self._sheets = dict(self._find_sheets())
        except (KeyError, SyntaxError, zipfile.BadZipFile) as error:
            raise ValueError("no workbook") from error
        self._parted: dict[str, SheetXml] = {}

    @property
    def sheets(self) -> tuple[str, ...]:
        """The titles of the sheets, in the workbook's order."""
        return tuple(self._sheets)

    @property
    def parts(self) -> dict[str, str]:
        """The part of each sheet, by its title."""
        return dict(self._sheets)

    def columns_like(
        self,
        sheet: str,
        row: int,
        numbers: Collection[str] = (),
        letters: Collection[str] = (),
        *,
        wrap: bool = False,
    ) -> list[ColumnStyle]:
        """Styles for rows that look like `row` of `sheet` (a sample row of a template), for each cell it has and for
        `letters`, which look like the workbook's ordinary cells where it has none; from left to right.

        Columns whose letters are in `numbers` keep their number format, all others are formatted as text; with `wrap`
        a text that is wider than its column goes on in the next line instead of being cut off. The styles are added to
        this shell. ValueError: a sheet that is not there, a row without cells, or damaged styles.
        """
        name = self._styles_part()
        found = dict.fromkeys(letters, 0) | self._sheet(self._part(sheet)).styles_of(row)
        found = dict(sorted(found.items(), key=lambda pair: (len(pair[0]), pair[0])))
        if not found or not name:
            raise ValueError(f"{sheet!r} has no cells in row {row} to go by")
        styles = StyleXml(self._parts[name])
        columns = []
        for letter, style in found.items():
            text = letter not in numbers
            plain, quoted = (styles.like(style, text=text, quoted=each, wrap=wrap and text) for each in (False, True))
            columns.append(ColumnStyle(letter, plain, quoted))
        self._parts[name] = styles.to_bytes()
        return columns

    def add_sheet(self, title: str, widths: Sequence[float]) -> list[ColumnStyle]:
        """Append an empty sheet with columns of `widths` and give a style for texts in each of them.

        No other sheet is touched: the workbook's list of sheets, its relations and the content types get one line
        each, the styles two. ValueError: a title that is there, or a part of the package that is not.
        """
        if title.casefold() in {name.casefold() for name in self._sheets} or not self._styles_part():
            raise ValueError(f"no place for a sheet {title!r}")
        part = add_sheet(self._parts, self._workbook, title, widths)
        self._sheets[title] = part
        styles = StyleXml(self._parts[self._styles_part()])
        plain, quoted = (styles.note(quoted=each) for each in (False, True))
        self._parts[self._styles_part()] = styles.to_bytes()
        return [ColumnStyle(get_column_letter(number), plain, quoted) for number in range(1, len(widths) + 1)]

    def anchors(self, sheet: str) -> list[int]:
        """The rows, from 1 on, at which pictures and shapes of `sheet` begin. ValueError: no such sheet."""
        folder, file = posixpath.split(self._part(sheet))
        relations = self._parts.get(f"{folder}/_rels/{file}.rels", b"<Relationships/>")
        drawings = (_resolve(folder, each.get("Target", "")) for each in fromstring(relations))
        return [int(row) + 1 for name in drawings for row in _ANCHOR.findall(self._parts.get(name, b""))]

    def _styles_part(self) -> str:
        return next((name for name in self._parts if name.endswith("/styles.xml")), "")

    def write(
        self, target: BinaryIO | Path, feeds: Sequence[Feed] = (), texts: Mapping[str, str] | None = None
    ) -> None:
        """The workbook with `feeds` in its sheets and, if given, `texts` at every mark. Same content: same bytes.

        Memory does not grow with the rows; a target that cannot seek will do. What has been written to it when an error
        is raised is no workbook; a path then holds what it held. ValueError: a sheet that is not there or fed twice, or
        what `SheetXml.fed` and `ZipStream.add` refuse; KeyError: a mark without its text.
        """
        fed = {self._part(feed.sheet): feed for feed in feeds}
        if len(fed) < len(feeds):
            raise ValueError("a sheet is fed twice")
        if isinstance(target, Path):
            self._write_file(target, feeds, texts)
            return
        archive = ZipStream(target)
        for name in self._parts:
            archive.add(name, self._pieces(name, fed, texts))
        archive.finish()

    def _write_file(self, path: Path, feeds: Sequence[Feed], texts: Mapping[str, str] | None) -> None:
        """A whole workbook or none at `path`."""
        unfinished = path.with_name(f".{path.name}.part")
        try:
            with unfinished.open("wb") as file:
                self.write(file, feeds, texts)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)

    def to_bytes(self, feeds: Sequence[Feed] = (), texts: Mapping[str, str] | None = None) -> bytes:
        """As `write`, in memory."""
        out = BytesIO()
        self.write(out, feeds, texts)
        return out.getvalue()

    def _pieces(self, name: str, fed: Mapping[str, Feed], texts: Mapping[str, str] | None) -> Iterator[bytes]:
        """A part, and only the shell's own words with marks replaced: what is fed may look like one."""
        fill = partial(_filled, texts=texts if name.endswith(_XML) else None)
        if name in fed:
            yield from self._sheet(name).fed(fed[name], fill)
        elif name == self._workbook:
            order = list(self._sheets.values())
            yield fill(stretch_names(self._parts[name], {order.index(part): feed for part, feed in fed.items()}))
        else:
            yield fill(self._parts[name])

    def _sheet(self, name: str) -> SheetXml:
        if name not in self._parted:
            self._parted[name] = SheetXml(self._parts[name])
        return self._parted[name]

    def _part(self, title: str) -> str:
        if title not in self._sheets:
            raise ValueError(f"no sheet {title!r}")
        return self._sheets[title]

    def _find_workbook(self) -> str:
        for each in fromstring(self._parts["_rels/.rels"]):
            if each.get("Type") in (_OFFICE, _STRICT_OFFICE):
                return _resolve("", each.get("Target", ""))
        raise KeyError("officeDocument")

    def _find_sheets(self) -> Iterator[tuple[str, str]]:
        folder, file = posixpath.split(self._workbook)
        relations = fromstring(self._parts[f"{folder}/_rels/{file}.rels".lstrip("/")])
        targets = {each.get("Id"): _resolve(folder, each.get("Target", "")) for each in relations}
        for each in fromstring(self._parts[self._workbook]).iter():
            if each.tag.endswith("}sheet"):
                ident = next((value for key, value in each.items() if key.endswith("}id")), None)
                part = targets[ident]
                if part not in self._parts:
                    raise KeyError(part)
                yield each.get("name", ""), part


def _resolve(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def _filled(piece: bytes, texts: Mapping[str, str] | None) -> bytes:
    """`piece` with each mark replaced by its text, fit for an element and for an attribute."""
    if texts is None or _MARK_START not in piece:
        return piece
    return _MARK.sub(lambda found: escape(encode(clean(texts[found[1]])), {'"': "&quot;"}), piece.decode()).encode()
