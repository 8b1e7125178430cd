"""The console in a real browser: keys, htmx, the kept draft, and axe on every page in both languages and themes."""

import pytest
from browsing import violations
from office_forms import office_form
from office_tables import office_table
from playwright.sync_api import expect

from models.application import packs
from models.application.tables import Outbox
from models.extensions import db
from models.office import enquiries
from models.office.tables import ApprovedAnswer, Enquiry, FileFault
from models.programme import official_columns
from models.programme.loader import load_pack
from workers.templates import read_template, try_template


def clean(page, where):
    assert violations(page) == [], where


@pytest.mark.parametrize(("scheme", "lang", "width"), [("light", "zh", 1280), ("dark", "en", 800)])
def test_every_page_is_accessible(world, enter, address, scheme, lang, width):
    app_id = world.applied("east")
    asked = enquiries.ask(db.session, programme="tiny", question="在哪里交？", effect="q", application_id=app_id).id
    row = db.session.get(Outbox, db.session.scalars(db.select(Outbox.id)).first())
    row.state, row.error = "failed", "TimeoutError"
    lost = FileFault(key="ab/ab", named_by="document_page.image_key", record=world.pages(app_id)[0].id, kind="missing")
    lost.programme, lost.application_id, lost.found_at = "tiny", app_id, row.created_at
    db.session.add(lost)
    told = ApprovedAnswer(programme="tiny", question="问", answer="答", clause="一", clause_hash="0" * 64)
    told.approved_at = row.created_at
    db.session.add(told)
    photo = world.pages(app_id)[0].id
    db.session.commit()
    told_id = told.id
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    page = enter("office", **options)
    one = f"/office/applications/{app_id}"
    paths = [
        *("/office/applications", "/office/applications?category=skilled", "/office/applications/search", one),
        *(f"{one}/{action}" for action in ("return", "approve", "decline", "reroute", "reveal/field:mobile")),
        *(
            f"/office/pages/{photo}",
            f"/office/pages/{photo}/full",
            "/office/enquiries",
            f"/office/enquiries/{asked}",
            "/office/answers?state=aside",
            f"/office/answers/{told_id}",
            "/office/workbooks",
        ),
        *(
            "/office/programme",
            "/office/rounds",
            "/office/audit",
            "/office/help",
            "/office/figures",
            "/office/staff",
            "/office/applications/nothing",
        ),
    ]
    for path in paths:
        page.goto(f"{address}{path}{'&' if '?' in path else '?'}lang={lang}")
        clean(page, path)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    reviewer = enter("east", **options)
    for path in (one, f"{one}/unit-fields", "/office/applications?unfilled=1"):
        reviewer.goto(f"{address}{path}{'&' if '?' in path else '?'}lang={lang}")
        clean(reviewer, path)
    admin = enter("admin", **options)
    for path in ("staff", "staff/new", "letters", "work", "health", "files"):
        admin.goto(f"{address}/office/{path}?lang={lang}")
        clean(admin, path)


def test_a_reviewer_works_by_keyboard(world, enter, address, clock):
    first = world.applied("east", "先来的")
    clock.advance(minutes=1)
    world.applied("east", "后来的")
    page = enter("east")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    for name, key in (("先来的", "j"), ("后来的", "k"), ("先来的", "r")):
        expect(page.locator("h1")).to_contain_text(name)
        page.wait_for_load_state()  # the keys are there once the script has run
        page.keyboard.press(key)
    reason = page.locator("[name='reason:document:card']")
    reason.fill("照片没有拍全")
    expect(page.locator("[name=item][value='document:card']")).to_be_checked()
    page.goto(f"{address}/office/applications")  # left without sending …
    page.goto(f"{address}/office/applications/{first}/return")
    expect(reason).to_have_value("照片没有拍全")  # … and it is still there
    expect(page.locator("[name=item]:checked")).to_have_count(1)
    page.get_by_role("button", name="退回勾选的项目").click()
    expect(page.get_by_role("status").first).to_contain_text("已退回 1 项")
    assert world.application(first).returned_keys == ["document:card"]


def test_who_comes_back_to_the_list_goes_on_from_the_row_that_was_opened(world, enter, address, clock):
    for name in ("先来的", "第二个", "后来的"):
        world.applied("east", name)
        clock.advance(minutes=1)
    page = enter("east")
    for _ in range(2):
        page.keyboard.press("j")
    for key in ("Enter", "s", "u", "u"):
        with page.expect_navigation():
            page.keyboard.press(key)
        page.wait_for_load_state()
    row = page.locator("[data-row]:has(:focus)")
    expect(row).to_contain_text("第二个")
    page.keyboard.press("j")
    expect(row).to_contain_text("后来的")


