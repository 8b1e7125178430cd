"""A pack in an archive is the pack in the folder, and stays it whatever becomes of the folder."""

import shutil
from pathlib import Path

import pytest

from models.programme import archive, loader

GUILD = Path(__file__).parent / "packs" / "guild"


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(GUILD, tmp_path / "guild"))


def pack_up(folder):
    return archive.pack_up(folder, loader.load_folder(folder))


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize("slug", loader.pack_slugs())
def test_every_pack_comes_out_as_it_went_in(slug):
    packed = pack_up(loader.PACKS / slug)
    assert loader.load_archive(packed) == loader.load_pack(slug)
    assert pack_up(loader.PACKS / slug) == packed


def test_a_pack_in_an_archive_needs_neither_its_folder_nor_the_shared_lists(folder, tmp_path, monkeypatch):
    shared = tmp_path / "packs" / "_shared" / "codes"
    shared.mkdir(parents=True)
    (folder / "codes" / "titles.csv").rename(shared / "titles.csv")
    shutil.copy(shared / "titles.csv", shared / "unused.csv")
    monkeypatch.setattr(loader, "PACKS", tmp_path / "packs")
    pack = loader.load_folder(folder)
    assert set(pack.codes) == {"titles"}  # a shared list that the pack does not name is no part of it
    packed = pack_up(folder)
    assert "_shared/codes/titles.csv" in archive.contents(packed)
    assert "_shared/codes/unused.csv" not in archive.contents(packed)
    shutil.rmtree(shared)
    shutil.rmtree(folder)
    assert loader.load_archive(packed) == pack


def test_a_list_of_the_folder_itself_is_kept_though_nothing_names_it(folder):
    shutil.copy(folder / "codes" / "titles.csv", folder / "codes" / "spare.csv")
    assert set(loader.load_archive(pack_up(folder)).codes) == {"titles", "spare"}


def test_comments_layout_and_line_ends_are_no_content(folder):
    before = archive.contents(pack_up(folder))
    change(folder / "programme.toml", "version =", "# a remark\nversion   =")
    for name in ("form.toml", "codes/titles.csv"):
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data.replace(b"\n", b"\r\n"))
    (folder / ".form.toml.swp").write_bytes(b"what an editor leaves")
    (folder / "form.toml~").write_bytes(b"what an editor leaves")
    after = archive.contents(pack_up(folder))
    assert archive.differing(before, after) == ()
    assert archive.digest(before) == archive.digest(after)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("programme.toml", "closes = 2020-03-31", "closes = 2020-04-01"),
        ("eligibility.toml", "value = 10", "value = 11"),
        ("codes/titles.csv", "master,大师,Master", "master,大师,Maestro"),
    ],
)
def test_a_changed_file_is_named(folder, file, old, new):
    before = archive.contents(pack_up(folder))
    change(folder / file, old, new)
    after = archive.contents(pack_up(folder))
    assert archive.differing(before, after) == (file,)
    assert archive.digest(before) != archive.digest(after)


def test_a_file_more_or_less_is_named(folder):
    before = archive.contents(pack_up(folder))
    (folder / "messages.toml").unlink()
    (folder / "summary.xlsx").write_bytes(b"an official template")
    after = archive.contents(pack_up(folder))
    assert archive.differing(before, after) == ("messages.toml", "summary.xlsx")


def test_a_date_is_not_the_text_that_looks_like_it(folder):
    before = archive.contents(pack_up(folder))
    change(folder / "programme.toml", "document_number = ", "issued_as = ")
    changed = (folder / "programme.toml").read_text("utf-8")
    (folder / "programme.toml").write_text(changed.replace("issued_as = ", "document_number = "), "utf-8")
    assert archive.contents(pack_up(folder)) == before
    said = [archive._said("x.toml", text) for text in (b"on = 2020-01-01", b'on = "2020-01-01"')]
    assert said[0] != said[1]
