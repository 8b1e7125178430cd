"""The figures: totals, structure, where people give up, ageing, missing documents, quotas."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from flask import request
from flask.typing import ResponseReturnValue

from models import clock
from models.application.tables import Round
from models.errors import NotFound
from models.extensions import db
from models.office import figure_progress, figures, scope, scope_figures
from models.office.figure_filter import ALL_ROUNDS, FigureFilter
from models.office.figure_progress import Progress
from models.office.figures import Figures
from models.office.small_numbers import LIMIT
from models.office.tables import UnitRow
from models.programme.loader import load_pack
from models.programme.pack import Pack
from webforms import office_figure_words, svg
from webforms.office_base import lang, page, staff, staff_route
from webforms.office_figure_words import Words

COUNTERS = (scope.REVIEWER, scope.OFFICE, scope.ADMIN)


@dataclass(frozen=True, slots=True)
class Counted:
    """Everything that the page and the report show. `intake` is None for all rounds together."""

    pack: Pack
    wanted: FigureFilter
    rounds: tuple[Round, ...]
    intake: Round | None
    exact: bool
    figures: Figures
    progress: Progress
    words: Words
    on: date


@staff_route("/figures", *COUNTERS)
def figures_page() -> ResponseReturnValue:
    """Totals, structure and progress of the people in reach."""
    found = count(FigureFilter.read(request.args))
    return page(
        "figures.html", c=found, svg=svg, limit=LIMIT, stages=office_figure_words.STAGE, steps=office_figure_words.STEP
    )


def count(wanted: FigureFilter, *, outward: bool = False) -> Counted:
    """Count what the filter asks for; `outward`: for paper that leaves the house, so small numbers are kept back from
    everybody. Raises NotFound for a round or unit out of reach, and where somebody works for no programme."""
    member = staff()
    if not scope.programme(member):
        raise NotFound("office.not_found")
    pack, exact = load_pack(scope.programme(member)), scope_figures.sees_small(member) and not outward
    today = clock.current().today()
    rounds = tuple(db.session.scalars(scope.rounds(member).order_by(Round.demo, Round.opens.desc(), Round.id)))
    if not exact:  # two counts of overlapping people would tell what each keeps back
        wanted = wanted.only_round()
    wanted, intake = _in_round(wanted, rounds, today)
    units = {row.id: row.name_en if lang() == "en" else row.name for row in _units(pack)}
    if wanted.unit_id and wanted.unit_id not in units:
        raise NotFound("office.not_found")
    among = figures.people(member, wanted)
    counted = figures.narrowed(pack, among, wanted, today)
    among = figures.narrowed(pack, among, wanted, today, every_step=True)
    return Counted(
        pack,
        wanted,
        rounds,
        intake,
        exact,
        figures.figures(pack, counted, today, [wanted.unit_id] if wanted.unit_id else list(units), exact),
        figure_progress.progress(member, pack, wanted, among, counted, clock.current().now(), exact),
        Words(lang(), pack, units),
        today,
    )


def _units(pack: Pack) -> list[UnitRow]:
    """The units in reach, in the notice's order."""
    place = {unit.id: number for number, unit in enumerate(pack.routing.units)}
    rows = db.session.scalars(scope.units(staff()).order_by(UnitRow.code))
    return sorted(rows, key=lambda row: place.get(row.code, len(place)))


def _in_round(wanted: FigureFilter, rounds: tuple[Round, ...], today: date) -> tuple[FigureFilter, Round | None]:
    """The filter with a round: the one asked for, else the last that has opened."""
    if wanted.round_id == ALL_ROUNDS:
        return wanted, None
    if wanted.round_id:
        found = next((intake for intake in rounds if intake.id == wanted.round_id), None)
        if found is None:
            raise NotFound("office.not_found")
        return wanted, found
    opened = sorted((intake for intake in rounds if intake.opens <= today), key=lambda intake: intake.opens)
    if not opened:
        return replace(wanted, round_id=ALL_ROUNDS), None
    return replace(wanted, round_id=opened[-1].id), opened[-1]
