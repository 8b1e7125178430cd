"""Hostile and broken files: each is refused for one clear reason, before a parser has seen it."""

import struct
import zipfile
from datetime import date
from io import BytesIO
from types import SimpleNamespace
from zlib import compressobj, crc32

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from models.interview import wording
from workers.sheets import guard, reading
from workers.sheets.guard import Limits, Refused, inspect
from workers.sheets.package import to_bytes
from workers.sheets.reading import read

SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
REASONS = {
    *(
        "empty",
        "too_large",
        "not_a_workbook",
        "old_format",
        "password",
        "damaged",
        "too_many_parts",
        "too_compressed",
        "dtd",
        "macros",
    ),
    *("external_links", "embedded", "too_many_rows", "too_many_columns", "too_many_cells"),
}


@pytest.fixture(scope="module")
def good():
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(["姓名", "身份证号码"])
    sheet.append(["张三", "430401199001011234"])
    sheet["A1"].hyperlink = "https://example.invalid/"
    return to_bytes(workbook, date(2026, 11, 26), "题")


def parts_of(data):
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts, method=zipfile.ZIP_DEFLATED):
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return out.getvalue()


def with_part(data, name, body):
    return packed({**parts_of(data), name: body})


def with_rows(data, rows):
    return with_part(data, SHEET, f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>')


def reason(data, limits=None):
    with pytest.raises(Refused) as refused:
        inspect(data, limits)
    with pytest.raises(Refused):
        read(data, limits)
    return refused.value.reason


def test_an_honest_workbook_passes(good):
    inspect(good)
    inspect(packed(parts_of(good), zipfile.ZIP_STORED))


def test_what_another_program_packs_passes(good):
    """Sizes behind the data, as programs write that cannot seek."""

    class Pipe(BytesIO):
        def seekable(self):
            return False

        def tell(self):
            raise OSError

    out = Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts_of(good).items():
            archive.writestr(name, body)
    assert read(out.getvalue()) == read(good)


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 ...", "not_a_workbook"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "not_a_workbook"),
        ("姓名,身份证号码\n".encode("gbk"), "not_a_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"PK\3\4", "damaged"),
        (b"PK\3\4" + bytes(30), "damaged"),
    ],
)
def test_wrong_magic(data, wanted):
    assert reason(data) == wanted


def test_size(good):
    inspect(good, Limits(size=len(good)))
    assert reason(good, Limits(size=len(good) - 1)) == "too_large"


def test_truncated_anywhere(good):
    for length in range(4, len(good), 97):
        assert reason(good[:length]) == "damaged"
    assert reason(good + b"\n") == "damaged"


def claiming(data, **claims):
    """`data` with other numbers in its end record."""
    fields = list(struct.unpack("<4s4H2LH", data[-22:]))
    for place, value in claims.items():
        fields[{"here": 3, "entries": 4, "length": 5, "start": 6}[place]] = value
    return data[:-22] + struct.pack("<4s4H2LH", *fields)


def test_a_million_parts_claimed(good):
    assert reason(claiming(good, here=0xFFFF, entries=0xFFFF)) == "too_many_parts"
    assert reason(claiming(good, length=0x0FFF_FFFF)) == "too_many_parts"
    assert reason(claiming(good, entries=5)) == "damaged"
    assert reason(claiming(good, start=7)) == "damaged"


def with_zip64(data, entries, length):
    """`data` with a 64-bit end record, which has the last word in most readers."""
    start = struct.unpack("<4s4H2LH", data[-22:])[6]
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, entries, entries, length, start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(data) - 22, 1)
    return data[:-22] + record + locator + data[-22:]


def test_zip64_is_not_read_whatever_it_claims(good):
    entries, length = struct.unpack("<4s4H2LH", good[-22:])[4:6]
    assert len(zipfile.ZipFile(BytesIO(with_zip64(good, entries, length))).namelist()) == entries
    assert reason(with_zip64(good, entries, length)) == "damaged"
    assert reason(with_zip64(good, 10**6, 10**8)) == "damaged"


