"""Whoever reads English meets Chinese only where the notice itself speaks, and in their own words."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

HAN = re.compile(r"[\u4e00-\u9fff，。：；]+")  # and the marks of Chinese sentences, which are spoken too
SPOKEN = ("label", "placeholder", "aria-label", "title", "alt", "content")
VOID = {"meta", "link", "input", "br", "img", "hr"}
TYPED = "测试"  # what the tests' person writes into the form
# The number of a clause, and a certificate's own word beside its English one: “Junior college (大专)”.
QUOTED = re.compile(
    r"[三四五](?:\([一二三四五六七八九十]+\)\d*(?:\(\d+\))?)?|附件\d|说明[一二三四五](?:\([^)]*\)\d*)?"
    r"|\([\u4e00-\u9fff]+\)"
)


class Chinese(HTMLParser):
    """Chinese outside of elements that say that they are Chinese."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        chinese = (given.get("lang") or "").startswith("zh") or (self._open[-1] if self._open else False)
        if not chinese:
            for name in SPOKEN:
                self._look(given.get(name) or "")
            for name, value in attrs:
                if name.startswith("data-"):
                    self._look(value or "")
        if tag not in VOID:
            self._open.append(chinese)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not (self._open and self._open[-1]):
            self._look(data)

    def _look(self, text: str) -> None:
        self.found += HAN.findall(QUOTED.sub("", text).replace(TYPED, ""))


def chinese_in(html: str) -> list[str]:
    parser = Chinese()
    parser.feed(html)
    return parser.found


def test_the_parser_finds_chinese_where_it_is_not_said_to_be() -> None:
    html = '<p>x 雁峰区<q lang="zh-CN">除外</q> 三(二)1 <input placeholder="请选"></p>'
    assert chinese_in(html) == ["雁峰区", "请选"]


@pytest.mark.parametrize("kind", ["county", "university_prison"])
def test_an_english_page_speaks_english(person: Any, kind: str) -> None:
    person.headers = {"Accept-Language": "en-GB"}
    pages: dict[str, str] = {}
    get, send = person.get, person.send

    def remember(html: str) -> str:
        pages[f"{person.path} ({len(pages)})"] = html
        return html

    person.get = lambda *args, **also: remember(get(*args, **also))
    person.send = lambda *args, **also: remember(send(*args, **also))
    answer = person.answer_to
    person.answer_to = lambda name: {"fact:unit_kind": kind} if name == "unit_kind" else answer(name)
    person.to_the_form()
    person.fill_everything()
    for path in ("", "/tasks", "/check", "/declare", "/verdict", "/keep", "/ask", "/leave", "/s/basic", "/d/id_card"):
        person.get(person.url(path))
    person.hand_in()
    person.get(person.url("/status"))
    found = {path: chinese for path, html in pages.items() if (chinese := chinese_in(html))}
    assert found == {}
