"""The office's own form in Word: guarded, tried, filled, and still the office's."""

import io
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date

import openpyxl
import pytest
from docx import Document
from office_forms import changed, office_form
from waiting import PATIENCE

from models.interview import wording
from models.office.template_layout import DOCUMENT, Template
from models.office.workbook_files import media_type, suffix_of
from models.programme.loader import load_pack, pack_slugs
from models.programme.official import FORMS
from models.programme.placeholders import placeholders, word
from workers import limited
from workers.limited import ChildBroken
from workers.sheets import form_documents
from workers.sheets.books import build
from workers.sheets.document_guard import inspect_document
from workers.sheets.form_documents import Person, Refused, render, values_of
from workers.sheets.form_proof import prove_forms
from workers.sheets.form_trial import try_form
from workers.sheets.guard import Refused as NotTaken
from workers.sheets.portrait import shrink
from workers.sheets.sample_people import sample_unit

ON = date(2026, 11, 27)
NASTY = "甲<&>\"'{{ seq }}{% if x %}第一行\n第二行\t末"


def form_of(pack):
    """Everything that the pack's form may hold."""
    plain = [f"{{{{ {each.names[0]} }}}}" for each in placeholders(pack) if not each.columns and not each.photo]
    photo = next((f"{{{{ {each.names[0]} }}}}" for each in placeholders(pack) if each.photo), "")
    listed = next((each for each in placeholders(pack) if each.columns), None)
    rows = []
    if listed is not None:
        empty = [""] * (len(listed.columns) - 1)
        rows = [
            [f"{{%tr for r in {listed.names[0]} %}}", *empty],
            [f"{{{{ r.{names[0]} }}}}" for names in listed.columns],
            ["{%tr endfor %}", *empty],
        ]
    return office_form(*plain, rows=rows, photo=photo, header=plain[0])


def documents_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def text(document):
    found = Document(io.BytesIO(document))
    cells = [cell.text for table in found.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in found.paragraphs] + cells)


@pytest.mark.parametrize("slug", [slug for slug in pack_slugs() if load_pack(slug).workbooks.form])
def test_every_packs_form_can_be_an_offices_own(slug):
    pack = load_pack(slug)
    tried = try_form(pack, form_of(pack))
    assert not tried.problem and "" not in tried.mapping.values()
    assert [one.check for one in tried.findings] == ["rows", "images", "sections", "parts"]
    assert all(one.held for one in tried.findings), tried.findings
    assert list(documents_of(tried.trial)) == ["001 样例甲.docx", "002 样例乙.docx"]
    assert all(len(set(each.names)) == len(each.names) for each in placeholders(pack))


def test_names_are_words_of_the_template_language():
    assert [word(text) for text in ("学历（全日制）", "1.姓名", "—", "a b")] == ["学历全日制", "_1姓名", "", "ab"]


def test_values_come_out_as_text_and_the_photo_in_its_size(pack, make_unit, make_record, photo):
    known = {each.source: each for each in placeholders(pack)}
    name = known["field:name"].names[0]
    shown = next(each.names[0] for each in placeholders(pack) if each.photo)
    form = office_form(f"{{{{ {name} }}}}", "{{ name }} {% if name %}有{% endif %}", photo=f"{{{{ {shown} }}}}")
    unit = make_unit(records=(make_record(1, name=NASTY), make_record(2, name="../../样例")))
    template = Template(form, DOCUMENT, {name: "field:name"})
    made = build(pack, unit, FORMS, ON, lambda _: shrink(photo), template)
    assert build(pack, unit, FORMS, ON, lambda _: shrink(photo), template) == made, "same people, same bytes"
    assert (suffix_of(FORMS, made), media_type(FORMS, made)) == ("zip", "application/zip")
    found = documents_of(made)
    assert [name[:4] for name in found] == ["001 ", "002 "] and not any("/" in name or "<" in name for name in found)
    first = next(iter(found.values()))
    assert f"{NASTY}\n{NASTY} 有" in text(first)
    picture = Document(io.BytesIO(first)).inline_shapes[-1]
    assert picture.width.mm <= 25.1 and picture.height.mm <= 35.1
    drawn = build(pack, replace(unit, records=()), FORMS, ON, lambda _: None, template)
    assert suffix_of(FORMS, drawn) == "xlsx", "without people the index says so"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("{{ ''.__class__ }}", "template.form_code"),
        ("{{ name.__class__.__mro__ }}", None),
        ("{% for i in range(10**9) %}x{% endfor %}", "template.form_code"),
        ("{% for a in name %}{% for b in name %}x{% endfor %}{% endfor %}", None),
        ("{{ 'x' * 10**9 }}", "template.form_code"),
        ("{{ name|upper }}", "template.form_code"),
        ("{{ name() }}", "template.form_code"),
        ("{% include '/etc/passwd' %}", "template.form_code"),
        ("{% set x = 1 %}", "template.form_code"),
        ("{{ name", None),
        ("{% if name %}", "template.form_syntax"),
        ("没有占位符", "template.form_empty"),
    ],
)
def test_a_template_that_is_code_is_not_run(pack, written, reason):
    form = office_form("{{ name }}" if reason != "template.form_empty" else "", written)
    try:
        tried = try_form(pack, form)
    except Refused as refused:
        assert refused.key in (reason, "template.form_code", "template.form_syntax")
    else:
        assert tried.problem == (reason or "template.form_unknown") and not tried.trial


