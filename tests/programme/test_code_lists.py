"""Shared code lists: a pack's own list comes first, and each carries the numbers of its national standard."""

import csv
import shutil
from pathlib import Path

import pytest

from models.errors import PackError
from models.programme import code_lists, loader

GUILD = Path(__file__).parent / "packs" / "guild"
SHARED = loader.PACKS / loader.SHARED / "codes"


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(GUILD, tmp_path / "guild"))


@pytest.fixture(scope="module")
def shared():
    """Every shared list."""
    return code_lists.code_lists(SHARED)


def test_a_packs_own_list_beats_the_shared_one_of_the_same_name(folder, shared):
    own = "value,zh,en\n01,中共党员,Party member\n02,群众,No party\n"
    (folder / "codes" / "political_status.csv").write_text(own, encoding="utf-8")
    codes = loader.load_folder(folder).codes
    assert [(option.value, option.label.zh) for option in codes["political_status"]] == [
        ("01", "中共党员"),
        ("02", "群众"),
    ]
    assert len(shared["political_status"]) == 13


def test_the_number_of_a_standard_is_text(folder):
    (folder / "codes" / "towns.csv").write_text("value,zh,en,gb\na,甲,A,01\nb,乙,B,\n", encoding="utf-8")
    assert [option.gb for option in loader.load_folder(folder).codes["towns"]] == ["01", ""]


def test_a_number_that_is_none_is_refused(folder):
    (folder / "codes" / "towns.csv").write_text("value,zh,en,gb\na,甲,A,1x\n", encoding="utf-8")
    with pytest.raises(PackError) as caught:
        loader.load_folder(folder)
    assert (caught.value.file, caught.value.key) == ("codes/towns.csv", "line 2 gb")


def test_ethnic_groups_are_all_56_of_gb_t_3304_in_its_order_and_its_two_further_numbers(shared):
    groups = shared["ethnicities"]
    assert [option.gb for option in groups] == [f"{n:02d}" for n in range(1, 57)] + ["97", "98"]
    assert [option.value for option in groups] == [option.gb for option in groups]
    names = {option.gb: option.label.zh for option in groups}
    assert len(set(names.values())) == 58
    # Spread over the standard's order, so that a row moved or left out is seen.
    known = {"01": "汉族", "08": "壮族", "11": "满族", "15": "土家族", "23": "高山族", "30": "土族", "36": "毛南族"}
    known |= {"44": "俄罗斯族", "46": "德昂族", "51": "独龙族", "55": "珞巴族", "56": "基诺族", "97": "其他"}
    assert {number: names[number] for number in known} == known
    assert all(name.endswith("族") for number, name in names.items() if number < "90")


def test_sexes_have_the_numbers_of_gb_t_2261_1(shared):
    assert {option.value: option.gb for option in shared["sexes"]} == {"male": "1", "female": "2"}


def test_degrees_fall_in_gb_t_6864_from_doctor_to_bachelor_and_none_has_no_number(shared):
    assert [(option.value, option.gb) for option in shared["degrees"]] == [
        ("none", ""),
        ("bachelor", "4"),
        ("master", "3"),
        ("doctor", "2"),
    ]


def test_education_has_the_numbers_of_a_graduate_in_gb_t_4658(shared):
    """Two levels gather several numbers of the standard and so have none: 小学及以下, and 高中、中专、技校."""
    levels = shared["education_levels"]
    assert {o.value for o in levels if not o.gb} == {"primary", "senior_secondary"}
    numbers = [o.gb for o in levels if o.gb]
    assert numbers == ["71", "31", "21", "14", "11"]  # the standard runs from the highest level down
    # Its tens are the level, and 1 (for a master 4) is 毕业, which alone makes a 学历.
    assert all(number[1] in "14" for number in numbers)


def test_political_status_has_the_numbers_of_gb_t_4762_in_its_order(shared):
    assert [option.gb for option in shared["political_status"]] == [f"{n:02d}" for n in range(1, 14)]


@pytest.mark.parametrize("file", sorted(SHARED.glob("*.csv")), ids=lambda file: file.stem)
def test_a_number_is_given_once_in_a_list(file):
    with file.open(encoding="utf-8", newline="") as stream:
        numbers = [row["gb"] for row in csv.DictReader(stream) if row.get("gb")]
    assert len(set(numbers)) == len(numbers)
