"""Coming from WeChat into the form as the same person, and everything that is not that."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fake_wechat import APP_ID, SECRET, Broken, FakeWeChat, fake_wechat
from flask import Flask
from sqlalchemy import select

from bot_adapter import conversation
from bot_adapter.messages import InboundMessage
from models.application import rounds
from models.application.channel_tables import Carried
from models.application.tables import Application, Conversation
from models.extensions import db
from models.office import units
from models.programme.loader import load_pack
from webforms.apply_wechat import AUTHORIZE, CHAT_COOKIE, STATE_COOKIE

SLUG, OTHER = "hengyang-2015", "zhongshan"
OPENID = "oMade_Up-OpenId1234567890"
IN_WECHAT = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.50", "Accept-Language": "zh-CN"}


@pytest.fixture
def wechat() -> Iterator[FakeWeChat]:
    with fake_wechat() as fake:
        yield fake


@pytest.fixture
def app(settings: Any, make_app: Any, wechat: FakeWeChat) -> Flask:
    """With an account that has rights."""
    own = {"wechat_token": "t", "wechat_app_id": APP_ID, "wechat_secret": SECRET, "wechat_api": wechat.address}
    found: Flask = make_app(settings.model_copy(update={**own, "public_url": "https://talent.example"}))
    found.extensions["bole"].redis = None  # jobs are left to the sweep
    return found


@pytest.fixture
def says(site: Flask) -> Any:
    """What the person writes to the account."""
    keys = iter(range(100))

    def say(*texts: str) -> str:
        with site.app_context():
            for text in texts:
                heard = conversation.handle(
                    InboundMessage(
                        "wechat", OPENID, f"k{next(keys)}", text, account_id="gh_office", programme=SLUG
                    )
                )  # fmt: skip
            db.session.remove()
        return "\n".join(message.plain() for message in heard)

    return say


class Phone:
    """WeChat's own browser: it follows the way to the platform and back."""

    def __init__(self, site: Flask, wechat: FakeWeChat) -> None:
        self.client, self.wechat, self.number = site.test_client(), wechat, 0

    def get(self, path: str, **query: str) -> Any:
        return self.client.get(path, query_string=query or None, headers=IN_WECHAT, base_url="https://talent.example")

    def leave(self, path: str) -> dict[str, str]:
        """To the platform: what it is told."""
        answer = self.get(path)
        assert answer.status_code == 302 and answer.location.startswith(AUTHORIZE), answer.location
        assert answer.location.endswith("#wechat_redirect")
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}

    def code(self, openid: str = OPENID) -> str:
        self.number += 1
        self.wechat.codes[f"code-{self.number}"] = openid
        return f"code-{self.number}"

    def come(self, path: str, openid: str = OPENID) -> Any:
        """There and back."""
        state = self.leave(path)["state"]
        return self.get("/wechat/entered", code=self.code(openid), state=state)


@pytest.fixture
def phone(site: Flask, wechat: FakeWeChat) -> Phone:  # type: ignore[override]
    return Phone(site, wechat)


def carried(site: Flask) -> tuple[str | None, str | None]:
    """What the chat carries on, and how it was bound."""
    with site.app_context():
        found = db.session.scalars(select(Conversation)).one()
        kept = (found.application_id, None if found.bound_at is None else "bound")
        db.session.remove()
    return kept


def test_the_platform_is_asked_for_nothing_but_who_it_is(phone):
    told = phone.leave(f"/wechat/enter/{SLUG}")
    assert told == {
        "appid": APP_ID,
        "redirect_uri": "https://talent.example/wechat/entered",
        "response_type": "code",
        "scope": "snsapi_base",
        "state": told["state"],
    }
    assert told["state"].isalnum() and told["state"].isascii() and len(told["state"]) <= 128
    cookie = phone.client.get_cookie(STATE_COOKIE, "talent.example", "/wechat")
    assert cookie.http_only and cookie.secure and cookie.same_site == "Lax"


