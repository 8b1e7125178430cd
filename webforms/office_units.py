"""The units of the programme: the tree, one's own page, a new one, a pasted list; for its office and administrators."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models.errors import BoleError, NotFound
from models.extensions import db
from models.office import scope, scope_units, unit_keeping, unit_lists
from models.office.tables import UnitRow
from models.office.unit_keeping import Names
from models.programme import pinyin
from models.programme.loader import load_pack
from webforms.i18n import counted as _n
from webforms.office_base import lang, page, sentence, staff, staff_route, status_of

KEEPERS = scope_units.KEEPERS
_BOTH = ("GET", "POST")


@staff_route("/units", *KEEPERS)
def units_page() -> ResponseReturnValue:
    """The tree, or what of it matches a search."""
    wanted = request.args.get("q", "").strip()
    lines = unit_keeping.lines(db.session(), staff(), lang())
    shown = [line for line in lines if _matches(line, wanted)] if wanted else lines
    pack = load_pack(scope.programme(staff()))
    return page(
        "units.html",
        lines=shown,
        total=len(lines),
        wanted=wanted,
        above={line.unit.id: line.unit for line in lines},
        open_points=len(pack.programme.open_points) if _sees_pack() else 0,
    )


def _matches(line: unit_keeping.Line, wanted: str) -> bool:
    """By a part of either name, the kind, the code, or how the name is spelled (``yfq``, ``yanfengqu``)."""
    key = unit_keeping.sameness(wanted)
    unit = line.unit
    texts = [unit.name, unit.name_en, unit.code, line.group]
    if key.isascii():
        texts += [pinyin.spelled(unit.name), "".join(found[0][:1] for found in pinyin.readings(unit.name))]
    return any(key in unit_keeping.sameness(text) for text in texts)


@staff_route("/units/new", *KEEPERS, methods=_BOTH)
def new_unit() -> ResponseReturnValue:
    """Add a unit under another."""
    typed = {name: request.values.get(name, "") for name in ("name", "name_en", "parent")}
    problem, status = "", 200
    if request.method == "POST":
        try:
            made = unit_keeping.add(staff(), typed["parent"], Names(typed["name"], typed["name_en"]))
        except NotFound:
            problem, status = _("请选择上级单位。"), 422
        except BoleError as error:
            db.session.rollback()
            problem, status = sentence(error), 422
        else:
            flash(_("单位「%(name)s」已建立。接着可以给它建账号。", name=made.name), "success")
            return redirect(url_for("office.units_page", _anchor=f"u-{made.id}"))
    return page("unit_new.html", status, parents=_parents(), typed=typed, problem=problem)


@staff_route("/units/import", *KEEPERS, methods=_BOTH)
def import_units() -> ResponseReturnValue:
    """Paste a list, look it through, bring it in."""
    text, parent = request.form.get("list", ""), request.form.get("parent", "")
    problem, status, listed = "", 200, None
    if request.method == "POST":
        try:
            if request.form.get("do") == "import":
                count = unit_lists.bring_in(staff(), text, parent)
                flash(_n("导入了 %(n)d 个单位。", n=count), "success")
                return redirect(url_for("office.units_page"))
            listed = unit_lists.look_through(staff(), text, parent)
        except NotFound:
            problem, status = _("请选择上级单位。"), 422
        except BoleError as error:
            db.session.rollback()
            problem, status = sentence(error), 422
    return page(
        "units_import.html",
        status,
        parents=_parents(),
        text=text,
        parent=parent,
        listed=listed,
        problem=problem,
        sentence=sentence,
    )


@staff_route("/units/<unit_id>", *KEEPERS, methods=_BOTH)
def unit_page(unit_id: str) -> ResponseReturnValue:
    """One unit: rename, move, close, open again, hand its people on."""
    unit = scope_units.get_kept(staff(), unit_id)
    if request.method == "GET":
        return _unit(unit)
    try:
        flash(_done(unit_id), "success")
    except BoleError as error:
        db.session.rollback()
        again = scope_units.get_kept(staff(), unit_id)
        return _unit(again, status_of(error), sentence(error))
    return redirect(url_for("office.unit_page", unit_id=unit_id))


def _done(unit_id: str) -> str:
    """Carry out what the button says; the sentence that tells of it."""
    form = request.form
    action = form.get("do", "")
    if action == "close":
        unit_keeping.close(staff(), unit_id, form.get("reason", ""))
        return str(_("单位已停用，不再接收新的申报。"))
    if action == "reopen":
        unit_keeping.reopen(staff(), unit_id)
        return str(_("单位已恢复。"))
    if action == "move":
        moved = unit_keeping.hand_on(staff(), unit_id, form.get("target", ""), form.get("why", ""))
        if moved.left:
            return str(_("转走了 %(n)d 份，还有 %(left)d 份，请再点一次。", n=moved.moved, left=moved.left))
        return str(_n("转走了 %(n)d 份，这里能转的都转走了。", n=moved.moved))
    names = Names(form.get("name", ""), form.get("name_en", ""))
    unit_keeping.change(staff(), unit_id, form.get("was", ""), names, form.get("parent", ""))
    return str(_("已保存。"))


def _unit(unit: UnitRow, status: int = 200, problem: str = "") -> ResponseReturnValue:
    (line,) = [one for one in unit_keeping.lines(db.session(), staff(), lang()) if one.unit.id == unit.id]
    own = not scope_units.changeable(staff(), unit)
    fixed = unit_keeping.fixed(unit) or own
    targets = db.session.scalars(scope.reroute_targets(staff()).order_by(UnitRow.office.desc(), UnitRow.code)).all()
    return page(
        "unit.html",
        status,
        line=line,
        fixed=fixed,
        own=own,
        parents=[] if fixed else unit_keeping.parents(db.session(), staff(), unit),
        targets=targets if unit.closed_at else [],
        may_hand_on=scope.OFFICE in scope.roles(staff()),
        typed=request.form,
        problem=problem,
        sees_pack=_sees_pack(),
    )


def _sees_pack() -> bool:
    """Whether the programme's page is open to whoever looks: it is not to an administrator of a unit alone."""
    return bool(scope.roles(staff()) & {*scope.ROLES})


def _parents() -> list[UnitRow]:
    return unit_keeping.parents(db.session(), staff())
