"""An object of a table's class that no session knows: it has what it was made of, and can be given to none."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm.exc import UnmappedInstanceError

from models import detached
from models.application.tables import Round
from models.extensions import db
from models.unit_of_work import unit_of_work


def test_it_has_what_it_was_made_of_and_what_was_changed_since():
    found = detached.made(Round, [("id", "a"), ("name", "first"), ("closes", None)])
    detached.change(found, name="second")
    found.programme = "p"
    assert isinstance(found, Round)
    assert vars(found) == {"id": "a", "name": "second", "closes": None, "programme": "p"}
    assert (found.id, found.name, found.closes, found.programme) == ("a", "second", None, "p")


def test_two_of_a_table_share_nothing():
    first, second = detached.made(Round, {"id": "a"}), detached.made(Round, {"id": "b"})
    first.name = "first"
    assert (first.id, second.id) == ("a", "b")
    assert not hasattr(second, "name")


def test_what_was_not_read_is_not_taken_for_nothing():
    with pytest.raises(AttributeError, match=r"Round\.closes was not read"):
        detached.made(Round, {"id": "a"}).closes  # noqa: B018


def test_the_table_s_own_objects_are_as_they_were(persistent_core_app):
    detached.made(Round, {"id": "a"})
    assert Round(id="b").closes is None
    with persistent_core_app.app_context():
        assert db.session.scalars(select(Round)).all() == []


def test_no_session_takes_one_in(persistent_core_app):
    with persistent_core_app.app_context(), unit_of_work() as session, pytest.raises(UnmappedInstanceError):
        session.add(detached.made(Round, {"id": "a"}))
