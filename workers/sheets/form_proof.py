"""What the trial fill of a form in Word has proved: every value is there, and the rest is still the office's."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from io import BytesIO
from xml.etree.ElementTree import Element, tostring

from defusedxml.ElementTree import fromstring

from models.programme.pack import Pack
from models.programme.placeholders import placeholders
from workers.document_child import FILLED, MAIN
from workers.sheets.form_documents import Made, Person
from workers.sheets.template_proof import Finding

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MEDIA = "word/media/"
_BY_PHOTO = {"[Content_Types].xml", "word/_rels/document.xml.rels"}


def prove_forms(pack: Pack, template: bytes, people: Sequence[Person], made: Made) -> list[Finding]:
    """One finding a check: values (`rows`), pictures, page set-up, and all parts that are not filled."""
    old = _parts(template)
    values = pictures = sections = others = 0
    held = {"rows": True, "images": True, "sections": True, "parts": True}
    photos = {name for each in placeholders(pack) if each.photo for name in each.names}
    for person, document in zip(people, made.documents, strict=True):
        new = _parts(document)
        photo = bool(photos & set(made.used))
        shown = "\n".join(text_of(new[name]) for name in sorted(new) if FILLED.fullmatch(name))
        wanted = list(_wanted(pack, person, made.used))
        held["rows"] &= bool(wanted) and all(line in shown for line in wanted)
        values += len(wanted)
        before, after = fromstring(old[MAIN]), fromstring(new[MAIN])
        media = {name for name in new if name.startswith(_MEDIA)}
        came = media - set(old)
        held["images"] &= _drawings(after) >= _drawings(before) + photo and (len(came) == 1 if photo else not came)
        pictures += len(media)
        held["sections"] &= _sections(before) == _sections(after)
        sections += len(_sections(after))
        kept = {name for name in old if not FILLED.fullmatch(name) and not (photo and name in _BY_PHOTO)}
        held["parts"] &= set(new) - came == set(old) and all(old[name] == new[name] for name in kept)
        others += len(kept)
    counts = {"rows": values, "images": pictures, "sections": sections, "parts": others}
    return [Finding(check, counts[check], held[check]) for check in counts]


def text_of(part: bytes) -> str:
    """The text of a document's part; line breaks and paragraphs are new lines."""
    out = []
    for each in fromstring(part).iter():
        if each.tag == f"{_W}t":
            out.append(each.text or "")
        elif each.tag == f"{_W}tab":
            out.append("\t")
        elif each.tag in (f"{_W}br", f"{_W}p"):
            out.append("\n")
    return "".join(out)


def _wanted(pack: Pack, person: Person, used: Sequence[str]) -> Iterator[str]:
    """Every line of every value that stands in the template without a condition."""
    columns = {name.partition(".")[2] for name in used if "." in name}
    for name in used:
        value = person.values.get(name, "")
        if isinstance(value, list):
            for row in value:
                for column in columns & set(row):
                    yield from filter(None, row[column].split("\n"))
        else:
            yield from filter(None, str(value).split("\n"))


def _parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}


def _drawings(root: Element) -> int:
    return sum(1 for each in root.iter() if each.tag in (f"{_W}drawing", f"{_W}pict"))


def _sections(root: Element) -> list[bytes]:
    return [tostring(each) for each in root.iter(f"{_W}sectPr")]
