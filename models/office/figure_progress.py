"""How far people are, and what holds them up: where they give up, how long they wait, what they lack, quotas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, exists, func, select

from models.application.lifecycle import ADMITTED, LIVE, PASSED, REMOVED, REPORTED, RETURNED, SUBMITTED
from models.application.tables import Answer, Application, DocumentPage, Event, Finding
from models.clock import CHINA
from models.extensions import db
from models.office import chain, scope_figures, small_numbers
from models.office.figure_filter import FigureFilter
from models.office.figures import Person
from models.office.tables import Staff
from models.programme.pack import Pack, Quota

WAITS = (3, 7, 14, 30)  # days: the last of each band but the open one
IDLE = timedelta(days=3)  # a draft that nobody has touched for so long stands still
_WORST = 10  # questions at which most drafts stand still
_MISSING = "finding.missing_document"
# What somebody who is filling in has come to, the last first: the steps of an interview in its order.
_KINDS = (
    ("declaring", ("declaration:",)),
    ("papers", ("document:",)),
    ("form", ("field:",)),
    ("asked", ("fact:", "claim")),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """A step. `standing`: who is there and no further; `reached`: who got there at least; `lost`: whom the step before
    keeps. None where a number is kept back."""

    id: str
    reached: int | None
    standing: int | None
    share: float | None  # of those who began


@dataclass(frozen=True, slots=True)
class Band:
    """People who have waited up to so many days (None: longer than the last)."""

    upto: int | None
    number: int | None


@dataclass(frozen=True, slots=True)
class Meter:
    """How full a quota is: applied for, and passed."""

    quota: Quota
    applied: int | None
    passed: int | None


@dataclass(frozen=True, slots=True)
class Progress:
    """All of it. `stuck`: answers after which idle drafts stand still, with their numbers; empty for who does not see
    small numbers. `missing`: documents with how many people lack them."""

    funnel: tuple[Stage, ...]
    stuck: tuple[tuple[str, int], ...]
    waiting: tuple[Band, ...]
    returned: tuple[Band, ...]
    missing: tuple[tuple[str, int | None], ...]
    meters: tuple[Meter, ...]


def progress(
    staff: Staff,
    pack: Pack,
    wanted: FigureFilter,
    among: Sequence[Person],
    counted: Sequence[Person],
    now: datetime,
    exact: bool,
) -> Progress:
    """How far `among` (everybody whom the filter counts, at any step) and, for what they lack and the quotas, `counted`
    are; without `exact` small numbers are kept back. Drafts have no unit and no category: with such a filter the funnel
    begins with handing in."""
    if not exact:  # who was declined or has left would be the difference to the total
        among = [person for person in among if person.status in LIVE]
    filling = Counter[str]() if wanted.narrowed else _filling(staff, wanted)
    funnel = _funnel(filling, among, exact, reports=chain.reports(pack))
    waits = [_days(person.submitted_at, now) for person in among if person.status == SUBMITTED]
    handed_in = next(stage.standing for stage in funnel if stage.id == SUBMITTED)
    shown = exact or (handed_in is not None and not small_numbers.kept_back_of([len(waits)], handed_in))
    return Progress(
        funnel,
        _stuck(staff, wanted, now) if exact and not wanted.narrowed else (),
        _bands(waits, exact) if shown else (),
        _bands(_returned(staff, wanted, among, now), exact) if exact else (),
        _missing(staff, wanted, counted, exact),
        tuple(_meter(quota, counted, exact) for quota in pack.selection.quotas),
    )


def _has(*prefixes: str) -> ColumnElement[bool]:
    """Whether an application has an answer whose key begins so: a look into the index of keys."""
    own = Answer.application_id == Application.id
    found = [
        exists().where(own, Answer.key >= prefix, Answer.key < f"{prefix[:-1]}{chr(ord(prefix[-1]) + 1)}")
        for prefix in prefixes
    ]
    return found[0] if len(found) == 1 else found[0] | found[1]


def _filling(staff: Staff, wanted: FigureFilter) -> Counter[str]:
    """Drafts by the last step that something has been filled in of; ``began`` where nothing has."""
    pages = exists().where(DocumentPage.application_id == Application.id)
    whens = [(_has(*prefixes) | pages if name == "papers" else _has(*prefixes), name) for name, prefixes in _KINDS]
    at = case(*whens, else_="began")
    query = wanted.where(scope_figures.drafts(staff)).with_only_columns(at.label("at"))
    counted = query.subquery()
    rows = db.session.execute(select(counted.c.at, func.count()).group_by(counted.c.at))
    found: Counter[str] = Counter()
    for name, number in rows:
        found[name] = number
    return found


def _funnel(filling: Counter[str], among: Iterable[Person], exact: bool, *, reports: bool) -> tuple[Stage, ...]:
    statuses = Counter(person.status for person in among)
    filled = ["began", *(name for name, _prefixes in reversed(_KINDS))] if filling else []
    standing = [(name, filling[name]) for name in filled]
    beyond = sum(statuses[status] for status in (*PASSED, REMOVED))
    standing.append((SUBMITTED, sum(statuses.values()) - beyond))
    standing.append(("passed", statuses["approved"]))
    if reports or statuses[REPORTED]:
        standing.append((REPORTED, statuses[REPORTED]))
    standing.append((ADMITTED, statuses[ADMITTED] + statuses[REMOVED]))
    numbers = [number for _name, number in standing]
    back = frozenset[int]() if exact else small_numbers.kept_back(numbers)
    return tuple(_stage(name, place, numbers, back) for place, (name, _number) in enumerate(standing))


def _stage(name: str, place: int, numbers: Sequence[int], back: frozenset[int]) -> Stage:
    whole = sum(numbers)
    further = set(range(place, len(numbers)))
    hidden = bool(back & further) and bool(back - further - {len(numbers)})
    reached = None if hidden or len(numbers) in back else sum(numbers[place:])
    share = reached / whole if reached is not None and whole else None
    return Stage(name, reached, None if place in back else numbers[place], share)


def _stuck(staff: Staff, wanted: FigureFilter, now: datetime) -> tuple[tuple[str, int], ...]:
    """The keys answered last in drafts that stand still, those of most drafts first."""
    idle = wanted.where(scope_figures.drafts(staff)).where(Application.updated_at < now - IDLE)
    order = func.row_number().over(
        partition_by=Answer.application_id, order_by=(Answer.updated_at.desc(), Answer.key.desc())
    )
    mine = Answer.application_id.in_(idle.with_only_columns(Application.id))
    last = select(Answer.key, order.label("place")).where(mine).subquery()
    number = func.count()
    query = select(last.c.key, number).where(last.c.place == 1).group_by(last.c.key)
    rows = db.session.execute(query.order_by(number.desc(), last.c.key).limit(_WORST))
    return tuple((key, found) for key, found in rows)


def _days(since: datetime | None, now: datetime) -> int:
    return (now.astimezone(CHINA).date() - since.astimezone(CHINA).date()).days if since else 0


def _returned(staff: Staff, wanted: FigureFilter, among: Sequence[Person], now: datetime) -> list[int]:
    """How many days what was returned has been with the person."""
    here = {person.id for person in among if person.status == RETURNED}
    query = wanted.where(scope_figures.counted(staff)).where(Application.status == RETURNED)
    sent = and_(Event.application_id == Application.id, Event.type.in_(("items_returned", "reopened")))
    last = query.join(Event, sent).with_only_columns(Application.id, func.max(Event.at)).group_by(Application.id)
    return [_days(at, now) for app_id, at in db.session.execute(last.order_by(None)) if app_id in here]


def _bands(waits: Sequence[int], exact: bool) -> tuple[Band, ...]:
    ends: tuple[int | None, ...] = (*WAITS, None)
    numbers: Counter[int | None] = Counter(next((end for end in WAITS if days <= end), None) for days in waits)
    plain = [numbers[end] for end in ends]
    back = frozenset[int]() if exact else small_numbers.kept_back(plain)
    return tuple(Band(end, None if place in back else plain[place]) for place, end in enumerate(ends))


def _missing(
    staff: Staff, wanted: FigureFilter, counted: Sequence[Person], exact: bool
) -> tuple[tuple[str, int | None], ...]:
    here = {person.id for person in counted}
    query = wanted.where(scope_figures.counted(staff)).join(Finding, Finding.application_id == Application.id)
    rows = db.session.execute(
        query.where(Finding.code == _MISSING).with_only_columns(Finding.key, Application.id).distinct().order_by(None)
    )
    numbers = Counter(key for key, app_id in rows if app_id in here)
    order = sorted(numbers, key=lambda key: (-numbers[key], key))
    back = frozenset[int]() if exact else small_numbers.kept_back_of([numbers[key] for key in order], len(here))
    return tuple((key, None if place in back else numbers[key]) for place, key in enumerate(order))


def _meter(quota: Quota, counted: Sequence[Person], exact: bool) -> Meter:
    applied = [person for person in counted if not quota.category or quota.category in person.categories]
    passed = sum(person.status in PASSED for person in applied)
    if not exact and (
        small_numbers.kept_back_of([len(applied)], len(counted)) or small_numbers.kept_back_of([passed], len(applied))
    ):
        return Meter(quota, None, None)
    return Meter(quota, len(applied), passed)
