"""The first page of an employment contract: the two parties by their labels, and the term by its sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from models.documents.reading import Found
from workers.ocr.lines import Line
from workers.ocr.passages import Passage, Span, by_row, running
from workers.ocr.values import FOREVER, HAN, NAME, dates, plain

_MARKS = {
    "劳动合同": 0.35,
    "聘用合同": 0.35,
    "合同书": 0.15,
    "甲方": 0.25,
    "乙方": 0.25,
    "合同期限": 0.2,
    "用人单位": 0.1,
}
_ASIDE = "[(（][^()（）]{1,12}[)）]"  # 「（用人单位）」 after the party, or the party after 「用人单位」
_COLON = "(?::|(?<=[)）]))"  # a colon after a bracket is often not seen
_EMPLOYER = re.compile(
    f"(?:(?:用人|聘用|用工)?单位)?(?:名称|全称)?[(（]?甲方[)）]?(?:{_ASIDE})?(?:名称|全称|单位名称)?{_COLON}"
)
_EMPLOYEE = re.compile(
    f"(?:劳动者|受聘人员?|职工|员工|聘用人员)?(?:姓名)?[(（]?乙方[)）]?(?:{_ASIDE})?(?:姓名)?{_COLON}"
)
_SIGNING = re.compile("盖章|签章|签字|签名|公章|代表")
_BODY = re.compile(f"[{HAN}0-9A-Za-z()（）·&\\-]{{4,60}}$")
_PARTS = re.compile(
    "[。;；]|(?=其中试用期)|(?=试用期)|(?=[(（]?[一二三1-3][)）.、](?:有|无)?固定期限)|(?=第[一二三四五六七八九十]+条)"
)
_TRIAL = ("其中试用期", "试用期")
_TERM = re.compile("合同期|期限|聘期")
_BETWEEN = re.compile("日?(?:起|始|开始|生效)?[,，、]?(?:至|到|-|—|–|~)+")


def likeness(lines: Sequence[Line]) -> float:
    """0 to 1: how much the writing looks like the first page of an employment contract."""
    text = plain("".join(line.text for line in lines))
    return min(1.0, sum(share for mark, share in _MARKS.items() if mark in text))


def read(lines: Sequence[Line]) -> Mapping[str, Found]:
    """What it shows: name (of who is employed), employer, valid_from, valid_until (`FOREVER` without a fixed term),
    whichever could be read. No dates where several terms are filled in."""
    table = by_row(lines)
    shown: dict[str, Found] = {}
    if (employer := _party(table, _EMPLOYER, _BODY)) is not None:
        shown["employer"] = employer.found()
    if (name := _party(table, _EMPLOYEE, NAME)) is not None:
        shown["name"] = name.found()
    terms = list(_terms(running(table)))
    return shown | terms[0] if len(terms) == 1 else shown


def _party(table: Sequence[Passage], label: re.Pattern[str], shape: re.Pattern[str]) -> Span | None:
    """What follows the party's label first; a place for signing is none."""
    for row in table:
        for match in label.finditer(row.text):
            if _SIGNING.search(match.group()):
                continue
            span = next((one for one in row.after(re.compile(re.escape(match.group())))), None)
            if span is not None and shape.fullmatch(span.text) and not _SIGNING.search(span.text):
                return span
    return None


def _terms(body: Passage) -> Iterator[dict[str, Found]]:
    """Every term that is filled in."""
    start = 0
    for end in [*(match.start() for match in _PARTS.finditer(body.text)), len(body.text)]:
        part = Span(body, start, end)
        start = end
        if not part.text.lstrip("。;；").startswith(_TRIAL) and _TERM.search(part.text):
            term = _term(part)
            if term is not None:
                yield term


def _term(part: Span) -> dict[str, Found] | None:
    seen = list(dates(part.text))
    if len(seen) >= 2:
        (first, begins), (last, ends) = seen[:2]
        after = part.text.index(first) + len(first)
        at = part.text.index(last, after)
        if len(begins) == len(ends) == 10 and begins < ends and _BETWEEN.fullmatch(part.text[after:at]):
            there = Span(part.passage, part.start + at, part.start + at + len(last))
            return {"valid_from": part.part(first).found(begins), "valid_until": there.found(ends)}
    elif "无固定期限" in part.text and len(seen) == 1 and len(seen[0][1]) == 10:
        stands, begins = seen[0]
        without = part.part("无固定期限").found(FOREVER)
        return {"valid_from": part.part(stands).found(begins), "valid_until": without}
    return None
