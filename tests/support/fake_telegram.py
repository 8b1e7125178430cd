"""Telegram's Bot API on a port of this machine, as strict as the real one, and a person with a telephone beside it.

Source of what it refuses, and of its words: core.telegram.org/bots/api and the server that Telegram publishes.
"""

from __future__ import annotations

import itertools
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

TOKEN = "123456:made-up_token-of-a-bot-that-is-not"
SECRET = "made-up_secret"
_KNOWN = {
    "getMe": set(),
    "getUpdates": {"offset", "limit", "timeout", "allowed_updates"},
    "setWebhook": {"url", "secret_token", "allowed_updates", "drop_pending_updates", "max_connections"},
    "deleteWebhook": {"drop_pending_updates"},
    "getWebhookInfo": set(),
    "sendMessage": {"chat_id", "text", "reply_markup", "link_preview_options"},
    "answerCallbackQuery": {"callback_query_id"},
    "setMyCommands": {"commands", "language_code"},
    "getFile": {"file_id"},
}


class Refused(Exception):
    def __init__(self, code: int, words: str, **parameters: Any) -> None:
        super().__init__(words)
        self.code, self.words, self.parameters = code, words, parameters


class FakeTelegram:
    """`chats` have written to the bot, `blocked` let nothing in; `files` are served; `troubles` are met one after the
    other by whatever is called next: a `Refused`, or "hang up" after the request was read. `sent` is what arrived."""

    def __init__(self) -> None:
        self.numbers = itertools.count(1000)
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.forget()

    def forget(self) -> None:
        """As if nothing had happened."""
        self.chats: set[int] = set()
        self.blocked: set[int] = set()
        self.files: dict[str, bytes] = {}
        self.troubles: list[Refused | str] = []
        self.sent: list[dict[str, Any]] = []
        self.answered: list[str] = []
        self.called: list[str] = []
        self.downloaded: list[str] = []
        self.pressed: set[str] = set()  # presses that nobody has answered
        self.webhook: dict[str, Any] = {}
        self.menus: dict[str, list[str]] = {}
        self.updates: list[dict[str, Any]] = []
        self.when_empty: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def texts(self, chat: int) -> list[str]:
        return [message["text"] for message in self.sent if message["chat_id"] == chat]

    def call(self, method: str, params: dict[str, Any]) -> Any:
        """Raises Refused."""
        if method not in _KNOWN:
            raise Refused(404, "Not Found: method not found")
        assert set(params) <= _KNOWN[method], f"{method} has no {set(params) - _KNOWN[method]}"
        self.called.append(method)
        if self.troubles:
            trouble = self.troubles.pop(0)
            if isinstance(trouble, Refused):
                raise trouble
            raise ConnectionAbortedError(trouble)
        return getattr(self, "_" + re.sub("[A-Z]", lambda big: f"_{big[0].lower()}", method))(params)

    def _get_me(self, _params: dict[str, Any]) -> Any:
        return {"id": 123456, "is_bot": True, "first_name": "Bole", "username": "made_up_bole_bot"}

    def _send_message(self, params: dict[str, Any]) -> Any:
        chat, text = params["chat_id"], params["text"]
        if chat not in self.chats:
            raise Refused(400, "Bad Request: chat not found")
        if chat in self.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        if not text.strip():
            raise Refused(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > 4096:
            raise Refused(400, "Bad Request: message is too long")
        for button in itertools.chain.from_iterable(params.get("reply_markup", {}).get("inline_keyboard", ())):
            _check_button(button)
        message = {"message_id": next(self.numbers), **params}
        self.sent.append(message)
        return {"message_id": message["message_id"], "chat": {"id": chat, "type": "private"}, "date": 1, "text": text}

    def _answer_callback_query(self, params: dict[str, Any]) -> Any:
        query = params["callback_query_id"]
        if query not in self.pressed:
            words = "query is too old and response timeout expired or query ID is invalid"
            raise Refused(400, f"Bad Request: {words}")
        self.pressed.remove(query)
        self.answered.append(query)
        return True

    def _get_file(self, params: dict[str, Any]) -> Any:
        data = self.files.get(params["file_id"])
        if data is None:
            raise Refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if len(data) > 20 * 1024 * 1024:
            raise Refused(400, "Bad Request: file is too big")
        path = f"photos/{params['file_id']}.jpg"
        return {"file_id": params["file_id"], "file_unique_id": "u", "file_size": len(data), "file_path": path}

    def _set_webhook(self, params: dict[str, Any]) -> Any:
        parts, secret = urlsplit(params["url"]), params.get("secret_token", "")
        if parts.scheme != "https" or (parts.port or 443) not in (443, 80, 88, 8443):
            raise Refused(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
            raise Refused(400, "Bad Request: secret token contains unallowed characters")
        self.webhook = params
        return True

    def _delete_webhook(self, _params: dict[str, Any]) -> Any:
        self.webhook = {}
        return True

    def _set_my_commands(self, params: dict[str, Any]) -> Any:
        for one in params["commands"]:
            if not re.fullmatch("[a-z0-9_]{1,32}", one["command"]) or not 1 <= len(one["description"]) <= 256:
                raise Refused(400, "Bad Request: BOT_COMMAND_INVALID")
        self.menus[params.get("language_code", "")] = [one["command"] for one in params["commands"]]
        return True

    def _get_webhook_info(self, _params: dict[str, Any]) -> Any:
        known = {"url": self.webhook.get("url", ""), "has_custom_certificate": False}
        return {**known, "pending_update_count": len(self.updates), "last_error_message": "Connection timed out"}

    def _get_updates(self, params: dict[str, Any]) -> Any:
        if self.webhook:
            words = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            raise Refused(409, f"Conflict: {words}")
        self.updates = [one for one in self.updates if one["update_id"] >= params.get("offset", 0)]
        wanted = [one for one in self.updates if set(one) & set(params["allowed_updates"])]
        if not wanted:
            self.when_empty()
        return wanted[: params.get("limit", 100)]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_args: Any) -> None:
                """Nothing."""

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                token, _, method = self.path.removeprefix("/bot").partition("/")
                try:
                    if token != TOKEN:
                        raise Refused(401, "Unauthorized")
                    with fake._lock:
                        said = {"ok": True, "result": fake.call(method, json.loads(body))}
                    self._say(200, said)
                except Refused as no:
                    error = {"ok": False, "error_code": no.code, "description": no.words}
                    self._say(no.code, {**error, "parameters": no.parameters} if no.parameters else error)
                except ConnectionAbortedError:
                    self.close_connection = True

            def do_GET(self) -> None:
                found = re.fullmatch(rf"/file/bot{re.escape(TOKEN)}/photos/([\w-]+)\.jpg", self.path)
                data = fake.files.get(found[1]) if found else None
                fake.downloaded.append(found[1] if found else "")
                self._send(404 if data is None else 200, data or b"", "application/octet-stream")

            def _say(self, status: int, said: dict[str, Any]) -> None:
                self._send(status, json.dumps(said).encode(), "application/json")

            def _send(self, status: int, data: bytes, mime: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", mime)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                with suppress(ConnectionError):  # who asked has gone
                    self.wfile.write(data)

        return Handler


def _check_button(button: dict[str, str]) -> None:
    kinds = set(button) - {"text"}
    if not button.get("text") or len(kinds) != 1 or not kinds <= {"url", "callback_data"}:
        raise Refused(400, "Bad Request: can't parse inline keyboard button")
    if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= 64:
        raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
    if "url" in button and "." not in (urlsplit(button["url"]).hostname or ""):
        raise Refused(400, f"Bad Request: inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")


@contextmanager
def serving() -> Iterator[FakeTelegram]:
    fake = FakeTelegram()
    fake.start()
    yield fake
    fake.stop()


class Phone:
    """One person's telephone: makes the updates that the platform would make of what is done on it."""

    _updates = itertools.count(700_000)

    def __init__(self, fake: FakeTelegram, chat: int = 42, language: str | None = "zh-hans") -> None:
        self.fake, self.chat, self.language = fake, chat, language
        fake.chats.add(chat)

    @property
    def person(self) -> dict[str, Any]:
        known = {"id": self.chat, "is_bot": False, "first_name": "张", "username": "made_up"}
        return {**known, "language_code": self.language} if self.language else known

    def update(self, **content: Any) -> dict[str, Any]:
        return {"update_id": next(self._updates), **content}

    def message(self, what: str = "message", **content: Any) -> dict[str, Any]:
        chat = {"id": self.chat, "type": "private", "first_name": "张"}
        said = {"message_id": next(self.fake.numbers), "from": self.person, "chat": chat, "date": 1_795_000_000}
        return self.update(**{what: {**said, **content}})

    def text(self, text: str) -> dict[str, Any]:
        return self.message(text=text)

    def photo(self, data: bytes, **more: Any) -> dict[str, Any]:
        name = f"photo-{next(self.fake.numbers)}"
        self.fake.files |= {name: data, f"{name}-thumb": b"a thumbnail"}
        sizes = [(f"{name}-thumb", 90, 67), (name, 1280, 960), (f"{name}-mid", 320, 240)]
        return self.message(
            photo=[{"file_id": f, "file_unique_id": f, "width": w, "height": h, "file_size": 9} for f, w, h in sizes],
            **more,
        )

    def press(self, label: str, message: dict[str, Any] | None = None) -> dict[str, Any]:
        """The button whose label begins so, under the last message that has buttons, or under `message`."""
        under = message or next(m for m in reversed(self.heard) if "reply_markup" in m)
        rows = under["reply_markup"]["inline_keyboard"]
        data = next(b["callback_data"] for row in rows for b in row if b["text"].startswith(label))
        query = f"q{next(self.fake.numbers)}"
        self.fake.pressed.add(query)
        chat = {"id": self.chat, "type": "private"}
        shown = {"message_id": under["message_id"], "chat": chat, "date": 1, "text": under["text"]}
        pressed = {"id": query, "from": self.person, "message": shown, "chat_instance": "1", "data": data}
        return self.update(callback_query=pressed)

    def standing(self, status: str, date: int) -> dict[str, Any]:
        chat = {"id": self.chat, "type": "private"}
        bot = {"id": 123456, "is_bot": True, "first_name": "Bole"}
        old, new = {"user": bot, "status": "member"}, {"user": bot, "status": status}
        changed = {"chat": chat, "from": self.person, "date": date, "old_chat_member": old, "new_chat_member": new}
        return self.update(my_chat_member=changed)

    @property
    def heard(self) -> list[dict[str, Any]]:
        return [message for message in self.fake.sent if message["chat_id"] == self.chat]
