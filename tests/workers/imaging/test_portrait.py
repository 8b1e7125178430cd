"""Portraits of nobody: one face, where it stands, what is behind it, and the cut for the form."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
import pytest
from drawn_faces import BLUE, WHITE, Face, Pixels, portrait
from drawn_photos import copy_1000, jpeg

from workers.imaging.measures import measure
from workers.imaging.portrait import ABOVE, HEAD, faces, look
from workers.judging import Metrics, judge, remark

LARGE = (33, 48)  # 大一寸, in millimetres


def seen(picture: Pixels, aspect: tuple[int, int] = LARGE) -> tuple[Metrics, Pixels | None]:
    small = copy_1000(picture)
    further, cut = look(small, picture, aspect)
    plain = measure(small, (picture.shape[1], picture.shape[0]))
    return Metrics(**{**plain, **further}), cut  # type: ignore[arg-type]


def studio() -> Pixels:
    return np.asarray(cv2.resize(portrait(Face((0.5, 0.5), 0.55)), (295, 413), interpolation=cv2.INTER_AREA))


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (portrait, None),
        (partial(portrait, background=WHITE), None),
        (partial(portrait, Face((0.5, 0.5), 0.6)), None),
        (studio, None),
        (partial(portrait, Face((0.5, 0.35), 0.2), size=(1600, 1000)), None),
        (partial(portrait, Face(skin=(150, 105, 80))), None),
        (partial(portrait, Face((0.3, 0.6), 0.3), Face((0.72, 0.6), 0.3)), "photo.many_faces"),
        (partial(portrait, Face((0.5, 0.28), 0.5)), "photo.head_cut"),
        (partial(portrait, Face((0.5, 0.5), 0.9), size=(900, 1000)), "photo.too_near"),
        (partial(portrait, Face((0.5, 0.4), 0.15), size=(600, 840)), "photo.too_far"),
        (partial(portrait, clutter=True), "photo.background"),
    ],
    ids=["blue", "white", "larger", "studio", "wide", "dark skin", "two", "cut", "near", "far", "clutter"],
)
def test_one_instruction_for_a_portrait(draw: Callable[[], Pixels], said: str | None) -> None:
    metrics, _ = seen(draw())
    assert judge(metrics) == said
    assert remark(metrics) is None


def test_no_face_is_left_to_people() -> None:
    metrics, cut = seen(portrait(Face((0.5, 3), 0.4)))
    assert (metrics.faces, judge(metrics), remark(metrics)) == (0, "photo.blank", "photo.no_face")
    hidden = portrait()
    cv2.rectangle(hidden, (250, 500), (650, 620), (20, 20, 20), -1)  # over the eyes
    metrics, cut = seen(hidden)
    assert (metrics.faces, judge(metrics), remark(metrics), cut) == (0, None, "photo.no_face", None)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_face_on_its_side_is_cut_upright(turns: int) -> None:
    upright, lying = portrait(), np.ascontiguousarray(np.rot90(portrait(), turns))
    metrics, cut = seen(lying)
    assert (metrics.turns, judge(metrics), remark(metrics)) == (turns, None, "photo.upside_down")
    assert cut is not None
    assert np.abs(cut.astype(int) - seen(upright)[1].astype(int)).mean() < 1  # type: ignore[union-attr]


@pytest.mark.parametrize("aspect", [LARGE, (25, 35)])
@pytest.mark.parametrize("size", [(900, 1260), (1600, 1000), (1000, 1000)])
def test_the_cut_has_the_proportions_of_the_paper_and_the_head_where_it_belongs(
    size: tuple[int, int], aspect: tuple[int, int]
) -> None:
    _, cut = seen(portrait(Face((0.45, 0.5 * size[1] / size[0]), 220 / size[0]), size=size), aspect)
    assert cut is not None
    height, width = cut.shape[:2]
    assert width / height == pytest.approx(aspect[0] / aspect[1], abs=0.01)
    (box,) = faces(cut)
    assert box.left + box.side / 2 == pytest.approx(width / 2, abs=0.05 * width)
    assert box.side * 1.25 / height == pytest.approx(HEAD, abs=0.06)
    assert (box.top - 0.22 * box.side) / height == pytest.approx(ABOVE, abs=0.04)


def test_a_head_near_the_edge_is_cut_as_well_as_there_is_room() -> None:
    _, cut = seen(portrait(Face((0.25, 0.5), 0.4)))
    assert cut is not None
    assert (cut[:, :, 2] > 190).any() and cut.shape[1] / cut.shape[0] == pytest.approx(33 / 48, abs=0.01)


def test_a_studios_photo_stays_whole() -> None:
    small = studio()
    _, cut = seen(small, (25, 35))
    assert cut is not None and cut.shape == small.shape


@pytest.mark.parametrize("quality", [40, 80])
def test_what_compression_leaves_of_a_red_wall_is_no_screen(quality: int) -> None:
    assert remark(seen(jpeg(portrait(Face(width=0.4), background=(196, 62, 60)), quality))[0]) is None


@pytest.mark.parametrize("background", [BLUE, WHITE, (200, 60, 60)])
def test_light_and_shade_on_a_wall_are_no_clutter(background: tuple[int, int, int]) -> None:
    picture = portrait(background=background).astype(np.float32)
    picture *= np.linspace(0.6, 1, picture.shape[1])[None, :, None]
    assert judge(seen(picture.astype(np.uint8))[0]) is None
