"""Demo accounts, for a demo installation only; their passwords are printed at the start and are no secret."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache

from flask import current_app
from flask_security import hash_password
from sqlalchemy import func, select

from models.application.tables import Application
from models.extensions import db
from models.office import scope
from models.office.staff import create_staff, find_login
from models.office.tables import Role, Staff, UnitRow
from models.programme.pack import Pack
from models.settings import Settings
from models.unit_of_work import unit_of_work


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """What `make run` prints about an account; `role` in Chinese."""

    username: str
    password: str
    role: str
    unit: str


_ACCOUNTS = (
    ("shenhe", "Shenhe-2026-demo", "演示审核员", scope.REVIEWER),
    ("bangong", "Bangong-2026-demo", "演示办公室", scope.OFFICE),
    ("dayi", "Dayi-2026-demo", "演示答疑员", scope.ANSWERER),
    ("guanli", "Guanli-2026-demo", "演示管理员", scope.ADMIN),
)

_ROLE_NAMES = {
    scope.REVIEWER: "单位审核",
    scope.OFFICE: "项目办公室",
    scope.ANSWERER: "答疑",
    scope.ADMIN: "管理员",
}


def ensure_accounts(packs: Sequence[Pack]) -> list[dict[str, str]]:
    """The four demo accounts of each programme, made or found again: username, password, role, unit of each.

    Their user names end in the programme's name, the slug without its year where that tells it from the others.
    Raises RuntimeError outside a demo, or when a programme's units have not been loaded.
    """
    settings: Settings = current_app.config["BOLE"]
    if not settings.demo:
        raise RuntimeError("demo accounts are made in a demo installation only")
    names = _names([pack.slug for pack in packs])
    # Hashing is slow on purpose, and a person waits for a demo's first start: what stands on the screen needs no salt
    # of its own in each programme.
    hashed = cache(lambda password: str(hash_password(password)))
    return [asdict(account) for slug, name in names.items() for account in _of_programme(slug, name, hashed)]


def _names(slugs: Sequence[str]) -> dict[str, str]:
    short = {slug: slug.partition("-")[0] for slug in slugs}
    alone = [name for name, times in Counter(short.values()).items() if times == 1]
    return {slug: name if name in alone else slug for slug, name in short.items()}


def _of_programme(slug: str, ending: str, hashed: Callable[[str], str]) -> list[DemoAccount]:
    """The reviewer belongs to the unit with most applications, and moves only while the own unit has none."""
    with unit_of_work():
        office = _office(slug)
        return [
            _ensure(f"{name}-{ending}"[:32], word, person, role, slug, office, hashed)
            for name, word, person, role in _ACCOUNTS
        ]


def _ensure(
    username: str,
    password: str,
    display_name: str,
    role: str,
    slug: str,
    office: UnitRow,
    hashed: Callable[[str], str],
) -> DemoAccount:
    unit = _busiest(slug) or office if role == scope.REVIEWER else office
    member = find_login(username)
    if member is None:
        create_staff(
            username=username,
            password=password,
            display_name=display_name,
            roles=(role,),
            unit_id=unit.id,
            demo=True,
            hashed=hashed(password),
        )
    elif role == scope.REVIEWER and member.unit_id != unit.id and not _count(member.unit_id):
        member.unit_id = unit.id
    elif member.unit is not None:
        unit = member.unit
    return DemoAccount(username, password, _ROLE_NAMES[role], unit.name)


def reviewers_unit(slug: str) -> str | None:
    """The code of the unit that the demo reviewer of a programme works for; None where there is none."""
    query = select(UnitRow.code).join(Staff, Staff.unit_id == UnitRow.id)
    reviewers = Staff.roles.any(Role.name == scope.REVIEWER)
    return db.session.scalar(query.where(Staff.demo, UnitRow.programme == slug, reviewers).order_by(Staff.id))


def _office(slug: str) -> UnitRow:
    found = db.session.scalar(select(UnitRow).where(UnitRow.programme == slug, UnitRow.office.is_(True)))
    if found is None:
        raise RuntimeError(f"the units of {slug} are not loaded")
    return found


def _busiest(slug: str) -> UnitRow | None:
    """The unit with most submitted applications; without any, the first that is not the office."""
    counted = (
        select(Application.unit_id, func.count().label("n"))
        .where(Application.programme == slug, Application.status.in_(scope.VISIBLE))
        .group_by(Application.unit_id)
        .subquery()
    )
    query = (
        select(UnitRow)
        .outerjoin(counted, counted.c.unit_id == UnitRow.id)
        .where(UnitRow.programme == slug, UnitRow.office.is_(False))
        .order_by(func.coalesce(counted.c.n, 0).desc(), UnitRow.code)
    )
    return db.session.scalars(query.limit(1)).first()


def _count(unit_id: str | None) -> int:
    query = select(func.count()).select_from(Application).where(Application.unit_id == unit_id)
    return db.session.scalar(query.where(Application.status.in_(scope.VISIBLE))) or 0
