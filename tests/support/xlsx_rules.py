"""What a strict reader (Excel, WPS) would repair or refuse in an .xlsx, by ECMA-376 and Excel's limits."""

import posixpath
import re
import zipfile
from io import BytesIO
from xml.etree import ElementTree

from openpyxl.utils import column_index_from_string, range_boundaries

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
R_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
R_EMBED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed"
# CT_Worksheet is a sequence: a reader may stop at an element out of turn.
ORDER = [
    *("sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection"),
    *("protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells"),
    *("phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins"),
    *("pageSetup", "headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors"),
    *("smartTags", "drawing", "legacyDrawing", "legacyDrawingHF", "picture", "oleObjects", "controls"),
    *("webPublishItems", "tableParts", "extLst"),
]


def problems(data: bytes) -> list[str]:
    """Everything wrong with the package; an empty list for one that opens without a word."""
    archive = zipfile.ZipFile(BytesIO(data))
    found = [f"bad zip entry {archive.testzip()}"] if archive.testzip() else []
    names = archive.namelist()
    found += [f"entry twice: {name}" for name in set(names) if names.count(name) > 1]
    parts = {name: archive.read(name) for name in names}
    trees = {name: ElementTree.fromstring(body) for name, body in parts.items() if name.endswith((".xml", ".rels"))}
    found += _content_types(trees["[Content_Types].xml"], names)
    for name, tree in trees.items():
        found += [f"{name}: {said}" for said in _relationships(name, tree, trees, parts)]
    sheets = _sheets(trees)
    found += _workbook(trees["xl/workbook.xml"], [title for title, _ in sheets])
    styles = len(trees["xl/styles.xml"].find(f"{MAIN}cellXfs") or ())
    found += _styles(trees["xl/styles.xml"])
    strings = len(trees.get("xl/sharedStrings.xml", ElementTree.Element("none")))
    titles = {title for title, _ in sheets}
    for title, part in sheets:
        found += [f"{title}: {said}" for said in _sheet(trees[part], styles, strings, titles)]
    return found


def _content_types(tree, names):
    defaults = {e.get("Extension").lower() for e in tree.iter(f"{TYPES}Default")}
    overrides = [e.get("PartName") for e in tree.iter(f"{TYPES}Override")]
    for name in overrides:
        if name.lstrip("/") not in names:
            yield f"content type of {name}, which is not there"
        if overrides.count(name) > 1:
            yield f"content type of {name} twice"
    for name in names:
        typed = f"/{name}" in overrides or name.rpartition(".")[2].lower() in defaults
        if name != "[Content_Types].xml" and not typed:
            yield f"{name} has no content type"
        if name.startswith("xl/") and name.endswith(".xml") and f"/{name}" not in overrides:
            yield f"{name} is plain XML to a reader"


def _target(rels_part, target):
    if target.startswith("/"):
        return target[1:]
    folder = posixpath.dirname(posixpath.dirname(rels_part))
    return posixpath.normpath(posixpath.join(folder, target))


def _relationships(name, tree, trees, parts):
    if name.endswith(".rels"):
        ids = [e.get("Id") for e in tree]
        if len(set(ids)) < len(ids):
            yield "a relationship id twice"
        for each in tree.iter(f"{RELS}Relationship"):
            if each.get("TargetMode") != "External" and _target(name, each.get("Target")) not in parts:
                yield f"points at {each.get('Target')}, which is not there"
        return
    used = {e.get(attribute) for e in tree.iter() for attribute in (R_ID, R_EMBED)} - {None}
    rels = trees.get(f"{posixpath.dirname(name)}/_rels/{posixpath.basename(name)}.rels", ())
    lost = used - {e.get("Id") for e in rels}
    if lost:
        yield f"uses relationships that it does not have: {lost}"


def _sheets(trees):
    """(title, part) in the workbook's order."""
    targets = {e.get("Id"): _target("xl/_rels/x", e.get("Target")) for e in trees["xl/_rels/workbook.xml.rels"]}
    return [(e.get("name"), targets[e.get(R_ID)]) for e in trees["xl/workbook.xml"].iter(f"{MAIN}sheet")]


def _workbook(tree, titles):
    sheets = list(tree.iter(f"{MAIN}sheet"))
    if len({e.get("sheetId") for e in sheets}) < len(sheets):
        yield "a sheet id twice"
    if all(e.get("state", "visible") != "visible" for e in sheets):
        yield "no sheet to see"
    if len({title.casefold() for title in titles}) < len(titles):
        yield "two sheets of one name"
    for title in titles:
        legal = 0 < len(title.encode("utf-16-le")) // 2 <= 31 and not re.search(r"[\[\]:*?/\\\x00-\x1f]", title)
        if not legal or title.startswith("'") or title.endswith("'") or title.casefold() == "history":
            yield f"sheet name {title!r}"
    seen = set()
    for each in tree.iter(f"{MAIN}definedName"):
        key = (each.get("name").casefold(), each.get("localSheetId"))
        if key in seen:
            yield f"defined name twice: {key}"
        seen.add(key)
        if int(each.get("localSheetId", 0)) >= len(sheets):
            yield f"{key} is of a sheet that is not there"
        named = re.match(r"'((?:[^']|'')+)'!", each.text or "")
        if named is None or named.group(1).replace("''", "'") not in titles:
            yield f"{key} means {each.text!r}"


