"""A new key in front, and everything sealed again under it: all of it opens before, in the middle and after, on both
databases; killed and begun again; while somebody else writes."""

import base64
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from decrypting import opened, with_key
from everything import fill
from sqlalchemy import select
from warm_process import run_script

from models import crypto, resealing, sealed, storage
from models.application.tables import Answer, DocumentPage
from models.crypto import KeyRing
from models.extensions import db
from models.keys import generate_all
from models.office.tables import UnitEntry
from models.storage import Storage
from webforms import cli_keys

ROOT = Path(__file__).parents[2]


def everything(keys):
    with db.engine.connect() as connection:
        return opened(connection, Storage(storage.current().files, keys))


def heads(keys):
    """Ids of the keys that anything named is sealed by now."""
    with db.engine.connect() as connection:
        found = resealing.counts(connection, Storage(storage.current().files, keys))
    return {key_id for key_id in (*keys.ids, "other") if found.opens(key_id)}


def again(keys, engine=None):
    return resealing.reseal(engine or db.engine, Storage(storage.current().files, keys), lambda _line: None)


def test_all_of_it_opens_before_and_after_and_the_old_key_is_needed_for_nothing(persistent_world, clock):
    fill(persistent_world, clock)
    old = crypto.ring()
    before = everything(old)
    kinds = {name.split()[0] for name in before} | {name.split()[1] for name in before if name.startswith("file ")}
    assert kinds - {"file"} == {place.name for place in (*sealed.COLUMNS, *sealed.TEXTS, *sealed.FILES, sealed.PARTS)}
    new = with_key(old, "k2")
    assert everything(new) == before  # a new key in front changes nothing that is stored
    outcome = again(new)
    assert outcome.trouble == [] and outcome.overtaken == 0
    assert outcome.records + outcome.files == len(before) - 2  # two pages have one file for picture and small picture
    assert everything(new) == before
    assert everything(KeyRing(new.keys[:1])) == before
    assert heads(new) == {"k2"}
    assert again(new) == resealing.Outcome()  # nothing is done twice


def test_broken_off_anywhere_it_goes_on(persistent_world, clock, monkeypatch):
    monkeypatch.setattr(resealing, "BATCH", 2)
    for number in range(3):
        fill_another(persistent_world, clock, number)
    new = with_key(crypto.ring(), "k2")
    before, real, rounds = everything(new), KeyRing.seal, 0

    class Broken(Exception):
        pass

    class Failing(KeyRing):
        def seal(self, data, bound_to):
            if self.__dict__.setdefault("left", 4) == 0:
                raise Broken
            self.__dict__["left"] -= 1
            return real(self, data, bound_to)

    for _ in range(len(before)):
        rounds += 1
        try:
            again(Failing(new.keys))
            break
        except Broken:
            assert everything(new) == before
    assert rounds > 3
    assert heads(new) == {"k2"}
    assert everything(KeyRing(new.keys[:1])) == before


def fill_another(world, clock, number):
    if number == 0:
        fill(world, clock)
    else:
        world.applied(name=f"测试{number}")


def test_what_somebody_else_writes_meanwhile_stays(persistent_world, clock, monkeypatch):
    app_id = fill(persistent_world, clock)
    old = crypto.ring()
    new = with_key(old, "k2")
    query = select(Answer).where(Answer.application_id == app_id, Answer.sealed.is_not(None))
    page = db.session.scalars(select(DocumentPage).where(DocumentPage.crop_key.is_not(None))).one()
    crop, page_id, key = page.crop_key, page.id, db.session.scalars(query).first().key
    db.session.rollback()
    place, real = f"answer:{app_id}:{key}", KeyRing.seal
    done = []

    def seal(self, data, bound_to):
        if self.ids[0] == "k2" and bound_to == place and not done:  # the row has been read, and not yet written
            done.append(bound_to)
            with db.engine.begin() as connection:
                written = real(old, b'"written meanwhile"', place)
                table = Answer.__table__
                same = (table.c.application_id == app_id, table.c.key == key)
                connection.execute(table.update().where(*same).values(sealed=written))
        if self.ids[0] == "k2" and bound_to == f"file:{crop}:page:{page_id}" and len(done) == 1:
            done.append(bound_to)
            storage.put(b"cut anew", f"page:{page_id}", crop)
        return real(self, data, bound_to)

    monkeypatch.setattr(KeyRing, "seal", seal)
    assert again(new).overtaken == 2
    monkeypatch.undo()
    found = everything(new)
    assert found[f"answer.sealed {[app_id, key]}"] == b'"written meanwhile"'
    assert storage.get(crop, f"page:{page_id}") == b"cut anew"
    assert heads(new) == {"k2", old.ids[0]}
    assert again(new).overtaken == 0
    assert heads(new) == {"k2"}


