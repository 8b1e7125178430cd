"""What comes out is a plain upright JPEG without metadata; whatever else comes in is refused, quickly, with words."""

from __future__ import annotations

import json
import os
import resource
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from models.interview.wording import catalogue
from workers import decoder_child, decoding
from workers.decoding import Decoded, DecoderBroken, Refused, decode

SAMPLES = Path(__file__).parent / "samples"
Draw = Callable[..., Image.Image]
Encode = Callable[..., bytes]


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def child_seconds() -> float:
    """Processor time of the children so far: unlike the wall clock it does not depend on what else the machine does."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def refused(data: bytes) -> str:
    """The reason; fails when the picture is accepted, is refused without words, or takes half of what is allowed."""
    before = child_seconds()
    with pytest.raises(Refused) as caught:
        decode(data)
    assert child_seconds() - before < decoder_child.CPU_SECONDS / 2
    assert caught.value.reason in catalogue()
    return caught.value.reason


# --- what is accepted -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_formats_are_rebuilt_as_plain_jpeg(page_of_print: Draw, encoded: Encode, form: str) -> None:
    decoded = decode(encoded(page_of_print(), form))
    picture = opened(decoded.image)
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (900, 1200))
    assert (decoded.width, decoded.height) == (900, 1200)
    red, green, blue = picture.getpixel((20, 20))  # type: ignore[misc]
    assert red > 150 and green < 70 and blue < 70
    assert max(opened(decoded.thumb).size) == 320


def test_heic_from_an_iphone_like_encoder() -> None:
    decoded = decode((SAMPLES / "page.heic").read_bytes())
    assert opened(decoded.image).size == (480, 600)
    red, green, _blue = opened(decoded.image).getpixel((20, 20))  # type: ignore[misc]
    assert red > 150 and green < 80


def test_metadata_is_gone(page_of_print: Draw, encoded: Encode) -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret description 430401199001011234"
    exif.get_ifd(0x8825)[1] = "N"  # GPS
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = encoded(page_of_print(), exif=exif.tobytes(), comment=b"secret comment", icc_profile=profile)
    assert b"secret" in photo
    decoded = decode(photo)
    for made in (decoded.image, decoded.thumb):
        assert b"secret" not in made and b"Exif" not in made and b"ICC_PROFILE" not in made
        assert not opened(made).getexif() and set(opened(made).info) <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
        }


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied(encoded: Encode, page_of_print: Draw, orientation: int) -> None:
    upright = page_of_print(600, 800)
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    as_stored = upright.transpose(undo[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    decoded = decode(encoded(as_stored, exif=exif.tobytes()))
    assert (decoded.width, decoded.height) == (600, 800)
    assert (decoded.metrics.width, decoded.metrics.height) == (600, 800)
    red, green, _blue = opened(decoded.image).getpixel((15, 15))  # type: ignore[misc]
    assert red > 150 and green < 70


def test_unreadable_exif_is_no_reason_to_refuse(page_of_print: Draw, encoded: Encode) -> None:
    photo = encoded(page_of_print(), exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff nonsense")
    assert decode(photo).width == 900


def test_large_photo_is_reduced(page_of_print: Draw, encoded: Encode) -> None:
    decoded = decode(encoded(page_of_print(4000, 6000)))
    assert (decoded.width, decoded.height) == (1600, 2400)
    assert (decoded.metrics.width, decoded.metrics.height) == (4000, 6000)


def test_sixteen_bit_grey_is_scaled_not_clipped(encoded: Encode) -> None:
    grey = Image.linear_gradient("L").resize((600, 600)).convert("I").point(lambda level: level * 257).convert("I;16")
    picture = opened(decode(encoded(grey, "PNG")).image).convert("L")
    assert abs(picture.getpixel((300, 300)) - 127) < 6  # type: ignore[operator]
    assert picture.getpixel((300, 590)) > 240  # type: ignore[operator]
    assert picture.getpixel((300, 5)) < 15  # type: ignore[operator]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK"])
def test_modes_become_rgb(page_of_print: Draw, encoded: Encode, mode: str) -> None:
    picture = page_of_print(600, 800).convert(mode)
    made = opened(decode(encoded(picture, "JPEG" if mode == "CMYK" else "PNG")).image)
    assert made.mode == "RGB"
    assert min(made.getpixel((590, 790))) > 200  # type: ignore[type-var,arg-type]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_is_laid_on_white_paper(encoded: Encode, mode: str) -> None:
    if mode == "P":
        picture = Image.new("P", (600, 600), 0)
        picture.putpalette([0, 0, 0] * 256)
        data = encoded(picture, "PNG", transparency=0)
    else:
        data = encoded(Image.new(mode, (600, 600)), "PNG")
    assert opened(decode(data).image).getpixel((300, 300)) == (255, 255, 255)


def test_photo_with_a_second_picture_or_a_film_appended_is_ordinary(good_photo: bytes, page_of_print: Draw) -> None:
    out = BytesIO()
    page_of_print().save(out, "MPO", save_all=True, append_images=[page_of_print()])
    assert decode(out.getvalue()).width == 900
    assert decode(good_photo + struct.pack(">I", 24) + b"ftypmp42" + os.urandom(5000)).width == 900


# --- what is refused ------------------------------------------------------------------------------------------------


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bomb_png(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that claims to be enormous."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\x00" * 100_000, 9)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", pixels) + png_chunk(b"IEND", b"")


def bomb_jpeg(photo: bytes, width: int, height: int) -> bytes:
    """The same photo with an enormous size written into its frame header."""
    at = next(photo.index(marker) for marker in (b"\xff\xc0", b"\xff\xc2") if marker in photo)
    return photo[: at + 5] + struct.pack(">HH", height, width) + photo[at + 9 :]


def test_not_pictures() -> None:
    assert refused(b"") == "photo.empty"
    assert refused(b"hello, this is text") == "photo.format"
    assert refused(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n") == "photo.format"  # EPS named .jpg
    assert refused(b"<svg xmlns='http://www.w3.org/2000/svg'/>") == "photo.format"
    assert refused(b"%PDF-1.7\n%...") == "photo.pdf"
    assert refused(b"MZ" + bytes(500)) == "photo.format"


@pytest.mark.parametrize("form", ["BMP", "TIFF", "ICO", "PPM", "TGA", "JPEG2000", "GIF"])
def test_other_formats_meet_no_decoder(page_of_print: Draw, encoded: Encode, form: str) -> None:
    assert refused(encoded(page_of_print(100, 100), form)) == "photo.format"


@pytest.mark.parametrize("size", [(30_000, 30_000), (2**31 - 1, 2**31 - 1), (10_000, 5_001)])
def test_png_bombs(size: tuple[int, int]) -> None:
    assert refused(bomb_png(*size)) in ("photo.too_many_pixels", "photo.damaged")


def test_jpeg_bomb(good_photo: bytes) -> None:
    assert refused(bomb_jpeg(good_photo, 65_500, 65_500)) == "photo.too_many_pixels"


def test_just_within_the_pixel_limit_is_decoded_or_found_damaged_within_memory() -> None:
    assert refused(bomb_png(10_000, 5_000)) == "photo.damaged"  # its pixels run out


def test_progressive_jpeg_with_thousands_of_scans(page_of_print: Draw, encoded: Encode) -> None:
    photo = encoded(page_of_print(), progressive=True)
    scan = photo[photo.rindex(b"\xff\xda") : -2]
    assert refused(photo[:-2] + scan * 2000 + b"\xff\xd9") == "photo.too_heavy"
    assert decode(photo).width == 900


def test_compressed_text_bomb_in_a_png(page_of_print: Draw) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add(b"zTXt", b"Comment\x00\x00" + zlib.compress(bytes(200_000_000), 9))
    out = BytesIO()
    page_of_print().save(out, "PNG", pnginfo=notes)
    assert refused(out.getvalue()) == "photo.damaged"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.97])
def test_truncated(page_of_print: Draw, encoded: Encode, form: str, share: float) -> None:
    whole = encoded(page_of_print(), form)
    assert refused(whole[: int(len(whole) * share)]) == "photo.damaged"


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.97])
def test_truncated_heic(share: float) -> None:
    whole = (SAMPLES / "page.heic").read_bytes()
    assert refused(whole[: int(len(whole) * share)]) == "photo.damaged"


def test_png_with_a_wrong_checksum(page_of_print: Draw, encoded: Encode) -> None:
    data = bytearray(encoded(page_of_print(), "PNG"))
    at = data.index(b"IDAT")
    (length,) = struct.unpack_from(">I", data, at - 4)
    data[at + 4 + length] ^= 1  # the checksum itself: the pixels would still inflate
    assert refused(bytes(data)) == "photo.damaged"


def animation(form: str, frames: int) -> bytes:
    pictures = [Image.new("RGB", (24, 24), (index % 256, index // 256, 7)) for index in range(frames)]
    out = BytesIO()
    pictures[0].save(out, form, save_all=True, append_images=pictures[1:], duration=20)
    return out.getvalue()


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_ten_thousand_frames_are_not_even_counted(form: str) -> None:
    assert refused(animation(form, 10_000)) == "photo.animated"


def test_animated_avif() -> None:
    assert refused(animation("AVIF", 3)) == "photo.animated"


def test_polyglots(good_photo: bytes, page_of_print: Draw, encoded: Encode) -> None:
    archive = b"PK\x03\x04" + bytes(60) + b"PK\x05\x06" + bytes(18)
    assert refused(good_photo + archive) == "photo.mixed"
    assert refused(encoded(page_of_print(), comment=b"%PDF-1.4 1 0 obj")) == "photo.mixed"
    assert refused(encoded(page_of_print(), comment=b"<script>alert(1)</script>")) == "photo.mixed"
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "<?php system($_GET[0]);")
    assert refused(encoded(page_of_print(), "PNG", pnginfo=notes)) == "photo.mixed"


def test_specks(page_of_print: Draw, encoded: Encode) -> None:
    assert refused(encoded(page_of_print(8, 900))) == "photo.too_small"


# --- the child ------------------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.binary(max_size=400),
    st.sampled_from(
        [
            b"",
            b"\xff\xd8\xff",
            b"\x89PNG\r\n\x1a\n",
            b"RIFF\x10\x00\x00\x00WEBP",
            b"\x00\x00\x00\x18ftypheic",
            b"\x00\x00\x00\x18ftypavif",
        ]
    ),
)
def test_any_bytes_get_an_answer(data: bytes, start: bytes) -> None:
    head = answered(start + data)
    assert head["refused"] in catalogue()


def answered(data: bytes) -> dict[str, object]:
    frame = decoder_child.answer(data)
    (length,) = struct.unpack_from(">I", frame)
    head: dict[str, object] = json.loads(frame[4 : 4 + length])
    return head


SMALL = dict.fromkeys(("JPEG", "PNG", "WEBP"), b"")


@settings(
    max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    form=st.sampled_from(sorted(SMALL)),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_corrupted_pictures_are_decoded_or_refused(
    page_of_print: Draw, encoded: Encode, form: str, flips: list[tuple[float, int]]
) -> None:
    SMALL[form] = SMALL[form] or encoded(page_of_print(60, 80), form)
    data = bytearray(SMALL[form])
    for place, byte in flips:
        data[int(place * len(data))] = byte
    head = answered(bytes(data))
    assert "width" in head or head["refused"] in catalogue()


def test_the_child_is_limited_and_has_no_environment(tmp_path: Path) -> None:
    """The limits hold in a child started as `decode` starts it, and our secrets are not in it."""
    probe = tmp_path / "probe.py"
    probe.write_text(
        "import os, resource, runpy, sys\n"
        f"module = runpy.run_path({str(decoding._CHILD)!r}, run_name='probe')\n"
        "module['limit']()\n"
        "names = ('RLIMIT_AS', 'RLIMIT_CPU', 'RLIMIT_NOFILE', 'RLIMIT_FSIZE', 'RLIMIT_CORE')\n"
        "print([resource.getrlimit(getattr(resource, name))[1] for name in names], sorted(os.environ))\n"
        "try:\n    bytearray(900 * 1024 * 1024)\nexcept MemoryError:\n    print('no memory')\n"
    )
    done = subprocess.run([sys.executable, "-I", str(probe)], capture_output=True, text=True, env={}, check=True)
    limits, rest = done.stdout.split("]", 1)
    assert limits == "[805306368, 10, 32, 0, 0"
    assert "no memory" in rest
    assert not [name for name in ("BOLE", "SECRET", "DATABASE", "PATH'") if name in rest.upper()]


def test_a_busy_machine_is_not_the_pictures_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, good_photo: bytes
) -> None:
    slow = tmp_path / "slow.py"
    slow.write_text("import sys, time\nsys.stdout.write('ready\\n')\nsys.stdout.flush()\ntime.sleep(60)\n")
    monkeypatch.setattr(decoding, "_CHILD", slow)
    with pytest.raises(DecoderBroken, match="busy"):
        decode(good_photo, 0.5)


def test_a_child_that_dies_is_the_pictures_fault_only_after_it_was_ready(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, good_photo: bytes
) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit(3)")
    monkeypatch.setattr(decoding, "_CHILD", broken)
    with pytest.raises(DecoderBroken):
        decode(good_photo)
    broken.write_text("import os, sys\nsys.stdout.write('ready\\n')\nsys.stdout.flush()\nos.kill(os.getpid(), 9)\n")
    with pytest.raises(Refused, match="too_heavy"):
        decode(good_photo)


def test_frame_cut_short() -> None:
    head = json.dumps({"width": 1, "height": 1, "image": 10, "thumb": 5, "metrics": {}}).encode()
    with pytest.raises(Refused, match="too_heavy"):
        decoding._read(struct.pack(">I", len(head)) + head + b"only", -9)


def test_fifty_megapixels_fit(heavy_photo: bytes) -> None:
    before = child_seconds()
    decoded: Decoded = decode(heavy_photo)
    assert max(decoded.width, decoded.height) == 2400
    assert child_seconds() - before < decoder_child.CPU_SECONDS / 2
