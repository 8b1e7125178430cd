"""A change as it is read: what stood there and what is asked for, side by side, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.application import labels, queries
from models.application.answers import sensitive_keys
from models.interview.prepared import prepared
from models.office import changes
from models.office.chain_tables import RegistryChange
from models.office.change_states import OPEN
from models.office.masking import mask
from models.programme import fields


@dataclass(frozen=True, slots=True)
class Line:
    """One field. A repeatable one has a text a row; `added` and `gone` are the rows that differ. `hidden`: kept sealed,
    masked unless the lines were asked for in plain."""

    key: str
    label: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    hidden: bool

    @property
    def added(self) -> tuple[str, ...]:
        """Rows that are new."""
        return tuple(text for text in self.new if text not in self.old)

    @property
    def gone(self) -> tuple[str, ...]:
        """Rows that are no more."""
        return tuple(text for text in self.old if text not in self.new)


def lines(change: RegistryChange, lang: str, plain: bool = False) -> tuple[Line, ...]:
    """The request's fields in the form's order. What stands in the record now is shown while it is open."""
    view, held = queries.view(change.application_id), changes.dossier(change)
    now = view.answers if change.state in (*OPEN, "draft") else held.old
    specs, sealed = prepared(view.pack).field_specs, sensitive_keys(view.pack)
    found = []
    for name in [name for name in specs if f"field:{name}" in held.new]:
        key = f"field:{name}"
        hidden, spec = key in sealed, specs[name]
        old, new = (_texts(spec, value, lang) for value in (now.get(key), held.new[key]))
        if hidden and not plain:
            old, new = (tuple(mask(spec.kind, text) for text in texts) for texts in (old, new))
        found.append(Line(key, labels.label(view.pack, key, lang), old, new, hidden))
    return tuple(found)


def _texts(spec: Any, value: Any, lang: str) -> tuple[str, ...]:
    if value is None or value in ("", []):
        return ()
    if spec.kind == "rows" and isinstance(value, list):
        rows = ([fields.display(column, row.get(column.id), lang) for column in spec.columns] for row in value)
        return tuple(" · ".join(part for part in row if part) for row in rows)
    return (fields.display(spec, value, lang),)
