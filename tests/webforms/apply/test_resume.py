"""Going on from another device, and what a stranger cannot do."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask, request

from models import clock as clocks
from models.application import handoff, service
from models.programme import idnumber
from webforms import access

ID_NUMBER = idnumber.make("430406", date(1970, 3, 5), 17)


def _resume(app: Flask, receipt: str, last4: str) -> Any:
    return app.test_client().post("/resume", data={"receipt": receipt, "last4": last4})


def test_a_code_alone_opens_a_draft_without_personal_data_only(person: Any, site: Flask) -> None:
    person.to_the_form()
    receipt = person.view().application.receipt
    assert _resume(site, receipt.lower().replace("-", " "), "").status_code == 302
    person.get(person.url("/s/basic"))
    person.send(person.url("/s/basic"), {"field:id_number": ID_NUMBER})
    assert _resume(site, receipt, "").status_code == 422
    assert _resume(site, receipt, "0000").status_code == 422
    assert _resume(site, receipt, ID_NUMBER[-4:].lower()).status_code == 302


def test_a_wrong_code_reads_like_a_wrong_number(site: Flask, person: Any) -> None:
    person.to_the_form()
    person.get(person.url("/s/basic"))
    person.send(person.url("/s/basic"), {"field:id_number": ID_NUMBER})
    known = _resume(site, person.view().application.receipt, "0000").get_data(as_text=True)
    unknown = _resume(site, "BL-2222-2222", "0000").get_data(as_text=True)
    sentence = "编号或身份证（护照）号最后四位不对"
    assert sentence in known and sentence in unknown


def test_guessing_is_slowed_down(site: Flask) -> None:
    answers = [_resume(site, "BL-2222-2222", f"{n:04d}").status_code for n in range(8)]
    assert answers[:5] == [422] * 5
    assert answers[-1] == 429


@pytest.mark.parametrize(("proxies", "seen"), [(0, "127.0.0.1"), (1, "203.0.113.7")])
def test_limits_are_by_the_visitors_address(make_app: Any, settings: Any, proxies: int, seen: str) -> None:
    """Behind a proxy everybody has its address; without one the header is a visitor's own invention."""
    app = make_app(settings.model_copy(update={"proxies": proxies}))
    with app.test_client() as client:
        client.get("/resume", headers={"X-Forwarded-For": "198.51.100.9, 203.0.113.7"})
        assert request.remote_addr == seen


def test_links_open_the_application_and_leave_the_address(person: Any, site: Flask) -> None:
    person.to_the_form()
    page = person.get(person.url("/keep"))
    token = page.partition("/r/")[2].partition('"')[0]
    cookie = person.client.get_cookie(access.COOKIE)
    forging = {"Host": "elsewhere.example", "Cookie": f"{access.COOKIE}={cookie.value}"}
    plain = site.test_client(use_cookies=False)
    forged = plain.get(person.url("/keep"), headers=forging).get_data(as_text=True)
    assert token in forged and "elsewhere.example" not in forged
    with site.test_request_context():
        token_of_chat = handoff.make(person.app_id)
    for path in (f"/r/{token}", f"/h/{token_of_chat}"):
        client = site.test_client()
        asked = client.get(path)
        assert asked.status_code == 200 and person.view().application.receipt in asked.get_data(as_text=True)
        assert access.COOKIE not in asked.headers.get("Set-Cookie", "")
        answer = client.post(path)
        assert answer.status_code == 302 and token not in answer.location and token_of_chat not in answer.location
        assert client.get(answer.location, follow_redirects=True).request.path.endswith("/tasks")


def test_a_strangers_link_takes_nobody_over(person: Any, site: Flask) -> None:
    """Somebody sends a link to their own application: the device keeps its own until its person says otherwise."""
    person.to_the_form()
    with site.app_context():
        stranger = service.start("hengyang-2015", "web", "zh").application
        link, code = f"/h/{handoff.make(stranger.id)}", stranger.receipt
    page = person.get(link)
    assert "这是您的申报吗？" in page and person.view().application.receipt in page and code in page
    person.get(person.url("/tasks"))
    assert person.path.endswith("/tasks"), "still one's own"
    for forged in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}, {"Origin": "null"}):
        assert person.client.post(link, headers=forged).status_code == 403
    assert person.client.get(link, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 302, "our own link"
    assert person.client.get(link).status_code == 302, "it is this device's now"


def test_another_site_cannot_post(person: Any, site: Flask) -> None:
    """With a ticket or a code of its own it would put its application into a visitor's browser."""
    person.consent()
    for path in (person.url("/save"), person.url("/start"), "/resume", "/chat/hengyang-2015"):
        for forged in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}):
            answer = site.test_client().post(path, data={"_ticket": person.ticket}, headers=forged)
            assert (path, answer.status_code) == (path, 403)


def test_forged_links_and_tickets_open_nothing(site: Flask, person: Any) -> None:
    person.consent()
    client = site.test_client()
    assert client.get("/r/nothing").status_code == 404
    assert client.get("/h/nothing").status_code == 410
    answer = client.post(person.url("/save"), data={"_ticket": person.ticket[:-2] + "xx"})
    assert answer.status_code == 302


def test_a_closed_round_says_until_when(make_app: Any, settings: Any, clock: clocks.FixedClock) -> None:
    from models.application import rounds
    from models.programme.loader import load_pack

    app = make_app(settings)
    with app.app_context():
        rounds.ensure_notice_round(load_pack("hengyang-2015"))
    client = app.test_client()
    for day, words, button in (
        (date(2015, 12, 31), "2016年1月1日开始", False),
        (date(2016, 1, 1), "2016年3月31日截止", True),
        (date(2016, 3, 31), "2016年3月31日截止", True),
        (date(2016, 4, 1), "申报已经结束", False),
    ):
        clock.set_day(day)
        page = client.get("/p/hengyang-2015").get_data(as_text=True)
        assert words in page
        assert ("/start" in page) is button
    assert client.post("/p/hengyang-2015/start").status_code == 409


def test_the_same_application_goes_on_in_chat(person: Any, site: Flask) -> None:
    person.to_the_form()
    code = person.view().application.receipt
    assert "/keep#chat" in person.get(person.url(""))
    assert "打开聊天" in person.get(person.url("/keep"))
    person.headers["Sec-Fetch-Site"] = "same-origin"
    page = person.send(person.url("/chat"))
    assert person.last.request.path == "/chat/hengyang-2015", "the token does not stay in the address"
    assert f"已接上您的申报（{code}）" in page


def test_the_way_on_says_where_it_leads(person: Any) -> None:
    person.to_the_form()
    assert ">继续填<" in person.get(person.url("/keep"))
    person.fill_everything()
    person.hand_in()
    page = person.get(person.url("/keep"))
    assert ">看进度<" in page and ">继续填<" not in page
