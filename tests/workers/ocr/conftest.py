"""Typed lines, and the engine loaded once a module."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from workers.ocr.engine import PaddleModels
from workers.ocr.lines import Line


def typed(text: str, left: float, top: float, width: float = 0.0, height: float = 0.04, sure: float = 0.999) -> Line:
    """A line as an engine would give it: `left` and `top` in units of the picture's width."""
    box = (left, top, left + (width or 0.03 * len(text)), top + height)
    return Line(text, sure, box, box, (sure,) * len(text))


@pytest.fixture
def line() -> Callable[..., Line]:
    return typed


@pytest.fixture(scope="module")
def engine() -> PaddleModels:
    return PaddleModels()
