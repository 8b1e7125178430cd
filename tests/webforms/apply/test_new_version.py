"""A new version of the programme while somebody fills in the pages: said on the page they open next, nothing lost."""

import re
import shutil

import pytest
from browsing import open_context, violations
from playwright.sync_api import expect
from sqlalchemy import event

from models.application import moving, packs, service
from models.application.tables import Application
from models.extensions import db
from models.programme import loader
from webforms import access

SLUG = "hengyang-2015"
LABEL = 'label = { zh = "姓名"'


@pytest.fixture
def editable_packs(tmp_path, monkeypatch):
    """The packs in a folder of the test's own, as a first version."""
    folder = tmp_path / "packs"
    for name in (SLUG, "_shared"):
        shutil.copytree(loader.PACKS / name, folder / name)
    first = folder / SLUG / "programme.toml"
    first.write_text(
        re.sub(r'^version = "\d+"', 'version = "1"', first.read_text("utf-8"), count=1, flags=re.M), "utf-8"
    )
    monkeypatch.setattr(loader, "PACKS", folder)
    loader.load_pack.cache_clear()
    yield folder
    loader.load_pack.cache_clear()


@pytest.fixture
def filling(editable_packs, site, person):
    """Somebody with a filled-in form, under version 1."""
    with site.app_context():
        packs.publish(SLUG)
    person.to_the_form()
    person.fill_everything()
    return person


def publish(site, clock, folder):
    """Version 2: a field is called otherwise."""
    clock.advance(minutes=1)
    for file, old, new in (
        ("form.toml", LABEL, 'label = { zh = "真实姓名"'),
        ("programme.toml", 'version = "1"', 'version = "2"'),
    ):
        path = folder / SLUG / file
        text = path.read_text("utf-8")
        assert old in text, old
        path.write_text(text.replace(old, new, 1), "utf-8")
    loader.load_pack.cache_clear()
    with site.app_context():
        packs.publish(SLUG)


def move(person):
    with person.app.app_context():
        moving.move_on(person.app_id)


def test_it_is_said_on_the_next_page_until_the_person_goes_on(filling, site, clock, editable_packs):
    publish(site, clock, editable_packs)
    move(filling)
    page = filling.get(filling.url("/tasks"))
    assert filling.path.endswith("/verdict")  # read once more before the form
    assert "申报要求有更新" in page and "填写要求有改动：「真实姓名」" in page
    assert 'role="status"' in page
    assert "申报要求有更新" in filling.get(filling.url("/q/claim"))
    english = filling.get(filling.url("/verdict?lang=en"))
    assert "The requirements have been updated" in english and "To be filled in differently" in english
    filling.get(filling.url("/verdict?lang=zh"))
    clock.advance(seconds=1)
    filling.send(filling.url("/verdict"))
    assert filling.path.endswith("/tasks")
    page = filling.get(filling.url("/tasks"))
    assert page.count("申报要求有更新") == 1  # among the messages, not above the page any more
    assert re.search(r'class="notes".*申报要求有更新', page, re.S)
    assert all(ask.key in filling.view().plan.answered for ask in filling.view().plan.asks if ask.kind != "declaration")


def test_a_page_that_was_open_before_the_move_loses_nothing(filling, site, clock, editable_packs):
    filling.get(filling.url("/s/basic"))
    publish(site, clock, editable_packs)
    move(filling)
    before = filling.view().answers
    filling.send(filling.url("/verdict"))  # from a ticket of the page that was open
    after = filling.view().answers
    assert {key: value for key, value in after.items() if key != "verdict"} == {
        key: value for key, value in before.items() if key != "verdict"
    }


def test_handed_in_before_it_was_moved_it_is_shown_what_is_new(filling, site, clock, editable_packs):
    publish(site, clock, editable_packs)
    pack = loader.load_pack(SLUG)
    filling.get(filling.url("/declare"))
    page = filling.send(filling.url("/declare"), {f"declaration:{d.id}": "yes" for d in pack.programme.declarations})
    assert filling.path.endswith("/verdict")
    assert "填写要求有改动：「真实姓名」" in page
    view = filling.view()
    assert (view.application.status, view.application.pack_version) == ("draft", "2")


def test_reopened_by_the_office_the_pages_lead_through_what_is_new(filling, site, clock, editable_packs):
    pack = loader.load_pack(SLUG)
    filling.get(filling.url("/declare"))
    filling.send(filling.url("/declare"), {f"declaration:{d.id}": "yes" for d in pack.programme.declarations})
    assert filling.view().application.status == "submitted"
    publish(site, clock, editable_packs)
    with site.app_context():
        seen = db.session.get(Application, filling.app_id).version
        service.reopen(filling.app_id, 1, seen, "新要求对您更有利")
    page = filling.get(filling.url("/next"))
    assert filling.path.endswith("/verdict")
    assert "您的申报按新要求重新开放" in page and "原因：新要求对您更有利" in page
    clock.advance(seconds=1)
    filling.send(filling.url("/verdict"))
    assert filling.view().outstanding == ("field:name",)
    page = filling.get(filling.url("/tasks"))
    assert "要修改的内容" in page


def test_a_step_asks_the_database_nothing_more_while_the_version_is_that_on_disk(filling, site):
    sent = []
    with site.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    filling.get(filling.url("/tasks"))
    filling.send(filling.url("/verdict"))
    assert sent and not [sql for sql in sent if "FROM pack_version" in sql]


def test_what_is_new_reads_well_on_a_phone(filling, site, clock, editable_packs, browser, address):
    publish(site, clock, editable_packs)
    move(filling)
    context = open_context(browser, base_url=address)
    cookie = filling.client.get_cookie(access.COOKIE)
    context.add_cookies([{"name": access.COOKIE, "value": cookie.value, "url": address}])
    page = context.new_page()
    page.goto(filling.url("/tasks"))
    news = page.get_by_role("status").filter(has_text="申报要求有更新")
    expect(news).to_contain_text("填写要求有改动：「真实姓名」")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the phone"
    assert violations(page) == []
    context.close()
