"""Pages of a PDF come out as pictures; what is locked, damaged or made to take long comes out as a sentence."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from models.interview.wording import catalogue
from workers import decoding
from workers.decoding import Decoded, Options, Refused, decode


def drawn(pages: int = 1, size: tuple[float, float] = (595, 842), locked: str = "") -> bytes:
    """A PDF with a number on each page and a red corner at its top left."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=size, encrypt=StandardEncryption(locked) if locked else None)
    for number in range(1, pages + 1):
        canvas.setFillColorRGB(0.8, 0, 0)
        canvas.rect(0, size[1] * 0.9, size[0] * 0.1, size[1] * 0.1, stroke=0, fill=1)
        canvas.setFillColorRGB(0, 0, 0)
        canvas.setFont("Helvetica", size[1] / 30)
        for line in range(12):
            canvas.drawString(
                size[0] * 0.15, size[1] * (0.8 - line / 20), f"Page {number} line {line} Sample 0123456789"
            )
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def page(data: bytes, sheet: int = 1) -> Decoded:
    """A page, within two seconds of processor time and 600 MB."""
    reply = decoding.ask(data, Options(sheet=sheet))
    assert reply.cpu < 2
    assert reply.peak < 600 * 1024 * 1024
    return decoding.read(reply)


def refused(data: bytes, sheet: int = 1) -> str:
    with pytest.raises(Refused) as caught:
        decode(data, Options(sheet=sheet))
    with pytest.raises(Refused):
        page(data, sheet)  # as quickly as all else
    assert caught.value.reason in catalogue()
    return caught.value.reason


def test_a_page_is_drawn_upright_on_white_paper() -> None:
    decoded = page(drawn())
    assert (decoded.height, decoded.sheets) == (2400, 1)
    picture = Image.open(BytesIO(decoded.image))
    red, green, _blue = picture.getpixel((30, 30))  # type: ignore[misc]
    assert red > 150 and green < 60
    assert min(picture.getpixel((1600, 2300))) > 250  # type: ignore[type-var,arg-type]
    assert decoded.metrics.steep > 0.15


def test_each_page_by_its_number() -> None:
    data = drawn(3)
    pages = [page(data, sheet) for sheet in (1, 2, 3)]
    assert {one.sheets for one in pages} == {3}
    assert len({one.image for one in pages}) == 3
    assert refused(data, 4) == "photo.pdf_damaged"


def test_a_small_page_is_not_drawn_larger_than_print_is_worth() -> None:
    decoded = page(drawn(size=(243, 153)))  # an ID card
    assert decoded.width == 1600


def test_locked_and_damaged() -> None:
    assert refused(drawn(locked="secret")) == "photo.pdf_locked"
    assert refused(b"%PDF-1.7\n%...") == "photo.pdf_damaged"
    assert refused(drawn()[:300]) == "photo.pdf_damaged"


def with_content(content: bytes, box: bytes = b"[0 0 595 842]", further: bytes = b"", resources: bytes = b"") -> bytes:
    """A PDF of one page by hand; pdfium finds its objects without a table."""
    about = b"/Parent 2 0 R/MediaBox" + box + b"/Resources<<" + resources + b">>/Contents 4 0 R"
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page" + about + b">>endobj\n"
        b"4 0 obj<</Length %d>>stream\n%s\nendstream endobj\n"
        % (len(content), content)
        + further
        + b"trailer<</Root 1 0 R>>\n%%EOF"
    )


def test_sizes_of_paper_that_are_none() -> None:
    assert refused(with_content(b"", b"[0 0 100000 1]")) == "photo.too_small"
    assert page(with_content(b"0 0 9 9 re f", b"[0 0 0 0]")).sheets == 1  # drawn on the paper that pdfium assumes
    assert max(page(with_content(b"0 0 9 9 re f", b"[0 0 1000000 1000000]")).width, 0) <= 2400


def test_made_to_take_long() -> None:
    shapes = b"0 0 595 842 re 10 10 500 700 re f*\n" * 3_000_000
    assert refused(with_content(b"/G gs " + shapes)[: 29 * 1024 * 1024]) in ("photo.pdf_heavy", "photo.pdf_damaged")


def test_a_form_that_draws_itself_ten_times_ten_times() -> None:
    """Nested forms: a page of a few hundred bytes that would draw 10^9 rectangles."""
    levels = 9
    further, resources = b"", b"/XObject<</F 10 0 R>>"
    for level in range(levels):
        inner = b"/F Do " * 10 if level < levels - 1 else b"0 0 99 99 re f"
        further += (
            b"%d 0 obj<</Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</XObject<</F %d 0 R>>>>/Length %d>>"
            b"stream\n%s\nendstream endobj\n" % (10 + level, 11 + level, len(inner), inner)
        )
    assert refused(with_content(b"/F Do " * 10, further=further, resources=resources)) in (
        "photo.pdf_heavy",
        "photo.pdf_damaged",
    )


def test_an_image_that_would_need_all_the_memory() -> None:
    image = (
        b"10 0 obj<</Type/XObject/Subtype/Image/Width 60000/Height 60000/BitsPerComponent 8/ColorSpace/DeviceRGB"
        b"/Length 4>>stream\n0000\nendstream endobj\n"
    )
    data = with_content(b"595 0 0 842 0 0 cm /I Do", further=image, resources=b"/XObject<</I 10 0 R>>")
    decoded = page(data)  # what cannot be drawn is left out
    assert decoded.metrics.written == 0


def test_a_pdf_that_is_also_an_archive() -> None:
    assert refused(drawn() + b"PK\x05\x06" + bytes(18)) == "photo.mixed"


def test_scans_are_kept_as_sharp_as_they_came(page_of_print: Callable[..., Image.Image]) -> None:
    out = BytesIO()
    page_of_print(1500, 2000).save(out, "PDF", resolution=150)
    assert page(out.getvalue()).metrics.steep > 0.15
