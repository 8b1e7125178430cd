"""The papers that reading is measured on: repeatable, of nobody, and saying what they show."""

import csv
import io
import math
from datetime import date
from pathlib import Path
from random import Random

import pytest
from PIL import Image

from models import font_file
from models.programme import idnumber, papers
from workers.ocr.generated import people, sets
from workers.ocr.generated.photographing import Conditions, hard, photograph
from workers.ocr.generated.sheet import Face
from workers.volume import kai

ROOT = Path(__file__).parents[3]
LAYOUTS = [(kind, layout) for kind, spec in sets.KINDS.items() for layout in spec.layouts]
ALL = [(side, {one.name for one in paper.shows}) for paper in papers.papers().values() for side in paper.sides]
SHOWN = {side: set().union(*(names for of, names in ALL if of == side)) for side, _ in ALL}


def people_of(count):
    return [people.person(Random(f"{seed}")) for seed in range(count)]


@pytest.mark.parametrize(("kind", "layout"), LAYOUTS)
def test_every_layout_can_be_drawn_and_says_what_it_shows(kind, layout):
    sheet, truth = sets.KINDS[kind].draw(Random(layout), layout, None)
    assert min(sheet.image.size) > 500
    assert truth and set(truth) <= SHOWN[sets.KINDS[kind].side]
    assert all(truth.values())


def test_every_kind_of_page_that_papers_know_is_drawn():
    known = {side for paper in papers.papers().values() for side in paper.sides}
    assert {kind.side for kind in sets.KINDS.values()} == known


@pytest.mark.parametrize("kind", sets.KINDS)
def test_a_seed_gives_the_same_paper_and_another_seed_another(kind):
    first, again, other = (sets.drawn(kind, seed) for seed in (7, 7, 8))
    assert first[1:] == again[1:] and first[0].image.tobytes() == again[0].image.tobytes()
    assert first[1] != other[1]


@pytest.mark.parametrize("name", sets.SETS)
def test_a_photo_repeats_to_the_byte_and_carries_nothing_beside_its_pixels(name):
    first, again = (sets.photo("id_back", name, 3) for _ in range(2))
    assert first.picture == again.picture and first.how == again.how
    image = Image.open(io.BytesIO(first.picture))
    assert image.format == "JPEG" and not image.getexif() and "icc_profile" not in image.info
    assert math.isclose(image.width * image.height, first.how.megapixels * 1e6, rel_tol=0.01)


def test_the_hard_set_reaches_its_limits_and_stays_within_them():
    taken = [hard(Random(f"{seed}")) for seed in range(300)]
    assert {one.quality for one in taken} == {40}
    assert {1, 12} <= {one.megapixels for one in taken}
    turns = [one.turn for one in taken]
    assert -15 <= min(turns) < -14 and 14 < max(turns) <= 15
    assert any(one.flip for one in taken) and not all(one.flip for one in taken)


def test_a_turned_sheet_lies_whole_in_the_photo():
    white = Image.new("RGB", (800, 500), "white")
    photo = photograph(white, Conditions(1.0, turn=15, tilt=0.12, fill=0.95, quality=95), Random("1"))
    image = Image.open(io.BytesIO(photo)).convert("L")
    width, height = image.size
    border = [*(image.getpixel((x, y)) for x in range(width) for y in (0, height - 1))]
    border += [image.getpixel((x, y)) for y in range(height) for x in (0, width - 1)]
    assert max(border) < 230 <= image.getpixel((width // 2, height // 2))


def test_what_is_upside_down_is_the_same_photo_turned():
    sheet, *_ = sets.drawn("id_back", 1)
    upright, turned = (photograph(sheet.image, Conditions(0.5, flip=flip), Random("1")) for flip in (False, True))
    there = Image.open(io.BytesIO(turned)).rotate(180).resize((40, 30))
    here = Image.open(io.BytesIO(upright)).resize((40, 30))
    assert max(abs(a - b) for a, b in zip(here.tobytes(), there.tobytes(), strict=True)) < 12


def test_numbers_are_valid_and_fit_the_person():
    for person in people_of(300):
        assert idnumber.check(person.id_number) == person.id_number
        assert idnumber.birth_date(person.id_number) == person.birth
        assert idnumber.sex(person.id_number) == person.sex


def test_all_peoples_of_the_country_occur_as_the_standard_writes_them():
    with (ROOT / "models/packs/_shared/codes/ethnicities.csv").open(encoding="utf-8") as stream:
        known = [row["zh"].removesuffix("族") for row in csv.DictReader(stream) if row["zh"].endswith("族")]
    assert list(people.ETHNICITIES) == known
    assert {person.ethnicity for person in people_of(2000)} == set(known)


def test_names_and_addresses_differ_in_length():
    many = people_of(400)
    assert {len(person.name) for person in many} >= {2, 3, 4}
    assert any("·" in person.name for person in many)
    assert max(len(person.address) for person in many) > 27  # three lines
    assert min(len(person.address) for person in many) < 18


def test_the_shipped_font_has_every_character_that_is_drawn():
    drawn = "".join(person.name + person.address + person.ethnicity for person in people_of(500))
    drawn += "".join("".join(sets.drawn(kind, seed)[1].values()) for kind in sets.KINDS for seed in range(4))
    assert kai.printable(drawn) == drawn


def test_other_fonts_may_be_used(tmp_path):
    font = tmp_path / "font.ttf"
    font.write_bytes(font_file.data())
    assert sets.drawn("id_back", 1, face=Face(font))[0].image.tobytes() == sets.drawn("id_back", 1)[0].image.tobytes()


@pytest.mark.parametrize(
    ("year", "month", "day", "said"),
    [
        (2019, 6, 30, "二〇一九年六月三十日"),
        (2000, 10, 1, "二〇〇〇年十月一日"),
        (2012, 12, 21, "二〇一二年十二月二十一日"),
    ],
)
def test_chinese_dates(year, month, day, said):
    assert people.chinese_day(date(year, month, day)) == said
