"""A further sheet in an uploaded workbook: one line each in three parts of the package, and a part of its own.

The XML of others is not parsed and written again, as in `sheet_xml`; prefixes and the namespace are found in it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

from workers.sheets.text import clean

_TRANSITIONAL = "http://schemas.openxmlformats.org/{}/2006/{}"
_STRICT = "http://purl.oclc.org/ooxml/{}/{}"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_SHEETS_END = re.compile(rb"</((?:\w+:)?)sheets\s*>")
_SHEET_ID = re.compile(rb'\ssheetId="(\d+)"')
_RELATIONS_END = re.compile(rb"</((?:\w+:)?)Relationships\s*>")
_TYPES_END = re.compile(rb"</((?:\w+:)?)Types\s*>")


def add_sheet(parts: dict[str, bytes], workbook: str, title: str, widths: Sequence[float]) -> str:
    """Add an empty sheet called `title` after the last one of `parts`, and give the name of its part.

    ValueError: a package without one of the parts that list its sheets.
    """
    folder, file = posixpath.split(workbook)
    relations = f"{folder}/_rels/{file}.rels".lstrip("/")
    namespace = _STRICT if _STRICT.format("spreadsheetml", "main").encode() in parts[workbook] else _TRANSITIONAL
    office = namespace.format("officeDocument", "relationships")
    part = _free(f"{folder}/worksheets/bole{{}}.xml".lstrip("/"), parts)
    ident = _free("rIdBole{}", set(re.findall(r'\sId="([^"]*)"', parts[relations].decode())))
    number = max(map(int, _SHEET_ID.findall(parts[workbook])), default=0) + 1
    named = quoteattr(clean(title))
    parts[workbook] = _before_end(
        _SHEETS_END, parts[workbook], f'<{{}}sheet xmlns:b="{office}" name={named} sheetId="{number}" b:id="{ident}"/>'
    )
    target = posixpath.relpath(part, folder or ".")
    relation = f'<{{}}Relationship Id="{ident}" Type="{office}/worksheet" Target="{target}"/>'
    parts[relations] = _before_end(_RELATIONS_END, parts[relations], relation)
    override = f'<{{}}Override PartName="/{part}" ContentType="{_TYPE}"/>'
    parts["[Content_Types].xml"] = _before_end(_TYPES_END, parts["[Content_Types].xml"], override)
    parts[part] = _empty(namespace.format("spreadsheetml", "main"), widths)
    return part


def _free(pattern: str, taken: set[str] | dict[str, bytes]) -> str:
    return next(name for number in range(1, len(taken) + 2) if (name := pattern.format(number)) not in taken)


def _before_end(end: re.Pattern[bytes], xml: bytes, line: str) -> bytes:
    found = end.search(xml)
    if found is None:
        raise ValueError("a part of the package has no end")
    return xml[: found.start()] + line.format(found[1].decode()).encode() + xml[found.start() :]


def _empty(namespace: str, widths: Sequence[float]) -> bytes:
    columns = "".join(
        f'<col min="{number}" max="{number}" width="{width:g}" customWidth="1"/>'
        for number, width in enumerate(widths, start=1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<worksheet xmlns="{namespace}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><dimension ref="A1"/>'
        f"<cols>{columns}</cols>"
        '<sheetData/><pageMargins left="0.6" right="0.6" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="portrait" fitToHeight="0"/></worksheet>'
    ).encode()
