"""What all categories need is judged before people as the categories' own conditions are."""

from datetime import date
from types import SimpleNamespace

from models.eligibility.assess import assess
from models.office import reviews
from models.programme.loader import load_pack

ON = date(2020, 7, 1)
FACTS = {
    "works_in_region": True,
    "employer_kind": "social",
    "technical_work": True,
    "field": "mechanical",
    "title_level": "associate_senior",
}


def view(slug, facts, claim):
    return SimpleNamespace(plan=SimpleNamespace(assessment=assess(load_pack(slug), facts, [claim], ON)))


def test_people_see_what_they_decide_for_every_category():
    seen = view("ningxia-2020", FACTS, "high_level")
    assert [point.condition for point in reviews.staff_points(seen)] == ["social_or_sole"]
    assert [group.id for group in reviews.claimed_groups(seen)] == ["general", "high_level"]


def test_a_programme_without_them_shows_its_categories_alone():
    seen = view("hengyang-2015", {"lives_in_hengyang": True, "title_level": "senior"}, "senior_professional")
    assert [group.id for group in reviews.claimed_groups(seen)] == ["senior_professional"]
