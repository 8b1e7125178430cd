"""Calls to Telegram's Bot API. The token is part of every address: no address gets into an exception, and what httpx
tells of addresses is kept out of the log (`models.logs`)."""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx

from bot_adapter.channels.base import MediaLost
from bot_adapter.channels.trust import trust
from models.errors import SettingsError
from models.settings import Settings

MAX_FILE = 20 * 1024 * 1024  # bytes; the platform hands out no larger file
SECONDS = 20.0  # for an answer to a call
FILE_SECONDS = 12.0  # for a whole file: the webhook waits for it
_ANSWER = 1024 * 1024  # bytes of an answer that are read; a hundred updates have less
_TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{10,}")
_PATH = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_./-]*")

# Before the request was out as a whole: half of one does nothing.
_UNSENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.WriteError,
    httpx.WriteTimeout,
    httpx.UnsupportedProtocol,
)

Trouble = Literal["", "unsent", "unanswered"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the platform said. `code`: 200, or its error; 0 with a `trouble`: the request did not get there, or nobody
    knows whether it did. `description` may quote what was sent: never in a log."""

    code: int
    result: Any = field(default=None, repr=False)
    description: str = field(default="", repr=False)
    retry_after: float | None = None
    trouble: Trouble = ""

    @property
    def ok(self) -> bool:
        return self.code == httpx.codes.OK


class Api:
    """The methods of one bot. Safe to use from several threads; `close` when it is not needed any more."""

    def __init__(self, token: str, base: str) -> None:
        self.bot_id = token.partition(":")[0]
        self._calls = f"{base.rstrip('/')}/bot{token}"
        self._files = f"{base.rstrip('/')}/file/bot{token}"
        self._made: httpx.Client | None = None
        self._made_by = 0
        self._making = threading.Lock()

    def __repr__(self) -> str:
        return "Api()"

    def close(self) -> None:
        if self._made is not None:
            self._made.close()

    @property
    def _client(self) -> httpx.Client:
        """Made when it is first needed, in each process anew: two that are one's fork would share its connections."""
        with self._making:
            if self._made is None or self._made_by != os.getpid():
                self._made_by = os.getpid()
                self._made = httpx.Client(follow_redirects=False, trust_env=False, verify=trust())
            return self._made

    def call(self, method: str, params: Mapping[str, Any] | None = None, *, seconds: float = SECONDS) -> Answer:
        """Call a method. Never raises for what the platform or the network does: that is the answer."""
        timeout = httpx.Timeout(seconds, connect=min(seconds, 10.0))
        try:
            with self._client.stream("POST", f"{self._calls}/{method}", json=params or {}, timeout=timeout) as got:
                return _answer(got.status_code, _read(got, _ANSWER, time.monotonic() + 2 * seconds))
        except _UNSENT:
            return Answer(0, trouble="unsent")
        except (httpx.HTTPError, httpx.InvalidURL, _TooMuch):
            return Answer(0, trouble="unanswered")

    def download(self, file_id: str) -> bytes:
        """The bytes of a file that somebody sent. Raises MediaLost."""
        until = time.monotonic() + FILE_SECONDS
        found = self.call("getFile", {"file_id": file_id}, seconds=FILE_SECONDS / 2)
        path = found.result.get("file_path") if found.ok and isinstance(found.result, dict) else None
        if not isinstance(path, str) or not _PATH.fullmatch(path) or ".." in path:
            raise MediaLost(f"getFile {found.code}")
        try:
            with self._client.stream("GET", f"{self._files}/{path}", timeout=FILE_SECONDS / 2) as got:
                if got.status_code != httpx.codes.OK:
                    raise MediaLost(f"file {got.status_code}")
                return _read(got, MAX_FILE, until)
        except (httpx.HTTPError, httpx.InvalidURL, _TooMuch) as exc:
            raise MediaLost(type(exc).__name__) from None


class _TooMuch(Exception):
    """More bytes, or more time, than there may be."""


def _read(got: httpx.Response, most: int, until: float) -> bytes:
    """The body, as far as it may go. Raises _TooMuch."""
    data = bytearray()
    for chunk in got.iter_bytes():
        data += chunk
        if len(data) > most or time.monotonic() > until:
            raise _TooMuch
    return bytes(data)


def _answer(status: int, body: bytes) -> Answer:
    """The answer in a body. What is none (a proxy's page) counts by its status alone, and never as a success."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    known = said if isinstance(said, dict) else {}
    if known.get("ok") is True and status == httpx.codes.OK:
        return Answer(status, known.get("result"))
    error, parameters = known.get("error_code"), known.get("parameters")
    code = error if isinstance(error, int) else status
    if not 300 <= code < 600:
        return Answer(0, trouble="unanswered")
    after = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return Answer(
        code,
        description=str(known.get("description", "")),
        retry_after=float(after) if isinstance(after, int | float) and 0 <= after <= 86_400 else None,
    )


def from_settings(settings: Settings) -> Api | None:
    """The bot that the settings name, if there is one. Raises SettingsError for a token that is none."""
    if not settings.telegram_token:
        return None
    if not _TOKEN.fullmatch(settings.telegram_token):
        raise SettingsError("BOLE_TELEGRAM_TOKEN is not a bot's token: a number, a colon and letters, from @BotFather")
    return Api(settings.telegram_token, settings.telegram_api)
