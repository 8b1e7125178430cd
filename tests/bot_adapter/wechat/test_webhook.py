"""A person applies from an official account that has nothing but passive replies: plain, compatible and safe."""

import logging
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from fake_wechat import SECRET
from official_account import APP_ID, OPENID, TOKEN, URL, Platform, with_account
from sqlalchemy import func, select

from bot_adapter.channels import limits
from bot_adapter.channels.wechat import bodies, webhook
from bot_adapter.channels.wechat.envelope import AesKey, signature
from models.application import deliveries
from models.application.channel_tables import Delivery
from models.application.tables import Application, Conversation, DocumentPage, Inbound
from models.extensions import db

NOW_KEY, OLD_KEY = "N" * 43, "O" * 43


@pytest.fixture
def plain(chat_app):
    return Platform(with_account(chat_app))


def test_the_address_is_checked_with_the_platforms_own_words(chat_app):
    client = with_account(chat_app)
    signed = {"timestamp": "1", "nonce": "2", "signature": signature(TOKEN, "1", "2")}
    answer = client.get(URL, query_string={**signed, "echostr": "4375120948345356249"})
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "4375120948345356249", "text/plain")
    assert client.get(URL, query_string={**signed, "signature": "0" * 40, "echostr": "1"}).status_code == 403
    shown = client.get(URL, query_string={**signed, "echostr": "<script>"})
    assert shown.mimetype == "text/plain" and shown.headers["X-Content-Type-Options"] == "nosniff"


def test_without_an_account_there_is_no_such_page(chat_app):
    client = chat_app.test_client()
    assert client.get(URL).status_code == client.post(URL).status_code == 404


@pytest.mark.parametrize("as_json", [False, True], ids=["xml", "json"])
@pytest.mark.parametrize(("mode", "key"), [("plain", None), ("compatible", NOW_KEY), ("", NOW_KEY), ("", OLD_KEY)])
def test_a_hello_gets_the_first_question_in_every_mode(chat_app, mode, key, as_json):
    person = Platform(with_account(chat_app, mode, (NOW_KEY, OLD_KEY) if key else ()), key, as_json)
    heard = person.says("你好")
    assert "果园能手申报" in heard and "1. 同意" in heard
    person.says("1")
    assert db.session.scalar(select(func.count()).select_from(Application)) == 1


def test_a_photo_goes_to_its_document(plain, monkeypatch, photograph, id_number):
    data = photograph()
    asked = []
    monkeypatch.setattr(webhook.media, "fetch", lambda url, **_how: asked.append(url) or data)
    plain.says("你好", "1", "1", "1", "1", "2", "继续", "张三", id_number, "对", "13812345678", "跳过", "桃", "跳过")
    plain.says("2010.9", "至今", "红星果园", "完成", "没有")
    before = db.session.scalar(select(func.count()).select_from(DocumentPage))
    photo = plain.message(MsgType="image", PicUrl="http://mmbiz.qpic.cn/1", MediaId="m")
    heard = plain.read(plain.deliver(photo))
    assert plain.read(plain.deliver(photo)) == heard
    assert asked == ["http://mmbiz.qpic.cn/1"], "a message that comes again is not fetched again"
    assert db.session.scalar(select(func.count()).select_from(DocumentPage)) == before + 1
    monkeypatch.setattr(webhook.media, "fetch", lambda _url, **_how: None)
    heard = plain.read(plain.deliver(plain.message(MsgType="image", PicUrl="http://mmbiz.qpic.cn/2", MediaId="m")))
    assert "照片没有传完整" in heard


def test_a_photo_whose_address_fails_comes_by_its_id_and_a_lost_one_is_asked_for_again(
    chat_app, wechat, monkeypatch, photograph, id_number
):
    client = with_account(chat_app)
    with_rights = {"wechat_secret": SECRET, "wechat_api": wechat.address}
    chat_app.config["BOLE"] = chat_app.config["BOLE"].model_copy(update=with_rights)
    monkeypatch.setattr(webhook.media, "fetch", lambda _url, **_how: None)
    wechat.files["there"] = photograph()
    person = Platform(client)
    person.says("你好", "1", "1", "1", "1", "2", "继续", "张三", id_number, "对", "13812345678", "跳过", "桃", "跳过")
    person.says("2010.9", "至今", "红星果园", "完成", "没有")
    photo = person.message(MsgType="image", PicUrl="http://mmbiz.qpic.cn/1", MediaId="expired")
    assert "照片没有传完整，请再发一次" in person.read(person.deliver(photo))
    photo = person.message(MsgType="image", PicUrl="http://mmbiz.qpic.cn/1", MediaId="there")
    assert "没有传完整" not in person.read(person.deliver(photo))
    assert db.session.scalar(select(func.count()).select_from(DocumentPage)) == 1


