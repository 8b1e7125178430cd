"""Killed at each point of keeping a photo: what was acknowledged is there and opens, what was not leaves nothing that
stays, and sending it again gives one page."""

import os
import signal
from datetime import timedelta

import pytest
from sqlalchemy import select
from warm_process import run_script

from models import leftovers, storage
from models.application import service
from models.application.pages import bound_to
from models.application.tables import DocumentPage
from models.clock import SystemClock
from models.extensions import db

PHOTO = b"\xff\xd8\xff\xe0" + b"a photo" * 400

# Kills itself where it is told to: the order of these is the order of the write path.
POINTS = {
    "nothing written": "patch(os, 'open', lambda path, flags, *_: flags & os.O_EXCL)",
    "half written": "patch(os, 'fsync', lambda _fd: True)",
    "written, not renamed": "patch(pathlib.Path, 'replace', lambda self, _target: self.name.startswith('.'))",
    "renamed, folder not synced": "patch(os, 'fsync', lambda fd: stat.S_ISDIR(os.fstat(fd).st_mode))",
    "stored, no record": "patch(pages, '_insert', lambda *_: True)",
    "record not committed": "patch(direct.Direct, 'commit', lambda _self: True)",
    "committed, not acknowledged": "patch(unit_of_work, '_run', lambda _hook: True)",
    "never": "None",
}
SCRIPT = """
import os, pathlib, signal, stat, sys
from models import direct, unit_of_work
from models.application import pages, service
from models.programme import loader
from webforms.app import create_app
from datetime import UTC, datetime
from models.clock import FixedClock

def patch(where, name, is_the_moment):
    real = getattr(where, name)
    def patched(*given, **also):
        if is_the_moment(*given):
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*given, **also)
    setattr(where, name, patched)

loader.PACKS = pathlib.Path(sys.argv[1])
app = create_app(clock=FixedClock(datetime(2026, 11, 21, 1, tzinfo=UTC)))
app.extensions["bole"].redis = None
with app.app_context():
    POINT
    page = service.add_page(sys.argv[2], "card", sys.stdin.buffer.read(), "the one", "web")
    print("kept", page.id)
"""


def draft(world):
    app_id = service.start("tiny", "web", "zh").application.id
    given = {
        "consent:identity": True,
        "consent:news": False,
        "claim": ["skilled"],
        "fact:certificate": True,
        "fact:merit": True,
        "fact:county": "east",
        "verdict": True,
    }
    for key, raw in given.items():
        service.record(app_id, {key: raw}, "web")
    db.session.rollback()
    return app_id


@pytest.mark.parametrize("point", [point for point in POINTS if "commit" not in point])
def test_a_photo_that_was_acknowledged_is_there_and_another_leaves_nothing(world, settings, tiny_packs, point):
    killed(world, settings, tiny_packs, point)


@pytest.mark.parametrize("point", ["record not committed", "committed, not acknowledged"])
def test_so_it_is_on_both_databases(persistent_world, persistent_settings, tiny_packs, point):
    killed(persistent_world, persistent_settings, tiny_packs, point)


def killed(world, settings, tiny_packs, point):
    app_id = draft(world)
    environment = {
        "PATH": os.environ["PATH"],
        "BOLE_DATA": str(settings.data),
        "DATABASE_URL": settings.database_url,
        "BOLE_SECRET_KEY": settings.secret_key,
        "BOLE_KEY_RING": settings.key_ring,
    }
    script = SCRIPT.replace("POINT", POINTS[point])
    done = run_script(script, str(tiny_packs), app_id, env=environment, given=PHOTO)
    assert done.returncode == (0 if point == "never" else -signal.SIGKILL), done.stderr.decode()
    kept = point in ("committed, not acknowledged", "never")
    assert pages() == kept
    assert (b"kept" in done.stdout) == (point == "never")

    swept = storage.current().sweep(SystemClock().now() + timedelta(hours=1), leftovers.named)
    assert swept == (point not in ("nothing written", "committed, not acknowledged", "never"))
    folder = settings.data / "files"
    assert len([path for path in folder.rglob("*") if path.is_file()]) == kept

    service.add_page(app_id, "card", PHOTO, "the one", "web")  # as the browser does, which has heard nothing
    assert pages() == 1
    page = db.session.scalars(select(DocumentPage)).one()
    assert storage.get(page.upload_key, bound_to(page.id)) == PHOTO


def pages():
    db.session.rollback()
    return len(list(db.session.scalars(select(DocumentPage.id))))
