"""A pack that was made by docs/packs.md alone, for an invented notice: it is whole, judges as its notice says, takes
applications and fills its table, and no line of Python knows it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from golden import Golden
from sqlalchemy import select

from models.application import queries, rounds
from models.application.tables import Application
from models.clock import FixedClock
from models.extensions import db
from models.office import units
from models.programme import loader
from models.programme.check import check_pack, prove_quotes
from models.programme.fields import display
from webforms.simulate import simulate
from workers.workbooks import write_all

HERE = Path(__file__).parent
SLUG = "lizhou-2026"
GOLDEN = Golden(SLUG, HERE, date(2026, 4, 15), HERE / SLUG)
PACK = GOLDEN.pack
PACKAGES = ("models", "bot_adapter", "webforms", "workers")
HEADERS = ["序号", "姓名", "性别", "身份证号码", "所在村（社区）", "人才类别", "手艺或专长", "联系电话"]


def test_it_is_whole_and_word_for_word_its_notice_s() -> None:
    report = check_pack(PACK)
    assert report.problems == ()
    assert report.claimed == report.total
    assert prove_quotes(PACK, (HERE / f"{SLUG}.txt").read_text("utf-8")) == []


@pytest.mark.parametrize("case", GOLDEN.cases, ids=lambda case: case["id"])
def test_golden_case(case: dict[str, Any]) -> None:
    GOLDEN.check(case)


def test_the_table_of_cases_is_whole() -> None:
    GOLDEN.check_whole(at_least=12)


def test_no_module_knows_it() -> None:
    root = HERE.parents[2]
    sources = [path for name in PACKAGES for path in (root / name).rglob("*.py")]
    assert len(sources) > 100
    named = ("梨洲", "lizhou-2026", *(category.id for category in PACK.eligibility.categories))
    guilty = [p.name for p in sources if "packs" not in p.parts and any(word in p.read_text("utf-8") for word in named)]
    assert guilty == []


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Copied to where packs are, as the page says."""
    folder = tmp_path / "packs"
    shutil.copytree(loader.PACKS / loader.SHARED, folder / loader.SHARED)
    shutil.copytree(HERE / SLUG, folder / SLUG)
    monkeypatch.setattr(loader, "PACKS", folder)
    loader.load_pack.cache_clear()
    yield
    loader.load_pack.cache_clear()


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        (date(2026, 3, 31), False),
        (date(2026, 4, 1), True),
        (date(2026, 4, 30), True),
        (date(2026, 5, 1), False),
    ],
    ids=str,
)
def test_its_own_round(persistent_core_app: Flask, day: date, is_open: bool) -> None:
    with persistent_core_app.app_context():
        rounds.ensure_notice_round(PACK)
        assert (rounds.current(SLUG, day) is not None) is is_open


def test_people_apply_and_stand_in_its_table(
    installed: None, persistent_app: Flask, clock: FixedClock, tmp_path: Path
) -> None:
    clock.set_day(date(2026, 4, 15))
    with persistent_app.app_context():
        units.load_units(loader.load_pack(SLUG))
        rounds.ensure_notice_round(loader.load_pack(SLUG))
    simulate(persistent_app, SLUG, 6, seed=1)
    (report,) = write_all(persistent_app, SLUG, None, tmp_path / "out")
    assert (report.unit_name, report.records_in, report.rows_out) == ("镇党建办公室", 6, 6)
    (file,) = report.files
    table = openpyxl.load_workbook(BytesIO(file.read_bytes()), read_only=True).worksheets[0]
    rows = [list(row) for row in table.iter_rows(values_only=True)]
    assert rows[0][0] == "梨洲镇乡土人才汇总表"
    head = rows.index(next(row for row in rows if row[0] == "序号"))
    assert rows[head][: len(HEADERS)] == HEADERS
    written = {tuple(row[1 : len(HEADERS)]) for row in rows[head + 1 : head + 7]}
    with persistent_app.app_context():
        assert written == {_row(application.id) for application in db.session.scalars(select(Application))}


def _row(application_id: str) -> tuple[str, ...]:
    view = queries.view(application_id)
    answers = view.answers
    sex = next(field for section in PACK.form.sections for field in section.fields if field.id == "sex")
    names = {category.id: category.name.zh for category in PACK.eligibility.categories}
    verdict = view.plan.assessment
    fits = [names[name] for name in verdict.claimed if verdict.categories[name].status in ("met", "staff_decides")]
    return (
        answers["field:name"],
        display(sex, answers["field:sex"], "zh"),
        answers["field:id_number"],
        answers["field:village"],
        "、".join(fits),
        answers["field:skill"],
        answers["field:phone"],
    )
