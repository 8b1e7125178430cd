"""A published version never changes, and an application is judged by its own, whatever the folder says meanwhile."""

from datetime import date

import pytest
from sqlalchemy import event, select

from models.application import packs, queries, rounds, service
from models.application.tables import Application, Outbox, PackVersion
from models.errors import NotFound, PackError
from models.extensions import db
from models.office import workbook_records
from models.office.tables import UnitRow, Workbook
from models.programme import loader
from models.programme.pack import Cell
from workers.sheets import values

SLUG = "tiny"
RENAMED = ('zh = "技能人才"', 'zh = "能工巧匠"')


def rows():
    db.session.expire_all()
    return {row.version: row for row in db.session.scalars(select(PackVersion))}


@pytest.fixture
def statements():
    """The SQL that is sent, as a list that grows."""
    sent = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    return sent


def test_publishing_keeps_the_pack_whole_and_again_changes_nothing(edition, clock):
    first = rows()["1"]
    assert loader.load_archive(first.archive) == loader.load_pack(SLUG)
    assert first.published_at == first.current_since == clock.now()
    sha256, at = first.sha256, first.published_at
    clock.advance(days=1)
    edition.publish()
    again = rows()
    assert list(again) == ["1"]
    assert (again["1"].sha256, again["1"].published_at, again["1"].current_since) == (sha256, at, at)


def test_a_comment_is_no_change(edition):
    edition.edit("eligibility.toml", ('[[facts]]\nid = "certificate"', '# asked first\n[[facts]]\nid = "certificate"'))
    edition.publish()
    assert list(rows()) == ["1"]


def test_other_content_under_the_same_version_is_refused_naming_the_file_and_what_to_do(edition):
    edition.edit("eligibility.toml", RENAMED)
    with pytest.raises(PackError) as caught:
        edition.publish()
    assert caught.value.file == "tiny/eligibility.toml"
    assert "version 1 as it was published on 2026-11-21" in caught.value.reason
    assert "raise `version` in tiny/programme.toml" in caught.value.reason
    assert packs.published(SLUG, "1").eligibility.categories[0].name.zh == "技能人才"


def test_every_file_that_differs_is_named(edition):
    edition.edit("eligibility.toml", RENAMED)
    edition.edit("routing.toml", ('zh = "所在县受理"', 'zh = "县里受理"'))
    with pytest.raises(PackError, match=r"tiny/eligibility\.toml.*and so do routing\.toml"):
        edition.publish()


def test_a_new_version_is_published_beside_the_old_one_and_is_in_force(edition, clock):
    clock.advance(days=1)
    edition.edit("eligibility.toml", RENAMED)
    edition.publish("2")
    assert set(rows()) == {"1", "2"}
    assert packs.current(db.session(), SLUG).version == "2"
    assert packs.published(SLUG, "1").eligibility.categories[0].name.zh == "技能人才"
    assert packs.published(SLUG, "2").eligibility.categories[0].name.zh == "能工巧匠"


def test_going_back_to_a_published_version_puts_it_in_force_again(edition, clock):
    clock.advance(days=1)
    edition.publish("2")
    clock.advance(days=1)
    edition.publish("1")
    found = rows()
    assert packs.current(db.session(), SLUG).version == "1"
    assert found["1"].published_at < found["2"].published_at < found["1"].current_since


def test_a_command_beside_the_installation_keeps_a_version_without_putting_it_in_force(people, edition, clock):
    clock.advance(days=1)
    edition.publish("2")
    edition.edit("eligibility.toml", RENAMED)
    edition.publish("3", in_force=False)
    assert packs.published(SLUG, "3").eligibility.categories[0].name.zh == "能工巧匠"
    edition.publish("3", in_force=False)
    assert packs.current(db.session(), SLUG).version == "2"
    assert rows()["3"].turn == 0
    edition.publish("3")
    assert packs.current(db.session(), SLUG).version == "3"


def test_the_first_of_all_is_in_force_whoever_published_it(people):
    packs.publish(SLUG, in_force=False)
    assert packs.current(db.session(), SLUG).version == "1"


def test_a_version_that_was_never_published_is_not_found(edition):
    with pytest.raises(NotFound):
        packs.published(SLUG, "3")
    with pytest.raises(NotFound):
        packs.published("other", "1")


def test_a_demo_replaces_what_a_demo_published_while_nobody_has_applied(people, edition, clock):
    edition.publish("demo", demo=True)
    edition.edit("eligibility.toml", RENAMED)
    assert packs.refusal(db.session(), SLUG) is None  # the demo's next start mends it
    with pytest.raises(PackError, match="nobody has applied under it yet, so `make run` would replace it"):
        edition.publish()
    clock.advance(days=1)
    edition.publish(demo=True)
    assert rows()["demo"].published_at == clock.now()
    assert packs.published(SLUG, "demo").eligibility.categories[0].name.zh == "能工巧匠"

    people.start()
    edition.edit("eligibility.toml", ('zh = "能工巧匠"', 'zh = "巧匠"'))
    with pytest.raises(PackError, match="never changes"):
        edition.publish(demo=True)
    assert packs.refusal(db.session(), SLUG).file == "tiny/eligibility.toml"


def test_a_demo_does_not_replace_what_was_published_in_earnest(edition):
    edition.edit("eligibility.toml", RENAMED)
    with pytest.raises(PackError, match="never changes"):
        edition.publish(demo=True)


