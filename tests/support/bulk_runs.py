"""Decisions about many cases, carried out as a worker would, and what came of them."""

from sqlalchemy import select

from models.application.tables import Outbox
from models.extensions import db
from models.office import bulk
from workers.bulk import carry_bulk


def job(ident):
    return db.session.scalar(select(Outbox.id).where(Outbox.subject_id == ident, Outbox.job == bulk.JOB))


def run(ident):
    promised = job(ident)
    db.session.rollback()
    carry_bulk(promised)
    db.session.rollback()


def statuses(world, ids):
    return [world.application(one).status for one in ids]
