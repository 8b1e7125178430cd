"""What the account may do, and its menu, as an engineer asks for them."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner
from fake_wechat import APP_ID, SECRET, Broken

from bot_adapter import commands
from bot_adapter.channels.wechat import menu, rights
from models.interview.wording import say
from webforms.cli import main

TEMPLATE = "made-up-template-id"


def asked(account, official, lang="zh"):
    return {one.name: (one.state, one.line(lang)) for one in rights.check(account, official.config["BOLE"])}


def test_an_account_with_every_right(account, official, wechat):
    found = asked(account, official)
    assert {name: state for name, (state, _line) in found.items()} == {
        "token": "yes", "custom": "yes", "template": "yes", "menu": "yes", "media": "yes", "web": "unknown",
    }  # fmt: skip
    assert wechat.sent == [] and wechat.menu is None, "nothing was sent or changed"


def test_an_account_that_is_not_verified(account, official, wechat):
    wechat.rights.clear()
    found = asked(account, official)
    assert all("没有这个权限" in found[name][1] for name in ("custom", "template", "menu", "media"))


@pytest.mark.parametrize(("code", "words"), [(40125, "AppSecret"), (40164, "IP 白名单"), (40013, "AppID"), (1, "1")])
def test_without_a_token_only_that_is_said(account, official, wechat, code, words):
    account.token()
    wechat.break_next("/cgi-bin/stable_token", Broken(body=b'{"errcode": %d}' % code))
    found = asked(account, official)
    assert list(found) == ["token"] and found["token"][0] == "no" and words in found["token"][1]


def test_a_platform_that_does_not_answer_says_nothing_about_rights(account, official, wechat):
    wechat.break_next("/cgi-bin/menu/get", Broken(502, b""))
    assert asked(account, official)["menu"][0] == "unknown"
    refusal = Broken(body=b'{"errcode": 40001}')
    wechat.break_next("/cgi-bin/menu/get", refusal, refusal)
    assert "40001" in asked(account, official, "en")["menu"][1]


def test_a_template_that_does_not_fit_is_said_beforehand(account, official, wechat):
    wechat.templates[TEMPLATE] = "{{thing1.DATA}}{{amount2.DATA}}"
    assert "amount" in asked(account, official, "en")["template"][1]
    wechat.templates.clear()
    assert "模板编号" in asked(account, official)["template"][1]
    bare = official.config["BOLE"].model_copy(update={"wechat_template": ""})
    assert "no_template" in {one.name for one in rights.check(account, bare)}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_menus_buttons_send_what_a_person_could_type(account, official, wechat, lang):
    made = menu.create(account, official.config["BOLE"], lang)
    assert wechat.menu == made
    sent = [button["key"] for button in _buttons(made) if "key" in button]
    assert commands.is_hello(sent[0])
    assert [said.command for said in map(commands.find_command, sent[1:]) if said is not None] == [
        commands.Command.STATUS, commands.Command.SWITCH, commands.Command.HUMAN, commands.Command.HELP,
    ]  # fmt: skip


def test_the_menu_leads_to_the_programme_of_the_account(settings, rights):
    def url(**more: str) -> str:
        made = menu.menu(settings.model_copy(update={**rights, **more}))
        return next(str(button["url"]) for button in _buttons(made) if "url" in button)

    assert url() == "https://talent.example/wechat/enter"
    assert url(wechat_programme="zhongshan") == "https://talent.example/wechat/enter/zhongshan"


def _buttons(made: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for button in made["button"] for one in (button, *button.get("sub_button", ()))]


@pytest.fixture
def bole(tmp_path, monkeypatch, wechat):
    for name in ("DATABASE_URL", "REDIS_URL", "BOLE_SECRET_KEY", "BOLE_KEY_RING"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"APP_ID": APP_ID, "SECRET": SECRET, "API": wechat.address, "TOKEN": "t"}.items():
        monkeypatch.setenv(f"BOLE_WECHAT_{name}", value)
    monkeypatch.setenv("BOLE_DATA", str(tmp_path / "data"))
    return lambda *args: CliRunner().invoke(main, ["wechat", *args])


def test_the_commands(bole, wechat, monkeypatch):
    done = bole("check")
    assert done.exit_code == 0, done.output
    assert "webhook: http://127.0.0.1:8000/wechat/ (plain)" in done.output and "no template chosen" in done.output
    assert SECRET not in done.output and "fake-token" not in done.output
    done = bole("menu")
    assert done.exit_code == 0 and f"{say('wechat.menu_status', 'zh')} → 进度" in done.output
    assert wechat.menu is not None
    wechat.rights.clear()
    done = bole("menu")
    assert done.exit_code == 2 and "48001" in done.output
    monkeypatch.setenv("BOLE_WECHAT_SECRET", "another")
    done = bole("check")
    assert done.exit_code == 1 and "the AppSecret is wrong" in done.output
    monkeypatch.delenv("BOLE_WECHAT_SECRET")
    assert "passive replies only" in bole("check").output
