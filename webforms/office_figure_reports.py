"""The report on the figures as a file: for outside without small numbers, for the house with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models.office import audit, scope
from models.office.figure_filter import FigureFilter
from webforms.downloads import disposition
from webforms.office_base import lang, staff, staff_route
from webforms.office_figure_report import Report, report
from webforms.office_figures import COUNTERS, Counted, count

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@staff_route("/figures/report.docx", *COUNTERS)
def figures_docx() -> ResponseReturnValue:
    """The report in Word, to be changed."""
    from webforms import office_figure_docx  # python-docx and reportlab would take a tenth of a start to import

    return _file(office_figure_docx.written, "docx", _DOCX)


@staff_route("/figures/report.pdf", *COUNTERS)
def figures_pdf() -> ResponseReturnValue:
    """The report as a PDF, to be printed."""
    from webforms import office_figure_pdf

    return _file(office_figure_pdf.written, "pdf", "application/pdf")


def _file(write: Callable[[Report, str], bytes], ending: str, media_type: str) -> ResponseReturnValue:
    """The file, noted in the audit before its bytes leave. A part of the people is for the house alone: two parts side
    by side would tell what each of them keeps back."""
    wanted, inside = FigureFilter.read(request.args), request.args.get("inside") == "1"
    if wanted.narrowed and not inside:
        return redirect(url_for("office.figures_page", **dict[str, Any](wanted.query())))
    found = count(wanted, outward=not inside)
    unit = staff().unit
    whose = (unit.name_en if lang() == "en" else unit.name) if unit else ""
    data = write(report(found, whose), str(_("附表")))
    subject = f"round:{found.intake.id}" if found.intake else f"programme:{scope.programme(staff())}"
    audit.write_now(staff().id, audit.EXPORT_FIGURES, subject, f"{ending} {'inside' if found.exact else 'outward'}")
    return Response(data, mimetype=media_type, headers={"Content-Disposition": disposition(_name(found, ending))})


def _name(found: Counted, ending: str) -> str:
    short = found.pack.programme.short.get(found.words.lang).replace("/", "")
    kind = _("统计报告（内部）") if found.exact else _("统计报告")
    return f"{short}_{kind}_{found.on:%Y%m%d}.{ending}"
