"""One person, from the first hello in chat to the approval, through real processes and a real browser.

Start in chat, send a photo, go on in the browser, hand in, get one document back, send it again in chat, be approved;
and read each step by 「进度」.
"""

import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from browsing import DESK, chromium, follow, open_context, violations
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page
from serving import free_port, serving
from waiting import wait_for

from models.programme import idnumber

PACK = "hengyang-2015"
CERTIFICATE = "国家职业资格证书（一级）"
ID_NUMBER = idnumber.make("430405", date(1974, 5, 6), 17)  # an invented person

# What the person says to each question of the chat, known by words of the question.
SAYS = (
    ("同意使用", "1"),
    ("同意把材料交给", "1"),
    ("哪些说的是您", "3"),
    ("住在衡阳市吗", "是"),
    ("最高是几级", "６"),
    ("以外的地方工作吗", "不是"),
    ("哪一类单位", "2"),
    ("政治面貌", "群众"),
    ("哪个县市区或园区", "白沙园区"),
    ("符合申报条件", "1"),
    ("姓名", "钟试用"),
    ("身份证号码", ID_NUMBER),
    ("性别", "男"),
    ("民族", "汉族"),
    ("出生年月日", "1974年5月6日"),
    ("籍贯", "湖南衡阳"),
    ("参加工作时间", "1995.7"),
    ("毕业院校", "衡阳技师学院"),
    ("所学专业", "数控加工"),
    ("学历", "大专"),
    ("学位", "无学位"),
    ("领导职务", "跳过"),
    ("现工作单位", "白沙示例机械厂"),
    ("联系电话", "13900000000"),
    ("有要填的吗", "没有"),
    ("职业类别", "机械制造加工人员"),
    ("起始时间", "1995.7"),
    ("终止时间", "至今"),
    ("工作单位及职务", "白沙示例机械厂 车间主任"),
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    with serving(tmp_path_factory.mktemp("story") / "data", port):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def photo(folder: Path, title: str, size: tuple[int, int] = (1400, 1000)) -> Path:
    """A sharp, bright, drawn document."""
    image = Image.new("RGB", size, "#f4f1e8")
    draw = ImageDraw.Draw(image)
    for y in range(60, size[1] - 60, 26):
        for x in range(60, size[0] - 60, 44):
            draw.rectangle((x, y, x + 26, y + 12), fill="#1d1d1d" if (x * 7 + y * 3) % 5 else "#8a2b2b")
    draw.text((80, 20), f"SAMPLE {title}", fill="#000000", font_size=32)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=88)
    path = folder / f"{title}.jpg"
    path.write_bytes(buffer.getvalue())
    return path


class Chat:
    """The person's chat window."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.page: Page = context.new_page()
        self.page.goto(f"{base}/chat/{PACK}")

    def said(self) -> str:
        """The whole log."""
        return self.page.locator("#log").inner_text()

    def bubbles(self) -> list[str]:
        """What we said, message by message."""
        return self.page.locator("#said li.us .bubble").all_inner_texts()

    def latest(self) -> str:
        """Our last message."""
        return self.bubbles()[-1]

    def _answer_after(self, said: int) -> str:
        """What follows our own message in the log, once it has been answered. News may come in between by itself, so
        the count of bubbles says nothing."""
        answered = self.page.locator("#said li.you:not(.waiting)")
        wait_for(lambda: answered.count() > said, lambda: f"no answer: {self.said()[-600:]}")
        return "\n".join(answered.last.locator("xpath=following-sibling::li").all_inner_texts())

    def _own(self) -> int:
        return self.page.locator("#said li.you:not(.waiting)").count()

    def say(self, text: str) -> str:
        """Type and send; what came back."""
        before = self._own()
        self.page.fill("#text", text)
        self.page.click("button.send")
        return self._answer_after(before)

    def send_photo(self, path: Path) -> str:
        """Choose a photo; what came back."""
        before = self._own()
        self.page.set_input_files("#photo", path)
        return self._answer_after(before)

    def wait_for(self, words: str, times: int = 1) -> str:
        """Until `words` have come (so many `times` in all)."""
        return wait_for(
            lambda: (said := self.said()).count(words) >= times and said, lambda: f"{words!r}: {self.said()[-800:]}"
        )


def answer_for(bubble: str) -> str | None:
    """What to say to the question in the latest bubble: its first line is the question's label."""
    for line in bubble.splitlines():
        for words, answer in SAYS:
            if words in line:
                return answer
    return None


