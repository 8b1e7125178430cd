"""Bars as SVG, drawn here: they stand beside their number in a table, so a reader without eyes misses nothing.

Shapes differ in outline as well as in colour, so they can be told apart on paper in black and white; colours come from
the style sheet.
"""

from __future__ import annotations

from markupsafe import Markup

_WIDTH = 200
_HEIGHT = 14


def bar(share: float | None) -> Markup:
    """A bar as long as `share` (0 to 1) of its place; nothing where there is no number."""
    if not share:
        return Markup()
    return _drawn(_rect("bar-full", 0, share))


def meter(full: float, more: float, limit: float) -> Markup:
    """A bar of two parts, `full` (solid) and on top of it up to `more` (outlined), with a line at `limit`; all three in
    the same unit, and the longest fills the place."""
    longest = max(full, more, limit)
    if longest <= 0:
        return Markup()
    at = limit / longest * (_WIDTH - 2) + 1
    line = Markup('<line class="bar-limit" x1="{0:.1f}" x2="{0:.1f}" y1="0" y2="{1}"/>').format(at, _HEIGHT)
    return _drawn(_rect("bar-more", 0, more / longest) + _rect("bar-full", 0, full / longest) + line)


def step(share: float | None, before: float | None) -> Markup:
    """A bar of a funnel: `share` is still there (solid), the rest of `before` was lost since (outlined)."""
    if share is None:
        return Markup()
    lost = _rect("bar-lost", share, before - share) if before is not None and before > share else Markup()
    return _drawn(_rect("bar-full", 0, share) + lost)


def _rect(kind: str, start: float, share: float) -> Markup:
    if share <= 0:
        return Markup()
    return Markup('<rect class="{}" x="{:.1f}" y="1" width="{:.1f}" height="{}"/>').format(
        kind, 1 + start * (_WIDTH - 2), max(share * (_WIDTH - 2), 1), _HEIGHT - 2
    )


def _drawn(inside: Markup) -> Markup:
    return Markup(
        '<svg class="bar" preserveAspectRatio="none" viewBox="0 0 {0} {1}" width="{0}" height="{1}"'
        ' aria-hidden="true" focusable="false">{2}</svg>'
    ).format(_WIDTH, _HEIGHT, inside)
