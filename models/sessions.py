"""The database session of an app context: made when it is first asked for, and used again where it was left clean.

Making a session and closing it costs as much as two of a turn's statements, and most turns send nothing through it
(`models.direct`). One that holds nothing and is in no transaction is as good as new.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask.ctx import AppContext
from flask.globals import _cv_app, app_ctx
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import Engine
from sqlalchemy.engine import Connection
from sqlalchemy.orm import scoped_session
from sqlalchemy.util import ScopedRegistry

from models import direct, running

_SESSION = "bole_session"  # an attribute of the app context
_ENGINES = "bole.engines"  # of the app
_KEPT = 32  # sessions that wait to be used again: more than there are threads


class JoiningSession(Session):
    """A session that joins the transaction of a unit of work (`models.direct`) where one is under way."""

    def get_bind(self, *args: Any, **given: Any) -> Engine | Connection:
        transaction = direct.of(self)
        return super().get_bind(*args, **given) if transaction is None else transaction.connection

    def is_as_new(self) -> bool:
        """Whether it is in no transaction and holds nothing."""
        return self._transaction is None and not (self._new or self._deleted or len(self.identity_map))


class PerContext(ScopedRegistry[Session]):
    """Which session belongs to the running app context: it is kept in the context itself."""

    def __init__(self, make: Callable[[], Session]) -> None:
        self.createfunc = make
        self._idle: list[Session] = []

    def __call__(self) -> Session:
        values = vars(_cv_app.get(None) or _context())
        found: Session | None = values.get(_SESSION)
        if found is None:
            try:
                found = self._idle.pop()
            except IndexError:
                found = self.createfunc()
            values[_SESSION] = found
        return found

    def has(self) -> bool:
        return _SESSION in vars(_context())

    def set(self, obj: Session) -> None:
        vars(_context())[_SESSION] = obj

    def clear(self) -> None:
        vars(_context()).pop(_SESSION, None)

    def end(self) -> None:
        """The context ends, and with it what its session has not committed."""
        session: Session | None = vars(_context()).pop(_SESSION, None)
        if session is None:
            return
        if isinstance(session, JoiningSession) and session.is_as_new():
            session.info.clear()
            if len(self._idle) < _KEPT:
                self._idle.append(session)
        else:
            session.close()


def _context() -> AppContext:
    context = _cv_app.get(None)
    if context is None:
        app_ctx._get_current_object()  # type: ignore[attr-defined]  # raises, and says what to do
        raise RuntimeError("no app is running")
    return context


class Database(SQLAlchemy):
    """Flask-SQLAlchemy with these sessions, and with the engines of an app at hand."""

    def _make_scoped_session(self, options: dict[str, Any]) -> scoped_session[Session]:
        options.setdefault("class_", JoiningSession)
        made: scoped_session[Session] = super()._make_scoped_session(options)
        self._per_context = made.registry = PerContext(made.session_factory)
        return made

    def _teardown_session(self, exc: BaseException | None) -> None:
        self._per_context.end()

    @property
    def engines(self) -> Mapping[str | None, Engine]:
        extensions = running.app().extensions
        found: Mapping[str | None, Engine] | None = extensions.get(_ENGINES)
        if found is None:
            found = extensions[_ENGINES] = super().engines
        return found
