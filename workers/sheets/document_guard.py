"""Whether an uploaded Word document may be opened at all: looked at as a ZIP archive, as workbooks are (`guard`)."""

from __future__ import annotations

import re

from workers.sheets import guard
from workers.sheets.guard import Limits, Refused

LIMITS = Limits(size=5 << 20, parts=400, unpacked=48 << 20)
_MAIN = "word/document.xml"
_LONGEST = 8 << 20  # bytes of an XML part; a form of four pages has some 200 KiB
_MAIN_TYPE = re.compile(
    rb"application/vnd\.openxmlformats-officedocument\.wordprocessingml\.(?:document|template)\.main\+xml"
)
_PULLED_IN = re.compile(rb"/(?:aFChunk|subDocument|oleObject|package|control)[\"']", re.IGNORECASE)
_INSTRUCTION = re.compile(rb"<w:instrText[^>]*>([^<]*)<|w:instr=[\"']([^\"']*)")
# Fields by which Word starts a program or reads another file.
_FETCHING = re.compile(rb"\b(?:DDEAUTO|DDE|INCLUDETEXT|INCLUDEPICTURE|LINK|IMPORT|RD|DATABASE)\b", re.IGNORECASE)


def inspect_document(data: bytes) -> None:
    """Return if `data` is a Word document that may be read. Raises Refused with a sentence about documents."""
    try:
        _inspect(data)
    except Refused as refused:
        reason = "not_a_document" if refused.reason == "not_a_workbook" else refused.reason
        raise Refused(reason, "document") from refused


def _inspect(data: bytes) -> None:
    infos = guard.open_archive(data, LIMITS)
    if _MAIN not in {info.filename for info in infos}:
        raise Refused("not_a_workbook")
    for info in infos:
        name, pieces = info.filename.casefold(), guard.inflated(data, info)
        if not name.endswith((".xml", ".rels", ".vml")):
            for _ in pieces:  # to the end: as long as the directory says, and whole
                continue
            continue
        if info.file_size > _LONGEST:
            raise Refused("too_compressed")
        content = b"".join(guard.without_declarations(pieces))
        if name == "[content_types].xml":
            guard.look_at_types(content, _MAIN_TYPE)
        elif name.endswith(".rels"):
            guard.look_at_relations(content)
            if _PULLED_IN.search(content):
                raise Refused("embedded")
        elif _FETCHING.search(b"".join(one or two for one, two in _INSTRUCTION.findall(content))):
            raise Refused("external_links")
