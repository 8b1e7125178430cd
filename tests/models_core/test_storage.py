import os
import stat
from datetime import timedelta

import obstore
import pytest
from decrypting import with_key

from models.clock import SystemClock
from models.crypto import Damaged, KeyRing
from models.errors import NotFound, StorageAway
from models.settings import Settings
from models.storage import Storage, open_storage
from models.storage_local import LocalFiles
from models.storage_objects import ObjectFiles, s3_config

RING = KeyRing.from_text(KeyRing.generate())


@pytest.fixture
def storage(stored_settings):
    """In a folder, and on a real S3 server."""
    return open_storage(stored_settings, RING)


def test_kept_and_given_back_for_the_same_use_only(storage):
    key = storage.put(b"photo", "page:1")
    assert storage.get(key, "page:1") == b"photo"
    with pytest.raises(Damaged):
        storage.get(key, "page:2")


def test_deleted_is_gone_and_deleting_again_is_no_error(storage):
    key = storage.put(b"photo", "page:1")
    storage.delete(key)
    storage.delete(key)
    with pytest.raises(NotFound):
        storage.get(key, "page:1")


def test_the_sweep_takes_only_what_is_old_and_named_by_nothing(storage):
    now = SystemClock().now()
    kept, orphan = storage.put(b"kept", "page:1"), storage.put(b"orphan", "page:2")
    assert storage.sweep(now - timedelta(hours=1), lambda: []) == 0  # both are young
    assert storage.sweep(now + timedelta(hours=1), lambda: [kept, None]) == 1
    assert storage.get(kept, "page:1") == b"kept"
    with pytest.raises(NotFound):
        storage.get(orphan, "page:2")


def test_what_is_written_again_under_its_key_is_replaced(storage):
    key = storage.put(b"first try", "page:1")
    assert storage.put(b"second try", "page:1", key) == key
    assert storage.get(key, "page:1") == b"second try"


def test_a_file_is_sealed_again_and_opens_all_the_while(storage):
    key = storage.put(b"photo" * 100, "page:1")
    newer = Storage(storage.files, with_key(RING, "k2"))
    assert newer.sealed_by(key) == RING.ids[0]
    assert newer.reseal(key, "page:1")
    assert newer.sealed_by(key) == "k2"
    assert newer.get(key, "page:1") == b"photo" * 100
    with pytest.raises(Damaged):
        newer.reseal(key, "page:2")
    newer.delete(key)
    for ask in (newer.sealed_by, lambda gone: newer.reseal(gone, "page:1")):
        with pytest.raises(NotFound):
            ask(key)


def test_what_was_written_or_removed_meanwhile_is_not_swapped(storage):
    key = storage.put(b"first", "page:1")
    before = storage.files.read(key)
    storage.put(b"second", "page:1", key)
    assert not storage.files.swap(key, before, b"third")
    assert storage.get(key, "page:1") == b"second"
    now = storage.files.read(key)
    storage.delete(key)
    assert not storage.files.swap(key, now, b"third")
    with pytest.raises(NotFound):
        storage.get(key, "page:1")


def test_damaged_bytes_never_open(storage):
    key = storage.put(b"photo", "page:1")
    kept = storage.files.read(key)
    for broken in (kept[:-1], kept[:20] + bytes((kept[20] ^ 1,)) + kept[21:], b"", b"\x01\xff", os.urandom(200)):
        storage.files.write(key, broken)
        with pytest.raises(Damaged):
            storage.get(key, "page:1")


def test_one_stored_under_the_name_of_another_does_not_open(storage):
    one, two = storage.put(b"one", "page"), storage.put(b"two", "page")
    storage.files.write(one, storage.files.read(two))
    with pytest.raises(Damaged):
        storage.get(one, "page")


def test_what_is_written_again_while_the_sweep_looks_around_stays(tmp_path):
    storage = Storage(LocalFiles(tmp_path), RING)
    key = storage.put(b"first try", "page:1")
    os.utime(tmp_path / key, (0, 0))

    def named():
        storage.put(b"second try", "page:1", key)
        return []

    assert storage.sweep(SystemClock().now() - timedelta(hours=1), named) == 0
    assert storage.get(key, "page:1") == b"second try"


@pytest.mark.parametrize("key", ["../keys/key_ring", "/etc/passwd", "", "ab/../../x", "ab/" + "g" * 32])
def test_only_our_own_keys_name_a_file(storage, key):
    with pytest.raises(ValueError, match="storage key"):
        storage.get(key, "x")
    with pytest.raises(ValueError, match="storage key"):
        storage.delete(key)


