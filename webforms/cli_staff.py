"""`bole staff`: the first administrator of a programme, and the next one after the last has lost the way in."""

from __future__ import annotations

import click

from webforms.cli_base import Failure, prepared_app, sentences


@click.group(short_help="The first administrator.")
def staff() -> None:
    """The first administrator of a programme. Everybody else is invited by an administrator, in the browser."""


@staff.command("invite-admin", short_help="Open an administrator's account.")
@click.argument("pack")
@click.option("--email", default="", help="Their address: a letter is sent as well where SMTP is set.")
@click.option("--name", default="", help="Their name.")
def invite_admin(pack: str, email: str, name: str) -> None:
    """Open an account for an administrator of PACK's programme office, and print the link by which it is taken.

    The link works once. Run it again for another; an account that was never taken is in the list of accounts.
    """
    from models.office import accounts

    with prepared_app() as app, app.app_context(), sentences():
        made = accounts.invite_first(pack, email=email, name=name)
        if made is None:
            raise Failure(f"there is no programme {pack}, or it has no office")
        click.echo(made.url)
        click.echo(f"works once, until {made.expires_at:%Y-%m-%d %H:%M} UTC; hand it over yourself", err=True)