def test_a_reveal_happens_in_its_place(world, enter, address):
    number = world.number()
    app_id = world.applied("east", id_number=number)
    page = enter("east")
    page.goto(f"{address}/office/applications/{app_id}")
    expect(page.get_by_text(number)).to_have_count(0)
    page.locator("a.reveal").first.click()
    field = page.locator(".reveal-form [name=reason]")
    expect(field).to_be_focused()
    field.fill("看")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("理由太短")
    page.locator(".reveal-form [name=reason]").fill("与身份证照片核对")
    page.locator(".reveal-form [name=reason]").press("Enter")
    expect(page.locator(".revealed")).to_have_text(number)
    assert number not in page.url


@pytest.mark.parametrize("scripts", [True, False])
def test_a_unit_fills_in_about_a_person_and_goes_on(world, enter, address, clock, scripts):
    first = world.applied("east", "先来的")
    clock.advance(minutes=1)
    second = world.applied("east", "后来的")
    page = enter("east", java_script_enabled=scripts)
    page.goto(f"{address}/office/applications/{first}")
    page.get_by_label("优良").check()
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("还缺 1 项")).to_have_count(1)
    expect(page.get_by_label("优良")).to_be_checked()
    page.get_by_label("评语").fill("踏实")
    page.get_by_role("button", name="保存并看下一份").click()
    page.wait_for_url(lambda url: second in url)
    expect(page.get_by_label("评语")).to_have_value("")
    page.goto(f"{address}/office/applications/{first}")
    expect(page.get_by_text("已填齐")).to_have_count(1)
    expect(page.get_by_label("评语")).to_have_value("踏实")


def test_a_question_is_taken_in_place_and_answered(world, enter, address):
    asked = enquiries.ask(db.session, programme="tiny", question="公章盖在哪里？", effect="q").id
    db.session.commit()
    page = enter("answerer")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="我来答复").click()
    expect(page.locator("#taken")).to_contain_text("正在答复")
    page.get_by_label("答复（发到").fill("盖在采集表的审核意见栏。")
    page.get_by_role("button", name="发送答复").click()
    expect(page.get_by_role("status").first).to_contain_text("答复已发出")
    db.session.rollback()
    assert db.session.get(Enquiry, asked).answer == "盖在采集表的审核意见栏。"


def test_without_javascript_everything_is_still_there(world, enter, address):
    app_id = world.applied("east")
    page = enter("east", java_script_enabled=False)
    page.goto(f"{address}/office/applications/{app_id}")
    page.locator("a.reveal").last.click()
    page.get_by_label("查看理由").fill("电话联系本人补正")
    page.get_by_role("button", name="查看").click()
    expect(page.locator(".revealed")).to_have_text("13900001234")
    page.goto(f"{address}/office/applications/{app_id}/approve")
    page.get_by_label("审核意见").fill("同意")
    page.get_by_role("button", name="确认通过").click()
    expect(page.get_by_role("status").first).to_contain_text("已通过")
    assert world.application(app_id).status == "approved"


@pytest.mark.parametrize(("scheme", "lang", "width"), [("light", "zh", 1280), ("dark", "en", 800)])
def test_an_official_table_is_uploaded_and_put_in_use(world, enter, address, tmp_path, scheme, lang, width):
    slots = official_columns.slots(load_pack("tiny"), "summary")
    file = tmp_path / "人才汇总表.xlsx"
    file.write_bytes(office_table([(slot.group, slot.header) for slot in slots]))
    page = enter("office", color_scheme=scheme, viewport={"width": width, "height": 800})
    page.goto(f"{address}/office/templates?lang={lang}")
    clean(page, "list")
    page.locator("input[type=file]").first.set_input_files(file)
    page.locator("form[enctype] button").first.click()
    expect(page.locator("[role=status]")).to_be_visible()
    clean(page, "reading")
    work_off("read_template", read_template)
    expect(page.locator("select[name=column-B]")).to_have_value("field:name")  # the page has asked again by itself
    clean(page, "columns")
    page.locator("select[name=column-C]").select_option("")
    page.locator(".submit-bar button").click()
    expect(page.locator("[role=status]")).to_be_visible()
    work_off("try_template", try_template)
    expect(page.locator("a[download]")).to_be_visible()
    expect(page.locator("select[name=column-C]")).to_have_value("")
    clean(page, "tried")
    page.locator("form[action$='/use'] button").click()
    expect(page.locator("input[name=use]")).to_have_count(0)
    clean(page, "in use")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize(("lang", "width"), [("zh", 1280), ("en", 800)])
