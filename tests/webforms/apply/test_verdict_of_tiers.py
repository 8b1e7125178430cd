"""The verdict page on a ladder: tiers that count are named in its heading, those not reached wait behind a fold."""

from __future__ import annotations

from datetime import date
from typing import Any

from models.eligibility.assess import assess
from models.programme.loader import load_pack
from webforms.apply_verdict import VerdictLines, verdict_lines

PACK = load_pack("chenggong-2021")
SKILLED = {
    "workplace": "here",
    "employer_kind": "enterprise",
    "post_kind": "skilled",
    "skill_certificates": ("skill_level", "special_operations"),
    "certificate_level": "advanced",
    "certificate_equivalent": "below",
}
NOTHING = {"skill_certificates": (), "competition_level": "none", "same_skill": False, "patents": 0}


def lines(**facts: Any) -> VerdictLines:
    return verdict_lines(PACK, assess(PACK, SKILLED | facts, ("skilled",), date(2021, 4, 10)), ())


def test_the_tier_that_counts_is_named_and_the_one_above_is_folded() -> None:
    found = lines()
    assert [name.zh for name in found.fits] == ["中级技能人才"]
    assert ([one.id for one in found.categories], [one.id for one in found.missed]) == (
        ["intermediate_skilled"],
        ["senior_skilled"],
    )


def test_a_tier_above_that_people_decide_is_shown_and_named() -> None:
    found = lines(certificate_equivalent="technician")
    assert [name.zh for name in found.above] == ["高级技能人才"]
    assert [one.id for one in found.categories] == ["intermediate_skilled", "senior_skilled"]


def test_nothing_is_folded_away_from_a_refusal() -> None:
    found = lines(**NOTHING, highest_degree="bachelor")
    assert (len(found.categories), found.missed, found.fits) == (3, (), ())


def test_one_reason_against_all_tiers_stands_once_under_the_ladder_s_name() -> None:
    found = lines(post_kind="neither")
    assert [(one.name.zh, [line.text.zh for line in one.deciding]) for one in found.categories] == [
        ("技能人才数据库", ["在技能技术岗位上工作"])
    ]
