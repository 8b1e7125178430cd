"""The bound volume of an application: whether one is asked for, whether it is still right, where it is kept.

Made by a worker on request and on approval; encrypted, opened only as this application's; gone with what it shows.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import clock, crypto, outbox, storage
from models.application.packs import pack_of
from models.application.tables import Application, DocumentPage
from models.office.tables import Volume
from models.office.workbook_data import safe_name
from models.programme.pack import Pack
from models.unit_of_work import after_commit

JOB = "bind_volume"
LAYOUT = 1  # raise when the binder draws the same records differently: volumes are then out of date


def bound_to(application_id: str) -> str:
    """What the encrypted file is bound to: it opens only as this application's volume."""
    return f"volume:{application_id}"


def wanted(pack: Pack) -> bool:
    """Whether the notice asks for a bound volume."""
    return pack.workbooks.volume is not None


def papers(session: Session, application_id: str, documents: Sequence[str]) -> dict[str, list[DocumentPage]]:
    """The usable pages of each of these documents, in their order; documents without any are left out."""
    query = select(DocumentPage).where(
        DocumentPage.application_id == application_id,
        DocumentPage.document.in_(documents),
        DocumentPage.state == "ok",
        DocumentPage.image_key.is_not(None),
        DocumentPage.removed_at.is_(None),
    )
    found = session.scalars(query.order_by(DocumentPage.position, DocumentPage.id)).all()
    by_document = {name: [page for page in found if page.document == name] for name in documents}
    return {name: pages for name, pages in by_document.items() if pages}


def fingerprint(session: Session, application: Application) -> str:
    """What a volume made now would show, without opening an answer: any change of the application gives another."""
    query = select(DocumentPage.id, DocumentPage.state, DocumentPage.position).where(
        DocumentPage.application_id == application.id, DocumentPage.removed_at.is_(None)
    )
    pages = sorted([*row] for row in session.execute(query))
    shown = [LAYOUT, application.id, application.version, application.pack_version, application.unit_id, pages]
    return crypto.ring().blind_index(json.dumps(shown), "volume")


def read(row: Volume) -> bytes:
    """The PDF. Raises NotFound when the file is gone, crypto.Damaged when it is not this row's."""
    return storage.get(row.storage_key, bound_to(row.application_id))


def file_name(application: Application) -> str:
    """``姓名_申报册_BL-XXXX-XXXX.pdf``."""
    label = pack_of(application).workbooks.bound_volume().label
    return f"{safe_name(application.name or '')}_{label}_{application.receipt}.pdf"


def promise(session: Session, application: Application, cause: str = "") -> None:
    """Promise a volume of what the application shows now; the same one is promised once a minute."""
    if not wanted(pack_of(application)):
        return
    now = clock.current().now()
    effect = f"volume:{application.id}:{cause or format(now, '%Y%m%d%H%M')}"
    outbox.promise(session, JOB, application.id, effect)


def forget(session: Session, application_id: str) -> None:
    """The volume goes: its row with this transaction, its file right after the commit."""
    row = session.get(Volume, application_id, with_for_update=True)
    if row is None:
        return
    files, key = storage.current(), row.storage_key
    after_commit(lambda: files.delete(key))
    session.delete(row)
    session.flush()
