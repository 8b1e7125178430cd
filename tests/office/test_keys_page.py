"""The keys as an administrator sees them, and sealing again in pieces: interrupted anywhere, done twice, on both
databases; never a key on the page."""

import base64

import pytest
from decrypting import opened, with_key
from everything import fill
from sqlalchemy import select

from models import crypto, resealing, resealing_pieces, storage
from models.application.tables import DocumentPage, Outbox
from models.errors import Conflict, NotFound, StorageAway
from models.extensions import db
from models.keys import ring_file
from models.office import housekeeping, key_keeping
from models.office.tables import Audit, UnitEntry
from models.resealing_pieces import COUNT, DONE, JOB, SEAL, STALE
from models.storage import Storage
from workers import resealing as work
from workers import scheduler


def put_in_front(app, key_id="k2"):
    """A new key in front, as after a rotation and a restart; the old ring."""
    old = crypto.ring()
    new = with_key(old, key_id)
    install(app, new)
    return old


def install(app, ring):
    found = app.extensions["bole"]
    found.ring = ring
    found.storage = Storage(found.storage.files, ring)
    path = ring_file(app.config["BOLE"])
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(",".join(f"{key_id}:{base64.b64encode(key).decode()}" for key_id, key in ring.keys), "utf-8")


def begin(world, app, kind=SEAL, who="admin"):
    key_keeping.begin(world.staff(who), app.config["BOLE"], kind)


def jobs():
    found = list(db.session.scalars(select(Outbox.id).where(Outbox.job == JOB, Outbox.state == "pending")))
    db.session.rollback()
    return found


def all_pieces(most=200):
    """Run what is promised, each job twice; how many there were."""
    done = 0
    while found := jobs():
        for job in found:
            work.seal_again(job)
            work.seal_again(job)
        done += 1
        assert done < most
    return done


def everything(keys):
    with db.engine.connect() as connection:
        return opened(connection, Storage(storage.current().files, keys))


def counted():
    with db.engine.connect() as connection:
        return resealing.counts(connection, storage.current())


def test_sealed_again_in_many_pieces_and_counted(persistent_world, persistent_app, clock, monkeypatch):
    fill(persistent_world, clock)
    monkeypatch.setattr(resealing, "BATCH", 2)
    monkeypatch.setattr(resealing_pieces, "BATCH", 2)
    monkeypatch.setattr(work, "SECONDS", 0.0)  # a piece ends at its first look at the time
    old = put_in_front(persistent_app)
    before = everything(crypto.ring())
    begin(persistent_world, persistent_app)
    assert all_pieces() > 10
    progress = resealing_pieces.latest()
    assert (progress.stage, progress.trouble, progress.overtaken) == (DONE, 0, 0)
    assert progress.sealed_records > 10 and progress.sealed_files > 5
    found = counted()
    assert found.opens(old.ids[0]) == 0
    assert progress.files == {"k2": found.files["k2"]} and progress.records["k2"] == found.records["k2"]
    state = [name for name in before if name.startswith("channel_state")]
    after = everything(crypto.KeyRing(crypto.ring().keys[:1]))
    assert {k: v for k, v in after.items() if k in before and k not in state} == {
        k: v for k, v in before.items() if k not in state
    }


def test_a_piece_that_fails_is_done_again_and_the_rest_goes_on(world, app, clock, monkeypatch):
    fill(world, clock)
    put_in_front(app)
    begin(world, app)
    real, left = Storage.reseal, [3]

    def away(self, *args):
        left[0] -= 1
        if left[0] == 0:
            raise StorageAway("error.storage")
        return real(self, *args)

    monkeypatch.setattr(Storage, "reseal", away)
    (job,) = jobs()
    work.seal_again(job)
    assert resealing_pieces.latest().pieces == 0, "nothing of the piece is written down"
    clock.advance(minutes=10)
    all_pieces()
    assert resealing_pieces.latest().stage == DONE and set(counted().files) == {"k2"}


def test_a_worker_that_does_not_know_the_key_stops(world, app, clock):
    fill(world, clock)
    old = put_in_front(app)
    begin(world, app)
    app.extensions["bole"].ring = crypto.KeyRing((*old.keys, *storage.current().keys.keys[:1]))  # opens by it only
    all_pieces()
    assert resealing_pieces.latest().stage == STALE and not jobs()


