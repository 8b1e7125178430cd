"""Whatever is answered in whatever order, the same stored answers give the same plan; nothing live is ever lost."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.eligibility.assess import assess
from models.eligibility.compiled import compiled
from models.eligibility.verdict import UNSURE
from models.errors import InvalidAnswer
from models.interview import engine
from models.interview.steps import ShowVerdict
from models.programme import loader

GUILD = loader.load_folder(Path(__file__).parents[1] / "programme" / "packs" / "guild")
PACKS = [GUILD, *(loader.load_pack(slug) for slug in loader.pack_slugs())]
ON = date(2016, 2, 1)


def answer_all(pack, data, claim):
    """An interview up to the verdict with answers drawn from all the ways that each question can come out."""
    answers = {f"consent:{consent.id}": True for consent in pack.programme.consents} | {"claim": claim}
    c = compiled(pack)
    while not isinstance(found := engine.next_step(pack, answers, ON), ShowVerdict):
        ways = [*c.samples(found.key.removeprefix("fact:"), ON), *([UNSURE] if found.unsure else [])]
        raw = data.draw(st.sampled_from(ways))
        answers[found.key] = engine.accept(pack, answers, found.key, list(raw) if isinstance(raw, tuple) else raw, ON)
    return answers, found.assessment


def claims(pack):
    names = [category.id for category in pack.eligibility.categories]
    return st.just(UNSURE) | st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.slug)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_an_interview_ends_with_a_verdict_that_stored_order_does_not_change(pack, data):
    answers, found = answer_all(pack, data, data.draw(claims(pack)))
    shuffled = dict(data.draw(st.permutations(list(answers.items()))))
    assert engine.plan(pack, shuffled, ON) == engine.plan(pack, answers, ON)
    facts = {key[5:]: value for key, value in answers.items() if key.startswith("fact:")}
    assert assess(pack, facts, answers["claim"], ON) == found
    assert found.pending == ()


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.slug)
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_a_changed_answer_keeps_the_others(pack, data):
    answers, _ = answer_all(pack, data, data.draw(claims(pack)))
    plan = engine.plan(pack, answers, ON)
    ask = data.draw(st.sampled_from([ask for ask in plan.asks if ask.key.startswith("fact:")]))
    way = data.draw(st.sampled_from(compiled(pack).samples(ask.key[5:], ON)))
    changed = {
        **answers,
        ask.key: engine.accept(pack, answers, ask.key, list(way) if isinstance(way, tuple) else way, ON),
    }
    before = [a.key for a in plan.asks]
    after = [a.key for a in engine.plan(pack, changed, ON).asks]
    assert after[: before.index(ask.key) + 1] == before[: before.index(ask.key) + 1]
    assert engine.plan(pack, {**changed, ask.key: answers[ask.key]}, ON) == plan


@given(
    st.dictionaries(
        st.sampled_from(["claim", "verdict", "fact:level", "fact:titles", "consent:identity", "x"]),
        st.none() | st.booleans() | st.text(max_size=5) | st.lists(st.text(max_size=5), max_size=2),
    ),
    st.sampled_from(["claim", "verdict", "fact:lives", "consent:identity", "field:name", ""]),
    st.none() | st.booleans() | st.text(max_size=5),
)
@settings(max_examples=150, deadline=None)
def test_no_stored_answers_however_odd_break_a_plan(answers, key, raw):
    engine.plan(GUILD, answers, ON)
    try:
        engine.accept(GUILD, answers, key, raw, ON)
    except InvalidAnswer as exc:
        assert exc.key.startswith("error.")
