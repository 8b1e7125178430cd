"""Each instruction from both sides of its threshold, on numbers and on drawn pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from models.documents.remarks import REMARKS
from models.interview.wording import catalogue
from workers import judging
from workers.imaging.limits import SCALE_SIDE
from workers.imaging.measures import measure
from workers.judging import DOUBTS, Metrics, flags, judge, remark

GOOD = Metrics(width=900, height=1200, dark=35, median=233, light=236, written=0.3, steep=0.5, smeared=0.45)
FACE = replace(GOOD, faces=1.0, head_top=0.1, head=0.6, head_pixels=600.0)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, None),
        ({"width": 480}, None),
        ({"width": 479}, "photo.too_small"),
        ({"height": 479}, "photo.too_small"),
        ({"light": 70}, None),
        ({"light": 69}, "photo.too_dark"),
        ({"written": 0.001}, None),
        ({"written": 0.0009}, "photo.blank"),
        ({"dark": 185, "median": 250}, None),
        ({"dark": 186, "median": 250}, "photo.too_bright"),
        ({"dark": 186, "median": 244}, None),
        ({"smeared": 0.165}, None),
        ({"smeared": 0.164}, "photo.blurred"),
        ({"glare": 0.0099}, None),
        ({"glare": 0.01}, "photo.glare"),
        ({"cut_lines": 2}, None),
        ({"cut_lines": 3}, "photo.cut_off"),
        ({"moire": 200}, None),
    ],
)
def test_each_threshold_from_both_sides(change: dict[str, float], expected: str | None) -> None:
    assert judge(replace(GOOD, **change)) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, None),
        ({"width": 280, "height": 400}, None),
        ({"width": 279}, "photo.too_small"),
        ({"smeared": 0.1}, None),
        ({"smeared": 0.09}, "photo.blurred"),
        ({"glare": 0.2}, None),
        ({"cut_lines": 9}, None),
        ({"faces": 0.0}, None),
        ({"faces": 2.0}, "photo.many_faces"),
        ({"head": 0.85}, None),
        ({"head": 0.86}, "photo.too_near"),
        ({"head_top": -0.03}, None),
        ({"head_top": -0.04}, "photo.head_cut"),
        ({"head_pixels": 150.0}, None),
        ({"head_pixels": 149.0}, "photo.too_far"),
        ({"backdrop": 0.12}, None),
        ({"backdrop": 0.13}, "photo.background"),
    ],
)
def test_a_portrait_has_limits_of_its_own(change: dict[str, float], expected: str | None) -> None:
    assert judge(replace(FACE, **change)) == expected


@pytest.mark.parametrize(
    ("metrics", "said", "flagged"),
    [
        (GOOD, None, []),
        (replace(GOOD, moire=27.9), None, []),
        (replace(GOOD, moire=28.0), "photo.screen", ["flag.screen"]),
        (FACE, None, []),
        (replace(FACE, faces=0.0), "photo.no_face", ["flag.no_face"]),
        (replace(FACE, faces=2.0), None, ["flag.many_faces"]),
        (replace(FACE, turns=2.0), "photo.upside_down", []),
    ],
)
def test_what_is_only_remarked(metrics: Metrics, said: str | None, flagged: list[str]) -> None:
    assert remark(metrics) == said
    assert [flag["code"] for flag in flags(metrics)] == flagged


_LEVELS = st.floats(0, 255)


@given(
    st.builds(
        Metrics,
        width=st.integers(1, 9000),
        height=st.integers(1, 9000),
        dark=_LEVELS,
        median=_LEVELS,
        light=_LEVELS,
        written=st.floats(0, 1),
        steep=st.floats(0, 1),
        smeared=st.floats(0, 1),
        glare=st.floats(0, 1),
        cut_lines=st.integers(0, 50),
        moire=st.floats(0, 200),
        faces=st.sampled_from([None, 0.0, 1.0, 2.0]),
        head_top=st.floats(-1, 1),
        backdrop=st.floats(0, 1),
    ),
)
def test_at_most_one_instruction_and_it_has_words(metrics: Metrics) -> None:
    said, mildly = judge(metrics), remark(metrics)
    assert said is None or (said in DOUBTS and said in catalogue())
    assert mildly is None or (mildly in REMARKS and mildly in catalogue())
    assert all(flag["code"] in catalogue() for flag in flags(metrics))


def test_a_face_that_is_not_found_refuses_nobody() -> None:
    assert DOUBTS.isdisjoint(REMARKS)
    assert "photo.no_face" in REMARKS and "photo.screen" in REMARKS


def measured(picture: Image.Image) -> Metrics:
    small = picture.convert("RGB")
    small.thumbnail((SCALE_SIDE, SCALE_SIDE), Image.Resampling.BOX)
    return Metrics(**measure(np.asarray(small), picture.size))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda page: page, None),
        (lambda page: page.filter(ImageFilter.GaussianBlur(1)), None),
        (lambda page: page.filter(ImageFilter.GaussianBlur(4)), "photo.blurred"),
        (lambda page: page.filter(ImageFilter.GaussianBlur(7)), "photo.blurred"),
        (lambda page: page.point(lambda level: level * 0.2), "photo.too_dark"),
        (lambda page: page.point(lambda level: level * 0.5), None),
        (lambda page: page.point(lambda level: min(255, 200 + level // 4)), "photo.too_bright"),
        (lambda page: Image.new("RGB", page.size, (250, 250, 250)), "photo.blank"),
    ],
    ids=["good", "soft", "blurred", "very blurred", "dark", "dim", "washed out", "blank"],
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
