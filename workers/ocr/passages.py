"""Writing as readers of certificates and contracts search it: rows with their labels, and running text over rows. Pure.

A value is what follows a label, up to the next label or to a wide gap; or what a sentence of a known form says. Nothing
is taken from elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from models.documents.reading import Found
from workers.ocr.lines import Line, found, rows
from workers.ocr.values import NAME, dates, plain

# A blank of so many heights within a value is the space between two columns of the paper.
WIDE = 2.5
UNSURE = 0.7  # a character read less surely than this shows that something stands there, but not what
SURE = 0.8  # for what is easily taken for something else
DIGITS = 0.85  # for numbers, where S is a 5 and nothing around it says otherwise
_STROKES = "一二三"
# What stands before a value on any of these papers: a value ends where the next one begins.
LABELS = re.compile(
    "姓名|^名(?=:)|性别|出生(?:日期|年月)|身份证(?:件)?号码?|证件(?:类型|号码)|公民身份号码|证书编号|证书号码?|学校编号|编号|管理号|"
    "专业(?:名称|类别)?|(?:资格|职称)(?:名称|级别)|级别|(?:评审|授予|取得|批准|发证|颁发|签发)(?:时间|日期)|"
    "(?:发证|颁发|签发|批准|评审)(?:机关|单位|机构|部门|组织)|取得方式|职业名称|工种|职业技能等级|机构名称|文化程度|"
    "理论知识考试成绩|操作技能考核成绩|评定成绩|职业(?:技能)?鉴定机构|职业[(]工种[)]及等级|任职资格|职务名称|批准文号|主考(?:院校|学校)|校名|培养单位|校(?:\\(院\\))?长|层次|学制|"
    "项目名称|奖励等级|获奖者|法定代表人|住址|地址|联系电话|统一社会信用代码"
)
_COLON = re.compile("[:：;]")
_HALVES = {"姓": "名", "性": "别", "专": "业", "级": "别"}
_DASH = re.compile("[-—–ー](?=级)")  # 「一级」 is seen with a dash


@dataclass(frozen=True, slots=True)
class Span:
    """Some characters of a passage, without punctuation at their ends."""

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        """What stands there."""
        return self.passage.text[self.start : self.end]

    def found(self, value: str | None = None, least: float = UNSURE) -> Found:
        """As read; the value is the text itself unless another is given, and None where a character was read less
        surely than `least`."""
        sure = min(self.passage.sure[self.start : self.end], default=0.0)
        known = (self.text if value is None else value) if sure >= least else None
        return replace(found(self.passage.lines_of(self.start, self.end), self.text, known), score=sure)

    def of_one_line(self) -> Span:
        """What of it stands in the line that it begins in."""
        line, end = self.passage.of[self.start], self.start
        while end < self.end and self.passage.of[end] is line:
            end += 1
        return Span(self.passage, self.start, end)

    def part(self, text: str) -> Span:
        """The first place of `text` within it."""
        at = self.passage.text.index(text, self.start, self.end)
        return Span(self.passage, at, at + len(text))


@dataclass(frozen=True, slots=True)
class Passage:
    """Characters in plain form without spaces, each with the line that it stands in and how surely it was read."""

    text: str
    of: tuple[Line, ...]
    sure: tuple[float, ...]

    def lines_of(self, start: int, end: int) -> tuple[Line, ...]:
        """The lines that hold the characters from `start` to `end`."""
        return tuple(dict.fromkeys(self.of[start:end])) or self.of[:1]

    def after(self, label: re.Pattern[str]) -> Iterator[Span]:
        """What follows each place of a label. A label begins a line, or ends with a colon."""
        for match in label.finditer(self.text):
            colon = _COLON.match(self.text, match.end())
            begins = colon.end() if colon else match.end()
            if self._begins_line(match.start()) or begins > match.end() or match.group().endswith(":"):
                span = self.trimmed(begins, self._end(begins))
                if span.text:
                    yield span

    def trimmed(self, start: int, end: int) -> Span:
        """That part without punctuation at its ends."""
        while start < end and not self.text[start].isalnum():
            start += 1
        while start < end and not self.text[end - 1].isalnum() and not _closes(self.text[start:end]):
            end -= 1
        return Span(self, start, end)

    def matches(self, pattern: re.Pattern[str], group: int = 1) -> Iterator[Span]:
        """Every place of a pattern's group."""
        for match in pattern.finditer(self.text):
            if match.group(group):
                yield Span(self, *match.span(group))

    def _begins_line(self, at: int) -> bool:
        return at == 0 or self.of[at] is not self.of[at - 1]

    def _end(self, begins: int) -> int:
        """Where a value ends that begins there."""
        for match in LABELS.finditer(self.text, begins + 1):
            followed = self.text[match.end() : match.end() + 1] in (":", "：")
            if followed or self._begins_line(match.start()):
                return self._gap(begins, match.start())
        return self._gap(begins, len(self.text))

    def _gap(self, begins: int, end: int) -> int:
        for at in range(begins + 1, end):
            one, other = self.of[at - 1], self.of[at]
            if one is not other and other.level[0] - one.level[2] > WIDE * min(one.height, other.height):
                return at
        return end


