"""Programs that others wrote for the platform must agree with us: each holds a whole application."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from browsing import served
from flask import Flask
from sqlalchemy import func, select

from bot_adapter.channels.wechat import media, webhook
from models.application.tables import Application, DocumentPage, Inbound
from models.extensions import db

HERE = Path(__file__).parents[2] / "support" / "strangers"
MODULES = Path(sys.prefix) / "strangers" / "node_modules"
TOKEN, APP_ID, KEY = "madeuptoken", "wx0123456789abcdef", "K" * 43
STRANGERS = {
    "simulator": (["node", str(HERE / "webot.js"), str(MODULES)], [TOKEN]),
    "sdk": ([sys.executable, str(HERE / "sdk.py")], [TOKEN, APP_ID]),
    "sdk, safe mode": ([sys.executable, str(HERE / "sdk.py")], [TOKEN, APP_ID, KEY]),
}


@contextmanager
def photos(picture: bytes) -> Iterator[str]:
    """A server that has one photo at every address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(picture)))
            self.end_headers()
            self.wfile.write(picture)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def talking(command: list[str]) -> Iterator[Callable[..., str]]:
    """Say something through the stranger; the text of the reply as it understands it."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None

        def say(**said: str) -> str:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(json.dumps(said) + "\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            assert answer.get("type") == "text", answer
            return str(answer["text"])

        yield say
        process.stdin.close()
        assert process.wait() == 0


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_stranger_holds_a_whole_application(
    chat_app: Flask, monkeypatch: pytest.MonkeyPatch, photograph: Callable[..., bytes], id_number: str, stranger: str
) -> None:
    safe = KEY in STRANGERS[stranger][1]
    account = {"wechat_token": TOKEN, "wechat_app_id": APP_ID, "wechat_aes_keys": (KEY,) if safe else ()}
    chat_app.config["BOLE"] = chat_app.config["BOLE"].model_copy(update=account)
    here = partial(media.fetch, hosts=("127.0.0.1",), allowed=lambda _address: True)
    monkeypatch.setattr(webhook.media, "fetch", lambda url, **how: here(url, **how))
    program, secrets = STRANGERS[stranger]
    place = "红星果园 <&>" if stranger == "simulator" else "红星果园 ]]> <&>"  # the simulator's own XML breaks at ]]>
    db.session.remove()
    with (
        photos(photograph()) as pictures,
        served(chat_app) as url,
        talking([*program, f"{url}/wechat/", *secrets]) as say,
    ):
        assert "果园能手申报" in say(text="你好")
        for text in ("1", "1", "1", "1", "2", "继续", "张三", id_number, "对", "13812345678", "跳过", "桃", "跳过"):
            say(text=text)
        for text in ("2010.9", "至今", place, "完成", "没有"):
            say(text=text)
        say(pic=f"{pictures}/1")
        say(pic=f"{pictures}/2")
        say(text="发完了")
        say(pic=f"{pictures}/3")
        heard = [say(text=text) for text in ("跳过", "1", "1")]
        status = say(text="进度")
    application = db.session.scalars(select(Application)).one()
    assert application.status == "submitted"
    assert application.receipt in heard[-1] and application.receipt in status
    assert "已提交" in status
    assert db.session.scalar(select(func.count()).select_from(DocumentPage)) == 3
    assert db.session.scalar(select(func.count()).select_from(Inbound)) == 27
