"""How many cells a workbook's sheets hold and how far they reach: a reader takes memory for everything in between."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers.expat import ExpatError, ParserCreate

from openpyxl.utils import column_index_from_string

_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_NUMBER = re.compile(r"[0-9]{1,7}")


class TooMuch(Exception):
    """A part is beyond a limit, or no XML; `reason` is the last word of a wording key (`guard.Refused`)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Census:
    """Counts over the parts of one workbook: shared strings first, then the others in any order.

    Every part is read the same way: a reader goes by relationships, not by what a part's name or root says.
    """

    def __init__(self, rows: int, columns: int, cells: int, text: int) -> None:
        self._rows, self._columns, self._text_left = rows, columns, text
        self._cells_left = self._area_left = cells
        self._shared: list[int] = []
        self.formulas: list[tuple[int, int, str]] = []  # of the part read last: row, column, range of a shared one
        self._start_part()

    def count(self, pieces: Iterator[bytes]) -> None:
        """Read one part. Raises TooMuch."""
        self._start_part()
        parser = ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        try:
            for piece in pieces:
                parser.Parse(piece, False)
            parser.Parse(b"", True)
        except ExpatError as error:
            raise TooMuch("damaged") from error
        self._area_left -= self._bottom * self._right
        if self._area_left < 0:
            raise TooMuch("too_many_cells")

    def _start_part(self) -> None:
        self._row = self._column = self._bottom = self._right = self._length = 0
        self._kind = ""
        self.formulas = []
        self._index: list[str] | None = None  # what a value holds: of a shared string, its index

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name[name.find(":") + 1 :]
        if local == "c":
            self._cell(attributes)
        elif local == "v":
            self._index = []
            self._place()
        elif local in ("is", "f"):
            self._place()
            if local == "f":
                self.formulas.append((self._row, self._column, attributes.get("ref", "")))
        elif local == "row":
            self._row, self._column = _whole(attributes.get("r", str(self._row + 1))), 0
        elif local == "si":
            self._length = 0

    def _cell(self, attributes: dict[str, str]) -> None:
        self._cells_left -= 1
        if self._cells_left < 0:
            raise TooMuch("too_many_cells")
        self._kind = attributes.get("t", "n")
        self._column += 1
        if "r" in attributes:
            found = _REFERENCE.fullmatch(attributes["r"])
            if found is None:
                raise TooMuch("damaged")
            self._column, self._row = column_index_from_string(found[1]), int(found[2])

    def _place(self) -> None:
        if self._row > self._rows:
            raise TooMuch("too_many_rows")
        if self._column > self._columns:
            raise TooMuch("too_many_columns")
        self._bottom, self._right = max(self._bottom, self._row), max(self._right, self._column)

    def _end(self, name: str) -> None:
        local = name[name.find(":") + 1 :]
        if local == "v" and self._index is not None:
            if self._kind == "s":
                self._shows(self._shared_length("".join(self._index).strip()))
            self._index = None
        elif local == "si":
            self._shared.append(self._length)

    def _characters(self, text: str) -> None:
        self._length += len(text)
        self._shows(len(text))
        if self._index is not None:
            self._index.append(text)

    def _shared_length(self, index: str) -> int:
        """Many cells may show the same long string; what is no index is the reader's to refuse."""
        number = int(index) if _NUMBER.fullmatch(index) else len(self._shared)
        return self._shared[number] if number < len(self._shared) else 0

    def _shows(self, length: int) -> None:
        self._text_left -= length
        if self._text_left < 0:
            raise TooMuch("too_many_cells")


def _whole(number: str) -> int:
    if not _NUMBER.fullmatch(number):
        raise TooMuch("damaged")
    return int(number)
