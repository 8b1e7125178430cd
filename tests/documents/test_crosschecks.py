"""What the papers say together: each check on both sides of its limit, none of them blocking."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.documents.crosschecks import check
from models.documents.gathering import gather
from models.documents.reading import NOT_CHECKED, UNREADABLE, Found, PageReading
from models.eligibility.assess import assess
from models.eligibility.verdict import UNSURE
from models.interview import wording
from models.programme.loader import load_pack, pack_slugs
from models.programme.mentions import clause_uses
from models.programme.papers import papers
from tests.support.readings import Leaf, read

ZHONGSHAN, CHENGGONG = load_pack("zhongshan"), load_pack("chenggong-2021")
ON = date(2026, 3, 1)


def found(readings, facts=None, pack=ZHONGSHAN, claimed=UNSURE, on=ON) -> dict[str, str]:
    """Codes of the findings with their documents; `readings`: (document, reading) in order."""
    drafts = drafts_of(readings, facts, pack, claimed, on)
    assert not any(draft.blocking for draft in drafts)
    return {draft.code.removeprefix("finding."): draft.key.removeprefix("document:") for draft in drafts}


def drafts_of(readings, facts=None, pack=ZHONGSHAN, claimed=UNSURE, on=ON):
    pages = [Leaf(str(number), document, number) for number, (document, _) in enumerate(readings)]
    by_page = {str(number): reading for number, (_, reading) in enumerate(readings)}
    answers = {f"fact:{name}": value for name, value in (facts or {}).items()}
    return check(gather(pack, answers, assess(pack, facts or {}, claimed, on), pages, by_page, on))


FRONT = ("id_card", read("id_front", name="王小明", birth_date="1990-06-15"))
BACK = ("id_card", read("id_back", valid_from="2015-01-01", valid_until="2035-01-01"))


def test_papers_that_agree_are_not_questioned() -> None:
    assert found([FRONT, BACK, ("education_certificate", read("diploma", name="王小明", issued_on="2012-07"))]) == {}


@pytest.mark.parametrize("nothing", [NOT_CHECKED, UNREADABLE, PageReading("read")])
def test_what_was_not_read_is_not_questioned(nothing: PageReading) -> None:
    assert found([("id_card", nothing), ("id_card", nothing), ("education_certificate", nothing)]) == {}


def test_the_same_name_on_all_papers() -> None:
    other = ("education_certificate", read("diploma", name="王晓明"))
    spaced = ("education_certificate", read("diploma", name="王 小 明"))
    assert found([FRONT, BACK, other]) == {"names_differ": "education_certificate"}
    assert found([FRONT, BACK, spaced]) == {}
    assert found([other]) == {}
    (draft,) = drafts_of([FRONT, BACK, other])
    assert draft.params["other"]["zh"] == "身份证"
    assert "王" not in repr(draft.params)


def test_a_page_of_another_kind() -> None:
    assert found([("education_certificate", read("id_back"))]) == {"other_paper": "education_certificate"}
    assert found([("education_certificate", read("diploma"))]) == {}
    assert found([("education_certificate", read("unheard_of"))]) == {}


def test_both_sides_of_the_id_card() -> None:
    assert found([FRONT, FRONT]) == {"side_missing": "id_card"}
    assert found([FRONT, BACK]) == {}
    assert found([FRONT]) == {}  # that a page is missing is said by the count of pages
    assert found([FRONT, ("id_card", PageReading("read", ""))]) == {}  # nobody knows what the other page is


@pytest.mark.parametrize(("issued", "wrong"), [("1990-05", True), ("1990-06", False), ("1990-06-14", True)])
def test_nothing_is_issued_before_birth(issued: str, wrong: bool) -> None:
    said = found([FRONT, BACK, ("education_certificate", read("diploma", issued_on=issued))])
    assert ("issued_before_birth" in said) is wrong


@pytest.mark.parametrize(("issued", "wrong"), [("2026-03", False), ("2026-03-01", False), ("2026-03-02", True)])
def test_nothing_is_issued_after_the_application(issued: str, wrong: bool) -> None:
    assert ("issued_in_future" in found([("education_certificate", read("diploma", issued_on=issued))])) is wrong


def test_a_title_comes_after_the_graduation() -> None:
    diploma = ("education_certificate", read("diploma", issued_on="2012-07"))
    later = ("education_certificate", read("diploma", issued_on="2018-07"))
    early = ("title_certificate", read("certificate", title="工程师", issued_on="2012-06-30"))
    right = ("title_certificate", read("certificate", title="工程师", issued_on="2012-07-01"))
    assert found([diploma, early]) == {"title_before_graduation": "title_certificate"}
    assert found([diploma, right]) == {}
    assert found([diploma, later, right]) == {}  # a second degree may come later


def test_a_last_day_comes_after_the_first() -> None:
    def contract(start: str, end: str) -> tuple[str, PageReading]:
        return ("contract", read("contract", valid_from=start, valid_until=end))

    assert found([contract("2026-01-01", "2025-12-31")]) == {"ends_before_start": "contract", "expired": "contract"}
    assert found([contract("2026-01-01", "2030-12-31")]) == {}


@pytest.mark.parametrize(
    ("until", "wrong"), [("2026-02-28", True), ("2026-03-01", False), ("9999-12-31", False), ("2026-03", False)]
)
def test_an_id_card_that_had_run_out(until: str, wrong: bool) -> None:
    back = ("id_card", read("id_back", valid_from="2006-01-01", valid_until=until))
    assert found([FRONT, back]) == ({"expired": "id_card"} if wrong else {})


def title(issued: str, level: str = "中级") -> tuple[str, PageReading]:
    return ("title_certificate", read("certificate", title="工程师", level=level, issued_on=issued))


FIVE_YEARS = {"title_level": "intermediate", "intermediate_since": "2021-03-01"}


@pytest.mark.parametrize(
    ("issued", "wrong"),
    [
        ("2021-03-01", False),  # five years to the day
        ("2021-03-02", True),
        ("2021-03", False),  # somewhen in that month: it may be five years
        ("2021-04", True),
    ],
)
def test_five_years_are_counted_from_the_certificates_date(issued: str, wrong: bool) -> None:
    said = found([title(issued)], FIVE_YEARS, CHENGGONG)
    assert said == ({"unmet_years": "title_certificate"} if wrong else {})


def test_it_names_the_condition_and_its_clause() -> None:
    (draft,) = drafts_of([title("2024-01-01")], FIVE_YEARS, CHENGGONG)
    assert (draft.clause, draft.params["condition"]["zh"]) == ("四(二)1(2)", "中级职称满5年")
    assert "2024" not in repr(draft.params)
    for lang in ("zh", "en"):
        assert wording.say(draft.code, lang, **draft.params)


def test_one_of_several_certificates_is_enough() -> None:
    assert found([title("2024-01-01"), title("2015-01-01")], FIVE_YEARS, CHENGGONG) == {}


def test_what_the_person_did_not_claim_is_not_held_against_them() -> None:
    assert found([title("2024-01-01")], {**FIVE_YEARS, "intermediate_since": UNSURE}, CHENGGONG) == {}
    assert found([title("2024-01-01")], {**FIVE_YEARS, "intermediate_since": "1800-13-99"}, CHENGGONG) == {}
    assert found([title("2024-01-01")], FIVE_YEARS, CHENGGONG, claimed=None) == {}


@pytest.mark.parametrize(
    ("level", "wrong"), [("中级", False), ("高级", False), ("副高", False), ("正高级", False), ("初级", True)]
)
def test_the_level_against_what_is_claimed(level: str, wrong: bool) -> None:
    said = found([title("2010-01-01", level)], {"title_level": "associate_senior"}, CHENGGONG)
    assert ("unmet_level" in said) is (wrong or level == "中级")


def test_the_level_of_a_worker() -> None:
    facts = {"skill_certificates": ("skill_level",), "certificate_level": "technician"}

    def skill(level: str) -> tuple[str, PageReading]:
        return ("skill_certificate", read("certificate", trade="电工", level=level))

    assert found([skill("三级/高级工")], facts, CHENGGONG)["unmet_level"] == "skill_certificate"
    assert found([skill("二级/技师")], facts, CHENGGONG) == {}
    assert found([skill("一级/高级技师")], facts, CHENGGONG) == {}
    assert found([skill("看不懂")], facts, CHENGGONG) == {}


def test_a_degree_against_what_is_claimed() -> None:
    def degree(said: str) -> tuple[str, PageReading]:
        return ("degree_certificate", read("diploma", degree=said))

    assert found([degree("工学学士")], {"highest_degree": "master"}, CHENGGONG) == {"unmet_level": "degree_certificate"}
    assert found([degree("工学硕士")], {"highest_degree": "master"}, CHENGGONG) == {}


@pytest.mark.parametrize(("birth", "wrong"), [("1970-07-01", False), ("1970-06-30", True), ("1970-06", True)])
def test_age_is_counted_to_the_cut_off_day(birth: str, wrong: bool) -> None:
    front = ("id_card", read("id_front", name="王小明", birth_date=birth))
    said = found([front, BACK], {"birth_date": "1971-01-01"})
    assert ("unmet_age" in said) is wrong


@pytest.mark.parametrize(
    ("until", "wrong"),
    [("2027-12-31", False), ("2028-01-01", False), ("2027-12-30", True), ("9999-12-31", False), ("2027-12", False)],
)
def test_a_contract_of_three_years(until: str, wrong: bool) -> None:
    contract = ("contract", read("contract", valid_from="2025-01-01", valid_until=until))
    said = found([contract], {"contract_kind": "fixed", "contract_years": 3})
    assert said == ({"unmet_term": "contract"} if wrong else {})


@pytest.mark.parametrize("name", papers())
def test_every_kind_of_page_and_every_name_has_its_words(name: str) -> None:
    paper = papers()[name]
    for key in (*(f"paper.{side}" for side in paper.sides), *(f"read.{one.name}" for one in paper.shows)):
        assert wording.text(key).en
    shown = {one.name for one in paper.shows}
    assert {one for one in (paper.since, paper.level, *paper.term) if one} <= shown


texts = st.text(max_size=12)
founds = st.builds(Found, texts, st.none() | texts | st.dates().map(str), st.booleans(), st.floats(0, 1))


@pytest.mark.parametrize("slug", pack_slugs())
@settings(max_examples=30)
@given(data=st.data())
def test_it_never_raises_and_names_clauses_of_the_notice(slug: str, data: st.DataObject) -> None:
    pack = load_pack(slug)
    documents = [one.id for one in pack.documents.documents]
    known = st.sampled_from(["name", "birth_date", "issued_on", "valid_from", "valid_until", "level", "title"])
    kinds = st.sampled_from(["", "id_front", "id_back", "diploma", "certificate", "contract"])
    one = st.builds(PageReading, st.just("read"), kinds, st.dictionaries(known, founds))
    readings = data.draw(st.lists(st.tuples(st.sampled_from(documents), one), max_size=4))
    facts = {fact.id: data.draw(st.none() | st.text(max_size=8)) for fact in pack.eligibility.facts[:3]}
    clauses = {ref for _kind, _file, _key, ref in clause_uses(pack)}
    for draft in drafts_of(readings, facts, pack):
        assert draft.clause in clauses
        assert not draft.blocking
        wording.say(draft.code, "zh", **draft.params)
