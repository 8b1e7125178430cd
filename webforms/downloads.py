"""A file on its way to somebody's device."""

from __future__ import annotations

from urllib.parse import quote


def disposition(name: str) -> str:
    """A download's Content-Disposition with a Chinese name: RFC 6266, the name itself by RFC 5987."""
    plain = "workbook" + ("." + name.rpartition(".")[2] if "." in name else "")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
