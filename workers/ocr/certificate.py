"""Certificates of professional titles, of trades and of honours: by their labels, or by a sentence of a known form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from models.documents.reading import Found
from models.programme.places import is_known
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
    passage,
    person,
    running,
)
from workers.ocr.values import HAN, Printed, id_number, plain

_MARKS = {
    "资格证书": 0.5,
    "职称证书": 0.6,
    "等级证书": 0.6,
    "荣誉证书": 0.6,
    "获奖证书": 0.6,
    "特发此证": 0.4,
    "特颁发此证": 0.4,
    "资格名称": 0.3,
    "职称名称": 0.3,
    "专业技术资格": 0.3,
    "职业资格": 0.3,
    "技能等级": 0.3,
    "评审": 0.1,
    "证书编号": 0.2,
    "发证": 0.1,
    "管理号": 0.2,
    "证书": 0.15,
}
_OTHERS = ("毕业证书", "学位证书", "准予毕业", "劳动合同", "聘用合同")
_ENGLISH = "(?:[A-Za-z.&]{2,24})?"  # 「姓名 Full Name：」


def _labels(*words: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(f"(?:{word}){_ENGLISH}") for word in words)


_NAME = _labels("姓名|^名(?=:|Full)", "获奖(?:者|人)|受奖者|获得者|完成人|持证人(?:姓名)?")
_ADDRESSED = re.compile(f"^([{HAN}](?:[{HAN}]|[·•・.](?=[{HAN}])){{1,14}}?)(?:同志|先生|女士|同学|老师)[:,，]?$")
_HONOURED = re.compile(f"授予([{HAN}](?:[{HAN}]|[·•・.](?=[{HAN}])){{1,14}}?)(?:同志|先生|女士|同学|老师)")
_ID = re.compile("(?:身份证(?:件)?(?:号码?)?|证件号码?|公民身份号码|身份号码)(?:IDNo\\.?)?")
_SEX = _labels("性别")
_BIRTH = _labels("出生日期|出生年月日?")
_TITLE = _labels("(?:任职)?资格名称|职称名称", "任职资格|专业技术资格|职务名称|职称")
_TITLE_SHAPE = re.compile(f"(?!证书|考试|评审)[{HAN}()（）]{{2,20}}$")
_TITLE_WORD = f"[{HAN}]{{1,12}}(?:师|员|研究员|教授|讲师|教师|医师|馆员|教练|编审|编辑|记者|播音员)"
_GRANTED = re.compile(f"(?:具备|取得|授予|具有|获得)({_TITLE_WORD})(?:专业技术)?(?:职务)?(?:任职)?(?:资格|职称)")
_EXAMINED = re.compile("统一组织的考试|ProfessionalQualification")
_EXAMINED_HEAD = re.compile(f"[{HAN}]{{2,16}}(?:师|员|资格)$")
_RANK = "高级技师|高级工|中级工|初级工|技师|高级|中级|初级"
_LEVEL = re.compile(f"[一二三四五]级(?:/(?:{_RANK}))?|高级技师|技师|(?:高|中|初)级工|(?:正高|副高|高|中|初|助理|员)级")
_LEVEL_LABELS = _labels("职业技能等级|技能等级|职业等级", "职称级别|资格级别|级别|^别(?=Level)", "等级")
_TRADE_AND_LEVEL = re.compile(f"(?:职业[(（]工种[)）]及等级|职业及等级){_ENGLISH}")
_TRADE_LABELS = _labels("职业名称", r"职业[(（]工种[)）]|工种")
_TRADE_SHAPE = re.compile(f"[{HAN}()（）、]{{2,24}}$")
_SPECIALITY = _labels("专业名称", "专业类别", "专业(?!技术)|^业(?=:|Spec)")
_SPECIALITY_SHAPE = re.compile(f"(?!证书)[{HAN}()（）、]{{2,20}}$")
_NUMBER_LABELS = _labels("证书编号", "证书号码?|管理号", "编号|^号(?=:)")
_NUMBER = re.compile(r"[0-9A-Z][0-9A-Z\-]{5,29}")
# When the title was obtained counts before when the paper was made.
_DATE_LABELS = _labels(
    "取得(?:资格)?(?:时间|日期)|资格取得(?:时间|日期)",
    "授予(?:时间|日期)",
    "批准(?:时间|日期)",
    "评审(?:通过)?(?:时间|日期)|评定(?:时间|日期)",
    "(?:发证|签发|颁发|颁证)(?:时间|日期)",
)
_ISSUER_LABELS = _labels(
    "(?:发证|颁发|颁证|签发|授予|颁奖)(?:机关|单位|机构|部门)",
    "(?:批准|审批)(?:机关|单位|部门)",
    "机构名称|职业技能(?:鉴定|评价)机构|(?:鉴定|评价)机构",
)
_BODY_WORD = "政府|厅|局|部|委员会|委|协会|学会|联合会|中心|总工会|工会|大学|学院|公司|办公室|组委会|集团|院|所|站"
_BODY = re.compile(f"[{HAN}()（）]{{2,30}}(?:{_BODY_WORD})$")
# After a label: a seal may add a few characters at the end.
_LABELLED_BODY = re.compile(f"[{HAN}()（）]{{2,30}}(?:{_BODY_WORD})(?=[{HAN}]{{0,2}}$)")

_PROVINCE = re.compile(f"[{HAN}]{{1,8}}?(?:省|自治区)")
SURE = 0.9  # a body that no label announces, and a seal often lies over, is taken only where it was read this surely


def likeness(lines: Sequence[Line]) -> float:
    """0 to 1: how much the writing looks like a certificate that is no diploma."""
    text = plain("".join(line.text for line in lines))
    seen = min(1.0, sum(share for mark, share in _MARKS.items() if mark in text))
    return seen / 4 if any(other in text for other in _OTHERS) else seen


def read(lines: Sequence[Line]) -> Mapping[str, Found]:
    """What it shows: name id_number title trade level speciality issued_on issuer number, whichever could be read."""
    table = by_row(lines)
    body = running(table)
    trade, level = _trade_and_level(table)
    spans: dict[str, Span | None] = {
        "name": _holder(table),
        "title": _title(table, body, lines),
        "trade": trade,
        "level": level,
        "speciality": first(table, _SPECIALITY, _SPECIALITY_SHAPE),
        "number": first(table, _NUMBER_LABELS, _NUMBER, in_one_line=True),
    }
    shown = {
        name: span.found(least=DIGITS if name == "number" else UNSURE)
        for name, span in spans.items()
        if span is not None
    }
    if (number := _id_number(table)) is not None:
        shown["id_number"] = number
    return shown | _issued(table, lines)


def _holder(table: Sequence[Passage]) -> Span | None:
    if (labelled := person(table, _NAME)) is not None:
        return labelled
    said = [span for row in table for span in row.matches(_ADDRESSED)]
    return agreed([*said, *running(table).matches(_HONOURED)])


def _title(table: Sequence[Passage], body: Passage, lines: Sequence[Line]) -> Span | None:
    labelled = first(table, _TITLE, _TITLE_SHAPE)
    if labelled is not None:
        return labelled
    said = agreed(body.matches(_GRANTED))
    if said is None and _EXAMINED.search(body.text):
        heading = passage([max(lines, key=lambda line: line.height)])  # such papers are headed with what was passed
        if _EXAMINED_HEAD.fullmatch(heading.text):
            return Span(heading, 0, len(heading.text))
    return said


def _trade_and_level(table: Sequence[Passage]) -> tuple[Span | None, Span | None]:
    for at, row in enumerate(table):
        if _TRADE_AND_LEVEL.search(row.text):
            both = next(row.after(_TRADE_AND_LEVEL), None)
            for span in [both] if both is not None else _below(row, table[at + 1 : at + 3]):
                if pair := _parted(span):
                    return pair
    return first(table, _TRADE_LABELS, _TRADE_SHAPE), first(table, _LEVEL_LABELS, _LEVEL)


def _below(row: Passage, rest: Sequence[Passage]) -> Iterator[Span]:
    """Lines under the label, that begin near where it begins."""
    label = row.of[_TRADE_AND_LEVEL.search(row.text).start()]  # type: ignore[union-attr]
    for other in rest:
        for line in other.lines_of(0, len(other.text)):
            if abs(line.level[0] - label.level[0]) < 4 * label.height:
                start = other.of.index(line)
                yield other.trimmed(start, len(other.text))


def _parted(span: Span) -> tuple[Span, Span] | None:
    """「电工 三级/高级」 in its two parts."""
    level = _LEVEL.search(span.text)
    if level is None:
        return None
    trade = span.passage.trimmed(span.start, span.start + level.start())
    if not _TRADE_SHAPE.fullmatch(trade.text):
        return None
    return trade, Span(span.passage, span.start + level.start(), span.start + level.end())


def _id_number(table: Sequence[Passage]) -> Found | None:
    """The number that stands after its label; other numbers of eighteen digits are the paper's."""
    sex, birth = first(table, _SEX, re.compile("[男女]")), first_date(table, _BIRTH)
    printed = Printed(
        birth.value if birth is not None and birth.value is not None and len(birth.value) == 10 else None,
        {"男": "male", "女": "female"}[sex.text] if sex is not None else None,
    )
    for row in table:
        for span in row.after(_ID):
            found = id_number(row.lines_of(span.start, span.end), printed)
            if found is not None:
                return found
    return None


