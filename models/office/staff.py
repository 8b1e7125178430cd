"""Staff accounts: how they are found, and made with a password at once (for a demo and for tests). Those of people are
opened by an invitation, see `models.office.accounts`; nobody registers alone."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Iterable

from flask_security import hash_password
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from models.errors import InvalidAnswer
from models.extensions import db
from models.office import audit, scope
from models.office.tables import Role, Staff, UnitRow
from models.unit_of_work import unit_of_work

SHORTEST_PASSWORD, LONGEST_PASSWORD, FEWEST_CHARACTERS = 10, 200, 5
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
    hashed: str = "",
) -> Staff:
    """Create an account; `by` is the administrator's id, for the audit, `hashed` the password's hash where it is known.

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
            password=hashed or hash_password(password),
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


def is_username(name: str) -> bool:
    """Whether a user name has the shape of one."""
    return _USERNAME.fullmatch(name) is not None


def check_names(username: str, display_name: str) -> None:
    """Raises InvalidAnswer for a user name or a name that will not do."""
    if not is_username(username):
        raise InvalidAnswer("office.username_shape")
    if not display_name.strip() or len(display_name.strip()) > 100:
        raise InvalidAnswer("office.display_name")


def check_password(password: str, username: str) -> None:
    """Raises InvalidAnswer for a password that is too short, too long, or that anybody would try first."""
    _check_length(password)
    if len({*password}) < FEWEST_CHARACTERS or (username and username in password.lower()):
        raise InvalidAnswer("office.password_plain")


def _check_length(password: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidAnswer("office.password_short", least=SHORTEST_PASSWORD)
    if len(password) > LONGEST_PASSWORD:
        raise InvalidAnswer("office.password_long", most=LONGEST_PASSWORD)


def _check(username: str, password: str, display_name: str, roles: tuple[str, ...]) -> None:
    check_names(username, display_name)
    if not roles or not set(roles) <= set(scope.ROLES):
        raise InvalidAnswer("office.role_missing")
    _check_length(password)
