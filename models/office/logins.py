"""Failed sign-ins, counted where every web process sees them, so guessing is slowed down without locking people out.

Kept in the audit under keyed indexes: neither what was typed nor the address is stored.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from models import clock, crypto
from models.extensions import db
from models.office import audit
from models.office.tables import Audit
from models.unit_of_work import unit_of_work

FAILED, FORGOTTEN, WRONG_CODE = "login_failed", "forgot_password", "wrong_code"
WINDOW = timedelta(minutes=15)
# A person mistypes a few times; one office shares one address. Beyond that it is a machine.
PER_ACCOUNT_AND_ADDRESS, PER_ADDRESS, PER_ACCOUNT = 8, 60, 100
CODES = 10  # wrong ones of a second factor for each account: a million are possible
LETTERS_PER_ADDRESS, LETTERS_PER_ACCOUNT = 20, 3  # to a new password, in the same time


def blocked(identity: str, address: str) -> bool:
    """Whether this address must wait before it tries this account again."""
    since = clock.current().now() - WINDOW
    account, place = _account(identity), _place(address)
    failures = select(func.count()).select_from(Audit).where(Audit.action == FAILED, Audit.at > since)
    limits = (
        (failures.where(Audit.subject == account, Audit.reason == place), PER_ACCOUNT_AND_ADDRESS),
        (failures.where(Audit.reason == place), PER_ADDRESS),
        (failures.where(Audit.subject == account), PER_ACCOUNT),
    )
    return any((db.session.scalar(query) or 0) >= most for query, most in limits)


def note_failure(identity: str, address: str, staff_id: int | None) -> None:
    """Remember one failed attempt; `staff_id` where the account exists."""
    with unit_of_work() as session:
        audit.write(session, staff_id, FAILED, _account(identity), _place(address))


def blocked_codes(staff_id: int) -> bool:
    """Whether no more codes of a second factor are compared for this account for now, wherever they come from."""
    since = clock.current().now() - WINDOW
    wrong = select(func.count()).select_from(Audit).where(Audit.action == WRONG_CODE, Audit.at > since)
    return (db.session.scalar(wrong.where(Audit.subject == f"staff:{staff_id}")) or 0) >= CODES


def note_wrong_code(staff_id: int, address: str) -> None:
    """Remember a code that was wrong; the password before it was right."""
    with unit_of_work() as session:
        audit.write(session, staff_id, WRONG_CODE, f"staff:{staff_id}", _place(address))


def asks_too_often(identity: str, address: str) -> bool:
    """Whether no more links to a new password are sent for this account, or because of this address, for now."""
    since = clock.current().now() - WINDOW
    asked = select(func.count()).select_from(Audit).where(Audit.action == FORGOTTEN, Audit.at > since)
    limits = (
        (asked.where(Audit.reason == _place(address)), LETTERS_PER_ADDRESS),
        (asked.where(Audit.subject == _account(identity)), LETTERS_PER_ACCOUNT),
    )
    return any((db.session.scalar(query) or 0) >= most for query, most in limits)


def note_forgotten(identity: str, address: str) -> None:
    """Remember that a new password was asked for."""
    with unit_of_work() as session:
        audit.write(session, None, FORGOTTEN, _account(identity), _place(address))


def _account(identity: str) -> str:
    return "login:" + crypto.ring().blind_index(identity.strip().lower(), "login")[:40]


def _place(address: str) -> str:
    return crypto.ring().blind_index(address, "address")[:40]
