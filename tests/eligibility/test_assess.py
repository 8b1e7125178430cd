"""Verdicts on a small pack: three values plus one, gates, refusals with the nearest category, routes, JSON."""

from datetime import date
from pathlib import Path

import pytest

from models.eligibility import report
from models.eligibility.assess import assess
from models.eligibility.route import find_route
from models.eligibility.verdict import UNSURE, Outcome, Status
from models.programme import loader
from models.programme.pack import Fact, Selection, Text, Tree

PACK = loader.load_folder(Path(__file__).parents[1] / "programme" / "packs" / "guild")
ON = date(2020, 2, 1)
MET, NOT_MET, UNKNOWN, STAFF = Status.MET, Status.NOT_MET, Status.UNKNOWN, Status.STAFF
OK = {"barred": False, "lives": True}
T = Text(zh="某", en="x")


def judge(claimed=("craft", "scholar", "folk", "away"), on=ON, **facts):
    return assess(PACK, facts, claimed, on)


@pytest.mark.parametrize(
    ("facts", "category", "status"),
    [
        ({**OK, "level": "senior"}, "craft", MET),
        ({**OK, "level": "technician"}, "craft", NOT_MET),
        ({"lives": True, "level": "senior"}, "craft", UNKNOWN),
        ({**OK, "barred": True, "level": "senior"}, "craft", NOT_MET),
        ({"barred": False, "level": "senior"}, "craft", UNKNOWN),
        ({"lives": False}, "craft", NOT_MET),
        ({"level": "none"}, "craft", NOT_MET),
        ({**OK, "level": UNSURE}, "craft", UNKNOWN),
        ({**OK, "level": "gone"}, "craft", UNKNOWN),
        ({**OK, "titles": ("reader",)}, "scholar", MET),
        ({**OK, "has_title": True, "titles": ["helper", "reader"]}, "scholar", MET),
        ({**OK, "titles": ("helper",)}, "scholar", UNKNOWN),
        ({**OK, "titles": ("helper",), "since": "2010-02-02"}, "scholar", NOT_MET),
        ({**OK, "titles": ("helper",), "since": "2010-02-01"}, "scholar", MET),
        ({**OK, "has_title": False, "since": "2010-02-02"}, "scholar", NOT_MET),
        ({**OK, "has_title": False, "titles": ("reader",), "since": "2011-01-01"}, "scholar", NOT_MET),
        ({**OK, "repute": True, "works": 3}, "folk", STAFF),
        ({**OK, "repute": True, "works": 2}, "folk", NOT_MET),
        ({**OK, "repute": False, "works": 9}, "folk", NOT_MET),
        ({**OK, "repute": True}, "folk", UNKNOWN),
        ({**OK, "repute": UNSURE, "works": 3}, "folk", UNKNOWN),
        ({"barred": False, "lives": False, "level": "senior"}, "away", MET),
        ({"barred": False, "lives": False, "level": "none", "since": "2019-01-01"}, "away", NOT_MET),
    ],
)
def test_a_category_is_judged(facts, category, status):
    assert judge(**facts).categories[category].status is status


def test_repute_that_cannot_be_unsure_is_still_to_ask():
    found = judge(("folk",), **OK, repute=UNSURE, works=3)
    assert found.pending == ("repute",)


def test_nothing_known_is_neither_pass_nor_refusal():
    found = judge()
    assert found.outcome is Outcome.UNKNOWN
    assert {category.status for category in found.categories.values()} == {UNKNOWN}
    assert found.pending
    assert found.nearest is None


def test_nothing_claimed_is_unknown_and_asks_nothing():
    found = assess(PACK, OK, None, ON)
    assert (found.outcome, found.claimed, found.pending) == (Outcome.UNKNOWN, (), ())


def test_not_sure_claims_everything_in_the_notices_order():
    assert assess(PACK, {}, UNSURE, ON).claimed == ("craft", "scholar", "folk", "away")
    assert assess(PACK, {}, ("folk", "craft", "stranger"), ON).claimed == ("craft", "folk")


def test_outcomes():
    assert judge(("craft",), **OK, level="senior").outcome is Outcome.ELIGIBLE
    assert judge(("folk",), **OK, repute=True, works=5).outcome is Outcome.STAFF
    assert judge(("craft",), **OK, level=UNSURE).outcome is Outcome.STAFF
    assert judge(("craft",), **OK).outcome is Outcome.UNKNOWN
    assert judge(("craft",), lives=False).outcome is Outcome.REFUSED
    assert judge(("craft", "folk"), **OK, level="senior", repute=False).outcome is Outcome.ELIGIBLE


