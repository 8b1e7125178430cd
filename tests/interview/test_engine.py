"""An interview replayed from answers: the order of stages, what opens and closes, what is accepted and refused."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from models.eligibility.verdict import UNSURE, Outcome, Status
from models.errors import InvalidAnswer
from models.interview import engine, wording
from models.interview.steps import Ask, Ready, ShowVerdict, Stage
from models.programme import idnumber, loader

PACK = loader.load_folder(Path(__file__).parents[1] / "programme" / "packs" / "guild")
ON = date(2020, 2, 1)
ID = idnumber.make("530114", date(1980, 5, 6), 13)
OTHER_ID = idnumber.make("530114", date(1981, 5, 6), 12)
CONSENTS = {"consent:identity": "同意", "consent:news": "否"}
ELIGIBLE = {
    **CONSENTS,
    "claim": ["craft", "scholar"],
    "fact:barred": "否",
    "fact:lives": "是",
    "fact:level": "高级技师",
    "fact:since": "2015-01-01",
    "fact:has_title": "有",
    "fact:titles": ["reader"],
    "fact:employer": "school",
}
FORM = {
    "field:name": "张三",
    "field:id_number": ID,
    "field:birth": "1980年5月6日",
    "field:sex": "男",
    "field:phone": "",
    "field:titles": "讲师",
    "field:school": "letters",
    "field:title": "reader",
    "field:study_start": "2001-9",
    "field:study_end": "",
    "field:jobs": [{"start": "2001-9", "end": "至今", "place": "厂"}],
}


def give(answers, raws, on=ON):
    """Answer one after another, each accepted against the live plan."""
    out = dict(answers)
    for key, raw in raws.items():
        out[key] = engine.accept(PACK, out, key, raw, on)
    return out


def step(answers):
    return engine.next_step(PACK, answers, ON)


def eligible():
    """Answer what is asked until the verdict, from the answers of an eligible person."""
    answers = {}
    while not isinstance(found := step(answers), ShowVerdict):
        answers = give(answers, {found.key: ELIGIBLE[found.key]})
    return answers


def at_form():
    return give(eligible(), {"verdict": True})


def test_a_whole_interview_in_order():
    answers, stages = {}, []
    replies = {**ELIGIBLE, **FORM, "document:portrait": 1, "document:certificate": 0, "declaration:truth": "是"}
    while not isinstance(found := step(answers), Ready):
        if isinstance(found, ShowVerdict):
            assert found.assessment.outcome is Outcome.ELIGIBLE
            answers = give(answers, {"verdict": True})
            stages.append(Stage.VERDICT)
        else:
            stages.append(found.stage)
            answers = give(answers, {found.key: replies[found.key]})
    order = list(Stage)
    assert [order.index(stage) for stage in stages] == sorted(order.index(stage) for stage in stages)
    plan = engine.plan(PACK, answers, ON)
    assert plan.answered == {ask.key for ask in plan.asks} | {"verdict"}
    assert [section.state for section in plan.sections] == ["done"] * 3
    assert answers["field:jobs"] == [{"start": "2001-09", "end": "", "place": "厂"}]
    assert answers["document:certificate"] == 0


def test_a_required_consent_is_never_taken_for_granted():
    assert step({}).key == "consent:identity"
    with pytest.raises(InvalidAnswer) as caught:
        give({}, {"consent:identity": "不同意"})
    assert caught.value.key == "error.consent_required"
    assert step({"consent:identity": False, "consent:news": True}).key == "consent:identity"
    assert step({"consent:identity": True}).key == "consent:news"
    assert step({"consent:identity": True, "consent:news": False}).key == "claim"


def test_the_claim_offers_the_categories_and_not_sure():
    ask = step(give({}, CONSENTS))
    assert [option.value for option in ask.options] == ["craft", "scholar", "folk", "away"]
    assert ask.unsure
    with pytest.raises(InvalidAnswer) as caught:
        give({}, {**CONSENTS, "claim": []})
    assert caught.value.key == "error.choose_some"
    assert give({}, {**CONSENTS, "claim": "不确定"})["claim"] == UNSURE


def test_one_fact_is_asked_at_a_time_and_no_other_is_accepted():
    answers = give({}, {**CONSENTS, "claim": ["craft"]})
    plan = engine.plan(PACK, answers, ON)
    facts = [ask.key for ask in plan.asks if ask.key.startswith("fact:")]
    assert facts == [plan.step.key]
    for key in ("fact:repute", "fact:employer", "field:name", "declaration:truth", "nothing", "document:portrait"):
        with pytest.raises(InvalidAnswer) as caught:
            engine.accept(PACK, answers, key, True, ON)
        assert caught.value.key == "error.not_asked"


def test_answers_that_the_replay_does_not_reach_sleep_until_their_question_comes_back():
    answers = eligible()
    changed = give(answers, {"fact:has_title": "没有"})
    assert "fact:titles" not in {ask.key for ask in engine.plan(PACK, changed, ON).asks}
    assert isinstance(step(changed), ShowVerdict)
    assert engine.plan(PACK, changed, ON).assessment.categories["scholar"].status is Status.NOT_MET
    back = give(changed, {"fact:has_title": "有"})
    assert isinstance(step(back), ShowVerdict)
    assert "fact:titles" in engine.plan(PACK, back, ON).answered


def test_the_verdict_is_shown_until_it_is_read_and_again_when_something_changes():
    answers = eligible()
    assert isinstance(step(answers), ShowVerdict)
    assert isinstance(step({**answers, "verdict": True}), ShowVerdict)
    read = give(answers, {"verdict": True})
    assert isinstance(step(read), Ask)
    assert give(read, {"verdict": True}) == read
    changed = give(read, {"fact:employer": "else"})
    assert isinstance(step(changed), ShowVerdict)
    assert step(give(changed, {"verdict": True})).stage is Stage.FORM
    narrowed = give(read, {"claim": ["craft"]})
    assert isinstance(step(narrowed), ShowVerdict)


def test_the_verdict_cannot_be_read_before_it_is_there_or_passed_over_by_refusing():
    answers = give({}, {**CONSENTS, "claim": ["craft"]})
    for given, raw, key in (
        (answers, True, "error.verdict_first"),
        (eligible(), False, "error.yes_or_no"),
        ({**answers, "fact:lives": False, "fact:barred": False}, True, "error.refused"),
    ):
        with pytest.raises(InvalidAnswer) as caught:
            engine.accept(PACK, given, "verdict", raw, ON)
        assert caught.value.key == key


def test_a_refusal_never_goes_past_the_verdict():
    answers = give({}, {**CONSENTS, "claim": ["craft"]})
    while not isinstance(found := step(answers), ShowVerdict):
        answers = give(answers, {found.key: {"fact:level": "technician"}.get(found.key, ELIGIBLE[found.key])})
    assert found.assessment.outcome is Outcome.REFUSED
    forced = {**answers, "verdict": at_form()["verdict"]}
    plan = engine.plan(PACK, forced, ON)
    assert isinstance(plan.step, ShowVerdict)
    assert plan.sections == () == plan.documents


def test_sections_fields_and_documents_follow_the_answers():
    plan = engine.plan(PACK, at_form(), ON)
    assert [section.id for section in plan.sections] == ["basic", "scholar", "history"]
    assert plan.ask("field:other_school") is None
    assert [ask.key for ask in plan.documents] == ["document:portrait", "document:certificate"]
    other = give(at_form(), {"field:school": "other"})
    plan = engine.plan(PACK, other, ON)
    assert plan.ask("field:other_school")
    craft = give(give(at_form(), {"claim": ["craft"]}), {"verdict": True})
    assert [section.id for section in engine.plan(PACK, craft, ON).sections] == ["basic", "history"]


def test_a_document_is_asked_by_the_condition_that_it_shows():
    answers = eligible()
    without = {**answers, "fact:level": "technician"}
    without = give(without, {"verdict": True})
    assert [ask.key for ask in engine.plan(PACK, without, ON).documents] == ["document:portrait"]


def test_the_list_below_a_parent_is_narrowed_and_a_stale_choice_asked_again():
    answers = give(at_form(), {"field:school": "letters"})
    ask = engine.plan(PACK, answers, ON).ask("field:title")
    assert [option.value for option in ask.options] == ["reader", "helper"]
    answers = give(answers, {"field:title": "助理"})
    with pytest.raises(InvalidAnswer) as caught:
        give(answers, {"field:title": "master"})
    assert caught.value.key == "error.not_an_option"
    moved = give(answers, {"field:school": "arts"})
    plan = engine.plan(PACK, moved, ON)
    assert "field:title" not in plan.answered
    assert [option.value for option in plan.ask("field:title").options] == ["master"]
    assert engine.plan(PACK, give(answers, {"field:school": "other"}), ON).ask("field:title") is None


def test_values_are_suggested_from_the_id_number_and_from_eligibility_and_never_filled_in():
    answers = give(at_form(), {"field:id_number": ID})
    plan = engine.plan(PACK, answers, ON)
    assert plan.ask("field:birth").suggestion == "1980-05-06"
    assert plan.ask("field:sex").suggestion == "male"
    assert plan.ask("field:titles").suggestion == ["reader"]
    assert not {"field:birth", "field:sex", "field:titles"} & plan.answered


@pytest.mark.parametrize(
    ("key", "raw", "error"),
    [("field:birth", "1980-05-07", "error.birth_differs_from_id"), ("field:sex", "女", "error.sex_differs_from_id")],
)
def test_what_disagrees_with_the_id_number_is_refused(key, raw, error):
    answers = give(at_form(), {"field:id_number": ID})
    with pytest.raises(InvalidAnswer) as caught:
        give(answers, {key: raw})
    assert caught.value.key == error
    assert ID not in wording.error(caught.value, "zh") + wording.error(caught.value, "en")


@pytest.mark.parametrize(
    ("key", "raw", "error"),
    [("field:birth", "1980-05-07", "error.id_differs_from_birth"), ("field:sex", "女", "error.id_differs_from_sex")],
)
def test_an_id_number_that_disagrees_with_what_stands_is_refused(key, raw, error):
    answers = give(at_form(), {key: raw})
    with pytest.raises(InvalidAnswer) as caught:
        give(answers, {"field:id_number": ID})
    assert caught.value.key == error
    assert wording.error(caught.value, "en")


def test_a_corrected_id_number_is_taken_and_asks_again_for_what_came_from_the_wrong_one():
    answers = give(at_form(), {"field:id_number": OTHER_ID, "field:birth": "1981-05-06", "field:sex": "female"})
    answers = give(answers, {"field:id_number": ID})
    plan = engine.plan(PACK, answers, ON)
    assert not {"field:birth", "field:sex"} & plan.answered
    assert plan.ask("field:birth").suggestion == "1980-05-06"


@pytest.mark.parametrize(("first", "second"), [("start", "end"), ("end", "start")])
def test_a_period_must_not_end_before_it_starts(first, second):
    months = {"start": "2005-9", "end": "2004-7"}
    answers = give(at_form(), {f"field:study_{first}": months[first]})
    with pytest.raises(InvalidAnswer) as caught:
        give(answers, {f"field:study_{second}": months[second]})
    assert caught.value.key == "error.range_order"
    assert "2005年9月" in wording.error(caught.value, "zh")


@pytest.mark.parametrize(
    ("key", "raw", "words"),
    [
        ("field:study_start", "2020-03", "这个时间还没到"),
        ("field:jobs", [{"start": "2020-3", "place": "厂"}], "第 1 行“开始”：这个时间还没到"),
    ],
)
def test_what_has_not_come_yet_is_refused(key, raw, words):
    with pytest.raises(InvalidAnswer) as caught:
        give(at_form(), {key: raw})
    assert wording.error(caught.value, "zh").startswith(words)


def test_the_present_month_and_the_end_of_a_period_are_taken():
    raw = [{"start": "2020-2", "end": "2021-3", "place": "厂"}]
    assert give(at_form(), {"field:study_start": "2020-2", "field:jobs": raw})["field:jobs"][0]["end"] == "2021-03"


def test_an_optional_field_left_blank_is_answered_and_a_required_one_is_not():
    answers = give(at_form(), {"field:phone": ""})
    assert "field:phone" in engine.plan(PACK, answers, ON).answered
    assert "field:name" not in engine.plan(PACK, {**answers, "field:name": ""}, ON).answered


def test_words_that_stand_are_not_judged_anew_by_a_younger_rule():
    """A draft from before digits were no name is saved again as it is; what is changed is judged."""
    before = {**give(at_form(), FORM), "field:name": "430400"}
    assert engine.accept(PACK, before, "field:name", "430400", ON) == "430400"
    assert engine.accept(PACK, before, "field:name", " ４３０４００", ON) == "430400"
    for written in ("430401", ""):
        with pytest.raises(InvalidAnswer):
            engine.accept(PACK, before, "field:name", written, ON)


def test_pages_declarations_and_readiness():
    answers = give(at_form(), FORM)
    assert step(answers).key == "document:portrait"
    with pytest.raises(InvalidAnswer) as caught:
        give(answers, {"document:portrait": 0})
    assert caught.value.key == "error.pages"
    answers = give(answers, {"document:portrait": 1, "document:certificate": 0})
    with pytest.raises(InvalidAnswer) as caught:
        give(answers, {"declaration:truth": "否"})
    assert caught.value.key == "error.declaration_required"
    assert isinstance(step(give(answers, {"declaration:truth": "是"})), Ready)


def test_a_section_tells_how_far_it_is():
    states = {section.id: section.state for section in engine.plan(PACK, at_form(), ON).sections}
    assert set(states.values()) == {"not_started"}
    section = engine.plan(PACK, give(at_form(), {"field:name": "张三"}), ON).sections[0]
    assert (section.state, section.answered, len(section.asks)) == ("in_progress", 1, 5)


def test_a_claim_kept_from_another_version_of_the_pack_is_asked_again():
    answers = {**give({}, CONSENTS), "claim": ["gone"]}
    assert step(answers).key == "claim"


def test_lists_and_tuples_of_a_stored_answer_mean_the_same():
    answers = eligible()
    as_tuples = {key: tuple(value) if isinstance(value, list) else value for key, value in answers.items()}
    read = give(as_tuples, {"verdict": True})["verdict"]
    assert read == give(answers, {"verdict": True})["verdict"]


def test_not_sure_goes_on_and_people_decide():
    answers = give({}, {**CONSENTS, "claim": ["craft"]})
    while not isinstance(found := step(answers), ShowVerdict):
        answers = give(answers, {found.key: {"fact:level": "不确定"}.get(found.key, ELIGIBLE[found.key])})
    assert found.assessment.outcome is Outcome.STAFF
    assert step(give(answers, {"verdict": True})).stage is Stage.FORM


def test_rows_come_one_by_one_where_more_than_one_is_asked_for(tmp_path):
    folder = shutil.copytree(Path(__file__).parents[1] / "programme" / "packs" / "guild", tmp_path / "guild")
    form = folder / "form.toml"
    form.write_text(form.read_text("utf-8").replace("min_rows = 1", "min_rows = 2"), "utf-8")
    pack = loader.load_folder(folder)
    answers = at_form()
    row = {"start": "2001-9", "end": "至今", "place": "厂"}
    for count in (1, 2):
        answers["field:jobs"] = engine.accept(pack, answers, "field:jobs", [row] * count, ON)
        assert ("field:jobs" in engine.plan(pack, answers, ON).answered) is (count == 2)
    with pytest.raises(InvalidAnswer):
        engine.accept(pack, answers, "field:jobs", [], ON)


def test_a_kept_plan_is_the_one_that_would_be_worked_out():
    """Of these very answers, on this very day, by this very pack; whatever becomes of the answers given."""
    given = {**give({}, ELIGIBLE)}
    for present in ({}, give({}, CONSENTS), given, {**given, "consent:news": 1}, {**given, "fact:lives": 1}):
        for day in (ON, date(2030, 2, 1)):
            for _ in range(2):
                assert engine.plan(PACK, present, day) == engine._worked(PACK, present, day).plan
    assert engine.plan(PACK, {**given, "fact:lives": 1}, ON) != engine.plan(PACK, given, ON)
    again = loader.load_folder(Path(__file__).parents[1] / "programme" / "packs" / "guild")
    assert (
        engine.worked(again, given, ON).plan.step.assessment is not engine.worked(PACK, given, ON).plan.step.assessment
    )


def test_nothing_of_the_form_is_in_what_is_kept_of_plans():
    given = give({}, ELIGIBLE)
    given["verdict"] = engine.accept(PACK, given, "verdict", True, ON)
    before = engine.worked(PACK, given, ON)
    given["field:name"] = "测试甲"
    assert engine.plan(PACK, given, ON).answered - before.plan.answered == {"field:name"}
    assert "field:name" not in before.form.answers
    assert not [state for state in engine._plans if "field:name" in state[2] or "测试甲" in state[3]]
