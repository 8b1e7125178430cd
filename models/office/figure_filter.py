"""What the figures are about: which round, unit, step and people, and the same as the query string of a link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, String, cast

from models.application.lifecycle import ADMITTED, LIVE, PASSED
from models.application.tables import Application

STEPS = {"": tuple(sorted(LIVE)), "passed": tuple(sorted(PASSED)), "admitted": (ADMITTED,)}
ALL_ROUNDS = "all"


@dataclass(frozen=True, slots=True)
class FigureFilter:
    """Empty parts do not filter. step: a key of `STEPS`. by: what is counted and its code, ``sex`` and ``female``."""

    round_id: str = ""
    unit_id: str = ""
    step: str = ""
    category: str = ""
    by: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, query: Mapping[str, str]) -> FigureFilter:
        """The filter that a query string says; what makes no sense there does not filter."""
        pairs = (part.split(":", 1) for part in query.get("by", "")[:400].split(",") if ":" in part)
        step = query.get("step", "")
        return cls(
            query.get("round", "")[:32],
            query.get("unit", "")[:32],
            step if step in STEPS else "",
            query.get("category", "")[:64],
            tuple((name, code) for name, code in pairs),
        )

    def query(self, **change: Any) -> dict[str, str]:
        """The filter, changed, as the query string of a link."""
        other = replace(self, **change)
        plain = {"round": other.round_id, "unit": other.unit_id, "step": other.step, "category": other.category}
        plain["by"] = ",".join(f"{name}:{code}" for name, code in other.by)
        return {name: value for name, value in plain.items() if value}

    def toggled(self, name: str, code: str) -> dict[str, str]:
        """The link that counts only these people, or lets go of that."""
        kept = tuple(pair for pair in self.by if pair[0] != name)
        return self.query(by=kept if (name, code) in self.by else (*kept, (name, code)))

    @property
    def narrowed(self) -> bool:
        """Whether it shows a part of the people of a round only."""
        return bool(self.unit_id or self.step or self.category or self.by)

    def only_round(self) -> FigureFilter:
        """Without everything by which numbers could be compared with one another."""
        return FigureFilter(round_id="" if self.round_id == ALL_ROUNDS else self.round_id)

    def where(self, query: Select[Any]) -> Select[Any]:
        """The query with the conditions that the database knows; of `by` it knows nothing, and the step is left to
        whoever counts."""
        if self.round_id != ALL_ROUNDS:
            query = query.where(Application.round_id == self.round_id)
        if self.unit_id:
            query = query.where(Application.unit_id == self.unit_id)
        if self.category:  # a JSON list, as text the same on both databases
            query = query.where(cast(Application.categories, String).contains(f'"{self.category}"', autoescape=True))
        return query
