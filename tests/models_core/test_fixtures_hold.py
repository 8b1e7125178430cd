"""The shared fixtures give what they say."""

from redis import Redis

from models.application.tables import Round
from models.extensions import db


def test_each_database_is_migrated_and_empty(persistent_app):
    with persistent_app.app_context():
        assert db.session.query(Round).count() == 0
        assert db.engine.dialect.name in ("sqlite", "postgresql")


def test_valkey_answers(valkey_url):
    with Redis.from_url(valkey_url) as redis:
        assert redis.ping()
