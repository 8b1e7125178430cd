"""Invented but valid applicants through the real service: `bole simulate PACK --count N --seed S`.

The same seed invents the same people with the same answers; ids and receipts are random as always. Nothing here knows
a notice: answers follow from the pack's own conditions (`simulate_wishes`) and from the engine's plan.
"""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

from flask import Flask
from redis import Redis
from redis.exceptions import RedisError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import or_, select

from models import clock
from models.application import rounds, service, ways
from models.application.tables import Application, DocumentPage, Outbox
from models.eligibility.verdict import Outcome
from models.errors import Conflict
from models.extensions import db, reading
from models.interview import engine
from models.interview.steps import Ask, Plan, ShowVerdict
from models.office.tables import UnitRow
from models.programme.loader import load_pack
from models.programme.mentions import form_fields
from models.programme.pack import Category, Ladder, Pack
from models.unit_of_work import unit_of_work
from webforms.simulate_answers import Writer
from webforms.simulate_entering import DOOR, enter
from webforms.simulate_people import Person, person
from webforms.simulate_photos import Album
from webforms.simulate_units import fill_unit_fields, fill_unit_tables
from webforms.simulate_wishes import Wishes

_TRIES = 8  # other wishes for the same person, until the verdict lets them apply and the unit is the wished one
_SECOND_CATEGORY = 0.15


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of a simulation. `units`: applications a unit's name; `known`: people who had applied before."""

    submitted: int
    known: int
    pages: int
    processed: int  # pages judged here; the rest waits for the workers
    units: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        width = max((len(name) for name in self.units), default=0)
        lines = [
            f"  {name:{width}}  {count}" for name, count in sorted(self.units.items(), key=lambda i: (-i[1], i[0]))
        ]
        known = f", {self.known} had applied before" if self.known else ""
        waiting = self.pages - self.processed
        queued = f" ({waiting} left to the workers)" if waiting else ""
        head = f"{self.submitted} submitted{known}; {self.pages} photos{queued}; {len(self.units)} units"
        return "\n".join((head, *lines))


@dataclass(frozen=True, slots=True)
class Invented:
    """One person with all answers; `plan` is the engine's last word on them."""

    person: Person
    answers: dict[str, Any]
    plan: Plan


def simulate(
    app: Flask,
    slug: str,
    count: int,
    seed: int,
    progress: bool = False,
    units: Sequence[str] = (),
    cards: bool = False,
) -> Summary:
    """Invent `count` people and submit their applications in the round that is open today.

    `units` (codes) take turns in collecting them; empty: all of the pack's. `cards`: without a queue, everybody
    sends a drawn ID card of their own, to be read. Raises NotOpen where no round is open,
    NotFound for an unknown pack.
    """
    with app.app_context():
        pack = load_pack(slug)
        today = clock.current().today()
        shut = ways.closed(pack, rounds.require_open(slug, today), today)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        bar = Progress(*columns, console=Console(stderr=True), disable=not progress)
        with _workers(app) as inline, bar:
            run = _Run(pack, seed, today, inline, units, [channel.id for channel in shut], cards)
            task = bar.add_task("applicants", total=count)
            for serial in range(count):
                run.one(serial)
                bar.advance(task)
        fill_unit_tables(pack, units, seed, today)
        return run.summary()


class _Run:
    """The state of one simulation."""

    def __init__(
        self,
        pack: Pack,
        seed: int,
        today: date,
        inline: Any,
        units: Sequence[str],
        closed: Collection[str],
        cards: bool,
    ) -> None:
        self._pack = pack
        self._cards = cards
        self._closed = closed
        self._units = units
        self._seed = seed
        self._today = today
        self._album = Album(seed, own=cards)
        self._inline = inline
        self._applications: list[str] = []
        self._known = self._pages = self._processed = 0

    def one(self, serial: int) -> None:
        """Invent and submit one person."""
        invented = invent(self._pack, self._seed, serial, self._today, self._units, self._closed)
        random = Random(f"{self._seed}:{serial}:photos")  # noqa: S311 - repeatable, nothing secret
        try:
            # One transaction for what a person enters; the service's own become savepoints.
            with unit_of_work():
                draw = self._inline.id_card if self._cards and self._inline is not None else None
                said = (invented.person, invented.answers, invented.plan)
                application_id, pages = enter(self._pack, *said, random, self._album, draw)
            self._processed += self._work("process_page", application_id)
            try:
                service.submit(application_id, DOOR)
            except Conflict:  # the same seed once more: this person has a live application
                service.delete(application_id)
                self._known += 1
                return
            self._work("check_application", application_id)
            if self._pack.form.unit_fields:
                fill_unit_fields(application_id, random, self._today)
        finally:
            db.session.remove()
        self._applications.append(application_id)
        self._pages += pages

    def _work(self, job: str, application_id: str) -> int:
        """Without a queue: do what is promised here and now; how many rows."""
        if self._inline is None:
            return 0
        promised = _promised(application_id, job)
        for outbox_id in promised:
            getattr(self._inline, job)(outbox_id)
        return len(promised)

    def summary(self) -> Summary:
        """Counted from the database, not from what we meant to do."""
        units: Counter[str] = Counter()
        query = select(Application.id, UnitRow.name).join(UnitRow, UnitRow.id == Application.unit_id)
        mine = set(self._applications)
        for application_id, unit in db.session.execute(query.where(Application.programme == self._pack.slug)):
            units[unit] += application_id in mine
        submitted = len(self._applications)
        return Summary(submitted, self._known, self._pages, self._processed, dict(+units))


