"""What no person types, and a database or the memory may refuse, does no harm."""

import io
from typing import Any

import pytest
from flask import Flask, request
from redis import Redis

from models import crowd
from models.application.tables import Application, DocumentPage
from models.crowd import Crowd
from models.extensions import db


@pytest.fixture
def echo(persistent_app: Flask) -> Flask:
    @persistent_app.route("/echo/<name>", methods=["GET", "POST"])
    def echoed(name: str) -> Any:
        found = db.session.query(Application).filter_by(name=request.values.get("q", "")).count()
        found += db.session.query(DocumentPage).filter_by(id=name).count()
        return {"q": request.values.getlist("q"), "found": found}

    return persistent_app


def test_nul_is_left_out_of_values_and_names_nothing_in_an_address(echo: Flask) -> None:
    client = echo.test_client()
    assert client.get("/echo/x?q=a%00b&q=c").json == {"q": ["ab", "c"], "found": 0}
    echo.config["WTF_CSRF_ENABLED"] = False
    assert client.post("/echo/x", data={"q": "a\0b"}).json == {"q": ["ab"], "found": 0}
    assert client.post("/echo/x", data={"q": "a\0b"}, content_type="multipart/form-data").json["q"] == ["ab"]
    assert client.get("/echo/a%00b").status_code == 404


def test_nothing_reads_a_body_before_its_own_page_does(echo: Flask) -> None:
    with echo.test_request_context("/echo/x", method="POST", json={"auth_token": "x"}):
        echo.config["WTF_CSRF_ENABLED"] = False
        echo.preprocess_request()
        assert request.stream.read() == b'{"auth_token": "x"}'


def test_a_form_longer_than_anybody_types_is_refused_with_words(echo: Flask) -> None:
    echo.config["WTF_CSRF_ENABLED"] = False
    client, most = echo.test_client(), echo.config["MAX_FORM_MEMORY_SIZE"]
    chinese = {"Accept-Language": "zh-CN"}
    assert client.post("/echo/x", data={"q": "a" * (most - 2)}).status_code == 200
    told = client.post("/echo/x", data={"q": "a" * (most - 1)}, headers=chinese)
    assert told.status_code == 413 and "写得太长" in told.text and "还在" in told.text
    told = client.post("/p/hengyang-2015/s/basic", data={"_ticket": "x", "q": "a" * most}, headers=chinese)
    assert told.status_code == 413, "said before anybody is asked who they are"
    told = client.post("/chat/hengyang-2015", data={"ticket": "x", "text": "a" * most})
    assert told.status_code == 413


def test_the_rest_of_what_is_too_long_is_read(echo: Flask) -> None:
    """A browser that is still sending when we answer shows a broken connection."""
    sent = io.BytesIO(b"q=" + b"a" * (3 * 1024 * 1024))
    answer = echo.test_client().post(
        "/echo/x", input_stream=sent, content_type="application/x-www-form-urlencoded", content_length=3 * 1024 * 1024
    )
    assert answer.status_code == 413
    assert sent.read() == b""


def test_a_file_that_is_too_large_is_said_to_be_one(echo: Flask) -> None:
    echo.config.update(WTF_CSRF_ENABLED=False, MAX_CONTENT_LENGTH=1000)
    photo = {"photo": (io.BytesIO(b"x" * 2000), "p.jpg")}
    told = echo.test_client().post("/chat/hengyang-2015", data=photo, headers={"Accept-Language": "zh-CN"})
    assert told.status_code == 413 and "文件太大" in told.text


def test_requests_in_progress_are_counted_for_those_who_give_way(app: Flask, valkey_url: str) -> None:
    app.crowd = Crowd(threads=2)
    with Redis.from_url(valkey_url) as redis:
        app.crowd.redis = redis
        client = app.test_client()
        for path in ("/healthz", "/healthz", "/nothing/here"):
            client.get(path)
        assert not crowd.is_there(redis), "one after the other"
        with app.crowd:
            client.get("/healthz")
        assert crowd.is_there(redis)