def fill_in_chat(chat: Chat, until: str) -> None:
    """Answer what the chat asks until `until` is asked."""
    for _ in range(60):
        bubble = chat.latest()
        if until in bubble:
            return
        if "再添一条" in bubble:
            chat.say("完成")
        else:
            chat.say(answer_for(bubble) or "跳过")
    raise AssertionError(f"{until!r} was never asked: {chat.said()[-1500:]}")


def upload(page: Page, document: str, *photos: Path) -> None:
    """From the task list into one document, and its pages at once."""
    follow(page, page.get_by_role("link", name=document, exact=True))
    page.set_input_files("#photo", photos)
    page.locator(f"#pages li:nth-child({len(photos)})").wait_for()
    page.locator(".uploads li").first.wait_for(state="detached")
    assert page.locator("#pages li").count() == len(photos)


def staff(browser: Browser, base: str, receipt: str) -> Page:
    """The unit's reviewer, logged in with the demo account."""
    page = open_context(browser, viewport=DESK).new_page()
    page.goto(f"{base}/office/")
    page.fill("#identity", "shenhe-hengyang")
    page.fill("#password", "Shenhe-2026-demo")
    follow(page, page.get_by_role("button", name="登录"))
    follow(page, page.get_by_role("link", name=receipt))
    return page


def test_from_the_first_hello_to_the_approval(base: str, browser: Browser, tmp_path: Path) -> None:
    phone = open_context(browser)
    chat = Chat(phone, base)
    assert violations(chat.page) == []

    # in chat: who may apply, the form, the first photo
    fill_in_chat(chat, "请发照片：本人证件照")
    assert "证件照" in chat.send_photo(photo(tmp_path, "portrait", (900, 1200)))
    chat.wait_for("「本人证件照」第 1 页已经收好。我们的程序没有看出人脸")  # what is drawn here is no face
    assert "离截止" in chat.say("进度")
    link = re.search(r"http://\S+/h/\S+", chat.say("网页"))
    assert link, "no link into the browser"

    # the same draft in the browser
    web = phone.new_page()
    web.goto(link.group())  # followed from outside, it says which application it opens, and asks
    assert violations(web) == []
    follow(web, web.get_by_role("button", name="是我的，继续"))
    assert "/h/" not in web.url, "the token must not stay in the address"
    web.goto(f"{base}/p/{PACK}/tasks")
    assert violations(web) == []
    upload(web, "身份证", photo(tmp_path, "front"), photo(tmp_path, "back", (1500, 1000)))
    web.goto(f"{base}/p/{PACK}/tasks")
    upload(web, CERTIFICATE, photo(tmp_path, "certificate", (1300, 950)))
    for verdict in ("「身份证」第 1 页", "「身份证」第 2 页", f"「{CERTIFICATE}」第 1 页"):
        chat.wait_for(f"{verdict}清楚可用")  # what was sent in the browser is told in the chat too
    web.goto(f"{base}/p/{PACK}/check")
    assert "钟试用" in web.inner_text("main")
    assert violations(web) == []
    follow(web, web.get_by_role("link", name="核对无误，去提交"))
    for box in web.get_by_role("checkbox").all():
        assert not box.is_checked(), "nothing is ticked beforehand"
        box.check()
    follow(web, web.get_by_role("button", name="提交申报"))
    web.get_by_role("heading", name="已提交").wait_for()
    receipt = web.inner_text(".number")
    heard = chat.say("进度")
    assert receipt in heard and "已提交" in heard

    # the unit returns one document
    office = staff(browser, base, receipt)
    assert ID_NUMBER not in office.content(), "masked by default"
    assert violations(office) == []
    application = office.url.partition("?")[0]  # without the queue that it was opened from
    office.goto(f"{application}/return")
    office.get_by_label(CERTIFICATE, exact=True).check()
    office.get_by_label(f"退回「{CERTIFICATE}」的理由").fill("印章看不清，请重拍")
    follow(office, office.get_by_role("button", name="退回勾选的项目"))
    chat.wait_for("印章看不清，请重拍")
    assert "请您修改" in chat.say("进度")

    # only that is sent again, in chat
    fill_in_chat(chat, CERTIFICATE)
    chat.send_photo(photo(tmp_path, "certificate-again", (1320, 960)))
    chat.wait_for(f"「{CERTIFICATE}」第 1 页清楚可用", times=2)
    chat.say("发完了")
    assert f"已重新提交，申报编号不变：{receipt}" in chat.say("提交")

    # approved
    office.goto(f"{application}/approve")
    office.fill("#opinion", "材料属实，同意入库。")
    follow(office, office.get_by_role("button", name="确认通过"))
    chat.wait_for("通过")
    assert "通过" in chat.say("进度")
    web.goto(f"{base}/p/{PACK}/status")
    assert "通过" in web.inner_text("main")
    assert violations(web) == []
