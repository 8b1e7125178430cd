"""What stands in the cells of a form drawn as a grid: the same for every drawer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models.office.workbook_data import Record
from models.programme.fields import display
from models.programme.loader import spec_by_key
from models.programme.pack import GridCell, Option, Pack
from workers.sheets.values import ticked

EMPTY = "☐"


@dataclass(frozen=True, slots=True)
class Filled:
    """A cell for one person. `portrait`: the photo belongs here; the words stand where there is none."""

    label: str
    value: str
    signature: str
    portrait: bool = False


def fill(pack: Pack, cell: GridCell, record: Record, unit_name: str, room: float) -> Filled:
    """The words of `cell` for the person of `record`; `room` is its width in Excel's units, so that no box to tick is
    parted from its words."""
    if cell.tick:
        choices = ((option.label.zh, chosen) for option, chosen in _options(pack, cell.sources[0], record))
        value = ticked(choices, room, empty=EMPTY)
    else:
        found = [value_of(pack, source, record, unit_name) for source in cell.sources]
        value = cell.join.join(text for text in found if text) or cell.empty
    portrait = any(source.startswith("document:") for source in cell.sources)
    return Filled(cell.label, value, cell.signature, portrait)


def value_of(pack: Pack, source: str, record: Record, unit_name: str) -> str:
    """What one source says of the person of `record`."""
    kind, _, name = source.partition(":")
    if source == "unit_name":
        return unit_name
    if source == "opinion":
        return record.opinion
    if source in ("claim", "category"):
        return "、".join(option.label.zh for option, chosen in _options(pack, source, record) if chosen)
    if kind == "month":
        given = record.answers.get(f"field:{name}")
        return _month(str(given)) if given else ""
    if kind in ("field", "fact", "rows"):
        key = f"{'field' if kind == 'rows' else kind}:{name}"
        return display(spec_by_key(record.pack or pack, key), record.answers.get(key), "zh")
    return ""  # the photo, or left for people


def _month(day: str) -> str:
    return f"{int(day[:4])}年{int(day[5:7])}月"


def _options(pack: Pack, source: str, record: Record) -> Sequence[tuple[Option, bool]]:
    """Every option of a source, and whether it is the person's."""
    eligibility = pack.eligibility
    if source == "category":
        named = [Option(value=c.id, label=c.name) for c in eligibility.categories]
        return [(option, option.value in record.categories) for option in named]
    if source == "claim":
        named = [Option(value=c.id, label=c.name) for c in eligibility.claims()]
        return [(option, _is_in(option.value, record.answers.get("claim"))) for option in named]
    spec = spec_by_key(record.pack or pack, source)
    options = spec.options if spec is not None else ()
    return [(option, _is_in(option.value, record.answers.get(source))) for option in options]


def _is_in(value: str, given: Any) -> bool:
    """Whether an option was taken; 「不确定」 takes none."""
    return value in given if isinstance(given, (list, tuple)) else value == given
