"""Both workbooks keep the rules by which Excel and WPS open a file without offering to repair it."""

from dataclasses import replace
from datetime import date
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from xlsx_rules import problems

from models.office.workbook_data import Exclusion
from workers.sheets.books import build
from workers.sheets.portrait import shrink

ON = date(2026, 11, 21)
NASTY = [
    "=1+1",
    "'引号'",
    "[x]:*?/\\",
    "\x00\x0b\ud800\ufffe",
    "长" * 40_000,
    "_x0041_",
    "History",
    "<b>&",
    "名字" * 20,
]


@pytest.fixture(scope="module")
def unit(make_unit, make_record):
    people = [make_record(n, name=text, note=text, phone=text[:200]) for n, text in enumerate(NASTY, start=1)]
    people.append(replace(people[0], opinion="同意。\n" * 60))
    left_out = tuple(Exclusion(f"BL-{n:04d}-OUT1", "returned") for n in range(30))
    return make_unit(records=tuple(people), exclusions=left_out, unit_name="某某" * 60 + "&L'[单位]")


@pytest.fixture(scope="module")
def built(pack, unit, photo):
    small = shrink(photo)
    return {kind: build(pack, unit, kind, ON, lambda _: small) for kind in ("summary", "forms")}


@pytest.mark.parametrize("kind", ["summary", "forms"])
def test_nothing_to_repair(built, kind):
    assert problems(built[kind]) == []


def test_nothing_to_repair_in_an_empty_one(pack, make_unit):
    empty = make_unit(records=())
    assert problems(build(pack, empty, "summary", ON, lambda _: None)) == []
    assert problems(build(pack, empty, "forms", ON, lambda _: None)) == []


def changed(data, part, old, new):
    out = BytesIO()
    with ZipFile(BytesIO(data)) as source, ZipFile(out, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            body = source.read(name)
            if name == part:
                assert old in body
                body = body.replace(old, new, 1)
            target.writestr(name, body)
    return out.getvalue()


@pytest.mark.parametrize(
    ("part", "old", "new", "said"),
    [
        ("xl/workbook.xml", b'name="\xe8\xaf\xb4\xe6\x98\x8e"', b'name="a/b"', "sheet name 'a/b'"),
        ("xl/workbook.xml", b"_xlnm.Print_Titles", b"_xlnm.Print_Area", "defined name twice"),
        ("xl/worksheets/sheet1.xml", b'<row r="5"', b'<row r="2"', "row 2 after 4"),
        ("xl/worksheets/sheet1.xml", b'count="5"', b'count="6"', "dataValidations counts wrongly"),
        ("xl/worksheets/sheet1.xml", b"<v>1</v>", b"<f>1+1</f>", "is a formula"),
        ("xl/_rels/workbook.xml.rels", b"sheet2.xml", b"sheet9.xml", "which is not there"),
        ("[Content_Types].xml", b"/xl/worksheets/sheet2.xml", b"/xl/worksheets/sheet8.xml", "which is not there"),
    ],
)
def test_a_broken_one_is_noticed(pack, make_unit, part, old, new, said):
    try:
        found = problems(changed(build(pack, make_unit(2), "summary", ON, lambda _: None), part, old, new))
    except KeyError as error:  # the part that a sheet's relationship names
        found = [f"{error} which is not there"]
    assert any(said in problem for problem in found), found
