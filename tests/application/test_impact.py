"""What a new version would do to drafts in flight: whom each change touches, and whose verdict would turn."""

from datetime import date

import pytest

from models.application import packs, queries, service
from models.application.impact import impact
from models.application.tables import Application
from models.eligibility.verdict import Outcome
from models.extensions import db
from models.programme import loader
from models.programme.diff import diff

SLUG = "tiny"
TODAY = date(2026, 11, 21)


@pytest.fixture
def look(edition):
    """`look((file, old, new), …)`: the impact of these edits as version 2, and the changes."""

    def run(*edits):
        old = loader.load_pack(SLUG)
        for file, *change in edits:
            edition.edit(file, tuple(change))
        new = loader.load_folder(edition.folder / SLUG)
        changes = diff(old, new)
        return impact(db.session(), old, new, changes, TODAY)

    return run


def receipt(app_id):
    return db.session.get(Application, app_id).receipt


def test_a_changed_field_touches_who_answered_it(people, look):
    filled, empty = people.start(), people.start()
    people.fill(filled)
    found = look(("form.toml", 'zh = "行当"', 'zh = "行业"'))
    assert found.drafts == 2
    assert found.things == {("form", "sections", "basics", "fields", "trade"): (receipt(filled),)}
    assert found.verdicts == {}
    assert found.touched == (receipt(filled),)
    assert queries.view(empty).application.status == "draft"


def test_a_sealed_answer_counts_without_being_opened(people, look):
    app_id = people.start()
    people.fill(app_id)
    found = look(("form.toml", 'zh = "身份证号"', 'zh = "身份证号码"'))
    assert found.things == {("form", "sections", "basics", "fields", "id_number"): (receipt(app_id),)}


def test_a_changed_document_touches_who_sent_or_skipped_it(people, look):
    sent, skipped, neither = people.ready(), people.start(), people.start()
    people.fill(skipped, id_number=people.number(3))
    service.skip_document(skipped, "extra")
    people.fill(neither, id_number=people.number(5))
    found = look(
        ("documents.toml", "max_pages = 3", "max_pages = 4"), ("documents.toml", 'zh = "其他材料"', 'zh = "别的"')
    )
    assert found.things[("documents", "documents", "card")] == (receipt(sent),)
    assert found.things[("documents", "documents", "extra")] == tuple(sorted((receipt(sent), receipt(skipped))))
    assert receipt(neither) not in found.touched


def test_a_changed_category_touches_who_claims_it(people, look):
    claims, _asks = people.start(), people.start()
    people.fill(claims)
    found = look(("eligibility.toml", 'zh = "手艺人"', 'zh = "有手艺的人"'))
    assert found.things == {("eligibility", "categories", "skilled"): (receipt(claims),)}


def test_a_turned_verdict_is_found_whatever_has_changed(people, look):
    app_id = people.start()
    people.fill(app_id)
    found = look(("eligibility.toml", "value = true", "value = false"))
    assert found.verdicts == {(Outcome.ELIGIBLE, Outcome.REFUSED): (receipt(app_id),)}
    assert found.things == {("eligibility", "conditions", "has_certificate"): (receipt(app_id),)}


def test_only_drafts_are_in_flight(people, look):
    people.submitted()
    ended = people.start()
    people.fill(ended, id_number=people.number(3))
    service.withdraw(ended)
    found = look(("eligibility.toml", "value = true", "value = false"), ("form.toml", 'zh = "行当"', 'zh = "行业"'))
    assert (found.drafts, found.touched) == (0, ())


def test_a_change_on_a_page_touches_nobody(people, look):
    people.fill(people.start())
    found = look(
        ("workbooks.toml", 'title = "汇总表"', 'title = "名册"'), ("clauses.toml", 'heading = "条件"', 'heading = "谁"')
    )
    assert (found.drafts, found.touched) == (1, ())


def test_nobody_is_asked_for_whom_nothing_is_claimed(people, look):
    app_id = people.start()
    service.record(app_id, {"consent:identity": True, "consent:news": False}, "web")
    found = look(("eligibility.toml", "value = true", "value = false"))
    assert (found.drafts, found.touched) == (1, ())
    assert packs.current(db.session(), SLUG).version == "1"
