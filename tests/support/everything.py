"""One application with something in every column and file that is encrypted."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select

from models import crypto, storage
from models.application import channel_state, others, readings, said
from models.application.tables import Application, Conversation, Inbound, Upload, new_id
from models.documents.reading import Found, PageReading
from models.extensions import Base, db
from models.office import editions, sealing, templates, unit_entries, unit_tables, volumes, workbook_files
from models.office.batch_tables import Batch, BatchRow
from models.office.chain_tables import RegistryChange, ReportPart, UnitOpinion, UnitReport
from models.office.edition_tables import Edition, Letter, ReturnCell, UnitSchedule, WorkbookReturn
from models.office.inbox_tables import EnquiryMessage
from models.office.review_tables import ExportRequest, SavedSearch
from models.office.tables import Enquiry, OfficialTemplate, UnitEntry, UnitTableRow, Volume, Workbook
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
        others.add(session, talk, app_id, dict(talk.state), bound_at=None)
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
    with unit_of_work() as session:
        world.staff("west").set_factor("nobody's", ["1234-5678-9abc"])
        for row in _office(application, world.staff("east").id, name.encode(), now):
            session.add(row)
            session.flush()
    where = unit_tables.find(world.staff("east"), application.round_id, application.unit_id, "plan")
    save(world.staff("east"), where, [SentRow(new_id(), 0, {"holder": world.number()})])
    assert db.session.scalar(select(UnitTableRow.id)) is not None
    db.session.rollback()
    channel_state.put(("test", "an account", "token"), "nobody's", clock.now())
    return app_id


def _office(application: Application, staff_id: int, name: bytes, now: datetime) -> Iterator[Base]:
    """What the office keeps: a row of each table with something encrypted, whoever refers to another after it."""
    ring, app_id, round_id, unit_id = crypto.ring(), application.id, application.round_id, application.unit_id
    assert unit_id is not None
    yield UnitOpinion(
        **{"application_id": app_id, "unit_id": unit_id, "signer": "审核员", "signed_on": now.date()},
        **{"sealed": ring.seal(name, sealing.opinion(app_id, unit_id)), "updated_at": now},
    )
    change, report, batch, row, edition = (new_id() for _ in range(5))
    sealed = ring.seal(name, sealing.change(change))
    yield RegistryChange(id=change, application_id=app_id, kind="k", state="office", sealed=sealed, asked_at=now)
    place = {"round_id": round_id, "unit_id": unit_id}
    yield UnitReport(id=report, **place, to_unit_id=unit_id, number=1, state="reported", reported_at=now)
    key = storage.put(b"PK", sealing.report_part(report, "summary"))
    yield ReportPart(report_id=report, kind="summary", name="x", storage_key=key, rows=1)
    key = storage.put(b"PK", sealing.batch(batch))
    yield Batch(id=batch, **place, storage_key=key, state="read", created_at=now)
    sealed = ring.seal(name, sealing.batch_row(row))
    yield BatchRow(id=row, batch_id=batch, position=1, state="entered", sealed=sealed, application_id=app_id)
    made = {"number": 1, "content_hash": "", "pack_version": "1", "rows": 1, "made_at": now}
    sealed = editions.sealed(edition, {app_id: {"field:name": name.decode()}})
    yield Edition(id=edition, **place, kind="summary", **made, people=app_id, sealed=sealed, taken_at=now)
    yield UnitSchedule(unit_id=unit_id, mode="never", email=ring.seal(b"a@b.example", sealing.schedule(unit_id)))
    letter, returned, cell, thread, search, export = (new_id() for _ in range(6))
    to, words = ring.seal(b"a@b.example", sealing.letter_recipient(letter)), ring.seal(b"{}", sealing.letter(letter))
    yield Letter(id=letter, effect=letter, kind="k", recipient=to, sealed=words, state="sent", created_at=now)
    key = storage.put(b"PK", sealing.returned(returned))
    yield WorkbookReturn(id=returned, **place, name="x", digest="", storage_key=key, state="read", created_at=now)
    sealed = ring.seal(name, sealing.return_cell(cell))
    named = {"return_id": returned, "application_id": app_id, "row": 2, "column": "c", "kind": "change"}
    yield ReturnCell(id=cell, **named, sealed=sealed)
    asked = Enquiry(programme=application.programme, application_id=app_id, question="?", effect=thread, created_at=now)
    yield asked
    sealed = ring.seal(name, sealing.thread(thread))
    yield EnquiryMessage(id=thread, enquiry_id=asked.id, position=1, kind="question", sealed=sealed, at=now)
    own = {"programme": application.programme, "staff_id": staff_id, "created_at": now}
    yield SavedSearch(id=search, **own, name="x", sealed=ring.seal(b"{}", sealing.search(search)))
    asked = b'{"people": [], "columns": [], "full": false, "role": "office"}'
    key, sealed = storage.put(b"PK", sealing.export_file(export)), ring.seal(asked, sealing.export(export))
    yield ExportRequest(id=export, **own, state="ready", reason="r", rows=1, sealed=sealed, storage_key=key)
