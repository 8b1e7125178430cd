"""What many tests begin with: the same rows, and what their making gave, wherever nothing else can be in between."""

from collections.abc import Callable
from datetime import date

import pytest
from built_once import built_once
from flask import Flask
from sqlalchemy import select

from models.application import rounds
from models.application.tables import Round
from models.extensions import db
from models.settings import Settings

SLUG = "hengyang-2015"


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_rows_and_what_was_given_go_together(
    make_app: Callable[..., Flask], settings: Settings, request: pytest.FixtureRequest, database: str
) -> None:
    url = request.getfixturevalue("postgres_url") if database == "postgresql" else ""
    made: list[str] = []

    def build() -> str:
        made.append(rounds.open_round(SLUG, f"{len(made)}", date(2026, 11, 1), date(2026, 12, 20)).id)
        return made[-1]

    def begin(number: int, touched: bool = False) -> None:
        app = make_app(settings.model_copy(update={"data": settings.data / str(number), "database_url": url}))
        with app.app_context():
            if touched:
                db.session.scalars(select(Round)).all()
            given = built_once(app, f"rounds of {database}", build)
            assert db.session.scalars(select(Round.id)).all() == [given]
            db.session.query(Round).delete()  # the databases of PostgreSQL are one
            db.session.commit()

    for number, (touched, count) in enumerate([(False, 1), (False, 1), (True, 2), (False, 2)]):
        begin(number, touched)
        assert len(made) == count, "built anew only where something may have been there before"