def _issued(table: Sequence[Passage], lines: Sequence[Line]) -> dict[str, Found]:
    shown: dict[str, Found] = {}
    dated = last_date(lines)
    issued = first_date(table, _DATE_LABELS) or (dated[0] if dated else None)
    if issued is not None:
        shown["issued_on"] = issued
    labelled = first(table, _ISSUER_LABELS, _LABELLED_BODY)
    if labelled is not None:
        shown["issuer"] = labelled.found()
    elif dated is not None and (signed := _signed(lines, dated[1])) is not None:
        shown["issuer"] = signed
    return shown


def _signed(lines: Sequence[Line], dated: Line) -> Found | None:
    """The one body that stands right above the date of the paper."""
    near = [
        line
        for line in lines
        if 0 < dated.middle - line.middle < 4 * dated.height
        and min(line.level[2], dated.level[2]) > max(line.level[0], dated.level[0])
    ]
    bodies = [whole for line in near if _BODY.fullmatch((whole := passage([line])).text)]
    if len(bodies) != 1 or min(bodies[0].sure) < SURE:
        return None
    province = _PROVINCE.match(bodies[0].text)
    if province is not None and not is_known(province.group()):  # 「东省人民政府」: its beginning was not seen
        return None
    return Span(bodies[0], 0, len(bodies[0].text)).found()
