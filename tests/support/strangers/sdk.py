"""A person on an official account, as somebody else's SDK encrypts, signs and reads: a line of JSON in, one out.

usage: python sdk.py URL TOKEN APP_ID [AES_KEY]    with a key: in safe mode
"""

import json
import sys
import time
import warnings

warnings.simplefilter("ignore")  # the SDK is older than our Python

import httpx  # noqa: E402
import wechatpy  # noqa: E402
import xmltodict  # noqa: E402
from wechatpy.crypto import WeChatCrypto  # noqa: E402
from wechatpy.utils import WeChatSigner  # noqa: E402

url, token, app_id, *key = sys.argv[1:]
crypto = WeChatCrypto(token, key[0], app_id) if key else None
client = httpx.Client(trust_env=False, timeout=120)


def signature(*parts: str) -> str:
    signer = WeChatSigner()
    signer.add_data(token, *parts)
    return str(signer.signature)


def send(number: int, said: dict[str, str]) -> str:
    now, nonce = str(int(time.time())), f"n{number}"
    message = {
        "ToUserName": "gh_office",
        "FromUserName": "oStranger_2",
        "CreateTime": now,
        "MsgId": str(number),
        **said,
    }
    body = xmltodict.unparse({"xml": message}, full_document=False)
    query = {"timestamp": now, "nonce": nonce, "signature": signature(now, nonce), "openid": "oStranger_2"}
    if crypto is not None:
        body = crypto.encrypt_message(body, nonce, now)
        query |= {"encrypt_type": "aes", "msg_signature": xmltodict.parse(body)["xml"]["MsgSignature"]}
    answer = client.post(url, params=query, content=body.encode()).raise_for_status().text
    if crypto is not None:
        outer = xmltodict.parse(answer)["xml"]
        answer = crypto.decrypt_message(answer, outer["MsgSignature"], outer["TimeStamp"], outer["Nonce"])
    return str(wechatpy.parse_message(answer).content)


for number, line in enumerate(sys.stdin, start=1):
    given = json.loads(line)
    text, picture = given.get("text"), given.get("pic")
    said = {"MsgType": "text", "Content": text} if text else {"MsgType": "image", "PicUrl": picture, "MediaId": "m"}
    print(json.dumps({"type": "text", "text": send(number, said)}), flush=True)
