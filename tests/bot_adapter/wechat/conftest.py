"""An account with rights, on a platform that is a strict fake."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fake_wechat import APP_ID, SECRET, FakeWeChat, fake_wechat
from flask import Flask

from bot_adapter.channels.wechat import api
from models.extensions import db
from models.settings import Settings

PERSON = "oMade_Up-OpenId1234567890"
TEMPLATE = "made-up-template-id"


@pytest.fixture
def wechat() -> Iterator[FakeWeChat]:
    with fake_wechat() as fake:
        fake.followers[PERSON] = 5
        fake.templates[TEMPLATE] = "通知：{{thing1.DATA}}\n时间：{{time2.DATA}}"
        yield fake


@pytest.fixture
def rights(wechat: FakeWeChat) -> dict[str, Any]:
    """The settings of this account."""
    return {
        "wechat_token": "made-up-token",
        "wechat_app_id": APP_ID,
        "wechat_secret": SECRET,
        "wechat_api": wechat.address,
        "wechat_template": TEMPLATE,
        "public_url": "https://talent.example",
    }


@pytest.fixture
def official(settings: Settings, rights: dict[str, Any], make_app: Any) -> Iterator[Flask]:
    app = make_app(settings.model_copy(update=rights))
    with app.app_context():
        yield app
        db.session.remove()


@pytest.fixture
def account(official: Flask) -> api.Api:
    found = api.from_settings(official.config["BOLE"])
    assert found is not None
    return found
