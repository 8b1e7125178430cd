"""How characters sound: what ears and microphones confuse is the same, other things are not."""

from __future__ import annotations

import pytest

from models.programme import pinyin, places


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("工成师", "工程师"),
        ("付教授", "副教授"),
        ("衡阳", "横阳"),
        ("难", "男"),
        ("三", "山"),
        ("行长", "航掌"),
        ("银", "英"),
    ],
)
def test_what_sounds_the_same(one: str, other: str) -> None:
    assert pinyin.same(pinyin.sounds(one), pinyin.sounds(other))


@pytest.mark.parametrize(
    ("one", "other"), [("教授", "讲师"), ("中级", "初级"), ("高级", "高级工"), ("a", "b"), ("男", "女")]
)
def test_what_does_not(one: str, other: str) -> None:
    assert not pinyin.same(pinyin.sounds(one), pinyin.sounds(other))


def test_within_and_spelled() -> None:
    assert pinyin.within(pinyin.sounds("工程师"), pinyin.sounds("我是工成师啊"))
    assert not pinyin.within(pinyin.sounds("工程师"), pinyin.sounds("工程"))
    assert pinyin.spelled("高级A绿") == "gaojiAlv"


@pytest.mark.parametrize("said", ["湖南横阳", "横阳市", "湖南省横阳市"])
def test_a_place_is_found_by_its_sound(said: str) -> None:
    assert "湖南省衡阳市" in places.sounding_like(said)


@pytest.mark.parametrize("said", ["衡", "", "某国某地某村", "很长很长很长很长很长很长很长很长很长很长的地名"])
def test_what_sounds_like_no_place(said: str) -> None:
    assert places.sounding_like(said) == []
