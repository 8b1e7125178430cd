"""Whether a filled table still is the office's: everything in it before is compared with what is there afterwards.

Nothing is taken from what filled it (`shell`, `sheet_xml`): both files are opened as any reader would.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

from defusedxml.ElementTree import fromstring
from openpyxl.utils import column_index_from_string
from openpyxl.worksheet.worksheet import Worksheet

from models.office.template_layout import Layout
from workers.sheets.cells import Value
from workers.sheets.reading import read
from workers.sheets.template_reading import opened

CHECKS = ("rows", "images", "validations", "merged", "print", "widths", "formulas", "names", "others")
_PRINT = ("sheetPr", "pageMargins", "pageSetup", "printOptions", "headerFooter", "rowBreaks", "colBreaks")
_PICTURES = re.compile(r"/(?:media|drawings|charts)/")
_GROWING = ("_xlnm.Print_Area", "_xlnm._FilterDatabase")  # names whose ranges reach to the last person


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was there `count` times, and whether all of it still is."""

    check: str
    count: int
    held: bool

    def to_json(self) -> dict[str, Any]:
        """As stored in `OfficialTemplate.trial`."""
        return {"check": self.check, "count": self.count, "held": self.held}


def prove(
    before: bytes, after: bytes, layout: Layout, mapping: Mapping[str, str], rows: Sequence[Mapping[str, Value]]
) -> list[Finding]:
    """What of `before` is in `after`, and whether `rows` read back as they were given. Both must have been inspected.

    Raises guard.Refused where one of them does not open.
    """
    old, new = _Package(before), _Package(after)
    title = layout.sheet
    return [
        Finding("rows", len(rows), _read_back(after, layout, mapping, rows)),
        _same("images", old.pictures(), new.pictures()),
        _same("validations", old.validations(title), new.validations(title)),
        _same("merged", old.merged(title), new.merged(title)),
        _same("print", old.children(title, _PRINT), new.children(title, _PRINT)),
        _same("widths", old.children(title, ("cols",)), new.children(title, ("cols",))),
        _same("formulas", old.formulas(), new.formulas(), exact=True),
        _same("names", old.names(), new.names()),
        _same("others", old.others(title), new.others(title)),
    ]


def _same(check: str, before: Iterable[object], after: Iterable[object], *, exact: bool = False) -> Finding:
    """All of `before` is in `after`, as often; `exact`: and nothing else."""
    old, new = Counter(before), Counter(after)
    return Finding(check, old.total(), old == new if exact else old <= new)


def _read_back(after: bytes, layout: Layout, mapping: Mapping[str, str], rows: Sequence[Mapping[str, Value]]) -> bool:
    sheet = next(each for each in read(after) if each.title == layout.sheet)
    for number, row in enumerate(rows, start=layout.first):
        for letter, slot in mapping.items():
            if sheet.rows[number - 1][column_index_from_string(letter) - 1] != (row.get(slot) or None):
                return False
    return True


class _Package:
    def __init__(self, data: bytes) -> None:
        self._book = opened(data)
        with zipfile.ZipFile(BytesIO(data)) as archive:
            self._parts = {name: archive.read(name) for name in archive.namelist()}
        self._sheets = dict(self._named_parts())

    def _named_parts(self) -> Iterable[tuple[str, str]]:
        workbook = next(name for name in self._parts if name.endswith("/workbook.xml"))
        folder, _, file = workbook.rpartition("/")
        relations = fromstring(self._parts[f"{folder}/_rels/{file}.rels"])
        targets = {each.get("Id"): each.get("Target", "") for each in relations}
        for each in fromstring(self._parts[workbook]).iter():
            if each.tag.endswith("}sheet"):
                target = targets[next(value for key, value in each.items() if key.endswith("}id"))]
                yield each.get("name", ""), target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"

    def _sheet(self, title: str) -> Worksheet:
        sheet: Worksheet = self._book[title]
        return sheet

    def pictures(self) -> list[tuple[str, bytes]]:
        """Pictures, drawings and charts, byte for byte."""
        return [(name, data) for name, data in self._parts.items() if _PICTURES.search(name)]

    def validations(self, title: str) -> list[object]:
        """Every rule with the first cell that it is for; those of extensions, which openpyxl does not read, as XML."""
        root = fromstring(self._parts[self._sheets[title]])
        found: list[object] = []
        for each in root.iter():
            if each.tag.rpartition("}")[2] == "dataValidation":
                rule = sorted((key, value) for key, value in each.items() if key != "sqref")
                places = each.get("sqref") or next((sub.text for sub in each if sub.tag.endswith("}sqref")), "") or ""
                formulas = [text for sub in each if "formula" in sub.tag for text in sub.itertext()]
                found.append((tuple(rule), tuple(formulas), tuple(place.split(":")[0] for place in places.split())))
        return found

    def merged(self, title: str) -> list[str]:
        return [str(each) for each in self._sheet(title).merged_cells.ranges]

    def children(self, title: str, wanted: Sequence[str]) -> list[str]:
        """Elements of a sheet as they stand there."""
        root = fromstring(self._parts[self._sheets[title]])
        found = (each for each in root if each.tag.rpartition("}")[2] in wanted)
        return [ElementTree.canonicalize(ElementTree.tostring(each, "unicode")) for each in found]

    def formulas(self) -> list[tuple[str, str, str]]:
        return [
            (sheet.title, cell.coordinate, str(cell.value))
            for sheet in self._book.worksheets
            for row in sheet.iter_rows()
            for cell in row
            if cell.data_type == "f"
        ]

    def names(self) -> list[tuple[str, str | None, str]]:
        """Names and what they stand for; of those that reach to the last person, where they begin."""
        workbook = fromstring(next(data for name, data in self._parts.items() if name.endswith("/workbook.xml")))
        found = []
        for each in workbook.iter():
            if each.tag.rpartition("}")[2] == "definedName":
                name, text = each.get("name", ""), each.text or ""
                text = re.sub(r":\$[A-Z]+\$\d+", "", text) if name in _GROWING else text
                found.append((name, each.get("localSheetId"), text))
        return found

    def others(self, title: str) -> list[tuple[str, bytes]]:
        """The other sheets, byte for byte."""
        return [(name, self._parts[part]) for name, part in self._sheets.items() if name != title]
