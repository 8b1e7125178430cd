"""Two versions of a pack side by side: nothing where nothing changed, and every single change, named."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from models.programme import archive, loader
from models.programme.diff import Kind, diff
from models.programme.diff_reach import reach
from models.programme.pack import Fact, Text

HERE = Path(__file__).parent / "packs"
GUILD = loader.load_folder(HERE / "guild")
PACKS = {"guild": GUILD, **{slug: loader.load_pack(slug) for slug in loader.pack_slugs()}}


def said(changes):
    return [(change.kind.value, ".".join(change.path)) for change in changes]


def with_part(pack, path, value):
    """The pack with the value at `path` (attribute names, list places, dict keys) replaced."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(pack, dict):
        return {**pack, step: with_part(pack[step], rest, value)}
    if isinstance(pack, tuple):
        return (*pack[:step], with_part(pack[step], rest, value), *pack[step + 1 :])
    return pack.model_copy(update={step: with_part(getattr(pack, step), rest, value)})


def leaves(value: Any, path: tuple[Any, ...] = ()):
    """The path of every attribute of every part of a pack, with its value."""
    if isinstance(value, BaseModel) and not isinstance(value, Text):
        for name in type(value).model_fields:
            yield (*path, name), getattr(value, name)
            yield from leaves(getattr(value, name), (*path, name))
    elif isinstance(value, dict):
        for name, item in value.items():
            yield (*path, name), item
            yield from leaves(item, (*path, name))
    elif isinstance(value, tuple):
        for place, item in enumerate(value):
            yield from leaves(item, (*path, place))


def mutated(value: Any) -> Any:
    """Another value of the kind."""
    if isinstance(value, Text):
        return Text(zh=value.zh, en=value.en + " indeed")
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        return value + "x"
    if isinstance(value, tuple):
        return value[1:] if value else ("added",)
    if value is None:
        return Text(zh="新", en="New")
    if isinstance(value, dict):
        return {**value, "added": Text(zh="新", en="New")}
    return None if isinstance(value, BaseModel) else value.replace(year=value.year + 1)


# A strategy looks at each of its thousands of elements when it is first drawn from: one for all examples.
@cache
def places(name: str) -> st.SearchStrategy[tuple[tuple[Any, ...], Any]]:
    return st.sampled_from(list(leaves(PACKS[name])))


@cache
def lists(name: str) -> st.SearchStrategy[tuple[tuple[Any, ...], Any]]:
    return st.sampled_from(
        [(path, value) for path, value in leaves(PACKS[name]) if isinstance(value, tuple) and len(value) > 1]
    )


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_does_not_differ_from_itself(name):
    pack = PACKS[name]
    assert diff(pack, pack) == ()
    assert diff(pack, type(pack).model_validate(pack.model_dump())) == ()


def test_a_pack_does_not_differ_from_its_archive():
    assert diff(GUILD, loader.load_archive(archive.pack_up(HERE / "guild", GUILD))) == ()


@pytest.mark.parametrize("name", PACKS)
@given(data=st.data())
@settings(max_examples=150)
def test_any_single_changed_attribute_is_found(name, data):
    path, value = data.draw(places(name))
    pack = PACKS[name]
    other = with_part(pack, path, mutated(value))
    there, back = diff(pack, other), diff(other, pack)
    assert there and back
    attributes = [step for step in path if isinstance(step, str)]
    for change in (*there, *back):
        assert change.path[0] == path[0]
        assert change.path[: change.depth] + change.attribute == change.path
    assert {change.kind for change in there} <= set(Kind)
    mirrored = {Kind.ADDED: Kind.REMOVED, Kind.REMOVED: Kind.ADDED}
    assert sorted((mirrored.get(c.kind, c.kind), c.path) for c in back) == sorted((c.kind, c.path) for c in there)
    assert any(attributes[0] == change.path[0] for change in there)


@pytest.mark.parametrize("name", PACKS)
@given(data=st.data())
@settings(max_examples=60)
def test_another_order_is_found(name, data):
    path, value = data.draw(lists(name))
    pack = PACKS[name]
    assert diff(pack, with_part(pack, path, tuple(reversed(value))))


def replaced(file_part, place, **changes):
    """The guild with attributes of one thing changed: `place` is a path with ids instead of list places."""
    path, here = [file_part], getattr(GUILD, file_part)
    for step in place:
        if isinstance(here, tuple):
            number = next(
                n for n, item in enumerate(here) if step in (getattr(item, "id", ""), getattr(item, "ref", ""))
            )
            path.append(number)
            here = here[number]
        else:
            path.append(step)
            here = getattr(here, step)
    return with_part(GUILD, tuple(path), here.model_copy(update=changes))


def test_a_changed_condition_is_named_with_what_it_was_and_is():
    other = replaced("eligibility", ("conditions", "ten_years"), value=12)
    (change,) = diff(GUILD, other)
    assert change.kind is Kind.CHANGED
    assert (change.place, change.attribute) == (("eligibility", "conditions", "ten_years"), ("value",))
    assert (change.old, change.new) == (10, 12)
    assert (change.things[0].id, change.things[1].value) == ("ten_years", 12)


