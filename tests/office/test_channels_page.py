"""The channels as an administrator sees them: what is set and never what it is, how it went, and a test."""

import pytest
from sqlalchemy import select

from models.application.channel_tables import Delivery
from models.application.tables import Conversation, Outbox
from models.extensions import db
from models.office import channel_testing
from models.office.channel_testing import KINDS, Finding, Result

SECRETS = {"wechat_token": "geheim-eins", "wechat_secret": "geheim-zwei", "smtp_password": "geheim-drei"}


@pytest.fixture
def set_up(app):
    """An official account and a mail server."""
    given = {**SECRETS, "wechat_app_id": "wx-shown", "smtp_host": "mail.example", "public_url": "https://t.example"}
    app.config["BOLE"] = app.config["BOLE"].model_copy(update=given)


def page_of(client, lang="zh"):
    return client.get(f"/office/channels?lang={lang}").get_data(as_text=True)


def promised():
    found = list(db.session.scalars(select(Outbox.subject_id).where(Outbox.job == channel_testing.JOB)))
    db.session.rollback()
    return found


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_set_is_shown_and_no_secret(world, set_up, sign_in, lang):
    page = page_of(sign_in("admin"), lang)
    assert "wx-shown" in page and "mail.example" in page and "https://t.example/wechat/" in page
    assert not [secret for secret in SECRETS.values() if secret in page]
    assert "BOLE_KEFU_SECRET" in page


def test_an_address_that_no_platform_reaches_is_told(world, sign_in):
    assert "平台访问不到这个地址" in page_of(sign_in("admin"))


def test_only_administrators_see_and_test(world, sign_in):
    for who in ("office", "east", "answerer"):
        client = sign_in(who)
        assert client.get("/office/channels").status_code == 403
        assert client.post("/office/channels/test", data={"channel": "email"}).status_code == 403
    assert promised() == []


def test_a_test_is_asked_for_once_a_minute(world, sign_in, clock):
    admin = sign_in("admin")
    assert admin.post("/office/channels/test", data={"channel": "sms"}).status_code == 404
    for _ in range(2):
        assert admin.post("/office/channels/test", data={"channel": "email"}).status_code == 302
    assert promised() == ["email"]
    page = page_of(admin)
    assert "正在测试" in page and 'hx-select="#c-email"' in page
    clock.advance(seconds=60)
    page = page_of(admin)
    assert "一分钟了还没有结果" in page and "hx-select" not in page
    admin.post("/office/channels/test", data={"channel": "email"})
    assert promised() == ["email", "email"]
    assert "测试渠道" in admin.get("/office/audit").get_data(as_text=True)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_end_of_a_test_has_words(world, sign_in, lang):
    admin = sign_in("admin")
    for kind in KINDS:
        channel_testing.keep("telegram", Result(kind, "40164"))
        page = page_of(admin, lang)
        assert "alert-" in page and f"test_{kind}" not in page
    rights = tuple(
        Finding(f"{channel_testing.RIGHT}{name}", good, value)
        for name, good, value in (
            ("custom", True, "0:"),
            ("no_template", None, "0:"),
            ("menu", False, "48001:"),
            ("web", None, "0:"),
        )
    )
    found = [Finding(f"channel.found_{name}", None, "7") for name in ("bot", "webhook", "other_webhook", "no_webhook")]
    channel_testing.keep("wechat", Result("ok", findings=rights))
    channel_testing.keep("telegram", Result("ok", findings=(*found, Finding("channel.found_waiting", None, "7"))))
    page = page_of(admin, lang)
    assert ("自定义菜单" in page) and ("@7" in page) and "right_" not in page and "found_" not in page


def test_how_it_went_lately(world, sign_in, clock):
    now = clock.now()
    heard = {"account": "a", "created_at": now, "updated_at": now, "heard_at": now}
    db.session.add(Conversation(channel="telegram", sender="1", **heard))
    for number, (state, error) in enumerate((("sent", ""), ("failed", "config"))):
        about = {"effect": f"e{number}", "channel": "telegram", "purpose": "reply", "state": state, "error": error}
        db.session.add(Delivery(**about, detail="401" if error else "", created_at=now, updated_at=now))
    db.session.commit()
    page = page_of(sign_in("admin"))
    assert "渠道没有设置好" in page and "(401)" in page
