"""The first page of an employment contract between invented parties."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from workers.ocr.generated.people import Person, code, company, day, person, school, signature
from workers.ocr.generated.sheet import Face, Sheet

WIDTH, HEIGHT, FINE = 210.0, 297.0, 7.0
LAYOUTS = ("model", "chosen", "institution", "open_ended")
_OPEN = "9999-12-31"
_LAW = (
    "根据《中华人民共和国劳动法》《中华人民共和国劳动合同法》等法律法规，甲乙双方经平等协商，自愿签订本合同，共同遵守。"
)
_WORK = "二、工作内容和工作地点　甲方安排乙方从事技术工作，工作地点为甲方所在地。"

Drawn = tuple[Sheet, dict[str, str]]


def contract(random: Random, layout: str, face: Face | None = None) -> Drawn:
    """`name` is who is employed (乙方), `valid_until` 9999-12-31 a contract without a fixed term."""
    someone, begins = person(random), day(random, 2019, 2026)
    years = random.choice((1, 2, 3, 3, 5))
    ends = date(begins.year + years, begins.month, min(begins.day, 28)) - timedelta(days=1)
    employer = school(random, someone) if layout == "institution" else company(random, someone)
    sheet = Sheet(WIDTH, HEIGHT, FINE, (252, 252, 252), face)
    heading = "事业单位聘用合同书" if layout == "institution" else "劳 动 合 同 书"
    sheet.text(105, 36, heading, 9.5, anchor="ms", bold=True)
    y = _parties(sheet, random, layout, someone, employer)
    _terms(sheet, y, layout, begins, ends, random)
    until = _OPEN if layout == "open_ended" else ends.isoformat()
    return sheet, {"name": someone.name, "employer": employer, "valid_from": begins.isoformat(), "valid_until": until}


def _parties(sheet: Sheet, random: Random, layout: str, someone: Person, employer: str) -> float:
    first, second = {
        "institution": ("聘用单位（甲方）：", "受聘人员（乙方）："),
        "chosen": ("用人单位（甲方）名称：", "劳动者（乙方）姓名："),
    }.get(layout, ("甲方（用人单位）：", "乙方（劳动者）："))
    rows = (
        (first, employer),
        ("统一社会信用代码：", f"91{code(random, 15)}X"),
        ("法定代表人：", signature(random)),
        ("地址：", person(random).address),
        (second, someone.name),
        ("居民身份证号码：", someone.id_number),
        ("住址：", someone.address),
        ("联系电话：", f"1{random.choice('3578')}{code(random, 9)}"),
    )
    y = 58.0
    for label, value in rows:
        begins = sheet.text(24, y, label, 4.6)
        size = 4.6 if sheet.measure(value, 4.6) < 185 - begins else 3.8
        sheet.text(begins + 2, y, value, size)
        sheet.line(begins, y + 1.6, 186, y + 1.6, thick=0.15)
        y += 11
    return y


def _terms(sheet: Sheet, y: float, layout: str, begins: date, ends: date, random: Random) -> None:
    y = sheet.paragraph(24, y + 4, 164, _LAW, 4.6, 8.4) + 4
    sheet.text(24, y, "一、合同期限", 4.8, bold=True)
    for line in _term_lines(layout, begins, ends):
        y = sheet.paragraph(24, y + 8.6, 164, line, 4.6, 8.2) - 6
    y = sheet.paragraph(24, y + 12, 164, _WORK, 4.6, 8.4)
    if random.random() < 0.4:
        sheet.text(24, y + 10, f"签订日期：{_blanks(begins - timedelta(days=random.randrange(0, 20)))}", 4.6)


def _blanks(when: date) -> str:
    return f" {when.year} 年 {when.month} 月 {when.day} 日"


def _term_lines(layout: str, begins: date, ends: date) -> tuple[str, ...]:
    first, last = _blanks(begins), _blanks(ends)
    probation = f"其中试用期自{first}起至{_blanks(begins + timedelta(days=89))}止。"
    lines: dict[str, tuple[str, ...]] = {
        "chosen": (
            "第一条　双方约定按下列第 1 种方式确定合同期限：",
            f"1.固定期限：自{first}起至{last}止。{probation}",
            "2.无固定期限：自____年__月__日起至法定终止条件出现时止。",
            "3.以完成一定工作任务为期限：自____年__月__日起至工作任务完成时止。",
        ),
        "open_ended": (f"第一条　本合同为无固定期限劳动合同，自{first}起，至法定终止条件出现时止。",),
        "institution": (
            f"第一条　聘用合同期限为{ends.year - begins.year or 1}年，自{first}至{last}。",
            "第二条　乙方应聘在教学岗位工作。",
        ),
        "model": (f"第一条　本合同为固定期限劳动合同，期限从{first}起至{last}止。{probation}",),
    }
    return lines[layout]
