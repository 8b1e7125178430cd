import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.sheets import zipping
from workers.sheets.zipping import ZipStream


class Pipe(io.BytesIO):
    def seekable(self):
        return False

    def seek(self, *_):
        raise io.UnsupportedOperation

    tell = seek


def zipped(entries, target):
    archive = ZipStream(target)
    for name, pieces in entries:
        archive.add(name, pieces)
    archive.finish()
    return target.getvalue()


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0/\\"), min_size=1, max_size=20)


@pytest.mark.parametrize("kind", [io.BytesIO, Pipe])
@given(entries=st.lists(st.tuples(NAMES, st.lists(st.binary(max_size=3000), max_size=4)), unique_by=lambda e: e[0]))
def test_another_reader_finds_every_byte(kind, entries):
    data = zipped(entries, kind())
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [name for name, _ in entries]
        assert [archive.read(name) for name, _ in entries] == [b"".join(pieces) for _, pieces in entries]
        assert {info.date_time for info in archive.infolist()} <= {(1980, 1, 1, 0, 0, 0)}
    assert zipped(entries, kind()) == data


def test_it_goes_on_where_the_target_stands():
    target = io.BytesIO(b"before")
    target.seek(6)
    data = zipped([("a", [b"x" * 100])], target)
    assert data.startswith(b"before")
    assert zipfile.ZipFile(io.BytesIO(data[6:])).read("a") == b"x" * 100


@pytest.mark.parametrize(("size", "fits"), [(1000, True), (1001, False)])
def test_an_entry_beyond_what_the_format_counts_is_refused(monkeypatch, size, fits):
    monkeypatch.setattr(zipping, "_LIMIT", 1000)
    if fits:
        zipped([("a", [b"x" * size])], io.BytesIO())
        return
    with pytest.raises(ValueError, match="larger"):
        zipped([("a", [b"x" * size])], io.BytesIO())