@pytest.mark.parametrize("as_json", [False, True], ids=["xml", "json"])
def test_what_became_of_a_reminder_is_told_in_safe_mode_too(chat_app, clock, as_json):
    person = Platform(with_account(chat_app, "", (NOW_KEY,)), NOW_KEY, as_json)
    person.says("你好")
    deliveries.claim("notice:1:0", {"channel": "wechat", "purpose": "notice"}, clock.now())
    deliveries.settle("notice:1:0", clock.now(), "sent", external_id="200163836")
    told = person.message(MsgType="event", Event="TEMPLATESENDJOBFINISH", MsgID=200163836, Status="success")
    del told["MsgId"]
    assert person.read(person.deliver(told)) is None
    assert db.session.scalar(select(Delivery.state)) == "delivered"


def test_who_leaves_and_comes_back_may_be_written_to_again(plain, clock):
    plain.says("你好")
    db.session.rollback()
    left = plain.message(MsgType="event", Event="unsubscribe", EventKey="", CreateTime=int(clock.now().timestamp()))
    assert plain.read(plain.deliver(left)) is None
    assert db.session.scalars(select(Conversation)).one().blocked_at is not None
    db.session.rollback()
    assert plain.read(plain.deliver(plain.message(MsgType="event", Event="subscribe", EventKey="")))
    assert db.session.scalars(select(Conversation)).one().blocked_at is None


def test_a_retry_gets_the_same_reply_and_changes_nothing(plain):
    plain.says("你好")
    sent = plain.message(Content="1")
    first = plain.read(plain.deliver(sent))
    held = db.session.scalar(select(func.count()).select_from(Inbound))
    assert [plain.read(plain.deliver(sent)) for _ in range(2)] == [first, first]
    assert db.session.scalar(select(func.count()).select_from(Inbound)) == held


def test_what_a_later_message_overtook_answers_nothing(plain):
    plain.says("你好")
    early, late = plain.message(Content="2"), plain.message(Content="1")
    assert "没有算数" not in plain.read(plain.deliver(late))
    assert "没有算数" in plain.read(plain.deliver(early))


@pytest.mark.parametrize("when", ["", "soon", "99999999999999999999", "１７００００００００", "-1"])
def test_a_message_without_a_time_is_taken_as_it_comes(plain, when):
    plain.says("你好")
    assert plain.read(plain.deliver(plain.message(Content="1", CreateTime=when)))


def test_two_deliveries_at_once_are_one_message(persistent_chat_app):
    client = with_account(persistent_chat_app)
    people = Platform(client)
    sent = people.message(Content="你好")
    db.session.rollback()
    with ThreadPoolExecutor(4) as pool:
        heard = list(pool.map(lambda _n: Platform(persistent_chat_app.test_client()).deliver(sent), range(4)))
    assert len({people.read(answer) for answer in heard}) == 1
    assert db.session.scalar(select(func.count()).select_from(Inbound)) == 1


def test_the_same_number_from_two_people_is_two_messages(chat_app):
    client = with_account(chat_app)
    one, other = Platform(client), Platform(client, openid="oSomebodyElse")
    sent = one.message(Content="你好")
    assert "果园能手申报" in one.read(one.deliver(sent))
    assert "果园能手申报" in other.read(other.deliver({**sent, "FromUserName": other.openid}))
    assert db.session.scalar(select(func.count()).select_from(Conversation)) == 2


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"MsgType": "event", "Event": "subscribe", "EventKey": ""}, "果园能手申报"),
        ({"MsgType": "event", "Event": "CLICK", "EventKey": "进度"}, ""),
        ({"MsgType": "voice", "MediaId": "m", "Recognition": "你好。"}, "果园能手申报"),
        ({"MsgType": "event", "Event": "unsubscribe", "EventKey": ""}, None),
        ({"MsgType": "event", "Event": "LOCATION", "Latitude": "1"}, None),
    ],
)
def test_what_is_no_text(plain, fields, expected):
    heard = plain.read(plain.deliver(plain.message(**fields)))
    assert heard is None if expected is None else expected in heard