def test_unsure_is_flagged_on_the_condition_and_on_what_hangs_on_it():
    found = judge(("craft",), **OK, level=UNSURE)
    leaf = next(leaf for leaf in found.categories["craft"].findings() if leaf.condition == "senior")
    assert (leaf.status, leaf.unsure, leaf.facts) == (UNKNOWN, True, {"level": UNSURE})
    assert found.categories["craft"].unsure
    assert not found.categories["scholar"].unsure


def test_an_unsure_answer_does_not_hide_a_question_that_can_still_settle():
    found = judge(("away",), barred=False, lives=False, level=UNSURE)
    assert found.pending == ("since",)
    assert judge(("away",), barred=False, lives=False, level=UNSURE, since="2001-01-01").outcome is Outcome.ELIGIBLE


def test_a_refusal_names_the_nearest_category_that_is_not_contradicted():
    found = judge(("craft",), **OK, level="technician")
    assert (found.outcome, found.nearest) == (Outcome.REFUSED, "scholar")
    found = judge(("craft",), **OK, level="none", has_title=False, since="2019-01-01", works=5)
    assert found.nearest == "folk"
    found = judge(("craft",), barred=True)
    assert found.outcome is Outcome.REFUSED
    assert found.nearest in found.categories


def test_a_gate_comes_before_its_question_and_closes_it():
    found = judge(("scholar",), **OK, since="2019-01-01")
    assert found.pending == ("has_title",)
    assert judge(("scholar",), **OK, since="2019-01-01", has_title=True).pending == ("titles",)
    closed = judge(("scholar",), **OK, since="2019-01-01", has_title=False)
    assert closed.pending == ()
    leaf = next(leaf for leaf in closed.categories["scholar"].findings() if leaf.condition == "listed_title")
    assert leaf.facts == {"titles": None, "has_title": False}
    unsure = judge(("scholar",), **OK, since="2019-01-01", has_title=UNSURE)
    assert (unsure.outcome, unsure.pending) == (Outcome.STAFF, ("employer",))


def test_findings_carry_clause_quotation_and_evidence():
    leaf = next(x for x in judge(**OK, level="senior").categories["craft"].findings() if x.condition == "senior")
    assert (leaf.clause, leaf.quote, leaf.evidence) == ("二1", "具有高级技师资格的人员", ("certificate",))
    leaf = next(x for x in judge().categories["scholar"].findings() if x.condition == "ten_years")
    assert leaf.quote == "从业满十年"
    general = judge(barred=False).general
    assert (general.status, general.parts[0].status) == (MET, MET)


@pytest.mark.parametrize(
    ("facts", "unit", "status"),
    [
        ({}, None, UNKNOWN),
        ({"employer": "school"}, "school", MET),
        ({"employer": "town"}, None, UNKNOWN),
        ({"employer": "town", "town": "town-b"}, "town-b", MET),
        ({"employer": "town", "town": UNSURE}, "office", STAFF),
        ({"employer": "bank"}, "office", STAFF),
        ({"employer": "else"}, "office", STAFF),
        ({"employer": UNSURE}, "office", STAFF),
        ({"employer": "school", "town": "town-b"}, "school", MET),
    ],
)
def test_the_first_route_that_is_met_decides(facts, unit, status):
    route = find_route(PACK, facts, ON)
    assert (route.unit, route.status) == (unit, status)
    assert route.clause == "三"
    assert route.quote


def test_people_see_the_candidates_where_they_decide():
    assert find_route(PACK, {"employer": "bank"}, ON).candidates == ("school",)
    assert find_route(PACK, {"employer": "town", "town": UNSURE}, ON).candidates == ("town-a", "town-b")
    assert find_route(PACK, {"employer": UNSURE}, ON).candidates == ("school", "town-a", "town-b")


def test_bodies_that_help_go_with_the_route_they_stand_on():
    assert [body.en for body in find_route(PACK, {"employer": "town", "town": UNSURE}, ON).supporting] == [
        "The guild’s bank"
    ]
    assert find_route(PACK, {"employer": "school"}, ON).supporting == ()


def test_what_every_category_needs_is_asked_before_what_one_needs():
    settles_more = assess(PACK.model_copy(update={"eligibility": _without_general()}), {}, ("folk",), ON).pending[0]
    assert settles_more != "barred"
    assert judge(("folk",)).pending[0] == "barred"
    assert judge(("folk",), barred=False).pending[0] == settles_more


