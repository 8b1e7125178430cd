"""The callback: only what the platform signed and encrypted for this enterprise, and nothing of it where it can be
read."""

from __future__ import annotations

import logging

import pytest
from fake_kefu import AES_KEY, CORP_ID, OPEN_KFID, SECRET, TOKEN
from sqlalchemy import select

from bot_adapter.channels.kefu import account
from bot_adapter.channels.wechat import bodies
from bot_adapter.channels.wechat.envelope import AesKey, signature
from models.application.channel_tables import ChannelState
from models.application.tables import Outbox
from models.errors import SettingsError
from models.extensions import db

PERSON = "wmMade_Up-Person0123456789"
URL = "/kefu/"


def checked(words="4375120948345356249", key=AES_KEY, corp=CORP_ID):
    sealed = AesKey(key, corp).seal(words.encode())
    given = {"timestamp": "1700000000", "nonce": "12345"}
    return {**given, "msg_signature": signature(TOKEN, *given.values(), sealed), "echostr": sealed}


def promised():
    found = db.session.scalars(select(Outbox.effect)).all()
    db.session.rollback()
    return found


def test_the_address_is_checked_with_the_platforms_own_words(line):
    answer = line.client.get(URL, query_string=checked())
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "4375120948345356249", "text/plain")
    shown = line.client.get(URL, query_string=checked("<script>"))
    assert shown.mimetype == "text/plain" and shown.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "query",
    [
        {**checked(), "msg_signature": "0" * 40},
        {**checked(), "nonce": "54321"},
        {**checked(), "nonce": ["12345", "12345"]},
        {**checked(), "msg_signature": [checked()["msg_signature"]] * 2},
        checked(key="X" * 43),
        checked(corp="ww9999999999999999"),
        {name: value for name, value in checked().items() if name != "echostr"},
        {},
    ],
    ids=["signature", "nonce", "nonce twice", "signature twice", "key", "enterprise", "no words", "nothing"],
)
def test_a_forged_check_is_refused(line, query):
    assert line.client.get(URL, query_string=query).status_code == 403


def test_without_an_account_there_is_no_such_page(chat_app):
    client = chat_app.test_client()
    assert client.get(URL).status_code == client.post(URL).status_code == 404


def test_half_an_account_or_a_wrong_key_is_said_when_the_app_starts(settings, make_app):
    whole = {
        "kefu_corp_id": CORP_ID,
        "kefu_secret": SECRET,
        "kefu_token": TOKEN,
        "kefu_aes_key": AES_KEY,
        "kefu_account": OPEN_KFID,
    }
    assert account.from_settings(settings) is None
    assert account.from_settings(settings.model_copy(update=whole)) is not None
    for name in whole:
        with pytest.raises(SettingsError, match=f"BOLE_{name.upper()}"):
            account.from_settings(settings.model_copy(update=whole | {name: ""}))
    with pytest.raises(SettingsError, match="BOLE_KEFU_AES_KEY"):
        make_app(settings.model_copy(update=whole | {"kefu_aes_key": "short"}))


def test_a_ping_is_answered_at_once_and_promises_a_pull(line):
    answer = line.ping()
    assert (answer.status_code, answer.data) == (200, b"success")
    assert line.platform.called == [], "nothing is asked while the platform waits"
    assert [job for job, _id in line.promised()] == ["pull_kefu"]


def test_a_pings_token_is_neither_with_the_job_nor_in_clear(line):
    line.ping(Token="ENC-secret-of-the-ping")
    rows = db.session.execute(select(Outbox.__table__)).all() + db.session.execute(select(ChannelState.__table__)).all()
    db.session.rollback()
    assert len(rows) == 2 and "ENC-secret" not in str(rows)


@pytest.mark.parametrize(
    "fields",
    [{"Event": "change_contact"}, {"OpenKfId": "wkAnother"}, {"MsgType": "text", "Event": ""}],
    ids=["another event", "another account", "no event"],
)
def test_what_is_not_about_our_messages_is_acknowledged_and_left(line, fields):
    answer = line.ping(**fields)
    assert (answer.status_code, answer.data) == (200, b"success")
    assert promised() == []


