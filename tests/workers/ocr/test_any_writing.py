"""Readers of certificates and contracts take whatever an engine says: they never fail, and what they find is there."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.documents.reading import PageReading
from workers.ocr import certificate, contract, diploma
from workers.ocr.lines import Line
from workers.ocr.values import plain

READERS = [diploma, certificate, contract]
SAID = (
    "姓名 性别 男 女 学生 研究生 ， ： 。 （ ） _ 甲方 乙方 用人单位 自 起至 止 期限 无固定期限 试用期 2024年7月7日",
    "二〇一九年六月 9999年 2月30日 授予 工学学士 学位 大学 江北 专业 本校 在 证书编号 身份证号 430499198503021240 X",
    "资格名称 工程师 一级 — 级 发证日期 发证机关 局 同志 王小明 · Level 职业（工种）及等级 电工 \u0000 😀 ﬁ",
)
PIECES = (*" ".join(SAID).split(" "), " ", "\u3000")
share = st.floats(0, 1, allow_nan=False)
texts = st.one_of(st.text(max_size=20), st.lists(st.sampled_from(PIECES), max_size=12).map("".join))


@st.composite
def lines(draw: st.DrawFn) -> Line:
    text, left, top = draw(texts), draw(share), draw(share)
    box = (left, top, left + draw(share), top + draw(share))
    sure = tuple(draw(share) for _ in text) if draw(st.booleans()) else ()
    return Line(text, draw(share), box, box, sure)


@pytest.mark.parametrize("reader", READERS)
@given(page=st.lists(lines(), max_size=8))
def test_any_lines_are_read(reader, page) -> None:
    assert 0 <= reader.likeness(page) <= 1
    shown = reader.read(page)
    assert PageReading.from_json(PageReading("read", "x", shown).to_json()).found == dict(shown)
    written = re.sub("[_\\-—–ー一]", "", "".join(plain(line.text) for line in page))
    for name, one in shown.items():
        assert one.text and 0 <= one.score <= 1 and one.box is not None
        assert not one.trusted or name == "id_number"
        pieces = re.sub("[_\\-—–ー一]", "", one.text)
        assert set(pieces) <= set(written) | set("名别业")
