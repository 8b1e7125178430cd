"""Accounts as their administrator keeps them: found, invited, changed, disabled, and given a link to a new password."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from models import clock
from models.errors import BoleError
from models.extensions import db
from models.office import account_facts, accounts, letters, links, scope, scope_accounts
from models.office.links import Made
from models.office.tables import Staff, UnitRow
from webforms.office_base import page, sentence, staff, staff_route

KEEPERS = scope_accounts.KEEPERS
PAGE = 100
ONCE = "link_once"  # in the session: of which link's page the administrator is told the address, once
_BOTH = ("GET", "POST")
DOES = {
    scope.REVIEWER: _l("看、审本单位的申报，填单位表格，下载工作簿"),
    scope.OFFICE: _l("看、审全项目的申报，入库、统计、公用答复"),
    scope.ANSWERER: _l("答复咨询"),
    scope.ADMIN: _l("管账号；在办公室的，还管批次、模板和后台任务"),
}


@staff_route("/staff", *KEEPERS)
def members_page() -> ResponseReturnValue:
    """The accounts of one's units, found by name, unit and role."""
    words, unit, role = (request.args.get(name, "").strip() for name in ("q", "unit", "role"))
    number = max(1, request.args.get("page", 1, type=int))
    query = scope_accounts.found(staff(), words, unit, role)
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    query = query.options(selectinload(Staff.roles), selectinload(Staff.unit))
    rows = list(db.session.scalars(query.offset((number - 1) * PAGE).limit(PAGE + 1)))
    return page(
        "members.html",
        members=rows[:PAGE],
        more=len(rows) > PAGE,
        number=number,
        total=total,
        wanted={"q": words, "unit": unit, "role": role},
        until=account_facts.invited_until(row.id for row in rows if accounts.waits(row)),
        **choices(),
    )


def choices() -> dict[str, Any]:
    """What the forms about accounts offer."""
    units = scope_accounts.units(staff()).order_by(UnitRow.office.desc(), UnitRow.code)
    return {
        "units": db.session.scalars(units).all(),
        "all_roles": scope_accounts.grantable(staff()),
        "does": DOES,
        "now": clock.current().now(),
        "not_mailed": letters.NOT_MAILED,
    }


@staff_route("/staff/new", *KEEPERS, methods=_BOTH)
def new_member() -> ResponseReturnValue:
    """Invite somebody; what was typed stays after a problem."""
    problem, status = "", 200
    if request.method == "POST":
        given = request.form
        try:
            member, made = accounts.invite(
                *(staff(),),
                unit_id=given.get("unit", ""),
                roles=given.getlist("role"),
                email=given.get("email", ""),
                name=given.get("display_name", ""),
            )
        except BoleError as error:
            db.session.rollback()
            problem, status = sentence(error), 422
        else:
            return _linked(member, made, links.INVITATION)
    return page("member_new.html", status, problem=problem, typed=request.form, sent=letters.is_sent(), **choices())


def _linked(member: Staff, made: Made, purpose: str) -> ResponseReturnValue:
    """On to the page that shows the link, once; where it went by e-mail nobody but its reader sees it."""
    if letters.is_sent() and not member.email.endswith(letters.NOT_MAILED):
        flash(_("信已写给 %(to)s，链接在信里。", to=member.email), "success")
        return redirect(url_for("office.member", member_id=member.id))
    session[ONCE] = {"member": member.id, "seed": made.seed, "purpose": purpose}
    return redirect(url_for("office.member_link", member_id=member.id))


@staff_route("/staff/<int:member_id>/link", *KEEPERS)
def member_link(member_id: int) -> ResponseReturnValue:
    """The link that was just made, to be handed over: shown once."""
    member = scope.get_member(staff(), member_id)
    kept = session.pop(ONCE, None)
    if not kept or kept["member"] != member.id:
        flash(_("链接只显示一次。没有记下来的，请重新生成一个，原来的随即失效。"), "warning")
        return redirect(url_for("office.member", member_id=member.id))
    link = links.url(links.token_of(kept["seed"]))
    found = links.find(db.session(), links.token_of(kept["seed"]))
    if found is None or links.is_over(found):
        return redirect(url_for("office.member", member_id=member.id))
    return page("member_link.html", member=member, link=link, until=found.expires_at, purpose=kept["purpose"])


