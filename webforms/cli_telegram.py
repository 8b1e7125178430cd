"""The console commands about the Telegram bot: `bole telegram`."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from models.settings import Settings
from webforms.cli_base import Failure, prepared_app, sentences

if TYPE_CHECKING:
    from bot_adapter.channels.telegram.api import Answer, Api

_MENU = ("status", "back", "edit", "web", "switch", "human", "help")
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")


@click.group(short_help="The Telegram bot: set up its webhook, or poll.")
def telegram() -> None:
    """The Telegram bot of BOLE_TELEGRAM_TOKEN. docs/channels.md says how to get one."""


@telegram.command(short_help="Set or remove the webhook, and say how it is.")
@click.option("--remove", is_flag=True, help="Remove it, so that `bole telegram poll` may be used.")
def webhook(remove: bool) -> None:
    """Tell Telegram to bring messages to BOLE_PUBLIC_URL, with the secret BOLE_TELEGRAM_SECRET, give the bot its menu,
    and print how things stand. Messages that wait are kept."""
    with sentences():
        settings = Settings.from_env()
        bot = _bot(settings)
    with closing(bot):
        if remove:
            _done(bot.call("deleteWebhook", {"drop_pending_updates": False}), "remove the webhook")
        else:
            _set(bot, settings)
        for line in _standing(bot, settings):
            click.echo(line)


@telegram.command(short_help="Ask for messages from a machine that no webhook reaches.")
def poll() -> None:
    """Ask Telegram for messages until Ctrl-C: for a developer's machine, beside a running `bole serve`, whose workers
    send the replies."""
    from bot_adapter.channels.telegram import polling
    from bot_adapter.channels.telegram.webhook import own

    with prepared_app() as app, app.app_context():
        channel = own()
        if channel is None:
            raise Failure("no bot: set BOLE_TELEGRAM_TOKEN (from @BotFather)")
        click.echo("polling; Ctrl-C stops")
        with closing(channel.api):
            try:
                polling.run(app, channel)
            except polling.CannotPoll as exc:
                raise Failure(str(exc)) from None
        click.echo("stopped")


def _bot(settings: Settings) -> Api:
    from bot_adapter.channels.telegram.api import from_settings

    bot = from_settings(settings)
    if bot is None:
        raise Failure("no bot: set BOLE_TELEGRAM_TOKEN (from @BotFather)")
    return bot


def _set(bot: Api, settings: Settings) -> None:
    from bot_adapter.channels.telegram.updates import KINDS

    if not _SECRET.fullmatch(settings.telegram_secret):
        raise Failure("BOLE_TELEGRAM_SECRET must be 16 to 256 letters, digits, _ or -")
    if not settings.base_url.startswith("https://"):
        raise Failure("Telegram brings messages to an https address only: set BOLE_PUBLIC_URL")
    wanted: dict[str, Any] = {
        "url": f"{settings.base_url}/telegram/",
        "secret_token": settings.telegram_secret,
        "allowed_updates": list(KINDS),
        "drop_pending_updates": False,
    }
    _done(bot.call("setWebhook", wanted), "set the webhook")
    for which, language in ({}, "en"), ({"language_code": "zh"}, "zh"):  # first what everybody else sees
        _done(bot.call("setMyCommands", {**which, "commands": _menu(language)}), "set the menu")


def _menu(language: str) -> list[dict[str, str]]:
    """The commands beside the text field; each is a word that the conversation understands anywhere."""
    from models.interview.wording import say

    return [{"command": word, "description": say(f"telegram.menu_{word}", language)} for word in _MENU]


def _standing(bot: Api, settings: Settings) -> list[str]:
    """How the webhook is, and the links by which people come. Nothing secret is in it."""
    from models.programme.loader import pack_slugs

    info = _done(bot.call("getWebhookInfo"), "ask for the webhook")
    lines = [f"webhook     {info.get('url') or 'none'}", f"waiting     {info.get('pending_update_count', 0)} messages"]
    if info.get("last_error_message"):
        lines.append(f"last error  {info['last_error_message']}")
    name = _done(bot.call("getMe"), "ask for the bot").get("username", "")
    wanted = [settings.telegram_programme] if settings.telegram_programme else pack_slugs()
    return lines + [f"link        https://t.me/{name}?start={slug}" for slug in wanted]


def _done(answer: Answer, what: str) -> Any:
    """The result, as an object. Raises Failure."""
    if answer.ok:
        return answer.result if isinstance(answer.result, dict) else {}
    if answer.code in (401, 404):
        raise Failure("Telegram does not know this bot: check BOLE_TELEGRAM_TOKEN")
    if not answer.code:
        raise Failure(f"could not {what}: Telegram does not answer")
    raise Failure(f"could not {what}: {answer.code} {answer.description}")
