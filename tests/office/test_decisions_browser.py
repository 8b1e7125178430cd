"""Decisions by keyboard alone, in a real browser: as few presses as a day with four hundred cases allows."""

import pytest
from browsing import violations
from playwright.sync_api import expect

from models.extensions import db


@pytest.fixture
def case(world, clock):
    """The first of two in the queue."""
    first = world.applied("east", "先来的")
    clock.advance(minutes=1)
    world.applied("east", "后来的")
    return first


@pytest.fixture
def begin(enter, address, case):
    """`begin("a")`: the first case of the queue, opened and that key pressed on it."""

    def opened(key):
        page = enter("east")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        press(page, "先来的", key)
        page.wait_for_load_state()
        return page

    return opened


def press(page, name, key):
    expect(page.locator("h1")).to_contain_text(name)
    page.wait_for_load_state()  # the keys are there once the script has run
    with page.expect_navigation():
        page.keyboard.press(key)


def settled(world, app_id):
    db.session.rollback()
    return world.application(app_id).status


def test_signing_in_begins_in_the_user_name(visitor, browser, address):
    page = browser.new_page()
    page.goto(f"{address}/office/login")
    expect(page.locator("[name=identity]")).to_be_focused()
    page.close()


def test_two_presses_approve_and_the_next_case_is_there(world, begin, case):
    page = begin("a")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_contain_text("后来的")
    assert settled(world, case) == "approved"


def test_a_case_is_declined_by_keys(world, begin, case):
    page = begin("d")
    expect(page.locator("#clause")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("证书不在通知所列范围内。")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_contain_text("后来的")
    assert settled(world, case) == "declined"


def test_without_a_clause_the_keys_refuse_nothing(world, begin, case):
    page = begin("d")
    page.keyboard.press("Tab")
    page.keyboard.type("证书不在通知所列范围内。")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#clause:invalid")).to_be_focused()
    assert settled(world, case) == "submitted"


def test_an_item_is_returned_by_keys(world, begin, case):
    page = begin("r")
    boxes = page.locator("[data-at]")
    expect(boxes.nth(0)).to_be_focused()
    for key in "jjk":
        page.keyboard.press(key)
    expect(boxes.nth(1)).to_be_focused()
    page.keyboard.press("w")
    page.keyboard.type("请核对后改正。")
    expect(boxes.nth(1)).to_be_checked()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(boxes.nth(2)).to_be_checked()
    page.keyboard.press("x")
    expect(boxes.nth(2)).not_to_be_checked()
    assert violations(page) == []
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("后来的")
    db.session.rollback()
    assert len(world.application(case).returned_keys) == 1


def test_o_opens_the_first_photo_and_u_leads_back_into_the_queue(begin):
    page = begin("o")
    assert "/office/pages/" in page.url
    with page.expect_navigation():
        page.keyboard.press("u")
    press(page, "先来的", "j")
    expect(page.locator("h1")).to_contain_text("后来的")


def test_a_question_to_the_applicant_is_sent_by_keys(begin):
    page = begin("q")
    page.keyboard.type("证书是哪一年发的？")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    expect(page.locator(".alert-success")).to_contain_text("问题已发出")
