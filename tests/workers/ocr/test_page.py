"""The real models on drawn cards: aslant, on their side, on their head, far away, and on nothing at all."""

from __future__ import annotations

from datetime import date

import drawn_cards
import pytest
from drawn_cards import Holder
from PIL import Image

from workers.ocr.engine import PaddleModels
from workers.ocr.page import read_page

EXPECTED = ("id_front", "id_back")
HOLDER = Holder()
FRONT = {
    "name": HOLDER.name,
    "sex": "female",
    "ethnicity": HOLDER.folk,
    "birth_date": "1990-06-15",
    "address": "".join(HOLDER.address),
    "id_number": HOLDER.number,
}


@pytest.mark.parametrize(
    ("angle", "share", "turns"),
    [(0, 0.75, 0), (12, 0.75, 0), (-15, 0.7, 0), (4, 0.3, 0), (180, 0.7, 2), (90, 0.6, 1), (-96, 0.6, 3)],
)
def test_a_front_however_it_lies(engine: PaddleModels, angle: float, share: float, turns: int) -> None:
    reading = read_page(engine, drawn_cards.photo(drawn_cards.front(), angle, share), EXPECTED)
    assert (reading.state, reading.kind, reading.quarter_turns) == ("read", "id_front", turns)
    assert {name: one.value for name, one in reading.found.items()} == FRONT


def test_where_the_number_stands_on_the_upright_picture(engine: PaddleModels) -> None:
    straight = drawn_cards.photo(drawn_cards.front())
    over = drawn_cards.photo(drawn_cards.front(), 180)
    for jpeg in (straight, over):
        number = read_page(engine, jpeg, EXPECTED).found["id_number"]
        box = number.box
        assert number.trusted
        assert box is not None
        left, top, right, bottom = box
        assert 0.3 < left < 0.45 and 0.65 < right < 0.9
        assert 0.6 < top < bottom < 0.85


@pytest.mark.parametrize(
    ("validity", "until"), [("2016.03.01-2036.03.01", "2036-03-01"), ("2016.03.01-长期", "9999-12-31")]
)
def test_a_back(engine: PaddleModels, validity: str, until: str) -> None:
    reading = read_page(engine, drawn_cards.photo(drawn_cards.back(validity), 6), EXPECTED)
    assert reading.kind == "id_back"
    assert {name: one.value for name, one in reading.found.items()} == {
        "issuer": "甲市公安局石鼓分局",
        "valid_from": "2016-03-01",
        "valid_until": until,
    }


def test_a_number_that_the_card_itself_contradicts_is_not_trusted(engine: PaddleModels) -> None:
    forged = drawn_cards.front(Holder(sex="男"))
    reading = read_page(engine, drawn_cards.photo(forged), EXPECTED)
    assert reading.found["id_number"].value == HOLDER.number
    assert not reading.found["id_number"].trusted


def test_a_man_of_another_people(engine: PaddleModels) -> None:
    holder = Holder("阿依古丽·买买提", "男", "维吾尔", date(1974, 12, 3), ("新疆乙市天山区北路8号",), 331)
    found = read_page(engine, drawn_cards.photo(drawn_cards.front(holder), 3), EXPECTED).found
    assert (found["name"].value, found["sex"].value, found["ethnicity"].value) == (holder.name, "male", "维吾尔")
    assert found["id_number"].trusted


def test_nothing_to_read(engine: PaddleModels) -> None:
    reading = read_page(engine, drawn_cards.photo(Image.new("RGB", (1000, 630), (230, 230, 230))), EXPECTED)
    assert (reading.state, reading.kind, dict(reading.found)) == ("unreadable", "", {})
    with pytest.raises(ValueError, match="not a picture"):
        read_page(engine, b"nothing", EXPECTED)
