"""Finding people among many: `make bench-search` (PEOPLE, 100000). Nothing is kept.

The embedded default (SQLite as `bole serve` has it), one programme, invented people with the words that their answers
would give. What is measured is the whole answer to the search page as the programme's office asks for it: session,
query, count, page. The kinds of searches take turns, each time with other words; some fit nobody, some a third of all.
It ends with a line a target: ``target <name> <measured> <limit> ok|short``.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import people
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select
from targets import Target

from models import clock
from models.application import receipt
from models.application.tables import Answer, Application, Round, new_id
from models.extensions import db
from models.office import search_terms
from models.office.review_tables import SearchTerm
from models.office.staff import create_staff
from models.office.tables import UnitRow
from models.programme import pinyin
from models.programme.loader import load_pack
from models.programme.pack import Pack
from models.settings import Settings
from webforms.app import create_app

SLUG, PASSWORD = "karamay-2017", "a-password-of-the-benchmark"
COUNT = 100_000
LIMIT_MS = 300
ROUNDS = 15  # of each kind
_BATCH = 2000
_FIELDS = {"employer": 7, "post": 8, "title": 9, "profession": 12, "speciality": 13, "results": 14, "achievements": 15}

Form = dict[str, str]


def main(count: int = COUNT) -> list[Target]:
    with tempfile.TemporaryDirectory(prefix="bole") as name:
        app = create_app(Settings(data=Path(name) / "data"))
        app.extensions["bole"].redis = None
        app.config["WTF_CSRF_ENABLED"] = False
        began = time.perf_counter()
        with app.app_context():
            _prepare(app)
            kept = _fill(load_pack(SLUG), count)
            terms = db.session.scalar(select(func.count()).select_from(SearchTerm))
            db.session.remove()
        size = sum(one.stat().st_size for one in (Path(name) / "data").glob("*.sqlite*")) / 1e6
        took = time.perf_counter() - began
        print(f"  {count} people, {terms} terms, {size:.0f} MB, made in {took:.0f} s", flush=True)
        return _measure(app, kept)


def _prepare(app: Flask) -> None:
    from chat_application import prepare

    prepare(app, SLUG)
    with app.app_context():
        office = db.session.scalars(select(UnitRow.id).where(UnitRow.programme == SLUG, UnitRow.office)).one()
        create_staff(username="office", password=PASSWORD, display_name="管理办公室", roles=["office"], unit_id=office)


def _fill(pack: Pack, count: int) -> list[Form]:
    """Write the people; some of them as (name, receipt) to look for."""
    pick = Random(2)
    held = db.session.scalars(select(Round.id).where(Round.programme == SLUG)).first()
    units = list(db.session.scalars(select(UnitRow.id).where(UnitRow.programme == SLUG, ~UnitRow.office))) or [None]
    categories = [one.id for one in pack.eligibility.categories]
    now, kept = clock.current().now(), []
    rows: dict[Any, list[dict[str, Any]]] = {Application: [], Answer: [], SearchTerm: []}
    for number, person in enumerate(people.people(count)):
        app_id, name, own = new_id(), str(person[1]), [pick.choice(categories)]
        given: dict[str, Any] = {f"field:{field}": str(person[at]) for field, at in _FIELDS.items()}
        given["document:title_certificate"] = number % 3
        at = now - timedelta(minutes=5 * number)
        application = {"id": app_id, "programme": SLUG, "pack_version": pack.programme.version, "round_id": held}
        application |= {"status": pick.choice(("submitted", "submitted", "returned", "approved")), "version": 3}
        application |= {"unit_id": pick.choice(units), "receipt": receipt.make(), "resume_hash": app_id * 2}
        application |= {"person_index": f"{number:064d}", "name": name, "categories": own, "language": "zh"}
        application |= {
            "created_at": at,
            "updated_at": at,
            "submitted_at": at,
            "returned_keys": [],
            "corrected_keys": [],
        }
        rows[Application].append(application)
        for key, value in given.items():
            if key.startswith("field:"):
                said = {"key": key, "value": value, "door": "web", "updated_at": at}
                rows[Answer].append({"application_id": app_id, **said})
        found = search_terms.terms(pack, name, given, own)
        rows[SearchTerm] += [{"programme": SLUG, "term": one, "application_id": app_id} for one in found]
        if number % (count // 100 or 1) == 0:
            kept.append({"name": name, "receipt": application["receipt"], "day": f"{at:%Y-%m-%d}"})
        if len(rows[Application]) == _BATCH or number == count - 1:
            for table, many in rows.items():
                db.session.execute(insert(table), many)
                many.clear()
            db.session.commit()
    return kept


def _kinds(kept: list[Form]) -> Iterator[tuple[str, list[Form]]]:
    """What is asked, by kind; each a list of forms as the page sends them."""
    names = [one["name"] for one in kept]
    spelled = [pinyin.spelled(one) for one in names]
    initials = ["".join(pinyin.spelled(letter)[0] for letter in one) for one in names]
    units, titles, subjects = people._UNITS, people._TITLES, people._SUBJECTS
    yield "a name", [{"q": one} for one in names]
    yield "a part of a name", [{"q": one[1:]} for one in names]
    yield "a surname", [{"q": one[0]} for one in names]
    yield "pinyin", [{"q": one} for one in spelled]
    yield "the beginning of the pinyin", [{"q": one[:4]} for one in spelled]
    yield "initials", [{"q": one} for one in initials]
    yield "one letter", [{"q": one[0]} for one in initials]
    yield "a receipt", [{"q": one["receipt"]} for one in kept]
    yield "an employer", [{"keyword": one} for one in units]
    yield "a part of a title", [{"keyword": one[-2:]} for one in titles]
    yield "two words", [{"q": f"{a[0]} {b}"} for a, b in zip(names, subjects * 30, strict=False)]
    yield "who has a certificate", [{"document": "title_certificate"}]
    yield "of a category", [{"category": one.id} for one in load_pack(SLUG).eligibility.categories]
    yield "of a status", [{"status": one} for one in ("submitted", "returned", "approved")]
    yield "of a day", [{"since": one["day"], "until": one["day"]} for one in kept]
    yield "since a day", [{"since": one["day"]} for one in kept]
    yield (
        "all at once",
        [
            {"q": a[0], "keyword": b, "status": "submitted", "document": "title_certificate", "until": one["day"]}
            for one, a, b in zip(kept, names, titles * 30, strict=False)
        ],
    )
    yield "nobody", [{"q": one} for one in ("龘龘", "zzzzz", "650203198005060123", "BL-0000-0000")]


def _measure(app: Flask, kept: list[Form]) -> list[Target]:
    client = app.test_client()
    if client.post("/office/login", data={"identity": "office", "password": PASSWORD}).status_code != 302:
        raise SystemExit("the benchmark's member of staff cannot sign in")
    slowest: dict[str, float] = {}
    everything: list[float] = []
    _ask(client, {"q": "warm"})
    kinds = list(_kinds(kept))
    taken: dict[str, list[float]] = {name: [] for name, _forms in kinds}
    for turn in range(ROUNDS):
        for name, forms in kinds:
            taken[name].append(_ask(client, forms[turn * 7 % len(forms)]))
    for name, times in taken.items():
        everything += times
        slowest[name] = max(times)
        print(f"  {name:<28} median {median(times):6.1f} ms, slowest {max(times):6.1f} ms")
    worst = max(slowest, key=lambda name: slowest[name])
    print(f"  slowest: {worst}; all searches: median {median(everything):.1f} ms")
    return [Target.at_most("search-slowest-ms", slowest[worst], LIMIT_MS)]


def _ask(client: FlaskClient, form: Form) -> float:
    """Milliseconds until the page is there."""
    began = time.perf_counter()
    answer = client.post("/office/applications/search", data=form)
    taken = (time.perf_counter() - began) * 1000
    if answer.status_code != 200:
        raise SystemExit(f"the search page answered {answer.status_code}")
    return taken


if __name__ == "__main__":
    import logging

    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    print(*main(*map(int, sys.argv[1:])), sep="\n")
