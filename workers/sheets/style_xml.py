"""Further cell styles in an uploaded workbook's styles part, each like one that it has."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.parsers.expat import ExpatError, ParserCreate

_TEXT = 49  # the built-in number format @ (ECMA-376 part 1, 18.8.30)
_COUNT = re.compile(rb'\scount="\d+"')
_FITTED = re.compile(rb'\s(?:wrapText|shrinkToFit)="(?:1|true)"')
_UNWRAPPED = re.compile(rb'\swrapText="[^"]*"')
_ALIGNMENT = re.compile(rb"<(?:\w+:)?alignment\b")
_PREFIX = re.compile(rb"<(\w+:)xf\b")
_TAG = re.compile(rb"<(?:\w+:)?xf\b[^>]*?(?=/?>)", re.DOTALL)


class StyleXml:
    """A styles part that grows. ValueError: no styles part."""

    def __init__(self, data: bytes) -> None:
        start, starts, end = _find(data)
        self._before, self._after = data[:start], data[end:]
        bounds = [*starts, end]
        self._open = data[start : bounds[0]]
        self._styles = [data[a:b] for a, b in pairwise(bounds)]
        self._added: dict[tuple[int, bool, bool, bool], int] = {}

    def like(self, style: int, *, text: bool, quoted: bool, wrap: bool = False) -> int:
        """The id of a style that looks like `style`; formatted as `text`, with the quote prefix, or both. With `wrap`
        a long text goes on in the next line, unless the style wraps or shrinks it already.

        ValueError: no such style.
        """
        if not 0 <= style < len(self._styles):
            raise ValueError(f"no style {style}")
        if not text and not quoted and not wrap:
            return style
        if (style, text, quoted, wrap) not in self._added:
            wanted = {b"numFmtId": _TEXT, b"applyNumberFormat": 1} if text else {}
            xml = _with(self._styles[style], wanted | ({b"quotePrefix": 1} if quoted else {}))
            self._added[style, text, quoted, wrap] = len(self._styles)
            self._styles.append(_wrapping(xml) if wrap else xml)
        return self._added[style, text, quoted, wrap]

    def note(self, *, quoted: bool) -> int:
        """The id of a style of plain text that wraps: the workbook's ordinary font, no border."""
        prefix = _PREFIX.match(self._styles[0].lstrip())
        name = prefix[1] if prefix else b""
        quote = b' quotePrefix="1"' if quoted else b""
        opening = b'<%sxf numFmtId="%d" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"' % (
            name,
            _TEXT,
        )
        alignment = b'<%salignment vertical="center" wrapText="1"/></%sxf>' % (name, name)
        self._styles.append(opening + quote + b' applyAlignment="1">' + alignment)
        return len(self._styles) - 1

    def to_bytes(self) -> bytes:
        """The part with what was added."""
        start = _COUNT.sub(b' count="%d"' % len(self._styles), self._open, count=1)
        return b"".join([self._before, start, *self._styles, self._after])


def _with(xml: bytes, attributes: dict[bytes, int]) -> bytes:
    """`xml`, an xf element, with `attributes` in its tag."""

    def tag(found: re.Match[bytes]) -> bytes:
        kept = found[0].rstrip()
        for name, value in attributes.items():
            kept = re.sub(rb'\s%s="[^"]*"' % name, b"", kept) + b' %s="%d"' % (name, value)
        return kept

    return _TAG.sub(tag, xml, count=1)


def _wrapping(xml: bytes) -> bytes:
    """`xml`, an xf element, with an alignment that wraps."""
    if _FITTED.search(xml):
        return xml
    xml = _with(xml, {b"applyAlignment": 1})
    if _ALIGNMENT.search(xml):
        return _ALIGNMENT.sub(rb'\g<0> wrapText="1"', _UNWRAPPED.sub(b"", xml), count=1)
    prefix = _PREFIX.match(xml.lstrip())
    name = prefix[1] if prefix else b""
    alignment = b'<%salignment wrapText="1"/>' % name
    at = _TAG.search(xml)
    assert at is not None  # `_find` has found an xf there
    if xml[at.end() :].startswith(b"/>"):
        return xml[: at.end()] + b">" + alignment + b"</%sxf>" % name + xml[at.end() + 2 :]
    return xml[: at.end() + 1] + alignment + xml[at.end() + 1 :]


def _find(data: bytes) -> tuple[int, list[int], int]:
    """Where cellXfs begins, where each of its styles does, and where it ends."""
    begin, starts, ends = [], [], []
    path: list[str] = []
    parser = ParserCreate()

    def start(name: str, _attributes: dict[str, str]) -> None:
        path.append(name.rpartition(":")[2])
        if path[1:] == ["cellXfs"]:
            begin.append(parser.CurrentByteIndex)
        elif path[1:] == ["cellXfs", "xf"]:
            starts.append(parser.CurrentByteIndex)

    def stop(_name: str) -> None:
        if path[1:] == ["cellXfs"]:
            ends.append(parser.CurrentByteIndex)
        path.pop()

    parser.StartElementHandler, parser.EndElementHandler = start, stop
    try:
        parser.Parse(data, True)
    except ExpatError as error:
        raise ValueError("no well-formed styles") from error
    if not starts or len(begin) != 1:
        raise ValueError("no cell styles")
    return begin[0], starts, ends[0]
