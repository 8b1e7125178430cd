"""How a person comes in by a link that opens once: choosing a password for an account that was opened for them, or a
new one for what they have forgotten. Who has the link is who it is for: it is in one letter, or was handed over."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from flask_security import hash_password
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.errors import Conflict, InvalidAnswer
from models.extensions import db
from models.office import accounts, audit, letters, links, logins
from models.office import staff as checks
from models.office.tables import Staff
from models.unit_of_work import unit_of_work

FORGOT_HOURS = 2  # for which a link that anybody can ask for leads anywhere


@dataclass(frozen=True, slots=True)
class Open:
    """What a link opens."""

    member: Staff
    purpose: str
    until: datetime


def look(token: str) -> Open | None:
    """What the link opens; None where it is over, used, withdrawn, or never was."""
    link = links.find(db.session(), token)
    if link is None or link.purpose not in links.ONCE or links.is_over(link) or link.used_at is not None:
        return None
    member = db.session.get(Staff, link.staff_id) if link.staff_id else None
    if member is None or accounts.waits(member) != (link.purpose == links.INVITATION):
        return None
    return Open(member, link.purpose, link.expires_at) if member.active or accounts.waits(member) else None


def proposed(member: Staff) -> str:
    """A user name that the person could take: the beginning of their address, where it will do and is free."""
    name = member.email.partition("@")[0].lower()
    mailed = not member.email.endswith(letters.NOT_MAILED)
    return name if mailed and checks.is_username(name) and checks.find_login(name) is None else ""


def accept(token: str, username: str, name: str, password: str) -> Staff:
    """Take the account that was opened: it is in use from now on. Raises InvalidAnswer for what will not do; Conflict
    when the link leads nowhere (any more)."""
    username, name = unicodedata.normalize("NFKC", username).strip().lower(), name.strip()
    checks.check_names(username, name)
    checks.check_password(password, username)
    hashed = hash_password(password)  # slow on purpose, so before the transaction
    try:
        with unit_of_work() as session:
            member = _use(session, token, links.INVITATION)
            other = checks.find_login(username)
            if other is not None and other.id != member.id:
                raise InvalidAnswer("office.name_taken", username=username)
            member.username, member.display_name, member.password, member.active = username, name, hashed, True
            accounts.end_sessions(member)
            audit.write(session, member.id, audit.ACCEPT, f"staff:{member.id}")
    except IntegrityError:  # somebody was faster with the same name
        raise InvalidAnswer("office.name_taken", username=username) from None
    return member


def choose_password(token: str, password: str) -> Staff:
    """Choose a new password; whoever is signed in with the account is not any more. Raises as `accept`."""
    found = look(token)
    checks.check_password(password, (found.member.username if found else "") or "")
    hashed = hash_password(password)
    with unit_of_work() as session:
        member = _use(session, token, links.PASSWORD)
        member.password = hashed
        accounts.end_sessions(member)
        audit.write(session, member.id, audit.PASSWORD, f"staff:{member.id}")
    return member


def change_password(member: Staff, password: str) -> None:
    """Somebody's own new password, the present one having been proved; other sessions end. Raises InvalidAnswer."""
    checks.check_password(password, member.username or "")
    hashed = hash_password(password)
    with unit_of_work() as session:
        member.password = hashed
        accounts.end_sessions(member)
        audit.write(session, member.id, audit.PASSWORD, f"staff:{member.id}")


def _use(session: Session, token: str, purpose: str) -> Staff:
    link = links.use_up(session, token)
    member = session.get(Staff, link.staff_id, populate_existing=True) if link is not None and link.staff_id else None
    if link is None or member is None or link.purpose != purpose:
        raise Conflict("office.link_used")
    if accounts.waits(member) != (purpose == links.INVITATION) or not (member.active or accounts.waits(member)):
        raise Conflict("office.link_used")
    return member


def forgot(identity: str, address: str) -> None:
    """Write a letter with a link to a new password, where the account is in use and has an address. Whoever asks learns
    nothing: neither whether there is one nor that it was asked for too often."""
    if logins.asks_too_often(identity, address):
        return
    member = checks.find_login(identity) if identity.strip() else None
    logins.note_forgotten(identity, address)
    if member is None or not member.active or member.password is None or member.unit_id is None:
        return
    if member.email.endswith(letters.NOT_MAILED) or not letters.is_sent():
        return
    with unit_of_work() as session:
        accounts.send_link(session, session.get_one(Staff, member.id), links.PASSWORD, FORGOT_HOURS)
