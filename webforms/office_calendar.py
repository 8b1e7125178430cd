"""The calendar of the programme's office: which days it is there, and what people are told meanwhile."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models import clock
from models.errors import InvalidAnswer
from models.extensions import db
from models.office import enquiry_queue, office_days, scope
from models.programme import workdays
from models.programme.loader import load_pack
from webforms.i18n import counted as _n
from webforms.office_base import lang, page, sentence, staff, staff_route


@staff_route("/calendar", scope.OFFICE, scope.ADMIN, methods=("GET", "POST"))
def calendar_page() -> ResponseReturnValue:
    """A year's days out of the ordinary; put some in, take some back."""
    this_year = clock.current().today().year
    years = range(this_year - 1, this_year + office_days.AHEAD + 1)
    year = request.values.get("year", this_year, type=int)
    year = year if year in years else this_year
    problem, status = "", 200
    if request.method == "POST":
        try:
            flash(_done(year), "success")
        except InvalidAnswer as error:
            db.session.rollback()
            problem, status = sentence(error), 422
        else:
            return redirect(url_for("office.calendar_page", year=year))
    slug = scope.programme(staff())
    now = clock.current().now()
    days = office_days.overrides(db.session(), slug)
    return page(
        "calendar.html",
        status,
        year=year,
        years=years,
        runs=office_days.runs(db.session(), slug, year, lang()),
        known=workdays.is_known(year, days),
        own_whole=year in days.whole,
        works_today=workdays.is_working_day(now.astimezone(clock.CHINA).date(), days),
        told=enquiry_queue.told_back(now, slug, lang()),
        hours=load_pack(slug).programme.office_hours,
        usual=enquiry_queue.HOURS,
        typed=request.form,
        problem=problem,
    )


def _done(year: int) -> str:
    """Carry out what the button says; the sentence that tells of it."""
    form = request.form
    action = form.get("do", "")
    if action == "whole":
        office_days.say_whole(staff(), year, form.get("whole") == "1")
        return str(_("已保存。"))
    first = _day(form.get("first", ""))
    last = _day(form.get("last", "") or form.get("first", ""))
    if action == "remove":
        office_days.take_back(staff(), first, last)
        return str(_("这几天恢复为全国的安排。"))
    count = office_days.put(staff(), first, last, form.get("kind", ""), form.get("name", ""))
    return str(_n("已记下 %(n)d 天。", n=count))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidAnswer("days.range", most=office_days.LONGEST) from None
