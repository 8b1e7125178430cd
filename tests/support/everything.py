"""One application with something in every column and file that is encrypted."""

from __future__ import annotations

import base64
import json
from typing import Any

from sqlalchemy import select

from models import crypto, storage
from models.application import channel_state, readings, said
from models.application.tables import Conversation, Inbound, Upload, new_id
from models.documents.reading import Found, PageReading
from models.extensions import db
from models.office import templates, unit_entries, unit_tables, volumes, workbook_files
from models.office.tables import OfficialTemplate, UnitEntry, UnitTableRow, Volume, Workbook
from models.office.unit_table_saving import SentRow, save
from models.unit_of_work import unit_of_work


def fill(world: Any, clock: Any, name: str = "测试甲", id_number: str | None = None) -> str:
    """An application with at least one of everything that is on the list of what is sealed, `name` in all of it."""
    app_id = world.applied(name=name, id_number=id_number)
    application = world.application(app_id)
    ring, now = crypto.ring(), clock.now()
    page = world.pages(app_id)[0]
    with unit_of_work() as session:
        read = PageReading("read", "id_front", {"name": Found(name, name, True, 0.9, (0, 0, 1, 1))})
        readings.save(session, page, read, "test 1")
        talk = Conversation(
            id=new_id(), channel="test", sender="s", application_id=app_id, created_at=now, updated_at=now
        )
        typed = ring.seal(json.dumps([name]).encode(), said.state_bound_to(talk.id))
        talk.state = {"mode": "rows", "draft": {"sealed": base64.b64encode(typed).decode()}, "menu": ["一", "二"]}
        session.add(talk)
        session.flush()
        came = new_id()
        session.add(
            Inbound(
                id=came,
                conversation_id=talk.id,
                application_id=app_id,
                dedupe_key="k",
                sealed=ring.seal(name.encode(), said.came_bound_to(came)),
                reply=ring.seal(name.encode(), said.reply_bound_to(came)),
                at=now,
            )
        )
        entry = unit_entries.place(app_id, "rating")
        session.add(
            UnitEntry(
                application_id=app_id, key="rating", sealed=ring.seal(json.dumps(name).encode(), entry), updated_at=now
            )
        )
        if page.upload_key:
            storage.delete(page.upload_key)
        for column in ("upload_key", "crop_key"):
            setattr(page, column, storage.put(f"{column} {name}".encode(), f"page:{page.id}"))
        part = Upload(
            id=new_id(), application_id=app_id, document="card", idempotency_key="u", size=4, sha256="", door="web"
        )
        part.created_at = part.updated_at = now
        part.parts = [{"key": storage.put(name.encode(), f"upload:{part.id}"), "size": 4}]
        session.add(part)
        key = storage.put(name.encode(), volumes.bound_to(app_id))
        session.add(Volume(application_id=app_id, fingerprint="", storage_key=key, pages=1, built_at=now))
        place = (application.round_id, application.unit_id, "summary")
        book = Workbook(round_id=place[0], unit_id=place[1], kind=place[2], content_hash="", rows=1, built_at=now)
        book.storage_key = storage.put(name.encode(), workbook_files.bound_to(*place))
        session.add(book)
        table = OfficialTemplate(id=new_id(), programme="tiny", kind="summary", name="x", digest="", state="tried")
        table.storage_key = storage.put(b"PK", templates.bound_to(table.id))
        table.trial_key = storage.put(b"PK", templates.trial_bound_to(table.id))
        table.uploaded_at = now
        session.add(table)
    where = unit_tables.find(world.staff("east"), application.round_id, application.unit_id, "plan")
    save(world.staff("east"), where, [SentRow(new_id(), 0, {"holder": world.number()})])
    assert db.session.scalar(select(UnitTableRow.id)) is not None
    db.session.rollback()
    channel_state.put(("test", "an account", "token"), "nobody's", clock.now())
    return app_id
