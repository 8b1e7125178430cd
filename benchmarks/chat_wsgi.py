"""The product, with one thing more for the benchmark: photos may also come from this machine's own server of them. The
rule itself (hosts, addresses, size, time) stays at work, with other names in it."""

from __future__ import annotations

from functools import partial

from bot_adapter.channels.wechat import media
from webforms.wsgi import app as app

HERE = "127.0.0.1"
media.fetch = partial(media.fetch, hosts=(HERE,), allowed=lambda address: address == HERE)
