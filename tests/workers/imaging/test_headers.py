"""Whatever the bytes, there is an answer: a refusal with words, or a rebuilt picture."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from models.interview.wording import catalogue
from workers.imaging import headers, pixels
from workers.imaging.child import Options, answer
from workers.imaging.headers import FORMATS, Header, tiff_orientation
from workers.imaging.limits import Refusal

pixels.prepare()
STARTS = (
    b"",
    b"\xff\xd8\xff",
    b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x20\x00\x20\x03",
    b"\x89PNG\r\n\x1a\n",
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR",
    b"RIFF\x10\x00\x00\x00WEBP",
    b"RIFF\x40\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00",
    b"\x00\x00\x00\x18ftypheic",
    b"\x00\x00\x00\x18ftypavif",
    b"%PDF-1.7\n",
)


def answered(data: bytes) -> dict[str, Any]:
    frame = answer(data, Options())
    (length,) = struct.unpack_from(">I", frame)
    head: dict[str, Any] = json.loads(frame[4 : 4 + length])
    return head


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.binary(max_size=400), st.sampled_from(STARTS))
def test_any_bytes_get_an_answer(data: bytes, start: bytes) -> None:
    assert answered(start + data)["refused"] in catalogue()


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.binary(max_size=600), st.sampled_from(STARTS), st.sampled_from(FORMATS))
def test_the_walkers_raise_nothing_but_a_refusal(data: bytes, start: bytes, form: headers.Format) -> None:
    whole = start + data
    if not form.matches(whole):
        return
    try:
        found = form.inspect(whole)
    except Refusal as refusal:
        assert str(refusal) in catalogue()
    else:
        assert isinstance(found, Header) and 1 <= found.orientation <= 8


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.binary(max_size=200), st.sampled_from((b"", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08")))
def test_exif_is_read_or_left(data: bytes, start: bytes) -> None:
    assert 1 <= tiff_orientation(start + data) <= 8


SMALL = dict.fromkeys(("JPEG", "PNG", "WEBP"), b"")


@settings(
    max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    form=st.sampled_from(sorted(SMALL)),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_corrupted_pictures_are_decoded_or_refused(
    page_of_print: Callable[..., Image.Image],
    encoded: Callable[..., bytes],
    form: str,
    flips: list[tuple[float, int]],
) -> None:
    SMALL[form] = SMALL[form] or encoded(page_of_print(60, 80), form)
    data = bytearray(SMALL[form])
    for place, byte in flips:
        data[int(place * len(data))] = byte
    head = answered(bytes(data))
    assert "width" in head or head["refused"] in catalogue()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("value", range(10))
def test_orientation_in_both_byte_orders(order: str, value: int) -> None:
    block = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "IHHHIHH", 8, 1, 0x0112, 3, 1, value, 0)
    assert tiff_orientation(block) == (value if 1 <= value <= 8 else 1)
