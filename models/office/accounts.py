"""What administrators do with accounts: invite, change, disable, and give a link by which a password is chosen anew.

Nobody but the person ever knows the password. Whoever acts is looked up again under one lock for each programme, so two
administrators who disable each other at the same moment do not both succeed: one of them always stays.

An account that was invited is there from the start, disabled and without a password, until its person has chosen one.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.errors import Conflict, InvalidAnswer, NotFound
from models.office import assignments, audit, enquiry_moves, letters, links, scope, scope_accounts
from models.office.edition_tables import OfficeLink
from models.office.links import Made
from models.office.staff import ensure_roles, find_login
from models.office.tables import Role, Staff, UnitRow
from models.unit_of_work import unit_of_work

RESET_HOURS = 24  # for which a link to a new password leads anywhere, given by an administrator
LONGEST_NAME = 100


def waits(member: Staff) -> bool:
    """Whether the account was invited and its person has not come yet."""
    return member.password is None


def invite(admin: Staff, *, unit_id: str, roles: Iterable[str], email: str = "", name: str = "") -> tuple[Staff, Made]:
    """Open an account, and write its invitation where there is an address; the link is for who has none.

    Raises InvalidAnswer for an address, a name or roles that will not do, NotFound for a unit that is not theirs.
    """
    wanted, email, name = tuple(dict.fromkeys(roles)), _address(email), _name(name)
    try:
        with acting(admin) as session:
            unit = scope_accounts.get_unit(admin, unit_id)
            if unit.closed_at is not None:
                raise InvalidAnswer("office.unit_closed")
            given = _given(session, admin, unit, wanted)
            member = new_waiting(session, unit, given, email, name)
            audit.write(session, admin.id, audit.INVITE, f"staff:{member.id}", ",".join(wanted))
            return member, send_link(session, member, links.INVITATION)
    except IntegrityError:  # somebody was faster with the same address
        raise InvalidAnswer("office.email_taken") from None


def invite_first(slug: str, *, email: str = "", name: str = "") -> Made | None:
    """An administrator of a programme's office, asked for by whoever runs the system; None without such an office.
    Raises InvalidAnswer."""
    email, name = _address(email), _name(name)
    with unit_of_work() as session:
        unit = session.scalar(select(UnitRow).where(UnitRow.programme == slug, UnitRow.office))
        if unit is None:
            return None
        member = new_waiting(session, unit, [ensure_roles(session)[scope.ADMIN]], email, name)
        audit.write(session, None, audit.INVITE, f"unit:{unit.id}", scope.ADMIN)
        return send_link(session, member, links.INVITATION)


def new_waiting(session: Session, unit: UnitRow, roles: list[Role], email: str, name: str) -> Staff:
    """An account that waits for its person, within the caller's transaction. Raises InvalidAnswer for an address that
    has one."""
    if email and find_login(email):
        raise InvalidAnswer("office.email_taken")
    member = Staff(
        email=email or _no_address(),
        display_name=name or email.partition("@")[0],
        fs_uniquifier=uuid.uuid4().hex,
        unit_id=unit.id,
        active=False,
        roles=roles,
    )
    session.add(member)
    session.flush()
    return member


def invite_again(admin: Staff, member_id: int) -> Made:
    """Write the invitation anew; the links before it lead nowhere. Raises NotFound; Conflict when they have come."""
    with acting(admin) as session:
        member = _waiting(admin, member_id)
        audit.write(session, admin.id, audit.INVITE, f"staff:{member.id}")
        return send_link(session, member, links.INVITATION)


def take_back(admin: Staff, member_id: int) -> None:
    """Take an invitation back: its account is gone, and its link. Raises as `invite_again`."""
    with acting(admin) as session:
        member = _waiting(admin, member_id)
        audit.write(session, admin.id, audit.UNINVITE, f"unit:{member.unit_id}")
        session.execute(delete(OfficeLink).where(OfficeLink.staff_id == member.id))
        letters.withdraw(session, member.id)
        session.delete(member)


@dataclass(frozen=True, slots=True)
class Wanted:
    """How an account is to be; `seen`: its `fingerprint` as it was shown."""

    unit_id: str
    roles: tuple[str, ...]
    name: str
    email: str
    seen: str


def change(admin: Staff, member_id: int, wanted: Wanted) -> bool:
    """Give an account other roles, another unit, name or address. What lies with the person goes back to the queue when
    they move or lose a role; whether they did. A link that went to another address leads nowhere any more.

    Raises InvalidAnswer, NotFound; Conflict where it was changed meanwhile, or for the own unit and roles.
    """
    name, email, roles = _name(wanted.name), _address(wanted.email), {*wanted.roles}
    if not name:
        raise InvalidAnswer("office.display_name")
    try:
        with acting(admin) as session:
            member = scope.get_member(admin, member_id)
            if fingerprint(member) != wanted.seen:
                raise Conflict("office.account_changed")
            _set_address(session, admin, member, email)
            member.display_name = name
            return _place(session, admin, member, wanted.unit_id, roles)
    except IntegrityError:  # somebody was faster with the same address
        raise InvalidAnswer("office.email_taken") from None


def _set_address(session: Session, admin: Staff, member: Staff, email: str) -> None:
    if email == address_of(member):
        return
    if email and find_login(email):
        raise InvalidAnswer("office.email_taken")
    member.email = email or _no_address()
    session.execute(delete(OfficeLink).where(OfficeLink.staff_id == member.id, OfficeLink.purpose.in_(links.ONCE)))
    letters.withdraw(session, member.id)
    audit.write(session, admin.id, audit.SET_EMAIL, f"staff:{member.id}")


def _place(session: Session, admin: Staff, member: Staff, unit_id: str, wanted: set[str]) -> bool:
    """Put somebody where they are to be; whether what lay with them was let go."""
    unit, before = scope_accounts.get_unit(admin, unit_id), {role.name for role in member.roles}
    moved, other = unit.id != member.unit_id, before != wanted
    if member.id == admin.id and (moved or other):
        raise Conflict("office.not_yourself_roles")
    if moved and unit.closed_at is not None:
        raise InvalidAnswer("office.unit_closed")
    if moved or other:
        member.unit_id, member.roles = unit.id, _given(session, admin, unit, tuple(sorted(wanted)))
    lost = moved or bool(before - wanted)
    if lost:
        let_go(session, member)
    if moved:
        audit.write(session, admin.id, audit.MOVE_STAFF, f"staff:{member.id}", f"→ {unit.name}")
    if other:
        audit.write(session, admin.id, audit.SET_ROLES, f"staff:{member.id}", ",".join(sorted(wanted)))
    return lost


def set_active(admin: Staff, member_id: int, active: bool) -> None:
    """Disable or enable an account; its sessions end at once, what lay with it goes back to the queue, its links lead
    nowhere. Raises NotFound; Conflict for one's own, and for one whose person has not come yet."""
    with acting(admin) as session:
        member = scope.get_member(admin, member_id)
        if member.id == admin.id:
            raise Conflict("office.not_yourself")
        if waits(member):
            raise Conflict("office.account_waits")
        member.active = active
        if not active:
            let_go(session, member)
            session.execute(delete(OfficeLink).where(OfficeLink.staff_id == member.id))
            letters.withdraw(session, member.id)
        end_sessions(member)
        audit.write(session, admin.id, audit.ACTIVATE if active else audit.DEACTIVATE, f"staff:{member.id}")


