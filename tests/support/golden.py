"""Golden cases of a pack: a table of made-up people in ``cases.toml``, and what its clause says about each.

``people``: sets of facts from [people] that a case starts from; ``facts`` add to them or replace them; ``claim``: what
is claimed (default: all); ``on``: the day (default: the table's). ``expect``: category → status; ``outcome`` of the
claim; ``counting``: the categories that count in the end (tiers below one that is met do not); ``unit``, ``route``: who
collects and whether that is settled; ``clause``: the clause that decides, which the test looks for.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from models.eligibility import report
from models.eligibility.assess import assess
from models.eligibility.verdict import Assessment
from models.programme.loader import load_folder, load_pack
from models.programme.pack import Pack

Case = dict[str, Any]


@dataclass(frozen=True)
class Golden:
    """The table of one pack: an installed one, or the one in the folder `source`."""

    slug: str
    folder: Path
    day: date
    source: Path | None = None

    @cached_property
    def pack(self) -> Pack:
        return load_pack(self.slug) if self.source is None else load_folder(self.source)

    @cached_property
    def table(self) -> dict[str, Any]:
        return tomllib.loads((self.folder / "cases.toml").read_text(encoding="utf-8"))

    @property
    def cases(self) -> list[Case]:
        found: list[Case] = self.table["case"]
        return found

    def judge(self, case: Case) -> Assessment:
        """The verdict on a case, through the same reading of facts as `bole assess`."""
        given: dict[str, Any] = {}
        for name in case.get("people", []):
            given.update(self.table["people"][name])
        given.update(case["facts"])
        if "claim" in case:
            given["claim"] = case["claim"]
        facts, claimed, problems = report.facts_from_json(self.pack, given)
        assert problems == []
        return assess(self.pack, facts, claimed, case.get("on", self.day))

    def check(self, case: Case) -> None:
        """The case comes out as its clause says, and by that clause."""
        verdict = self.judge(case)
        for category, status in case.get("expect", {}).items():
            assert verdict.categories[category].status == status
            if len(case["expect"]) == 1:
                deciding = {f.clause for f in verdict.categories[category].findings() if f.status == status}
                if status != "met" or not self._asks(category, case["clause"]):
                    # What all categories need can refuse one or leave it open. It makes somebody fit only by a clause
                    # that the category does not ask by itself.
                    deciding |= {f.clause for f in verdict.general.findings() if f.status == status}
                assert any(clause.startswith(case["clause"]) for clause in deciding)
        if "outcome" in case:
            assert verdict.outcome == case["outcome"]
        if "counting" in case:
            assert list(verdict.claimed) == case["counting"]
        if "unit" in case:
            assert verdict.route.unit == case["unit"]
        if "route" in case:
            assert verdict.route.status == case["route"]
            assert verdict.route.clause.startswith(case["clause"])
            assert verdict.route.quote

    def _asks(self, category: str, clause: str) -> bool:
        """Whether the category has a condition of its own by that clause."""
        found = assess(self.pack, {}, [category], self.day).categories[category].findings()
        return any(finding.clause.startswith(clause) for finding in found)

    def check_whole(self, at_least: int, left_to_people: frozenset[str] = frozenset()) -> None:
        """Enough cases, no two alike, and for every condition somebody who has it and somebody who has not.

        `left_to_people`: conditions that no answer refuses, since the notice leaves out what they ask.
        """
        assert len(self.cases) >= at_least
        assert [name for name, times in Counter(case["id"] for case in self.cases).items() if times > 1] == []
        reached: dict[str, set[str]] = {}
        for case in self.cases:
            verdict = self.judge(case)
            groups = (*verdict.categories.values(), verdict.general)
            for finding in (f for group in groups for f in group.findings()):
                reached.setdefault(finding.condition, set()).add(finding.status)
        one_sided = {name for name, statuses in reached.items() if not {"not_met"} < statuses - {"unknown"}}
        assert one_sided == left_to_people
        assert all(reached[name] <= {"staff_decides", "unknown"} for name in left_to_people)