@pytest.mark.parametrize("kind", ["video", "shortvideo", "location", "link", "sticker", "voice"])
def test_what_cannot_be_read_is_said_kindly_and_the_question_stands(plain, kind):
    question = plain.says("你好", "1").splitlines()[-1]
    heard = plain.read(plain.deliver(plain.message(MsgType=kind)))
    assert "这种消息我看不懂" in heard and heard.endswith(question)


def test_a_long_reply_goes_on_when_asked(plain, monkeypatch):
    monkeypatch.setattr(webhook, "ROOM", 300)
    heard = plain.says("你好")
    assert "更多" in heard and len(heard.encode()) <= 300
    assert "更多" in heard and plain.says("更多") != heard


@pytest.mark.parametrize(
    "query",
    [
        {"signature": "0" * 40},
        {"signature": ""},
        {"nonce": "54321"},
        {"timestamp": "1700000001"},
        {"signature": ["a", "b"]},
        {"nonce": ["12345", "12345"]},
        {"signature[]": "x", "signature": ""},
        {"encrypt_type": "aes"},
        {"encrypt_type": "aes", "msg_signature": "0" * 40},
    ],
    ids=str,
)
def test_forged_parameters_are_refused(plain, query):
    answer = plain.deliver(plain.message(Content="你好"), **query)
    assert answer.status_code == 403
    assert db.session.scalar(select(func.count()).select_from(Inbound)) == 0


@pytest.mark.parametrize("key", [None, "X" * 43], ids=["plain text", "another key"])
def test_a_safe_account_takes_only_what_its_keys_open(chat_app, key):
    person = Platform(with_account(chat_app, "", (NOW_KEY, OLD_KEY)), key)
    assert person.deliver(person.message(Content="你好")).status_code == 403


def test_another_accounts_message_is_refused(chat_app):
    person = Platform(with_account(chat_app, "", (NOW_KEY,)), NOW_KEY)
    person.key = AesKey(NOW_KEY, "wx9999999999999999")
    assert person.deliver(person.message(Content="你好")).status_code == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"<xml></xml>", 400),
        (b"<xml><a>1</a><a>1</a></xml>", 400),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Content>&a;</Content></xml>', 400),
        (b"<xml><FromUserName>a b</FromUserName><ToUserName>gh</ToUserName></xml>", 400),
        (b"<xml><FromUserName>\xff</FromUserName></xml>", 400),
        (b"<xml>" + b"x" * 70000 + b"</xml>", 413),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_bad_bodies_are_the_senders_fault(plain, body, status):
    query = {"timestamp": "1", "nonce": "2", "signature": signature(TOKEN, "1", "2")}
    assert plain.client.post(URL, data=body, query_string=query).status_code == status


def test_bad_ciphertext_is_the_senders_fault(chat_app):
    client = with_account(chat_app, "", (NOW_KEY,))
    for sealed in ("", "AAAA", "A" * 44, "不"):
        query = {"timestamp": "1", "nonce": "2", "encrypt_type": "aes"}
        query["msg_signature"] = signature(TOKEN, "1", "2", sealed)
        body = bodies.write({"ToUserName": "gh", "Encrypt": sealed}, as_json=False)
        assert client.post(URL, data=body, query_string=query).status_code == 403


