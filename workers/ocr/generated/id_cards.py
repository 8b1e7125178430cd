"""Both sides of an ID card of an invented person, 85.6 × 54 mm, laid out as GA 448 has it; nothing official copied."""

from __future__ import annotations

from datetime import date
from random import Random

from workers.ocr.generated.people import Person, day, person
from workers.ocr.generated.sheet import BLACK, Colour, Face, Sheet

WIDTH, HEIGHT, FINE = 85.6, 54.0, 12.0
LAYOUTS = ("plain", "shifted", "bilingual", "copy")
_BLUE: Colour = (62, 110, 150)
_PAPER: Colour = (236, 240, 240)
_LINE = 11  # characters of the address in a line

Drawn = tuple[Sheet, dict[str, str]]


def front(random: Random, layout: str, face: Face | None = None, of: Person | None = None) -> Drawn:
    """The side with the portrait, and what stands there in canonical form; of somebody invented, or of `of`."""
    someone = of or person(random)
    sheet = _blank(layout, face)
    # the values are printed after the labels, a little beside where they belong
    aside = (random.uniform(-0.7, 0.7), random.uniform(-0.6, 0.6)) if layout == "shifted" else (0.0, 0.0)
    _labels(sheet, layout)
    _values(sheet, someone, random, aside, layout)
    sheet.portrait(55.0, 7.0, 25.0, 32.0, random)
    truth = {
        "name": someone.name,
        "sex": someone.sex,
        "ethnicity": someone.ethnicity,
        "birth_date": someone.birth.isoformat(),
        "address": someone.address,
        "id_number": someone.id_number,
    }
    return sheet, truth


def back(random: Random, layout: str, face: Face | None = None, of: Person | None = None) -> Drawn:
    """The side with the issuing body and the dates; ``valid_until`` 9999-12-31 is 长期."""
    someone = of or person(random)
    sheet = _blank(layout, face)
    sheet.emblem(14.5, 14.5, 8.0)
    sheet.spaced(29.0, 14.5, "中华人民共和国", 5.2, 7.3, BLACK)
    sheet.spaced(31.0, 26.0, "居民身份证", 7.2, 9.4, BLACK)
    label, value, x = (2.5, 2.9, 23.0) if layout == "bilingual" else (2.8, 3.2, 22.0)
    sheet.text(x, 41.0, "签发机关", label, BLACK, bold=True)
    sheet.text(x, 48.0, "有效期限", label, BLACK, bold=True)
    issuer = _issuer(random, someone)
    begins, ends = _validity(random, someone)
    last = "长期" if ends is None else f"{ends:%Y.%m.%d}"
    sheet.text(x + 14.5, 41.0, issuer, value)
    sheet.text(x + 14.5, 48.0, f"{begins:%Y.%m.%d}-{last}", value)
    until = "9999-12-31" if ends is None else ends.isoformat()
    return sheet, {"issuer": issuer, "valid_from": begins.isoformat(), "valid_until": until}


def _blank(layout: str, face: Face | None) -> Sheet:
    grey = layout == "copy"
    sheet = Sheet(WIDTH, HEIGHT, FINE, (246, 246, 246) if grey else _PAPER, face)
    sheet.waves((226, 226, 226) if grey else (206, 222, 226), 1.5, 1.1)
    if not grey:
        sheet.waves((238, 222, 224), 2.3, 1.7)
    return sheet


def _labels(sheet: Sheet, layout: str) -> None:
    ink = (70, 70, 70) if layout == "copy" else _BLUE
    size = 2.4 if layout == "bilingual" else 2.7
    for x, y, word in ((5.8, 10.2, "姓名"), (5.8, 17.4, "性别"), (24.5, 17.4, "民族"), (5.8, 24.4, "出生")):
        sheet.text(x, y, word, size, ink)
        if layout == "bilingual":  # cards of autonomous regions say it in a second script below
            sheet.text(x, y + 2.0, {"姓名": "Mingz", "性别": "Sing", "民族": "Minz", "出生": "Ngoenz"}[word], 1.5, ink)
    for x, word in ((25.0, "年"), (33.0, "月"), (41.0, "日")):
        sheet.text(x, 24.4, word, size, ink)
    sheet.text(5.8, 31.2, "住址", size, ink)
    sheet.text(5.8, 48.6, "公民身份号码", size + 0.1, ink)


def _values(sheet: Sheet, someone: Person, random: Random, aside: tuple[float, float], layout: str) -> None:
    x, y = 15.0 + aside[0], aside[1]
    size = 2.9 if layout == "bilingual" else 3.2
    sheet.text(x, y + 10.3, someone.name, size + 0.4)
    sheet.text(x, y + 17.4, someone.sex_word, size)
    sheet.text(x + 18.5, y + 17.4, someone.ethnicity, size)
    sheet.text(x, y + 24.4, str(someone.birth.year), size)
    sheet.text(x + 15.8, y + 24.4, str(someone.birth.month), size, anchor="ms")
    sheet.text(x + 23.8, y + 24.4, str(someone.birth.day), size, anchor="ms")
    room = _LINE + random.choice((-1, 0, 0, 1)) if layout != "bilingual" else _LINE + 1
    room = max(room, -(-len(someone.address) // 3))  # three lines at most
    lines = [someone.address[start : start + room] for start in range(0, len(someone.address), room)]
    for place, line in enumerate(lines):
        sheet.text(x, y + 31.2 + place * (size + 1.0), line, size)
    sheet.spaced(30.0 + aside[0], y + 48.7, someone.id_number, 3.7, 2.75)


def _issuer(random: Random, someone: Person) -> str:
    city = someone.city or someone.province
    district = someone.address.removeprefix(someone.province).removeprefix(someone.city)[:3]
    return random.choice((f"{city}公安局", f"{city}公安局{district}分局", f"{city}公安局"))


def _validity(random: Random, someone: Person) -> tuple[date, date | None]:
    """Ten years up to 25, twenty up to 45, then for good."""
    begins = day(random, max(2005, someone.birth.year + 17), 2026)
    age = begins.year - someone.birth.year
    if age > 45:
        return begins, None
    years = 10 if age <= 25 else 20
    last = begins.day if (begins.month, begins.day) != (2, 29) else 28
    return begins, date(begins.year + years, begins.month, last)
