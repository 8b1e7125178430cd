"""What comes out is a plain upright JPEG without metadata; whatever else comes in is refused, quickly, with words."""

from __future__ import annotations

import ast
import json
import os
import signal
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from models.interview.wording import catalogue
from workers import decoding
from workers.decoding import Decoded, DecoderBroken, Options, Refused, decode
from workers.imaging import limits
from workers.imaging.client import COMMAND, Reply, Server

SAMPLES = Path(__file__).parent / "samples"
Draw = Callable[..., Image.Image]
Encode = Callable[..., bytes]


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def asked(data: bytes) -> Reply:
    """What the child says, within two seconds of processor time (unlike the wall clock that does not depend on what
    else the machine does) and 600 MB of memory, its own and what it shares with the server."""
    reply = decoding.ask(data, Options())
    assert reply.cpu < 2
    assert reply.peak < 600 * 1024 * 1024
    return reply


def refused(data: bytes) -> str:
    """The reason; fails when the picture is accepted, is refused without words, or takes too much."""
    with pytest.raises(Refused) as caught:
        decoding.read(asked(data))
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
    assert refused(b"%PDF-1.7\n%...") == "photo.pdf_damaged"
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


@pytest.mark.parametrize("kind", ["zTXt", "iTXt", "iCCP"])
def test_compressed_bombs_beside_the_pixels_of_a_png_meet_no_decoder(page_of_print: Draw, kind: str) -> None:
    between = {"zTXt": b"Comment\0\0", "iTXt": b"Comment\0\1\0\0\0", "iCCP": b"profile\0\0"}[kind]
    plain = encode_png(page_of_print())
    at = plain.index(b"IDAT") - 4
    bomb = plain[:at] + png_chunk(kind.encode(), between + squeezed()) + plain[at:]
    assert decoding.read(asked(bomb)).width == 900


@cache
def squeezed() -> bytes:
    """Two hundred megabytes of nothing."""
    return zlib.compress(bytes(200_000_000), 9)