def test_what_does_not_open_is_counted_and_left(world, app, clock):
    fill(world, clock)
    with db.engine.begin() as connection:
        connection.execute(UnitEntry.__table__.update().values(sealed=b"\x01\x04gonegarbage"))
    put_in_front(app)
    begin(world, app)
    all_pieces()
    progress = resealing_pieces.latest()
    assert progress.stage == DONE and progress.trouble == 1
    assert key_keeping.standing(app.config["BOLE"]).strange == 1


def test_a_file_that_is_gone_is_trouble_only_while_it_is_named(world, app, clock, monkeypatch):
    fill(world, clock)
    crops = select(DocumentPage).where(DocumentPage.crop_key.is_not(None))
    crop = db.session.scalars(crops).one().crop_key
    db.session.rollback()
    put_in_front(app)
    storage.delete(crop)
    begin(world, app)
    all_pieces()
    progress = resealing_pieces.latest()
    assert (progress.trouble, progress.missing) == (1, 1)
    real = Storage.sealed_by

    def taken_away(self, key):
        if key == crop:
            with db.engine.begin() as connection:
                connection.execute(DocumentPage.__table__.update().values(crop_key=None))
        return real(self, key)

    monkeypatch.setattr(Storage, "sealed_by", taken_away)
    begin(world, app)
    all_pieces()
    progress = resealing_pieces.latest()
    assert (progress.trouble, progress.missing) == (0, 0)


def test_a_key_that_was_lost_stops_no_clockwork(world, app, clock):
    """What is only told is begun anew where nothing opens it."""
    key_keeping.note_seen()
    housekeeping.note(housekeeping.PURGE, 3)
    begin(world, app, COUNT)
    install(app, crypto.KeyRing.from_text(crypto.KeyRing.generate("k9")))
    assert key_keeping.standing(app.config["BOLE"]).progress is None
    scheduler.purge()
    key_keeping.note_seen()
    assert housekeeping.latest(housekeeping.PURGE).did is None
    assert [key.id for key in key_keeping.standing(app.config["BOLE"]).keys if key.seen] == ["k9"]


def test_who_may_and_when(world, app, clock):
    for who in ("office", "east", "answerer"):
        with pytest.raises(NotFound):
            begin(world, app, who=who)
    with pytest.raises(NotFound):
        begin(world, app, "else")
    begin(world, app, COUNT)
    with pytest.raises(Conflict, match=r"keys\.running"):
        begin(world, app, COUNT)
    clock.advance(seconds=key_keeping.GONE.total_seconds())
    begin(world, app, COUNT)
    assert len(jobs()) == 2
    all_pieces()
    assert resealing_pieces.latest().stage == DONE, "the run that was given up does nothing"
    assert list(db.session.scalars(select(Audit.action).where(Audit.action == "count_seals"))) == ["count_seals"] * 2


def test_the_page(world, app, clock, sign_in):
    fill(world, clock)
    old = put_in_front(app)
    db.session.rollback()
    key_keeping.note_seen()
    clock.advance(days=40)
    key_keeping.note_seen()
    admin = sign_in("admin")

    def shown():
        return admin.get("/office/keys").get_data(as_text=True)

    page = shown()
    secrets = [base64.b64encode(key).decode() for _id, key in crypto.ring().keys]
    assert not [secret for secret in secrets if secret in page]
    assert "<code>k2</code>" in page and f"<code>{old.ids[0]}</code>" in page and "40 天" in page
    assert "没有清点" in page and "清点后才知道有多少" in page
    assert admin.post("/office/keys", data={"work": "count"}).status_code == 302
    page = shown()
    assert "正在清点" in page and "hx-select" in page
    assert admin.post("/office/keys", data={"work": "seal"}).status_code == 409
    all_pieces()
    page = shown()
    assert "不能拿掉" in page and "没有清点" not in page and "hx-select" not in page
    assert admin.post("/office/keys", data={"work": "seal"}).status_code == 302
    assert "正在重新加密" in shown()
    all_pieces()
    page = shown()
    assert "上次重新加密了记录" in page and "请一直留在最后一位" in page
    assert "Keys" in admin.get("/office/keys?lang=en").get_data(as_text=True)
    assert "全部重新加密" in admin.get("/office/audit?lang=zh").get_data(as_text=True)
    assert sign_in("office").get("/office/keys").status_code == 403
