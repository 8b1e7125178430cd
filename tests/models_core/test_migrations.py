import os
import subprocess
import sys
from datetime import date
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, text, update

from models import migrating
from models.application.tables import Round
from models.extensions import Base, db

ROOT = Path(__file__).resolve().parents[2]


def test_the_migrations_make_exactly_the_tables_of_the_code(persistent_core_app):
    with persistent_core_app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_down_and_up_again(persistent_core_app):
    with persistent_core_app.app_context():
        db.session.remove()
        migrating.downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        migrating.upgrade()
        assert set(inspect(db.engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}


# As they were in 0005: plain SQL, because today's tables may have columns that came later.
ROUND = (
    "INSERT INTO round (id, programme, name, opens, closes, demo, notice, created_at)"
    " VALUES (:id, 'p', 'n', '2026-01-01', '2026-03-31', false, false, '2026-01-01')"
)
APPLICATION = (
    "INSERT INTO application (id, programme, pack_version, round_id, status, version, language, receipt, resume_hash,"
    " categories, created_at, updated_at, returned_keys, corrected_keys) VALUES ('a', 'p', '1', :id, 'draft', 1, 'zh',"
    " 'BL-TEST-TEST', 'h', '[]', '2026-01-01', '2026-01-01', '[]', '[]')"
)


def test_applications_keep_their_round_while_its_closing_day_becomes_optional(persistent_core_app):
    """SQLite would refuse to make anew a table that others refer to."""
    with persistent_core_app.app_context():
        migrating.downgrade(revision="0005")
        for statement in (ROUND, APPLICATION):
            db.session.execute(text(statement), {"id": "r"})
        db.session.commit()
        migrating.upgrade(revision="0006")
        assert db.session.scalar(select(Round.closes)) == date(2026, 3, 31)
        db.session.execute(update(Round).values(closes=None))
        db.session.commit()
        migrating.downgrade(revision="0005")
        assert db.session.scalar(select(Round.closes)) == date(9999, 12, 31)
        db.session.rollback()
        migrating.upgrade()
        assert db.session.scalar(text("SELECT round_id FROM application")) == "r"


def test_the_flask_command_migrates_an_app_that_it_has_made(tmp_path):
    """`flask db` finds the migrations of the app; a process that has made the app alone has not imported Alembic."""
    env = {"BOLE_DATA": str(tmp_path), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "flask", "--app", "webforms.app", "db", "heads"]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "(head)" in done.stdout
