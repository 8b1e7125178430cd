"""An official account of WeChat as it is seen from outside: what the platform sends, and what it reads of a reply."""

import json
from itertools import count
from xml.etree.ElementTree import fromstring

from bot_adapter.channels.wechat import bodies
from bot_adapter.channels.wechat.envelope import AesKey, signature

TOKEN = "made-up-token"
APP_ID = "wx0123456789abcdef"
OPENID = "oMade_Up-OpenId1234567890"
URL = "/wechat/"
numbers = count(1)


class Platform:
    """What the platform sends, as strictly as it does, and what it understands of a reply."""

    def __init__(self, client, key=None, as_json=False, openid=OPENID):
        self.client, self.as_json, self.openid = client, as_json, openid
        self.key = AesKey(key, APP_ID) if key else None

    def message(self, **fields):
        number = next(numbers)
        plain = {"ToUserName": "gh_office", "FromUserName": self.openid, "CreateTime": 1700000000 + number}
        return {**plain, "MsgType": "text", "MsgId": number, **fields}

    def deliver(self, fields, **query):
        body = bodies.write(fields, as_json=self.as_json)
        given = {"timestamp": "1700000000", "nonce": "12345", "openid": self.openid}
        given["signature"] = signature(TOKEN, given["timestamp"], given["nonce"])
        if self.key is not None:
            sealed = self.key.seal(body)
            body = bodies.write({"ToUserName": "gh_office", "Encrypt": sealed}, as_json=self.as_json)
            given["encrypt_type"] = "aes"
            given["msg_signature"] = signature(TOKEN, given["timestamp"], given["nonce"], sealed)
        return self.client.post(URL, data=body, query_string={**given, **query})

    def read(self, answer):
        """The reply's text; None where there is none. Nothing else is understood."""
        assert answer.status_code == 200, answer.text
        if answer.data in (b"success", b""):
            return None
        body = answer.data
        if self.key is not None:
            outer = self.parse(body)
            assert outer["MsgSignature"] == signature(TOKEN, outer["TimeStamp"], outer["Nonce"], outer["Encrypt"])
            body = self.key.open(outer["Encrypt"])
        reply = self.parse(body)
        assert (reply["MsgType"], reply["ToUserName"], reply["FromUserName"]) == ("text", self.openid, "gh_office")
        assert int(reply["CreateTime"]) > 0
        assert 0 < len(reply["Content"].encode()) <= 2048
        return reply["Content"]

    def parse(self, body):
        if self.as_json:
            return {name: str(value) for name, value in json.loads(body).items()}
        return {child.tag: child.text for child in fromstring(body)}

    def says(self, *texts):
        for text in texts:
            heard = self.read(self.deliver(self.message(Content=text)))
        return heard


def with_account(app, mode="", keys=()):
    known = app.config["BOLE"]
    account = {"wechat_token": TOKEN, "wechat_app_id": APP_ID, "wechat_aes_keys": keys, "wechat_mode": mode}
    app.config["BOLE"] = known.model_copy(update=account)
    return app.test_client()