@pytest.mark.parametrize("fields", [{"ToUserName": "ww9999999999999999"}, {"Token": "x" * 129}], ids=["whose", "long"])
def test_what_the_platform_never_sends_is_the_senders_fault(line, fields):
    assert line.ping(**fields).status_code == 400
    assert promised() == []


@pytest.mark.parametrize(
    "query",
    [
        {"msg_signature": "0" * 40},
        {"msg_signature": ""},
        {"timestamp": "1700000001"},
        {"nonce": ["12345", "12345"]},
        {"msg_signature[]": "x", "msg_signature": ""},
    ],
    ids=str,
)
def test_forged_parameters_are_refused(line, query):
    assert line.deliver(b"<xml><ToUserName>x</ToUserName></xml>", **query).status_code == 403
    assert promised() == []


def test_another_key_or_enterprise_is_refused(line):
    for key in (AesKey("X" * 43, CORP_ID), AesKey(AES_KEY, "ww9999999999999999")):
        line.key = key
        assert line.ping().status_code == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"<xml></xml>", 403),
        (b"<xml><Encrypt>a</Encrypt><Encrypt>a</Encrypt></xml>", 400),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Encrypt>&a;</Encrypt></xml>', 400),
        (b"<xml>" + b"<a>" * 500 + b"</a>" * 500 + b"</xml>", 400),
        (b"<xml><Encrypt>\xff</Encrypt></xml>", 400),
        (b"<xml><Encrypt>AAAA</Encrypt></xml>", 403),
        (b"<xml>" + b"x" * 70000 + b"</xml>", 413),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_bad_bodies_are_the_senders_fault(line, body, status):
    query = {"timestamp": "1", "nonce": "2", "msg_signature": signature(TOKEN, "1", "2", "x")}
    assert line.client.post(URL, data=body, query_string=query).status_code == status


def test_bad_ciphertext_under_a_right_signature_is_the_senders_fault(line):
    for sealed in ("AAAA", "A" * 44, "不", "A" * 43):
        query = {"timestamp": "1", "nonce": "2", "msg_signature": signature(TOKEN, "1", "2", sealed)}
        body = bodies.write({"ToUserName": CORP_ID, "Encrypt": sealed}, as_json=False)
        assert line.client.post(URL, data=body, query_string=query).status_code == 403


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"no xml",
        b"\x00",
        b"<xml><Event>a</Event><Event>b</Event></xml>",
        b"<!DOCTYPE x><xml><Event>a</Event></xml>",
    ],
    ids=repr,
)
def test_what_is_inside_is_read_with_the_same_suspicion(line, plain):
    assert line.deliver(plain).status_code == 400


def test_neither_ids_nor_secrets_nor_words_are_in_the_log(line, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    line.platform.enters(PERSON)
    line.says("张三 13812345678")
    line.platform.tokens.clear()
    line.platform.troubles["send_msg"] = [95018]
    line.platform.shows(PERSON, b"no photo")
    line.platform.files.clear()
    line.turn()
    line.platform.event("msg_send_fail", external_userid=PERSON, fail_msgid="x", fail_type=10)
    line.deliver(b"<xml/>", msg_signature="0" * 40)
    line.turn()
    said = caplog.text + "".join(capsys.readouterr())
    for told in ("kefu_refused", "kefu_media_lost", "kefu_not_delivered", "send_failed", "job_done"):
        assert told in said
    for secret in (PERSON, TOKEN, SECRET, AES_KEY, CORP_ID, "张三", "ENC", "access-"):
        assert secret not in said
    known = repr(line.app.config["BOLE"]) + repr(account.from_settings(line.app.config["BOLE"]))
    assert not any(secret in known for secret in (TOKEN, SECRET, AES_KEY))