def test_true_is_not_one():
    other = replaced("eligibility", ("conditions", "here"), value=1)
    assert said(diff(GUILD, other)) == [("changed", "eligibility.conditions.here.value")]


def test_a_field_is_a_thing_of_its_own_in_its_section_and_a_column_is_part_of_its_field():
    fields = next(s for s in GUILD.form.sections if any(f.id == "jobs" for f in s.fields))
    other = replaced("form", ("sections", fields.id, "fields", "jobs", "columns", "end"), required=True)
    (change,) = diff(GUILD, other)
    assert change.place == ("form", "sections", fields.id, "fields", "jobs")
    assert change.attribute == ("columns", "end", "required")
    assert change.things[0].id == "jobs"


def test_added_removed_and_another_order():
    conditions = GUILD.eligibility.conditions
    extra = conditions[0].model_copy(update={"id": "extra"})
    more = with_part(GUILD, ("eligibility", "conditions"), (*conditions, extra))
    assert said(diff(GUILD, more)) == [("added", "eligibility.conditions.extra")]
    assert said(diff(more, GUILD)) == [("removed", "eligibility.conditions.extra")]
    assert diff(more, GUILD)[0].things == (extra, None)
    turned = with_part(GUILD, ("routing", "routes"), tuple(reversed(GUILD.routing.routes)))
    (change,) = diff(GUILD, turned)
    assert (change.kind, change.path) == (Kind.REORDERED, ("routing", "routes"))
    assert change.new == tuple(reversed(change.old))


def test_a_code_list_is_told_once_and_not_by_everybody_who_uses_it():
    longer = (*GUILD.codes["titles"], GUILD.codes["titles"][0].model_copy(update={"value": "new"}))
    other = with_part(GUILD, ("codes", "titles"), longer)
    facts = tuple(
        f.model_copy(update={"options": longer}) if f.codes == "titles" else f for f in GUILD.eligibility.facts
    )
    other = with_part(other, ("eligibility", "facts"), facts)
    assert said(diff(GUILD, other)) == [("added", "codes.titles.new")]
    assert {"fact:titles"} <= reach(diff(GUILD, other)[0], GUILD, other).keys


def test_members_of_one_name_are_told_apart():
    cells = GUILD.workbooks.summary.columns
    blank = cells[0].model_copy(update={"source": "blank", "header": "备注"})
    other = with_part(GUILD, ("workbooks", "summary", "columns"), (*cells, blank, blank))
    assert said(diff(GUILD, other)) == [
        ("added", "workbooks.summary.columns.blank"),
        ("added", "workbooks.summary.columns.blank#2"),
    ]


REACHES = [
    # place and attributes, answer keys, categories, whether a claim is enough
    (("eligibility", ("facts", "works")), {"why": Text(zh="因", en="Why")}, {"fact:works"}, None, False),
    (("eligibility", ("conditions", "three_works")), {"value": 4}, {"fact:works"}, None, False),
    (("eligibility", ("categories", "folk")), {"plain": Text(zh="人", en="One")}, set(), {"folk"}, True),
    (("documents", ("documents", "portrait")), {"max_pages": 2}, {"document:portrait"}, set(), False),
    (("programme", ("consents", GUILD.programme.consents[0].id)), {"version": 2}, None, set(), False),
    (("workbooks", ("summary",)), {"title": "新表"}, set(), set(), False),
    (("clauses", ("四",)), {"heading": "新"}, set(), set(), False),
]


@pytest.mark.parametrize(("place", "changes", "keys", "categories", "rule"), REACHES)
def test_whom_a_change_concerns(place, changes, keys, categories, rule):
    other = replaced(*place, **changes)
    found = reach(diff(GUILD, other)[0], GUILD, other)
    assert keys is None or found.keys == keys
    assert categories is None or found.categories == categories
    assert found.rule is rule


def test_a_rule_concerns_the_categories_above_it():
    group = GUILD.eligibility.groups[0]
    other = replaced("eligibility", ("groups", group.id), title=Text(zh="新", en="New"))
    found = reach(diff(GUILD, other)[0], GUILD, other)
    assert found.rule and found.categories
    named = {c.id for c in GUILD.eligibility.categories if group.id in (*c.all, *c.any, *c.none)}
    assert named <= found.categories
    category = next(iter(found.categories))
    assert found.touches((), (category,)) and not found.touches(("fact:lives",), ())


def test_a_new_fact_concerns_who_claims_what_reads_it():
    fact = GUILD.eligibility.facts[0]
    older = with_part(GUILD, ("eligibility", "facts"), GUILD.eligibility.facts[1:])
    (change,) = [c for c in diff(older, GUILD) if c.kind is Kind.ADDED]
    assert isinstance(change.new, Fact)
    found = reach(change, older, GUILD)
    assert found.keys == {f"fact:{fact.id}"}
    read = {c.id for c in GUILD.eligibility.conditions if c.fact == fact.id}
    assert {c.id for c in GUILD.eligibility.categories if read & {*c.all, *c.any, *c.none}} <= found.categories
