"""The console script `bole`. Commands are thin: they parse, call one function, print.

Imports are inside the commands so that `bole --help` and a warm `bole serve` stay quick.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from models.settings import Settings
from webforms.cli_audit import audit
from webforms.cli_base import Failure, prepared_app, sentences
from webforms.cli_search import search
from webforms.cli_staff import staff
from webforms.cli_storage import files, keys
from webforms.cli_telegram import telegram
from webforms.cli_wechat import wechat

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="bole")
def main() -> None:
    """Bole (伯乐): apply from a phone to a government talent programme.

    PACK is the name of a programme pack; `bole check` lists them. `new`, `check` and `assess` take the path of a folder
    as well, such as ./some-town-2026. The data folder is BOLE_DATA (default: ./data).
    """


main.add_command(keys)
main.add_command(files)
main.add_command(audit)
main.add_command(search)
main.add_command(staff)
main.add_command(wechat)
main.add_command(telegram)


@main.command(short_help="Run web, workers and scheduler.")
@click.option("--port", type=int, help="Port of the web server (default: PORT, else 8000).")
@click.option("--host", help="Address to bind (default: HOST, else 127.0.0.1).")
def serve(port: int | None, host: str | None) -> None:
    """Run web, workers and scheduler under the supervisor."""
    from webforms.serve import ServeError
    from webforms.serve import serve as run

    with sentences():
        settings = Settings.from_env()
        given = {k: v for k, v in {"port": port, "host": host}.items() if v is not None}
        try:
            sys.exit(run(settings.model_copy(update=given), lambda line: click.echo(line)))
        except ServeError as error:
            raise Failure(str(error)) from error


@main.command(short_help="Make the folder of a new programme pack.")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--notice", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The notice's text, UTF-8."
)
def new(folder: Path, notice: Path | None) -> None:
    """Make FOLDER, named after the new pack, with every file in the right shape; docs/packs.md says how to go on.

    With --notice FILE the numbered paragraphs of the text stand in clauses.toml, ready to be filled in.
    """
    from webforms.cli_folders import new_pack

    with sentences():
        for line in new_pack(folder, notice):
            click.echo(line)


@main.command(short_help="Check packs; with --notices DIR prove every quotation.")
@click.argument("packs", nargs=-1, metavar="[PACK]...")
@click.option(
    "--notices", type=click.Path(exists=True, path_type=Path), help="Folder of texts, or one text: prove quotations."
)
@click.option("--explain", metavar="CLAUSE", help="Show what claims one clause.")
def check(packs: tuple[str, ...], notices: Path | None, explain: str | None) -> None:
    """Check programme packs: references, claims, and, with --notices, every quotation against the notice's text.

    A pack that is not whole yet gets a list of what is still to do.
    """
    from webforms.cli_packs import check_packs

    with sentences():
        sys.exit(check_packs(packs, notices, explain, click.echo))


@main.command(short_help="What is different between two versions of a pack.")
@click.argument("old")
@click.argument("new")
@click.option("--receipts", is_flag=True, help="Name the drafts that a change would touch by their receipt codes.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def diff(old: str, new: str, receipts: bool, lang: str) -> None:
    """Show what changes from OLD to NEW: rules, fields, documents, dates, consents, tables, open points.

    Each is a pack on disk (its name), a folder, or a published version (NAME@VERSION). Where there is a database, every
    change says how many drafts in flight it would touch. Exit code 0: the same; 1: different; 2: trouble.
    """
    from webforms.cli_diff import compare

    with sentences():
        sys.exit(compare(old, new, lang, receipts, click.echo))


@main.command(short_help="Print the verdict on a file of facts as JSON.")
@click.argument("pack")
@click.argument("facts", required=False, type=click.File("r", encoding="utf-8"))
@click.option("--on", type=_DAY, help="The day of assessment, YYYY-MM-DD (default: today in China).")
@click.option("--questions", is_flag=True, help="List the facts the pack knows, with their allowed values.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def assess(pack: str, facts: Any, on: datetime | None, questions: bool, lang: str) -> None:
    """Print the verdict on FACTS (a JSON file, - for stdin) as JSON. A missing fact is unknown, never a refusal.

    Facts that the pack does not know, or values it does not allow, are named on stderr; exit code 1.
    """
    from webforms import cli_packs

    with sentences():
        if questions:
            click.echo(cli_packs.dump(cli_packs.questions(pack)))
            return
        if facts is None:
            raise click.UsageError("FACTS is missing: give a JSON file, - for stdin, or --questions")
        try:
            data = json.load(facts)
        except ValueError as error:
            raise Failure(f"{facts.name}: not JSON: {error}") from error
        result = cli_packs.assess(pack, data, on.date() if on else None, lang)
        click.echo(cli_packs.dump(result))
        for problem in result["problems"]:
            click.echo(f"{facts.name}: {problem}", err=True)
        if result["problems"]:
            sys.exit(1)


@main.command(short_help="Chat on the terminal (scriptable).")
@click.argument("pack")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option("--demo", is_flag=True, help="Open a demo round for today, if none is open.")
def talk(pack: str, lang: str, demo: bool) -> None:
    """Chat on the terminal; scriptable: one line of stdin is one message, `photo FILE` sends a picture."""
    from bot_adapter.channels.terminal import run

    with prepared_app() as app:
        if demo:
            _open_round(app, pack)
        run(app, pack, sys.stdin, sys.stdout, lang)


def _open_round(app: Any, slug: str) -> None:
    from models.programme.loader import load_pack
    from webforms.prepare import open_demo_round

    with app.app_context():
        open_demo_round(load_pack(slug))


@main.command(short_help="Invented applicants through the real service.")
@click.argument("pack")
@click.option("--count", type=click.IntRange(1, 100_000), default=20, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed invents the same people.")
def simulate(pack: str, count: int, seed: int) -> None:
    """Invented but valid applicants through the real service, photos included."""
    from webforms.simulate import simulate as run

    with prepared_app() as app:
        _open_round(app, pack)
        summary = run(app, pack, count, seed, progress=True)
        click.echo(str(summary))


@main.command(short_help="Write each unit's official workbooks into a folder.")
@click.argument("pack")
@click.option("--unit", help="Only this unit (its code in the pack).")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
def workbooks(pack: str, unit: str | None, out: Path) -> None:
    """Write each unit's workbooks into a folder; records in = rows out + listed exclusions."""
    from workers.workbooks import write_all

    os.umask(0o077)  # the workbooks hold ID numbers: for this user alone
    with prepared_app() as app:
        reports = write_all(app, pack, unit, out)
        for report in reports:
            click.echo(str(report))
        received, rows = sum(r.own_in for r in reports), sum(r.own_rows for r in reports)
        click.echo(f"{len(reports)} units: {received} in = {rows} rows + {received - rows} left out")


