"""What any answer costs: a Flask view that reads nothing and says a little JSON, for the same server as the product."""

from __future__ import annotations

from flask import Flask, Response, jsonify

app = Flask(__name__)


@app.post("/wechat/")
def receive() -> Response:
    return jsonify(ok=True)


@app.get("/healthz")
def healthy() -> str:
    return "ok"
