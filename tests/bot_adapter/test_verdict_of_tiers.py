"""The chat's verdict on a ladder: the tier that counts comes first, by its name."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot_adapter.rendering import verdict_text
from models.eligibility.assess import assess
from models.interview.steps import ShowVerdict
from models.programme.loader import load_pack

PACK = load_pack("chenggong-2021")
SKILLED = {"workplace": "here", "employer_kind": "enterprise", "post_kind": "skilled", "certificate_level": "advanced"}
BOTH_CERTIFICATES = ("skill_level", "special_operations")


def said(lang: str = "zh", **facts: Any) -> str:
    known = SKILLED | {"skill_certificates": BOTH_CERTIFICATES, "certificate_equivalent": "below", **facts}
    return verdict_text(PACK, ShowVerdict(assess(PACK, known, ("skilled",), date(2021, 4, 10))), lang)


def test_the_tier_that_counts_comes_first() -> None:
    assert said().startswith("按您的回答，您符合：中级技能人才。\n【中级技能人才】符合")
    assert said("en").startswith("From your answers, you qualify as: Intermediate skilled worker.\n")


def test_a_higher_tier_that_people_decide_is_named_with_it() -> None:
    text = said(certificate_equivalent="technician")
    assert text.startswith("按您的回答，您符合：中级技能人才。更高的“高级技能人才”由工作人员认定。\n")
    assert "worker. Whether you reach “Senior skilled worker” is for staff to decide." in said(
        "en", certificate_equivalent="technician"
    )


def test_one_reason_against_all_tiers_is_said_once() -> None:
    text = said(post_kind="neither")
    assert "【技能人才数据库】不符合" in text
    assert text.count("✗ 在技能技术岗位上工作") == 1
