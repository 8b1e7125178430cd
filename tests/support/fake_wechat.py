"""The platform's API for official accounts, on a thread: as strict as the real one about what it is asked.

Errors are HTTP 200 with `errcode`, as text/plain. A test says what the account has (followers, templates, files) and
may make an answer go wrong once (`break_next`).
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

APP_ID, SECRET = "wx0123456789abcdef", "fake-app-secret-0123456789abcdef"
_KINDS = {  # 类目模板消息参数值内容限制
    "thing": re.compile(r".{1,20}", re.DOTALL),
    "phrase": re.compile(r"[\u4e00-\u9fff]{1,5}"),
    "character_string": re.compile(r"[\x21-\x7e]{1,32}"),
    "time": re.compile(r"\d{4}年\d{1,2}月\d{1,2}日 \d{2}:\d{2}"),
    "date": re.compile(r"\d{4}年\d{1,2}月\d{1,2}日"),
}


class No(Exception):
    """An error code."""


@dataclass
class Broken:
    """An answer that is none: a status, any body, or one that never ends."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    until: threading.Event | None = None  # the answer goes on, byte by byte, until this is set


class FakeWeChat:
    """What the account has, what it was asked, and what it sent."""

    def __init__(self) -> None:
        self.followers: dict[str, int] = {}  # openid: how many customer-service messages are still open
        self.closed: set[str] = set()  # followers who have not written for 48 hours
        self.left: set[str] = set()
        self.templates: dict[str, str] = {}
        self.files: dict[str, bytes] = {}
        self.codes: dict[str, str] = {}  # of 网页授权: code, whose
        self.snapshots: set[str] = set()
        self.rights = {"custom", "template", "menu", "media"}
        self.menu: dict[str, Any] | None = None
        self.sent: list[dict[str, Any]] = []
        self.reminded: dict[tuple[str, str], int] = {}  # by openid and client_msg_id: msgid
        self.asked: list[str] = []
        self.refreshes = 0
        self.daily = 1000  # calls left today
        self.before_token: Callable[[], object] = lambda: None
        self._token, self._state = "", "none"  # none | valid | expired | revoked
        self._used: set[str] = set()
        self._broken: dict[str, list[Broken]] = {}
        self._lock = threading.Lock()
        self.address = ""

    def expire(self) -> None:
        """The token has become old (42001)."""
        self._state = "expired"

    def revoke(self) -> None:
        """Another program has taken a token of its own by the old call: ours counts no more (40001)."""
        self._state = "revoked"

    def break_next(self, path: str, *answers: Broken) -> None:
        """The next calls of `path` get these."""
        self._broken.setdefault(path, []).extend(answers)

    def answer(self, method: str, path: str, query: dict[str, str], body: bytes) -> Broken | bytes | dict[str, Any]:
        """One call."""
        with self._lock:
            self.asked.append(path)
            if self._broken.get(path):
                return self._broken[path].pop(0)
        handler = _PATHS.get((method, path))
        if handler is None:
            return Broken(404, b"<html>404 Not Found</html>")
        if path == "/cgi-bin/stable_token":
            self.before_token()
        with self._lock:
            try:
                given = _parsed(body) if method == "POST" else {}
                if path not in ("/cgi-bin/stable_token", "/sns/oauth2/access_token"):
                    self._authorise(query)
                return handler(self, query, given)
            except No as exc:
                return {"errcode": int(str(exc)), "errmsg": "no rid: 6463521f-1adf7efb-7b834cc4"}

    def _authorise(self, query: dict[str, str]) -> None:
        if not query.get("access_token"):
            raise No(41001)
        if query["access_token"] != self._token or self._state in ("none", "revoked"):
            raise No(40001)
        if self._state == "expired":
            raise No(42001)
        self.daily -= 1
        if self.daily < 0:
            raise No(45009)

    def _may(self, right: str) -> None:
        if right not in self.rights:
            raise No(48001)

    def stable_token(self, _query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        if set(body) != {"grant_type", "appid", "secret"} or body["grant_type"] != "client_credential":
            raise No(40002)
        if body["appid"] != APP_ID:
            raise No(40013)
        if body["secret"] != SECRET:
            raise No(40125)
        if self._state != "valid":
            self.refreshes += 1
            self._token, self._state = f"fake-token-{self.refreshes}", "valid"
        return {"access_token": self._token, "expires_in": 7200}

    def custom_send(self, _query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        self._may("custom")
        if set(body) != {"touser", "msgtype", "text"} or body["msgtype"] != "text":
            raise No(40008)
        openid, content = body["touser"], body["text"].get("content", "")
        if openid in self.left:
            raise No(43004)
        if openid not in self.followers:
            raise No(40003)
        if not content:
            raise No(44004)
        if len(content.encode()) > 2048:
            raise No(45002)
        if openid in self.closed:
            raise No(45015)
        if self.followers[openid] < 1:
            raise No(45047)
        self.followers[openid] -= 1
        self.sent.append(body)
        return {"errcode": 0, "errmsg": "ok"}

    def template_send(self, _query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        self._may("template")
        if not set(body) <= {"touser", "template_id", "url", "data", "client_msg_id"} or "data" not in body:
            raise No(47001)
        openid = body["touser"]
        if openid in self.left:
            raise No(43004)
        if openid not in self.followers:
            raise No(40003)
        if body["template_id"] not in self.templates:
            raise No(40037)
        wanted = re.findall(r"\{\{(\w+)\.DATA\}\}", self.templates[body["template_id"]])
        if set(body["data"]) != set(wanted):
            raise No(47003)
        for name, given in body["data"].items():
            if not _KINDS[name.rstrip("0123456789")].fullmatch(given["value"]):
                raise No(47003)
        key = (openid, body.get("client_msg_id", f"none-{len(self.sent)}"))
        if key not in self.reminded:
            self.reminded[key] = 3_000_000_000 + len(self.reminded)
            self.sent.append(body)
        return {"errcode": 0, "errmsg": "ok", "msgid": self.reminded[key]}

    def template_list(self, _query: dict[str, str], _body: dict[str, Any]) -> dict[str, Any]:
        self._may("template")
        return {"template_list": [{"template_id": k, "title": "通知", "content": v} for k, v in self.templates.items()]}

    def media_get(self, query: dict[str, str], _body: dict[str, Any]) -> bytes | dict[str, Any]:
        self._may("media")
        found = self.files.get(query.get("media_id", ""))
        if found is None:
            raise No(40007)
        return {"video_url": "http://mpvideo.qpic.cn/1"} if found == b"film" else found

    def menu_create(self, _query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        self._may("menu")
        buttons = body.get("button", [])
        if not 1 <= len(buttons) <= 3:
            raise No(40016)
        for button in buttons:
            _check_button(button, 16)
            for inner in button.get("sub_button", []):
                _check_button(inner, 60)
        self.menu = body
        return {"errcode": 0, "errmsg": "ok"}

    def menu_get(self, _query: dict[str, str], _body: dict[str, Any]) -> dict[str, Any]:
        self._may("menu")
        if self.menu is None:
            raise No(46003)
        return {"menu": self.menu}

    def oauth(self, query: dict[str, str], _body: dict[str, Any]) -> dict[str, Any]:
        if query.get("appid") != APP_ID:
            raise No(40013)
        if query.get("secret") != SECRET:
            raise No(40125)
        if query.get("grant_type") != "authorization_code":
            raise No(40002)
        code = query.get("code", "")
        if code in self._used:
            raise No(40163)
        if code not in self.codes:
            raise No(40029)
        self._used.add(code)
        openid = self.codes[code]
        found = {"access_token": "web", "expires_in": 7200, "openid": openid, "scope": "snsapi_base"}
        return found | ({"is_snapshotuser": 1} if openid in self.snapshots else {})


Handler = Callable[[FakeWeChat, dict[str, str], dict[str, Any]], Any]
_PATHS: dict[tuple[str, str], Handler] = {
    ("POST", "/cgi-bin/stable_token"): FakeWeChat.stable_token,
    ("POST", "/cgi-bin/message/custom/send"): FakeWeChat.custom_send,
    ("POST", "/cgi-bin/message/template/send"): FakeWeChat.template_send,
    ("GET", "/cgi-bin/template/get_all_private_template"): FakeWeChat.template_list,
    ("GET", "/cgi-bin/media/get"): FakeWeChat.media_get,
    ("POST", "/cgi-bin/menu/create"): FakeWeChat.menu_create,
    ("GET", "/cgi-bin/menu/get"): FakeWeChat.menu_get,
    ("GET", "/sns/oauth2/access_token"): FakeWeChat.oauth,
}


def _parsed(body: bytes) -> dict[str, Any]:
    """As the platform takes it: UTF-8, and shown as it is written, so escapes would be seen by the person."""
    try:
        found = json.loads(body.decode("utf-8"))
    except ValueError:
        raise No(47001) from None
    if not isinstance(found, dict) or b"\\u" in body:
        raise No(47001)
    return found


def _check_button(button: dict[str, Any], longest: int) -> None:
    if not 0 < len(button["name"].encode()) <= longest:
        raise No(40018)
    if "sub_button" in button:
        if not 1 <= len(button["sub_button"]) <= 5 or "type" in button:
            raise No(40023)
    elif button.get("type") == "click":
        if not 0 < len(button.get("key", "").encode()) <= 128:
            raise No(40019)
    elif button.get("type") == "view":
        if not re.fullmatch(r"https?://\S{1,1000}", button.get("url", "")):
            raise No(40020)
    else:
        raise No(40017)


class _Handler(BaseHTTPRequestHandler):
    fake: FakeWeChat

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _serve(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        answer = self.fake.answer(self.command, parts.path, query, body)
        if isinstance(answer, Broken):
            self._break(answer)
        elif isinstance(answer, bytes):
            self._write(200, answer, {"Content-Type": "image/jpeg", "Content-disposition": "attachment"})
        else:
            self._write(200, json.dumps(answer).encode(), {"Content-Type": "text/plain"})

    def _write(self, status: int, data: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def _break(self, broken: Broken) -> None:
        if broken.until is None:
            self._write(broken.status, broken.body, broken.headers)
            return
        self.send_response(broken.status)
        self.end_headers()
        try:
            while not broken.until.wait(0.05):
                self.wfile.write(b" ")
        except OSError:
            return  # the other side has had enough

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@contextmanager
def fake_wechat() -> Iterator[FakeWeChat]:
    """A running fake; `address` is what `wechat_api` is to be."""
    fake = FakeWeChat()
    handler = type("Handler", (_Handler,), {"fake": fake})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    fake.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
