"""A record whose file is gone: found, shown to those who keep the programme, mended only by people."""

import pytest
from everything import fill
from sqlalchemy import select

from models import faults, sealed, storage
from models.application.tables import DocumentPage, Notice
from models.errors import StorageAway
from models.extensions import db
from models.interview.wording import say
from models.office.tables import Audit, FileFault
from models.storage_local import LocalFiles
from webforms import cli_files
from workers import scheduler


def look(deep=False):
    db.session.rollback()
    found = faults.look(storage.current(), deep)
    faults.refresh(db.session(), found, deep)
    return sorted((fault.file.named_by, fault.kind) for fault in found)


def known():
    db.session.rollback()
    return sorted((row.named_by, row.kind) for row in db.session.scalars(select(FileFault)))


def test_whatever_record_names_it_a_missing_file_is_found_with_its_programme(persistent_world, clock):
    fill(persistent_world, clock)
    assert look() == look(deep=True) == []
    with db.engine.connect() as connection:
        named = list(sealed.files(connection))
    for file in named:
        storage.delete(file.key)
    expected = sorted((file.named_by, "missing") for file in named)
    assert look() == known() == expected
    assert {row.programme for row in db.session.scalars(select(FileFault))} == {"tiny"}
    assert look() == known() == expected  # once each


def test_a_damaged_file_is_found_when_it_is_opened_and_forgotten_when_it_is_mended(persistent_world, clock):
    fill(persistent_world, clock)
    page = db.session.scalars(select(DocumentPage).where(DocumentPage.crop_key.is_not(None))).one()
    key, page_id = page.crop_key, page.id
    storage.current().files.write(key, b"damaged")
    assert look() == []
    assert look(deep=True) == known() == [("document_page.crop_key", "damaged")]
    look()
    assert known() == [("document_page.crop_key", "damaged")]  # not opened is not mended
    storage.put(b"from the backup", f"page:{page_id}", key)
    look(deep=True)
    assert known() == []


def test_what_is_removed_while_one_looks_is_not_missing(world, clock, monkeypatch):
    fill(world, clock)
    page = db.session.scalars(select(DocumentPage).where(DocumentPage.crop_key.is_not(None))).one()
    page_id, key = page.id, page.crop_key
    db.session.rollback()
    real = LocalFiles.keys_before

    def listed(self, moment):
        found = list(real(self, moment))
        yield from (name for name in found if name != key)
        with db.engine.begin() as connection:
            table = DocumentPage.__table__
            connection.execute(table.update().where(table.c.id == page_id).values(crop_key=None))
        self.remove(key)

    monkeypatch.setattr(LocalFiles, "keys_before", listed)
    assert look() == []


def test_a_store_that_is_away_says_nothing_about_what_is_missing(world, clock, settings):
    fill(world, clock)
    (settings.data / "files").rename(settings.data / "elsewhere")
    with pytest.raises(StorageAway):
        look()
    assert known() == []


def test_the_clockwork_looks_and_administrators_see_it(world, clock, app, sign_in):
    app_id = world.applied()
    page = world.pages(app_id)[0]
    page_id, receipt = page.id, world.application(app_id).receipt
    storage.delete(page.image_key)
    db.session.commit()
    assert "缺失的文件" not in sign_in("admin").get("/office/staff").get_data(as_text=True)
    scheduler._tick_logged(app, house=False, files=True)
    for who in ("admin", "office"):
        shown = sign_in(who).get("/office/files").get_data(as_text=True)
        assert "照片的缩略图" in shown and "不见了" in shown and receipt in shown
    assert "缺失的文件" in sign_in("admin").get("/office/staff").get_data(as_text=True)
    assert sign_in("east").get("/office/files").status_code == 403
    assert sign_in("other-admin").get("/office/files").get_data(as_text=True).count(receipt) == 0
    db.session.rollback()
    page = db.session.get_one(DocumentPage, page_id, populate_existing=True)
    assert page.state == "ok"  # nobody has been asked for anything
    assert not list(db.session.scalars(select(Notice).where(Notice.effect == f"lost:{page_id}")))


def test_people_may_ask_for_a_lost_photo_again(world, clock, sign_in):
    app_id = world.applied()
    page = world.pages(app_id)[0]
    page_id = page.id
    storage.delete(page.image_key)
    db.session.commit()
    look()
    rows = {row.named_by: row.id for row in db.session.scalars(select(FileFault))}
    client = sign_in("office")
    for _ in range(2):  # pressed twice
        client.post(f"/office/files/{rows['document_page.image_key']}/ask")
    db.session.rollback()
    page = db.session.get_one(DocumentPage, page_id, populate_existing=True)
    assert (page.state, page.reason, page.image_key, page.thumb_key) == ("retake", "photo.lost", None, None)
    (told,) = db.session.scalars(select(Notice).where(Notice.effect == f"lost:{page_id}"))
    sentence = say(told.code, "zh", **told.params)
    assert "在我们这里丢失了，不是您的问题" in sentence and "申报不用重新提交" in sentence
    (line,) = db.session.scalars(select(Audit).where(Audit.action == "ask_photo_again"))
    assert line.subject == f"page:{page_id}"
    look()
    assert known() == []


def test_on_the_console(world, clock):
    fill(world, clock)
    said = []
    assert cli_files.check(said.append) == 0
    assert said == ["16 files named, 0 missing or damaged"]
    page = db.session.scalars(select(DocumentPage).where(DocumentPage.crop_key.is_not(None))).one()
    storage.delete(page.crop_key)
    named = f"BAD document_page.crop_key {page.id}: missing (files/{page.crop_key})"
    db.session.rollback()
    said.clear()
    assert cli_files.check(said.append) == 1
    assert named in said
    assert known() == [("document_page.crop_key", "missing")]
