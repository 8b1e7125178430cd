"""The platform's API for an account with rights: one token for all processes, calls that end in time, errors by code.

Source: WeChat's 服务号 documentation (获取稳定版接口调用凭据, 全局返回码). Errors come as HTTP 200 with a JSON body;
addresses carry the token, and bodies the openid, so nothing of either is logged or put into an exception.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

import httpx

from bot_adapter.channels.trust import trust
from bot_adapter.channels.within import within
from models import clock
from models.application import channel_state
from models.settings import Settings

CHANNEL = "wechat"
SECONDS = 10.0  # for one call
MAX_ANSWER = 512 * 1024  # bytes; the longest answer we ask for lists 25 templates
STALE = (40001, 42001, 40014)  # the token holds no longer; whatever its `expires_in` had said
EARLY = timedelta(minutes=4)  # in the last five minutes the platform gives the next token, and takes both
WAITING = 0.1  # seconds between two looks at a token that another process is fetching
T = TypeVar("T")


class Refused(Exception):
    """The platform's no, by its error code."""

    def __init__(self, code: int, words: str = "") -> None:
        super().__init__(str(code))
        self.code = code
        self.words = words  # the platform's own, for a code that is not documented; they may change, and are not logged


class Away(Exception):
    """No answer that could be read, in time and size; later there may be one. `retry_after` in seconds; `done`: what
    was asked for may have been done all the same."""

    def __init__(
        self, reason: str, *, throttled: bool = False, retry_after: float | None = None, done: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason, self.throttled, self.retry_after, self.done = reason, throttled, retry_after, done


@dataclass(frozen=True, slots=True)
class _Answer:
    data: bytes = field(repr=False)
    is_text: bool

    def json(self) -> dict[str, Any]:
        """Raises Refused and Away."""
        try:
            found = json.loads(self.data.decode("utf-8"))
        except (ValueError, RecursionError):  # of text and of JSON
            raise Away("no JSON", done=True) from None
        if not isinstance(found, dict):
            raise Away("no object", done=True)
        code = found.get("errcode", 0)
        if code != 0:
            raise Refused(code if isinstance(code, int) else -1, str(found.get("errmsg", "")))
        return found


@dataclass(frozen=True, slots=True)
class Api:
    """The API as one account may use it; inside an app context."""

    app_id: str
    secret: str = field(repr=False)
    base: str

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """Ask with the token. Raises Refused and Away."""
        return self._with_token(
            lambda token: exchange("GET", self.base + path, {**query, "access_token": token}).json()
        )

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Send with the token. Raises Refused and Away."""
        url = self.base + path
        return self._with_token(lambda token: exchange("POST", url, {"access_token": token}, body).json())

    def media(self, media_id: str, seconds: float, most: int) -> bytes:
        """A file that a person sent, within three days. Raises Refused and Away."""
        until = time.monotonic() + seconds

        def ask(token: str) -> bytes:
            query = {"access_token": token, "media_id": media_id}
            answer = exchange(
                "GET", f"{self.base}/cgi-bin/media/get", query, seconds=until - time.monotonic(), most=most
            )
            if answer.is_text or answer.data.lstrip()[:1] == b"{":
                answer.json()  # a film's address is an answer as well, and no photo
                raise Refused(40004)
            return answer.data

        return self._with_token(ask, until)

    def openid(self, code: str) -> str | None:
        """Whose code it is (网页授权). None for somebody who is only shown a preview (快照页) and has an invented
        openid. Raises Refused and Away."""
        query = {"appid": self.app_id, "secret": self.secret, "code": code, "grant_type": "authorization_code"}
        found = exchange("GET", f"{self.base}/sns/oauth2/access_token", query, seconds=SECONDS / 2).json()
        openid = found.get("openid")
        if not isinstance(openid, str) or not openid:
            raise Away("no openid")
        return None if found.get("is_snapshotuser") else openid

    def token(self, seconds: float = SECONDS) -> str:
        """The access token: kept, or fetched by one of the processes that need it. Raises Refused and Away."""
        until = time.monotonic() + seconds
        now = clock.current().now
        try:
            found = channel_state.renewed(self._key, now, lambda: self._fetch(until), lambda: _wait(until))
        except Away as exc:
            exc.done = False  # what the token is for was not asked
            raise
        if found is None:
            raise Away("another process is fetching the token")
        return found

    def renew(self) -> None:
        """Ask for the token whatever is kept: whether the account's secret and this machine's address are taken.
        Raises Refused and Away."""
        now = clock.current().now
        value, holds = self._fetch(time.monotonic() + SECONDS)
        channel_state.put(self._key, value, now(), now() + holds)

    @property
    def _key(self) -> channel_state.Key:
        return CHANNEL, self.app_id, "token"

    def _with_token(self, ask: Callable[[str], T], until: float | None = None) -> T:
        """Ask; once more with another token where the platform does not take this one. A second refusal stands."""
        until = time.monotonic() + SECONDS if until is None else until
        token = self.token(until - time.monotonic())
        try:
            return ask(token)
        except Refused as exc:
            if exc.code not in STALE:
                raise
        channel_state.forget(self._key, token, clock.current().now())
        return ask(self.token(until - time.monotonic()))

    def _fetch(self, until: float) -> tuple[str, timedelta]:
        """Not forced: that would end a token in use, and is allowed twenty times a day."""
        body = {"grant_type": "client_credential", "appid": self.app_id, "secret": self.secret}
        url = f"{self.base}/cgi-bin/stable_token"
        return token_in(exchange("POST", url, {}, body, seconds=until - time.monotonic()).json())


def token_in(found: Mapping[str, Any]) -> tuple[str, timedelta]:
    """A token and how long it is used. Raises Away."""
    token, holds = found.get("access_token"), found.get("expires_in")
    if not isinstance(token, str) or not token or not isinstance(holds, int):
        raise Away("no token")
    return token, max(timedelta(seconds=holds) - EARLY, timedelta(minutes=1))


def from_settings(settings: Settings) -> Api | None:
    """The account's API; None where the settings hold no secret of it."""
    if not settings.wechat_secret or not settings.wechat_app_id:
        return None
    return Api(settings.wechat_app_id, settings.wechat_secret, settings.wechat_api.rstrip("/"))


def _wait(until: float) -> bool:
    if time.monotonic() + WAITING >= until:
        return False
    time.sleep(WAITING)
    return True


def exchange(
    method: str,
    url: str,
    query: Mapping[str, str],
    body: Mapping[str, Any] | None = None,
    *,
    seconds: float = SECONDS,
    most: int = MAX_ANSWER,
) -> _Answer:
    """One call, as a whole within `seconds`. JSON goes as UTF-8: escaped, the platform shows the escapes. Raises
    Away."""
    seconds = max(seconds, 0.1)
    until = time.monotonic() + seconds
    content = None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    headers = {} if content is None else {"Content-Type": "application/json; charset=utf-8"}
    went = False

    def look(event: str, _about: object) -> None:
        """What nobody waits for any more does not go out: it counts as not sent."""
        nonlocal went
        if event.endswith("send_request_headers.started"):
            went = True
            if time.monotonic() >= until:
                raise TimeoutError

    def ask() -> _Answer:
        with (
            httpx.Client(timeout=seconds, follow_redirects=False, trust_env=False, verify=trust()) as client,
            client.stream(
                method, url, params=query, content=content, headers=headers, extensions={"trace": look}
            ) as answer,
        ):
            _look(answer)
            return _read(answer, until, most)

    try:
        return within(seconds, ask)
    except TimeoutError:
        raise Away("too slow" if went else "ConnectTimeout", done=went) from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as exc:
        raise Away(type(exc).__name__, done=went) from None


def _read(answer: httpx.Response, until: float, most: int) -> _Answer:
    """Raises Away, and TimeoutError."""
    data = bytearray()
    for chunk in answer.iter_bytes():
        data += chunk
        if len(data) > most:
            raise Away("too long", done=True)
        if time.monotonic() > until:
            raise TimeoutError
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return _Answer(bytes(data), kind in ("application/json", "text/plain", "text/json", "text/html"))


def _look(answer: httpx.Response) -> None:
    if answer.status_code != httpx.codes.OK:
        given = answer.headers.get("Retry-After", "")
        wait = float(given) if re.fullmatch(r"\d{1,5}", given) else None
        throttled = answer.status_code == httpx.codes.TOO_MANY_REQUESTS
        raise Away(f"status {answer.status_code}", throttled=throttled, retry_after=wait)
