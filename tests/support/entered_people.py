"""People whom a unit enters from a list, on the offices' tiny pack."""

import io

from openpyxl import Workbook
from sqlalchemy import select

from models.application.tables import Outbox
from models.extensions import db
from models.office import batches, scope_entry
from models.office.batch_rows import unseal
from workers.batches import enter_batch, read_batch
from workers.doubles import find_doubles, find_elsewhere, sweep_elsewhere

HEADS = ["序号", "姓名", "身份证号", "手机", "申报类别", "有高级技师证书吗？", "有突出贡献吗？", "行当"]


def work():
    """Do what is promised about batches, as a worker would."""
    jobs = {"read_batch": read_batch, "enter_batch": enter_batch, "find_doubles": find_doubles}
    jobs |= {"find_elsewhere": find_elsewhere, "sweep_elsewhere": sweep_elsewhere}
    while True:
        db.session.rollback()
        query = select(Outbox.id, Outbox.job).where(Outbox.state == "pending", Outbox.job.in_(jobs))
        found = [tuple(row) for row in db.session.execute(query)]
        db.session.rollback()
        if not found:
            return
        for ident, job in found:
            db.session.rollback()
            jobs[job](ident)
            db.session.rollback()
            assert db.session.get(Outbox, ident).state == "done", db.session.get(Outbox, ident).error


def person(world, number=0, **more):
    row = {"序号": str(number), "姓名": f"测试{number}", "身份证号": world.number(), "手机": "13900001234"}
    row |= {"申报类别": "技能人才", "有高级技师证书吗？": "是", "有突出贡献吗？": "是", "行当": "木工", **more}
    return [row[head] for head in HEADS]


def pasted(world, rows, who="east", heads=HEADS):
    lines = ([heads] if heads else []) + rows
    batch = batches.paste(world.staff(who), "\n".join("\t".join(row) for row in lines))
    ident = batch.id
    work()
    return ident


def batch_of(world, ident, who="east"):
    db.session.rollback()
    return scope_entry.get_batch(world.staff(who), ident)


def rows_of(ident):
    return batches.people(db.session(), ident)


def contents(ident):
    return [unseal(row.id, row.sealed) for row in rows_of(ident)]


def entered(world, count=2):
    ident = pasted(world, [person(world, n + 1) for n in range(count)])
    batches.enter(world.staff("east"), ident, batch_of(world, ident).version)
    work()
    return ident, [row.application_id for row in rows_of(ident)]


def book(rows):
    made = Workbook()
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()
