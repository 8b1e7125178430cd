"""What is like the words that chose nothing: offered, and taken only where it is the very same."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot_adapter.choosing import Entry
from bot_adapter.nearness import Near, near, rather


def listed(*labels: str) -> list[Entry]:
    return [Entry(label, (label,)) for label in labels]


TITLES = listed("没有职称", "初级", "中级", "高级，证书没分正高、副高", "副高级", "正高级")
SCHOOLING = listed("初中", "高中、中专、技校", "大学专科", "大学本科", "硕士研究生", "博士研究生")
POSTS = listed("教授", "副教授", "高级工程师", "教授级高级工程师", "高级经济师")
ENGLISH = listed("Junior", "Technician", "Senior technician")


@pytest.mark.parametrize(
    ("said", "entries", "tokens"),
    [
        ("高工", POSTS, ("高级工程师",)),
        ("高工", TITLES, ("副高级",)),
        ("教授级高工", POSTS, ("教授级高级工程师",)),
        ("讲师", TITLES, ("中级",)),
        ("博后", SCHOOLING, ("博士研究生",)),
        ("研究生", listed("硕士", "博士"), ("硕士", "博士")),
        ("高中毕业", SCHOOLING, ("高中、中专、技校",)),
        ("付教授", POSTS, ("副教授",)),
        ("高级工成师", POSTS, ("高级工程师",)),
        ("工成师", TITLES, ("中级",)),
        ("gaojigongchengshi", POSTS, ("高级工程师",)),
        ("高及", TITLES, ("高级，证书没分正高、副高", "副高级", "正高级")),
        ("我是副高", TITLES, ("高级，证书没分正高、副高", "副高级")),
        ("高级工程帅", POSTS, ("高级工程师",)),
        ("Tecnician", ENGLISH, ("Technician",)),
    ],
)
def test_what_may_be_meant_is_offered(said: str, entries: Sequence[Entry], tokens: tuple[str, ...]) -> None:
    assert near(said, entries) == Near(tokens)


@pytest.mark.parametrize(
    ("said", "entries", "token"),
    [("大专", SCHOOLING, "大学专科"), ("我是男的", listed("男", "女"), "男"), ("女士", listed("男", "女"), "女")],
)
def test_another_word_for_the_very_same_is_taken(said: str, entries: Sequence[Entry], token: str) -> None:
    assert near(said, entries) == Near((token,), sure=True)


@pytest.mark.parametrize(
    "said", ["", "不是付教授", "没有工成师", "123", "😀", "随便说说的一句很长很长的话，里面什么都有一点点", "山", "ab"]
)
def test_what_is_like_nothing_offers_nothing(said: str) -> None:
    assert near(said, POSTS) == Near()


@pytest.mark.parametrize(("said", "found"), [("高级会计师", 0), ("高级工程", 1), ("高级匠程师", 1)])
def test_two_slips_are_too_many_for_a_short_word(said: str, found: int) -> None:
    assert len(near(said, listed("高级工程师")).tokens) == found


@given(st.text(max_size=30))
def test_whatever_is_said_only_what_is_listed_is_offered(said: str) -> None:
    assert set(near(said, TITLES).tokens) <= {entry.token for entry in TITLES}


@pytest.mark.parametrize(
    ("said", "token", "entries", "instead"),
    [
        ("付教授", "教授", POSTS, ("副教授", "教授")),
        ("Senoir technician", "Technician", ENGLISH, ("Senior technician", "Technician")),
        ("我是教授", "教授", POSTS, ()),
        ("教授", "教授", POSTS, ()),
        ("经济", "高级经济师", POSTS, ()),
    ],
)
def test_a_label_within_words_that_are_like_another_label_is_asked_about(
    said: str, token: str, entries: Sequence[Entry], instead: tuple[str, ...]
) -> None:
    assert rather(said, token, entries) == instead