def test_refusal_tells_what_publishing_would_raise(edition):
    assert packs.refusal(db.session(), SLUG) is None
    edition.edit("form.toml", ('zh = "行当"', 'zh = "行业"'))
    told = packs.refusal(db.session(), SLUG)
    with pytest.raises(PackError) as caught:
        edition.publish()
    assert str(told) == str(caught.value)
    edition.edit("programme.toml", ('version = "1"', 'version = "2"'))
    assert packs.refusal(db.session(), SLUG) is None  # not published yet


def test_an_application_is_read_by_its_own_version(people, edition):
    app_id = people.submitted()
    edition.edit("eligibility.toml", RENAMED)
    edition.edit("form.toml", ('zh = "行当"', 'zh = "行业"'))
    edition.publish("2")
    view = queries.view(app_id)
    assert view.pack.programme.version == "1"
    assert view.pack.eligibility.categories[0].name.zh == "技能人才"
    assert view.plan.ask("field:trade").label.zh == "行当"
    assert packs.pack_of(view.application) is view.pack  # read once
    assert queries.view(people.start()).plan is not None


def test_a_new_application_begins_under_the_pack_on_disk(people, edition):
    edition.edit("eligibility.toml", RENAMED)
    edition.publish("2")
    view = queries.view(people.start())
    assert view.application.pack_version == "2"
    assert view.pack is loader.load_pack(SLUG)


def test_the_version_on_disk_asks_the_database_for_nothing(people, edition, statements):
    app_id = people.submitted()
    statements.clear()
    queries.view(app_id)
    assert not [sql for sql in statements if "pack_version" in sql and "FROM pack_version" in sql]
    edition.publish("2")
    statements.clear()
    queries.view(app_id)
    queries.view(app_id)
    assert len([sql for sql in statements if "FROM pack_version" in sql]) == 1  # read once, then kept


def test_an_unknown_version_is_read_by_the_pack_on_disk(people, edition):
    """Applications from before packs were published name a version that nobody kept."""
    app_id = people.submitted()
    application = db.session.get(Application, app_id)
    application.pack_version = "0"
    db.session.commit()
    assert queries.view(app_id).pack is loader.load_pack(SLUG)


def test_a_decision_names_a_clause_of_the_applications_own_version(people, edition):
    app_id = people.submitted()
    edition.edit("clauses.toml", ('ref = "一"', 'ref = "甲"'))
    edition.edit("eligibility.toml", *[('clause = "一"', 'clause = "甲"')] * 3)
    edition.publish("2")
    declined = service.decline(app_id, 1, people.version(app_id), "一", "没有证书")
    assert declined.status == "declined"


def test_a_consent_of_the_own_version_can_be_taken_back(people, edition):
    app_id = people.submitted()
    edition.edit(
        "programme.toml",
        ('[[consents]]\nid = "news"', '[[consents]]\nid = "letters"'),
    )
    edition.publish("2")
    service.withdraw_consent(app_id, "news")
    assert queries.view(app_id).application.status == "submitted"


def test_a_workbook_says_everybodys_answers_by_their_own_version(people, edition):
    """A category and an option that are gone since keep their names; the columns are the version's in force."""
    older = people.submitted()
    edition.edit(
        "eligibility.toml",
        ('id = "skilled"', 'id = "masters"'),
        ('zh = "技能人才"', 'zh = "大师"'),
    )
    edition.edit("form.toml", ('value = "wood"', 'value = "timber"'), ('zh = "木工"', 'zh = "木作"'))
    edition.edit(
        "form.toml",
        ('[[sections.fields]]\nid = "mobile"\nkind = "phone"', '[[sections.fields]]\nid = "phone"\nkind = "phone"'),
    )
    edition.publish("2")
    newer = people.start()
    answers = people.answers(id_number=people.number(2), **{"claim": ["masters"], "field:trade": "timber"})
    answers["field:phone"] = answers.pop("field:mobile")
    service.record(newer, answers, "web")
    people.photograph(newer)
    service.skip_document(newer, "extra")
    service.record(newer, {"declaration:true": True}, "web")
    service.submit(newer, "web")

    pack = loader.load_pack(SLUG)
    unit = db.session.scalar(select(UnitRow).where(UnitRow.code == "east"))
    intake = rounds.current(SLUG, date(2026, 11, 21))
    held = {r.application_id: r for r in workbook_records.load(db.session(), pack, intake, unit).records}
    assert [held[app_id].pack_version for app_id in (older, newer)] == ["1", "2"]
    assert held[older].answers["field:mobile"] == "13900000000"  # live under its own version
    assert values.categories(pack, held[older]) == [("大师", False), ("技能人才", True)]
    assert values.categories(pack, held[newer]) == [("大师", True)]
    trade = Cell(header="行当", source="field:trade", clause="二")
    shown = [values.cell_value(pack, trade, values.Source(pack, trade), held[a], 1) for a in (older, newer)]
    assert shown == ["木工", "木作"]


def test_the_workbooks_that_are_there_are_built_again_when_a_version_comes_into_force(people, edition, clock):
    unit = db.session.scalar(select(UnitRow).where(UnitRow.code == "east"))
    intake = rounds.current(SLUG, date(2026, 11, 21))
    for kind in ("summary", "forms"):
        made = {"kind": kind, "content_hash": "0" * 64, "storage_key": "", "rows": 0, "built_at": clock.now()}
        db.session.add(Workbook(round_id=intake.id, unit_id=unit.id, **made))
    db.session.commit()
    subject = f"{intake.id}{unit.id}"
    edition.publish()
    edition.publish("2", in_force=False)
    query = select(Outbox.effect).where(Outbox.job == "assemble_workbook", Outbox.subject_id == subject)
    assert db.session.scalars(query).all() == []
    edition.publish("2")
    edition.publish("2")
    assert db.session.scalars(query).all() == [f"workbook:{subject}:version:2"]