def test_the_application_of_the_chat_is_opened(site, phone, says):
    says("你好", "1")
    for path in (f"/wechat/enter/{SLUG}", "/wechat/enter"):
        answer = phone.come(path)
        assert (answer.status_code, answer.location) == (302, f"/p/{SLUG}/next")
        assert OPENID not in str(answer.headers)
    page = phone.client.get(
        f"/p/{SLUG}/next", headers=IN_WECHAT, base_url="https://talent.example", follow_redirects=True
    )
    with site.app_context():
        receipt = db.session.scalars(select(Application.receipt)).one()
        db.session.remove()
    assert receipt in page.get_data(as_text=True)


def test_what_is_begun_there_is_carried_on_in_the_chat(site, phone, says):
    says("你好")
    answer = phone.come(f"/wechat/enter/{SLUG}")
    assert (answer.status_code, answer.location) == (302, f"/p/{SLUG}")
    assert phone.client.get_cookie(CHAT_COOKIE, "talent.example").http_only
    begun = phone.client.post(f"/p/{SLUG}/start", headers=IN_WECHAT, base_url="https://talent.example")
    assert begun.status_code == 302
    with site.app_context():
        application = db.session.scalars(select(Application)).one()
        receipt, app_id = application.receipt, application.id
        db.session.remove()
    assert carried(site) == (app_id, "bound")
    assert phone.client.get_cookie(CHAT_COOKIE, "talent.example") is None, "it counts for one application"
    assert receipt in says("你好")


def test_a_chat_that_carries_something_by_now_keeps_it(site, phone, says):
    says("你好")
    phone.come(f"/wechat/enter/{SLUG}")
    says("1")
    before = carried(site)
    phone.client.post(f"/p/{SLUG}/start", headers=IN_WECHAT, base_url="https://talent.example")
    assert carried(site) == before


def test_what_is_begun_there_for_another_programme_is_carried_beside_the_one_that_is_talked_about(site, phone, says):
    says("你好", "1")
    before = carried(site)
    with site.app_context():
        units.load_units(load_pack(OTHER))
        rounds.open_round(OTHER, "2026", date(2026, 11, 1), date(2026, 12, 20))
        db.session.remove()
    assert phone.come(f"/wechat/enter/{OTHER}").location == f"/p/{OTHER}"
    phone.client.post(f"/p/{OTHER}/start", headers=IN_WECHAT, base_url="https://talent.example")
    assert carried(site) == before
    with site.app_context():
        (begun,) = db.session.scalars(select(Carried))
        receipt = db.session.get_one(Application, begun.application_id).receipt
        db.session.remove()
    assert receipt in says("换项目")
    assert phone.come(f"/wechat/enter/{OTHER}").location == f"/p/{OTHER}/next"
    assert receipt in says("1")
    assert phone.come("/wechat/enter").location == f"/p/{OTHER}/next"


def test_whom_the_account_does_not_know_begins_as_everybody_does(site, phone):
    answer = phone.come(f"/wechat/enter/{SLUG}", "oNobodyYet")
    assert answer.location == f"/p/{SLUG}"
    assert phone.client.get_cookie(CHAT_COOKIE, "talent.example") is None
    assert phone.come("/wechat/enter", "oNobodyYet").location == "/"


def test_another_application_on_this_device_is_not_put_away_unasked(phone, says):
    phone.client.post(f"/p/{SLUG}/start", headers=IN_WECHAT, base_url="https://talent.example")
    says("你好", "1")
    answer = phone.come(f"/wechat/enter/{SLUG}")
    assert answer.location.startswith("/h/")
    asked = phone.get(answer.location)
    assert "这是您的申报吗" in asked.get_data(as_text=True)


def test_a_preview_shows_nobodys_application(phone, says, wechat):
    says("你好", "1")
    wechat.snapshots.add(OPENID)
    assert phone.come(f"/wechat/enter/{SLUG}").location == f"/p/{SLUG}"


