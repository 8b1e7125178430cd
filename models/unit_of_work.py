"""One transaction around several services: the outermost block commits, inner ones are savepoints.

A chat turn records the message, the change and its rendered reply together, so the services it calls must join its
transaction instead of committing their own. Enqueueing waits for the real commit through `after_commit`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy.orm import Session

from models import direct
from models.extensions import began_reading, db, writing
from models.logs import describe

log = structlog.get_logger(__name__)

_HOOKS = "bole.after_commit"


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """Begin a transaction that commits at the end, or join the one under way as a savepoint.

    Any exception rolls back exactly this block (an inner one leaves the outer usable) and goes on to the caller.
    """
    session = db.session()
    hooks: list[Callable[[], object]] | None = session.info.get(_HOOKS)
    if hooks is not None:
        mark = len(hooks)
        try:
            with session.begin_nested():
                session.connection()  # sets the savepoint now: statements sent by the driver pass the session by
                yield session
        except BaseException:
            del hooks[mark:]  # promised by work that did not happen
            raise
        return
    session.info[_HOOKS] = hooks = []
    try:
        with writing():
            if session.in_transaction() and began_reading(session.connection()):
                session.rollback()  # what only read so far; on SQLite it could not become a writer safely
            if session.in_transaction():
                yield session
                session.commit()
            else:
                with direct.begun(session, db.engine):
                    yield session
    except BaseException:
        session.rollback()
        raise
    finally:
        del session.info[_HOOKS]
    for hook in hooks:
        _run(hook)


@contextmanager
def joined() -> Iterator[Session]:
    """The same for work that raises nothing that is caught after its first write: joining a transaction it needs no
    savepoint, which costs as much as a write."""
    session = db.session()
    if _HOOKS in session.info:
        yield session
        return
    with unit_of_work() as begun:
        yield begun


def _run(hook: Callable[[], object]) -> None:
    """The commit stands, so its caller must not hear of a failure: what a hook leaves undone (handing work over,
    removing files) the scheduler does again."""
    try:
        hook()
    except Exception as exc:
        log.error("after_commit_failed", **describe(exc))


def after_commit(hook: Callable[[], object]) -> None:
    """Run `hook` once the outermost block has committed; not at all if it rolls back. Outside a block: at once."""
    hooks: list[Callable[[], object]] | None = db.session().info.get(_HOOKS)
    if hooks is None:
        hook()
    else:
        hooks.append(hook)
