"""Which column of a list of people holds which answer: by the official heads of the programme's tables, the official
labels of its form and its own words; and the columns that a list to fill in begins with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.programme.form import IDENTITY_KINDS, FormField
from models.programme.official_columns import normal
from models.programme.pack import Option, Pack, Text

CLAIM = "claim"
_CLAIMED = ("claim", "category", "ladder")  # what the tables of people call the category by
_LOOK_AT = 15  # rows in which the heads are looked for
_LEAST = 2  # heads that a row of heads has; characters of a head found within another


@dataclass(frozen=True, slots=True)
class EntryColumn:
    """An answer that a list of people may hold. `heads`: what it is called, the official head first. `usual`: a list
    to fill in has it."""

    key: str
    label: Text
    heads: tuple[str, ...]
    kind: str
    options: tuple[Option, ...]
    required: bool
    usual: bool
    identity: bool = False

    @property
    def head(self) -> str:
        """What the column is headed by."""
        return self.heads[0]


def entry_columns(pack: Pack) -> tuple[EntryColumn, ...]:
    """Every answer that fits into one cell: first those of the summary in its order, then the claim, then the rest."""
    found = {column.key: column for column in _columns(pack, _headers(pack))}
    first = [cell.source for cell in pack.workbooks.summary.columns if cell.source in found]
    order = dict.fromkeys([*first, CLAIM, *(key for key, one in found.items() if one.usual), *found])
    return tuple(found[key] for key in order)


def _headers(pack: Pack) -> dict[str, list[str]]:
    """The heads of the tables of people, by answer key."""
    out: dict[str, list[str]] = {}
    for table in pack.workbooks.people_tables():
        for cell in table.columns:
            key = CLAIM if cell.source in _CLAIMED else cell.source
            heads = out.setdefault(key, [])
            if cell.header not in heads:
                heads.append(cell.header)
    return out


def _columns(pack: Pack, headers: dict[str, list[str]]) -> Iterator[EntryColumn]:
    summary = {cell.source for cell in pack.workbooks.summary.columns}
    claims = tuple(Option(value=one.id, label=one.name) for one in pack.eligibility.claims())
    question = Text(zh="申报类别", en="Category")
    yield EntryColumn(CLAIM, question, ("申报类别", *headers.get(CLAIM, ())), "choices", claims, True, True)
    for section in pack.form.sections:
        for field in section.fields:
            if field.kind != "rows":
                everybody = field.required and field.when is None and section.when is None
                yield _of_field(field, headers, usual=everybody or f"field:{field.id}" in summary)
    for fact in (*pack.eligibility.facts, *pack.routing.facts):
        key = f"fact:{fact.id}"
        heads = tuple(dict.fromkeys((*headers.get(key, ()), fact.question.zh)))
        yield EntryColumn(key, fact.question, heads, fact.kind, fact.options, False, key in summary)


def _of_field(field: FormField, headers: dict[str, list[str]], usual: bool) -> EntryColumn:
    key, identity = f"field:{field.id}", field.kind in IDENTITY_KINDS
    heads = tuple(dict.fromkeys(filter(None, (*headers.get(key, ()), field.official, field.label.zh))))
    return EntryColumn(key, field.label, heads, field.kind, field.options, field.required, usual, identity)


def match(heads: Sequence[str], columns: Sequence[EntryColumn]) -> tuple[str, ...]:
    """For each head the key of an answer, each at most once; empty where none fits. A whole name goes before a part."""
    found = [""] * len(heads)
    plain = [normal(head) for head in heads]
    names = [(normal(name), column.key) for column in columns for name in column.heads]
    for place, head in enumerate(plain):
        key = next((key for name, key in names if head and name == head and key not in found), "")
        found[place] = key
    for place, head in enumerate(plain):
        if not found[place] and len(head) >= _LEAST:
            within = [(len(name), key) for name, key in names if _holds(head, name) and key not in found]
            found[place] = max(within, default=(0, ""))[1]
    return tuple(found)


def _holds(head: str, name: str) -> bool:
    """Whether one is part of the other. A question is too long to be meant by a part of it."""
    short, long = sorted((head, name), key=len)
    return len(short) >= _LEAST and short in long and len(long) <= 3 * len(short)


def find_heads(rows: Sequence[Sequence[str]], columns: Sequence[EntryColumn]) -> int | None:
    """Which row holds the heads: of the first rows the one with most whole names; None where there is none."""
    names = {normal(name) for column in columns for name in column.heads}
    scores = [sum(normal(cell) in names for cell in row if cell) for row in rows[:_LOOK_AT]]
    best = max(scores, default=0)
    return scores.index(best) if best >= _LEAST else None


def usual(columns: Sequence[EntryColumn]) -> tuple[EntryColumn, ...]:
    """The columns of a list to fill in, and of one that comes without heads."""
    return tuple(column for column in columns if column.usual)
