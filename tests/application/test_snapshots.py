"""What is remembered of an application is what the database says, whoever changed it: on both databases."""

from random import Random

import pytest
from sqlalchemy import event, inspect, update
from sqlalchemy.orm.exc import StaleDataError

from models.application import prefill, queries, service
from models.application.service import ReturnedItem
from models.application.tables import Application, DocumentPage
from models.errors import BoleError, InvalidAnswer
from models.extensions import db
from models.unit_of_work import unit_of_work


def forgotten(app):
    app.extensions.pop("bole.snapshots", None)


def seen(view):
    """Everything that a view shows."""
    columns = inspect(Application).columns.keys()
    return {
        "row": {name: getattr(view.application, name) for name in columns},
        "answers": view.answers,
        "sealed": view.sealed_keys,
        "asleep": view.asleep,
        "events": [(one.seq, one.type, one.at, one.actor, one.data) for one in view.events],
        "pages": [(one.id, one.document, one.position, one.state, one.reason) for one in view.pages],
        "findings": [(one.key, one.code) for one in view.findings],
        "plan": view.plan,
    }


def viewed(app, app_id):
    found = seen(queries.view(app_id))
    db.session.rollback()
    return found


@pytest.fixture
def here(people, persistent_core_app):
    return persistent_core_app


@pytest.fixture
def elsewhere(here, persistent_settings, make_core_app):
    """The app once more, as another process has it: the same database, a memory of its own."""
    return make_core_app(persistent_settings)


def _save(people, app_id, random):
    values = {
        "field:name": random.choice(["测试甲", "测试乙", ""]),
        "field:mobile": random.choice(["13900000000", "13800000000"]),
        "field:id_number": people.number(random.randint(1, 3)),
        "field:trade": random.choice(["wood", "metal"]),
        "fact:county": random.choice(["east", "west"]),
        "fact:certificate": random.choice([True, False]),
        "consent:news": random.choice([True, False]),
        "verdict": True,
        "declaration:true": True,
        "claim": ["skilled"],
    }
    names = random.sample(sorted(values), random.randint(1, 3))
    service.save_partial(app_id, {name: values[name] for name in names}, random.choice(["web", "chat"]))


def _answer(people, app_id, random):
    """As the chat does: on what was read, and what is there then."""
    key = random.choice(
        ["field:name", "field:mobile", "fact:certificate", "verdict", "consent:news", "field:id_number"]
    )
    raw = {"field:name": "测试丙", "field:mobile": "13700000000", "field:id_number": people.number(7)}.get(key, True)
    with unit_of_work():
        after = seen(queries.answered(queries.view(app_id), {key: raw}, "chat"))
        with db.session.no_autoflush:
            assert after == seen(queries.view(app_id))


def _forget(_people, app_id, random):
    service.forget(app_id, [random.choice(["field:name", "field:mobile", "fact:county", "consent:news"])], "web")


def _page(people, app_id, random):
    service.add_page(app_id, random.choice(["card", "extra"]), b"\xff\xd8\xff\xe0" + random.randbytes(60),
                     str(random.random()), "web")  # fmt: skip


def _removed(_people, app_id, random):
    pages = queries.view(app_id).pages
    db.session.rollback()
    if pages:
        service.remove_page(app_id, random.choice(pages).id)


def _judged(_people, app_id, random):
    """A worker's verdict leaves the application's row as it was."""
    values = {"state": random.choice(["ok", "retake"]), "reason": random.choice([None, "page.blurred"])}
    db.session.execute(update(DocumentPage).where(DocumentPage.application_id == app_id).values(**values))
    db.session.commit()


def _skipped(_people, app_id, _random):
    service.skip_document(app_id, "extra")


def _withdrawn(_people, app_id, _random):
    service.withdraw_consent(app_id, "news")


def _submitted(people, app_id, _random):
    people.fill(app_id)
    people.photograph(app_id)
    service.skip_document(app_id, "extra")
    service.record(app_id, {"declaration:true": True}, "web")
    service.submit(app_id, "web")


def _returned(people, app_id, random):
    item = ReturnedItem(random.choice(["field:name", "document:card", "field:mobile"]), "核对")
    service.return_items(app_id, [item], 1, people.version(app_id))


STEPS = (_save, _save, _answer, _answer, _forget, _page, _removed, _judged, _skipped, _withdrawn, _submitted, _returned)


@pytest.mark.parametrize("seed", range(2))
def test_what_is_remembered_is_what_the_database_says(here, elsewhere, people, seed):
    random, refused, app_id = Random(seed), 0, people.start()
    people.fill(app_id)
    for _ in range(30):
        app = random.choice([here, elsewhere])
        with app.app_context():
            try:
                random.choice(STEPS)(people, app_id, random)
            except BoleError:
                refused += 1
            db.session.remove()
        for process in (here, elsewhere):
            with process.app_context():
                remembered = viewed(process, app_id)
                forgotten(process)
                assert remembered == viewed(process, app_id)
                db.session.remove()
    assert refused < 25


@pytest.fixture
def statements(here):
    sent = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    return sent


