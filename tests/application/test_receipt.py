import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.application import receipt
from models.application.receipt import ALPHABET, check_letter, make, normalise

bodies = st.text(alphabet=ALPHABET, min_size=7, max_size=7)


def code(body):
    whole = body + check_letter(body)
    return f"BL-{whole[:4]}-{whole[4:]}"


def test_made_codes_are_ours_and_differ():
    made = {make() for _ in range(500)}
    assert len(made) == 500
    assert all(normalise(c) == c for c in made)


@given(bodies, st.sampled_from(["", " ", "-", "—", "　"]), st.booleans(), st.booleans(), st.booleans())
def test_however_it_is_typed(body, gap, lower, wide, prefix):
    letters = code(body).replace("-", "")
    typed = gap.join(letters if prefix else letters[2:])
    if lower:
        typed = typed.lower()
    if wide:
        typed = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in typed)
    assert unicodedata.normalize("NFKC", typed)
    assert normalise(typed) == code(body)


@given(bodies, st.integers(0, 7), st.sampled_from(ALPHABET))
def test_one_wrong_letter_is_noticed(body, at, letter):
    letters = code(body).replace("-", "")[2:]
    assume(letters[at] != letter)
    assert normalise(letters[:at] + letter + letters[at + 1 :]) is None


@given(bodies, st.integers(0, 6))
def test_two_swapped_letters_are_noticed(body, at):
    letters = code(body).replace("-", "")[2:]
    assume(letters[at] != letters[at + 1])
    assert normalise(letters[:at] + letters[at + 1] + letters[at] + letters[at + 2 :]) is None


@given(st.text(max_size=30))
def test_anything_else_is_none_or_one_of_ours(text):
    found = normalise(text)
    assert found is None or normalise(found) == found


def test_a_body_that_begins_with_bl_is_not_shortened():
    assert "L" not in ALPHABET  # so eight letters never begin with the prefix
    assert normalise("") is None
    assert receipt.normalise("BL") is None


@pytest.mark.parametrize("alike", "01ILO")
def test_no_letter_looks_like_another(alike):
    assert alike not in ALPHABET
