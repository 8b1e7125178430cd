import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.crypto import Damaged, KeyRing
from models.errors import SettingsError

OLD = KeyRing.generate("old")
NEW = KeyRing.generate("new")
ring = KeyRing.from_text(OLD)
rotated = KeyRing.from_text(f"{NEW},{OLD}")
places = st.text(max_size=60)


@given(st.binary(max_size=3000), places)
def test_what_is_sealed_opens_at_its_place_only(data, place):
    sealed = ring.seal(data, place)
    assert ring.open(sealed, place) == data
    with pytest.raises(Damaged):
        ring.open(sealed, place + "x")


@given(st.binary(min_size=1, max_size=100), places, st.data())
def test_any_changed_or_missing_byte_is_noticed(data, place, draw):
    sealed = ring.seal(data, place)
    at = draw.draw(st.integers(0, len(sealed) - 1))
    flipped = bytes((*sealed[:at], sealed[at] ^ draw.draw(st.integers(1, 255)), *sealed[at + 1 :]))
    for damaged in (flipped, sealed[:at]):
        with pytest.raises(Damaged):
            ring.open(damaged, place)


@given(st.binary(max_size=200))
def test_garbage_is_damaged_and_nothing_else(garbage):
    with pytest.raises(Damaged):
        ring.open(garbage, "x")


@given(st.text(max_size=40), places)
def test_the_same_text_never_looks_the_same(text, place):
    data = text.encode("utf-8", "surrogatepass")
    assert ring.seal(data, place) != ring.seal(data, place)


def test_a_new_key_in_front_reads_the_old_and_the_old_ring_does_not_read_the_new():
    assert rotated.open(ring.seal(b"x", "p"), "p") == b"x"
    with pytest.raises(Damaged):
        ring.open(rotated.seal(b"x", "p"), "p")


def test_the_blind_index_survives_rotation_and_depends_on_purpose_and_key():
    assert rotated.blind_index("430401", "person") == ring.blind_index("430401", "person")
    assert ring.blind_index("430401", "person") != ring.blind_index("430401", "phone")
    assert ring.blind_index("430401", "person") != KeyRing.from_text(NEW).blind_index("430401", "person")
    assert len(ring.blind_index("", "")) == 64


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
@settings(max_examples=50)
def test_purpose_and_text_do_not_run_together(purpose, text, other_purpose, other_text):
    same = (purpose, text) == (other_purpose, other_text)
    encodable = all(s.encode("utf-8", "ignore").decode() == s for s in (purpose, text, other_purpose, other_text))
    if encodable:
        assert (ring.blind_index(text, purpose) == ring.blind_index(other_text, other_purpose)) == same


def test_tokens_hold_for_their_purpose_and_ring():
    token = ring.sign("ticket", {"a": "01"})
    assert ring.unsign("ticket", token) == {"a": "01"}
    assert rotated.unsign("ticket", token) == {"a": "01"}
    for purpose, forged in (("handoff", token), ("ticket", token[:-2]), ("ticket", ""), ("ticket", "é")):
        with pytest.raises(Damaged):
            ring.unsign(purpose, forged)
    with pytest.raises(Damaged):
        KeyRing.from_text(NEW).unsign("ticket", token)


def test_a_token_grows_old(monkeypatch):
    import itsdangerous.timed

    token = ring.sign("handoff", {"a": 1})
    assert ring.unsign("handoff", token, max_age=60) == {"a": 1}
    real = itsdangerous.timed.time.time
    monkeypatch.setattr(itsdangerous.timed.time, "time", lambda: real() + 61)
    with pytest.raises(Damaged):
        ring.unsign("handoff", token, max_age=60)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "k1",
        "k1:",
        "k1:xx",
        "k1:" + base64.b64encode(b"short").decode(),
        f"{OLD},{OLD}",
        f"{OLD},k2:zzz",
        ":" + "A" * 44,
    ],
    ids=range(8),
)
def test_a_wrong_ring_is_refused_without_showing_it(text):
    with pytest.raises(SettingsError) as caught:
        KeyRing.from_text(text)
    assert OLD.split(":")[1] not in str(caught.value)


def test_keys_are_not_printed():
    assert OLD.split(":")[1] not in repr(ring)
