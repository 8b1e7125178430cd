"""The running office in a real browser, with the people of a demo: each sees the own unit's, a question is answered
into the chat, two reviewers meet on one application, and the unit downloads what the workers have built."""

import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from browsing import DESK, chromium, follow, open_context, violations
from playwright.sync_api import Browser, Page, expect
from serving import free_port, serving
from waiting import wait_for
from xlsx_rules import problems

PACK = "hengyang-2015"
SUMMARY, UNIT = "汇总表", "白沙园区"
QUESTION, ANSWER = "请问公章盖在哪一栏", "盖在采集表的审核意见栏。"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port, data = free_port(), tmp_path_factory.mktemp("office") / "data"
    with serving(data, port, BOLE_DEMO_PEOPLE="3"):
        wait_for((data / "run" / "demo-people").exists)
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def enter(browser: Browser, base: str, username: str) -> Page:
    page = open_context(browser, viewport=DESK).new_page()
    page.goto(f"{base}/office/")
    page.fill("#identity", f"{username}-{PACK.partition('-')[0]}")
    page.fill("#password", f"{username.capitalize()}-2026-demo")
    follow(page, page.get_by_role("button", name="登录"))
    page.wait_for_url(lambda url: "login" not in url)
    return page


def receipts(page: Page) -> set[str]:
    return set(page.locator("[data-row] a").all_inner_texts())


def download(page: Page, base: str) -> bytes:
    """The unit's summary, through the link of the page."""
    page.goto(f"{base}/office/workbooks")
    with page.expect_download() as coming:
        page.get_by_role("link", name=f"下载 {UNIT} {SUMMARY}").click()
    assert coming.value.suggested_filename.startswith(f"{UNIT}_衡阳人才入库_汇总表_")
    return Path(coming.value.path()).read_bytes()


def text(data: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return "\n".join(str(c.value) for s in book.worksheets for row in s.iter_rows() for c in row if c.value is not None)


def test_a_question_from_the_chat_is_answered_into_it(base: str, browser: Browser) -> None:
    chat = open_context(browser).new_page()
    chat.goto(f"{base}/chat/{PACK}")
    said = chat.locator("#said li.us").count()
    chat.fill("#text", f"人工 {QUESTION}")
    chat.click("button.send")
    expect(chat.locator("#said li.us")).not_to_have_count(said)
    staff = enter(browser, base, "dayi")
    assert staff.get_by_role("link", name="证书原件在外地").count() == 1  # the demo's own
    follow(staff, staff.get_by_role("link", name=QUESTION))
    staff.get_by_role("button", name="我来答复").click()
    expect(staff.locator("#taken")).to_contain_text("正在答复")
    staff.get_by_label("答复（发到").fill(ANSWER)
    follow(staff, staff.get_by_role("button", name="发送答复"))
    expect(staff.get_by_role("status").first).to_contain_text("答复已发出")
    expect(chat.locator("#log")).to_contain_text(ANSWER)
    assert violations(staff) == violations(chat) == []


def test_two_reviewers_and_the_units_workbook(base: str, browser: Browser) -> None:
    office, reviewer = enter(browser, base, "bangong"), enter(browser, base, "shenhe")
    own, everybody = receipts(reviewer), receipts(office)
    assert len(own) == 2 and own < everybody and len(everybody) == 3
    foreign = office.get_by_role("link", name=(everybody - own).pop()).get_attribute("href")
    assert reviewer.goto(f"{base}{foreign}").status == 404

    before = wait_for(lambda: _built(reviewer, base))
    assert problems(before) == [] and "已审核通过 0 份，待审核 2 份" in text(before)

    reviewer.goto(f"{base}/office/applications")
    receipt = sorted(own)[0]
    follow(reviewer, reviewer.get_by_role("link", name=receipt))
    mine = reviewer.url.partition("?")[0]  # without the queue that it was opened from
    masked = reviewer.locator("main").inner_text()
    reviewer.goto(f"{mine}/decline")
    reviewer.get_by_label("理由").fill("证书不是本人的，请核实")
    reviewer.locator("select[name=clause]").select_option(index=1)
    office.goto(f"{mine}/approve")
    office.fill("#opinion", "材料属实，同意入库。")
    follow(office, office.get_by_role("button", name="确认通过"))
    expect(office.get_by_role("status").first).to_contain_text("已通过")
    follow(reviewer, reviewer.get_by_role("button", name="确认").first)
    expect(reviewer.get_by_role("alert")).to_contain_text("已有变动")
    expect(reviewer.get_by_label("理由")).to_have_value("证书不是本人的，请核实")
    assert violations(reviewer) == []

    after = wait_for(lambda: (new := download(reviewer, base)) != before and new)
    assert "已审核通过 1 份，待审核 1 份" in text(after)
    names = [line for line in text(after).splitlines() if line.isdecimal() and len(line) == 18]
    assert names and not any(number in masked for number in names)  # whole in the workbook, masked on the screen

    office.goto(f"{base}/office/audit")
    reviewer.goto(f"{mine}/reveal/field:id_number")
    reviewer.get_by_label("查看理由").fill("与身份证照片核对")
    reviewer.get_by_role("button", name="查看").click()  # shown in its place
    shown = reviewer.locator(".revealed").inner_text()
    office.goto(f"{base}/office/audit?action=reveal")
    assert receipt in office.inner_text("main") and "与身份证照片核对" in office.inner_text("main")
    assert len(shown) == 18 and shown not in office.content()


def _built(page: Page, base: str) -> bytes | None:
    page.goto(f"{base}/office/workbooks")
    return download(page, base) if page.get_by_role("link", name=f"下载 {UNIT} {SUMMARY}").count() else None
