"""The staff console under /office: this module gathers its pages on one blueprint."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from models.office import scope
from webforms import (  # noqa: F401  (each registers its pages on the blueprint)
    office_accounts,
    office_admin,
    office_answers,
    office_applications,
    office_asking,
    office_audit,
    office_batch,
    office_bulk,
    office_calendar,
    office_changes,
    office_channels,
    office_decisions,
    office_deliveries,
    office_doubles,
    office_elsewhere,
    office_enquiries,
    office_enquiry_ageing,
    office_enquiry_moves,
    office_entering,
    office_entry,
    office_entry_one,
    office_exports,
    office_factor,
    office_figure_reports,
    office_figures,
    office_files,
    office_health,
    office_inviting,
    office_keys,
    office_leases,
    office_letters,
    office_links,
    office_me,
    office_opinions,
    office_papers,
    office_photos,
    office_prepared,
    office_programme,
    office_progress,
    office_reasons,
    office_registry,
    office_registry_changes,
    office_reports,
    office_retention,
    office_returns,
    office_schedule,
    office_search,
    office_sheet,
    office_table_api,
    office_table_totals,
    office_tables,
    office_templates,
    office_unit_fields,
    office_units,
    office_versions,
    office_volumes,
    office_workbooks,
)
from webforms.office_base import blueprint, page, staff, staff_route

__all__ = ["blueprint"]


@staff_route("/", *scope.EVERYBODY)
def home() -> ResponseReturnValue:
    """The first page a role works on."""
    held = scope.roles(staff())
    if held & {scope.REVIEWER, scope.OFFICE}:
        return redirect(url_for("office.queue"))
    if scope.ANSWERER in held:
        return redirect(url_for("office.questions"))
    if scope.UNIT_ADMIN in held:
        return redirect(url_for("office.members_page"))
    return redirect(url_for("office.rounds_page"))


@staff_route("/help", *scope.EVERYBODY)
def help_page() -> ResponseReturnValue:
    """Keys and how things are done."""
    return page("help.html")
