"""Flask as we use it: people's requests go through every extension's hooks, machines' through ours alone.

A platform proves itself by its signature, the supervisor asks whether the process answers: they have no session, no
staff, no form, no language and no limit by address. The extensions' hooks took four times what such a request costs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import Headers

from models.crowd import Crowd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

F = TypeVar("F", bound=Callable[..., Any])


def asked_by_machine(app: Flask) -> bool:
    """Whether this request is one of a machine's. An address or method that does not exist is anybody's."""
    return isinstance(app, BoleFlask) and (request.endpoint or "").partition(".")[0] in app.machines


class Sessions(SecureCookieSessionInterface):
    """Signed cookies; for who brings none, nothing is prepared to read one."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of the cookie, or an empty one."""
        brings = "HTTP_COOKIE" in request.environ and self.get_cookie_name(app) in request.cookies
        if not brings and app.secret_key:
            return SecureCookieSession()
        return super().open_session(app, request)


class PlainResponse(Response):
    """Flask's response; the headers of most need no second look before they are sent."""

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        """The headers as they stand where they are whole: a page of known length that leads nowhere else."""
        names = {name.lower() for name, _ in self.headers}
        if self.status_code != 200 or "content-length" not in names or not names.isdisjoint(_WORKED_OUT):
            return super().get_wsgi_headers(environ)
        return self.headers


_WORKED_OUT = frozenset({"location", "content-location"})  # made whole addresses


class BoleFlask(Flask):
    """`machines`: names of blueprints, and of endpoints without one, that only machines ask. For these requests run
    the hooks in `before_all` and `after_all`, which run for everybody, and no others of the app, of a blueprint or of
    `after_this_request`; no session is kept. Errors, limits of size and the end of the app's context (the database's
    session) are the same for all; what is to be let go with a request is people's."""

    response_class = PlainResponse

    def __init__(self, import_name: str, **given: Any) -> None:
        super().__init__(import_name, **given)
        self.machines: frozenset[str] = frozenset()
        self.before_all: list[Callable[[], None]] = []
        self.after_all: list[Callable[[Response], Response]] = []
        self.session_interface = Sessions()
        self.crowd = Crowd()
        self.before_request(self._before)
        self.after_request(self._after)

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with self.crowd:
            return super().wsgi_app(environ, start_response)

    def preprocess_request(self) -> ResponseReturnValue | None:
        if not asked_by_machine(self):
            return super().preprocess_request()
        self._before()
        return None

    def process_response(self, response: Response) -> Response:
        return self._after(response) if asked_by_machine(self) else super().process_response(response)

    def do_teardown_request(self, *given: Any) -> None:
        if not asked_by_machine(self):
            super().do_teardown_request(*given)

    def ensure_sync(self, func: F) -> F:
        """Every function as it is: none of ours is a coroutine, and asking took a tenth of a short request."""
        return func

    def _before(self) -> None:
        for hook in self.before_all:
            hook()

    def _after(self, response: Response) -> Response:
        for hook in self.after_all:
            response = hook(response)
        return response
