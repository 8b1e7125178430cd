"""Answers kept from another version: what can be read is read, the rest sleeps, nothing is made up."""

from datetime import date
from pathlib import Path

import pytest

from models.eligibility.verdict import UNSURE
from models.interview import engine
from models.interview.fitting import fitted
from models.interview.steps import ShowVerdict
from models.programme import loader
from models.programme.pack import Column, FormField, Option, Section, Text
from webforms.simulate import invent

GUILD = loader.load_folder(Path(__file__).parents[1] / "programme" / "packs" / "guild")
TODAY = date(2026, 11, 21)


def text(word):
    return Text(zh=word, en=word)


def option(value):
    return Option(value=value, label=text(value))


def asking(**attributes):
    """The guild with a form of one field."""
    spec = FormField(**{"id": "it", "kind": "text", "label": text("项"), "clause": "四", **attributes})
    section = Section(id="one", title=text("一"), clause="四", fields=(spec,))
    return GUILD.model_copy(update={"form": GUILD.form.model_copy(update={"sections": (section,)})})


READABLE = [
    ({"kind": "text"}, "木工"),
    ({"kind": "text"}, ""),
    ({"kind": "number"}, 3),
    ({"kind": "yes_no"}, False),
    ({"kind": "date"}, "1990-01-31"),
    ({"kind": "month"}, "1990-12"),
    ({"kind": "phone"}, "13900000000"),
    ({"kind": "choice", "options": (option("a"), option("b"))}, "b"),
    ({"kind": "choices", "options": (option("a"), option("b"))}, ["a", "b"]),
    ({"kind": "choices", "options": (option("a"),)}, []),
    ({"kind": "rows", "columns": (Column(id="c", kind="text", label=text("列")),)}, []),
]
ASLEEP = [
    ({"kind": "text"}, 3),
    ({"kind": "number"}, "3"),
    ({"kind": "number"}, True),
    ({"kind": "yes_no"}, 1),
    ({"kind": "date"}, "1990-01"),
    ({"kind": "date"}, "1990-02-30"),
    ({"kind": "month"}, "1990-13"),
    ({"kind": "month"}, "1990-01-31"),
    ({"kind": "phone"}, "木工"),
    ({"kind": "id_number"}, "430401197001010011x"),
    ({"kind": "choice", "options": (option("a"),)}, "gone"),
    ({"kind": "choices", "options": (option("a"),)}, ["a", "gone"]),
    ({"kind": "choices", "options": (option("a"),)}, "a"),
    ({"kind": "rows", "columns": (Column(id="c", kind="text", label=text("列")),)}, "一行"),
    ({"kind": "text"}, [{"c": "一行"}]),
]


@pytest.mark.parametrize(("spec", "value"), READABLE)
def test_an_answer_of_the_kind_is_read_as_it_is(spec, value):
    found = fitted(asking(**spec), {"field:it": value})
    assert (found.answers, found.asleep) == ({"field:it": value}, frozenset())


@pytest.mark.parametrize(("spec", "value"), ASLEEP)
def test_an_answer_of_another_kind_or_list_sleeps(spec, value):
    found = fitted(asking(**spec), {"field:it": value, "field:gone": "kept"})
    assert (found.answers, found.asleep) == ({"field:gone": "kept"}, {"field:it"})


def test_rows_keep_the_columns_that_are_known_and_a_new_one_is_blank():
    columns = (
        Column(id="place", kind="text", label=text("地点")),
        Column(id="since", kind="month", label=text("从")),
        Column(id="rank", kind="choice", label=text("级"), options=(option("a"),), required=False),
    )
    pack = asking(kind="rows", columns=columns)
    kept = [{"place": "某厂", "since": "2001", "old": "x"}, {"place": "某校", "since": "2005-09", "rank": "b"}]
    assert fitted(pack, {"field:it": kept}).answers["field:it"] == [
        {"place": "某厂", "since": "", "rank": ""},
        {"place": "某校", "since": "2005-09", "rank": ""},
    ]


