"""GB 11643-1999: every wrong digit is found, real people are never refused for their district."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidAnswer
from models.programme import idnumber

TODAY = date(2026, 3, 1)
births = st.dates(date(1907, 1, 1), TODAY)
numbers = st.builds(
    idnumber.make, st.sampled_from(["430401", "530114", "110101", "830000", "911156"]), births, st.integers(0, 999)
)


@given(numbers)
def test_a_made_number_passes_and_comes_back_the_same(number):
    assert idnumber.check(number, today=TODAY) == number
    assert idnumber.check(number.lower(), today=TODAY) == number


@given(numbers, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_wrong_character_never_passes(number, place, wrong):
    changed = number[:place] + wrong + number[place + 1 :]
    if changed == number:
        return
    with pytest.raises(InvalidAnswer):
        idnumber.check(changed, today=TODAY)


@given(numbers, st.integers(0, 16))
def test_two_neighbours_swapped_never_pass(number, place):
    changed = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if changed != number:
        with pytest.raises(InvalidAnswer):
            idnumber.check(changed, today=TODAY)


@given(births, st.integers(0, 999))
def test_birth_and_sex_are_read_back(born, sequence):
    number = idnumber.make("430401", born, sequence)
    assert idnumber.birth_date(number) == born
    assert idnumber.sex(number) == ("male" if sequence % 2 else "female")


@given(numbers)
def test_full_width_digits_and_blanks_are_mended(number):
    wide = "".join(chr(ord(char) + 0xFEE0) for char in number)
    assert idnumber.check(f" {wide[:6]} {wide[6:]}　", today=TODAY) == number


@given(st.text())
def test_any_text_at_all_is_read_or_refused_with_a_sentence(text):
    try:
        assert len(idnumber.check(text)) == 18
    except InvalidAnswer as exc:
        assert exc.key.startswith("error.id_")


def test_the_standards_own_example_passes():
    assert idnumber.check("11010519491231002X") == "11010519491231002X"
    assert idnumber.sex("11010519491231002X") == "female"


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("阿依古丽·买买提", "error.id_needed"),
        ("没有", "error.id_needed"),
        ("43040119900101123", "error.id_length"),
        ("4304011990010112345", "error.id_length"),
        ("43040119900101X231", "error.id_characters"),
        ("990401199001011234", "error.id_region"),
        ("430401199002301234", "error.id_birth"),
        (idnumber.make("430401", date(2026, 3, 2), 1), "error.id_birth"),
        (idnumber.make("430401", date(1905, 3, 2), 1), "error.id_birth"),
        ("110105194912310021", "error.id_checksum"),
    ],
)
def test_what_is_wrong_is_said(number, key):
    with pytest.raises(InvalidAnswer) as caught:
        idnumber.check(number, today=TODAY)
    assert caught.value.key == key


@pytest.mark.parametrize(("region", "sequence"), [("43040", 1), ("43040a", 1), ("430401", 1000), ("430401", -1)])
def test_make_refuses_other_shapes(region, sequence):
    with pytest.raises(ValueError, match="region6"):
        idnumber.make(region, date(1990, 1, 1), sequence)
