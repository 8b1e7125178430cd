"""What a unit fills in about a person reaches that person nowhere: secrets are filled in, then every page, chat reply,
notice and record of the applicant's side is looked through for them, whatever the office has decided."""

from __future__ import annotations

import csv
import shutil
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bot_adapter import conversation
from bot_adapter.messages import InboundMessage
from models import crypto
from models.application import queries, rounds, service
from models.application.tables import Application, Round
from models.extensions import Base, db
from models.office import unit_entries, workbook_records
from models.office.staff import create_staff
from models.office.tables import UnitRow
from models.office.units import load_units
from models.programme import loader
from models.unit_of_work import unit_of_work
from webforms import access
from webforms.simulate import simulate

SLUG = "ningxia-2020"
HIDDEN = "机密评语"
RATING = "机密等次"
COMMANDS = ("", "进度", "帮助", "修改", "返回", "人工", "返回", "网页", "我的评价是什么？", "English", "status", "中文")
DECISIONS = ("submitted", "items_returned", "approved", "declined", "withdrawn")


@pytest.fixture
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The programme with ratings that no other word looks like."""
    folder = tmp_path / "packs"
    for name in (loader.SHARED, SLUG):
        shutil.copytree(loader.PACKS / name, folder / name)
    for file in ("ratings", "role_leading", "role_top", "role_reserve"):
        path = folder / SLUG / "codes" / f"{file}.csv"
        with path.open(encoding="utf-8", newline="") as found:
            rows = list(csv.DictReader(found))
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(rows[0]))
            writer.writeheader()
            writer.writerows([{**row, "value": f"secret_{row['value']}", "zh": RATING + row["zh"]} for row in rows])
    monkeypatch.setattr(loader, "PACKS", folder)
    loader.load_pack.cache_clear()
    yield
    loader.load_pack.cache_clear()


@pytest.fixture
def rated(packs: None, app: Flask) -> Iterator[tuple[Flask, str]]:
    """Somebody in a list of talent about whom the unit has filled in everything."""
    app.extensions["bole"].redis = None
    app.config["RATELIMIT_ENABLED"] = False
    with app.app_context():
        pack = loader.load_pack(SLUG)
        load_units(pack)
        rounds.open_round(SLUG, "样例批次", date(2026, 11, 1), date(2026, 12, 20))
        for seed in range(1, 30):
            simulate(app, SLUG, 1, seed, units=("yinchuan",))
            application = db.session.scalar(select(Application).order_by(Application.created_at.desc()).limit(1))
            assert application is not None
            if {"leading", "top", "reserve"} & set(application.categories):
                break
        app_id = application.id
        with unit_of_work() as session:
            view = queries.view(app_id)
            asked = [entry.field for entry in unit_entries.entries(session, view)]
            values = {f.id: f.options[0].value if f.kind == "choice" else f"{HIDDEN}{f.id}" for f in asked}
            unit_entries.fill(session, view, values)
        assert {field.kind for field in asked} == {"choice", "text", "long_text"}
        yield app, app_id
        db.session.remove()


def clean(text: str, where: str) -> None:
    for secret in (HIDDEN, RATING, "secret_"):
        assert secret not in text, where


def on_the_phone(app: Flask, app_id: str) -> FlaskClient:
    client = app.test_client()
    client.set_cookie(access.COOKIE, crypto.ring().sign("door", {SLUG: {"app": app_id, "link": ""}}))
    return client


def addresses(app: Flask, app_id: str) -> Iterator[str]:
    """Every GET of the applicant's side, with every name that this application has."""
    view = queries.view(app_id)
    pages = [page.id for page in view.pages] or ["0" * 32]
    names = [s.id for s in view.pack.form.sections] + [d.id for d in view.pack.documents.documents] + ["claim"]
    names += [fact.id for fact in (*view.pack.eligibility.facts, *view.pack.routing.facts)]
    names += [field.id for field in view.pack.form.unit_fields]
    given = {"slug": [SLUG], "name": names, "page_id": pages, "number": [1], "token": ["none"]}
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        door = (rule.endpoint or "").split(".")[0]
        if door not in ("apply", "chat", "webchat") or "GET" not in (rule.methods or ()):
            continue
        wanted = [dict[str, object]()]
        for argument in rule.arguments:
            wanted = [{**one, argument: value} for one in wanted for value in given.get(argument, ["x"])]
        for values in wanted:
            yield adapter.build(rule.endpoint, values)


def look_everywhere(app: Flask, app_id: str) -> int:
    seen = 0
    client = on_the_phone(app, app_id)
    db.session.rollback()
    for path in list(addresses(app, app_id)):
        for lang in ("zh", "en"):
            answer = client.get(path, query_string={"lang": lang}, follow_redirects=True)
            clean(answer.data.decode("utf-8", "replace"), path)
            seen += answer.status_code == 200
    sender = uuid.uuid4().hex
    conversation.join("webchat", SLUG, sender, SLUG, app_id, "zh")
    for text in COMMANDS:
        message = InboundMessage("webchat", sender, uuid.uuid4().hex, text, (), SLUG, SLUG)
        clean("\n".join(reply.plain() for reply in conversation.handle(message)), text)
    view = queries.view(app_id)
    rows = [vars(row) for row in (view.application, *view.events, *view.pages, *view.findings)]
    clean(repr(rows) + repr(view.answers) + repr(view), "the applicant's view")
    return seen


def decide(app_id: str, how: str) -> None:
    unit = db.session.scalars(select(UnitRow).where(UnitRow.code == "yinchuan")).one()
    word = "long-enough-for-tests"
    staff = create_staff(
        username=f"r{how[:5]}", password=word, display_name="审核", roles=("reviewer",), unit_id=unit.id
    )
    staff_id, version = staff.id, db.session.get_one(Application, app_id).version
    db.session.commit()
    if how == "items_returned":
        service.return_items(app_id, [service.ReturnedItem("field:native_place", "请写到县")], staff_id, version)
    elif how == "approved":
        service.approve(app_id, staff_id, version, "同意")
    elif how == "declined":
        service.decline(app_id, staff_id, version, "二(一)", "不符合要求")
    elif how == "withdrawn":
        service.withdraw(app_id)


@pytest.mark.parametrize("how", DECISIONS)
def test_nothing_of_the_applicant_s_side_shows_it(rated: tuple[Flask, str], how: str) -> None:
    app, app_id = rated
    decide(app_id, how)
    assert look_everywhere(app, app_id) > 20


def test_no_table_holds_it_in_the_open(rated: tuple[Flask, str]) -> None:
    _app, _app_id = rated
    for table in Base.metadata.sorted_tables:
        for row in db.session.execute(select(table)):
            clean(repr(tuple(row)), table.name)


def test_the_secrets_are_there_for_the_unit(rated: tuple[Flask, str]) -> None:
    """The crawl above proves nothing if nothing was filled in."""
    _app, app_id = rated
    application = db.session.get_one(Application, app_id)
    intake = db.session.get_one(Round, application.round_id)
    unit = db.session.get_one(UnitRow, application.unit_id)
    held = workbook_records.load(db.session(), loader.load_pack(SLUG), intake, unit)
    values = next(r.unit_values for r in held.records if r.application_id == app_id)
    assert sum(HIDDEN in str(value) for value in values.values()) == 2
    assert sum("secret_" in str(value) for value in values.values()) >= 3
