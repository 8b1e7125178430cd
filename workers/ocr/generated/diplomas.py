"""Graduation and degree certificates of invented people."""

from __future__ import annotations

from datetime import date
from random import Random

from workers.ocr.generated.people import (
    Person,
    arabic_day,
    chinese_day,
    chinese_number,
    code,
    person,
    school,
    signature,
)
from workers.ocr.generated.sheet import RED, Face, Sheet

WIDTH, HEIGHT, FINE = 297.0, 210.0, 7.0
LAYOUTS = ("regular", "narrow", "postgraduate", "adult", "listed")
DEGREE_LAYOUTS = ("bachelor", "master", "doctor")
_COURSES = (
    "机械设计制造及其自动化 计算机科学与技术 土木工程 会计学 护理学 汉语言文学 化学工程与工艺 农学",
    "电气工程及其自动化 法学 临床医学 材料科学与工程 学前教育 市场营销 园艺 数控技术",
)
MAJORS = tuple(" ".join(_COURSES).split())
_FIELDS = ("工学", "理学", "管理学", "文学", "农学", "法学", "医学", "教育学", "经济学")
_YEARS = {2: "二", 3: "三", 4: "四", 5: "五"}

Drawn = tuple[Sheet, dict[str, str]]


def graduation(random: Random, layout: str, face: Face | None = None) -> Drawn:
    """A 毕业证书. `education` is the word that is printed (本科, 专科, 硕士研究生 …)."""
    issued = date(random.randint(1998, 2025), random.choice((1, 6, 7)), random.randint(10, 30))
    someone, major = person(random, issued, (21, 34)), random.choice(MAJORS)
    college, number = school(random, someone), code(random, 18 if layout != "postgraduate" else 17)
    education, years = _course(random, layout)
    sheet = _blank(random, face)
    title, body = _graduation_words(random, layout, someone, major, education, years, issued)
    sheet.text(WIDTH / 2, 42, title, 15, anchor="ms", bold=True)
    left, room = (92.0, 170.0) if layout != "narrow" else (120.0, 142.0)
    if layout == "listed":
        _listed(sheet, someone, major, education, college)
        sheet.text(110, 140, "修完教学计划规定的全部课程，成绩合格，准予毕业。", 6.4)
    else:
        sheet.paragraph(left, 72, room, body, 7.4, 13.6)
    sheet.portrait(34, 62, 38, 52, random)
    when = arabic_day(issued, gap=" ") if layout in ("adult", "listed") else chinese_day(issued)
    label = "培养单位：" if layout == "postgraduate" else random.choice(("", "校　　名："))
    _foot(sheet, random, college, number, when, label)
    truth = {
        "name": someone.name,
        "school": college,
        "major": major,
        "education": education,
        "issued_on": issued.isoformat(),
        "number": number,
    }
    return sheet, truth


def degree(random: Random, layout: str, face: Face | None = None) -> Drawn:
    """A 学位证书. `degree` is what follows 授予, without 学位 (工学学士)."""
    issued = date(random.randint(2000, 2025), random.choice((6, 7, 12)), random.randint(10, 30))
    someone, major = person(random, issued, (21, 34)), random.choice(MAJORS)
    college = school(random, someone).replace("职业技术学院", "大学")
    kind = {"bachelor": "学士", "master": "硕士", "doctor": "博士"}[layout]
    granted, number = random.choice(_FIELDS) + kind, code(random, 16)
    born = f"{someone.name}，{someone.sex_word}，{_born(random, someone)}生。"
    law = "《中华人民共和国学位条例》"
    if layout == "bachelor":
        body = f"{born}在{college} {major} 专业完成了本科学习计划，业已毕业，经审核符合{law}的规定，授予{granted}学位。"
    else:
        body = (
            f"{born}在{college} {major} 学科（专业）已通过{kind}学位的课程考试和论文答辩，成绩合格。"
            f"根据{law}的规定，授予{granted}学位。"
        )
    sheet = _blank(random, face)
    sheet.text(WIDTH / 2, 42, f"{kind}学位证书", 15, anchor="ms", bold=True)
    sheet.paragraph(92, 74, 170, body, 7.4, 14.0)
    sheet.portrait(34, 62, 38, 52, random)
    _foot(sheet, random, college, number, chinese_day(issued), "")
    sheet.text(92, 152, f"校　　长　{signature(random)}", 6)
    truth = {
        "name": someone.name,
        "school": college,
        "major": major,
        "degree": granted,
        "issued_on": issued.isoformat(),
        "number": number,
    }
    return sheet, truth


def _blank(random: Random, face: Face | None) -> Sheet:
    sheet = Sheet(WIDTH, HEIGHT, FINE, random.choice(((250, 246, 236), (246, 242, 232), (250, 250, 246))), face)
    sheet.waves((240, 230, 216), 4.0, 2.2)
    sheet.frame(10, random.choice((RED, (150, 120, 60), (60, 110, 90))), 1.6)
    sheet.frame(13, (170, 140, 90), 0.5)
    return sheet


def _course(random: Random, layout: str) -> tuple[str, int]:
    if layout == "postgraduate":
        return random.choice((("硕士研究生", 3), ("博士研究生", 4)))
    return random.choice((("本科", 4), ("本科", 4), ("专科", 3)))


def _born(random: Random, someone: Person) -> str:
    return random.choice((chinese_day, arabic_day))(someone.birth)


def _graduation_words(
    random: Random, layout: str, someone: Person, major: str, education: str, years: int, issued: date
) -> tuple[str, str]:
    first = chinese_day(date(issued.year - years, 9, 1), day=False)
    born, span = _born(random, someone), f"{first}至{chinese_day(issued, day=False)}"
    who = f"{someone.name} 性别 {someone.sex_word}，"
    if layout == "postgraduate":
        body = (
            f"研究生 {who}{born}生，于{span}在 {major} 专业学习，学制{_YEARS[years]}年，"
            f"修完{education}培养计划规定的全部课程，成绩合格，毕业论文答辩通过，准予毕业。"
        )
        return f"{education}毕业证书", body
    if layout == "adult":
        kind = random.choice(("函授", "业余", "脱产"))
        body = (
            f"学生 {who}{arabic_day(someone.birth)}生，于{issued.year - years}年3月至"
            f"{issued.year}年{issued.month}月在本校 {major} 专业{kind}学习，"
            f"修完{education}教学计划规定的全部课程，成绩合格，准予毕业。"
        )
        return "成人高等教育毕业证书", body
    body = (
        f"学生 {who}{born}生，于{span}在本校 {major} 专业"
        f"{chinese_number(years)}年制{education}学习，修完教学计划规定的全部课程，成绩合格，准予毕业。"
    )
    return "普通高等学校毕业证书", body


def _listed(sheet: Sheet, someone: Person, major: str, education: str, college: str) -> None:
    rows = (
        ("姓　　名：", someone.name),
        ("性　　别：", someone.sex_word),
        ("出生日期：", arabic_day(someone.birth)),
        ("专　　业：", major),
        ("层　　次：", education),
    )
    sheet.labelled(110, 70, rows, 6.6, 13, 36)


def _foot(sheet: Sheet, random: Random, college: str, number: str, when: str, label: str) -> None:
    called = random.choice(("证书编号", "学校编号", "编　　号")) if len(number) < 17 else "证书编号"
    sheet.text(34, 190, f"{called}：{number}", 5.4)
    sheet.text(34, 168, f"{label}{college}", 6.6)
    sheet.text(262, 188, when, 6.4, anchor="rs")
    sheet.text(200, 168, f"校（院）长：{signature(random)}", 5.8)
    sheet.seal(218, 172, 17)
