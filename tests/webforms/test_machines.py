"""Machines' requests pass only our own hooks, and lose nothing that protects us by it."""

import pytest
from flask import Response, abort, g, redirect, request, session
from structlog.contextvars import get_contextvars

from models.extensions import _reading, db
from webforms.app import _MACHINES
from webforms.flask_app import PlainResponse, asked_by_machine


@pytest.fixture
def app(make_app, settings):
    return make_app(settings.model_copy(update={"wechat_token": "t0ken", "proxies": 1}))


@pytest.fixture
def hear(app, monkeypatch):
    """What happened in the view of a webhook that is asked."""

    def ask(view, method="post", **given):
        monkeypatch.setitem(app.view_functions, "wechat.receive" if method == "post" else "wechat.check", view)
        return getattr(app.test_client(), method)("/wechat/", **given)

    return ask


def test_the_machines_are_there(app):
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert {name.partition(".")[0] for name in endpoints} >= _MACHINES


@pytest.mark.parametrize(
    ("path", "by_machine"), [("/wechat/", True), ("/healthz", True), ("/wechat/x", False), ("/", False)]
)
def test_only_machines_take_the_short_way(app, path, by_machine):
    with app.test_request_context(path):
        assert asked_by_machine(app) is by_machine


def test_every_header_of_protection_is_there_all_the_same(app):
    client = app.test_client()
    person, machine = client.get("/").headers, client.get("/healthz").headers
    for name in ("X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options", "Permissions-Policy", "Cache-Control"):
        assert machine[name] == person[name]
    assert machine["Content-Security-Policy"] == person["Content-Security-Policy"]
    assert "Set-Cookie" not in machine


def test_a_get_reads_and_a_post_writes_under_a_reference_of_its_own(hear):
    seen = []

    def view():
        seen.append((_reading.get(), get_contextvars()["endpoint"], get_contextvars()["reference"]))
        return ""

    hear(view, "get")
    hear(view)
    hear(view)
    assert [one[:2] for one in seen] == [(True, "wechat.check"), (False, "wechat.receive"), (False, "wechat.receive")]
    assert len({reference for _reading, _endpoint, reference in seen}) == 3


def test_a_session_cookie_is_neither_believed_nor_set(app, hear):
    def view():
        session["x"] = 1
        return ""

    assert "Set-Cookie" not in hear(view, headers={"Cookie": "session=forged.value.here"}).headers


def test_the_database_is_let_go_at_the_end(hear):
    held = []

    def view():
        held.append(db.session())
        held[0].connection()
        return ""

    hear(view)
    assert not held[0].in_transaction()


def test_the_proxy_names_the_visitor_and_a_body_has_its_limit(app, hear):
    app.config["MAX_CONTENT_LENGTH"] = 10

    def view():
        assert request.remote_addr == "203.0.113.9"
        g.read = request.get_data()
        return ""

    forwarded = {"X-Forwarded-For": "203.0.113.9"}
    assert hear(view, data=b"x" * 10, headers=forwarded).status_code == 200
    assert hear(view, data=b"x" * 11, headers=forwarded).status_code == 413


@pytest.mark.parametrize("code", [400, 403, 404, 413])
def test_a_refusal_is_its_status_alone(hear, code):
    answer = hear(lambda: abort(code))
    assert (answer.status_code, answer.data, answer.headers["X-Content-Type-Options"]) == (code, b"", "nosniff")


def test_an_error_of_ours_tells_nothing_of_itself(app, hear):
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def view():
        raise ValueError("a secret")

    answer = hear(view)
    assert answer.status_code == 500
    assert b"secret" not in answer.data


ANSWERS = {
    "page": lambda: Response("好"),
    "pieces": lambda: Response(iter(["a", "b"])),
    "nothing": lambda: Response(status=204),
    "unchanged": lambda: Response("x", 304, {"Content-Language": "zh"}),
    "refused": lambda: Response("x", 403),
    "elsewhere": lambda: redirect("/申报"),
    "lies elsewhere": lambda: Response("x", headers={"Content-Location": "/申报"}),
    "leads elsewhere": lambda: Response("x", headers={"Location": "/申报"}),
}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_is_sent_as_flask_sends_it(app, kind, method):
    with app.test_request_context(method=method):
        body, status, headers = ANSWERS[kind]().get_wsgi_response(request.environ)
        answer = PlainResponse.force_type(ANSWERS[kind]())
        own_body, own_status, own_headers = answer.get_wsgi_response(request.environ)
        assert (own_status, own_headers, list(own_body)) == (status, headers, list(body))
        assert isinstance(app.make_response(ANSWERS[kind]()), PlainResponse)