def test_parts_really_there(good):
    parts = parts_of(good)
    more = {f"xl/media/{n}.png": b"" for n in range(50)}
    inspect(packed({**parts, **more}), Limits(parts=len(parts) + 50))
    assert reason(packed({**parts, **more}), Limits(parts=len(parts) + 49)) == "too_many_parts"


def test_a_bomb_by_its_ratio(good):
    row = "<row><c><v>1</v></c></row>"
    assert reason(with_rows(good, row * 400_000)) == "too_compressed"


def test_unpacked_size_in_all(good):
    total = sum(map(len, parts_of(good).values()))
    inspect(good, Limits(unpacked=total))
    assert reason(good, Limits(unpacked=total - 1)) == "too_compressed"


@pytest.mark.parametrize("by", [-1, 1])
def test_a_part_that_is_longer_or_shorter_than_it_says(good, by):
    """The directory's size is what the limits are measured by."""
    size = len(parts_of(good)[SHEET])
    at = good.rindex(SHEET.encode()) - 46  # the central header
    assert struct.unpack_from("<L", good, at + 24) == (size,)
    lied = good[: at + 24] + struct.pack("<L", size + by) + good[at + 28 :]
    assert reason(lied) == "damaged"


def test_a_bomb_that_lies_about_its_size_is_unpacked_no_further_than_it_says(good, monkeypatch):
    parts = {**parts_of(good), "xl/media/a.png": bytes(40 << 20)}
    data = packed(parts)
    at = data.rindex(b"xl/media/a.png") - 46
    lied = data[: at + 24] + struct.pack("<L", 1000) + data[at + 28 :]
    unpacked = []
    pieces = guard._unpacked
    monkeypatch.setattr(guard, "_unpacked", lambda *of: (unpacked.append(len(p)) or p for p in pieces(*of)))
    assert reason(lied) == "damaged"
    assert sum(unpacked) < 3 << 20


def test_a_changed_letter(good):
    """Nothing but the checksum tells."""
    data = packed(parts_of(good), zipfile.ZIP_STORED)
    assert reason(data.replace("张三".encode(), "张四".encode(), 1)) == "damaged"


def test_flipped_bits_in_a_part(good):
    with zipfile.ZipFile(BytesIO(good)) as archive:
        start = archive.getinfo(SHEET).header_offset + 30 + len(SHEET)
    flipped = bytearray(good)
    flipped[start + 40] ^= 0x10
    assert reason(bytes(flipped)) == "damaged"


def test_a_part_within_another(good):
    """One long part that many directory entries unpack again and again."""
    inner = zipfile.ZipInfo("xl/media/b.png")
    body = b"x" * 100
    inner.CRC, inner.compress_size, inner.file_size = crc32(body), len(body), len(body)
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in parts_of(good).items():
            archive.writestr(name, part)
        archive.writestr("xl/media/a.png", inner.FileHeader() + body)
        inner.header_offset = out.getvalue().rindex(inner.FileHeader())
        archive.filelist.append(inner)
    with zipfile.ZipFile(BytesIO(out.getvalue())) as archive:
        assert archive.read(inner.filename) == body
    assert reason(out.getvalue()) == "damaged"


@pytest.mark.parametrize(("tail", "wanted"), [(b"", None), (b"junk", "damaged")])
def test_bytes_behind_the_end_of_a_part(good, tail, wanted):
    deflate = compressobj(wbits=-15)
    body = deflate.compress(b"x" * 100) + deflate.flush() + tail
    more = zipfile.ZipInfo("xl/media/a.png")
    more.compress_type, more.CRC = zipfile.ZIP_DEFLATED, crc32(b"x" * 100)
    more.compress_size, more.file_size, more.header_offset = len(body), 100, 0
    out = BytesIO(more.FileHeader() + body)
    out.seek(0, 2)
    with zipfile.ZipFile(out, "a") as archive:
        for name, part in parts_of(good).items():
            archive.writestr(name, part)
        archive.filelist.insert(0, more)
    if wanted is None:
        inspect(out.getvalue())
    else:
        assert reason(out.getvalue()) == wanted


def test_a_name_that_header_and_directory_tell_differently(good):
    first = good.index(SHEET.encode())
    assert reason(good[:first] + b"xl/worksheets/sheet9.xml" + good[first + len(SHEET) :]) == "damaged"