def test_what_has_not_changed_is_read_in_one_statement(people, statements):
    app_id = people.start()
    people.fill(app_id)
    queries.view(app_id)
    statements.clear()
    assert queries.view(app_id).plan.ask("field:name")
    assert len(statements) == 1


def test_what_a_transaction_has_made_is_known_in_it(people, here, statements):
    """From the beginning over consents to an event: nothing is read again, and all is as it would be read."""
    with unit_of_work():
        app_id = service.start("tiny", "chat", "zh").application.id
        statements.clear()
        view = queries.view(app_id)
        for consent in ("identity", "news"):
            view = queries.answered(view, {f"consent:{consent}": consent == "identity"}, "chat")
        prefill.decline(app_id, "chat")
        view = queries.view(app_id)
        assert not [sql for sql in statements if "FROM answer" in sql or ("FROM event" in sql and "max(" not in sql)]
        known = seen(view)
    forgotten(here)
    assert known == viewed(here, app_id)
    assert [one.type for one in view.events] == ["started", "prefill_declined"]


def test_what_a_savepoint_has_taken_back_is_not_known_in_its_transaction(people, here, clock):
    class Away(Exception):
        pass

    app_id = people.start()
    people.fill(app_id)
    with unit_of_work():
        before = seen(queries.view(app_id))
        with pytest.raises(Away), unit_of_work():
            queries.answered(queries.view(app_id), {"field:name": "测试丁"}, "chat")
            raise Away
        assert seen(queries.view(app_id)) == before
        # another change gives the row the version and the time that the one taken back had
        queries.answered(queries.view(app_id), {"field:mobile": "13700000000"}, "chat")
        after = seen(queries.view(app_id))
    assert (after["answers"]["field:name"], after["answers"]["field:mobile"]) == ("测试甲", "13700000000")
    forgotten(here)
    assert viewed(here, app_id) == after


@pytest.mark.parametrize("key", ["field:mobile", "field:name", "consent:news"])
def test_what_was_just_written_is_read_in_one_statement(people, statements, key):
    app_id = people.start()
    people.fill(app_id)
    service.record(app_id, {key: {"field:mobile": "13700000000", "field:name": "测试乙"}.get(key, True)}, "web")
    statements.clear()
    assert queries.view(app_id).answers[key] in ("13700000000", "测试乙", True)
    assert len([sql for sql in statements if not sql.startswith("BEGIN")]) == 1


def test_what_is_rolled_back_is_not_remembered(people, here):
    app_id = people.start()
    people.fill(app_id)
    before = viewed(here, app_id)

    class Away(Exception):
        pass

    with pytest.raises(Away), unit_of_work():
        assert (
            queries.answered(queries.view(app_id), {"field:name": "测试丁"}, "chat").answers["field:name"] == "测试丁"
        )
        raise Away
    # another change gives the row the version that the one rolled back had
    service.record(app_id, {"field:mobile": "13700000000"}, "web")
    after = viewed(here, app_id)
    assert after["row"]["version"] == before["row"]["version"] + 1
    assert (after["answers"]["field:name"], after["answers"]["field:mobile"]) == ("测试甲", "13700000000")


def test_a_change_within_one_tick_of_the_clock_is_one(people, here):
    app_id = people.start()
    people.fill(app_id)
    assert queries.view(app_id).answers["field:name"] == "测试甲"
    service.record(app_id, {"field:name": "测试乙"}, "web")
    assert queries.view(app_id).answers["field:name"] == "测试乙"
    service.forget(app_id, ["field:name"], "web")
    assert "field:name" not in queries.view(app_id).answers


def test_an_answer_to_what_somebody_else_has_changed_since_is_not_written(people, here, elsewhere):
    app_id = people.start()
    people.fill(app_id)
    view = queries.view(app_id)
    db.session.rollback()
    with elsewhere.app_context():
        service.record(app_id, {"field:name": "测试乙"}, "web")
        db.session.remove()
    with pytest.raises(StaleDataError):
        queries.answered(view, {"field:name": "测试丙"}, "chat")
    db.session.rollback()
    assert queries.view(app_id).answers["field:name"] == "测试乙"


def test_what_nobody_has_looked_at_for_a_while_is_dropped(people, here, clock):
    first = people.start()
    queries.view(first)
    clock.advance(minutes=16)
    second = people.start()
    kept = here.extensions["bole.snapshots"].kept
    assert second in kept and first not in kept


def test_a_refused_answer_writes_nothing(people, here, statements):
    app_id = people.start()
    people.fill(app_id)
    view = queries.view(app_id)
    statements.clear()
    with pytest.raises(InvalidAnswer):
        queries.answered(view, {"field:mobile": "12"}, "chat")
    assert not [sql for sql in statements if not sql.startswith(("BEGIN", "SELECT"))]


def test_what_is_shown_of_a_view_in_a_log_holds_no_answer(people, here):
    app_id = people.start()
    people.fill(app_id)
    view = queries.view(app_id)
    told = f"{view!r} {view.snapshot!r} {view.held!r}"
    long = [value for value in view.answers.values() if isinstance(value, str) and len(value) > 5]
    assert long and not [value for value in long if value in told]
