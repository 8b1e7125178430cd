"""Staff accounts: created, deactivated and given a new password by an administrator; nobody registers alone."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Iterable

from flask_security import hash_password
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from models.errors import Conflict, InvalidAnswer
from models.extensions import db
from models.office import audit, enquiry_moves, scope
from models.office.tables import Role, Staff, UnitRow
from models.unit_of_work import unit_of_work

SHORTEST_PASSWORD = 10
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,31}")


def ensure_roles(session: Session) -> dict[str, Role]:
    """The four roles by name, made where they are missing."""
    have = {role.name: role for role in session.scalars(select(Role))}
    for name in scope.ROLES:
        if name not in have:
            have[name] = Role(name=name)
            session.add(have[name])
    session.flush()
    return have


def find_login(identity: str) -> Staff | None:
    """The account with this user name or e-mail address, upper and lower case alike; active or not."""
    wanted = unicodedata.normalize("NFKC", identity).strip().lower()
    query = select(Staff).where(or_(Staff.username == wanted, func.lower(Staff.email) == wanted))
    return db.session.scalar(query)


def create_staff(
    *,
    username: str,
    password: str,
    display_name: str,
    roles: Iterable[str],
    unit_id: str,
    email: str = "",
    language: str = "zh",
    demo: bool = False,
    by: int | None = None,
) -> Staff:
    """Create an account; `by` is the administrator's id, for the audit.

    Raises InvalidAnswer when a name, password, role or unit will not do, or the user name or e-mail is in use.
    """
    wanted = tuple(dict.fromkeys(roles))
    username = unicodedata.normalize("NFKC", username).strip().lower()
    _check(username, password, display_name, wanted)
    with unit_of_work() as session:
        if session.get(UnitRow, unit_id) is None:
            raise InvalidAnswer("office.unit_unknown")
        email = email.strip().lower() or f"{username}@staff.invalid"  # the column is unique and never mailed to
        if find_login(username) or find_login(email):
            raise InvalidAnswer("office.username_taken", username=username)
        have = ensure_roles(session)
        member = Staff(
            username=username,
            email=email,
            password=hash_password(password),
            display_name=display_name.strip(),
            fs_uniquifier=uuid.uuid4().hex,
            language=language,
            unit_id=unit_id,
            active=True,
            demo=demo,
            roles=[have[name] for name in wanted],
        )
        session.add(member)
        session.flush()
        audit.write(session, by, audit.CREATE_STAFF, f"staff:{member.id}", ",".join(wanted))
    return member


def set_active(admin: Staff, member_id: int, active: bool) -> Staff:
    """Deactivate or reactivate an account; its sessions end at once, and the questions it had wait for anybody. Raises
    Conflict for one's own."""
    admin_id = admin.id
    with unit_of_work() as session:
        member = scope.get_member(admin, member_id)
        if member.id == admin_id:
            raise Conflict("office.not_yourself")
        member.active = active
        if not active:
            enquiry_moves.let_go(session, member.id)
        member.fs_uniquifier = uuid.uuid4().hex  # the session cookie names it, so old sessions stop working
        audit.write(session, admin_id, audit.ACTIVATE if active else audit.DEACTIVATE, f"staff:{member.id}")
    return member


def set_password(admin: Staff, member_id: int, password: str) -> Staff:
    """Give an account a new password; its sessions end at once. Raises InvalidAnswer for one that is too short."""
    admin_id = admin.id
    _check_password(password)
    with unit_of_work() as session:
        member = scope.get_member(admin, member_id)
        member.password = hash_password(password)
        member.fs_uniquifier = uuid.uuid4().hex
        audit.write(session, admin_id, audit.PASSWORD, f"staff:{member.id}")
    return member


def _check(username: str, password: str, display_name: str, roles: tuple[str, ...]) -> None:
    if not _USERNAME.fullmatch(username):
        raise InvalidAnswer("office.username_shape")
    if not display_name.strip() or len(display_name.strip()) > 100:
        raise InvalidAnswer("office.display_name")
    if not roles or not set(roles) <= set(scope.ROLES):
        raise InvalidAnswer("office.role_missing")
    _check_password(password)


def _check_password(password: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidAnswer("office.password_short", least=SHORTEST_PASSWORD)
