"""Tiers of one another: the highest that holds counts, those below it are not asked for and not shown."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.eligibility import operators, report
from models.eligibility.assess import assess
from models.eligibility.compiled import compiled
from models.eligibility.verdict import UNSURE, Outcome, Status
from models.errors import InvalidAnswer, PackError
from models.interview import engine
from models.programme import loader
from models.programme.check import check_pack
from models.programme.pack import Category, Condition, Eligibility, Fact, Ladder, Option, Text
from models.programme.references import prove

GUILD = loader.load_folder(Path(__file__).parents[1] / "programme" / "packs" / "guild")
ON = date(2020, 7, 1)
T = Text(zh="某", en="x")


def fact(name, kind="yes_no", **more):
    return Fact(id=name, kind=kind, question=T, why=T, **more)


def condition(name, read, op="is", value=True, **more):
    return Condition(id=name, fact=read, op=op, value=value, clause="二1", text=T, **more)


def category(name, *wanted):
    return Category(id=name, clause="二1", name=T, plain=T, any=wanted)


GRADES = tuple(Option(value=value, label=T) for value in ("low", "middle", "high"))
RULES = Eligibility(
    claim_question=T,
    facts=(
        fact("grade", "choice", options=GRADES, ordered=True),
        fact("doctor"),
        fact("praised"),
        fact("since", "date"),
    ),
    conditions=(
        condition("is_high", "grade", "is", "high"),
        condition("is_middle", "grade", "is", "middle"),
        condition("is_low", "grade", "is", "low"),
        condition("is_doctor", "doctor"),
        condition("is_praised", "praised", staff=True),
        condition("five_years", "since", "years_at_least", 5),
    ),
    # the notice names the lowest tier first
    categories=(
        category("low_tier", "is_low"),
        category("middle_tier", "is_middle", "five_years"),
        category("high_tier", "is_high", "is_doctor", "is_praised"),
        category("apart", "is_praised"),
    ),
    ladders=(Ladder(id="trade", clause="二1", name=T, plain=T, categories=("high_tier", "middle_tier", "low_tier")),),
)
PACK = GUILD.model_copy(
    update={
        "eligibility": RULES,
        "routing": GUILD.routing.model_copy(update={"facts": (), "conditions": (), "routes": ()}),
        "form": GUILD.form.model_copy(update={"sections": ()}),
        "documents": GUILD.documents.model_copy(update={"documents": ()}),
    }
)
FACTS = {"grade": "low", "doctor": False, "praised": False, "since": "2019-01-01"}


def judge(claim=("trade",), **facts):
    return assess(PACK, facts, claim, ON)


@pytest.mark.parametrize(
    ("facts", "counting", "outcome"),
    [
        ({**FACTS, "grade": "high"}, ("high_tier",), Outcome.ELIGIBLE),
        ({**FACTS, "doctor": True, "since": "2010-01-01"}, ("high_tier",), Outcome.ELIGIBLE),
        ({**FACTS, "since": "2015-07-01"}, ("high_tier", "middle_tier"), Outcome.ELIGIBLE),  # exactly five years
        ({**FACTS, "since": "2015-07-02"}, ("high_tier", "middle_tier", "low_tier"), Outcome.ELIGIBLE),
        ({**FACTS, "praised": True, "grade": "middle"}, ("high_tier", "middle_tier"), Outcome.ELIGIBLE),
        ({**FACTS, "praised": True, "grade": UNSURE}, ("high_tier", "middle_tier", "low_tier"), Outcome.STAFF),
    ],
)
def test_the_highest_tier_that_holds_ends_the_ladder(facts, counting, outcome):
    found = judge(**facts)
    assert (found.claimed, found.outcome) == (counting, outcome)
    assert not found.pending


def test_a_tier_for_people_to_decide_does_not_hide_the_one_that_holds_below():
    found = judge(**{**FACTS, "praised": True, "grade": "middle"})
    assert found.categories["high_tier"].status is Status.STAFF
    assert found.categories["middle_tier"].status is Status.MET


def test_nothing_more_is_asked_once_the_top_is_reached():
    assert judge(grade="high").pending == ()
    assert judge(grade="middle").pending, "the top may still be reached"
    assert judge(("trade", "apart"), grade="high").pending == ("praised",)


def test_a_ladder_is_claimed_as_one_and_a_tier_may_be_named_alone():
    assert judge(UNSURE).claimed == ("high_tier", "middle_tier", "low_tier", "apart")
    assert judge(("low_tier",), **{**FACTS, "grade": "low"}).claimed == ("low_tier",)
    assert [claim.id for claim in RULES.claims()] == ["trade", "apart"]
    asked = engine.plan(PACK, {"consent:identity": True, "consent:news": False}, ON).step
    assert [option.value for option in asked.options] == ["trade", "apart"]
    with pytest.raises(InvalidAnswer):
        engine.accept(PACK, {"consent:identity": True, "consent:news": False}, "claim", ["low_tier"], ON)
    assert report.questions(PACK)[0]["values"] == ["trade", "apart"]
    assert report.facts_from_json(PACK, {"claim": ["trade", "low_tier"]})[1] == ("trade", "low_tier")
    assert report.facts_from_json(PACK, {"claim": ["nobody"]})[2]


@given(
    st.fixed_dictionaries(
        {
            "grade": st.sampled_from(["low", "middle", "high", UNSURE]),
            "doctor": st.sampled_from([True, False, UNSURE]),
            "praised": st.sampled_from([True, False, UNSURE]),
            "since": st.sampled_from(["2015-07-01", "2015-07-02", UNSURE]),
        }
    ),
    st.sampled_from([("trade",), ("apart",), ("trade", "apart"), UNSURE]),
)
def test_asking_only_what_is_needed_comes_to_the_same_tiers(everything, claim):
    told = {}
    while asks := assess(PACK, told, claim, ON).pending:
        told[asks[0]] = everything[asks[0]]
    asked, whole = assess(PACK, told, claim, ON), assess(PACK, everything, claim, ON)
    assert (asked.claimed, asked.outcome) == (whole.claimed, whole.outcome)
    met = [name for name in asked.claimed if asked.categories[name].status is Status.MET]
    assert met == [name for name in whole.claimed if whole.categories[name].status is Status.MET]


@pytest.mark.parametrize(
    ("as_of", "on", "day"),
    [
        (None, "2020-07-01", "2020-07-01"),
        ("06-30", "2020-06-29", "2020-06-30"),
        ("06-30", "2020-06-30", "2020-06-30"),
        ("06-30", "2020-07-01", "2021-06-30"),  # too late for this year: the next one's day counts
        ("01-01", "2020-12-31", "2021-01-01"),
    ],
)
def test_years_are_counted_up_to_the_day_of_the_intake(as_of, on, day):
    assert operators.reference_day(as_of, date.fromisoformat(on)).isoformat() == day


@pytest.mark.parametrize(
    ("born", "on", "fits"),
    [
        ("1964-07-01", "2020-01-01", True),  # 55 on 30 June
        ("1964-06-30", "2020-01-01", False),  # 56 on that day
        ("1964-06-30", "2019-06-30", True),
        ("1964-07-01", "2020-07-01", False),  # belongs to the next year, when it is 56
    ],
)
def test_an_age_on_the_day_of_the_intake(born, on, fits):
    judged = operators.predicate("years_at_most", 55, fact("born", "date"), "06-30")
    assert judged(born, date.fromisoformat(on)) is fits


def test_both_sides_of_a_day_of_the_intake_are_tried():
    rules = RULES.model_copy(
        update={
            "conditions": (*RULES.conditions[:-1], condition("five_years", "since", "years_at_least", 5, as_of="06-30"))
        }
    )
    c = compiled(PACK.model_copy(update={"eligibility": rules}))
    outcomes = {c.predicates[-1](value, ON) for value in c.samples("since", ON)}
    assert outcomes == {True, False}


def proved(**changes):
    prove(PACK.model_copy(update={"eligibility": RULES.model_copy(update=changes)}))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"ladders": (RULES.ladders[0].model_copy(update={"categories": ("top",)}),)}, "no category 'top'"),
        ({"ladders": (RULES.ladders[0], RULES.ladders[0].model_copy(update={"id": "two"}))}, "more than once"),
        ({"ladders": (RULES.ladders[0].model_copy(update={"id": "apart"}),)}, "more than once"),
        (
            {"conditions": (*RULES.conditions[:-1], condition("five_years", "grade", "is", "low", as_of="06-30"))},
            "years",
        ),
    ],
)
def test_a_wrong_ladder_or_day_is_named(changes, says):
    with pytest.raises(PackError, match=says):
        proved(**changes)


SETTINGS = """
[[settings]]
id = "years"
clause = "二2"
title = { zh = "年限", en = "Years" }
value = %d
reason = { zh = "通知没有写。", en = "The notice does not say." }
"""


def folder_with(tmp_path, value, condition_line):
    source = Path(__file__).parents[1] / "programme" / "packs" / "guild"
    folder = tmp_path / "guild"
    folder.mkdir()
    for file in source.rglob("*"):
        target = folder / file.relative_to(source)
        if file.is_dir():
            target.mkdir()
        else:
            target.write_bytes(file.read_bytes())
    programme = folder / "programme.toml"
    programme.write_text(programme.read_text("utf-8") + SETTINGS % value, "utf-8")
    rules = folder / "eligibility.toml"
    text = rules.read_text("utf-8")
    assert text.count("value = 10") == 1
    rules.write_text(text.replace("value = 10", condition_line), "utf-8")
    return folder


@pytest.mark.parametrize("value", [9, 10])
def test_a_condition_takes_its_number_from_a_setting(tmp_path, value):
    pack = loader.load_folder(folder_with(tmp_path, value, 'setting = "years"'))
    found = next(c for c in pack.eligibility.conditions if c.id == "ten_years")
    assert (found.value, found.setting) == (value, "years")
    assert not check_pack(pack).problems


@pytest.mark.parametrize(
    ("line", "says"), [('setting = "year"', "no setting 'year'"), ('setting = "years"\nvalue = 1', "not both")]
)
def test_a_setting_that_is_not_there_or_not_needed_is_named(tmp_path, line, says):
    with pytest.raises(PackError, match=says):
        loader.load_folder(folder_with(tmp_path, 10, line))


def test_a_setting_that_nothing_uses_is_a_problem(tmp_path):
    problems = check_pack(loader.load_folder(folder_with(tmp_path, 10, "value = 10"))).problems
    assert any("settings(years)" in problem for problem in problems)