def _styles(tree):
    counts = {kind: len(tree.find(f"{MAIN}{kind}") or ()) for kind in ("fonts", "fills", "borders", "cellStyleXfs")}
    for xf in tree.find(f"{MAIN}cellXfs") or ():
        for attribute, kind in (
            *(("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders"), ("xfId", "cellStyleXfs")),
        ):
            if int(xf.get(attribute, 0)) >= counts[kind]:
                yield f"style with {attribute}={xf.get(attribute)} of {counts[kind]}"


def _sheet(tree, styles, strings, titles):
    order = [ORDER.index(child.tag.removeprefix(MAIN)) for child in tree]
    if order != sorted(order):
        yield "elements out of order"
    yield from _cells(tree, styles, strings)
    yield from _merges(tree)
    yield from _validations(tree, titles)
    for part in tree.iter(f"{MAIN}oddFooter"):
        if len(part.text or "") > 255:
            yield "footer longer than 255"
    for col in tree.iter(f"{MAIN}col"):
        if not 0 < float(col.get("width")) <= 255 or int(col.get("min")) > int(col.get("max")):
            yield f"column width {col.get('width')}"
    for link in tree.iter(f"{MAIN}hyperlink"):
        named = re.match(r"'((?:[^']|'')+)'!", link.get("location") or "")
        if named is None or named.group(1).replace("''", "'") not in titles:
            yield f"link to {link.get('location')}"


def _cells(tree, styles, strings):
    before, covered = 0, tree.find(f"{MAIN}dimension").get("ref")
    _left, _top, right, bottom = range_boundaries(covered)
    for row in tree.iter(f"{MAIN}row"):
        number, last = int(row.get("r")), 0
        if number <= before:
            yield f"row {number} after {before}"
        before = number
        if float(row.get("ht", 15)) > 409.5:
            yield f"row {number} is {row.get('ht')} high"
        for cell in row:
            reference = re.fullmatch(r"([A-Z]{1,3})(\d+)", cell.get("r"))
            column = column_index_from_string(reference.group(1)) if reference else 0
            if reference is None or int(reference.group(2)) != number or column <= last:
                yield f"cell {cell.get('r')} in row {number}"
            last = column
            if column > right or number > bottom:
                yield f"{cell.get('r')} is outside {covered}"
            if int(cell.get("s", 0)) >= styles:
                yield f"{cell.get('r')} has style {cell.get('s')} of {styles}"
            yield from _content(cell, strings)


def _content(cell, strings):
    where, kind, value = cell.get("r"), cell.get("t", "n"), cell.find(f"{MAIN}v")
    if cell.find(f"{MAIN}f") is not None:
        yield f"{where} is a formula"
    if kind not in ("n", "s", "inlineStr"):
        yield f"{where} has type {kind}"
    if kind == "s" and (value is None or int(value.text) >= strings):
        yield f"{where}: no shared string {value.text if value is not None else None}"
    if kind == "n" and value is not None:
        try:
            float(value.text)
        except ValueError:
            yield f"{where}: {value.text!r} is no number"
    text = "".join(cell.itertext())
    if len(text.encode("utf-16-le", "surrogatepass")) // 2 > 32_767 + text.count("_x005F_") * 6:
        yield f"{where} holds more than 32,767"


def _merges(tree):
    merged = tree.find(f"{MAIN}mergeCells")
    if merged is None:
        return
    if int(merged.get("count", len(merged))) != len(merged) or not len(merged):
        yield "mergeCells counts wrongly"
    seen = set()
    for each in merged:
        left, top, right, bottom = range_boundaries(each.get("ref"))
        cells = {(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)}
        if seen & cells or len(cells) < 2:
            yield f"merged {each.get('ref')}"
        seen |= cells


def _validations(tree, titles):
    group = tree.find(f"{MAIN}dataValidations")
    if group is None:
        return
    if int(group.get("count")) != len(group) or not len(group):
        yield "dataValidations counts wrongly"
    for each in group:
        formula = each.findtext(f"{MAIN}formula1") or ""
        if not 0 < len(formula) <= 255:
            yield f"validation formula of {len(formula)} characters"
        named = re.match(r"'((?:[^']|'')+)'!\$[A-Z]+\$\d+:\$[A-Z]+\$\d+$", formula)
        if each.get("type") == "list" and (named is None or named.group(1) not in titles):
            yield f"validation list {formula!r}"
        for attribute, limit in (("errorTitle", 32), ("promptTitle", 32), ("error", 255), ("prompt", 255)):
            if len(each.get(attribute) or "") > limit:
                yield f"{attribute} longer than {limit}"
