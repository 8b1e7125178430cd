"""Many people who have begun already, so that a store is as full as it is in the middle of a round: the rows of one
conversation and its application again, for others. What is sealed stays sealed for the first one and is never read."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Flask
from sqlalchemy import Row, select

from models.application.tables import Answer, Application, ConsentRecord, Conversation, Event, Inbound, new_id
from models.extensions import db

_TABLES = (Application, Conversation, Answer, ConsentRecord, Event, Inbound)


def fill(app: Flask, sender: str, count: int) -> None:
    """As if `count` more had come as far as `sender`."""
    with app.app_context():
        session = db.session()
        talk = session.scalars(select(Conversation).where(Conversation.sender == sender)).one()
        assert talk.application_id is not None
        ids = {Application: talk.application_id, Conversation: talk.id}
        found = {table: session.execute(_rows(table, ids)).all() for table in _TABLES}
        for _number in range(count):
            others = {ids[Application]: new_id(), ids[Conversation]: new_id()}
            for table, rows in found.items():
                session.connection().execute(table.__table__.insert(), [_other(table, row, others) for row in rows])
        session.commit()


def _rows(table: Any, ids: dict[type, str]) -> Any:
    columns = table.__table__.c
    if table in ids:
        return select(columns).where(columns.id == ids[table])
    if "conversation_id" in columns:
        return select(columns).where(columns.conversation_id == ids[Conversation])
    return select(columns).where(columns.application_id == ids[Application])


def _other(table: Any, row: Row[Any], others: dict[str, str]) -> dict[str, Any]:
    """The same row of somebody else: other ids, and other values where they have to differ."""
    values = dict(row._mapping)
    values |= {name: others[value] for name, value in values.items() if isinstance(value, str) and value in others}
    owner = min(others.values())
    if "id" in values and values["id"] not in others.values():
        values["id"] = values["id"][:8] + new_id()[:24]
    for name in ("receipt", "resume_hash", "dedupe_key", "sender"):
        if name in values:
            values[name] = hashlib.sha256(f"{owner}{values[name]}".encode()).hexdigest()[:20]
    return values
