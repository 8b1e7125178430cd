"""Seal again, or count what each key opens, one piece a job: others get in between."""

from __future__ import annotations

import time
from dataclasses import replace

from sqlalchemy.orm import Session

from models import crypto, outbox, resealing_pieces, storage
from models.extensions import db
from models.resealing_pieces import JOB, STALE, Progress
from workers.runtime import run_prepared

SECONDS = 20.0  # for one piece


def seal_again(outbox_id: str) -> None:
    """Job: the next piece of a run, and the promise of the one behind it."""
    run_prepared(outbox_id, _piece, _go_on)


def _piece(run: str) -> Progress | None:
    db.session.remove()  # rows are read and written by connections of their own
    progress = resealing_pieces.latest()
    if progress is None or progress.run != run or progress.ended:
        return None
    if crypto.ring().ids[0] != progress.first:
        resealing_pieces.keep(replace(progress, stage=STALE))
        return None
    until = time.monotonic() + SECONDS
    done = resealing_pieces.piece(db.engine, storage.current(), progress, lambda: time.monotonic() >= until)
    resealing_pieces.keep(done)
    return done


def _go_on(run: str, session: Session, done: Progress | None) -> None:
    if done is not None and not done.ended:
        outbox.promise(session, JOB, run, f"{JOB}:{run}:{done.pieces}")
