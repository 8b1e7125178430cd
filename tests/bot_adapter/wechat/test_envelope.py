"""The platform's own examples, and everything that is not from it."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot_adapter.channels.errors import Forged
from bot_adapter.channels.wechat.envelope import AesKey, is_signed, open_with, signature

TOKEN = "AAAAA"
KEY = AesKey("A" * 43, "wxba5fad812f8e6fb9")
OTHER = AesKey("B" * 43, "wxba5fad812f8e6fb9")
# From the platform's documentation (消息推送: 安全模式).
CAME = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnn"
    "R8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2k"
    "m32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
)
WENT = "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("1714036504", "1514711492"), "f464b24fc39322e44b38aa78f5edd27bd1441696"),
        (("1714037059", "486452656"), "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
        (("1714112445", "415670741", CAME), "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"),
        (("1713424427", "415670741", WENT), "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"),
    ],
)
def test_the_platforms_own_signatures(parts, expected):
    assert signature(TOKEN, *parts) == expected
    assert is_signed(expected, TOKEN, *parts)
    assert not is_signed(expected[:-1] + "0123456789abcdef"[int(expected[-1], 16) - 1], TOKEN, *parts)
    assert not is_signed("", TOKEN, *parts)


def test_the_platforms_own_message_is_opened():
    assert KEY.open(CAME).startswith(b'{"ToUserName":"gh_97417a04a28d"')


def test_a_reply_is_encrypted_as_the_platform_does_it():
    assert KEY.seal(b'{"demo_resp":"good luck"}', b"707722b803182950") == WENT


@given(st.binary(max_size=300))
def test_what_was_encrypted_is_opened(message):
    assert KEY.open(KEY.seal(message)) == message


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda data: base64.b64encode(data).decode()))
def test_whatever_comes_is_forged_and_nothing_else(text):
    with pytest.raises(Forged):
        KEY.open(text)


@given(st.integers(0, 223), st.integers(1, 255))
def test_a_changed_byte_is_noticed_where_it_matters(at, by):
    """CBC carries no checksum: what changes the text alone is for the signature to notice."""
    sealed = bytearray(base64.b64decode(CAME))
    sealed[at] ^= by
    try:
        opened = KEY.open(base64.b64encode(sealed).decode())
    except Forged:
        return
    assert len(opened) == len(KEY.open(CAME))


@pytest.mark.parametrize(
    "key", [OTHER, AesKey("A" * 43, "wx0000000000000000"), AesKey("A" * 43, "wxba5fad812f8e6fb"), AesKey("A" * 43, "")]
)
def test_another_key_or_account_opens_nothing(key):
    with pytest.raises(Forged):
        key.open(CAME)


def test_the_key_that_opened_it_is_told():
    assert open_with((OTHER, KEY), CAME)[1] is KEY
    with pytest.raises(Forged, match="no key"):
        open_with((OTHER,), CAME)


@pytest.mark.parametrize("text", ["", "A" * 42, "A" * 44, "A" * 42 + "+"])
def test_a_key_of_another_shape_is_refused_and_none_is_shown(text):
    with pytest.raises(ValueError, match="43"):
        AesKey(text, "wx")
    assert "A" * 43 not in repr(KEY)
