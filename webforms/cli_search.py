"""`bole search`: the words by which staff find people."""

from __future__ import annotations

import click

from webforms.cli_base import prepared_app, sentences


@click.group(short_help="The words by which staff find people.")
def search() -> None:
    """The words by which staff find people: written with each hand-in.

    Who handed in before there were any is filled in by the running system, some hundreds every five minutes.
    """


@search.command(short_help="Write all of them anew, while the system runs.")
def rebuild() -> None:
    """Write the words of every application anew, while the system runs.

    Needed after a change of what people are found by, and to have everybody at once instead of little by little.
    """
    from models.office import search_terms

    with prepared_app() as app, app.app_context(), sentences():
        click.echo(f"{search_terms.rebuild()} applications can be found")
