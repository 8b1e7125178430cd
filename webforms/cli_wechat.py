"""The console commands about a WeChat account: `bole wechat check` and `bole wechat menu`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from webforms.cli_base import Failure, prepared_app

if TYPE_CHECKING:
    from bot_adapter.channels.wechat.api import Api
    from models.settings import Settings


@click.group(short_help="The WeChat account: what it may do, its menu.")
def wechat() -> None:
    """The official account (公众号, 服务号) that the BOLE_WECHAT_* settings name; docs/channels.md says where they are
    found.
    """


@wechat.command(short_help="Ask the platform what the account may do.")
def check() -> None:
    """Ask the platform for a token and, right by right, what the account may do; nothing is sent to anybody.

    Exit code 1 where the token does not come.
    """
    from bot_adapter.channels.wechat import account, rights

    with prepared_app() as app, app.app_context():
        settings: Settings = app.config["BOLE"]
        own = account.from_settings(settings)
        click.echo(f"webhook: {settings.base_url}/wechat/ ({own.mode if own else 'off: set BOLE_WECHAT_TOKEN'})")
        if not settings.wechat_secret:
            click.echo("passive replies only: they do everything; set BOLE_WECHAT_SECRET to push as well")
            return
        found = rights.check(_api(settings), settings)
        for right in found:
            click.echo(f"{right.state:<8}{right.line('en')}")
        sys.exit(0 if found[0].state == "yes" else 1)


@wechat.command(short_help="Give the account its menu.")
@click.option("--show", is_flag=True, help="Only print it.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def menu(show: bool, lang: str) -> None:
    """Give the account its menu: apply, progress, the web form, questions to staff, help.

    People see it within a few minutes. It takes the place of the one that the account has.
    """
    from bot_adapter.channels.wechat import menu as made
    from bot_adapter.channels.wechat.api import Away, Refused

    with prepared_app() as app, app.app_context():
        settings: Settings = app.config["BOLE"]
        shown = made.menu(settings, lang)
        if not show:
            try:
                shown = made.create(_api(settings), settings, lang)
            except Refused as exc:
                raise Failure(f"the platform refuses it ({exc.code}); bole wechat check says more") from exc
            except Away as exc:
                raise Failure(f"the platform does not answer ({exc.reason}); try again") from exc
        click.echo("\n".join(made.lines(shown)))


def _api(settings: Settings) -> Api:
    from bot_adapter.channels.wechat import api

    found = api.from_settings(settings)
    if found is None:
        raise Failure("set BOLE_WECHAT_APP_ID and BOLE_WECHAT_SECRET")
    return found