def test_a_body_of_unknown_length_is_read_no_further_than_may_be(plain):
    given = {"timestamp": "1", "nonce": "2", "signature": signature(TOKEN, "1", "2")}
    answer = plain.client.post(
        URL,
        query_string=given,
        input_stream=BytesIO(b"<xml>" + b"x" * 2 * bodies.MAX_BYTES),
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code in (400, 413)


@pytest.mark.parametrize(
    "inside",
    [
        b"",
        b"\xff\xfe",
        b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Content>&a;</Content></xml>',
        b"<xml><FromUserName>a</FromUserName><FromUserName>b</FromUserName></xml>",
        b"<xml><FromUserName>\x00</FromUserName></xml>",
        b"<a>" * 1000,
        b'{"a":' + b"[" * 1000,
        b'{"FromUserName":' + b"1" * 5000 + b"}",
        b'{"FromUserName":"\\ud800","ToUserName":"gh"}',
    ],
    ids=lambda inside: repr(inside)[:40],
)
@pytest.mark.parametrize("as_json", [False, True], ids=["xml", "json"])
def test_what_is_inside_is_read_with_the_same_suspicion(chat_app, inside, as_json):
    client, sealed = with_account(chat_app, "", (NOW_KEY,)), AesKey(NOW_KEY, APP_ID).seal(inside)
    query = {"timestamp": "1", "nonce": "2", "encrypt_type": "aes"}
    query["msg_signature"] = signature(TOKEN, "1", "2", sealed)
    body = bodies.write({"ToUserName": "gh", "Encrypt": sealed}, as_json=as_json)
    assert client.post(URL, data=body, query_string=query).status_code == 400


def test_a_flood_is_asked_to_wait_and_nothing_is_fetched_for_it(plain, monkeypatch):
    monkeypatch.setattr(webhook, "too_fast", lambda _sender, **_given: True)
    monkeypatch.setattr(webhook.media, "fetch", lambda _url, **_how: pytest.fail("fetched"))
    assert "发得有点快" in plain.says("你好")
    photo = plain.message(MsgType="image", PicUrl="http://mmbiz.qpic.cn/1", MediaId="m")
    assert "发得有点快" in plain.read(plain.deliver(photo))
    assert db.session.scalar(select(func.count()).select_from(Inbound)) == 0


def test_a_platform_that_calls_from_one_address_is_limited_by_sender_alone(plain, monkeypatch):
    counted = []
    monkeypatch.setattr(webhook, "too_fast", lambda sender, **given: counted.append((sender, given)) and False)
    plain.says("你好")
    ((sender, given),) = counted
    assert sender == f"wechat:{OPENID}"
    assert given["relayed"]


FEW = "3 per 1000 days"


def test_a_retry_behind_the_limit_gets_its_kept_reply(plain, monkeypatch):
    monkeypatch.setattr(limits, "BY_SENDER", FEW)
    sent = [plain.message(Content=text) for text in ("你好", "1", "2")]
    given = [plain.read(plain.deliver(message)) for message in sent]
    late = plain.message(Content="1")
    assert "发得有点快" in plain.read(plain.deliver(late))
    assert [plain.read(plain.deliver(message)) for message in sent for _again in range(4)] == [
        reply for reply in given for _again in range(4)
    ], "more often than a platform asks, and whatever has been counted since"
    assert "发得有点快" in plain.read(plain.deliver(late)), "what was never taken has no reply to repeat"
    assert db.session.scalar(select(func.count()).select_from(Inbound)) == 3


def test_a_platforms_retries_do_not_use_up_what_a_person_may_send(plain, monkeypatch):
    monkeypatch.setattr(limits, "BY_SENDER", FEW)
    for text in ("你好", "1"):
        sent = plain.message(Content=text)
        assert len({plain.read(plain.deliver(sent)) for _asked in range(3)}) == 1
    assert "发得有点快" not in plain.says("2")
    assert "发得有点快" in plain.says("1")


def test_the_last_message_that_is_allowed_may_come_twice_at_once(persistent_chat_app, monkeypatch):
    monkeypatch.setattr(limits, "BY_SENDER", "1 per 1000 days")
    people = Platform(with_account(persistent_chat_app))
    sent = people.message(Content="你好")
    db.session.rollback()
    with ThreadPoolExecutor(3) as pool:
        heard = list(pool.map(lambda _n: Platform(persistent_chat_app.test_client()).deliver(sent), range(3)))
    (reply,) = {people.read(answer) for answer in heard}
    assert "果园能手申报" in reply


def test_whoever_talks_in_english_is_asked_to_wait_in_english(plain, monkeypatch):
    plain.says("hello")
    monkeypatch.setattr(webhook, "too_fast", lambda _sender, **_given: True)
    assert "a little fast" in plain.says("1")


def test_neither_openids_nor_secrets_are_in_the_log(chat_app, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    person = Platform(with_account(chat_app, "", (NOW_KEY,)), NOW_KEY)
    person.says("你好", "1")
    person.deliver(person.message(Content="x"), msg_signature="0" * 40)
    said = caplog.text + "".join(capsys.readouterr())
    assert "wechat_refused" in said
    for secret in (OPENID, TOKEN, NOW_KEY, APP_ID):
        assert secret not in said
    assert TOKEN not in repr(chat_app.config["BOLE"]) and NOW_KEY not in repr(chat_app.config["BOLE"])