@pytest.mark.parametrize("name", ["../evil.xml", "/xl/evil.xml", "xl/..\\evil.xml"])
def test_names_that_lead_out_of_the_package(good, name):
    assert reason(with_part(good, name, b"<a/>")) == "damaged"


def test_two_parts_of_one_name(good):
    assert reason(with_part(good, SHEET.upper(), b"<a/>")) == "damaged"


def test_encrypted_parts(good):
    at = good.rindex(SHEET.encode()) - 46
    assert reason(good[: at + 8] + b"\1\0" + good[at + 10 :]) == "password"


def test_another_compression(good):
    assert reason(packed(parts_of(good), zipfile.ZIP_LZMA)) == "damaged"


DTD = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb">]>'


@pytest.mark.parametrize("name", [SHEET, "xl/workbook.xml", "_rels/.rels", "[Content_Types].xml", "docProps/app.xml"])
def test_a_document_type_in_any_part(good, name):
    body = parts_of(good)[name].decode()
    body = body[body.index("?>") + 2 :] if body.startswith("<?xml") else body
    assert reason(with_part(good, name, DTD + body)) == "dtd"


def test_a_document_type_between_two_pieces(good, monkeypatch):
    body = f"{DTD}<worksheet xmlns='{MAIN}'><sheetData/></worksheet>"
    for piece in (7, 22, 26, 31):
        monkeypatch.setattr(guard, "_PIECE", piece)
        assert reason(with_part(good, SHEET, body)) == "dtd"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_document_type_in_another_encoding(good, encoding):
    assert reason(with_part(good, SHEET, (DTD + "<a/>").encode(encoding))) == "damaged"


def test_an_encoding_that_hides_tags(good):
    assert reason(with_part(good, SHEET, b'<?xml version="1.0" encoding="UTF-7"?><a/>')) == "damaged"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("xl/vbaProject.bin", "macros"),
        ("xl/VBAPROJECT.BIN", "macros"),
        ("xl/macrosheets/sheet1.xml", "macros"),
        ("xl/activeX/activeX1.xml", "macros"),
        ("xl/externalLinks/externalLink1.xml", "external_links"),
        ("xl/connections.xml", "external_links"),
        ("xl/queryTables/queryTable1.xml", "external_links"),
        ("xl/embeddings/oleObject1.bin", "embedded"),
    ],
)
def test_active_parts(good, name, wanted):
    assert reason(with_part(good, name, b"<a/>")) == wanted


def test_macros_by_content_type(good):
    types = parts_of(good)["[Content_Types].xml"].replace(
        b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    )
    assert reason(with_part(good, "[Content_Types].xml", types)) == "macros"


@pytest.mark.parametrize(
    ("kind", "mode", "wanted"),
    [
        ("image", "External", "external_links"),
        ("attachedTemplate", "External", "external_links"),
        ("oleObject", "External", "external_links"),
        ("hyperlink", "External", None),
        ("image", "Internal", None),
    ],
)
def test_relationships_to_elsewhere(good, kind, mode, wanted):
    link = f'<Relationship Id="x" Type="{RELATIONS}/{kind}" Target="http://example.invalid/a" TargetMode="{mode}"/>'
    body = f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{link}</Relationships>'
    data = with_part(good, "xl/worksheets/_rels/sheet1.xml.rels", body)
    if wanted is None:
        inspect(data)
    else:
        assert reason(data) == wanted


@pytest.mark.parametrize(("kind", "target"), [("worksheet", "media/a.png"), ("sharedStrings", "strings.xml")])
def test_a_sheet_under_the_name_of_something_else(good, kind, target):
    body = f'<Relationships><Relationship Id="x" Type="{RELATIONS}/{kind}" Target="{target}"/></Relationships>'
    assert reason(with_part(good, "xl/_rels/workbook.xml.rels", body)) == "damaged"


@pytest.mark.parametrize("lost", ["[Content_Types].xml", SHEET, "xl/workbook.xml"])
def test_a_package_without_a_part_that_it_needs(good, lost):
    data = packed({name: body for name, body in parts_of(good).items() if name != lost})
    with pytest.raises(Refused) as refused:
        read(data)
    assert refused.value.reason in ("not_a_workbook", "damaged")


