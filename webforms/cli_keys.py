"""`bole keys`: make the keys, list what each still opens, put a new one in front, seal everything again under it."""

from __future__ import annotations

from collections.abc import Callable

from models.crypto import KeyRing
from models.extensions import db
from models.keys import generate_all, load_keys, ring_file, rotate
from models.resealing import Counts, counts, reseal
from models.settings import Settings
from models.storage import open_storage
from webforms.existing import database

Say = Callable[[str], object]


def make_and_list(settings: Settings, say: Say) -> None:
    """Generate what is missing, then list the ring. Raises SettingsError, StorageAway."""
    for path in generate_all(settings) if ring_file(settings) else ():
        say(f"written: {path} (back it up: without it nothing stored can be read)")
    ring = KeyRing.from_text(load_keys(settings).ring)
    found = _look(settings, ring)
    for line in _lines(ring, found):
        say(line)


def _look(settings: Settings, ring: KeyRing) -> Counts:
    with database(settings) as session:
        return Counts() if session is None else counts(session.connection(), open_storage(settings, ring))


def _lines(ring: KeyRing, found: Counts) -> list[str]:
    lines = []
    for key_id in ring.ids:
        uses = [f"opens {found.records[key_id]} records, {found.files[key_id]} files"]
        uses += ["seals and signs"] * (key_id == ring.ids[0]) + ["keys the blind indexes"] * (key_id == ring.ids[-1])
        lines.append(f"{key_id:<8} {'; '.join(uses)}")
    strange = found.records["other"] + sum(n for key_id, n in found.files.items() if key_id not in ring.ids)
    if strange:
        lines.append(f"{strange} records or files were sealed by a key that is not in the ring: restore it")
    if found.missing:
        lines.append(f"{found.missing} files are missing: see `bole files check`")
    return lines


def put_in_front(settings: Settings, say: Say) -> None:
    """Put a new key in front. Raises SettingsError."""
    ring = rotate(settings)
    new = KeyRing.from_text(ring).ids[0]
    path = ring_file(settings)
    if path is None:
        say("The key ring comes from BOLE_KEY_RING. Set it to this, where it is kept safe, and restart every process:")
        say(f"BOLE_KEY_RING={ring}")
    else:
        say(f"{new} is in front now, in {path}: back the file up.")
        say("Running processes look there when they meet what the new key has sealed. Restart `bole serve` at a quiet")
        say(f"moment, so that it seals with {new} too.")
    say("Then `bole keys reseal` seals what is stored again, while the system runs.")


def seal_again(settings: Settings, say: Say) -> int:
    """Seal everything again under the first key, inside an app context; 1 where something did not open. Raises
    StorageAway: what has been done stays done, run it again."""
    ring = KeyRing.from_text(load_keys(settings).ring)
    storage = open_storage(settings, ring)
    outcome = reseal(db.engine, storage, say)
    for line in outcome.trouble:
        say(f"BAD {line}")
    say(f"{outcome.records} records and {outcome.files} files sealed again under {ring.ids[0]}")
    if outcome.overtaken:
        say(f"{outcome.overtaken} changed meanwhile and were left as they are")
    for line in _still_needed(ring, _look(settings, ring)):
        say(line)
    return 1 if outcome.trouble else 0


def _still_needed(ring: KeyRing, found: Counts) -> list[str]:
    """What can be said of each key behind the first."""
    lines = []
    for key_id in ring.ids[1:]:
        opens = found.opens(key_id)
        if opens:
            lines.append(f"{key_id} still opens {opens}: run this again once every process has been restarted")
        elif key_id == ring.ids[-1]:
            lines.append(f"{key_id} opens nothing any more; it stays last in the ring: it keys the blind indexes")
        else:
            lines.append(
                f"{key_id} is needed for nothing any more: take it out of the ring and restart "
                "(older links and forms left open then ask for the receipt code again)"
            )
    return lines