def test_a_form_in_word_is_uploaded_and_put_in_use(world, enter, address, tmp_path, lang, width):
    page = enter("office", viewport={"width": width, "height": 800})
    for text, state in (("{{ 姓名 }}{{ 没有 }}", "unknown"), ("{{ 姓名 }}", "tried")):
        file = tmp_path / "申请表.docx"
        file.write_bytes(office_form(text))
        page.goto(f"{address}/office/templates?lang={lang}")
        page.locator("details summary").last.click()
        expect(page.get_by_text("{{ name }}", exact=True)).to_be_visible()
        clean(page, "list")
        page.locator("#file-forms").set_input_files(file)
        page.locator("form[enctype] button").last.click()
        work_off("read_template", read_template)
        expect(page.locator("#names")).to_be_visible()
        expect(page.locator(".alert-warning")).to_have_count(1 if state == "unknown" else 0)
        clean(page, state)
    page.locator("form[action$='/use'] button").click()
    expect(page.locator("input[name=use]")).to_have_count(0)
    clean(page, "in use")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def work_off(job, function):
    db.session.rollback()
    ident = db.session.scalar(db.select(Outbox.id).where(Outbox.job == job, Outbox.state == "pending"))
    db.session.rollback()
    function(ident)
    db.session.rollback()


@pytest.mark.parametrize(("scheme", "lang"), [("light", "zh"), ("dark", "en")])
def test_versions_are_compared_and_the_drafts_counted_by_themselves(world, enter, address, tiny_packs, scheme, lang):
    packs.publish("tiny")
    app_id = world.applied("east")
    for file, old, new in (
        ("form.toml", 'zh = "行当"', 'zh = "行业"'),
        ("form.toml", 'en = "Trade"', 'en = "Line of work"'),
        ("documents.toml", "max_pages = 3", "max_pages = 4"),
        ("programme.toml", 'version = "1"', 'version = "2"'),
    ):
        path = tiny_packs / "tiny" / file
        path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    load_pack.cache_clear()
    packs.publish("tiny")
    page = enter("office", color_scheme=scheme)
    page.goto(f"{address}/office/versions?lang={lang}")
    counted = "填写中的申报 0 份，其中 0 份与这些改动有关。" if lang == "zh" else "Drafts in flight: 0"
    expect(page.get_by_role("status")).to_contain_text(counted)
    expect(page.get_by_role("heading", name="行业" if lang == "zh" else "Line of work")).to_be_visible()
    clean(page, "versions")
    page.get_by_label("从版本" if lang == "zh" else "From version").select_option("2")
    page.get_by_label("到版本" if lang == "zh" else "To version").select_option("1")
    page.get_by_role("button", name="比较" if lang == "zh" else "Compare").click()
    expect(page.get_by_role("heading", level=2).last).to_contain_text(
        "从版本 2 到版本 1" if lang == "zh" else "From version 2"
    )
    page.goto(f"{address}/office/applications/{app_id}/reopen")
    clean(page, "reopen")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_filter_of_the_audit_takes_one_line_on_a_small_desk(world, enter, address, lang):
    page = enter("office", viewport={"width": 1280, "height": 800})
    page.goto(f"{address}/office/audit?lang={lang}&since=2026-11-01")
    ends = page.eval_on_selector_all(
        ".audit-search > div", "all => all.map(one => Math.round(one.getBoundingClientRect().bottom))"
    )
    assert len(ends) == 6 and len(set(ends)) == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_unit_with_a_long_name_leaves_the_bar_one_line(world, enter, address, lang):
    world.applied("east")
    enquiries.ask(db.session, programme="tiny", question="在哪里交？", effect="q")  # both count in the bar
    unit = world.unit("office")
    unit.name = "中共某某市委人才工作领导小组办公室（市委组织部人才工作科）"
    unit.name_en = "Office of the City Party Committee’s Leading Group for Talent (Organization Department)"
    db.session.commit()
    page = enter("office", viewport={"width": 1366, "height": 768})
    page.goto(f"{address}/office/applications?lang={lang}")
    tops = page.eval_on_selector_all(
        ".office-bar .navbar-brand, .office-who form", "all => all.map(one => one.getBoundingClientRect().bottom)"
    )
    assert abs(tops[0] - tops[1]) < 20, "beside the brand, not below it"
    cut = page.eval_on_selector("#q", "q => { q.value = q.placeholder; return q.scrollWidth > q.clientWidth; }")
    assert not cut, "what can be looked for is read to its end"
