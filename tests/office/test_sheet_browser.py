"""The sheet in a real browser: by keys from row to row, in and out of the return, on to the prepared reasons; axe."""

from datetime import date

import pytest
from browsing import violations
from playwright.sync_api import expect

from models.application import readings
from models.application.tables import Finding
from models.documents.reading import NOT_CHECKED
from models.extensions import db
from models.programme import idnumber


def two_differences(world):
    app_id = world.applied("east", "测试甲")
    world.read(app_id, name="测试乙", id_number=idnumber.make("530114", date(1988, 12, 3), 301))
    return app_id


@pytest.mark.parametrize(("scheme", "lang"), [("light", "zh"), ("dark", "en")])
def test_it_is_accessible_in_every_state(world, enter, address, scheme, lang):
    differing, agreeing, unchecked = two_differences(world), world.applied("east"), world.applied("east")
    front, _ = world.read(agreeing)
    for page in world.pages(unchecked):
        readings.save(db.session, page, NOT_CHECKED, "a test")
    db.session.commit()
    page = enter("east", color_scheme=scheme, viewport={"width": 1280, "height": 800})
    for app_id in (differing, agreeing, unchecked):
        page.goto(f"{address}/office/applications/{app_id}/sheet?lang={lang}")
        for fold in page.locator("details.sheet-fold > summary").all():
            fold.click()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.goto(f"{address}/office/pages/{front}/reading/id_number?lang={lang}")
    assert violations(page) == []


def test_a_reviewer_works_through_it_by_keyboard(world, enter, address):
    app_id = two_differences(world)
    page = enter("east")
    page.goto(f"{address}/office/applications/{app_id}")
    page.keyboard.press("s")
    expect(page.locator("h1")).to_contain_text("核对单")
    page.wait_for_load_state()
    boxes = page.locator("[data-take]")
    expect(page.locator("[data-take]:checked")).to_have_count(2)
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(boxes.nth(0)).not_to_be_checked()
    page.keyboard.press("x")
    expect(boxes.nth(0)).to_be_checked()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("k")
    page.keyboard.press("r")
    reason = page.locator("[name='reason:field:name']")
    expect(reason).to_have_value("「身份证」上的姓名和您填的不一样，请核对后改正；填的没错，请重拍「身份证」。")
    expect(page.locator("[name='item']:checked")).to_have_count(1)
    reason.fill("请核对姓名。")
    page.locator("form[data-keep] button.btn-warning").click()
    expect(page.locator(".alert-success")).to_contain_text("已退回 1 项")


def test_a_number_is_shown_in_its_row_for_a_reason(world, enter, address):
    app_id = two_differences(world)
    page = enter("east")
    page.goto(f"{address}/office/applications/{app_id}/sheet")
    row = page.locator("tr.is-differs", has_text="身份证号码")
    row.locator("a.reveal").click()
    field = row.locator("[name=reason]")
    expect(field).to_be_focused()
    field.fill("与身份证照片核对")
    field.press("Enter")
    expect(row.locator(".revealed")).to_have_count(2)
    expect(row.locator("img.sheet-crop")).to_be_visible()


@pytest.fixture
def opened(enter, address):
    """Where o leads from the first row of a case's sheet."""

    def lead(app_id):
        page = enter("east")
        page.goto(f"{address}/office/applications/{app_id}/sheet")
        page.wait_for_load_state()
        page.keyboard.press("j")
        with page.expect_navigation():
            page.keyboard.press("o")
        return page.url

    return lead


def test_o_opens_the_photo_of_the_row(world, opened):
    assert "/office/pages/" in opened(two_differences(world))


@pytest.mark.parametrize(("key", "at"), [("document:card", "/office/pages/"), ("document:extra", "#evidence")])
def test_o_opens_what_a_finding_is_about(world, opened, clock, key, at):
    app_id = world.applied("east")
    title = {"label": {"zh": "身份证", "en": "ID card"}}
    found = {"key": key, "code": "finding.expired", "params": title, "clause": "二", "blocking": False}
    db.session.add(Finding(application_id=app_id, at=clock.now(), **found))
    db.session.commit()
    assert at in opened(app_id)