def encode_png(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


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


def test_a_bad_checksum_is_found_at_the_first_try_and_at_the_second(page_of_print: Draw, encoded: Encode) -> None:
    """Pillow says so once, and hands the picture over when asked again."""
    data = bytearray(encoded(page_of_print(), "PNG"))
    at = data.index(b"IDAT")
    (length,) = struct.unpack_from(">I", data, at - 4)
    data[at + 4 + length] ^= 1
    assert [refused(bytes(data)) for _ in range(2)] == ["photo.damaged"] * 2


def test_a_picture_of_thousands_of_empty_pieces(good_photo: bytes, page_of_print: Draw, encoded: Encode) -> None:
    comments = b"\xff\xfe\x00\x02" * 1_000_000
    assert refused(good_photo[:2] + comments + good_photo[2:]) == "photo.too_heavy"
    png = encoded(page_of_print(60, 80), "PNG")
    at = png.index(b"IDAT") - 4
    assert refused(png[:at] + png_chunk(b"teXt", b"") * 500_000 + png[at:]) == "photo.too_heavy"


def test_fillers_and_stuffed_bytes_are_walked_through_in_a_line(good_photo: bytes) -> None:
    for filler in (b"\xff" * 20_000_000, b"\xff\x00" * 10_000_000, b"\xff\xd0" * 10_000_000):
        assert refused(good_photo[:600] + filler) == "photo.damaged"


def test_end_put_behind_half_a_photo(good_photo: bytes) -> None:
    """libjpeg would fill the rest with grey, and only say so."""
    assert refused(good_photo[: len(good_photo) // 2] + b"\xff\xd9") == "photo.damaged"


def test_kinds_of_jpeg_that_no_camera_writes(good_photo: bytes) -> None:
    at = good_photo.index(b"\xff\xc0")
    for kind in (0xC3, 0xC9, 0xCA):  # lossless, arithmetic
        assert refused(good_photo[: at + 1] + bytes([kind]) + good_photo[at + 2 :]) == "photo.format"


def test_inverted_cmyk_as_adobe_writes_it_has_its_colours(page_of_print: Draw, encoded: Encode) -> None:
    data = encoded(page_of_print(600, 800).convert("CMYK"))
    assert b"Adobe" in data[:200]
    picture = opened(decode(data).image)
    red, green, blue = picture.getpixel((15, 15))  # type: ignore[misc]
    assert red > 150 and green < 70 and blue < 70
    assert min(picture.getpixel((590, 790))) > 200  # type: ignore[type-var,arg-type]


@pytest.mark.parametrize("mode", ["I;16", "RGB"])
def test_sixteen_bits_a_colour_in_a_png(mode: str) -> None:
    """By hand, as Pillow writes no 48-bit PNG: a ramp from black to white."""
    kind, channels = (0, 1) if mode == "I;16" else (2, 3)
    ramp = b"".join(struct.pack(">H", level * 257) * channels for level in range(256))
    rows = (b"\0" + ramp) * 256
    header = struct.pack(">IIBBBBB", 256, 256, 16, kind, 0, 0, 0)
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")
    grey = opened(decode(b"\x89PNG\r\n\x1a\n" + chunks).image).convert("L")
    levels = [grey.getpixel((place, 128)) for place in (5, 128, 250)]
    assert all(abs(found - place) < 8 for found, place in zip(levels, (5, 128, 250), strict=True))  # type: ignore[operator]


def test_webp_turned_by_its_exif(page_of_print: Draw, encoded: Encode) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = page_of_print(600, 800).transpose(Image.Transpose.ROTATE_90)
    decoded = decode(encoded(lying, "WEBP", exif=exif.tobytes()))
    assert (decoded.width, decoded.height) == (600, 800)


@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_every_kind_of_webp(page_of_print: Draw, encoded: Encode, mode: str, lossless: bool) -> None:
    decoded = decode(encoded(page_of_print(600, 800).convert(mode), "WEBP", lossless=lossless))
    red, green, _blue = opened(decoded.image).getpixel((15, 15))  # type: ignore[misc]
    assert (decoded.width, red > 150, green < 70) == (600, True, True)


def test_specks(page_of_print: Draw, encoded: Encode) -> None:
    assert refused(encoded(page_of_print(8, 900))) == "photo.too_small"


# --- the child ------------------------------------------------------------------------------------------------------


@pytest.fixture
def own_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Server]]:
    """A server of our own whose program is the given one, run as the real one is; ended afterwards."""
    made: list[Server] = []

    def start(program: str = "from workers.imaging.server import main; main()") -> Server:
        made.append(Server((*COMMAND[:4], "-c", program)))
        monkeypatch.setattr(decoding, "_server", made[-1])
        return made[-1]

    yield start
    for server in made:
        server.stop()


def with_answer(body: str) -> str:
    """A server whose child does this in place of looking at the upload; it has `upload`, `out` and `request`."""
    return (
        "import os, resource, signal, time\n"
        "from workers.imaging import limits, server\n"
        "def answer_one(upload, out, request):\n"
        + "".join(f"    {line}\n" for line in body.splitlines())
        + "server.answer_one = answer_one\nserver.main()\n"
    )


READY = f"os.write(out, {decoding.READY!r})\n"


def test_the_child_is_limited_and_the_server_has_no_environment(own_server: Callable[[str], Server]) -> None:
    """The limits hold in a child forked as `decode` has it, and our secrets are not in it."""
    own_server(
        with_answer(
            "limits.limit()\n"
            "names = ('RLIMIT_CPU', 'RLIMIT_NOFILE', 'RLIMIT_FSIZE', 'RLIMIT_CORE')\n"
            "said = [resource.getrlimit(getattr(resource, name)) for name in names] + [sorted(os.environ)]\n"
            "grown = resource.getrlimit(resource.RLIMIT_AS)[1] - limits.address_space()\n"
            "try:\n    bytearray(500 * 1024 * 1024)\nexcept MemoryError:\n    said.append('no memory')\n"
            "os.write(out, repr((said, grown)).encode())\n"
        )
    )
    said, grown = ast.literal_eval(decoding.ask(b"", Options()).frame.decode())
    assert said[:4] == [(10, 11), (32, 32), (0, 0), (0, 0)]
    # Python sets LC_CTYPE, OpenCV LD_LIBRARY_PATH
    assert set(said[4]) <= {"GLIBC_TUNABLES", "OPENBLAS_NUM_THREADS", "LC_CTYPE", "LD_LIBRARY_PATH"}
    assert said[5] == "no memory"
    assert grown <= limits.MEMORY


def test_the_child_holds_nothing_but_its_upload_and_its_answer(own_server: Callable[[str], Server]) -> None:
    own_server(
        "import os, sys\nfrom workers.imaging import child, server\n"
        "child.answer = lambda data, options: repr(sorted(map(int, os.listdir('/proc/self/fd')))).encode()\n"
        "server.main()\n"
    )
    frame = decoding.ask(b"x", Options()).frame
    assert len(ast.literal_eval(frame[len(decoding.READY) :].decode())) <= 6  # 0-2, the answer, the mapped upload, this


def test_the_server_is_spared_ctrl_c_and_shares_the_session_so_that_nice_counts(
    own_server: Callable[[str], Server], good_photo: bytes
) -> None:
    server = own_server()
    decode(good_photo)
    assert server.pid is not None
    assert os.getpgid(server.pid) == server.pid
    assert os.getsid(server.pid) == os.getsid(0)


def test_a_busy_machine_is_not_the_pictures_fault(own_server: Callable[[str], Server], good_photo: bytes) -> None:
    server = own_server(with_answer(READY + "time.sleep(60)"))
    with pytest.raises(DecoderBroken, match="busy"):
        decode(good_photo, None, 0.5)
    assert server.pid is None  # ended, and the child with it


def test_a_child_that_dies_is_the_pictures_fault_only_after_it_was_ready(
    own_server: Callable[[str], Server], good_photo: bytes
) -> None:
    own_server(with_answer("os._exit(3)"))
    with pytest.raises(DecoderBroken):
        decode(good_photo)
    own_server(with_answer(READY + "os.kill(os.getpid(), signal.SIGSEGV)"))
    with pytest.raises(Refused, match="damaged"):
        decode(good_photo)


@pytest.mark.parametrize("sent", ["SIGXCPU", "SIGPROF"])
def test_a_picture_made_to_take_long_is_refused(
    own_server: Callable[[str], Server], good_photo: bytes, sent: str
) -> None:
    own_server(with_answer(READY + f"os.kill(os.getpid(), signal.{sent})"))
    with pytest.raises(Refused, match="too_heavy"):
        decode(good_photo)


def test_the_limit_of_processor_time_ends_a_child(own_server: Callable[[str], Server], good_photo: bytes) -> None:
    own_server(with_answer(READY + "limits.limit(1)\nwhile True: pass"))
    with pytest.raises(Refused, match="too_heavy"):
        decode(good_photo)


@pytest.mark.parametrize("sent", ["SIGKILL", "SIGTERM", "SIGALRM"])
def test_a_child_ended_from_outside_is_tried_again(
    own_server: Callable[[str], Server], good_photo: bytes, sent: str
) -> None:
    """The kernel, out of memory, sends SIGKILL: nobody is asked for another photo because of that."""
    own_server(with_answer(READY + f"os.kill(os.getpid(), signal.{sent})"))
    with pytest.raises(DecoderBroken, match="ended by signal"):
        decode(good_photo)


def test_a_server_killed_at_work_is_our_fault_and_the_next_one_works(
    own_server: Callable[[str], Server], good_photo: bytes
) -> None:
    killed = own_server(with_answer(READY + "os.kill(os.getppid(), signal.SIGKILL)"))
    with pytest.raises(DecoderBroken, match="gone"):
        decode(good_photo)
    killed.command = COMMAND
    assert decode(good_photo).width == 900


def test_a_server_killed_while_idle_is_not_even_noticed(own_server: Callable[[str], Server], good_photo: bytes) -> None:
    server = own_server("from workers.imaging.server import main; main()")
    assert decode(good_photo).width == 900
    first = server.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert decode(good_photo).width == 900
    assert server.pid not in (None, first)


def test_a_server_that_cannot_start_is_our_fault(own_server: Callable[[str], Server], good_photo: bytes) -> None:
    own_server("raise SystemExit(3)")
    with pytest.raises(DecoderBroken, match="gone"):
        decode(good_photo)


def test_the_server_outlives_its_children(own_server: Callable[[str], Server], good_photo: bytes) -> None:
    server = own_server("from workers.imaging.server import main; main()")
    assert decode(good_photo).width == 900
    first = server.pid
    for data in (b"", b"\xff\xd8\xff", good_photo[:900], good_photo):
        decoding.ask(data, Options())
    assert server.pid == first


def test_frame_cut_short() -> None:
    text = json.dumps({"width": 1, "height": 1, "files": [10, 5, 0], "metrics": {}}).encode()
    for frame in (b"", b"\0\0", struct.pack(">I", len(text)) + text + b"only"):
        with pytest.raises(Refused, match="too_heavy"):
            decoding.read(Reply(decoding.READY + frame, 0, 0.1, 1))


def test_fifty_megapixels_fit(heavy_photo: bytes) -> None:
    decoded: Decoded = decoding.read(asked(heavy_photo))
    assert max(decoded.width, decoded.height) == 2400
