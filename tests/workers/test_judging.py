"""Each instruction from both sides of its threshold, on numbers and on drawn pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from models.interview.wording import catalogue
from workers import judging
from workers.imaging.limits import SCALE_SIDE
from workers.imaging.measures import measure
from workers.judging import Metrics, judge

GOOD = Metrics(width=900, height=1200, sharpness=800.0, mean=220.0, spread=40.0, dark=35, median=233, light=236)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, None),
        ({"width": 480}, None),
        ({"width": 479}, "photo.too_small"),
        ({"height": 479}, "photo.too_small"),
        ({"light": 70}, None),
        ({"light": 69}, "photo.too_dark"),
        ({"spread": 4.0}, None),
        ({"spread": 3.9}, "photo.blank"),
        ({"dark": 185, "median": 250}, None),
        ({"dark": 186, "median": 250}, "photo.too_bright"),
        ({"dark": 186, "median": 244}, None),
        ({"sharpness": 30.0}, None),
        ({"sharpness": 29.9}, "photo.blurred"),
    ],
)
def test_each_threshold_from_both_sides(change: dict[str, float], expected: str | None) -> None:
    assert judge(replace(GOOD, **change)) == expected


def test_a_portrait_may_be_smaller_and_softer() -> None:
    studio = replace(GOOD, width=295, height=413, sharpness=12.0)
    assert judge(studio, portrait=True) is None
    assert judge(studio, portrait=False) == "photo.too_small"
    assert judge(replace(studio, sharpness=7.9), portrait=True) == "photo.blurred"


@given(
    st.builds(
        Metrics,
        width=st.integers(1, 9000),
        height=st.integers(1, 9000),
        sharpness=st.floats(0, 20000),
        mean=st.floats(0, 255),
        spread=st.floats(0, 128),
        dark=st.integers(0, 255),
        median=st.integers(0, 255),
        light=st.integers(0, 255),
    ),
    st.booleans(),
)
def test_at_most_one_instruction_and_it_has_words(metrics: Metrics, portrait: bool) -> None:
    said = judge(metrics, portrait)
    assert said is None or said in catalogue()


def measured(picture: Image.Image) -> Metrics:
    small = picture.convert("RGB")
    small.thumbnail((SCALE_SIDE, SCALE_SIDE), Image.Resampling.BOX)
    return Metrics(**measure(np.asarray(small), picture.size))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda page: page, None),
        (lambda page: page.filter(ImageFilter.GaussianBlur(1)), None),
        (lambda page: page.filter(ImageFilter.GaussianBlur(7)), "photo.blurred"),
        (lambda page: page.point(lambda level: level * 0.2), "photo.too_dark"),
        (lambda page: page.point(lambda level: level * 0.5), None),
        (lambda page: page.point(lambda level: min(255, 200 + level // 4)), "photo.too_bright"),
        (lambda page: Image.new("RGB", page.size, (250, 250, 250)), "photo.blank"),
    ],
    ids=["good", "soft", "blurred", "dark", "dim", "washed out", "blank"],
)
def test_drawn_pages(
    page_of_print: Callable[..., Image.Image], spoil: Callable[[Image.Image], Image.Image], expected: str | None
) -> None:
    assert judge(measured(spoil(page_of_print()))) == expected


def test_a_mostly_empty_certificate_is_judged_by_its_writing() -> None:
    page = Image.new("RGB", (1200, 1600), "white")
    ImageDraw.Draw(page).text((200, 200), "Certificate of Honour 2015", fill=(20, 20, 20), font_size=60)
    assert judge(measured(page)) is None
    assert judge(measured(page.filter(ImageFilter.GaussianBlur(12)))) is not None


def test_scan_on_pure_white_paper_is_not_glare() -> None:
    page = Image.new("RGB", (1200, 1600), "white")
    draw = ImageDraw.Draw(page)
    for top in range(100, 1500, 40):
        draw.text((100, top), "Black print on white paper, scanned", fill="black", font_size=28)
    assert judge(measured(page)) is None


def test_thresholds_are_ordered() -> None:
    assert judging.MIN_PORTRAIT_SIDE < judging.MIN_SHORT_SIDE
    assert judging.BLURRED_PORTRAIT < judging.BLURRED
