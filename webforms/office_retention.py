"""What is kept how long, what goes when, and what the clockwork has deleted: numbers, since administrators see no
people."""

from __future__ import annotations

from datetime import timedelta

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models import clock, leftovers
from models.application import expiring, uploads
from models.extensions import db
from models.office import batch_dropping, housekeeping, letters, links, returns, scope
from models.programme.loader import load_pack
from models.programme.retention import ENDINGS
from webforms.i18n import counted as _n
from webforms.office_base import page, staff, staff_route

MONTHS = 24  # lines of what is to be erased


@staff_route("/retention", scope.OFFICE, scope.ADMIN)
def retention_page() -> ResponseReturnValue:
    """Of the own programme; what is not a programme's is the whole installation's."""
    slug = scope.programme(staff())
    coming, due = expiring.standing(db.session(), slug)
    gone = housekeeping.erased(db.session(), slug)
    db.session.rollback()  # what is kept of the clockwork is read by a connection of its own
    notes = {task: housekeeping.latest(task) for task in housekeeping.TASKS}
    last = notes[housekeeping.PURGE]
    return page(
        "retention.html",
        retention=load_pack(slug).programme.retention,
        endings=ENDINGS,
        coming=coming[:MONTHS],
        due=due,
        gone=gone,
        last=last,
        late=last is None or last.late(clock.current().now()),
        things=[(what, how_long, notes[task]) for task, what, how_long in _things()],
    )


def _things() -> list[tuple[str, str, str]]:
    """What else the clockwork deletes: the task, what it is, how long it is kept."""

    def days(span: timedelta) -> str:
        return str(_n("%(n)d 天", n=span.days))

    return [
        (housekeeping.UPLOADS, _("传了一半、没有再传的照片"), days(uploads.ABANDONED)),
        (housekeeping.PAGES, _("本人删掉或换掉的照片"), _("当场删除，没删成的五分钟内再删")),
        (housekeeping.RETURNS, _("单位传回来、没有处理的工作簿"), days(returns.KEPT)),
        (housekeeping.BATCHES, _("单位导入、没有录入的名单"), days(batch_dropping.KEPT)),
        (
            housekeeping.LETTERS,
            _("发给单位和工作人员的信件"),
            _("%(n)d 天；信里的链接过期后 %(m)d 天", n=letters.KEEP.days, m=links.KEPT.days),
        ),
        (housekeeping.FILES, _("没有任何记录指向的文件"), days(leftovers.AGE)),
    ]
