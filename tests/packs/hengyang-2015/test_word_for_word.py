"""The code lists against the notice's own text, where that is at hand (it is not part of the project)."""

from __future__ import annotations

import os
import re
from pathlib import Path

from models.programme.loader import load_pack

PACK = load_pack("hengyang-2015")
OURS = {"unlisted", "other_registered"}  # entries of our own, for what the notice's lists do not have
SPLIT = re.compile(r"^[一二]级(?=注册|地震)")  # 「一级、二级注册建造师」 is two entries here
LISTS = (
    "enterprise_natures",
    "title_series",
    "senior_titles",
    "registered_qualifications",
    "occupation_classes",
    "high_level_kinds",
    "rural_kinds",
    "new_farmer_kinds",
    "social_work_identities",
    "social_work_titles",
    "special_skill_kinds",
    "elsewhere_kinds",
    "award_grades",
)


def notice() -> str:
    """The text without blanks; empty where it is not at hand."""
    folder = Path(os.environ.get("BOLE_NOTICES") or Path(__file__).parents[4] / "shared" / "notices")
    path = folder / "hengyang-2015.txt"
    return re.sub(r"\s", "", path.read_text("utf-8")) if path.is_file() else ""


def test_every_entry_of_the_notice_s_lists_is_in_its_own_words() -> None:
    text = notice()
    for name in LISTS:
        for option in PACK.codes[name]:
            if text and option.value not in OURS:
                assert SPLIT.sub("", re.sub(r"\s", "", option.label.zh)) in text, f"{name}: {option.label.zh}"


def test_both_classes_of_a_qualification_that_has_two() -> None:
    labels = {option.label.zh for option in PACK.codes["registered_qualifications"]}
    for name in ("注册建造师", "注册建筑师", "注册结构工程师", "地震安全性评价工程师", "注册计量师"):
        assert {f"一级{name}", f"二级{name}"} <= labels
    assert {"中国精算师", "中国准精算师", "注册测绘师"} <= labels


def test_the_official_labels_and_titles_are_the_notice_s() -> None:
    text = notice()
    official = {field.official for section in PACK.form.sections for field in section.fields if field.official}
    tables = {PACK.workbooks.summary.title, PACK.workbooks.form.title, PACK.workbooks.form.opinion}
    categories = {category.name.zh for category in PACK.eligibility.categories}
    assert len(categories) == 9
    for label in official | tables | categories:
        assert not text or label in text, label
