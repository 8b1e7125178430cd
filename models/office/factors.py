"""Second factors as they are set up, used and taken away: each step audited, in one transaction with what it says."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from models.errors import Conflict
from models.extensions import db
from models.office import accounts, audit, scope
from models.office.tables import Staff
from models.settings import Settings


def required(member: Staff) -> bool:
    """Whether the settings ask for a second factor of one of the person's roles."""
    settings: Settings = current_app.config["BOLE"]
    return any(role.name in settings.totp_roles for role in member.roles)


def owed(member: Staff) -> bool:
    """Whether nothing opens before the person has set one up."""
    return not member.has_factor and required(member)


def use_step(session: Session, member: Staff, step: int) -> bool:
    """Use the code of this step of time, within the caller's transaction; False: it, or one after it, was used. Of two
    at the same moment one has it."""
    newer = or_(Staff.factor_counter.is_(None), Staff.factor_counter < step)
    used = update(Staff).where(Staff.id == member.id, newer).values(factor_counter=step).returning(Staff.id)
    return session.scalar(used.execution_options(synchronize_session=False)) is not None


def keep(session: Session, member: Staff, secret: str, codes: list[str]) -> None:
    """A factor that has been shown to work, within the caller's transaction."""
    member.set_factor(secret, codes)
    accounts.end_sessions(member)
    audit.write(session, member.id, audit.FACTOR_ON, f"staff:{member.id}")


def new_codes(session: Session, member: Staff, codes: list[str]) -> None:
    """Other recovery codes; those before open nothing any more. Within the caller's transaction."""
    member.mf_recovery_codes = codes
    audit.write(session, member.id, audit.NEW_CODES, f"staff:{member.id}")


def stop(session: Session, member: Staff) -> None:
    """Do without, within the caller's transaction. Raises Conflict where the settings ask for one."""
    if required(member):
        raise Conflict("office.factor_required")
    member.drop_factor()
    audit.write(session, member.id, audit.FACTOR_OFF, f"staff:{member.id}")


def reset(admin: Staff, member_id: int) -> None:
    """Take a lost one away: the person signs in with the password and sets another one up. Raises NotFound; Conflict
    for one's own, and where there is none."""
    with accounts.acting(admin) as session:
        member = scope.get_member(admin, member_id)
        if member.id == admin.id:
            raise Conflict("office.factor_yourself")
        if not member.has_factor:
            raise Conflict("office.factor_none")
        member.drop_factor()
        accounts.end_sessions(member)
        audit.write(session, admin.id, audit.FACTOR_RESET, f"staff:{member.id}")


def use_code(member: Staff, code: str) -> None:
    """A recovery code was right: it opens nothing any more; in the request's own transaction."""
    left = member.mf_recovery_codes
    left.remove(code)
    member.mf_recovery_codes = left
    audit.write(db.session(), member.id, audit.USE_CODE, f"staff:{member.id}", str(len(left)))
