"""`bole diff OLD NEW`: two versions of a pack side by side, and which drafts in flight each change would touch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from models.clock import SystemClock
from models.errors import PackError
from models.interview.wording import say as words
from models.programme.diff import Kind, diff
from models.programme.diff_words import Area, Item, Line, areas
from models.programme.loader import pack_slugs
from models.programme.pack import Pack
from models.settings import Settings
from webforms.cli_folders import open_pack

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from models.application.impact import Impact

Say = Callable[[str], None]
_SHORT = 30  # characters of a value that stands on one line with the other


def compare(old: str, new: str, lang: str, receipts: bool, say: Say) -> int:
    """Print the differences; 0 where there are none, else 1, as diff(1). Raises PackError for what is not there."""
    from sqlalchemy.exc import SQLAlchemyError

    from webforms import existing

    settings = Settings.from_env()
    try:
        with existing.database(settings) as session:
            return _compare(_pack(old, session), _pack(new, session), lang, receipts, say, session, settings)
    except SQLAlchemyError as error:
        if "@" in old or "@" in new:
            raise PackError(old, "", f"the database cannot be opened ({type(error).__name__})") from error
        code = _compare(_pack(old, None), _pack(new, None), lang, receipts, say, None, settings)
        say(f"drafts not looked at: the database cannot be opened ({type(error).__name__})")
        return code


def _pack(name: str, session: Session | None) -> Pack:
    """A slug is the pack on disk, ``slug@version`` a published one, anything else a folder."""
    slug, at, version = name.partition("@")
    if at and slug in pack_slugs():
        return _published(slug, version, session)
    if name not in pack_slugs() and not Path(name).is_dir():
        raise PackError(name, "", "neither a pack (bole check lists them), nor slug@version, nor a folder")
    return open_pack(name)


def _published(slug: str, version: str, session: Session | None) -> Pack:
    from sqlalchemy import select

    from models.application.tables import PackVersion
    from models.programme.loader import load_archive

    rows = select(PackVersion).where(PackVersion.programme == slug).order_by(PackVersion.published_at)
    found = {row.version: row for row in session.scalars(rows)} if session is not None else {}
    if version not in found:
        there = ", ".join(found) or "none in this data folder"
        raise PackError(f"{slug}@{version}", "", f"no such published version; there are: {there}")
    return load_archive(found[version].archive)


def _compare(
    old: Pack, new: Pack, lang: str, receipts: bool, say: Say, session: Session | None, settings: Settings
) -> int:
    changes = diff(old, new)
    names = {"old": old.programme.version, "new": new.programme.version}
    if not changes:
        say(words("diff.same", lang, slug=new.slug, **names))
        return 0
    say(words("diff.title", lang, slug=new.slug, **names))
    reached: Impact | None = None
    if session is not None and old.slug == new.slug:
        from models.application.impact import impact

        reached = impact(session, old, new, changes, SystemClock(settings.today).today())
    for line in _lines(areas(changes, old, new, lang), reached, lang, receipts):
        say(line)
    return 1


def _lines(found: tuple[Area, ...], reached: Impact | None, lang: str, receipts: bool) -> Iterator[str]:
    for area in found:
        yield ""
        yield area.title
        for item in area.items:
            yield from _item(item, reached, lang, receipts)
    if reached is None:
        return
    yield ""
    yield words("diff.drafts_of", lang, count=reached.drafts, touched=len(reached.touched))
    for (before, after), who in reached.verdicts.items():
        yield "  " + _verdict(before.value, after.value, who, lang)
        yield from _receipts(who, receipts)


def _verdict(before: str, after: str, who: tuple[str, ...], lang: str) -> str:
    if before == after:
        return words("diff.verdicts_of_categories", lang, count=len(who))
    outcomes = {"before": words(f"diff.outcome.{before}", lang), "after": words(f"diff.outcome.{after}", lang)}
    return words("diff.verdicts", lang, **outcomes, count=len(who))


def _item(item: Item, reached: Impact | None, lang: str, receipts: bool) -> Iterator[str]:
    indent = "  "
    if item.name:
        indent = "    "
        ident = f" [{item.ident}]" if item.ident else ""
        yield f"  {words(f'diff.kind.{item.kind.value}', lang)} {item.name}{ident} {item.clause}".rstrip()
    for line in item.lines:
        yield from _line(line, item.kind, indent, lang)
    who = reached.things.get(item.changes[0].place, ()) if reached is not None else ()
    if who:
        yield indent + words("diff.drafts", lang, count=len(who))
        yield from _receipts(who, receipts)


def _receipts(who: tuple[str, ...], receipts: bool) -> Iterator[str]:
    if receipts:
        yield from (f"      {receipt}" for receipt in who)


def _line(line: Line, kind: Kind, indent: str, lang: str) -> Iterator[str]:
    head = words("diff.line", lang, attribute=line.attribute) if line.attribute else ""
    if kind is not Kind.CHANGED:
        yield f"{indent}{head}{line.old or line.new}"
        return
    if not line.old or not line.new:
        yield indent + head + words("diff.come" if line.new else "diff.gone", lang, value=line.new or line.old)
    elif max(len(line.old), len(line.new)) <= _SHORT:
        yield f"{indent}{head}{line.old} → {line.new}"
    else:
        yield f"{indent}{head}".rstrip()
        yield f"{indent}  {words('diff.old', lang, value=line.old)}"
        yield f"{indent}  {words('diff.new', lang, value=line.new)}"