def test_files_are_encrypted_private_and_whole(tmp_path):
    key = Storage(LocalFiles(tmp_path), RING).put(b"photo" * 50, "page:1")
    path = tmp_path / key
    assert b"photo" not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == [path.name]  # no temporary file left


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    files = LocalFiles(tmp_path)
    monkeypatch.setattr("models.storage_local.os.fsync", lambda _fd: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(StorageAway) as told:
        Storage(files, RING).put(b"photo", "page:1")
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []
    assert "disk full" in str(told.value.__cause__)


def test_the_settings_choose_where(tmp_path):
    assert isinstance(open_storage(Settings(data=tmp_path), RING).files, LocalFiles)
    there = open_storage(Settings(data=tmp_path, storage_url="memory:///"), RING)
    assert isinstance(there.files, ObjectFiles)
    assert there.get(there.put(b"x", "p"), "p") == b"x"


def test_a_store_that_is_down_is_told_apart_from_a_missing_file_and_loses_nothing(settings, object_server):
    storage = open_storage(object_server.settings(settings), RING)
    key = storage.put(b"photo", "page:1")
    object_server.stop()
    now = SystemClock().now() + timedelta(hours=1)
    for attempt in (
        lambda: storage.put(b"another", "page:2"),
        lambda: storage.get(key, "page:1"),
        lambda: storage.delete(key),
        lambda: storage.sweep(now, lambda: []),
    ):
        with pytest.raises(StorageAway):
            attempt()
    object_server.start()
    assert storage.get(key, "page:1") == b"photo"
    assert list(storage.files.keys_before(now)) == [key]


def test_a_bucket_or_folder_that_is_not_there_is_no_missing_file(settings, object_server, tmp_path):
    wrong = object_server.settings(settings).model_copy(update={"storage_url": "s3://mistyped/files"})
    for storage in (open_storage(wrong, RING), Storage(LocalFiles(tmp_path / "not mounted"), RING)):
        with pytest.raises(StorageAway):
            storage.get("ab/" + "ab" * 16, "page:1")


def test_a_write_between_the_look_and_the_swap_wins_on_the_store_too(settings, object_server, monkeypatch):
    storage = open_storage(object_server.settings(settings), RING)
    key = storage.put(b"first", "page:1")
    before, real = storage.files.read(key), obstore.put

    def late(store, name, data, **options):
        if options:  # the swap: somebody else was faster by a moment
            real(store, name, b"written meanwhile")
        return real(store, name, data, **options)

    monkeypatch.setattr("models.storage_objects.obstore.put", late)
    assert not storage.files.swap(key, before, b"swapped")
    monkeypatch.undo()
    assert storage.files.read(key) == b"written meanwhile"


def test_two_installations_share_a_bucket_by_prefix(settings, object_server):
    ours = object_server.settings(settings)
    theirs = ours.model_copy(update={"storage_url": ours.storage_url.replace("/files", "/other")})
    one, two = open_storage(ours, RING), open_storage(theirs, RING)
    key = one.put(b"photo", "page:1")
    assert two.sweep(SystemClock().now() + timedelta(hours=1), lambda: []) == 0
    with pytest.raises(NotFound):
        two.get(key, "page:1")
    assert one.get(key, "page:1") == b"photo"


def test_what_the_settings_say_of_an_object_store(tmp_path):
    given = {"BOLE_DATA": str(tmp_path), "BOLE_STORAGE_URL": "s3://photos/bole"}
    assert s3_config(Settings.from_env(given)) == {}  # then obstore asks AWS_* and the machine
    given |= {"BOLE_STORAGE_ENDPOINT": "https://photos.oss-cn-hangzhou.aliyuncs.com/", "BOLE_STORAGE_REGION": "cn"}
    given |= {"BOLE_STORAGE_KEY_ID": "id", "BOLE_STORAGE_SECRET": "not shown"}
    settings = Settings.from_env(given)
    assert s3_config(settings) == {
        "endpoint": "https://photos.oss-cn-hangzhou.aliyuncs.com",
        "region": "cn",
        "access_key_id": "id",
        "secret_access_key": "not shown",
        "virtual_hosted_style_request": "true",
    }
    assert "not shown" not in repr(settings)
    by_path = settings.model_copy(update={"storage_endpoint": "http://minio:9000"})
    assert "virtual_hosted_style_request" not in s3_config(by_path)
