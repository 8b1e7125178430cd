"""WeCom's API of 微信客服 on a port of this machine, as strict as the documented one, and people with telephones.

Source: 企业微信开发者中心 90664 (token), 94670 (sync_msg), 94677 (send_msg), 95122 (send_msg_on_event), 90254 (media),
90313 (codes). The code for a repeated msgid is not documented: 95099 is ours, its words are what the page says.
"""

from __future__ import annotations

import itertools
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

CORP_ID, OPEN_KFID = "ww0123456789abcdef", "wkMade_Up-Account0123456789"
SECRET, TOKEN, AES_KEY = "made-up-kefu-secret", "made-up-kefu-token", "K" * 43
REPEATED = 95099
_NEVER = datetime.min.replace(tzinfo=UTC)


class Refused(Exception):
    def __init__(self, code: int, words: str = "refused") -> None:
        super().__init__(words)
        self.code, self.words = code, words


@dataclass
class Chat:
    """What the platform knows of a person: until when, and how many messages they may still be sent."""

    until: datetime | None = None
    left: int = 0


class FakeKefu:
    """`log` is all that sync_msg gives; `sent` what people see (person, type, content). `troubles` are met one after
    the other by the next calls of a path: a code, or "hang up" after the call was done."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.log: list[dict[str, Any]] = []
        self.sent: list[tuple[str, str, Any]] = []
        self.called: list[tuple[str, dict[str, Any]]] = []
        self.troubles: dict[str, list[int | str]] = {}
        self.meanwhile: dict[str, list[Callable[[], object]]] = {}  # done while the next call of a path is answered
        self.files: dict[str, bytes] = {}
        self.people: dict[str, Chat] = {}
        self.page = 1000
        self.tokens: set[str] = set()
        self.pings: dict[str, datetime] = {}
        self.codes: dict[str, tuple[str, datetime]] = {}
        self.msgids: set[str] = set()
        self.numbers = itertools.count(1)
        self._lock = threading.RLock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    # what people do

    def says(self, person: str, text: str, **more: Any) -> str:
        return self._came(person, "text", {"content": text, **more})

    def presses(self, person: str, words: str, menu: dict[str, Any] | None = None) -> str:
        """Press the choice with these words: of this menu, or the last one that the person was sent."""
        shown = menu or next(body for who, kind, body in reversed(self.sent) if (who, kind) == (person, "msgmenu"))
        item = next(one["click"] for one in shown["list"] if words in one["click"]["content"])
        return self.says(person, item["content"], menu_id=item["id"])

    def shows(self, person: str, data: bytes, kind: str = "image") -> str:
        media_id = f"media{next(self.numbers)}"
        self.files[media_id] = data
        return self._came(person, kind, {"media_id": media_id})

    def sends(self, person: str, kind: str) -> str:
        return self._came(person, kind, {"any": "thing"})

    def enters(self, person: str, scene: str = "made_up") -> None:
        chat = self.people.get(person)
        code = f"code{next(self.numbers)}" if chat is None else ""
        if code:
            self.codes[code] = (person, self.now())
        self.event("enter_session", external_userid=person, scene=scene, **({"welcome_code": code} if code else {}))

    def event(self, kind: str, **fields: Any) -> None:
        event = {"event_type": kind, "open_kfid": OPEN_KFID, **fields}
        self._log({"origin": 4, "msgtype": "event", "event": event})

    def _came(self, person: str, kind: str, content: dict[str, Any]) -> str:
        self.people[person] = Chat(self.now() + timedelta(hours=48), 5)
        of = {"open_kfid": OPEN_KFID, "external_userid": person}
        return self._log({"origin": 3, "msgtype": kind, kind: content, **of})

    def _log(self, entry: dict[str, Any]) -> str:
        msgid = f"made_up_{next(self.numbers)}"
        self.log.append({"msgid": msgid, "send_time": int(self.now().timestamp()), **entry})
        return msgid

    def ping(self) -> str:
        """A token that lets the callback's receiver pull, for ten minutes."""
        token = f"ENC{next(self.numbers)}"
        self.pings[token] = self.now()
        return token

    def texts(self, person: str) -> list[str]:
        """What a person sees, menus with their choices."""
        return [_shown(kind, body) for who, kind, body in self.sent if who == person]

    # what we call

    def call(self, path: str, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any] | bytes:
        """Raises Refused."""
        if path == "/cgi-bin/gettoken":
            return self._gettoken(query)
        if not query.get("access_token"):
            raise Refused(41001)
        if query["access_token"] not in self.tokens:
            raise Refused(40014, "invalid access_token")
        if path == "/cgi-bin/media/get":
            return self._media(query["media_id"])
        known = {"sync_msg": self._sync, "send_msg": self._send, "send_msg_on_event": self._welcome}
        return known[path.removeprefix("/cgi-bin/kf/")](body)

    def _gettoken(self, query: dict[str, str]) -> dict[str, Any]:
        if query.get("corpid") != CORP_ID:
            raise Refused(40013)
        if query.get("corpsecret") != SECRET:
            raise Refused(40001)
        token = f"access-{next(self.numbers)}"
        self.tokens = {token}
        return {"access_token": token, "expires_in": 7200}

    def _media(self, media_id: str) -> bytes:
        if media_id not in self.files:
            raise Refused(40007, "invalid media_id")
        return self.files[media_id]

    def _sync(self, body: dict[str, Any]) -> dict[str, Any]:
        assert set(body) <= {"cursor", "token", "limit", "voice_format", "open_kfid"}
        self._check_account(body)
        if "token" in body and self.now() - self.pings.get(body["token"], _NEVER) > timedelta(minutes=10):
            raise Refused(95007, "invalid msg token")
        cursor = body.get("cursor", "cursor-0")
        assert re.fullmatch(r"cursor-\d+", cursor), "not ours"
        assert 0 < body["limit"] <= 1000
        first = int(cursor.removeprefix("cursor-"))
        last = min(first + min(body["limit"], self.page), len(self.log))
        page = self.log[first:last]
        return {"next_cursor": f"cursor-{last}", "has_more": int(last < len(self.log)), "msg_list": page}

    def _send(self, body: dict[str, Any]) -> dict[str, Any]:
        assert set(body) == {"touser", "open_kfid", "msgid", "msgtype", body["msgtype"]}
        self._check_account(body)
        chat = self.people.get(body["touser"])
        if chat is None:
            raise Refused(40096, "invalid external userid")
        self._check_body(body)
        if chat.until is None or self.now() >= chat.until:
            raise Refused(95002, "out of time")
        if chat.left == 0:
            raise Refused(95001, "send msg count limit")
        self._take(body["touser"], body)
        chat.left -= 1
        return {"msgid": body["msgid"]}

    def _welcome(self, body: dict[str, Any]) -> dict[str, Any]:
        assert set(body) == {"code", "msgid", "msgtype", body["msgtype"]}
        person, at = self.codes.pop(body["code"], ("", _NEVER))
        if not person or self.now() - at > timedelta(seconds=20):
            raise Refused(95005, "invalid code")
        self._check_body(body)
        self._take(person, body)
        return {"msgid": body["msgid"]}

    def _take(self, person: str, body: dict[str, Any]) -> None:
        if body["msgid"] in self.msgids:
            raise Refused(REPEATED, "msgid already exists")
        self.msgids.add(body["msgid"])
        self.sent.append((person, body["msgtype"], body[body["msgtype"]]))

    def _check_account(self, body: dict[str, Any]) -> None:
        if body.get("open_kfid") != OPEN_KFID:
            raise Refused(95000, "invalid open_kfid")

    def _check_body(self, body: dict[str, Any]) -> None:
        if not re.fullmatch(r"[0-9A-Za-z_-]{1,32}", body["msgid"]):
            raise Refused(40058, "invalid msgid")
        if body["msgtype"] == "text":
            if not 0 < len(body["text"]["content"].encode()) <= 2048:
                raise Refused(40058, "content size")
            return
        menu = body["msgmenu"]
        assert set(menu) <= {"head_content", "list", "tail_content"}
        if not 0 < len(menu["list"]) <= 10:
            raise Refused(95008, "menu items")
        for around in ("head_content", "tail_content"):
            if len(menu.get(around, "").encode()) > 1024:
                raise Refused(40058, around)
        for item in menu["list"]:
            if item["type"] != "click":
                raise Refused(95009)
            if len(item["click"]["id"].encode()) > 128 or not 0 < len(item["click"]["content"].encode()) <= 128:
                raise Refused(40058, "menu item")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                return

            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self._answer()

            def _answer(self) -> None:
                parts = urlsplit(self.path)
                data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                body = json.loads(data) if data else {}
                trouble = fake.troubles.get(parts.path.rpartition("/")[2], [])
                next_one = trouble.pop(0) if trouble else None
                for what in fake.meanwhile.pop(parts.path.rpartition("/")[2], []):
                    what()
                found: dict[str, Any] | bytes
                with fake._lock:
                    fake.called.append((parts.path.rpartition("/")[2], body))
                    try:
                        if isinstance(next_one, int):
                            raise Refused(next_one)
                        found = fake.call(parts.path, dict(parse_qsl(parts.query)), body)
                    except Refused as exc:
                        found = {"errcode": exc.code, "errmsg": f"{exc.words}, hint: [1]"}
                if next_one == "hang up":
                    self.close_connection = True
                    return
                self._write(found)

            def _write(self, found: dict[str, Any] | bytes) -> None:
                kind = "image/jpeg" if isinstance(found, bytes) else "application/json; charset=utf-8"
                data = (
                    found if isinstance(found, bytes) else json.dumps({"errcode": 0, "errmsg": "ok", **found}).encode()
                )
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        return Handler


def _shown(kind: str, body: Any) -> str:
    if kind == "text":
        return str(body["content"])
    items = [item["click"]["content"] for item in body["list"]]
    return "\n".join(filter(None, [body.get("head_content", ""), *items, body.get("tail_content", "")]))