def test_of_a_claim_what_can_still_be_claimed_stays():
    names = [category.id for category in GUILD.eligibility.categories]
    assert fitted(GUILD, {"claim": (names[0], "gone")}).answers["claim"] == (names[0],)
    assert fitted(GUILD, {"claim": ("gone",)}).asleep == {"claim"}
    assert fitted(GUILD, {"claim": UNSURE}).answers["claim"] == UNSURE


@pytest.mark.parametrize("slug", loader.pack_slugs())
@pytest.mark.parametrize("serial", range(4))
def test_whatever_a_pack_accepted_it_reads_unchanged(slug, serial):
    pack = loader.load_pack(slug)
    answers = invent(pack, 7, serial, TODAY).answers
    found = fitted(pack, answers)
    assert found.answers == answers
    assert found.asleep == frozenset()


def newer(pack, **changes):
    programme = pack.programme.model_copy(update={"version": "next"})
    return pack.model_copy(update={"programme": programme, **changes})


@pytest.mark.parametrize("slug", loader.pack_slugs())
def test_a_verdict_is_shown_again_under_another_version_and_never_under_the_same(slug):
    pack = loader.load_pack(slug)
    answers = invent(pack, 7, 1, TODAY).answers
    assert "verdict" in engine.plan(pack, answers, TODAY).answered
    other = newer(pack)
    assert isinstance(engine.next_step(other, answers, TODAY), ShowVerdict)
    read = {**answers, "verdict": engine.accept(other, answers, "verdict", True, TODAY)}
    assert "verdict" in engine.plan(other, read, TODAY).answered
    assert isinstance(engine.next_step(pack, read, TODAY), ShowVerdict)


def field_of(pack, ident):
    return next(field for section in pack.form.sections for field in section.fields if field.id == ident)


def with_field(pack, spec):
    sections = tuple(
        section.model_copy(update={"fields": tuple(spec if f.id == spec.id else f for f in section.fields)})
        for section in pack.form.sections
    )
    return pack.model_copy(update={"form": pack.form.model_copy(update={"sections": sections})})


@pytest.fixture
def whole():
    """A pack with rows that somebody has filled in, and their answers."""
    pack = loader.load_pack("hengyang-2015")
    answers = invent(pack, 7, 1, TODAY).answers
    key = next(
        key for key, value in answers.items() if isinstance(value, list) and value and isinstance(value[0], dict)
    )
    return pack, answers, field_of(pack, key.removeprefix("field:"))


def test_rows_without_a_new_required_column_are_open_again(whole):
    pack, answers, spec = whole
    columns = (*spec.columns, Column(id="more", kind="text", label=text("更多")))
    other = with_field(pack, spec.model_copy(update={"columns": columns}))
    read = fitted(other, answers).answers
    assert f"field:{spec.id}" not in engine.plan(other, read, TODAY).answered
    optional = (*spec.columns, Column(id="more", kind="text", label=text("更多"), required=False))
    other = with_field(pack, spec.model_copy(update={"columns": optional}))
    assert f"field:{spec.id}" in engine.plan(other, fitted(other, answers).answers, TODAY).answered


def test_what_is_longer_than_a_version_allows_is_open_again_and_still_there(whole):
    pack, answers, _rows = whole
    spec = next(
        f
        for s in pack.form.sections
        for f in s.fields
        if f.kind == "text" and len(answers.get(f"field:{f.id}", "")) > 1
    )
    other = with_field(pack, spec.model_copy(update={"max_length": len(answers[f"field:{spec.id}"]) - 1}))
    read = fitted(other, answers).answers
    assert read[f"field:{spec.id}"] == answers[f"field:{spec.id}"]
    assert f"field:{spec.id}" not in engine.plan(other, read, TODAY).answered
