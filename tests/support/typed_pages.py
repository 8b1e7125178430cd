"""Pages as an engine would read them: rows of writing, from the top."""

from collections.abc import Callable, Mapping

from models.documents.reading import Found
from workers.ocr.lines import Line

Typed = Callable[..., Line]


def rows_of(line: Typed, *rows: str | tuple[str, ...], sure: float = 0.999) -> list[Line]:
    """Each row a text, or texts side by side in columns far apart."""
    return [
        line(text, 0.05 + 0.5 * column, 0.05 + 0.06 * at, sure=sure)
        for at, row in enumerate(rows)
        for column, text in enumerate((row,) if isinstance(row, str) else row)
        if text
    ]


def values(shown: Mapping[str, Found]) -> dict[str, str | None]:
    """What was read, by name."""
    return {name: one.value for name, one in shown.items()}