def reset_link(admin: Staff, member_id: int) -> Made:
    """A link by which the person chooses a new password; the old one goes on until then. Raises NotFound; Conflict for
    an account that is disabled or waits for its person."""
    with acting(admin) as session:
        member = scope.get_member(admin, member_id)
        if not member.active:
            raise Conflict("office.account_off")
        audit.write(session, admin.id, audit.RESET_LINK, f"staff:{member.id}")
        return send_link(session, member, links.PASSWORD, RESET_HOURS)


def send_link(session: Session, member: Staff, purpose: str, hours: int | None = None) -> Made:
    """A link of one of `links.ONCE` and its letter, within the caller's transaction; those before it lead nowhere."""
    links.withdraw(session, purpose=purpose, subject_id=str(member.id))
    letters.withdraw(session, member.id)
    unit = session.get_one(UnitRow, member.unit_id)
    mine = str(member.id)
    made = links.make(session, purpose, unit_id=unit.id, staff_id=member.id, subject_id=mine, hours=hours)
    effect = f"{purpose}:{links.digest(links.token_of(made.seed))}"
    letters.write(session, effect, purpose, staff=member, unit_id=unit.id, link=made, unit=unit.name)
    return made


def let_go(session: Session, member: Staff) -> None:
    """Whatever lies with somebody goes back to the queue, within the caller's transaction."""
    assignments.let_go(session, member.id)
    enquiry_moves.let_go(session, member.id)


def end_sessions(member: Staff) -> None:
    """Whoever is signed in with the account is not any more: the session's cookie names what is changed here."""
    member.fs_uniquifier = uuid.uuid4().hex


def fingerprint(member: Staff) -> str:
    """What a form was filled in upon: it tells whether somebody else has changed the account since."""
    told = (member.display_name, member.email, member.unit_id or "", *sorted(role.name for role in member.roles))
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:32]


@contextmanager
def acting(admin: Staff) -> Iterator[Session]:
    """A transaction in which the administrator's own account is as it is now: one after another in a programme. Raises
    NotFound where they are no administrator any more."""
    slug = scope.programme(admin)
    with unit_of_work() as session:
        gate = select(UnitRow.id).where(UnitRow.programme == slug, UnitRow.office).with_for_update(key_share=True)
        session.execute(gate)
        session.refresh(admin)
        session.expire(admin, ["roles", "unit"])
        if not scope.roles(admin) & {*scope_accounts.KEEPERS}:
            raise NotFound("office.not_found")
        yield session


def _waiting(admin: Staff, member_id: int) -> Staff:
    member = scope.get_member(admin, member_id)
    if not waits(member):
        raise Conflict("office.account_came")
    return member


def _given(session: Session, admin: Staff, unit: UnitRow, wanted: tuple[str, ...]) -> list[Role]:
    if not wanted or not {*wanted} <= {*scope.ROLES}:
        raise InvalidAnswer("office.role_missing")
    if not {*wanted} <= {*scope_accounts.grantable(admin, unit)}:
        raise InvalidAnswer("office.role_for_office")
    have = ensure_roles(session)
    return [have[name] for name in wanted]


def address_of(member: Staff) -> str:
    """The address to which letters go; empty without one."""
    return "" if member.email.endswith(letters.NOT_MAILED) else member.email


def _no_address() -> str:
    """What stands for none: the column is unique."""
    return f"{secrets.token_hex(8)}{letters.NOT_MAILED}"


def _address(email: str) -> str:
    return letters.address(email).lower() if email.strip() else ""


def _name(name: str) -> str:
    if len(name.strip()) > LONGEST_NAME:
        raise InvalidAnswer("office.display_name")
    return name.strip()
