"""Who works on which case: taken by opening it, given back, taken over, given to a colleague; and who has how many."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models.application.tables import Application
from models.errors import NotFound
from models.extensions import db
from models.office import assignments, audit, scope, scope_reviews, worklist
from models.office.queue_filter import Filter
from models.office.tables import Staff
from models.unit_of_work import unit_of_work
from webforms import office_trail
from webforms.office_base import page, staff, staff_route

DECIDERS = (scope.REVIEWER, scope.OFFICE)
MANY = 500  # cases in one go
DAYS = (1, 3, 5, 7, 14)


def opened(found: Application) -> None:
    """A case is looked at: in the audit, and theirs for a while where they may decide it and nobody else has it."""
    member, application_id = staff(), found.id
    staff_id = member.id
    with unit_of_work() as session:
        audit.write(session, staff_id, audit.VIEW, f"application:{application_id}")
        mine = session.scalar(scope.decidable(member).where(Application.id == application_id))
        if mine is not None:
            assignments.work(session, member, mine)


@staff_route("/applications/<application_id>/holder", *DECIDERS)
def holder(application_id: str) -> ResponseReturnValue:
    """Who has the case now, and whether it has changed since the page was opened; asked every few seconds."""
    found = scope.get_application(staff(), application_id)
    seen = request.args.get("version", 0, type=int)
    moved = bool(seen) and seen != found.version
    return page("_holder.html", application=found, held=held_by(found), moved=moved, trail=office_trail.carried())


def held_by(application: Application) -> assignments.Held | None:
    """Who has the case, while a decision is waited for."""
    return assignments.holders([application.id]).get(application.id) if assignments.workable(application) else None


@staff_route("/applications/<application_id>/take", *DECIDERS, methods=("POST",))
def take_case(application_id: str) -> ResponseReturnValue:
    """Take a case over from whoever has it; they are told by their own page."""
    assignments.take(staff(), application_id)
    flash(str(_("这份申报由您审核了。")), "success")
    return redirect(office_trail.page_of(application_id))


@staff_route("/applications/<application_id>/give-back", *DECIDERS, methods=("POST",))
def give_back(application_id: str) -> ResponseReturnValue:
    """Put a case back, and go to the queue."""
    assignments.give_back(staff(), application_id)
    flash(str(_("已放回待办，同事可以接手。")), "success")
    return redirect(office_trail.queue())


@staff_route("/assignments", *DECIDERS)
def assignments_page() -> ResponseReturnValue:
    """Who has how many cases and since when, and how many nobody has."""
    free = worklist.worklist(staff(), Filter()).facets.who.get(None, 0)
    return page("assignments.html", loads=assignments.loads(staff()), free=free)


@staff_route("/assignments/<int:member_id>/recall", *DECIDERS, methods=("POST",))
def recall(member_id: int) -> ResponseReturnValue:
    """Put what a colleague has back into the queue."""
    number = assignments.recall(staff(), member_id)
    flash(str(_("已把 %(n)d 份放回待办。", n=number)), "success")
    return redirect(url_for("office.assignments_page"))


@staff_route("/assignments", *DECIDERS, methods=("POST",))
def assign() -> ResponseReturnValue:
    """Give the ticked cases, or everything that the filter shows, to a colleague."""
    back = url_for("office.queue", **Filter.read(request.args).query())
    chosen = [one for one, _version in ticked()]
    if not chosen:
        flash(str(_("请先勾选申报。")), "warning")
        return redirect(back)
    member_id = request.form.get("member", 0, type=int)
    member = db.session.scalar(scope_reviews.colleagues(staff()).where(Staff.id == member_id)) if member_id else None
    if member is None:
        if member_id:
            raise NotFound("office.not_found")
        flash(str(_("请选择分给谁。")), "warning")
        return redirect(back)
    name = member.display_name
    given = assignments.assign(staff(), chosen, member_id, request.form.get("days", 3, type=int))
    flash(str(_("已分给%(name)s %(n)d 份。", name=name, n=len(given))), "success" if given else "warning")
    if len(given) < len(chosen):
        flash(str(_("有 %(n)d 份没有分：已经办完，或不归这位同事审核。", n=len(chosen) - len(given))), "warning")
    return redirect(back)


def ticked() -> list[tuple[str, int]]:
    """The ids of the ticked applications with the versions that were on the screen; with ``all`` everything that the
    filter of the address shows, whatever page it is on."""
    if request.form.get("all") == "1":
        return worklist.ids(staff(), Filter.read(request.args), MANY)
    found: dict[str, int] = {}
    for value in request.form.getlist("item")[:MANY]:
        application_id, _colon, version = value.partition(":")
        if version.isdecimal() and len(version) < 10:
            found[application_id[:32]] = int(version)
    return list(found.items())


def queue_people() -> dict[str, Any]:
    """Whom cases can be given to, and for how long."""
    return {"colleagues": db.session.scalars(scope_reviews.colleagues(staff()).order_by(Staff.id)).all(), "days": DAYS}