def test_a_document_of_another_program(good):
    types = parts_of(good)["[Content_Types].xml"].replace(
        b"spreadsheetml.sheet.main", b"wordprocessingml.document.main"
    )
    assert reason(with_part(good, "[Content_Types].xml", types)) == "not_a_workbook"


def test_rows_columns_and_cells_from_both_sides(good):
    rows = '<row r="7"><c r="C7"><v>1</v></c></row>'
    data = with_rows(good, rows)
    inspect(data, Limits(rows=7, columns=3, cells=21))
    assert reason(data, Limits(rows=6)) == "too_many_rows"
    assert reason(data, Limits(columns=2)) == "too_many_columns"
    assert reason(data, Limits(cells=20)) == "too_many_cells"


def test_the_last_corner_of_a_sheet(good):
    data = with_rows(
        good, '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )
    assert reason(data) == "too_many_rows"


def test_cells_without_references_are_counted_too(good):
    data = with_rows(good, "<row><c><v>1</v></c><c t='inlineStr'><is><t>a</t></is></c></row>" * 3)
    inspect(data, Limits(rows=3, columns=2, cells=6))
    assert reason(data, Limits(rows=2)) == "too_many_rows"
    assert reason(data, Limits(columns=1)) == "too_many_columns"
    assert reason(data, Limits(cells=5)) == "too_many_cells"


def test_styled_cells_without_a_value_reach_nowhere(good):
    inspect(with_rows(good, '<row r="1048576"><c r="XFD1048576" s="1"/></row>'))


@pytest.mark.parametrize("reference", ["A", "1", "AAAA1", "A0", "a1", "A12345678", "$A$1"])
def test_references_that_are_none(good, reference):
    assert reason(with_rows(good, f'<row><c r="{reference}"><v>1</v></c></row>')) == "damaged"


@pytest.mark.parametrize("number", ["-1", "x", "99999999"])
def test_row_numbers_that_are_none(good, number):
    assert reason(with_rows(good, f'<row r="{number}"/>')) == "damaged"


def test_one_long_string_shown_by_many_cells(good):
    strings = f'<sst xmlns="{MAIN}"><si><t>{"长" * 10_000}</t></si></sst>'
    data = with_part(with_rows(good, "<row><c t='s'><v>0</v></c></row>" * 10), "xl/sharedStrings.xml", strings)
    inspect(data, Limits(text=115_000))
    assert reason(data, Limits(text=110_000)) == "too_many_cells"


def test_no_xml(good):
    assert reason(with_part(good, SHEET, b"<worksheet><sheetData>")) == "damaged"
    assert reason(with_part(good, "_rels/.rels", b"<Relationships>")) == "damaged"


def test_every_reason_says_what_to_do_in_both_languages():
    for each in REASONS:
        error = Refused(each)
        assert wording.error(error, "zh") != wording.error(error, "en")
    catalogue = {key.rpartition(".")[2] for key in wording.catalogue() if key.startswith("workbook.refused.")}
    assert catalogue == REASONS


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_is_refused_or_harmless(good, data):
    """Whatever bytes are changed, nothing but Refused comes out."""
    broken = bytearray(good)
    for at in data.draw(st.lists(st.integers(0, len(good) - 1), min_size=1, max_size=4)):
        broken[at] = data.draw(st.integers(0, 255))
    try:
        sheets = read(bytes(broken))
    except Refused as error:
        assert error.reason in REASONS
    else:
        assert sheets[0].rows is not None


def test_a_panic_of_the_reader_is_a_damaged_file(good, monkeypatch):
    class PanicException(BaseException):
        pass

    def panic(_):
        raise PanicException

    monkeypatch.setattr(reading, "CalamineWorkbook", SimpleNamespace(from_filelike=panic))
    with pytest.raises(Refused, match="damaged"):
        read(good)


def test_other_interruptions_go_through(good, monkeypatch):
    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(reading, "CalamineWorkbook", SimpleNamespace(from_filelike=interrupt))
    with pytest.raises(KeyboardInterrupt):
        read(good)
