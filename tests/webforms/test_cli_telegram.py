"""`bole telegram`: the webhook is set, removed and shown, polling is refused beside it; nothing secret is printed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fake_telegram
import pytest
from click.testing import CliRunner, Result
from fake_telegram import SECRET, TOKEN, FakeTelegram

from bot_adapter.commands import find_command
from webforms.cli import main

LONG_SECRET = f"{SECRET}-long-enough"


@pytest.fixture
def platform() -> Iterator[FakeTelegram]:
    with fake_telegram.serving() as fake:
        yield fake


@pytest.fixture
def bole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: FakeTelegram) -> Any:
    given = {
        "BOLE_DATA": str(tmp_path / "data"),
        "BOLE_TELEGRAM_TOKEN": TOKEN,
        "BOLE_TELEGRAM_SECRET": LONG_SECRET,
        "BOLE_TELEGRAM_API": platform.url,
        "BOLE_PUBLIC_URL": "https://bole.example.cn",
    }

    def run(*args: str, **changed: str) -> Result:
        for name, value in (given | changed).items():
            monkeypatch.setenv(name, value)
        done = CliRunner().invoke(main, ["telegram", *args])
        assert TOKEN not in done.output and LONG_SECRET not in done.output
        return done

    return run


def test_the_webhook_is_set_with_its_secret_and_what_waits_is_kept(bole: Any, platform: FakeTelegram) -> None:
    platform.updates = [{"update_id": 1}]
    done = bole("webhook")
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[:3] == [
        "webhook     https://bole.example.cn/telegram/",
        "waiting     1 messages",
        "last error  Connection timed out",
    ]
    assert "link        https://t.me/made_up_bole_bot?start=zhongshan" in lines[3:]
    assert platform.webhook == {
        "url": "https://bole.example.cn/telegram/",
        "secret_token": LONG_SECRET,
        "allowed_updates": ["message", "edited_message", "callback_query", "my_chat_member"],
        "drop_pending_updates": False,
    }
    assert list(platform.menus) == ["", "zh"]
    menu = ["status", "back", "edit", "web", "switch", "human", "help"]
    assert platform.menus[""] == platform.menus["zh"] == menu
    assert all(find_command(word) is not None for word in platform.menus[""])


def test_beside_a_webhook_there_is_no_polling_until_it_is_removed(bole: Any, platform: FakeTelegram) -> None:
    bole("webhook")
    refused = bole("poll")
    assert refused.exit_code == 2 and "bole telegram webhook --remove" in refused.output
    done = bole("webhook", "--remove", BOLE_TELEGRAM_PROGRAMME="zhongshan")
    assert done.output.splitlines()[0] == "webhook     none" and platform.webhook == {}
    assert [line for line in done.output.splitlines() if "t.me" in line] == [
        "link        https://t.me/made_up_bole_bot?start=zhongshan"
    ]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"BOLE_TELEGRAM_TOKEN": ""}, "set BOLE_TELEGRAM_TOKEN"),
        ({"BOLE_TELEGRAM_TOKEN": "not a token"}, "BOLE_TELEGRAM_TOKEN is not a bot's token"),
        ({"BOLE_TELEGRAM_TOKEN": "1:another-token"}, "does not know this bot"),
        ({"BOLE_TELEGRAM_SECRET": "short"}, "BOLE_TELEGRAM_SECRET must be 16 to 256"),
        ({"BOLE_TELEGRAM_SECRET": "with a space in it, long"}, "BOLE_TELEGRAM_SECRET must be"),
        ({"BOLE_PUBLIC_URL": "http://bole.example.cn"}, "https address only"),
        ({"BOLE_PUBLIC_URL": "https://bole.example.cn:8000"}, "could not set the webhook: 400"),
        ({"BOLE_TELEGRAM_API": "http://127.0.0.1:9"}, "Telegram does not answer"),
    ],
    ids=lambda value: next(iter(value.values()), "") or "no token" if isinstance(value, dict) else "",
)
def test_what_is_wrong_is_one_sentence(bole: Any, changed: dict[str, str], said: str) -> None:
    done = bole("webhook", **changed)
    assert done.exit_code == 2 and said in done.output