def refused(phone: Phone, answer: Any) -> str:
    """To a page that says so and how to go on, and that has nothing of the address."""
    assert answer.status_code == 302 and answer.location.startswith("/wechat/again"), answer.location
    text: str = phone.get(answer.location).get_data(as_text=True)
    assert "没能从微信打开" in text and "/wechat/enter" in text and 'href="/resume"' in text
    assert "code" not in answer.location and "state" not in answer.location
    return text


def test_a_state_holds_once(phone, says):
    says("你好", "1")
    state = phone.leave(f"/wechat/enter/{SLUG}")["state"]
    kept = phone.client.get_cookie(STATE_COOKIE, "talent.example", "/wechat").value
    assert phone.get("/wechat/entered", code=phone.code(), state=state).status_code == 302
    refused(phone, phone.get("/wechat/entered", code=phone.code(), state=state))
    phone.client.set_cookie(STATE_COOKIE, kept, domain="talent.example", path="/wechat")
    refused(phone, phone.get("/wechat/entered", code=phone.code(), state=state))


def test_nobody_finishes_in_another_browser(site, wechat, phone, says):
    says("你好", "1")
    victim = Phone(site, wechat)
    state = phone.leave(f"/wechat/enter/{SLUG}")["state"]
    refused(victim, victim.get("/wechat/entered", code=phone.code(), state=state))
    victim.leave(f"/wechat/enter/{SLUG}")
    refused(victim, victim.get("/wechat/entered", code=phone.code(), state=state))


def test_a_forged_state_and_a_code_that_is_none_open_nothing(phone, says):
    says("你好", "1")
    phone.leave(f"/wechat/enter/{SLUG}")
    for state in ("", "0" * 72, "x", "不"):
        refused(phone, phone.get("/wechat/entered", code=phone.code(), state=state))
    for code in ("never-given", "", "a b", "x" * 600, "<script>"):
        state = phone.leave(f"/wechat/enter/{SLUG}")["state"]
        refused(phone, phone.get("/wechat/entered", code=code, state=state))


def test_a_code_is_not_taken_twice(phone, says):
    says("你好", "1")
    code = phone.code()
    assert phone.get("/wechat/entered", code=code, state=phone.leave("/wechat/enter")["state"]).status_code == 302
    refused(phone, phone.get("/wechat/entered", code=code, state=phone.leave("/wechat/enter")["state"]))


def test_a_platform_that_is_away_is_said_to_be_away(phone, wechat):
    wechat.break_next("/sns/oauth2/access_token", Broken(502, b""))
    assert "微信那边暂时没有回应" in refused(phone, phone.come(f"/wechat/enter/{SLUG}"))


def test_outside_wechat_it_is_the_programmes_page(site):
    client = site.test_client()
    assert client.get(f"/wechat/enter/{SLUG}").location == f"/p/{SLUG}"
    assert client.get("/wechat/enter").location == "/"
    assert client.get("/wechat/enter/no-such").status_code == 404


def test_without_rights_it_is_the_programmes_page(settings, make_app):
    client = make_app(settings).test_client()
    assert client.get(f"/wechat/enter/{SLUG}", headers=IN_WECHAT).location == f"/p/{SLUG}"
    assert client.get("/wechat/entered?code=a&state=b").location == "/wechat/again"


def test_neither_the_openid_nor_the_code_is_logged(phone, says, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    says("你好", "1")
    phone.come(f"/wechat/enter/{SLUG}")
    state = phone.leave("/wechat/enter")["state"]
    phone.get("/wechat/entered", code="never-given-code", state=state)
    said = caplog.text + "".join(capsys.readouterr())
    assert "wechat_entry_refused" in said
    for secret in (OPENID, SECRET, "code-1", "never-given-code", state):
        assert secret not in said
