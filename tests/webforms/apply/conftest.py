"""An open round of the real pack and a person at a phone without JavaScript."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextvars import Context
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from browsing import chromium, open_context, served
from built_once import built_once
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext
from werkzeug.test import Cookie, TestResponse

from models.application import queries, rounds
from models.application.queries import ApplicationView
from models.extensions import db
from models.office import units
from models.programme import idnumber
from models.programme.loader import load_pack
from webforms import access

SLUG = "hengyang-2015"
ID_NUMBER = idnumber.make("430406", date(1970, 3, 5), 17)
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 400


@pytest.fixture
def site(app: Flask) -> Flask:
    """The app with a round that is open on the clock's day."""
    with app.app_context():
        built_once(app, "site", _open_round)
    return app


def _open_round() -> None:
    pack = load_pack(SLUG)
    rounds.ensure_notice_round(pack)
    units.load_units(pack)
    rounds.open_round(SLUG, "2026", date(2026, 11, 1), date(2026, 12, 20))


@dataclass
class Person:
    """A browser without scripts: reads forms, sends them with their hidden inputs."""

    app: Flask
    client: FlaskClient
    last: TestResponse | None = None
    headers: dict[str, str] = field(default_factory=lambda: {"Accept-Language": "zh-CN"})
    alike: bool = False  # nothing but what `built_once` knows of is different in this test when it begins

    def get(self, path: str) -> str:
        """A page after all redirects."""
        self.last = self.client.get(path, follow_redirects=True, headers=self.headers)
        return self.last.get_data(as_text=True)

    def send(self, path: str, data: dict[str, Any] | None = None, **also: Any) -> str:
        """Post with the ticket of the page that was last read."""
        payload = {"_ticket": self.ticket, **(data or {})}
        self.last = self.client.post(path, data=payload, follow_redirects=True, headers=self.headers, **also)
        return self.last.get_data(as_text=True)

    @property
    def ticket(self) -> str:
        found = re.search(r'name="_ticket" value="([^"]+)"', self.last.get_data(as_text=True)) if self.last else None
        return html.unescape(found[1]) if found else ""

    @property
    def path(self) -> str:
        assert self.last is not None
        return self.last.request.path

    def url(self, rest: str = "") -> str:
        return f"/p/{SLUG}{rest}"

    def view(self) -> ApplicationView:
        """The application as it is kept."""
        with self.app.app_context():
            found = queries.view(self.app_id)
            _ = found.plan
            db.session.expunge_all()
            return found

    @property
    def app_id(self) -> str:
        cookie = self.client.get_cookie(access.COOKIE)
        assert cookie is not None
        with self.app.app_context():
            from models import crypto

            return str(crypto.ring().unsign("door", cookie.value)[SLUG]["app"])

    def consent(self) -> None:
        self.get("/")
        self.send(self.url("/start"))
        self.send(self.url("/consents"), {f"consent:{c.id}": "yes" for c in load_pack(SLUG).programme.consents})

    def answer_all_questions(self) -> None:
        """Answer the way a senior professional in a county would."""
        for _ in range(30):
            if "/q/" not in self.path:
                return
            name = self.path.rpartition("/")[2]
            self.send(self.path, self.answer_to(name))
            assert self.last is not None
            assert self.last.status_code == 200, f"{name}: {self.last.get_data(as_text=True)[:3000]}"
        raise AssertionError("the questions do not end")

    def answer_to(self, name: str) -> dict[str, Any]:
        if name == "claim":
            return {"claim": ["senior_professional"]}
        key = f"fact:{name}"
        ask = self.view().plan.ask(key)
        assert ask is not None
        values = [option.value for option in ask.options]
        if ask.kind == "yes_no":
            return {key: "yes"}
        return {key: next((value for value in ("senior", "master") if value in values), values[0])}

    def to_the_offer(self) -> str:
        """The page after the verdict: the ID card first."""
        self.consent()
        self.answer_all_questions()
        assert self.path.endswith("/verdict")
        page = self.send(self.url("/verdict"))
        assert self.path.endswith("/prefill")
        return page

    def to_the_form(self) -> None:
        """To the list of what is to be filled in. Whoever begins with this walks once in a test process; the others
        are where that one was, with the same cookie before the same page."""
        if not self.alike or self.last is not None:
            self._walk_to_the_form()
            return

        def walk() -> tuple[dict[Any, Cookie], TestResponse | None]:
            Context().run(self._walk_to_the_form)  # requests see nothing of the context that we stand in
            return dict(self._cookies), self.last

        with self.app.app_context():
            cookies, self.last = built_once(self.app, f"form {sorted(self.headers.items())}", walk)
        self._cookies.update(cookies)

    @property
    def _cookies(self) -> dict[Any, Cookie]:
        assert self.client._cookies is not None
        return self.client._cookies

    def _walk_to_the_form(self) -> None:
        self.to_the_offer()
        self.send(self.url("/prefill"), {"choice": "self"})
        assert self.path.endswith("/tasks")

    def fill_everything(self) -> None:
        """Sections, rows and photos until nothing is missing."""
        for _ in range(60):
            view = self.view()
            ask = next((a for a in view.plan.asks if a.key not in view.plan.answered), None)
            if ask is None or ask.kind == "declaration":
                return
            kind, _, name = ask.key.partition(":")
            if kind == "document":
                self.get(self.url(f"/d/{name}"))
                files = {"photo": (_file(), "p.jpg"), "_key": f"{name}-{len(view.pages)}"}
                self.send(self.url(f"/d/{name}"), files, content_type="multipart/form-data")
            elif ask.kind == "rows" and ask.required:
                self.get(self.url(f"/rows/{name}/1"))
                cells = {c.id: "1990" if c.kind in ("month", "date") else "测试" for c in ask.columns}
                self.send(self.url(f"/rows/{name}/1"), row_inputs(ask.columns, cells))
            else:
                self.get(self.url(f"/s/{ask.section}"))
                asks = [a for a in view.plan.asks if a.section == ask.section and a.kind != "rows"]
                self.send(self.url(f"/s/{ask.section}"), {k: v for a in asks for k, v in inputs(a).items()})
        raise AssertionError(f"stuck at {self.path}")

    def hand_in(self) -> None:
        self.get(self.url("/declare"))
        self.send(self.url("/declare"), {f"declaration:{d.id}": "yes" for d in load_pack(SLUG).programme.declarations})
        assert self.path.endswith("/receipt"), self.last.get_data(as_text=True) if self.last else ""


