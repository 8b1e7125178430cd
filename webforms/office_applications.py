"""Applications as staff read them: the queue, one application beside its photos, a reveal."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from models import clock
from models.application import lifecycle, packs, queries, ways
from models.application.tables import Application
from models.errors import InvalidAnswer, NotFound
from models.extensions import db
from models.interview import wording
from models.office import (
    assignments,
    changes,
    enquiry_asking,
    opinions,
    registry,
    reviews,
    scope,
    sheets,
    unit_entries,
    worklist,
)
from models.office.queue_filter import Filter
from models.office.tables import UnitRow
from models.programme import fields
from models.programme.loader import load_pack
from models.programme.pack import Pack
from webforms import office_trail, office_volumes
from webforms.office_base import fragment, lang, page, sentence, staff, staff_route
from webforms.office_format import ago
from webforms.office_leases import held_by, opened, queue_people

READERS = (scope.REVIEWER, scope.OFFICE)
PREPARED_OPINIONS = ("meets", "recommend", "true")


@staff_route("/applications", *READERS)
def queue() -> ResponseReturnValue:
    """The queue: status, category and unit as links, oldest first."""
    found = worklist.worklist(staff(), Filter.read(request.args))
    held = assignments.holders(row.id for row in found.rows)
    words = {"work": found, "held": held, "trail": office_trail.of_queue(found.filter), **queue_people()}
    return page("_queue.html" if fragment() else "queue.html", **words, **queue_words())


@staff_route("/applications/<application_id>", *READERS)
def application(application_id: str) -> ResponseReturnValue:
    """One application: form beside photos, findings, verdict, timeline. Opening it is audited."""
    opened(scope.get_application(staff(), application_id))
    return page("application.html", **application_context(application_id))


def application_context(application_id: str) -> dict[str, Any]:
    """What the application's page and its decision pages show. Raises NotFound out of reach."""
    found = scope.get_application(staff(), application_id)
    view = queries.view(found.id)
    previous, following = worklist.neighbours(staff(), view.application, office_trail.current())
    may_decide = db.session.scalar(scope.decidable(staff()).where(Application.id == found.id)) is not None
    return {
        **office_volumes.card(view.application, view.pack),
        "view": view,
        "application": view.application,
        "may_decide": may_decide,
        "behind": packs.is_behind(db.session(), view.application),
        "unit": db.session.get(UnitRow, view.application.unit_id) if view.application.unit_id else None,
        "pack": view.pack,
        "blocks": reviews.form_blocks(view, lang()),
        "eligibility": reviews.eligibility_block(view, lang()),
        "evidence": reviews.evidence(view, lang()),
        "way": ways.chosen(view.pack, view.plan, view.answers),
        "agreed": ways.agreed(db.session(), view.pack, view.application.id),
        "verdicts": reviews.claimed_groups(view),
        "points": reviews.staff_points(view),
        "opinions": opinions.of_person(db.session(), view.application),
        "may_opine": opinions.may_write(staff(), view.application),
        "prepared_opinions": [wording.say(f"office.opinion.{name}", "zh") for name in PREPARED_OPINIONS],
        "may_change": changes.is_open_to(db.session(), view.application),
        "entry": registry.entry_of(db.session(), found.id),
        "unit_fields": unit_entries.entries(db.session(), view),
        "may_fill": unit_entries.may_fill(staff(), view.application),
        "shown": lambda field, value: fields.display(field, value, lang()),
        "differing": sum(one.outcome == "differs" for one in view.compared),
        "findings": reviews.findings(view, lang()),
        "marks": sheets.marks(view, lang()),
        "timeline": queries.timeline(view, lang()),
        "talks": enquiry_asking.of_case(staff(), found.id),
        "held": held_by(view.application),
        "trail": office_trail.carried(),
        "back": office_trail.queue(),
        "previous": previous,
        "following": following,
        "category_names": category_names(view.pack),
    }


@staff_route("/applications/<application_id>/reveal/<key>", *READERS, methods=("GET", "POST"))
def reveal(application_id: str, key: str) -> ResponseReturnValue:
    """Ask for a reason, then show one hidden answer. The value is in this one answer, never in an address or a log."""
    label = _label(application_id, key)
    reason, text, problem = request.form.get("reason", ""), "", ""
    if request.method == "POST":
        try:
            text = reviews.reveal(staff(), application_id, key, reason, lang())
        except InvalidAnswer as error:
            db.session.rollback()
            problem = sentence(error)
    template = ("_revealed.html" if text else "_reveal_form.html") if fragment() else "reveal.html"
    status = 422 if problem and not fragment() else 200  # htmx puts nothing into the page but a 200
    words = {"application_id": application_id, "key": key, "label": label, "reason": reason}
    return page(template, status, text=text, problem=problem, **words)


def category_names(pack: Pack) -> dict[str, str]:
    """Category ids and names in the page's language."""
    return {category.id: category.name.get(lang()) for category in pack.eligibility.categories}


def _all_category_names(slug: str) -> dict[str, str]:
    """Those of the programme now, and after them what older versions had besides: people were judged by them."""
    names = category_names(load_pack(slug))
    for row in db.session.scalars(packs.versions(slug)):
        older = category_names(packs.of_version(slug, row.version))
        names |= {name: said for name, said in older.items() if name not in names}
    return names


def queue_words() -> dict[str, Any]:
    """Names for the queue's columns and filters."""
    units = db.session.scalars(scope.units(staff()).order_by(UnitRow.code)).all()
    slug = scope.programme(staff())
    now = clock.current().now()
    return {
        "units": units,
        "unit_names": {unit.id: unit.name_en if lang() == "en" else unit.name for unit in units},
        "category_names": _all_category_names(slug) if slug else {},
        "waited": lambda at: ago(at, now),
        "statuses": scope.VISIBLE,
        "after_review": lifecycle.AFTER_REVIEW,
        "way_names": {channel.id: channel.name.get(lang()) for channel in load_pack(slug).selection.channels}
        if slug
        else {},
    }


def _label(application_id: str, key: str) -> str:
    found = scope.get_application(staff(), application_id)
    ask = reviews.returnable(queries.view(found.id)).get(key)
    if ask is None or not ask.sensitive:
        raise NotFound("office.not_found")
    return ask.label.get(lang())


def unit_choices() -> list[tuple[str, list[UnitRow]]]:
    """Units that the signed-in person may hand an application to, by kind, in the notice's order."""
    rows = {row.code: row for row in db.session.scalars(scope.reroute_targets(staff()).order_by(UnitRow.code))}
    kinds: dict[str, list[UnitRow]] = {}
    for unit in load_pack(scope.programme(staff())).routing.units:
        if unit.id in rows:
            kinds.setdefault(unit.heading(lang()), []).append(rows.pop(unit.id))
    kinds.setdefault("", []).extend(rows.values())  # of an older version of the pack
    return list(kinds.items())
