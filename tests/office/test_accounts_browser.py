"""An account from the invitation to the second step of signing in, in a real browser."""

from browsing import PHONE, follow, open_context, violations
from passlib.totp import TOTP
from playwright.sync_api import expect

PASSWORD = "four words nobody else has"


def clean(page):
    found = violations(page)
    assert not found, (page.url, found)


def test_a_colleague_is_invited_and_comes_in_on_a_phone(world, enter, address, browser, clock):
    admin = enter("admin")
    follow(admin, admin.get_by_role("link", name="管理"))
    follow(admin, admin.get_by_role("link", name="邀请同事"))
    admin.get_by_label("邮箱").fill("xin.tongshi@danwei.example")
    admin.get_by_label("单位", exact=True).select_option(label="东县")
    admin.get_by_label("单位审核").check()
    follow(admin, admin.get_by_role("button", name="邀请"))
    clean(admin)
    link = admin.locator("#link").input_value()
    follow(admin, admin.get_by_role("link", name="已经交给本人，返回"))
    expect(admin.locator("h1")).to_contain_text("已邀请")
    clean(admin)

    phone = open_context(browser, viewport=PHONE).new_page()
    phone.goto(address + "/office/l/" + link.rpartition("/")[2])
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert link.rpartition("/")[2] not in phone.url
    clean(phone)
    phone.get_by_label("您的姓名").fill("新同志")
    phone.get_by_label("密码", exact=True).fill(PASSWORD)
    phone.get_by_label("再输一遍密码").fill(PASSWORD)
    follow(phone, phone.get_by_role("button", name="开通"))
    expect(phone.get_by_role("status")).to_contain_text("密码已设好")
    clean(phone)
    phone.get_by_label("用户名或邮箱").fill("xin.tongshi")
    phone.get_by_label("密码", exact=True).fill(PASSWORD)
    follow(phone, phone.get_by_role("button", name="登录"))
    expect(phone.locator("h1")).to_contain_text("申报审核")

    follow(phone, phone.get_by_role("link", name="我的账号"))
    clean(phone)
    follow(phone, phone.get_by_role("link", name="开启两步验证"))
    clean(phone)
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    phone.get_by_text("扫不了码").click()
    telephone = TOTP(key=phone.locator(".factor-key").inner_text())
    phone.get_by_label("6 位数字").fill(telephone.generate(time=clock.now().timestamp()).token)
    phone.get_by_label("您的登录密码").fill(PASSWORD)
    follow(phone, phone.get_by_role("button", name="开启两步验证"))
    expect(phone.locator(".factor-codes li")).to_have_count(10)
    spare = phone.locator(".factor-codes code").first.inner_text()
    clean(phone)
    follow(phone, phone.get_by_role("button", name="退出"))
    phone.get_by_label("用户名或邮箱").fill("xin.tongshi")
    phone.get_by_label("密码", exact=True).fill(PASSWORD)
    follow(phone, phone.get_by_role("button", name="登录"))
    clean(phone)
    clock.advance(seconds=30)
    phone.get_by_label("6 位数字").fill("123")
    follow(phone, phone.get_by_role("button", name="登录"))
    expect(phone.get_by_role("alert")).to_be_focused()
    follow(phone, phone.get_by_role("link", name="用恢复码"))
    clean(phone)
    phone.get_by_label("恢复码").fill(spare)
    follow(phone, phone.get_by_role("button", name="登录"))
    expect(phone.locator("h1")).to_contain_text("申报审核")
    phone.context.close()
