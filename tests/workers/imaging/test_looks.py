"""Good photos pass and spoilt ones are named, on drawn papers; the many hundreds are in benchmarks/looks.py."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

import cv2
import numpy as np
import pytest
from drawn_photos import (
    PAPERS,
    TABLES,
    Pixels,
    Shot,
    copy_1000,
    darkened,
    glaring,
    jpeg,
    of_a_screen,
    out_of_focus,
    photograph,
    shaken,
)

from workers.imaging.looks import grid_of, steepness
from workers.imaging.measures import measure
from workers.judging import Metrics, judge, remark


def measured(picture: Pixels) -> Metrics:
    return Metrics(**measure(copy_1000(picture), (picture.shape[1], picture.shape[0])))  # type: ignore[arg-type]


@cache
def taken(kind: str, **how: Any) -> Pixels:
    return photograph(PAPERS[kind](Random(kind)), Shot(**{"megapixels": 1.2, "table": "desk", **how}), Random(1))


@pytest.mark.parametrize(
    ("kind", "table"), [(kind, TABLES[at % len(TABLES)]) for at, kind in enumerate(PAPERS)] + [("note", "wood")]
)
def test_a_good_photo_passes(kind: str, table: str) -> None:
    """Turned by a few degrees, half in shadow, held, compressed hard, of just over a megapixel."""
    seen = measured(taken(kind, table=table, megapixels=1.2, degrees=9, tilt=0.08, shadow=0.5, jpeg=40, hand=True))
    assert (judge(seen), remark(seen)) == (None, None)


@pytest.mark.parametrize("kind", PAPERS)
def test_a_scan_that_fills_its_frame_passes(kind: str) -> None:
    seen = measured(taken(kind, fill=0, noise=0.5))
    assert (judge(seen), remark(seen)) == (None, None)


@pytest.mark.parametrize("kind", PAPERS)
def test_out_of_focus(kind: str) -> None:
    assert judge(measured(out_of_focus(taken(kind, fill=0.9), 5))) == "photo.blurred"


@pytest.mark.parametrize("degrees", [0, 90])
@pytest.mark.parametrize("kind", ["print", "card"])
def test_shaken(kind: str, degrees: float) -> None:
    assert judge(measured(shaken(taken(kind), 16, degrees))) == "photo.blurred"
    assert judge(measured(shaken(taken(kind), 4, degrees))) is None


def test_sharpness_does_not_depend_on_how_black_the_ink_is() -> None:
    """A faint certificate in focus is as sharp as a black one; both are blurred alike."""
    black, faint = (taken(kind) for kind in ("print", "old"))
    for sigma, limit in ((1.0, 0.27), (3.0, 0.165)):
        sharp = [
            steepness(grid_of(cv2.cvtColor(copy_1000(out_of_focus(one, sigma)), cv2.COLOR_RGB2GRAY)))["smeared"]
            for one in (black, faint)
        ]
        assert (min(sharp) > limit) if sigma == 1.0 else (max(sharp) < limit)


@pytest.mark.parametrize("table", ["wood", "desk"])
def test_too_dark(table: str) -> None:
    assert judge(measured(darkened(taken("print", table=table), 0.2))) == "photo.too_dark"
    assert judge(measured(darkened(taken("print", table=table), 0.4))) is None


@pytest.mark.parametrize("kind", ["print", "old", "honour"])
def test_a_lamp_mirrored_among_the_writing(kind: str) -> None:
    page = taken(kind)
    assert judge(measured(jpeg(glaring(page, (0.6, 0.55), 0.3), 70))) == "photo.glare"
    assert judge(measured(glaring(page, (0.6, 0.55), 0.04))) is None


def test_a_lamp_on_an_empty_margin_hides_nothing() -> None:
    assert judge(measured(glaring(taken("note"), (0.6, 0.75), 0.3))) is None


@pytest.mark.parametrize("kind", ["print", "old"])
@pytest.mark.parametrize("shift", [(0.3, 0.0), (-0.3, 0.0)])
def test_lines_that_run_over_the_edge(kind: str, shift: tuple[float, float]) -> None:
    assert judge(measured(taken(kind, fill=0.95, shift=shift, degrees=2))) == "photo.cut_off"


def test_a_line_sliced_along_the_bottom() -> None:
    page = taken("print", fill=0)
    ink = np.flatnonzero((page.min(axis=2) < 120).sum(axis=1) > 60)
    lines = np.split(ink, np.flatnonzero(np.diff(ink) > 3) + 1)
    through, between = int(lines[20].mean()), (int(lines[20][-1]) + int(lines[21][0])) // 2
    assert judge(measured(np.ascontiguousarray(page[:through]))) == "photo.cut_off"
    assert judge(measured(np.ascontiguousarray(page[:between]))) is None


def test_a_blank_margin_outside_the_picture_is_no_loss() -> None:
    page = taken("print", fill=0)
    margin = page.shape[1] // 14
    assert judge(measured(np.ascontiguousarray(page[:, margin:-margin]))) is None


@pytest.mark.parametrize(("kind", "degrees", "pitch"), [("print", 1.0, 2.3), ("card", 6.0, 3.4), ("honour", 3.0, 4.3)])
def test_a_photo_of_a_screen_is_remarked_and_kept(kind: str, degrees: float, pitch: float) -> None:
    shown = of_a_screen(PAPERS[kind](Random(3)), pitch, degrees, Random(1), side=1800)
    assert remark(measured(jpeg(shown, 70))) == "photo.screen"


def test_a_screenshot_is_not_a_photo_of_a_screen() -> None:
    assert remark(measured(PAPERS["card"](Random(2)))) is None


def test_blank() -> None:
    """A lens cap, an empty sheet in uneven light."""
    light = np.linspace(180, 250, 1200)[:, None, None].repeat(900, axis=1).repeat(3, axis=2).astype(np.uint8)
    assert judge(measured(light)) == "photo.blank"
    assert judge(measured(np.full((1200, 900, 3), 90, np.uint8))) == "photo.blank"


@pytest.mark.parametrize("size", [(16, 16), (20, 1000), (1000, 20), (300, 250)])
def test_any_size_can_be_measured(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    assert measured(noise).width == size[1]
