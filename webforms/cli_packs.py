"""What `bole check` and `bole assess` do; both are pure but for reading files and printing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.clock import SystemClock
from models.eligibility import assess as assessing
from models.eligibility import report
from models.errors import PackError
from models.programme import mentions
from models.programme.check import CheckReport, check_pack, prove_quotes
from models.programme.loader import pack_slugs
from models.programme.pack import Pack
from models.programme.todo import still_to_do
from models.settings import Settings
from webforms.cli_folders import folder_at, misnamed, open_pack, read_notice, what_to_do

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Say = Callable[[str], None]


def check_packs(names: Sequence[str], notices: Path | None, explain: str | None, say: Say) -> int:
    """Check each pack (all that are installed by default); 0 when there are no problems, else 1.

    `names`: of installed packs, or paths of folders. `notices`: a folder of texts, or the text of one notice.
    """
    problems = 0
    refusals = _refusals(names or pack_slugs(), say) if explain is None else {}
    for name in names or pack_slugs():
        folder = folder_at(name)
        todo = still_to_do(folder) if folder else []
        if todo:
            for line in what_to_do(name, todo):
                say(line)
            problems += len(todo)
            continue
        try:
            pack = open_pack(name)
        except PackError as error:
            say(f"{name}: {error}")
            problems += 1
            continue
        found = check_pack(pack)
        if explain:
            _explain(pack, found, explain, say)
            problems += explain not in found.claims
            continue
        lines = [*misnamed(pack, folder), *found.problems, *(_prove(pack, notices) if notices else [])]
        lines += [str(refusals[name])] if name in refusals else []
        say(_summary(pack, found, notices))
        for line in lines:
            say(f"  problem: {line}")
        problems += len(lines)
    return 1 if problems else 0


def _refusals(slugs: Sequence[str], say: Say) -> dict[str, PackError]:
    """Packs that differ from what was published under their version, where this data folder has a database."""
    settings = Settings.from_env()
    if not settings.has_database:
        return {}
    from sqlalchemy.exc import SQLAlchemyError

    from webforms import existing

    try:
        with existing.database(settings) as session:
            return {} if session is None else _refused(session, slugs)
    except SQLAlchemyError as error:
        say(f"not compared with what has been published: the database cannot be opened ({type(error).__name__})")
        return {}


def _refused(session: Session, slugs: Sequence[str]) -> dict[str, PackError]:
    from models.application import packs

    found: dict[str, PackError] = {}
    for slug in slugs:
        try:
            refused = packs.refusal(session, slug)
        except PackError:  # wrong in itself: told by the check of the pack
            continue
        if refused is not None:
            found[slug] = refused
    return found


def _prove(pack: Pack, notices: Path) -> list[str]:
    """The notice's text is a file of the folder; a pack without its text is a problem, not a pass."""
    text = notices / f"{pack.text_name}.txt" if notices.is_dir() else notices
    if not text.exists():
        return [f"no text of this notice at {text.name} in the folder given"]
    return prove_quotes(pack, read_notice(text))


def _summary(pack: Pack, found: CheckReport, notices: Path | None) -> str:
    by_kind = ", ".join(f"{kind} {count}" for kind, count in found.by_kind().items() if count)
    quotes = sum(1 for clause in pack.clauses if clause.quote)
    proven = f"; {quotes} quotations looked up in the text" if notices else ""
    return f"{pack.slug}: {found.claimed} / {found.total} clauses claimed ({by_kind}){proven}"


def _explain(pack: Pack, found: CheckReport, ref: str, say: Say) -> None:
    if ref not in found.claims:
        say(f"{pack.slug}: no clause {ref}")
        return
    clause = next(c for c in pack.clauses if c.ref == ref)
    say(f"{pack.slug} {ref} {clause.heading}" + (f"「{clause.quote}」" if clause.quote else ""))
    for kind, file, key, used in mentions.clause_uses(pack):
        if used == ref:
            say(f"  {kind:<9} {file}: {key}")
    if clause.open:
        say(f"  open      {clause.open}")
    if "parts" in found.claims[ref]:
        say("  parts     claimed by the clauses below it")
    if not found.claims[ref]:
        say("  nothing claims it")


def questions(name: str) -> list[dict[str, Any]]:
    """The facts a pack knows, with their allowed values."""
    return report.questions(open_pack(name))


def assess(name: str, data: Mapping[str, Any], on: date | None, lang: str) -> dict[str, Any]:
    """The verdict as JSON-able data. Raises PackError for an unknown pack, ValueError is never raised: wrong facts
    are listed under `problems` with what is allowed, and count as unknown."""
    pack = open_pack(name)
    day = on or SystemClock(Settings.from_env().today).today()
    facts, claimed, problems = report.facts_from_json(pack, data, lang)
    result = report.to_json(assessing.assess(pack, facts, claimed, day), pack, lang)
    return {"programme": pack.slug, "on": day.isoformat(), **result, "problems": problems}


def dump(data: Any) -> str:
    """Readable JSON, Chinese as it is."""
    return json.dumps(data, ensure_ascii=False, indent=2, default=str)