def _file() -> Any:
    import io

    return io.BytesIO(JPEG)


def inputs(ask: Any) -> dict[str, Any]:
    """What a person types for one field of the form."""
    if ask.key == "field:id_number" or ask.kind == "id_number":
        return {ask.key: ID_NUMBER}
    if ask.kind == "date":
        return {f"{ask.key}.y": "1970", f"{ask.key}.m": "3", f"{ask.key}.d": "5"}
    if ask.kind == "month":
        return {f"{ask.key}.y": "1992", f"{ask.key}.m": "7"}
    if ask.options:
        return {ask.key: ask.options[0].value}
    return {ask.key: {"phone": "13800000000", "number": "3", "yes_no": "yes"}.get(ask.kind, "测试")}


def row_inputs(columns: Any, cells: dict[str, str]) -> dict[str, Any]:
    """What a person types for one row."""
    out: dict[str, Any] = {}
    for column in columns:
        if column.kind in ("month", "date"):
            out |= {f"col:{column.id}.y": cells[column.id], f"col:{column.id}.m": "7", f"col:{column.id}.d": "1"}
        elif column.options:
            out[f"col:{column.id}"] = column.options[0].value
        else:
            out[f"col:{column.id}"] = "3" if column.kind == "number" else cells[column.id]
    return out


@pytest.fixture
def person(request: pytest.FixtureRequest, site: Flask) -> Person:
    return Person(site, site.test_client(), alike="monkeypatch" not in request.fixturenames)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture
def address(site: Flask) -> Iterator[str]:
    with served(site) as found:
        yield found


@pytest.fixture
def phone(browser: Browser, address: str, person: Any) -> Iterator[BrowserContext]:
    """The phone of a person whose form is open."""
    person.to_the_form()
    context = open_context(browser, base_url=address)
    context.add_init_script(
        "addEventListener('pageshow', (e) => { window.fromCache = e.persisted; window.left = false })"
    )
    cookie = person.client.get_cookie(access.COOKIE)
    context.add_cookies([{"name": access.COOKIE, "value": cookie.value, "url": address}])
    yield context
    context.close()
