import os
import stat
from datetime import timedelta

import pytest
from obstore.store import MemoryStore

from models.clock import SystemClock
from models.crypto import Damaged, KeyRing
from models.errors import NotFound
from models.settings import Settings
from models.storage import LocalFiles, ObjectFiles, Storage, open_storage

RING = KeyRing.from_text(KeyRing.generate())


@pytest.fixture(params=["local", "object store"])
def storage(request, tmp_path):
    return Storage(LocalFiles(tmp_path) if request.param == "local" else ObjectFiles(MemoryStore()), RING)


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


def test_a_file_swapped_on_disk_does_not_open(tmp_path):
    storage = Storage(LocalFiles(tmp_path), RING)
    one, two = storage.put(b"one", "page"), storage.put(b"two", "page")
    (tmp_path / one).write_bytes((tmp_path / two).read_bytes())
    with pytest.raises(Damaged):
        storage.get(one, "page")


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    files = LocalFiles(tmp_path)
    monkeypatch.setattr("models.storage.os.fsync", lambda _fd: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        Storage(files, RING).put(b"photo", "page:1")
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_the_settings_choose_where(tmp_path):
    assert isinstance(open_storage(Settings(data=tmp_path), RING).files, LocalFiles)
    there = open_storage(Settings(data=tmp_path, storage_url="memory:///"), RING)
    assert isinstance(there.files, ObjectFiles)
    assert there.get(there.put(b"x", "p"), "p") == b"x"
