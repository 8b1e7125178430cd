"""Bringing data over ends the same through either door, whatever the other application holds."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import two_programmes
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from two_programmes import CARVERS, WEAVERS, carver, weaver

from bot_adapter import conversation
from bot_adapter.messages import InboundMessage
from models import crypto
from models.application import queries, reuse
from models.application.tables import ConsentRecord
from models.extensions import db
from webforms import access

_SOME = settings(
    max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
_MAY_BE_LEFT_OUT = ("field:birth_date", "field:education", "field:employer", "field:phone", "field:career")


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch, app: Flask) -> Iterator[Flask]:
    app.extensions["bole"].redis = None
    app.config["RATELIMIT_ENABLED"] = False
    with two_programmes.packs(monkeypatch):
        with app.app_context():
            two_programmes.open_rounds()
        yield app


def by_web(town: Flask, source: str, target: str, agree: bool) -> str:
    client = town.test_client()
    entries = {slug: {"app": app_id, "link": ""} for slug, app_id in ((CARVERS, source), (WEAVERS, target))}
    with town.app_context():
        client.set_cookie(access.COOKIE, crypto.ring().sign("door", entries))
    page = client.get(f"/p/{WEAVERS}/next", follow_redirects=True).text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    wish = {"choice": "yes", "agree": "yes"} if agree else {"choice": "no"}
    client.post(f"/p/{WEAVERS}/bring", data={**hidden, **wish})
    return page


def by_chat(source: str, target: str, agree: bool) -> str:
    sender = uuid.uuid4().hex
    for slug, app_id in ((CARVERS, source), (WEAVERS, target)):
        conversation.join("webchat", slug, sender, slug, app_id, "zh")
    said = []
    for text in ("", "1" if agree else "2"):
        message = InboundMessage("webchat", sender, uuid.uuid4().hex, text, (), WEAVERS, WEAVERS)
        said.append("\n".join(one.plain() for one in conversation.handle(message)))
    return said[0]


def kept(target: str) -> dict[str, Any]:
    db.session.expire_all()
    view = queries.view(target)
    given = db.session.scalars(select(ConsentRecord).where(ConsentRecord.application_id == target))
    return {
        "answers": dict(view.answers),
        "sealed": view.sealed_keys,
        "pages": [(page.document, page.position, page.state, page.sha256) for page in view.pages],
        "answered": view.plan.answered,
        "name": view.application.name,
        "consents": sorted((one.consent, one.version) for one in given),
        "events": [(event.type, {**event.data, "door": ""}) for event in view.events if event.type != "started"],
    }


@_SOME
@given(left_out=st.sets(st.sampled_from(_MAY_BE_LEFT_OUT)), photos=st.booleans(), agree=st.booleans())
def test_both_doors_bring_over_the_same(town: Flask, left_out: set[str], photos: bool, agree: bool) -> None:
    with town.app_context():
        source = carver(photos=photos, **dict.fromkeys(left_out))
        web, chat = weaver(), weaver()
    first = by_web(town, source, web, agree)  # no context here: a request brings its own
    with town.app_context():
        pages = first, by_chat(source, chat, agree)
        assert kept(web) == kept(chat)
        assert bool(reuse.sources(queries.view(web).events)) == agree
    asked = [re.search(r"您在《木雕人才》里填过.*要带到《织造人才》来吗？", page) for page in pages]
    assert asked[0] and asked[1] and asked[0][0] == asked[1][0]