@main.group(short_help="Measure: how well papers are read.")
def bench() -> None:
    """Measure what can be measured here; `make bench-…` measures against other programs."""


@bench.command(short_help="How well photographed papers are read.")
@click.option("--set", "name", type=click.Choice(["easy", "hard", "awful"]), default="hard", show_default=True)
@click.option("--count", type=click.IntRange(1, 10_000), default=10, show_default=True, help="Photos of each kind.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same photos.")
@click.option("--kind", "kinds", multiple=True, help="Only this kind of paper; may be given again.")
@click.option(
    "--font", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Print the papers in this font."
)
def ocr(name: str, count: int, seed: int, kinds: tuple[str, ...], font: Path | None) -> None:
    """Read photos of generated papers, of invented people, and print for each thing on them how often it was read and
    how often wrongly; of ID numbers also how many were trusted. Exit code 1 if one was trusted wrongly.

    docs/documents.md says what the sets are and what the numbers mean.
    """
    from models.logs import configure
    from workers.ocr import measuring

    configure("WARNING")
    if unknown := set(kinds) - set(measuring.sets.KINDS):
        raise click.BadParameter(f"{', '.join(sorted(unknown))}; known: {', '.join(measuring.sets.KINDS)}")
    try:
        sys.exit(0 if measuring.bench(name, count, seed, kinds, font, click.echo) else 1)
    except measuring.Missing as missing:
        raise Failure(f"nothing here can read papers: {missing} (pip install 'bole[ocr]')") from missing


@main.command(short_help="Say what is wrong and how to mend it.")
def doctor() -> None:
    """Look at settings, keys, database, queue, packs and files; exit code 1 if something is wrong."""
    from webforms.doctor import examine

    sys.exit(examine(Settings.from_env(), click.echo))


if __name__ == "__main__":
    main()
