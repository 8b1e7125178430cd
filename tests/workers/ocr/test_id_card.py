"""The identity card's readers over typed lines: in any order, labels or none, in pieces or in one."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.documents.reading import Found
from models.programme import idnumber
from workers.ocr import sides
from workers.ocr.id_card import read_back, read_front
from workers.ocr.lines import Line, rows

Typed = Callable[..., Line]
NUMBER = idnumber.make("430401", date(1990, 6, 15), 124)
ALL = {
    "name": "王小明",
    "sex": "female",
    "ethnicity": "汉",
    "birth_date": "1990-06-15",
    "address": "湖南省甲市石鼓区青山街道和平路12号3栋402室",
    "id_number": NUMBER,
}


def values(shown: Mapping[str, Found]) -> dict[str, str | None]:
    return {name: one.value for name, one in shown.items()}


@pytest.fixture
def front(line: Typed) -> list[Line]:
    return [
        line("姓名", 0.06, 0.07),
        line("王小明", 0.17, 0.065),
        line("性别", 0.06, 0.145),
        line("女", 0.17, 0.142),
        line("民族", 0.30, 0.145),
        line("汉", 0.40, 0.142),
        line("出生", 0.06, 0.22),
        line("1990 年 6 月 15 日", 0.17, 0.218, width=0.35),
        line("住址", 0.06, 0.30),
        line("湖南省甲市石鼓区青山", 0.17, 0.298),
        line("街道和平路12号3栋402室", 0.17, 0.345),
        line("公民身份号码", 0.06, 0.54),
        line(NUMBER, 0.34, 0.534, width=0.5),
    ]


def test_a_whole_front_in_any_order(front: list[Line]) -> None:
    for seed in range(20):
        random.Random(seed).shuffle(front)
        shown = read_front(front)
        assert values(shown) == ALL
        assert shown["id_number"].trusted
        assert not any(one.trusted for name, one in shown.items() if name != "id_number")


def test_labels_and_values_in_one_line(line: Typed) -> None:
    lines = [
        line("姓名 王小明", 0.06, 0.07),
        line("性别女 民族汉", 0.06, 0.145),
        line("出生1990年6月15日", 0.06, 0.22),
        line("住址湖南省甲市石鼓区青山", 0.06, 0.298),
        line("街道和平路12号3栋402室", 0.17, 0.345),
        line(f"公民身份号码 {NUMBER}", 0.06, 0.534),
    ]
    assert values(read_front(lines)) == ALL


def test_without_a_single_label(front: list[Line]) -> None:
    unlabelled = [one for one in front if one.text not in {"姓名", "性别", "民族", "出生", "住址", "公民身份号码"}]
    shown = values(read_front(unlabelled))
    assert shown == {name: value for name, value in ALL.items() if name != "ethnicity"} | {"ethnicity": "汉"}


@pytest.mark.parametrize(
    ("folk", "read"),
    [("汉", "汉"), ("维吾尔", "维吾尔"), ("土家", "土家"), ("汉族", "汉"), ("☑汉", "汉"), ("治", None)],
)
def test_only_a_peoples_name_is_one(line: Typed, folk: str, read: str | None) -> None:
    shown = read_front([line("性别男", 0.06, 0.1), line(f"民族{folk}", 0.3, 0.1)])
    assert (shown["ethnicity"].value if "ethnicity" in shown else None) == read


@pytest.mark.parametrize("name", ["李一", "欧阳文山", "阿依古丽·买买提", "王小明"])
def test_names(line: Typed, name: str) -> None:
    assert values(read_front([line("姓名", 0.06, 0.07), line(name, 0.17, 0.065)]))["name"] == name


@pytest.mark.parametrize("label", ["姓名", "性名", "姓", "名", ""])
@pytest.mark.parametrize("sex", ["性女汉", "性料女汉", "女汉"])
def test_a_name_with_what_is_left_of_its_label(line: Typed, label: str, sex: str) -> None:
    lines = [line(f"{label}黄小辉", 0.06, 0.07), line(sex, 0.06, 0.145), line("出生1990年6月15日", 0.06, 0.22)]
    shown = values(read_front(lines))
    assert (shown["name"], shown["sex"], shown["ethnicity"]) == ("黄小辉", "female", "汉")


def test_what_the_number_says_otherwise_is_not_trusted(front: list[Line], line: Typed) -> None:
    lines = [line("男", 0.17, 0.142) if one.text == "女" else one for one in front]
    shown = read_front(lines)
    assert shown["id_number"].value == NUMBER and not shown["id_number"].trusted


@pytest.mark.parametrize(
    ("validity", "begins", "ends"),
    [
        ("2016.03.01-2036.03.01", "2016-03-01", "2036-03-01"),
        ("2016.03.01-长期", "2016-03-01", "9999-12-31"),
        ("有效期限 2016.03.01—2026.03.01", "2016-03-01", "2026-03-01"),
        ("2016.03.01", "2016-03-01", None),
        ("2016.13.01-2036.03.01", "2036-03-01", None),
    ],
)
def test_the_back(line: Typed, validity: str, begins: str, ends: str | None) -> None:
    shown = read_back([line("签发机关 甲市公安局石鼓分局", 0.2, 0.44), line(validity, 0.35, 0.52)])
    assert values(shown)["issuer"] == "甲市公安局石鼓分局"
    assert values(shown).get("valid_from") == begins
    assert values(shown).get("valid_until") == ends


def test_a_card_is_known_by_what_it_says(front: list[Line], line: Typed) -> None:
    back = [line("居民身份证", 0.3, 0.2), line("签发机关", 0.2, 0.44), line("有效期限", 0.2, 0.52)]
    assert sides.kind_of(front) == "id_front"
    assert sides.kind_of(back, ("id_front", "id_back")) == "id_back"
    assert sides.kind_of([line("一张别的纸", 0.1, 0.1)], ("id_front", "id_back")) == ""
    assert sides.kind_of([]) == ""
    assert list(sides.beside("id_front", [*front, *back])) == ["id_back"]
    assert list(sides.beside("id_front", front)) == []


def test_a_certificate_with_a_number_is_no_identity_card(line: Typed) -> None:
    lines = [line("姓名 王小明", 0.1, 0.1), line("性别 女", 0.1, 0.2), line(f"身份证号 {NUMBER}", 0.1, 0.3)]
    assert sides.kind_of(lines) != "id_front"


@given(
    st.lists(
        st.builds(
            lambda text, x, y: Line(text, 0.9, (x, y, x + 0.1, y + 0.04), (x, y, x + 0.1, y + 0.04)),
            st.text(
                alphabet="姓名性别男女民族汉出生住址年月日公民身份号码签发机关有效期限长期0123456789X.- ", max_size=24
            ),
            st.floats(0, 0.9),
            st.floats(0, 0.6),
        ),
        max_size=14,
    )
)
def test_any_lines_are_read_without_an_error(lines: list[Line]) -> None:
    assert sum(len(row.lines) for row in rows(lines)) == len(lines)
    for read in (read_front, read_back):
        for one in read(lines).values():
            assert one.value is None or one.value
            assert one.box is not None and 0 <= one.score <= 1
