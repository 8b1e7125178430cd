"""Read against typed: agrees, differs, unreadable, not checked; both sides of every rule."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.documents import words
from models.documents.comparing import SEVERAL, SURE, Compared, compare, judge
from models.documents.reading import NOT_CHECKED, UNREADABLE, Found, PageReading
from models.programme import idnumber
from models.programme.form import FormField
from models.programme.loader import load_pack, pack_slugs
from models.programme.mentions import form_fields
from models.programme.pack import Option, Text
from tests.support.readings import Leaf, read

PACK = load_pack("zhongshan")
FIELDS = {spec.profile: spec for slug in pack_slugs() for spec in form_fields(load_pack(slug)) if spec.profile}
NUMBER = idnumber.make("430401", date(1990, 6, 15), 124)
OTHER = idnumber.make("430401", date(1990, 6, 15), 126)  # two digits differ: the sequence and the check digit
STRANGER = idnumber.make("530114", date(1975, 11, 2), 301)


@pytest.mark.parametrize(
    ("profile", "typed", "found", "outcome"),
    [
        ("name", "王小明", "王 小 明", "agrees"),
        ("name", "王小明", "王晓明", "differs"),
        ("name", "古丽·买买提", "古丽•买买提", "agrees"),
        ("name", "古丽·买买提", "古丽．买买提", "agrees"),
        ("name", "古丽·买买提", "古丽买买提", "differs"),
        ("birth_date", "1990-06-15", "1990-06-15", "agrees"),
        ("birth_date", "1990-06-15", "1990-06-16", "differs"),
        ("graduated", "2012-07", "2012-07-01", "agrees"),
        ("graduated", "2012-07", "2012-06-30", "differs"),
        ("title_since", "2016-03-01", "2016-03", "agrees"),
        ("title_since", "2016-03-01", "2016-04", "differs"),
        ("title_since", "2016-03-01", Found("二〇一六年", None, score=0.99), "unreadable"),
        ("sex", "male", "male", "agrees"),
        ("sex", "male", "女", "differs"),
        ("ethnicity", "01", "汉", "agrees"),
        ("ethnicity", "01", "汉族", "agrees"),
        ("ethnicity", "01", "土家", "differs"),
        ("ethnicity", "01", "说不清", "unreadable"),
        ("education", "bachelor", "本科", "agrees"),
        ("education", "bachelor", "大学本科", "agrees"),
        ("education", "bachelor", "大专", "differs"),
        ("education", "master", "研究生", "agrees"),
        ("education", "doctor", "研究生", "agrees"),
        ("education", "bachelor", "研究生", "differs"),
        ("degree", "master", "工学硕士学位", "agrees"),
        ("degree", "doctor", "工学硕士学位", "differs"),
        ("employer", "中山样例（集团）有限公司", "中山样例(集团)有限公司", "agrees"),
        ("employer", "中山样例〔集团〕有限公司", "中山样例集团有限公司", "agrees"),
        ("employer", "ＡＢ样例厂", "AB样例厂", "agrees"),
        ("employer", "样例厂", "样例分厂", "differs"),
        ("school", "样例大学", "样例 大学", "agrees"),
        ("school", "样例大学", "样例学院", "differs"),
        ("major", "化学（师范类）", "化学", "agrees"),
        ("major", "化学", "化工", "differs"),
        ("household_place", "湖南省衡阳市蒸湘区", "衡阳市蒸湘区样例路1号", "agrees"),
        ("household_place", "湖南省衡阳市", "湖南省衡阳市蒸湘区样例路1号", "agrees"),
        ("household_place", "湖南省长沙市", "湖南省衡阳市蒸湘区样例路1号", "differs"),
    ],
)
def test_each_kind_by_its_own_rule(profile: str, typed: str, found: str | Found, outcome: str) -> None:
    reading = found if isinstance(found, Found) else Found(found, found, score=0.99)
    assert judge(FIELDS[profile], typed, reading) == outcome


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        (Found(NUMBER, NUMBER, trusted=True), "agrees"),
        (Found(NUMBER.lower(), NUMBER), "agrees"),
        (Found(OTHER, OTHER, trusted=True), "differs"),  # a number that proves itself
        (Found(OTHER, OTHER), "unreadable"),  # a slip of the reader is no other number
        (Found(NUMBER[:-1], None), "unreadable"),  # a digit short
        (Found(STRANGER, None), "differs"),  # plainly somebody else's
    ],
)
def test_an_unproven_number_differs_only_where_it_is_plainly_another(found: Found, outcome: str) -> None:
    assert judge(FIELDS["id_number"], NUMBER, found) == outcome


def test_the_limit_of_digits_that_a_reader_may_slip_on() -> None:
    def slipped(count: int) -> Found:
        wrong = "".join("0" if digit != "0" else "1" for digit in NUMBER[:count])
        return Found(wrong + NUMBER[count:])

    assert judge(FIELDS["id_number"], NUMBER, slipped(SEVERAL - 1)) == "unreadable"
    assert judge(FIELDS["id_number"], NUMBER, slipped(SEVERAL)) == "differs"


def test_who_is_not_sure_contradicts_nobody() -> None:
    spec = FIELDS["name"]
    assert judge(spec, "王小明", Found("王晓明", "王晓明", score=SURE)) == "differs"
    assert judge(spec, "王小明", Found("王晓明", "王晓明", score=SURE - 0.01)) == "unreadable"
    assert judge(spec, "王小明", Found("王小明", "王小明", score=0.1)) == "agrees"


ANSWERS = {"field:name": "王小明", "field:id_number": NUMBER, "field:sex": "female", "field:birth_date": "1990-06-15"}
PAGES = [Leaf("a", "id_card", 1), Leaf("b", "id_card", 2)]
FRONT = read("id_front", name="王小明", sex="female", birth_date="1990-06-15", id_number=NUMBER, address="某省某市")
BACK = read("id_back", issuer="某市公安局", valid_from="2015-01-01", valid_until="2035-01-01")


def held(readings, answers=None, pages=PAGES, confirmed=None, live=None) -> dict[str, Compared]:
    found = compare(PACK, answers if answers is not None else ANSWERS, pages, readings, confirmed or {}, live)
    return {one.name: one for one in found if one.document == pages[0].document}


def test_what_was_read_is_held_against_the_field_that_asks_it() -> None:
    found = held({"a": FRONT, "b": BACK})
    assert {name: one.outcome for name, one in found.items()} == {
        "name": "agrees",
        "sex": "agrees",
        "birth_date": "agrees",
        "id_number": "agrees",
        "address": "nothing_typed",
        "issuer": "nothing_typed",
        "valid_from": "nothing_typed",
        "valid_until": "nothing_typed",
    }
    assert (found["name"].key, found["name"].page_id, found["valid_until"].page_id) == ("field:name", "a", "b")
    assert found["name"].clause


def test_a_page_that_nobody_looked_at_is_not_checked() -> None:
    assert {one.outcome for one in held({}).values()} == {"not_checked"}
    assert {one.outcome for one in held({"a": NOT_CHECKED, "b": UNREADABLE}).values()} == {"not_checked"}


def test_a_page_that_was_looked_at_in_vain_is_unreadable() -> None:
    assert {one.outcome for one in held({"a": UNREADABLE, "b": UNREADABLE}).values()} == {"unreadable"}
    assert held({"a": read("id_front", name="王小明"), "b": BACK})["id_number"].outcome == "unreadable"


def test_a_difference_is_open_until_the_person_stands_by_it() -> None:
    readings = {"a": read("id_front", name="李小明"), "b": BACK}
    assert held(readings)["name"].is_open
    answered = held(readings, confirmed={"a": {"name"}})["name"]
    assert (answered.outcome, answered.confirmed, answered.is_open) == ("differs", True, False)
    assert not held({"a": FRONT, "b": BACK}, confirmed={"a": {"name"}})["name"].is_open


def test_what_is_not_asked_now_is_not_compared() -> None:
    readings = {"a": read("id_front", name="李小明"), "b": BACK}
    assert held(readings, live={"document:id_card"})["name"].outcome == "nothing_typed"
    assert held(readings, live={"field:name"}) == {}
    assert held(readings, live={"document:id_card", "field:name"})["name"].outcome == "differs"


def test_of_several_diplomas_one_is_the_one_that_is_meant() -> None:
    pages = [Leaf("a", "education_certificate", 1), Leaf("b", "education_certificate", 2)]
    readings = {
        "a": read("diploma", name="王小明", education="本科", school="样例学院"),
        "b": read("diploma", name="王小明", education="硕士研究生", school="样例大学"),
    }
    answers = {**ANSWERS, "field:education": "master", "field:school": "样例大学"}
    found = compare(PACK, answers, pages, readings, {})
    said = {(one.page_id, one.name): one.outcome for one in found}
    assert said["b", "education"] == said["b", "school"] == "agrees"
    assert said["a", "education"] == said["a", "school"] == "nothing_typed"
    assert said["a", "name"] == said["b", "name"] == "agrees"


def test_a_name_has_to_be_the_same_on_every_page() -> None:
    pages = [Leaf("a", "education_certificate", 1), Leaf("b", "education_certificate", 2)]
    readings = {"a": read("diploma", name="王小明"), "b": read("diploma", name="李小明")}
    found = compare(PACK, ANSWERS, pages, readings, {})
    assert [one.outcome for one in found if one.name == "name"] == ["agrees", "differs"]


@pytest.mark.parametrize("slug", pack_slugs())
def test_every_pack_can_be_compared_with_nothing(slug: str) -> None:
    assert compare(load_pack(slug), {}, [], {}, {}) == ()


def test_a_value_stays_out_of_a_log() -> None:
    assert "王小明" not in repr(compare(PACK, ANSWERS, PAGES, {"a": FRONT}, {}))


texts = st.text(max_size=30)
founds = st.builds(Found, texts, st.none() | texts, st.booleans(), st.floats(0, 1))
readings_of = st.builds(
    PageReading,
    st.sampled_from(["read", "unreadable", "not_checked"]),
    st.sampled_from(["", "id_front", "id_back", "diploma", "nonsense"]),
    st.dictionaries(st.sampled_from(["name", "sex", "birth_date", "id_number", "address", "school", "x"]), founds),
)
answer = st.none() | st.booleans() | st.integers() | texts | st.lists(texts, max_size=2)


@given(
    st.dictionaries(st.sampled_from([f"field:{spec.id}" for spec in form_fields(PACK)]), answer),
    st.dictionaries(st.sampled_from(["a", "b", "c"]), readings_of),
    st.dictionaries(st.sampled_from(["a", "b"]), st.sets(st.sampled_from(["name", "sex"]))),
)
def test_it_never_raises(answers, readings, confirmed) -> None:
    pages = [*PAGES, Leaf("c", "education_certificate")]
    for one in compare(PACK, answers, pages, readings, confirmed):
        assert one.page_id in "abc"


def written(kind: str, profile: str) -> FormField:
    words_ = Text(zh="某项", en="An item")
    return FormField(id="some", kind=kind, label=words_, clause="一", profile=profile)


@given(texts, st.sampled_from(["name", "employer", "school", "major", "title", "speciality", "household_place", ""]))
def test_what_is_the_same_agrees(text: str, profile: str) -> None:
    kind = "place" if profile == "household_place" else "text"
    outcome = judge(written(kind, profile), text, Found(text, text, score=0.99))
    assert outcome == ("agrees" if words.plain(text) else "unreadable")


@given(st.dates(), st.sampled_from(["date", "month"]), st.integers(7, 10))
def test_the_same_day_agrees(day: date, kind: str, length: int) -> None:
    typed = day.isoformat()[: 7 if kind == "month" else 10]
    read_ = day.isoformat()[: 7 if length < 10 else 10]
    assert judge(written(kind, "graduated"), typed, Found(read_, read_)) == "agrees"


def test_a_label_with_two_names_is_known_by_either() -> None:
    options = [
        Option(value="two", label=Text(zh="技师（二级）", en="Technician")),
        Option(value="one", label=Text(zh="高级技师（一级）或更高", en="Senior technician")),
    ]
    for text, value in (
        ("高级技师", "one"),
        ("一级", "one"),
        ("一级/高级技师", "one"),
        ("技师", "two"),
        ("二级", "two"),
    ):
        assert words.options_of(options, text) == {value}
    assert words.options_of(options, "三级") == frozenset()
