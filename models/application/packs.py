"""Published versions of packs: kept whole, never changed, so that each application is judged by its own.

`loader.load_pack(slug)` is the programme as it is now, on disk. `pack_of(application)` is what that application is
judged by; for the version on disk it asks nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
from flask import current_app
from sqlalchemy import Select, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import clock, outbox
from models.application.tables import Application, PackVersion
from models.errors import NotFound, PackError
from models.extensions import db
from models.office.tables import UnitRow, Workbook
from models.programme import archive, loader
from models.programme.pack import Pack
from models.unit_of_work import unit_of_work

log = structlog.get_logger(__name__)

_READ = "bole.packs"  # read once an app: two apps of one process may hold other databases
_KEPT = 64


def pack_of(application: Application) -> Pack:
    """The pack of the version that judges this application."""
    return of_version(application.programme, application.pack_version)


def of_version(slug: str, version: str) -> Pack:
    """The pack of this version: the one on disk, else as it was published.

    A version that was never published (an application older than publishing itself) is read as the one on disk.
    """
    here = loader.load_pack(slug)
    if version == here.programme.version:
        return here
    try:
        return published(slug, version)
    except NotFound:
        log.error("pack_version_unknown", programme=slug, version=version)
        return here


def published(slug: str, version: str) -> Pack:
    """The pack of a published version. Raises NotFound, PackError where this version of Bole cannot read it."""
    kept: dict[tuple[str, str], Pack] = current_app.extensions.setdefault(_READ, {})
    found = kept.get((slug, version))
    if found is None:
        query = select(PackVersion.archive).where(PackVersion.programme == slug, PackVersion.version == version)
        packed = db.session.scalar(query)
        if packed is None:
            raise NotFound("error.not_found")
        if len(kept) >= _KEPT:
            kept.clear()
        found = kept[slug, version] = loader.load_archive(packed)
    return found


def versions(slug: str) -> Select[PackVersion]:
    """The published versions of a programme, the one in force first."""
    return select(PackVersion).where(PackVersion.programme == slug).order_by(PackVersion.turn.desc())


def current(session: Session, slug: str) -> PackVersion | None:
    """The version in force; None before anything has been published."""
    return session.scalar(versions(slug).limit(1))


def is_behind(session: Session, application: Application) -> bool:
    """Whether another version than the application's is in force. Asks the database only if that on disk is another."""
    if application.pack_version == loader.load_pack(application.programme).programme.version:
        return False
    found = current(session, application.programme)
    return found is not None and found.version != application.pack_version


def publish(slug: str, *, demo: bool = False, in_force: bool = True) -> PackVersion:
    """Publish the pack on disk under its version, and put it in force; doing it again changes nothing.

    Without `in_force` (a command beside the running installation) it is only kept, unless it is the first of all.
    Raises PackError, naming the file, where that version was published with other content. A demo (`demo`) may replace
    what a demo has published while nobody has applied under it.
    """
    given = Given.of(slug)
    try:
        return _publish(given, demo, in_force)
    except IntegrityError:  # another process has published it meanwhile
        return _publish(given, demo, in_force)


@dataclass(frozen=True, slots=True)
class Given:
    """A pack as it is on disk, packed."""

    pack: Pack
    packed: bytes
    contents: dict[str, str]

    @classmethod
    def of(cls, slug: str) -> Given:
        """The pack on disk; raises PackError."""
        pack = loader.load_pack(slug)
        packed = archive.pack_up(loader.PACKS / slug, pack)
        return cls(pack, packed, archive.contents(packed))

    @property
    def sha256(self) -> str:
        return archive.digest(self.contents)


def _publish(given: Given, demo: bool, in_force: bool) -> PackVersion:
    slug, now = given.pack.slug, clock.current().now()
    with unit_of_work() as session:
        before = current(session, slug)
        row = session.get(PackVersion, (slug, given.pack.programme.version), with_for_update=True)
        if row is None:
            row = PackVersion(programme=slug, version=given.pack.programme.version, demo=demo, turn=0)
            _fill(row, given, now)
            row.current_since = now
            session.add(row)
        elif row.sha256 != given.sha256:
            if not (demo and _replaceable(session, row)):
                raise _refusal(session, row, given)
            _fill(row, given, now)
        if before is None or (in_force and before is not row):
            row.current_since, row.turn = now, (before.turn if before is not None else 0) + 1
            _rebuild(session, row)
        session.flush()
        return row


def _rebuild(session: Session, row: PackVersion) -> None:
    """The official tables have the columns of the version in force: those that are there are built again."""
    built = select(Workbook.round_id, Workbook.unit_id).join(UnitRow, UnitRow.id == Workbook.unit_id)
    for round_id, unit_id in session.execute(built.where(UnitRow.programme == row.programme).distinct()):
        effect = f"workbook:{round_id}{unit_id}:version:{row.turn}"
        outbox.promise(session, "assemble_workbook", f"{round_id}{unit_id}", effect)


def _fill(row: PackVersion, given: Given, now: datetime) -> None:
    row.sha256, row.archive, row.published_at = given.sha256, given.packed, now


def _replaceable(session: Session, row: PackVersion) -> bool:
    """Published for a demo, and nobody has applied under it."""
    applied = exists().where(Application.programme == row.programme, Application.pack_version == row.version)
    return row.demo and not session.scalar(select(applied))


def refusal(session: Session, slug: str) -> PackError | None:
    """Why the pack on disk cannot be published; None where it can, or where a demo's next start will replace it.

    Raises PackError where it is wrong in itself.
    """
    given = Given.of(slug)
    row = session.get(PackVersion, (slug, given.pack.programme.version))
    if row is None or row.sha256 == given.sha256 or _replaceable(session, row):
        return None
    return _refusal(session, row, given)


def _refusal(session: Session, row: PackVersion, given: Given) -> PackError:
    names = archive.differing(archive.contents(row.archive), given.contents)
    more = f" (and so do {', '.join(names[1:])})" if names[1:] else ""
    day = row.published_at.astimezone(clock.CHINA).date()
    reason = (
        f"differs{more} from version {row.version} as it was published on {day}. A published version never changes: "
        f"raise `version` in {row.programme}/programme.toml"
    )
    if _replaceable(session, row):
        reason += "; nobody has applied under it yet, so `make run` would replace it"
    return PackError(f"{row.programme}/{names[0]}", "", reason)
