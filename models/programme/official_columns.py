"""Which column of an office's own table holds what: the columns of the pack's table, and suggestions by heading."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from models.programme.official import FORMS, SummaryTable, UnitTable
from models.programme.pack import Pack
from models.programme.placeholders import placeholders

_LEAST = 2  # characters of a heading that may be looked for within another
_WEIGHTS = (3, 2, 1)  # of a heading found under its group, by itself, within another


@dataclass(frozen=True, slots=True)
class Slot:
    """What a column may hold. `id` stays the same whatever the heading is: the source of the pack's cell (`seq`,
    `field:name`), or `column:<id>` of a table that the unit fills in. `required`: missed where no column has it."""

    id: str
    header: str
    group: str = ""
    required: bool = True
    number: bool = False


def table_of(pack: Pack, kind: str) -> SummaryTable | UnitTable:
    """The table with the id `kind`. LookupError where the programme has none such."""
    tables: tuple[SummaryTable | UnitTable, ...] = (*pack.workbooks.people_tables(), *pack.workbooks.unit_tables)
    for table in tables:
        if table.id == kind:
            return table
    raise LookupError(f"no table {kind!r}")


def slots(pack: Pack, kind: str) -> tuple[Slot, ...]:
    """What the columns of table `kind` may hold, in its order; what is left blank for people is not among it. A table
    that shows the same twice, under two headings, has two slots with one id. Of the people's forms: their placeholders.
    LookupError where the programme has none such."""
    if kind == FORMS:
        return tuple(Slot(each.source, each.names[0], required=False) for each in placeholders(pack))
    table = table_of(pack, kind)
    return tuple(_of_unit(table) if isinstance(table, UnitTable) else _of_people(pack, table))


def _of_people(pack: Pack, table: SummaryTable) -> Iterator[Slot]:
    numbers = {f"field:{field.id}" for part in pack.form.sections for field in part.fields if field.kind == "number"}
    numbers |= {f"fact:{fact.id}" for fact in pack.eligibility.facts if fact.kind == "number"}
    numbers |= {f"unit_field:{field.id}" for field in pack.form.unit_fields if field.kind == "number"}
    for cell in table.columns:
        if cell.source != "blank":
            is_number = cell.source == "seq" or cell.source in numbers
            yield Slot(cell.source, cell.header, cell.group, required=cell.source != "seq", number=is_number)


def _of_unit(table: UnitTable) -> Iterator[Slot]:
    yield Slot("seq", "序号", required=False, number=True)
    for column in table.columns:
        yield Slot(f"column:{column.id}", column.header, column.group, column.required, column.kind == "number")


def suggest(heads: Sequence[tuple[str, str]], wanted: Sequence[Slot]) -> tuple[str, ...]:
    """For each head (group, heading) the id of a slot, each slot at most once; an empty text where none fits."""
    return tuple(slot for slot, _ in _matches(heads, wanted))


def score(heads: Sequence[tuple[str, str]], wanted: Sequence[Slot]) -> int:
    """How well `heads` fit the table as a whole: to find the row of heads by."""
    return sum(weight for _, weight in _matches(heads, wanted))


def _matches(heads: Sequence[tuple[str, str]], wanted: Sequence[Slot]) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = [("", 0)] * len(heads)
    left = list(wanted)
    rules: tuple[Callable[[tuple[str, str], Slot], int], ...] = (_under_group, _by_itself, _within)
    plain = [(normal(group), normal(header)) for group, header in heads]
    for rule, weight in zip(rules, _WEIGHTS, strict=True):
        for place, head in enumerate(plain):
            if found[place][0] or not head[1]:
                continue
            best = max(left, key=lambda slot: rule(head, slot), default=None)
            if best is not None and rule(head, best):
                found[place] = (best.id, weight)
                left.remove(best)
    return found


def _under_group(head: tuple[str, str], slot: Slot) -> int:
    return int(head == (normal(slot.group), normal(slot.header)))


def _by_itself(head: tuple[str, str], slot: Slot) -> int:
    return int(head[1] == normal(slot.header))


def _within(head: tuple[str, str], slot: Slot) -> int:
    """How many characters the shorter has, where the longer holds it."""
    short, long = sorted((head[1], normal(slot.header)), key=len)
    return len(short) if len(short) >= _LEAST and short in long else 0


def normal(heading: str) -> str:
    """A heading without width, case, white space and punctuation."""
    return "".join(each for each in unicodedata.normalize("NFKC", heading).casefold() if each.isalnum())