def _without_general():
    return PACK.eligibility.model_copy(update={"general": Tree()})


def test_the_way_in_is_asked_last_where_no_rule_reads_it():
    way = Fact(id="way", kind="yes_no", question=T, why=T)
    routing = PACK.routing.model_copy(update={"facts": (*PACK.routing.facts, way)})
    asked = PACK.model_copy(update={"routing": routing, "selection": Selection(channel_fact="way")})
    known = {**OK, "level": "senior", "employer": "school"}
    assert assess(asked, known, ("craft",), ON).pending == ("way",)
    assert assess(asked, {**known, "way": UNSURE}, ("craft",), ON).pending == ()
    assert assess(asked, {**known, "level": "none"}, ("craft",), ON).pending == ()  # refused: nothing more is asked


def test_the_route_is_asked_after_eligibility_and_not_after_a_refusal():
    assert judge(("craft",), **OK, level="senior").pending == ("employer",)
    assert judge(("craft",), **OK, level="senior", employer="town").pending == ("town",)
    assert judge(("craft",), **OK, level="senior", employer="school").pending == ()
    assert judge(("craft",), **OK, level="none").pending == ()


def test_the_day_decides():
    facts = {**OK, "since": "2010-02-01", "titles": ("helper",)}
    assert judge(("scholar",), date(2020, 1, 31), **facts).outcome is Outcome.REFUSED
    assert judge(("scholar",), date(2020, 2, 1), **facts).outcome is Outcome.ELIGIBLE


def test_an_assessment_as_json():
    data = report.to_json(judge(("craft",), **OK, level="senior", employer="town", town="town-a"), PACK, "en")
    assert data["outcome"] == "eligible"
    assert data["categories"]["craft"]["status"] == "met"
    senior = next(c for c in data["categories"]["craft"]["conditions"] if c["id"] == "senior")
    assert (senior["clause"], senior["facts"], senior["text"]) == ("二1", {"level": "senior"}, "senior technician")
    assert data["categories"]["folk"]["groups"][0]["id"] == "artist"
    assert data["route"] == {
        "unit": "town-a",
        "name": "Town A",
        "status": "met",
        "clause": "三",
        "quote": "由所在单位报送，三月底前完成",
        "text": "The town reports",
        "candidates": [],
        "supporting": ["The guild’s bank"],
    }


def test_the_questions_list_facts_with_their_allowed_values():
    found = {question["id"]: question for question in report.questions(PACK)}
    assert found["claim"]["values"] == ["craft", "scholar", "folk", "away"]
    assert found["lives"]["values"] == [True, False]
    assert found["titles"]["values"] == ["master", "reader", "helper"]
    assert found["titles"]["ask_when"] == ["holds_title"]
    assert found["since"]["values"] == "YYYY-MM-DD"
    assert found["town"]["part"] == "routing"


def test_facts_are_read_from_json():
    data = {"lives": True, "titles": ["reader"], "level": None, "since": "unsure", "claim": ["folk"]}
    facts, claimed, problems = report.facts_from_json(PACK, data)
    assert (facts, claimed, problems) == ({"lives": True, "titles": ("reader",), "since": UNSURE}, ("folk",), [])
    assert report.facts_from_json(PACK, {})[1] == ("craft", "scholar", "folk", "away")
    assert report.facts_from_json(PACK, {"claim": "unsure"})[1] == UNSURE


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"height": 3}, "height"),
        ({"lives": "yes"}, "yes"),
        ({"level": "chief"}, "technician"),
        ({"level": ["senior"]}, "senior"),
        ({"titles": "reader"}, "titles"),
        ({"titles": [["reader"]]}, "titles"),
        ({"works": True}, "works"),
        ({"works": -1}, "-1"),
        ({"since": "2010-1-1"}, "2010-1-1"),
        ({"since": 2010}, "2010"),
        ({"repute": "unsure"}, "repute"),
        ({"claim": ["nobody"]}, "craft"),
        ({"claim": [["craft"]]}, "craft"),
        ({"claim": "craft"}, "craft"),
        ([], "JSON"),
    ],
)
def test_wrong_facts_are_named_in_a_sentence_and_left_out(data, words):
    for lang in ("zh", "en"):
        facts, _, problems = report.facts_from_json(PACK, data, lang)
        assert len(problems) == 1
        assert words in problems[0]
        assert facts == {}
