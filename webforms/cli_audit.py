"""`bole audit`: whether the record of what staff saw and did is whole."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from webforms.cli_base import prepared_app, sentences

if TYPE_CHECKING:
    from models.office import audit_chain

_SAID = {
    "changed": "line {seq} of {at} does not fit: it was changed, or the line before it was",
    "gap": "line {seq} and perhaps more before {at} are missing",
    "unplaced": "a line of {at} has no place in the chain: it was put in from outside",
    "head": "the noted line {seq} is not in the chain: the end was cut off and written anew",
}


@click.group(short_help="The record of what staff saw and did.")
def audit() -> None:
    """The record of what staff saw, took out and decided: append only, each line bound to the one before."""


@audit.command(short_help="Check that nothing was changed, removed or put in.")
@click.option("--head", "noted", metavar="SEQ:DIGEST", help="A head noted earlier, which must still be in the chain.")
def verify(noted: str | None) -> None:
    """Go through every line; exit code 1 where one was changed, removed or put in.

    At its end it prints the head: note it outside this machine. Given with --head later, it proves that the end has
    not been cut off since. The scheduler writes it to the log once an hour.
    """
    from models.extensions import db, reading
    from models.office import audit_chain

    with prepared_app() as app, app.app_context(), sentences(), reading():
        session = db.session()
        faults = list(audit_chain.verify(session, _head(noted)))
        for fault in faults:
            at = f"{fault.at:%Y-%m-%d %H:%M:%S} UTC" if fault.at else ""
            click.echo(f"BAD {_SAID[fault.what].format(seq=fault.seq, at=at)}")
        click.echo(f"{audit_chain.length(session)} lines, {len(faults)} faults")
        click.echo(f"head {audit_chain.head(session)}")
    sys.exit(1 if faults else 0)


def _head(noted: str | None) -> audit_chain.Head | None:
    from models.office import audit_chain

    if noted is None:
        return None
    seq, colon, digest = noted.partition(":")
    if not colon or not seq.isdecimal() or not digest:
        raise click.BadParameter("a head looks like 17:3f09…, as `bole audit verify` prints it", param_hint="--head")
    return audit_chain.Head(int(seq), digest)
