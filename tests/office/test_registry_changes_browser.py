"""A change in a real browser: the person at a telephone's width, the unit's opinion, the office's decision by key."""

import io
from datetime import date

import pytest
from browsing import PHONE, follow, open_context, violations
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import select

from models.application import queries, service
from models.application.drafting import resume_hash
from models.application.tables import DocumentPage
from models.extensions import db
from models.office import registry


@pytest.fixture
def registered(registry_packs, world):
    return world


def admitted(world):
    app_id = world.applied(name="入库甲")
    service.approve(app_id, world.staff("east").id, world.application(app_id).version, "")
    registry.admit(world.staff("office"), [app_id], date(2026, 11, 21))
    return app_id


def photo():
    """As a phone takes it: larger than what is sent."""
    made = io.BytesIO()
    Image.effect_noise((1600, 1200), 60).convert("RGB").save(made, "JPEG", quality=98)
    return {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": made.getvalue()}


def sound(page):
    """Accessible, and no wider than the screen."""
    assert violations(page) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def test_from_the_phone_to_the_registry(registered, enter, address, browser):
    app_id = admitted(registered)
    registered.application(app_id).resume_hash = resume_hash("a-token-of-a-test")
    db.session.commit()
    person = open_context(browser, viewport=PHONE).new_page()
    person.goto(f"{address}/r/a-token-of-a-test")
    person.locator("form button").first.click()
    person.wait_for_url("**/p/tiny/**")
    person.goto(f"{address}/p/tiny/status")
    sound(person)
    follow(person, person.get_by_role("link", name="去变动申请"))
    sound(person)
    follow(person, person.get_by_role("button", name="行当或简历变了"))
    sound(person)
    person.locator('[name="col:field:jobs:from.y"]').fill("2026")
    person.locator('[name="col:field:jobs:from.m"]').fill("10")
    person.locator('[name="col:field:jobs:place"]').fill("新单位")
    person.locator("#reason").fill("十月调动")
    follow(person, person.get_by_role("button", name="保存，去交证明"))
    given = photo()
    person.locator("#photo").set_input_files(given)
    person.get_by_role("button", name="上传所选照片").click()  # waits until it is smaller
    expect(person.locator(".pages li")).to_have_count(1)
    assert (
        0
        < db.session.scalar(select(DocumentPage.size).where(DocumentPage.document.like("change:%")))
        < (len(given["buffer"]) / 2)
    ), "made smaller on the phone"
    db.session.rollback()
    sound(person)
    follow(person, person.get_by_role("button", name="去核对"))
    expect(person.locator("ins")).to_contain_text("新单位")
    sound(person)
    person.locator("label[for=agree]").click()
    follow(person, person.get_by_role("button", name="提交变动申请"))
    expect(person.locator(".notes").first).to_contain_text("等单位签署意见")
    sound(person)
    unit = enter("east")
    unit.goto(f"{address}/office/registry/changes")
    sound(unit)
    follow(unit, unit.get_by_role("link", name="入库甲"))
    sound(unit)
    unit.locator("#opinion").fill("情况属实")
    follow(unit, unit.get_by_role("button", name="签署意见，报办公室"))
    office = enter("office")
    office.goto(f"{address}/office/registry/changes?lang=en")
    sound(office)
    follow(office, office.locator("[data-row] a").first)
    expect(office.locator("ins")).to_contain_text("新单位")
    sound(office)
    office.locator("h1").click()
    office.keyboard.press("a")
    expect(office.locator(".alert-success")).to_be_visible()
    person.reload()
    expect(person.locator(".notes").first).to_contain_text("变动已通过")
    db.session.rollback()
    assert len(queries.view(app_id).answers["field:jobs"]) == 2
