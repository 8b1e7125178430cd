"""Whether two pages show the same photo: candidates come by their hash, the thumbnails decide.

Thumbnails are our own, rebuilt pictures, so they may be opened here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import structlog
from PIL import Image, ImageChops, ImageFilter

from models import storage
from models.application import lifecycle, twins
from models.application.pages import bound_to
from models.application.tables import Application, DocumentPage
from models.crypto import Damaged
from models.errors import NotFound
from models.extensions import db
from workers import photo_sheets

if TYPE_CHECKING:
    from workers.photos import Sheet

log = structlog.get_logger(__name__)

HERE = "flag.same_in_application"
SQUARE = 8  # pixels of the thumbnail (320 long): about one character of a name
# Levels by which the most different square may differ, once both are softened against what scaling leaves. Scaled to
# 0.4 and compressed to quality 40, the same photo came to 9 at most; two papers of one template that differ in their
# writing to 18 at least.
SOFT, DIFFERENT = 1.5, 14


def same_picture(one: bytes, two: bytes) -> bool:
    """Whether two thumbnails (JPEG) are of one photo. Raises OSError for what is no picture."""
    first, second = (_grey(data) for data in (one, two))
    if abs(first.width * second.height - second.width * first.height) > 2 * max(*first.size, *second.size):
        return False
    if second.size != first.size:
        second = second.resize(first.size, Image.Resampling.BOX)
    squares = ImageChops.difference(_soft(first), _soft(second)).reduce(SQUARE)
    return max(squares.tobytes()) < DIFFERENT


def _grey(data: bytes) -> Image.Image:
    with Image.open(BytesIO(data), formats=("JPEG",)) as picture:
        return picture.convert("L")


def _soft(picture: Image.Image) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(SOFT))


def compared(page_id: str, sheets: tuple[Sheet, ...]) -> tuple[Sheet, ...]:
    """The sheets of an upload, with a remark and a flag on those that the application has already. Reads only."""
    page = db.session.get(DocumentPage, page_id)
    if page is None:
        return sheets
    return tuple(_compared(page, sheet) for sheet in sheets)


def _compared(page: DocumentPage, sheet: Sheet) -> Sheet:
    if sheet.reason is not None or sheet.thumb_key is None:
        return sheet
    thumb = storage.get(sheet.thumb_key, bound_to(photo_sheets.row_id(page.id, sheet.sheet)))
    said = remark(page, sheet.sheet, sheet.phash, thumb)
    return sheet if said is None else replace(sheet, reason=said, flags=[*sheet.flags, {"code": HERE}])


def remark(page: DocumentPage, sheet: int, phash: str | None, thumb: bytes) -> str | None:
    """What the person is told where `page` shows a photo that the application has already: once in the same document,
    or in another one."""
    for other in twins.within(db.session(), page, sheet, phash):
        exact = other.sha256 == page.sha256 and other.sheet == sheet
        if exact or _looks_like(other, lambda: thumb):
            return "photo.same_twice" if other.document == page.document else "photo.same_document"
    return None


def elsewhere(application_id: str) -> list[tuple[str, str]]:
    """Pages of a handed-in application with pages of others that show the same photo. Reads only."""
    application = db.session.get(Application, application_id)
    if application is None or application.status == lifecycle.DRAFT:
        return []
    found = []
    for page, other in twins.elsewhere(db.session(), application):
        exact = page.sha256 == other.sha256 and page.sheet == other.sheet
        if exact or _looks_like(other, lambda page=page: _thumb(page)):  # type: ignore[misc]
            found.append((page.id, other.id))
    return found


def _looks_like(other: DocumentPage, thumb: Callable[[], bytes]) -> bool:
    if other.thumb_key is None:
        return False
    try:
        return same_picture(thumb(), _thumb(other))
    except (NotFound, Damaged, OSError) as error:  # taken away meanwhile: nothing to compare with
        log.info("thumbs_not_compared", error=type(error).__name__)
        return False


def _thumb(page: DocumentPage) -> bytes:
    return storage.get(page.thumb_key or "", bound_to(page.id))
