"""Names and titles against the notice's own text, where that is at hand (it is not part of the project)."""

from __future__ import annotations

import os
import re
from pathlib import Path

from models.programme.loader import load_pack

PACK = load_pack("chenggong-2021")


def notice() -> str:
    """The text without blanks; empty where it is not at hand."""
    folder = Path(os.environ.get("BOLE_NOTICES") or Path(__file__).parents[4] / "shared" / "notices")
    path = folder / "chenggong-2021.txt"
    return re.sub(r"\s", "", path.read_text("utf-8")) if path.is_file() else ""


def test_titles_tiers_libraries_offices_and_certificates_are_the_notice_s() -> None:
    text = notice()
    words = {PACK.workbooks.summary.title, PACK.workbooks.person_form().title}
    words |= {category.name.zh for category in PACK.eligibility.categories}
    words |= {ladder.name.zh for ladder in PACK.eligibility.ladders}
    words |= {unit.name.zh for unit in PACK.routing.units}
    words |= {option.label.zh for option in PACK.codes["skill_certificates"]}
    assert len(words) == 2 + 6 + 2 + 2 + 6
    for word in words:
        assert not text or word in text, word


def test_the_contact_person_is_nowhere_in_the_pack() -> None:
    folder = Path(__file__).parents[3] / "models" / "packs" / "chenggong-2021"
    text = notice()
    contact = re.search(r"联系人及电话：(\w+)，(\d+)", text)
    assert contact or not text
    for path in folder.rglob("*.*"):
        words = path.read_text("utf-8")
        assert not contact or (contact[1] not in words and contact[2] not in words), path.name


def test_the_two_wordings_without_a_certificate_are_kept_apart() -> None:
    conditions = {c.id: c for c in PACK.eligibility.conditions}
    assert conditions["without_level_certificate"].quote == "未取得职业技能等级证书"
    assert conditions["without_level_certificate_mid"].quote == "未取得职业技能等级证书"
    assert conditions["without_certificate"].quote == "未取得职业技能证书"
    assert conditions["without_level_certificate"].value == ("skill_level",)
    kinds = tuple(option.value for option in PACK.codes["skill_certificates"])
    assert conditions["without_certificate"].value == kinds


def test_no_portrait_is_asked_for() -> None:
    """五 lists the papers, and a portrait is not among them."""
    assert not any(document.portrait for document in PACK.documents.documents)


def test_every_reason_to_leave_says_who_decides() -> None:
    exits = PACK.afterwards.exits
    assert [exit_.clause for exit_ in exits] == [f"六(二){number}" for number in range(1, 6)]
    assert all(exit_.decided_by.zh for exit_ in exits)
