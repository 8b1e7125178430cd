"""The code for another chat on the web: shown once, listed and let go again."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from bot_adapter import conversation
from bot_adapter.messages import InboundMessage
from models.application import binding
from models.extensions import db


@pytest.fixture
def code(person: Any) -> str:
    person.consent()
    person.get(person.url("/keep"))
    page = person.send(person.url("/bind"))
    (found,) = re.findall(r'class="number">(\d{4} \d{4})<', page)
    assert isinstance(found, str)
    return found


def binds(site: Flask, code: str) -> str:
    with site.app_context():
        (reply, *_) = conversation.handle(InboundMessage("wechat", "o1", code, f"绑定 {code}"))
    return reply.text


def test_a_code_is_shown_once_and_stands_in_no_address(person: Any, code: str) -> None:
    assert person.last.status_code == 200 and code.replace(" ", "") not in person.last.request.url
    assert person.last.headers["Cache-Control"] == "no-store, private"
    assert code not in person.get(person.url("/keep"))


def test_a_bound_chat_is_listed_and_can_be_let_go(person: Any, site: Flask, code: str) -> None:
    assert person.view().application.receipt in binds(site, code)
    page = person.get(person.url("/keep"))
    assert "已经能接着办的聊天" in page and "微信公众号" in page
    (chat,) = re.findall(r'name="chat" value="(\w+)"', page)
    assert "已经能接着办的聊天" not in person.send(person.url("/unbind"), {"chat": chat})
    with site.app_context():
        assert binding.bound(db.session(), person.app_id) == []


def test_a_chat_of_another_application_is_not_found(person: Any, site: Flask, code: str) -> None:
    binds(site, code)
    page = person.get(person.url("/keep"))
    (chat,) = re.findall(r'name="chat" value="(\w+)"', page)
    other = type(person)(site, site.test_client())
    other.consent()
    other.get(other.url("/keep"))
    other.send(other.url("/unbind"), {"chat": chat})
    assert other.last.status_code == 404
    with site.app_context():
        assert len(binding.bound(db.session(), person.app_id)) == 1


@pytest.mark.parametrize("path", ["/bind", "/unbind"])
def test_without_the_application_nothing_is_bound_or_let_go(person: Any, path: str) -> None:
    person.send(person.url(path))
    assert person.path == "/resume", "the page has expired"
