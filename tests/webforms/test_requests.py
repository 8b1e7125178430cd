"""What no person types and a database may refuse does no harm."""

from typing import Any

import pytest
from flask import Flask, request

from models.application.tables import Application, DocumentPage
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
