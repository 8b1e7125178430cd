"""What people are counted by: of each programme, coded from answers, in bands of ages."""

from datetime import date

import pytest

from models.errors import PackError
from models.programme import figuring, idnumber
from models.programme.loader import load_pack, pack_slugs
from models.programme.pack import Figure, Text

ON = date(2026, 11, 27)
COUNTED = {
    "ningxia-2020": {"title_level", "sex", "age", "political_status", "education", "degree", "honours", "field"},
    "karamay-2017": {"industry", "sex", "age", "education", "degree", "awards"},
    "zhongshan": {"sex", "age", "political_status", "education", "degree"},  # by profile: it has no list
}


def kinds(slug):
    return {each.id: each for each in figuring.dimensions(load_pack(slug))}


@pytest.mark.parametrize("slug", COUNTED)
def test_a_programme_is_counted_by_what_its_pack_names(slug):
    assert kinds(slug).keys() >= COUNTED[slug]


def test_every_programme_counts_sex_and_age():
    assert all({"sex", "age"} <= kinds(slug).keys() for slug in pack_slugs())


@pytest.mark.parametrize(
    ("born", "band"),
    [
        ("1991-11", "35"),  # 35 this month
        ("1990-12", "35"),  # 36 next month
        ("1990-11", "40"),
        ("1986-11", "40"),
        ("1985-11", "45"),
        ("1972-11", "54"),
        ("1971-11", "over"),
        ("", ""),
        ("soon", ""),
    ],
)
def test_ages_are_whole_years_by_the_month_of_birth(born, band):
    assert figuring.age_band(born, ON) == band


def test_codes_are_options_a_month_of_birth_and_yes_or_no():
    number = idnumber.make("640101", date(1980, 5, 6), 8)
    given = {"field:id_number": number, "fact:industry": "education", "field:awards": [{"award": "某奖"}]}
    coded = figuring.coded(load_pack("karamay-2017"), {**given, "field:education": "not an option"})
    assert coded["sex"] == "female"
    assert coded["age"] == "1980-05"
    assert coded["awards"] == "yes"
    assert "education" not in coded
    assert number not in str(coded)


def test_none_of_several_is_something_else_than_no_answer():
    pack = load_pack("ningxia-2020")
    assert figuring.coded(pack, {"fact:honours": ()})["honours"] == []
    assert figuring.coded(pack, {"fact:retired": False, "field:retired": False})["retired"] == "no"
    assert "honours" not in figuring.coded(pack, {})


def test_levels_begin_with_the_highest():
    assert kinds("ningxia-2020")["title_level"].codes[0][0] == "full_senior"


def test_where_the_unit_follows_from_it_it_counts_the_units_again():
    pack = load_pack("ningxia-2020")
    assert figuring.tells_unit(pack, kinds("ningxia-2020")["city"])
    assert not figuring.tells_unit(pack, kinds("ningxia-2020")["sex"])


@pytest.mark.parametrize(
    ("figures", "reason"),
    [
        ([{"source": "field:nothing"}], "names nothing"),
        ([{"source": "field:name"}], "cannot be counted"),
        ([{"source": "field:sex", "of": "age"}], "cannot be counted"),
        ([{"source": "fact:honours", "across": True}], "one column"),
        ([{"source": "field:sex", "across": True}, {"id": "b", "source": "field:degree", "across": True}], "at most"),
    ],
)
def test_what_cannot_be_counted_is_refused(figures, reason):
    pack = load_pack("ningxia-2020")
    given = tuple(Figure(**{"id": "a", "title": Text(zh="某", en="x"), **each}) for each in figures)
    books = pack.workbooks.model_copy(update={"figures": given})
    with pytest.raises(PackError, match=reason):
        figuring.prove(pack.model_copy(update={"workbooks": books}))