def test_unknown_placeholders_are_named(pack):
    tried = try_form(
        pack, office_form("{{ name }}{{ 没有 }}{% if 也没有 %}{{ name.x }}{% endif %}", header="{{ photo }}")
    )
    assert tried.problem == "template.form_unknown" and not tried.trial
    assert {name for name, source in tried.mapping.items() if not source} >= {"没有", "也没有", "name.x"}
    assert tried.mapping["name"] == "field:name"


def _external(form):
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
    link = b'<Relationship Id="rId99" Type="' + kind + b'" Target="http://example.org/x.png" TargetMode="External"/>'
    return changed(form, replaced=[("word/_rels/document.xml.rels", b"</Relationships>", link + b"</Relationships>")])


def _field(form):
    code = b"<w:p><w:r><w:instrText>DDEAU</w:instrText></w:r><w:r><w:instrText>TO c:\\x</w:instrText></w:r></w:p>"
    return changed(form, replaced=[("word/document.xml", b"<w:body>", b"<w:body>" + code)])


HOSTILE = {
    "macros": lambda form: changed(form, [("word/vbaProject.bin", b"x")]),
    "external_links": _external,
    "embedded": lambda form: changed(form, [("word/embeddings/a.bin", b"x")]),
    "too_compressed": lambda form: changed(form, [("word/media/a.bin", b"0" * (30 << 20))]),
    "dtd": lambda form: changed(form, [("word/x.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')]),
    "old_format": lambda form: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + form,
    "password": lambda form: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") + form,
    "empty": lambda form: b"",
    "not_a_document": lambda form: b"hello",
    "damaged": lambda form: form[:-30],
}


@pytest.mark.parametrize("reason", HOSTILE)
def test_a_hostile_document_is_refused_before_it_is_read(reason):
    form = office_form("{{ name }}")
    inspect_document(form)
    with pytest.raises(NotTaken) as refused:
        inspect_document(HOSTILE[reason](form))
    assert refused.value.key == f"document.refused.{reason}"
    assert {wording.say(refused.value.key, lang)[:4] for lang in ("zh", "en")}


def test_fields_that_start_programs_and_macro_documents_are_refused():
    form = office_form("{{ name }}")
    plain, macro = (
        b"vnd.openxmlformats-officedocument.wordprocessingml.document.main",
        b"vnd.ms-word.document.macroEnabled.main",
    )
    docm = changed(form, replaced=[("[Content_Types].xml", plain, macro)])
    for data, reason in ((_field(form), "external_links"), (docm, "macros")):
        with pytest.raises(NotTaken) as refused:
            inspect_document(data)
        assert refused.value.reason == reason


def test_the_trial_sees_what_is_lost(pack):
    form = office_form("{{ name }}")
    people = [Person(values_of(pack, sample_unit(pack, 1, FORMS).records[0], "", 1))]
    made = render(pack, form, people)
    assert all(one.held for one in prove_forms(pack, form, people, made))
    broken = {
        "rows": changed(made.documents[0], replaced=[("word/document.xml", "样例甲".encode(), b"")]),
        "images": changed(
            made.documents[0],
            replaced=[
                ("word/document.xml", b"w:drawing", b"w:nothing"),
                ("word/document.xml", b"/w:drawing", b"/w:nothing"),
            ],
        ),
        "sections": changed(made.documents[0], replaced=[("word/document.xml", b"landscape", b"portrait")]),
        "parts": changed(made.documents[0], replaced=[("word/styles.xml", b"Normal", b"Nermal")]),
    }
    for check, document in broken.items():
        found = prove_forms(pack, form, people, replace(made, documents=(document,)))
        assert [one.check for one in found if not one.held] == [check]


def test_a_template_that_takes_too_long_is_refused(pack, monkeypatch):
    monkeypatch.setattr(form_documents, "_START", 0)
    monkeypatch.setattr(form_documents, "_EACH", 1)
    monkeypatch.setattr(limited, "WALL_FACTOR", PATIENCE)  # the processor's time decides, on a busy machine too
    form = office_form(*["{{ name }}" * 30] * 3_000)
    with pytest.raises(Refused, match="too_heavy"):
        render(pack, form, [Person(values_of(pack, sample_unit(pack, 1, FORMS).records[0], "", 1))])


def test_a_child_that_does_not_start_or_end_is_not_the_templates_fault(pack, monkeypatch, tmp_path):
    people = [Person(values_of(pack, sample_unit(pack, 1, FORMS).records[0], "", 1))]
    silent, dying, endless = tmp_path / "a.py", tmp_path / "b.py", tmp_path / "c.py"
    silent.write_text("")
    dying.write_text("print('ready')")
    endless.write_text("while True: ...")
    monkeypatch.setattr(form_documents, "_CHILD", dying)
    with pytest.raises(Refused, match="too_heavy"):
        render(pack, b"", people)
    monkeypatch.setattr(limited, "WALL_FACTOR", 0.05)
    for child in (silent, endless):
        monkeypatch.setattr(form_documents, "_CHILD", child)
        with pytest.raises(ChildBroken):
            render(pack, b"", people)


def test_openpyxl_keeps_its_own_parser():
    assert openpyxl.LXML is False and openpyxl.DEFUSEDXML is True


@pytest.mark.parametrize("first", ["webforms.app", "webforms.cli", "workers.runtime", "workers.scheduler"])
def test_so_it_does_in_every_process_that_we_start(first, tmp_path):
    told = {name: value for name, value in os.environ.items() if name != "OPENPYXL_LXML"} | {"BOLE_DATA": str(tmp_path)}
    asked = f"import {first}, workers.workbooks, openpyxl; print(openpyxl.LXML, openpyxl.DEFUSEDXML)"
    done = subprocess.run([sys.executable, "-c", asked], env=told, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
