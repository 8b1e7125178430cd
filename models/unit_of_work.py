"""One transaction around several services: the outermost block commits, inner ones are savepoints.

A chat turn records the message, the change and its rendered reply together, so the services it calls must join its
transaction instead of committing their own. Enqueueing waits for the real commit through `after_commit`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

import structlog
from sqlalchemy.orm import Session

from models import direct
from models.extensions import began_reading, db, writing
from models.logs import describe

log = structlog.get_logger(__name__)

_HOOKS = "bole.after_commit"
_Hooks = list[Callable[[], object]]


def unit_of_work() -> AbstractContextManager[Session]:
    """Begin a transaction that commits at the end, or join the one under way as a savepoint.

    Any exception rolls back exactly this block (an inner one leaves the outer usable) and goes on to the caller.
    """
    session = db.session()
    hooks: _Hooks | None = session.info.get(_HOOKS)
    return _Outermost(session) if hooks is None else _inner(session, hooks)


def joined() -> AbstractContextManager[Session]:
    """The same for work that raises nothing that is caught after its first write: joining a transaction it needs no
    savepoint, which costs as much as a write."""
    session = db.session()
    return nullcontext(session) if _HOOKS in session.info else _Outermost(session)


class _Outermost(AbstractContextManager[Session]):
    """The transaction itself: one that the driver began (`models.direct`), or the one that the session is in."""

    __slots__ = ("_direct", "_hooks", "_session", "_writing")

    def __init__(self, session: Session) -> None:
        self._session = session
        self._hooks: _Hooks = []
        self._writing = writing()
        self._direct: direct.Direct | None = None

    def __enter__(self) -> Session:
        session = self._session
        self._writing.__enter__()
        session.info[_HOOKS] = self._hooks
        try:
            fresh = not session.in_transaction()
            if not fresh and began_reading(session.connection()):
                session.rollback()  # what only read so far; on SQLite it could not become a writer safely
                fresh = True
            if fresh:
                session.info[direct.KEY] = self._direct = direct.Direct(db.engine)
        except BaseException:
            self._end(committed=False)
            raise
        return session

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        committed = False
        try:
            if error is None:
                self._commit()
                committed = True
        finally:
            self._end(committed=committed)
        if committed:
            for hook in self._hooks:
                _run(hook)

    def _commit(self) -> None:
        session = self._session
        if session.in_transaction():  # it is, from the first change to anything that it holds
            session.commit()
        if self._direct is not None:
            self._direct.commit()

    def _end(self, *, committed: bool) -> None:
        """What is not committed is undone, in the session before the connection that it has joined."""
        session = self._session
        try:
            if not committed:
                session.rollback()
        finally:
            session.info.pop(_HOOKS, None)
            self._writing.__exit__()
            if self._direct is not None:
                del session.info[direct.KEY]
                self._direct.end(committed=committed)


@contextmanager
def _inner(session: Session, hooks: _Hooks) -> Iterator[Session]:
    mark = len(hooks)
    try:
        with session.begin_nested():
            session.connection()  # sets the savepoint now: statements sent by the driver pass the session by
            yield session
    except BaseException:
        del hooks[mark:]  # promised by work that did not happen
        raise


def _run(hook: Callable[[], object]) -> None:
    """The commit stands, so its caller must not hear of a failure: what a hook leaves undone (handing work over,
    removing files) the scheduler does again."""
    try:
        hook()
    except Exception as exc:
        log.error("after_commit_failed", **describe(exc))


def awaiting_commit(session: Session) -> Sequence[Callable[[], object]]:
    """What `after_commit` was given in this transaction, in order, but for what has been rolled back since."""
    hooks: _Hooks = session.info.get(_HOOKS, [])
    return hooks


def after_commit(hook: Callable[[], object], session: Session | None = None) -> None:
    """Run `hook` once the outermost block has committed; not at all if it rolls back. Outside a block: at once.
    `session`: the running one, where it is at hand."""
    hooks: _Hooks | None = (session or db.session()).info.get(_HOOKS)
    if hooks is None:
        hook()
    else:
        hooks.append(hook)
