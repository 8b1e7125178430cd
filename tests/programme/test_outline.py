"""The rules of a pack as people read them."""

from pathlib import Path

import pytest

from models.programme import loader, outline
from models.programme.outline import Branch, Leaf

GUILD = loader.load_folder(Path(__file__).parent / "packs" / "guild")


def leaves(branch):
    for _, parts in branch.parts:
        for part in parts:
            yield from (part,) if isinstance(part, Leaf) else leaves(part)


def test_every_category_is_there_with_the_question_behind_each_condition():
    found = outline.claims(GUILD)
    assert [claim.tiers[0].id for claim in found] == ["craft", "scholar", "folk", "away"]
    craft = next(iter(leaves(found[0].tiers[0])))
    questions = {fact.question for fact in GUILD.eligibility.facts}
    assert craft.question in questions
    assert not found[0].ladder


def test_what_people_decide_says_why():
    folk = {leaf.id: leaf for leaf in leaves(outline.claims(GUILD)[2].tiers[0])}
    assert any(leaf.staff for leaf in folk.values())
    assert all(leaf.staff_why is not None for leaf in folk.values() if leaf.staff)


def test_what_must_not_be_stands_apart():
    general = outline.general(GUILD)
    assert [how for how, _ in general.parts] == ["none"]
    bare = GUILD.eligibility.model_copy(update={"general": type(GUILD.eligibility.general)()})
    assert outline.general(GUILD.model_copy(update={"eligibility": bare})) is None


@pytest.mark.parametrize("slug", loader.pack_slugs())
def test_every_condition_of_a_pack_is_shown(slug):
    pack = loader.load_pack(slug)
    branches: list[Branch] = [tier for claim in outline.claims(pack) for tier in claim.tiers]
    general = outline.general(pack)
    branches += [general] if general else []
    shown = {leaf.id for branch in branches for leaf in leaves(branch)}
    gates = {name for fact in (*pack.eligibility.facts, *pack.routing.facts) for name in fact.ask_when}
    assert {condition.id for condition in pack.eligibility.conditions} - shown <= gates | _whens(pack)
    assert len(outline.routes(pack)) == len(pack.routing.routes)


def _whens(pack):
    parts = [*pack.documents.documents, *pack.form.sections, *pack.form.unit_fields]
    parts += [field for section in pack.form.sections for field in section.fields]
    named = {name for part in parts if part.when for name in part.when.condition}
    trees = [route.when for route in pack.routing.routes]
    return named | {name for tree in trees for name in (*tree.all, *tree.any, *tree.none)}
