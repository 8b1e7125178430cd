"""Reasons that ask for nothing: what is said of a page that is kept as it is."""

from __future__ import annotations

REMARKS = frozenset({"photo.screen", "photo.no_face", "photo.upside_down", "photo.same_twice", "photo.same_document"})
