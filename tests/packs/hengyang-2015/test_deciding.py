"""What decides is said and nothing beside it; what is asked first; and who collects when somebody is not sure."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from models.eligibility.assess import assess
from models.eligibility.route import find_route
from models.eligibility.verdict import UNSURE, Finding, GroupFinding, Outcome, Status
from models.interview.wording import text
from models.programme.loader import load_pack

PACK = load_pack("hengyang-2015")
ON = date(2016, 2, 20)
LONG = {fact.id for fact in PACK.eligibility.facts if len(fact.options) > 12}


def judged(claimed: str, **facts: Any) -> GroupFinding:
    return assess(PACK, facts, [claimed], ON).categories[claimed]


def test_a_refusal_names_only_what_was_refused() -> None:
    """A farmer with a farm but a city household: the household decides, not the kinds of farm that he does not run."""
    found = judged(
        "rural",
        lives_in_hengyang=True,
        household="urban",
        farm_organisations=("cooperative",),
        farm_role="founder",
        rural_award="provincial",
    )
    assert found.status is Status.NOT_MET
    assert {finding.clause for finding in found.deciding()} < {finding.clause for finding in found.findings()}
    assert all(finding.status is Status.NOT_MET for finding in found.deciding())
    assert {name for finding in found.deciding() for name in finding.facts} == {"household"}


def _leaf(name: str, status: Status) -> Finding:
    return Finding(name, status, "一", "", text("verdict.general"), {})


def _group(name: str, status: Status, *parts: Finding | GroupFinding, either: tuple[str, ...] = ()) -> GroupFinding:
    title = text("verdict.general")
    return GroupFinding(name, status, "一", title, "mixed", parts, alternatives=frozenset(either))


@pytest.mark.parametrize(
    ("status", "parts", "names"),
    [
        (Status.NOT_MET, (Status.NOT_MET, Status.MET, Status.NOT_MET), ["a"]),
        (Status.NOT_MET, (Status.NOT_MET, Status.NOT_MET, Status.NOT_MET), ["a", "b", "c"]),
        (Status.NOT_MET, (Status.MET, Status.NOT_MET, Status.NOT_MET), ["b", "c"]),
        (Status.MET, (Status.MET, Status.NOT_MET, Status.MET), ["a", "c"]),
        (Status.STAFF, (Status.MET, Status.STAFF, Status.NOT_MET), ["a", "b"]),
        (Status.UNKNOWN, (Status.MET, Status.UNKNOWN, Status.NOT_MET), ["b"]),
    ],
)
def test_an_alternative_decides_only_where_no_other_did(
    status: Status, parts: tuple[Status, ...], names: list[str]
) -> None:  # fmt: skip
    """`a` is needed, one of `b` and `c` is enough."""
    leaves = [_leaf(name, part) for name, part in zip("abc", parts, strict=True)]
    group = _group("g", status, *leaves, either=("b", "c"))
    assert [finding.condition for finding in group.deciding()] == names
    assert [finding.condition for finding in _group("h", status, group).deciding()] == names


@pytest.mark.parametrize("unsure", ["unit_kind", "political_status"])
def test_not_sure_who_collects_goes_by_the_clause_for_the_rest(unsure: str) -> None:
    facts = {
        "lives_in_hengyang": True,
        "title_level": "senior",
        "works_outside": False,
        "political_status": "13",
        "unit_kind": "county",
        "county": "hengdong",
        unsure: UNSURE,
    }
    route = find_route(PACK, facts, ON)
    assert route.status is Status.STAFF
    assert (route.unit, route.clause) == ("programme-office", "四(一)8")
    assert route.text == text("route.fallback")
    assert len(route.candidates) > 1


def test_a_certain_clause_stays_though_the_unit_under_it_is_not() -> None:
    facts = {
        "works_outside": False,
        "political_status": "13",
        "unit_kind": "county",
        "county": UNSURE,
    }
    route = find_route(PACK, facts, ON)
    assert (route.status, route.clause) == (Status.STAFF, "四(一)1")


@pytest.mark.parametrize("category", [category.id for category in PACK.eligibility.categories])
def test_what_is_short_to_answer_comes_before_the_long_lists(category: str) -> None:
    """Only where nothing but lists decides does one come first."""
    pending = assess(PACK, {}, [category], ON).pending
    lists = [place for place, name in enumerate(pending) if name in LONG]
    short = [place for place, name in enumerate(pending) if name not in LONG]
    assert pending[0] not in LONG
    assert not lists or category == "high_level" or max(short[:3]) < min(lists)


def test_who_works_elsewhere_is_asked_that_first_and_rank_and_degree_before_lists() -> None:
    pending = assess(PACK, {}, ["hengyang_elsewhere"], ON).pending
    assert pending[:4] == ("works_outside", "hengyang_tie", "highest_degree", "highest_education")


def test_what_is_not_claimed_does_not_change_what_is_asked_first() -> None:
    """The lists stand under other categories too; alone or together, one category is asked the same way."""
    alone = assess(PACK, {"lives_in_hengyang": True}, ["senior_professional"], ON)
    assert alone.outcome is Outcome.UNKNOWN
    assert alone.pending[0] == "title_level"
