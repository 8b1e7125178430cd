"""The platform's API: one token for everybody, errors by code, answers that are none."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from fake_wechat import SECRET, Broken
from sqlalchemy import select

from bot_adapter.channels.wechat import api
from bot_adapter.channels.wechat.api import Api, Away, Refused
from models.application.channel_tables import ChannelState
from models.extensions import db

MENU = "/cgi-bin/menu/get"
TOKEN = "/cgi-bin/stable_token"


def test_the_token_is_fetched_once_and_kept_encrypted(account, wechat, clock):
    assert account.token() == account.token() == "fake-token-1"
    clock.advance(minutes=115)
    assert account.token() == "fake-token-1"
    assert wechat.asked == [TOKEN]
    assert b"fake-token" not in db.session.scalars(select(ChannelState.sealed)).one()
    db.session.rollback()
    clock.advance(minutes=2)  # the last minutes of its two hours: the next one is there already
    wechat.expire()
    assert account.token() == "fake-token-2"


@pytest.mark.parametrize("stale", ["expire", "revoke"])
def test_a_token_that_holds_no_longer_is_renewed_and_the_call_repeated_once(account, wechat, stale):
    with pytest.raises(Refused, match="46003"):
        account.get(MENU)
    getattr(wechat, stale)()
    with pytest.raises(Refused, match="46003"):
        account.get(MENU)
    assert wechat.refreshes == 2
    assert wechat.asked == [TOKEN, MENU, MENU, TOKEN, MENU]


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_a_second_refusal_of_the_token_stands(account, wechat, code):
    refusal = Broken(body=b'{"errcode": %d, "errmsg": "invalid credential"}' % code)
    wechat.break_next(MENU, refusal, refusal, refusal)
    with pytest.raises(Refused, match=str(code)):
        account.get(MENU)
    assert wechat.asked == [TOKEN, MENU, TOKEN, MENU]


def test_any_other_refusal_is_not_repeated(account, wechat):
    wechat.rights.discard("menu")
    with pytest.raises(Refused, match="48001"):
        account.get(MENU)
    assert wechat.asked == [TOKEN, MENU]


def test_a_wrong_secret_is_said_as_the_platform_says_it(account):
    with pytest.raises(Refused, match="40125"):
        Api(account.app_id, "another", account.base).token()
    assert account.token() == "fake-token-1", "a failed renewal does not keep the right to renew"


def test_two_processes_renew_one_token_once(persistent_settings, rights, make_app, wechat):
    apps = [make_app(persistent_settings.model_copy(update=rights)) for _ in range(2)]
    began = threading.Semaphore(0)

    def token(number: int) -> str:
        with apps[number % 2].app_context():
            own = api.from_settings(apps[0].config["BOLE"])
            assert own is not None
            began.release()
            return own.token()

    def all_are_there() -> None:
        for _ in range(4):
            began.acquire()

    wechat.before_token = all_are_there
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(token, range(4)))
    assert found == ["fake-token-1"] * 4
    assert wechat.asked == [TOKEN]


def test_who_cannot_wait_for_another_process_any_longer_says_so(account, clock):
    assert api.channel_state.lease(("wechat", account.app_id, "token"), clock.now())
    with pytest.raises(Away, match="another process"):
        account.token(0.0)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (Broken(500, b"oops"), "status 500"),
        (Broken(502, b"<html>"), "status 502"),
        (Broken(301, b"", {"Location": "/cgi-bin/menu/get"}), "status 301"),
        (Broken(body=b"<html>busy</html>"), "no JSON"),
        (Broken(body=b"\xff\xfe"), "no JSON"),
        (Broken(body=b""), "no JSON"),
        (Broken(body=b"[1]"), "no object"),
        (Broken(body=b'"errcode"'), "no object"),
        (Broken(body=b'{"a":' + b"[" * 100_000), "no JSON"),
        (Broken(body=b" " * (api.MAX_ANSWER + 1)), "too long"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_no_answer_may_be_one_later(account, wechat, broken, reason):
    wechat.break_next(MENU, broken)
    with pytest.raises(Away) as away:
        account.get(MENU)
    assert away.value.reason == reason and not away.value.throttled


def test_as_long_as_allowed(account, wechat):
    short = b'{"errcode": 0, "menu": 1}'
    wechat.break_next(MENU, Broken(body=short + b" " * (api.MAX_ANSWER - len(short))))
    assert account.get(MENU)["menu"] == 1


@pytest.mark.parametrize(
    ("headers", "wait"), [({"Retry-After": "7"}, 7.0), ({}, None), ({"Retry-After": "Fri, 27 Nov 2026"}, None)]
)
def test_too_many_calls(account, wechat, headers, wait):
    wechat.break_next(MENU, Broken(429, b"", headers))
    with pytest.raises(Away) as away:
        account.get(MENU)
    assert away.value.throttled and away.value.retry_after == wait


def test_an_answer_that_never_ends_is_given_up(account, wechat, monkeypatch):
    monkeypatch.setattr(api, "SECONDS", 0.3)
    over = threading.Event()
    wechat.break_next("/sns/oauth2/access_token", Broken(until=over))
    with pytest.raises(Away, match="too slow"):
        account.openid("code")
    over.set()


def test_nobody_there(account, wechat):
    nowhere = Api(account.app_id, SECRET, "http://127.0.0.1:1")
    with pytest.raises(Away, match="ConnectError"):
        nowhere.token()


def test_an_openid_is_given_once_for_its_code(account, wechat):
    wechat.codes["c1"] = "oSomebody"
    assert account.openid("c1") == "oSomebody"
    with pytest.raises(Refused, match="40163"):
        account.openid("c1")
    with pytest.raises(Refused, match="40029"):
        account.openid("never-given")


def test_who_is_only_shown_a_preview_is_nobody(account, wechat):
    wechat.codes["c1"] = "oInvented"
    wechat.snapshots.add("oInvented")
    assert account.openid("c1") is None


def test_without_a_secret_there_is_no_api(settings, rights):
    assert api.from_settings(settings) is None
    assert api.from_settings(settings.model_copy(update={**rights, "wechat_secret": ""})) is None


def test_nothing_secret_is_shown(account):
    assert SECRET not in repr(account)
