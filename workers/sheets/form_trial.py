"""An office's form in Word read and tried in one go: invented people in it, and what of it that has proved."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image, ImageDraw

from models.programme.official import FORMS
from models.programme.pack import Pack
from models.programme.placeholders import placeholders
from workers.sheets.document_guard import inspect_document
from workers.sheets.form_documents import Person, render, values_of
from workers.sheets.form_proof import prove_forms
from workers.sheets.package import write_entry
from workers.sheets.portrait import photo_mm, shrink
from workers.sheets.sample_people import sample_unit
from workers.sheets.template_proof import Finding

PEOPLE = 2  # invented ones in a trial


@dataclass(frozen=True, slots=True)
class FormTrial:
    """`mapping`: the source of each placeholder in the file, empty where nobody knows it (`problem` says so then)."""

    mapping: dict[str, str]
    findings: tuple[Finding, ...] = ()
    problem: str = ""
    trial: bytes = field(default=b"", repr=False)


def try_form(pack: Pack, data: bytes) -> FormTrial:
    """Guard `data`, look for placeholders and fill it. Raises BoleError with a sentence where it cannot be used."""
    inspect_document(data)
    unit = sample_unit(pack, PEOPLE, FORMS)
    photo = _silhouette(photo_mm(pack))
    numbered = enumerate(unit.records, start=1)
    people = [Person(values_of(pack, record, unit.unit_name, number), photo) for number, record in numbered]
    made = render(pack, data, people)
    sources = {name: each.source for each in placeholders(pack) for name in each.names}
    mapping = {name: sources[name] for name in (*made.used, *made.sometimes) if name in sources}
    if made.unknown:
        return FormTrial(mapping | dict.fromkeys(made.unknown, ""), problem="template.form_unknown")
    if not mapping:
        return FormTrial({}, problem="template.form_empty")
    for document in made.documents:
        inspect_document(document)
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for number, (record, document) in enumerate(zip(unit.records, made.documents, strict=True), start=1):
            write_entry(target, f"{number:03d} {record.answers['field:name']}.docx", document, zipfile.ZIP_STORED)
    return FormTrial(mapping, tuple(prove_forms(pack, data, people, made)), trial=out.getvalue())


def _silhouette(mm: tuple[int, int]) -> bytes:
    """An invented portrait: nobody."""
    width, height = mm[0] * 12, mm[1] * 12
    image = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(image)
    pen.ellipse((width * 0.3, height * 0.15, width * 0.7, height * 0.5), fill="lightgrey")
    pen.ellipse((width * 0.12, height * 0.58, width * 0.88, height * 1.3), fill="lightgrey")
    out = BytesIO()
    image.save(out, "JPEG")
    return shrink(out.getvalue(), mm)
