"""Tables that a unit fills in itself: a list of them, and the grid; complete without a script, quicker with one."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models import clock
from models.application.tables import Round, new_id
from models.errors import InvalidAnswer, NotFound
from models.extensions import db
from models.office import scope, unit_counts, unit_tables
from models.office.tables import UnitRow
from models.office.unit_table_saving import Result, SentRow, may_fill, reveal, save
from models.office.unit_tables import Place, SheetRow
from models.programme import pasting, unit_rows
from models.programme.loader import load_pack
from webforms.i18n import counted as _n
from webforms.office_base import fragment, lang, page, sentence, staff, staff_route
from webforms.office_grid import grid, row_of

FILLERS = (scope.REVIEWER, scope.OFFICE)
_CELL, _VERSION, _CLEAR = "c:", "v:", "x:"
_MORE = 10  # blank rows that 「加行」 adds without a script


@staff_route("/tables", *FILLERS)
def tables_page() -> ResponseReturnValue:
    """The tables of the units in reach, by round, with how far they are."""
    slug = scope.programme(staff())
    pack = load_pack(slug)
    rounds = list(db.session.scalars(scope.rounds(staff()).order_by(Round.opens.desc())))
    units = list(db.session.scalars(scope.units(staff()).order_by(UnitRow.office.desc(), UnitRow.code)))
    wanted = request.args.get("round", "")
    intake = next((one for one in rounds if one.id == wanted), rounds[0] if rounds else None)
    begun = unit_tables.begun(db.session(), intake.id, [unit.id for unit in units]) if intake else {}
    counts: dict[tuple[str, str], int] = {}
    for (unit_id, kind, _part), number in begun.items():
        counts[unit_id, kind] = counts.get((unit_id, kind), 0) + number
    return page("tables.html", pack=pack, rounds=rounds, intake=intake, units=units, counts=counts, own=staff().unit_id)


@staff_route("/tables/<round_id>/<unit_id>/<table_id>", *FILLERS, methods=("GET", "POST"))
def unit_table(round_id: str, unit_id: str, table_id: str) -> ResponseReturnValue:
    """One sheet as a grid; a POST saves it (without a script), pastes, takes suggestions over or removes a row."""
    place = place_of(round_id, unit_id, table_id)
    if request.method == "POST":
        if not may_fill(staff(), place.unit):
            raise NotFound("office.not_found")
        return _posted(place)
    if not place.part and (options := unit_tables.parts(place.pack, place.table)):
        return redirect(_address(place, options[0].value))
    return _shown(place)


def place_of(round_id: str, unit_id: str, table_id: str) -> Place:
    """The sheet that the address names. Raises NotFound out of reach."""
    return unit_tables.find(staff(), round_id, unit_id, table_id, request.args.get("part", "")[:64])


def _address(place: Place, part: str | None = None) -> str:
    """The sheet's own address."""
    chosen = place.part if part is None else part
    return url_for(
        "office.unit_table",
        round_id=place.intake.id,
        unit_id=place.unit.id,
        table_id=place.table.id,
        part=chosen or None,
    )


def _shown(place: Place, status: int = 200, problem: str = "", **more: Any) -> ResponseReturnValue:
    rows = unit_tables.sheet(db.session(), place)
    pasted = more.pop("pasted", "")
    problems = more.pop("problems", ())
    suggested = unit_counts.suggested(db.session(), place)
    made = grid(place, rows, suggested=suggested, **more)
    options = unit_tables.parts(place.pack, place.table)
    return page(
        "table.html",
        status,
        grid=made,
        problem=problem,
        problems=problems or made.problems,
        pasted=pasted,
        address=_address(place),
        parts=[(option, _address(place, option.value)) for option in options],
        editable=may_fill(staff(), place.unit),
        blank_row=row_of(place, 0, SheetRow("0" * 32, 0, {})) if not place.table.rows else None,
        offered=any(cell.suggestion is not None for row in made.rows for cell in row.cells),
        **names(place),
    )


def names(place: Place) -> dict[str, Any]:
    """What the page calls the sheet."""
    unit = place.unit.name_en if lang() == "en" else place.unit.name
    options = unit_tables.parts(place.pack, place.table)
    part = next((option.label.get(lang()) for option in options if option.value == place.part), "")
    return {"place": place, "table": place.table, "unit_name": unit, "part_name": part, "masked": unit_rows.is_masked}


def _posted(place: Place) -> ResponseReturnValue:
    action = request.form.get("action", "save")
    if action == "paste":
        return _paste(place)
    if action == "adopt":
        return _adopt(place)
    sent = sent_rows(place)
    if action.startswith("remove:"):
        gone = action.removeprefix("remove:")
        sent = [SentRow(row.id, row.version, None) if row.id == gone else row for row in sent]
    results = save(staff(), place, sent)
    failed = [result for result in results if result.state not in ("saved", "removed")]
    if failed:
        return _kept(place, sent, results)
    if action == "add":
        return _shown(place, blank=_MORE)
    flash(_("已保存。"), "success")
    return redirect(_address(place))


def sent_rows(place: Place) -> list[SentRow]:
    """The rows of the posted form; blank new ones left out, hidden values that were not touched left as they are."""
    out = []
    columns = unit_rows.typed_columns(place.table)
    for ident in dict.fromkeys(request.form.getlist("row")):
        version = request.form.get(f"{_VERSION}{ident}", 0, type=int)
        raw = {
            c.id: request.form[f"{_CELL}{ident}:{c.id}"] for c in columns if f"{_CELL}{ident}:{c.id}" in request.form
        }
        for column in columns:
            untouched = unit_rows.is_masked(column) and not raw.get(column.id, "").strip()
            if untouched and f"{_CLEAR}{ident}:{column.id}" not in request.form:
                raw.pop(column.id, None)
        if version or any(value.strip() for value in raw.values()):
            out.append(SentRow(ident, version, raw))
    return out


