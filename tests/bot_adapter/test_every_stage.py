"""Every command, and every odd message, at every stage of a whole application: answered, and the place kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from models.application import queries
from models.application.tables import Application, Conversation
from models.extensions import db

PHOTO = "photo"
ASIDE = {
    "帮助": ("帮助",),
    "进度": ("进度",),
    "修改": ("修改", "不改了"),
    "人工": ("人工", "返回"),
    "重来": ("重来", "不，接着填"),
    "网页": ("网页",),
    "English": ("English", "中文"),
    "a hello": ("您好",),
    "a question": ("请问要等多久？",),
    "a lone question mark": ("？",),
    "an early or late photo": (PHOTO,),
    "nothing": ("",),
}
ODD = ("😀", "[动画表情]", "※◎☆", "asdf qwer", "很长的话" * 300, "　")
WRITTEN = {"field:name", "field:nickname", "field:jobs"}


@pytest.fixture
def journey(id_number: str) -> list[str]:
    """A whole application, message by message."""
    start = [
        "你好",
        "１",
        "同意",
        "第一个",
        "一",
        "2",
        "好的",
        "张三",
        id_number,
        "对",
        "１３８１２３４５６７８",
        "跳过",
    ]
    form = ["桃", "跳过", "2010.9", "至今", "红星果园", "完成", "没有"]
    return [*start, *form, PHOTO, PHOTO, "发完了", PHOTO, "跳过", "1", "1"]


def state() -> dict[str, Any]:
    db.session.expire_all()
    found = dict(db.session.query(Conversation).one().state)
    return {name: found.get(name) for name in ("at", "mode", "more", "edit")} | {
        "column": (found.get("rows") or {}).get("column")
    }


def kept() -> Any:
    """All that the applicant has given so far."""
    application = db.session.query(Application).one_or_none()
    if application is None:
        return None
    view = queries.view(application.id)
    pages = [page.document for page in view.pages if page.removed_at is None]
    return dict(view.answers), sorted(pages), application.status


@pytest.fixture
def send(person: Any, photograph: Callable[..., bytes]) -> Callable[[str], str]:
    shades = iter(range(10, 250))

    def one(text: str) -> str:
        return str(person.shows(photograph(next(shades))) if text == PHOTO else person.says(text))

    return one


@pytest.mark.parametrize("aside", ASIDE)
def test_an_aside_at_every_stage_keeps_the_place(
    journey: list[str], send: Callable[[str], str], aside: str
) -> None:  # fmt: skip
    for message in journey:
        heard = send(message)
        assert heard
        if "是哪一种材料" in heard:  # photos sent before it was known which there will be
            send("不要了")
        before, given = state(), kept()
        if aside == "an early or late photo" and (before["at"] or "").startswith("document:"):
            continue  # there it is the answer
        for text in ASIDE[aside]:
            heard = send(text)
            if "是哪一种材料" in heard:
                heard = send("不要了")
            assert heard or not text, f"no answer to {text} at {before}"
            assert "编号：" not in heard or text in ("进度", "English", "中文"), heard
        if before["at"] is not None:
            assert state() == before, f"{aside} at {before}: {heard}"
        assert kept() == given, f"{aside} at {before}"
    assert kept()[2] == "submitted"


@pytest.mark.parametrize("odd", ODD)
def test_nonsense_at_every_stage_answers_nothing(
    journey: list[str], send: Callable[[str], str], odd: str
) -> None:  # fmt: skip
    for message in journey:
        assert send(message)
        before, given = state(), kept()
        if before["at"] in WRITTEN and len(odd) < 20:
            continue  # there anything may be written
        send(odd)
        if before["at"] is not None:
            assert state() == before, f"{odd[:10]} at {before}"
        assert kept() == given, f"{odd[:10]} at {before}"
    assert kept()[2] == "submitted"


def test_back_at_every_stage_and_forward_again(journey: list[str], send: Callable[[str], str]) -> None:
    for message in journey[:-1]:
        assert send(message)
        before, given = state(), kept()
        send("返回")
        if state() != before:
            send("不改")
        if state() != before and before["column"] is not None:
            continue  # inside a row 返回 goes to the column before
        assert kept() == given, f"返回 at {before}"
