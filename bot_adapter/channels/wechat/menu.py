"""The account's menu (自定义菜单): what its buttons send is what a person could type, so it works without any right but
that of making one.

Source: WeChat's 服务号 documentation (创建自定义菜单): three buttons of at most 16 bytes, five below each.
"""

from __future__ import annotations

from typing import Any

from bot_adapter.channels.wechat.api import Api
from models.interview.wording import say
from models.settings import Settings


def menu(settings: Settings, lang: str = "zh") -> dict[str, Any]:
    """The menu as the platform takes it."""
    slug = settings.wechat_programme
    web = {"type": "view", "name": say("wechat.menu_web", lang), "url": f"{settings.base_url}/wechat/enter"}
    if slug:
        web["url"] += f"/{slug}"
    switch = [] if slug else [_click("switch", lang)]
    below = [web, *switch, _click("ask", lang), _click("help", lang)]
    more = {"name": say("wechat.menu_more", lang), "sub_button": below}
    return {"button": [_click("apply", lang), _click("status", lang), more]}


def lines(made: dict[str, Any]) -> list[str]:
    """The menu for people: each button and what it does."""
    shown = []
    for button in made["button"]:
        for one in (button, *button.get("sub_button", ())):
            does = one.get("key") or one.get("url") or ""
            shown.append(f"{one['name']} → {does}" if does else f"{one['name']}:")
    return shown


def create(api: Api, settings: Settings, lang: str = "zh") -> dict[str, Any]:
    """Give the account this menu; people see it within a few minutes. Raises Refused and Away."""
    made = menu(settings, lang)
    api.post("/cgi-bin/menu/create", made)
    return made


def _click(name: str, lang: str) -> dict[str, str]:
    return {"type": "click", "name": say(f"wechat.menu_{name}", lang), "key": say(f"wechat.send_{name}", lang)}
