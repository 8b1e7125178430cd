"""The template that a reminder is sent by: the office chooses it from the platform's library, so its fields are read
from the account and filled by their kinds, with nothing about the person.

Source: WeChat's 服务号 documentation (获取已选用模板列表, 类目模板消息参数值内容限制).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot_adapter.channels.wechat.api import CHANNEL, Api, Refused
from models import clock
from models.application import channel_state
from models.clock import CHINA
from models.interview.wording import say

_FIELD = re.compile(r"\{\{\s*([a-z_]+)(\d*)\.DATA\s*\}\}", re.IGNORECASE)
_KEPT = timedelta(days=1)
_WORDS = {
    "thing": "wechat.template_thing",  # 20 characters
    "short_thing": "wechat.template_phrase",
    "phrase": "wechat.template_phrase",  # 5 Chinese characters
    "first": "wechat.template_thing",
    "remark": "wechat.template_remark",
    "keyword": "wechat.template_thing",
}


class Unfillable(Exception):
    """A field that only a person or the office could fill in (a name, an amount, a fixed list): its kind."""


def fields(api: Api, template_id: str) -> tuple[str, ...]:
    """The names of the template's fields, asked once a day. Raises Refused (40037: not one of the account) and Away."""
    key = (CHANNEL, api.app_id, f"template:{template_id[:30]}")
    now = clock.current().now()
    known = channel_state.get(key, now)
    if known is None:
        known = " ".join(names(content(api, template_id)))
        channel_state.put(key, known, now, now + _KEPT)
    return tuple(known.split())


def content(api: Api, template_id: str) -> str:
    """The template's text with its fields. Raises Refused and Away."""
    listed = api.get("/cgi-bin/template/get_all_private_template").get("template_list")
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict) and one.get("template_id") == template_id:
            return str(one.get("content", ""))
    raise Refused(40037)


def names(text: str) -> list[str]:
    """The fields in a template's text, in their order."""
    return [f"{kind}{number}" for kind, number in _FIELD.findall(text)]


def filled(wanted: Sequence[str]) -> dict[str, dict[str, str]]:
    """The fields as the platform takes them. Raises Unfillable."""
    now = clock.current().now().astimezone(CHINA)
    return {name: {"value": _value(name.rstrip("0123456789").lower(), now)} for name in wanted}


def _value(kind: str, now: datetime) -> str:
    if kind in _WORDS:
        return say(_WORDS[kind], "zh")
    if kind == "time":
        return f"{now.year}年{now.month}月{now.day}日 {now:%H:%M}"
    if kind == "date":
        return f"{now.year}年{now.month}月{now.day}日"
    if kind == "character_string":
        return f"{now:%Y%m%d}"
    raise Unfillable(kind)