def test_a_file_that_is_removed_meanwhile_does_not_come_back(world, clock, monkeypatch):
    fill(world, clock)
    new = with_key(crypto.ring(), "k2")
    page = db.session.scalars(select(DocumentPage).where(DocumentPage.crop_key.is_not(None))).one()
    crop, real = page.crop_key, KeyRing.seal
    place = f"file:{crop}:page:{page.id}"
    db.session.rollback()

    def seal(self, data, bound_to):
        if bound_to == place:
            storage.delete(crop)
        return real(self, data, bound_to)

    monkeypatch.setattr(KeyRing, "seal", seal)
    again(new)
    with pytest.raises(FileNotFoundError):
        storage.current().files.read(crop)


def test_what_does_not_open_is_named_and_left(persistent_world, clock):
    app_id = fill(persistent_world, clock)
    with db.engine.begin() as connection:
        table = UnitEntry.__table__
        connection.execute(table.update().values(sealed=b"\x01\x04testgarbage"))
    page = db.session.scalars(select(DocumentPage).where(DocumentPage.crop_key.is_not(None))).one()
    page_id = page.id
    storage.delete(page.crop_key)
    db.session.rollback()
    outcome = again(with_key(crypto.ring(), "k2"))
    assert outcome.trouble == [
        f"unit_entry.sealed {app_id}/rating: does not open",
        f"document_page.crop_key {page_id}: the file is missing",
    ]


KILLED = """
import os, signal
from models.crypto import KeyRing
real, left = KeyRing.seal, [5]
def seal(self, data, bound_to):
    left[0] -= 1
    if left[0] < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(self, data, bound_to)
KeyRing.seal = seal
from models import resealing
resealing.BATCH = 2
from webforms.cli import main
main(["keys", "reseal"])
"""


def test_killed_for_real_and_run_again_on_the_console(persistent_world, clock, persistent_settings):
    fill(persistent_world, clock)
    new = with_key(crypto.ring(), "k2")
    before = everything(new)
    text = ",".join(f"{key_id}:{base64.b64encode(key).decode()}" for key_id, key in new.keys)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "BOLE_DATA": str(persistent_settings.data),
        "DATABASE_URL": persistent_settings.database_url,
        "BOLE_SECRET_KEY": persistent_settings.secret_key,
        "BOLE_KEY_RING": text,
    }

    def run(*command):
        db.session.rollback()
        return subprocess.run([sys.executable, *command], env=environment, capture_output=True, text=True, cwd=ROOT)

    db.session.rollback()
    assert run_script(KILLED, env=environment).returncode == -signal.SIGKILL
    assert everything(new) == before
    assert heads(new) == {"k2", crypto.ring().ids[0]}
    done = run("-m", "webforms.cli", "keys", "reseal")
    assert done.returncode == 0, done.stderr
    assert "test opens nothing any more; it stays last in the ring: it keys the blind indexes" in done.stdout
    assert everything(new) == before
    assert heads(new) == {"k2"}


def test_a_running_process_opens_what_a_newer_key_has_sealed(make_app, settings, tmp_path):
    """The key was put in front while it ran; it does not have to be restarted to read."""
    kept = settings.model_copy(update={"key_ring": "", "data": tmp_path / "kept"})
    generate_all(kept)
    running = make_app(kept)
    said_lines = []
    cli_keys.put_in_front(kept, said_lines.append)
    assert "k2 is in front now" in said_lines[0]
    restarted = make_app(kept)
    with restarted.app_context():
        sealed_anew, index = crypto.ring().seal(b"new", "here"), crypto.ring().blind_index("x", "person")
    with running.app_context():
        assert crypto.ring().open(sealed_anew, "here") == b"new"
        assert crypto.ring().blind_index("x", "person") == index
        with pytest.raises(crypto.Damaged):
            crypto.ring().open(with_key(crypto.ring(), "k9").seal(b"", ""), "")