def _kept(place: Place, sent: list[SentRow], results: tuple[Result, ...]) -> ResponseReturnValue:
    """The page again after something could not be stored, with everything that was typed."""
    raw = {row.id: row.raw for row in sent if row.raw is not None}
    notes = {result.id: note(result) for result in results if result.state != "invalid"}
    wrong = sum(1 for result in results if result.state == "invalid")
    late = sum(1 for result in results if result.state == "conflict")
    said = []
    if wrong:
        said.append(_n("%(n)d 行有误，这几行还没有保存；其余的已保存。", n=wrong))
    if late:
        said.append(_n("%(n)d 行刚被同事改过，您填的还没有保存，请核对后再保存。", n=late))
    if any(result.state == "full" for result in results):
        said.append(_("这张表最多 %(n)d 行。", n=place.table.max_rows))
    return _shown(place, 409 if late else 422, problem=" ".join(said), raw=raw, results=results, notes=notes)


def note(result: Result) -> str:
    """What became of a row that a colleague has changed meanwhile."""
    if result.state == "full":
        return str(_("放不下了，没有保存。"))
    if result.state != "conflict":
        return ""
    if result.row is None:
        return str(_("同事刚删掉了这一行。再保存一次，会重新加上。"))
    return str(_("同事刚改过这一行。下面是您填的；再保存一次，就用您填的。"))


def _paste(place: Place) -> ResponseReturnValue:
    """Rows pasted into the box below the grid: all of them, or none with every mistake named."""
    text = request.form.get("pasted", "")
    columns = unit_rows.typed_columns(place.table)
    rows = unit_tables.sheet(db.session(), place)
    room = len(place.table.rows) or place.table.max_rows - len(rows)
    try:
        placed = pasting.placed(place.table, pasting.cells(text), columns[0].id, room)
    except InvalidAnswer as error:
        return _shown(place, 422, problem=sentence(error), pasted=text)
    problems = []
    for number, raw in enumerate(placed, start=1):
        _values, wrong = unit_rows.read(place.table, raw, clock.current().today())
        heads = {column.id: column.header for column in columns}
        problems += [
            _("第 %(row)d 行 · %(column)s：%(problem)s", row=number, column=heads[name], problem=sentence(error))
            for name, error in wrong.items()
        ]
    if problems:
        said = _n("粘贴的内容有 %(n)d 处错误，什么都没有存。请改好后再贴。", n=len(problems))
        return _shown(place, 422, problem=said, problems=problems, pasted=text)
    named = list(rows) if place.table.rows else []
    sent = [
        SentRow(named[number].id, named[number].version, raw) if named else SentRow(new_id(), 0, raw)
        for number, raw in enumerate(placed)
        if any(raw.values())
    ]
    results = save(staff(), place, sent)
    if any(result.state not in ("saved", "removed") for result in results):
        return _kept(place, sent, results)
    flash(_n("已存入 %(n)d 行。", n=len(sent)), "success")
    return redirect(_address(place))


def _adopt(place: Place) -> ResponseReturnValue:
    """Take the counts from the applications over, into cells that are still blank."""
    rows = unit_tables.sheet(db.session(), place)
    sent = []
    for row, counts in zip(rows, unit_counts.suggested(db.session(), place), strict=False):
        blank = {name: str(number) for name, number in counts.items() if row.values.get(name) is None}
        if blank:
            sent.append(SentRow(row.id, row.version, blank))
    save(staff(), place, sent)
    flash(_n("已把申报人数填进 %(n)d 行空格，请核对。", n=len(sent)), "success")
    return redirect(_address(place))


@staff_route(
    "/tables/<round_id>/<unit_id>/<table_id>/rows/<row_id>/reveal/<column_id>", *FILLERS, methods=("GET", "POST")
)
def reveal_cell(round_id: str, unit_id: str, table_id: str, row_id: str, column_id: str) -> ResponseReturnValue:
    """Ask for a reason, then show one hidden value, in this one answer."""
    place = place_of(round_id, unit_id, table_id)
    known = {row.id: row for row in unit_tables.sheet(db.session(), place)}
    column = next((c for c in place.table.columns if c.id == column_id and unit_rows.is_masked(c)), None)
    if column is None or row_id not in known or known[row_id].values.get(column_id) is None:
        raise NotFound("office.not_found")
    reason, text, problem = request.form.get("reason", ""), "", ""
    if request.method == "POST":
        try:
            text = reveal(staff(), place, row_id, column_id, reason)
        except InvalidAnswer as error:
            db.session.rollback()
            problem = sentence(error)
    action = url_for(
        "office.reveal_cell",
        round_id=round_id,
        unit_id=unit_id,
        table_id=table_id,
        row_id=row_id,
        column_id=column_id,
        part=place.part or None,
    )
    template = ("_revealed_cell.html" if text else "_reveal_cell.html") if fragment() else "reveal_cell.html"
    status = 422 if problem and not fragment() else 200
    words = {"action": action, "label": column.header, "reason": reason, "back": _address(place), "key": row_id[:8]}
    return page(template, status, text=text, problem=problem, **words)
