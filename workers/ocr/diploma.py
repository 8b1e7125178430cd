"""Graduation certificates (毕业证书) and degree certificates (学位证书): a sentence about the holder, or labels."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from models.documents.reading import Found
from workers.ocr.lines import Line
from workers.ocr.passages import (
    DIGITS,
    UNSURE,
    Passage,
    Span,
    agreed,
    by_row,
    first,
    first_date,
    last_date,
    person,
    running,
)
from workers.ocr.values import HAN, plain

_MARKS = {
    "毕业证书": 0.6,
    "学位证书": 0.6,
    "准予毕业": 0.3,
    "学位条例": 0.3,
    "学士学位": 0.2,
    "硕士学位": 0.2,
    "博士学位": 0.2,
    "教学计划": 0.2,
    "培养计划": 0.2,
}
_PERSON = f"[{HAN}](?:[{HAN}]|[·•・.](?=[{HAN}])){{1,14}}?"
_STUDENT = re.compile(f"(?:学生|研究生(?!毕业)|学员)({_PERSON})[,，、.]?性别")
_DEGREE_HOLDER = re.compile(f"^({_PERSON})(?:[,，、.][男女][,，、.]|系[{HAN}]{{2,12}}人[,，、.])")
_NAME = (re.compile("姓名|^名(?=:)"),)
_SCHOOL_WORD = (
    f"(?!(?:普通|成人)?高等学校|本校|本院|我校|我院)[{HAN}]{{2,16}}?(?:大学|学院|学校|研究院|研究所|党校)(?:大学)?"
)
_SCHOOL_ALONE = re.compile(f"{_SCHOOL_WORD}$")
_SCHOOL_SHAPE = re.compile(_SCHOOL_WORD + f"(?![{HAN}])")
_SCHOOL_LABELS = (re.compile("校名|学校名称|毕业院校"), re.compile("培养单位|办学单位|主考(?:院校|学校)"))
_AT = re.compile(f"[在于]({_SCHOOL_WORD})(?=[{HAN}()（）、·]{{2,24}}?(?:学科|专业))")
_HERE = ("本校", "本院", "我校", "我院")
_MAJOR = re.compile(
    f"(?:在(?:本校|本院|我校|我院|{_SCHOOL_WORD})?|参加|修完)([{HAN}()（）·、]{{2,24}}?)"
    "(?:学科[(（]专业[)）]|学科、?专业|专业|学科)"
)
_MAJOR_LABELS = (re.compile("专业名称|专业"),)
_MAJOR_SHAPE = re.compile(f"[{HAN}()（）·、]{{2,24}}$")
_LEVEL = "博士研究生|硕士研究生|专科起点升?本科|专升本|本科|专科|高职|中专"
_LEVEL_SAID = (
    re.compile(f"年制({_LEVEL})"),
    re.compile(f"修完({_LEVEL})"),
    re.compile(f"({_LEVEL})(?:学习|教学计划|培养计划|课程)"),
)
_LEVEL_HEADING = re.compile(f"^({_LEVEL})毕业证书")
_LEVEL_LABELS = (re.compile("学历层次|培养层次|层次|学历"),)
_UP_TO_BACHELOR = ("专科起点升本科", "专科起点本科", "专升本")
_GRANTED = re.compile(f"授予([{HAN}]{{2,10}}?(?:学士|硕士|博士))(?:专业)?学位")
_NUMBER_LABELS = (re.compile("证书编号|证书号码?"), re.compile("学校编号"), re.compile("编号|^号(?=:)"))
_NUMBER = re.compile(r"[0-9A-Z][0-9A-Z\-]{5,29}")
_DATE_LABELS = (re.compile("发证日期|签发日期|毕业(?:日期|时间)|授予(?:日期|时间)"),)


def likeness(lines: Sequence[Line]) -> float:
    """0 to 1: how much the writing looks like a diploma."""
    text = plain("".join(line.text for line in lines))
    return min(1.0, sum(share for mark, share in _MARKS.items() if mark in text))


def read(lines: Sequence[Line]) -> Mapping[str, Found]:
    """What it shows: name school major education degree issued_on number, whichever could be read. `education` only
    on a graduation certificate, `degree` only on the other."""
    table = by_row(lines)
    body = running(table)
    is_degree = "学位证书" in body.text or _GRANTED.search(body.text) is not None
    spans: dict[str, Span | None] = {
        "name": _holder(table, body),
        "school": _school(table, body),
        "major": _major(table, body),
        "number": first(table, _NUMBER_LABELS, _NUMBER, in_one_line=True),
        "degree": agreed(body.matches(_GRANTED)) if is_degree else None,
    }
    shown = {
        name: span.found(least=DIGITS if name == "number" else UNSURE)
        for name, span in spans.items()
        if span is not None
    }
    if not is_degree and (level := _education(table, body)) is not None:
        shown["education"] = level.found("本科" if level.text in _UP_TO_BACHELOR else None)
    issued = first_date(table, _DATE_LABELS) or next(iter(last_date(lines) or ()), None)
    return shown if not isinstance(issued, Found) else shown | {"issued_on": issued}


def _holder(table: Sequence[Passage], body: Passage) -> Span | None:
    said = agreed(body.matches(_STUDENT))
    if said is None:
        said = agreed(span for row in table for span in row.matches(_DEGREE_HOLDER))
    return said or person(table, _NAME)


def _school(table: Sequence[Passage], body: Passage) -> Span | None:
    """Where it says so, or where a school's name stands alone; the name that is repeated where names differ."""
    labelled = first(table, _SCHOOL_LABELS, _SCHOOL_SHAPE)
    if labelled is not None:
        return labelled
    said = [span for span in body.matches(_AT) if not span.text.startswith(_HERE)]
    return agreed(said) or agreed(_alone(table))


def _alone(table: Sequence[Passage]) -> list[Span]:
    """Lines that say nothing but a school's name."""
    found = []
    for row in table:
        for line in row.lines_of(0, len(row.text)):
            start = row.of.index(line)
            end = start + row.of.count(line)
            if _SCHOOL_ALONE.fullmatch(row.text[start:end]):
                found.append(Span(row, start, end))
    return found


def _major(table: Sequence[Passage], body: Passage) -> Span | None:
    said = agreed(body.matches(_MAJOR))
    if said is not None:
        return said
    for row in table:
        for label in _MAJOR_LABELS:
            for span in row.after(label):
                if row.text[span.start - 1] == ":" and _MAJOR_SHAPE.match(span.text):
                    return span
    return None


def _education(table: Sequence[Passage], body: Passage) -> Span | None:
    said = [span for pattern in _LEVEL_SAID for span in body.matches(pattern)]
    said += [span for row in table for span in row.matches(_LEVEL_HEADING)]
    return agreed(said) or first(table, _LEVEL_LABELS, re.compile(_LEVEL))
