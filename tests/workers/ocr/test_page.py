"""The real models on drawn cards: aslant, on their side, on their head, far away, and on nothing at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import cv2
import drawn_cards
import numpy as np
import pytest
from drawn_cards import Holder
from PIL import Image

from workers.ocr.engine import PaddleModels, Picture, Text
from workers.ocr.generated import sets
from workers.ocr.generated.sheet import RED, Sheet
from workers.ocr.geometry import Quad
from workers.ocr.lines import Line
from workers.ocr.page import LEGIBLE, interpret, read_page, read_picture

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


class _TwoLooks:
    """An engine that sees other texts the second time, in the same places."""

    name = "typed"

    def __init__(self, *looks: tuple[str, ...]) -> None:
        self._looks = list(looks)
        self._texts: tuple[str, ...] = ()

    def find(self, _picture: Picture, _side: int) -> list[Quad]:
        self._texts = self._looks.pop(0)
        rows = [(100, 100 * at, 100 + 30 * len(text), 100 * at + 40) for at, text in enumerate(self._texts, 1)]
        return [Quad(((a, b), (c, b), (c, d), (a, d))) for a, b, c, d in rows]

    def read(self, _picture: Picture, quads: Sequence[Quad]) -> list[Text]:
        return [(text, 0.99, (0.99,) * len(text)) for text, _ in zip(self._texts, quads, strict=True)]


@pytest.mark.parametrize(
    ("first", "second", "issuer"),
    [
        ("江北市人力资源局", "江北市人力资源局", "江北市人力资源局"),
        ("人力资源局", "江北市人力资源局", "江北市人力资源局"),
        ("江北市人力资源局", "人力资源局", "江北市人力资源局"),
    ],
)
def test_a_nearer_look_may_see_more_of_the_same(first: str, second: str, issuer: str) -> None:
    """Both lack the number, so there is a second look."""
    looks = [("荣誉证书", "姓名：王小明", f"发证机关：{seen}", "2019年1月8日") for seen in (first, second)]
    reading = read_picture(_TwoLooks(*looks), np.zeros((1000, 1000, 3), np.uint8), ("certificate",))
    assert reading.found["issuer"].value == issuer


@pytest.mark.parametrize(("score", "value"), [(LEGIBLE, "王小明"), (LEGIBLE - 0.01, None)])
def test_what_is_hardly_legible_is_no_value(score: float, value: str | None) -> None:
    lines = [
        Line(text, score, (0.1, top, 0.4, top + 0.04), (0.1, top, 0.4, top + 0.04))
        for text, top in (("姓名王小明", 0.1), ("性别女民族汉", 0.2), ("出生1990年6月15日", 0.3))
    ]
    name = interpret(lines, EXPECTED).found["name"]
    assert (name.text, name.value) == ("王小明", value)


def test_a_large_picture_is_looked_at_in_strips_without_a_seam(engine: PaddleModels) -> None:
    """Lines at every height: wherever two strips meet, none is lost or cut in two."""
    picture = np.full((1500, 1200, 3), 235, np.uint8)
    for row in range(18):
        cv2.putText(picture, "0123456789 ABCDEFG", (80, 70 + 80 * row), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (20, 20, 20), 3)
    quads = engine.find(picture, 1500)
    assert len(quads) == 18
    assert all(40 < quad.height < 60 and 560 < quad.width < 590 for quad in quads)


def test_a_date_under_a_seal(engine: PaddleModels) -> None:
    """The seal hides digits of the year in the photo's own colours."""
    photo = sets.photo("degree", "hard", "2:8")
    picture = cv2.imdecode(np.frombuffer(photo.picture, np.uint8), cv2.IMREAD_COLOR)
    reading = read_picture(engine, picture, ("diploma",))
    assert reading.found["issued_on"].value == photo.truth["issued_on"]
    assert {name: one.value for name, one in reading.found.items()} == dict(photo.truth)


def test_red_writing_is_read_where_nothing_else_says_what_it_is(engine: PaddleModels) -> None:
    sheet = Sheet(200, 140, 7, (255, 255, 255))
    for at, text in enumerate(("荣誉证书", "获奖者：王小明", "特发此证"), 1):
        sheet.text(30, 30 * at, text, 8, RED)
    reading = read_picture(engine, np.asarray(sheet.image)[:, :, ::-1], ("certificate",))
    assert (reading.kind, reading.found["name"].value) == ("certificate", "王小明")
