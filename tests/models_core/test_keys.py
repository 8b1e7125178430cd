import stat
from pathlib import Path

import pytest

from models import keys
from models.crypto import KeyRing
from models.errors import SettingsError
from models.keys import MIN_SECRET, generate_all, kept_ring, load_keys, rotate
from models.settings import Settings

GOOD = "Zq8-vL2mXw5_tR9pKc3nB7hJd1sFg6aYeU4oI0"


def test_a_first_start_generates_both_keys_readable_by_the_owner_only(tmp_path: Path) -> None:
    keys = load_keys(Settings(data=tmp_path))
    for name in ("secret_key", "key_ring"):
        path = tmp_path / "keys" / name
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_keys(Settings(data=tmp_path)) == keys
    KeyRing.from_text(keys.ring)


def test_keys_are_not_shown_by_repr(tmp_path: Path) -> None:
    keys = load_keys(Settings(data=tmp_path))
    assert keys.secret not in repr(keys)
    assert keys.ring not in repr(keys)


@pytest.mark.parametrize("secret", ["dev", "change-me-change-me-change-me-change-me", "a" * 64, GOOD[: MIN_SECRET - 1]])
def test_a_default_or_weak_secret_is_refused(tmp_path: Path, secret: str) -> None:
    with pytest.raises(SettingsError, match="BOLE_SECRET_KEY"):
        load_keys(Settings(data=tmp_path, secret_key=secret))


def test_a_strong_secret_from_the_environment_is_taken(tmp_path: Path) -> None:
    assert load_keys(Settings(data=tmp_path, secret_key=GOOD)).secret == GOOD
    assert not (tmp_path / "keys" / "secret_key").exists()


def test_a_database_without_its_keys_is_refused_not_given_new_ones(tmp_path: Path) -> None:
    (tmp_path / "bole.sqlite3").write_bytes(b"")
    with pytest.raises(SettingsError, match="missing"):
        load_keys(Settings(data=tmp_path))


def test_a_production_postgresql_needs_keys_to_be_made_on_purpose(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, database_url="postgresql://db/bole")
    with pytest.raises(SettingsError, match="bole keys"):
        load_keys(settings)
    assert len(generate_all(settings)) == 2
    assert generate_all(settings) == []
    load_keys(settings)


def test_a_new_key_goes_in_front_and_the_last_stays_last(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    generate_all(settings)
    before = KeyRing.from_text(load_keys(settings).ring)
    envelope = before.seal(b"kept", "here")
    for number in (2, 3):
        assert rotate(settings) == load_keys(settings).ring
        ring = KeyRing.from_text(load_keys(settings).ring)
        assert ring.ids == tuple(f"k{n}" for n in range(number, 0, -1))
        assert ring.open(envelope, "here") == b"kept"
        assert ring.blind_index("x", "person") == before.blind_index("x", "person")
    folder = tmp_path / "keys"
    assert stat.S_IMODE((folder / "key_ring").stat().st_mode) == 0o600
    assert sorted(path.name for path in folder.iterdir()) == ["key_ring", "secret_key"]


def test_a_rotation_that_breaks_off_leaves_the_ring_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(data=tmp_path)
    generate_all(settings)
    before = load_keys(settings)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(keys.os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            rotate(settings)
    assert load_keys(settings) == before
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == ["key_ring", "secret_key"]


def test_a_ring_from_the_environment_is_told_not_written(tmp_path: Path) -> None:
    text = KeyRing.generate("summer")
    settings = Settings(data=tmp_path, secret_key=GOOD, key_ring=text)
    assert KeyRing.from_text(rotate(settings)).ids == ("k1", "summer")
    assert kept_ring(settings) is None
    assert not (tmp_path / "keys").exists()


def test_there_is_no_key_to_put_one_before(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="missing"):
        rotate(Settings(data=tmp_path))
