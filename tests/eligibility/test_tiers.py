"""Where somebody stands on a ladder: the tier that counts is named, what people may still grant is kept apart, and
tiers that the same conditions refuse are said once."""

from __future__ import annotations

from datetime import date
from typing import Any

from models.eligibility.assess import assess
from models.eligibility.tiers import entered, met_names, shown, tiers
from models.eligibility.verdict import Assessment, Outcome, Status
from models.programme.loader import load_pack

PACK = load_pack("chenggong-2021")
ON = date(2021, 4, 10)
SKILLED = {"workplace": "here", "employer_kind": "enterprise", "post_kind": "skilled"}
CERTIFIED = SKILLED | {"skill_certificates": ("skill_level", "special_operations"), "certificate_level": "advanced"}
UNCERTIFIED = SKILLED | {"skill_certificates": (), "competition_level": "none", "same_skill": False, "patents": 0}


def judged(facts: dict[str, Any], claimed: tuple[str, ...] = ("skilled",)) -> Assessment:
    return assess(PACK, facts, claimed, ON)


def names(found: Any) -> list[str]:
    return [one.id for one in found]


def test_the_highest_tier_that_holds_counts_and_those_above_are_missed() -> None:
    (one,) = tiers(PACK, judged(CERTIFIED | {"certificate_equivalent": "below"}))
    assert one.counts is not None and one.counts.id == "intermediate_skilled"
    assert (names(one.open), names(one.missed)) == ([], ["senior_skilled"])


def test_a_tier_above_that_people_decide_stays_open() -> None:
    verdict = judged(CERTIFIED | {"certificate_equivalent": "technician"})
    (one,) = tiers(PACK, verdict)
    assert one.counts is not None and one.counts.id == "intermediate_skilled"
    assert (names(one.open), names(one.missed)) == (["senior_skilled"], [])


def test_nothing_is_named_where_only_people_can_tell() -> None:
    facts = UNCERTIFIED | {"skill_certificates": ("special_operations",), "certificate_equivalent": "advanced"}
    verdict = judged(facts)
    (one,) = tiers(PACK, verdict)
    assert (verdict.outcome, one.counts, met_names(PACK, verdict)) == (Outcome.STAFF, None, ())
    assert names(one.open) == ["intermediate_skilled", "junior_skilled"]


def test_two_ladders_name_a_tier_each() -> None:
    facts = CERTIFIED | {"post_kind": "both", "certificate_equivalent": "below", "title_level": "associate_senior"}
    verdict = judged(facts, ("professional", "skilled"))
    assert names(met_names(PACK, verdict)) == ["senior_professional", "intermediate_skilled"]


def test_tiers_that_the_same_condition_refuses_are_one() -> None:
    verdict = judged(CERTIFIED | {"post_kind": "neither"})
    (one,) = shown(PACK, verdict)
    assert (one.id, one.status, [f.condition for f in one.deciding()]) == ("skilled", Status.NOT_MET, ["skilled_post"])


def test_tiers_that_a_general_condition_refuses_are_one() -> None:
    verdict = judged({"workplace": "elsewhere"})
    (one,) = shown(PACK, verdict)
    assert (one.id, one.deciding()) == ("skilled", ())
    assert [f.condition for f in verdict.general.deciding()] == ["works_here", "flexible_here"]


def test_tiers_that_are_refused_each_for_its_own_reasons_are_kept_apart() -> None:
    verdict = judged(UNCERTIFIED | {"highest_degree": "bachelor"})
    assert names(shown(PACK, verdict)) == ["senior_skilled", "intermediate_skilled", "junior_skilled"]


def test_a_programme_without_ladders_names_none() -> None:
    pack = load_pack("hengyang-2015")
    verdict = assess(pack, {"lives_in_hengyang": True, "title_level": "full_senior"}, ("senior_professional",), ON)
    assert (tiers(pack, verdict), met_names(pack, verdict)) == ((), ())
    assert names(shown(pack, verdict)) == ["senior_professional"]


def test_a_table_enters_the_tier_that_counts_and_else_the_highest_that_may_be_granted() -> None:
    both = ("senior_skilled", "intermediate_skilled")
    assert entered(PACK, judged(CERTIFIED | {"certificate_equivalent": "technician"}), both) == (
        "intermediate_skilled",
    )
    facts = UNCERTIFIED | {"skill_certificates": ("special_operations",), "certificate_equivalent": "advanced"}
    granted = ("intermediate_skilled", "junior_skilled")
    assert entered(PACK, judged(facts), granted) == ("intermediate_skilled",)


def test_a_table_enters_categories_that_are_no_tiers_as_they_are() -> None:
    pack = load_pack("hengyang-2015")
    verdict = assess(pack, {"lives_in_hengyang": True, "title_level": "full_senior"}, "unsure", ON)
    assert entered(pack, verdict, ("high_level", "senior_professional")) == ("high_level", "senior_professional")
