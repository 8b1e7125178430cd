"""What a photographed page may be as it comes: by its first bytes and its size, whatever the file is called. Pure."""

from __future__ import annotations

from models.errors import InvalidAnswer

MAX_BYTES = 30 * 1024 * 1024
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")


def image_format(data: bytes) -> str | None:
    """The format by its first bytes, whatever the file is called; None for what we do not take."""
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        return "avif" if data[8:12].startswith(b"avi") else "heif"
    if data.startswith(b"%PDF-"):
        return "pdf"
    return None


def check_bytes(data: bytes) -> None:
    """Raises InvalidAnswer for what can become no page: empty, larger than 30 MB, not an image we read."""
    if not data:
        raise InvalidAnswer("error.page_empty")
    if len(data) > MAX_BYTES:
        raise InvalidAnswer("error.page_too_large", limit=MAX_BYTES // 1024 // 1024)
    if image_format(data) is None:
        raise InvalidAnswer("error.page_not_image")
