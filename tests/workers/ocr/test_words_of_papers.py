"""What readers give as a level, an education or a degree is understood by every pack that asks for it."""

from __future__ import annotations

from random import Random

import pytest

from models.documents.words import options_of
from models.programme.loader import load_pack, pack_slugs
from models.programme.mentions import form_fields
from workers.ocr.generated.sets import KINDS

DRAWN = 24


def printed(kind: str, name: str) -> set[str]:
    """What stands as `name` on generated papers of this kind, in canonical form."""
    drawn = KINDS[kind]
    found = set()
    for seed in range(DRAWN):
        _, truth = drawn.draw(Random(seed), drawn.layouts[seed % len(drawn.layouts)], None)
        found |= {truth[name]} if name in truth else set()
    return found


@pytest.mark.parametrize(("kind", "profile"), [("graduation", "education"), ("degree", "degree")])
def test_every_form_knows_what_diplomas_say(kind: str, profile: str) -> None:
    asked = [spec for slug in pack_slugs() for spec in form_fields(load_pack(slug)) if spec.profile == profile]
    assert asked
    said = printed(kind, profile)
    assert len(said) > 2
    for spec in asked:
        assert [text for text in said if len(options_of(spec.options, text)) != 1] == []


@pytest.mark.parametrize(
    ("kind", "slug", "fact"),
    [
        ("title", "chenggong-2021", "title_level"),
        ("title", "hengyang-2015", "title_level"),
        ("title", "ningxia-2020", "title_level"),
        ("skill", "chenggong-2021", "certificate_level"),
        ("skill", "hengyang-2015", "vocational_level"),
    ],
)
def test_every_level_on_a_certificate_is_one_option(kind: str, slug: str, fact: str) -> None:
    options = next(one.options for one in load_pack(slug).eligibility.facts if one.id == fact)
    said = printed(kind, "level")
    assert len(said) > 2
    assert [text for text in said if len(options_of(options, text)) != 1] == []