def invent(
    pack: Pack, seed: int, serial: int, on: date, units: Sequence[str] = (), closed: Collection[str] = ()
) -> Invented:
    """The person number `serial` of `seed` with answers to everything that the plan asks.

    Units take turns, so that each gets somebody; where a unit and a category do not go together, another category is
    tried. Nobody comes by a way in that has `closed`. Raises ArithmeticError if no try gives a person who may apply:
    the pack refuses everybody.
    """
    random = Random(f"{seed}:{serial}")  # noqa: S311 - repeatable, nothing secret
    somebody = person(random, seed * 100_003 + serial, on)
    turns = units or [unit.id for unit in pack.routing.units]
    unit = turns[serial % len(turns)]
    fallback: Invented | None = None
    for _ in range(_TRIES):
        found = _attempt(pack, somebody, unit, random, on, closed)
        if found is None:
            continue
        if found.plan.assessment.route.unit == unit or unit == pack.routing.fallback:
            return found
        fallback = fallback or found
    if fallback is None:
        raise ArithmeticError(f"{pack.slug}: nobody invented by seed {seed} may apply")
    return fallback


def _attempt(
    pack: Pack, somebody: Person, unit: str, random: Random, on: date, closed: Collection[str]
) -> Invented | None:
    """One set of wishes played through the engine; None when the verdict is a refusal."""
    eligibility = pack.eligibility
    names = [category.id for category in eligibility.categories]
    claimed = {random.choice(names)}
    if len(names) > 1 and not eligibility.claim_one and random.random() < _SECOND_CATEGORY:
        claimed.add(random.choice([name for name in names if name not in claimed]))
    wishes = Wishes(pack, random)
    for name in names:
        if name in claimed:
            wishes.category(name)
    wishes.unit(unit)
    wishes.not_by(closed)
    facts = {f"fact:{f.id}": f for f in (*pack.eligibility.facts, *pack.routing.facts)}
    born = {f"fact:{f.from_fact}" for f in form_fields(pack) if f.binding and f.derive == "birth_date_from_id"}
    answers: dict[str, Any] = {}
    plan = engine.plan(pack, answers, on)
    while not isinstance(plan.step, ShowVerdict):
        ask = plan.step
        assert isinstance(ask, Ask)
        if ask.key == "claim":
            answers[ask.key] = tuple(
                claim.id for claim in eligibility.claims() if not claimed.isdisjoint(_behind(claim))
            )
        elif ask.key in born:
            answers[ask.key] = somebody.birth.isoformat()
        elif ask.key in facts:
            answers[ask.key] = wishes.answer(facts[ask.key], on)
        else:
            answers[ask.key] = True
        plan = engine.plan(pack, answers, on)
    if plan.assessment.outcome is Outcome.REFUSED:
        return None
    answers["verdict"] = engine.accept(pack, answers, "verdict", True, on)
    return Invented(somebody, answers, _fill(pack, Writer(somebody, random, on), answers, on))


def _behind(claim: Category | Ladder) -> tuple[str, ...]:
    return claim.categories if isinstance(claim, Ladder) else (claim.id,)


def _fill(pack: Pack, writer: Writer, answers: dict[str, Any], on: date) -> Plan:
    """Answer the form into `answers`, field after field: one may bring up or narrow the next."""
    after = {f.id: f.parent or f.id_field for s in pack.form.sections for f in s.fields}
    while True:
        plan = engine.plan(pack, answers, on)
        fresh: set[str] = set()
        for ask in plan.asks:
            if ask.key.startswith(("field:", "declaration:")) and ask.key not in plan.answered:
                name = ask.key.partition(":")[2]
                if after.get(name) in fresh:
                    continue  # its options or its suggestion are those from before
                answers[ask.key] = True if ask.kind == "declaration" else writer.answer(ask, answers)
                fresh.add(name)
        if not fresh:
            return plan


@contextmanager
def _workers(app: Flask) -> Iterator[Any]:
    """None where a queue is there for the workers; else what does their work here, and nothing is handed to a queue.

    By name, because workers stand beside us, not below.
    """
    services = app.extensions["bole"]
    redis = services.redis
    if _queue_is_there(redis):
        yield None
        return
    services.redis = None
    try:
        yield importlib.import_module("workers.inline").Inline()
    finally:
        services.redis = redis


def _queue_is_there(redis: Redis | None) -> bool:
    if redis is None:
        return False
    try:
        redis.ping()
    except RedisError:
        return False
    return True


def _promised(application_id: str, job: str) -> Sequence[str]:
    """Outbox rows of `job` about this application or its pages that are still to be done."""
    pages = select(DocumentPage.id).where(DocumentPage.application_id == application_id)
    query = select(Outbox.id).where(
        Outbox.job == job,
        Outbox.state == "pending",
        or_(Outbox.subject_id == application_id, Outbox.subject_id.in_(pages)),
    )
    with reading():
        found = db.session.scalars(query.order_by(Outbox.created_at, Outbox.id)).all()
        db.session.remove()
    return found