def _closes(text: str) -> bool:
    """Whether a bracket at the end belongs to one before it."""
    return text[-1] in ")）" and text.count("(") + text.count("（") == text.count(")") + text.count("）")


def passage(lines: Iterable[Line]) -> Passage:
    """The lines one after the other."""
    lines = list(lines)
    characters = [
        (character, line, line.surest(at, at + 1))
        for line, after in zip(lines, [*lines[1:], None], strict=True)
        for at, one in enumerate(_mended(line, after))
        for character in plain(one)
        if character != "_"  # what is printed under a blank
    ]
    text = _DASH.sub("一", "".join(character for character, _, _ in characters))
    return Passage(text, tuple(line for _, line, _ in characters), tuple(sure for _, _, sure in characters))


def _mended(line: Line, after: Line | None) -> str:
    """The line's text; where it is only the first half of a spaced-out label (「专　业：」), with the other half."""
    text = plain(line.text)
    other = _HALVES.get(text, "")
    return text + other if other and after is not None and not plain(after.text).startswith(other) else line.text


def by_row(lines: Sequence[Line]) -> list[Passage]:
    """A passage a row, from the top."""
    return [made for row in rows(lines) if (made := passage(row.lines)).text]


def running(table: Sequence[Passage]) -> Passage:
    """All rows as one text."""
    return Passage(
        "".join(row.text for row in table),
        tuple(line for row in table for line in row.of),
        tuple(sure for row in table for sure in row.sure),
    )


def first(
    table: Sequence[Passage], labels: Sequence[re.Pattern[str]], shape: re.Pattern[str], *, in_one_line: bool = False
) -> Span | None:
    """The first value after the first label that has one of that shape; `labels` in the order of their weight.
    `in_one_line`: the value is not put together from lines side by side, which for digits would make another number."""
    for label in labels:
        for row in table:
            for span in row.after(label):
                if in_one_line:
                    span = span.of_one_line()
                if match := shape.match(span.text):
                    return Span(row, span.start + match.start(), span.start + match.end())
    return None


def first_date(table: Sequence[Passage], labels: Sequence[re.Pattern[str]]) -> Found | None:
    """The first date after one of the labels."""
    for label in labels:
        for row in table:
            for span in row.after(label):
                for stands, value in dates(span.text):
                    if span.text.startswith(stands):
                        return _dated(span.part(stands), value)
    return None


def last_date(lines: Sequence[Line]) -> tuple[Found, Line] | None:
    """The date that stands alone in a line below all other dates that do: what a paper is dated with."""
    alone = [(line, dated) for line in lines if (dated := _only_date(line)) is not None]
    if not alone:
        return None
    line, (stands, value) = max(alone, key=lambda one: one[0].middle)
    whole = passage([line])
    at = whole.text.find(stands)
    return _dated(Span(whole, at, at + len(stands)), value), line


def _dated(span: Span, value: str) -> Found:
    """The date, unless it stops after a digit of the day (another digit may have been there, and a seal over it), or a
    一, 二 or 三 was not read surely: a seal's edge makes one of another."""
    after = span.passage.text[span.end : span.end + 1]
    cut = "月" in span.text and span.text[-1].isdigit() and not after
    strokes = [span.passage.sure[at] for at in range(span.start, span.end) if span.passage.text[at] in _STROKES]
    return replace(span.found(value), value=None) if cut or min(strokes, default=1.0) < SURE else span.found(value)


def _only_date(line: Line) -> tuple[str, str] | None:
    text = plain(line.text)
    seen = list(dates(text))
    return seen[0] if len(seen) == 1 and text.startswith(seen[0][0]) and len(text) - len(seen[0][0]) <= 1 else None


def person(table: Sequence[Passage], labels: Sequence[re.Pattern[str]]) -> Span | None:
    """The name of somebody after a label: the whole value is a name."""
    for label in labels:
        for row in table:
            for span in row.after(label):
                if NAME.fullmatch(span.text):
                    return span
    return None


def agreed(spans: Iterable[Span]) -> Span | None:
    """The span, where all say the same; None where there is none, or they differ."""
    all_of_them = list(spans)
    return all_of_them[0] if len({span.text for span in all_of_them}) == 1 else None