@staff_route("/staff/<int:member_id>", *KEEPERS, methods=_BOTH)
def member(member_id: int) -> ResponseReturnValue:
    """One account: whose, where, what it may do, and what can be done with it."""
    row = scope.get_member(staff(), member_id)
    if request.method == "GET":
        return _member(row)
    given = request.form
    try:
        texts = (given.get(name, "") for name in ("display_name", "email", "seen"))
        wanted = accounts.Wanted(given.get("unit", ""), tuple(given.getlist("role")), *texts)
        lost = accounts.change(staff(), member_id, wanted)
    except BoleError as error:
        db.session.rollback()
        return _member(scope.get_member(staff(), member_id), sentence(error), given)
    flash(_("已保存，手上的申报和问题都放回了队列。") if lost else _("已保存。"), "success")
    return redirect(url_for("office.member", member_id=member_id))


def _member(row: Staff, problem: str = "", typed: Any = None) -> ResponseReturnValue:
    return page(
        "member.html",
        422 if problem else 200,
        member=row,
        waits=accounts.waits(row),
        until=account_facts.invited_until([row.id]).get(row.id),
        having=account_facts.having(row),
        seen=accounts.fingerprint(row),
        problem=problem,
        typed=typed,
        roles_of=[role.name for role in row.roles],
        address=accounts.address_of(row),
        sent=letters.is_sent(),
        **choices(),
    )


@staff_route("/staff/<int:member_id>/active", *KEEPERS, methods=("POST",))
def set_active(member_id: int) -> ResponseReturnValue:
    """Disable or enable an account."""
    active = request.form.get("active") == "1"
    words = _("账号已启用。") if active else _("账号已停用，已登录的会话同时失效，手上的申报和问题放回了队列。")
    return _doing(member_id, lambda: accounts.set_active(staff(), member_id, active), words)


@staff_route("/staff/<int:member_id>/take-back", *KEEPERS, methods=("POST",))
def take_back(member_id: int) -> ResponseReturnValue:
    """Take an invitation back: the account is not there any more."""
    words = _("邀请已收回，链接随即失效。")
    return _doing(member_id, lambda: accounts.take_back(staff(), member_id), words, "office.members_page")


@staff_route("/staff/<int:member_id>/invite", *KEEPERS, methods=("POST",))
def invite_again(member_id: int) -> ResponseReturnValue:
    """Write the invitation anew."""
    return _making(member_id, accounts.invite_again, links.INVITATION)


@staff_route("/staff/<int:member_id>/password", *KEEPERS, methods=("POST",))
def reset_password(member_id: int) -> ResponseReturnValue:
    """Give a link by which the person chooses a new password."""
    return _making(member_id, accounts.reset_link, links.PASSWORD)


def _doing(member_id: int, act: Callable[[], object], words: str, then: str = "") -> ResponseReturnValue:
    """Do it and say so; what does not go is told on the account's page."""
    scope.get_member(staff(), member_id)
    back = url_for("office.member", member_id=member_id)
    try:
        act()
    except BoleError as error:
        db.session.rollback()
        flash(sentence(error), "warning")
        return redirect(back)
    flash(words, "success")
    return redirect(url_for(then) if then else back)


def _making(member_id: int, make: Callable[[Staff, int], Made], purpose: str) -> ResponseReturnValue:
    scope.get_member(staff(), member_id)
    try:
        made = make(staff(), member_id)
    except BoleError as error:
        db.session.rollback()
        flash(sentence(error), "warning")
        return redirect(url_for("office.member", member_id=member_id))
    return _linked(scope.get_member(staff(), member_id), made, purpose)
