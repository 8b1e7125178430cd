"""Bulk rows as XML, in chunks: the `<row>` elements that a shell (`shell.Shell`) takes into a sheet.

Everything else, such as styles, page and validations, is the shell's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from workers.sheets.cells import ColumnStyle, Value, encode_column

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384  # Excel's limits
MAX_HEIGHT = 409.0  # points; Excel's limit
_CHUNK = 512  # rows at a time: a chunk stays in the processor's cache, which makes it a third faster than 4,096

Row = Sequence[Value]
Height = float | Callable[[Row], float] | None


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that follow each other, with one style a column. `count` is how many `rows` will give.

    `height` in points: of every row, or found for each; None leaves it to the program that opens the workbook.
    """

    first: int
    count: int
    columns: Sequence[ColumnStyle]
    rows: Iterable[Row]
    height: Height = None

    @property
    def last(self) -> int:
        """The number of the last row; of the one before `first` where there is none."""
        return self.first + self.count - 1


def row_chunks(block: Block) -> Iterator[bytes]:
    """The `<row>` elements of `block`.

    ValueError: not `count` rows, a row of another length than the columns, or more than a sheet has of either.
    """
    if block.last > MAX_ROWS or len(block.columns) > MAX_COLUMNS:
        raise ValueError(f"row {block.last} or {len(block.columns)} columns: more than a sheet has")
    number, rows = block.first, iter(block.rows)
    while chunk := list(islice(rows, _CHUNK)):
        if number + len(chunk) - 1 > block.last:
            raise ValueError(f"more than the {block.count} rows that were announced")
        yield _chunk(block, number, chunk)
        number += len(chunk)
    if number <= block.last:
        raise ValueError(f"{number - block.first} rows of the {block.count} that were announced")


def _chunk(block: Block, first: int, rows: Sequence[Row]) -> bytes:
    """`rows` as XML, put together from one flat list: a constant, a row number, a constant, a value, and so on."""
    count = len(rows)
    columns = list(zip(*rows, strict=True))
    if len(columns) != len(block.columns):
        raise ValueError(f"rows of {len(columns)} values for {len(block.columns)} columns")
    numbers = " ".join(map(str, range(first, first + count))).encode().split()
    pieces: list[Sequence[bytes]] = [[b'<row r="'] * count, numbers, _heights(block.height, rows)]
    before = b""
    for style, values in zip(block.columns, columns, strict=True):
        cells = encode_column(style, values)
        pieces += [[before + b'<c r="' + style.letter.encode()] * count, numbers, [cells.before] * count, cells.bodies]
        before = cells.after
    pieces.append([before + b"</row>"] * count)
    flat: list[bytes] = [b""] * (count * len(pieces))
    for place, piece in enumerate(pieces):
        flat[place :: len(pieces)] = piece
    return b"".join(flat)


def _heights(height: Height, rows: Sequence[Row]) -> list[bytes]:
    if height is None:
        return [b'">'] * len(rows)
    if callable(height):
        return [_height(height(row)) for row in rows]
    return [_height(height)] * len(rows)


def _height(points: float) -> bytes:
    return b'" ht="%s" customHeight="1">' % f"{min(points, MAX_HEIGHT):g}".encode()
