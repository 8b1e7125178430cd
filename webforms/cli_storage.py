"""The console commands about what is kept encrypted: `bole keys` and `bole files`."""

from __future__ import annotations

import sys

import click

from models.settings import Settings
from webforms.cli_base import prepared_app, sentences


@click.group(short_help="The keys: make, list, rotate, seal again.", invoke_without_command=True)
@click.pass_context
def keys(context: click.Context) -> None:
    """Generate the secret key and the key ring into the data folder, where they are missing, and list the ring: what
    each key still opens, which one seals, which one keys the blind indexes.
    """
    from webforms import cli_keys

    if context.invoked_subcommand is None:
        with sentences():
            cli_keys.make_and_list(Settings.from_env(), click.echo)


@keys.command(short_help="Put a new key in front of the ring.")
def rotate() -> None:
    """Put a new key in front of the ring: it seals from now on, and every older key still opens.

    Where the ring comes from BOLE_KEY_RING, print what to set it to.
    """
    from webforms import cli_keys

    with sentences():
        cli_keys.put_in_front(Settings.from_env(), click.echo)


@keys.command(name="reseal", short_help="Seal everything stored again under the first key.")
def reseal_command() -> None:
    """Seal every encrypted record and file again under the first key of the ring, while the system runs.

    It may be stopped and begun again at any moment. At its end it says which keys nothing needs any more.
    """
    from webforms import cli_keys

    with prepared_app() as app, app.app_context(), sentences():
        sys.exit(cli_keys.seal_again(Settings.from_env(), click.echo))


@click.group(short_help="The encrypted files: check that all are there and open.")
def files() -> None:
    """The encrypted files of photos, tables and volumes, wherever BOLE_STORAGE_URL says they lie.

    What was taken out or never came into use is swept by the running system itself.
    """


@files.command(name="check", short_help="Open every file that a record names.")
def files_check() -> None:
    """Open every file that a record names; exit code 1 where one is missing or does not open.

    Staff see the same list under 缺失的文件. Nobody is asked for a photo again by this.
    """
    from webforms import cli_files

    with prepared_app() as app, app.app_context(), sentences():
        sys.exit(cli_files.check(click.echo))
