"""What the clerk and the person see: the list, the grid, the link, the sheet to print."""

import re

from entered_people import HEADS, entered, pasted, person, rows_of, work
from sqlalchemy import select

from models.application import queries
from models.extensions import db
from models.office import batches, confirmations
from models.office.batch_tables import Batch


def text(answer):
    return answer.get_data(as_text=True)


def test_from_the_clipboard_to_the_printed_links(world, sign_in):
    client = sign_in("east")
    assert "还没有录入的人" in text(client.get("/office/entry"))
    rows = [person(world, 1), person(world, 2, 身份证号="4.30401E+17")]
    sent = client.post("/office/entry/batches", data={"pasted": "\n".join("\t".join(row) for row in [HEADS, *rows])})
    assert sent.status_code == 302
    assert "正在读取" in text(client.get(sent.location))
    work()
    shown = text(client.get(sent.location))
    assert "号码被表格软件改坏了" in shown and "有问题 1" in re.sub("<[^>]*>", "", shown)
    batch_id = sent.location.rpartition("/")[2]
    first, second = rows_of(batch_id)
    mended = {"rows": [{"id": second.id, "version": second.version, "values": {"c2": world.number()}}]}
    told = client.post(f"{sent.location}/rows", json=mended).get_json()["rows"][0]
    assert told["state"] == "saved" and not any(cell["problem"] for cell in told["cells"].values())
    late = client.post(f"{sent.location}/rows", json=mended).get_json()["rows"][0]
    assert late["state"] == "conflict" and late["note"]
    version = db.session.scalar(select(Batch.version).where(Batch.id == batch_id))
    assert client.post(sent.location, data={"action": "enter", "version": version}).status_code == 302
    work()
    assert "已录入 2 人" in text(client.get(sent.location))
    sheet = text(client.get(f"/office/entry/sheet?batch={batch_id}"))
    assert sheet.count("<svg") == 2 and "测试1" in sheet and "4304" not in re.sub("<svg.*?</svg>", "", sheet)
    assert sign_in("west").get(f"/office/entry/sheet?batch={batch_id}").status_code == 404
    listed = text(client.get("/office/entry"))
    assert "待本人确认 2" in re.sub("<[^>]*>", "", listed)
    del first


def test_without_a_script_rows_are_saved_and_removed(world, sign_in):
    ident = pasted(world, [person(world, 1), person(world, 2)])
    client, address = sign_in("east"), f"/office/entry/batches/{ident}"
    one, two = [(row.id, row.version) for row in rows_of(ident)]
    form = {"row": [one[0], two[0]], f"v:{one[0]}": one[1], f"v:{two[0]}": two[1], f"c:{one[0]}:1": "测试乙"}
    assert client.post(address, data={**form, "action": "save"}).status_code == 302
    assert "测试乙" in text(client.get(address))
    assert (
        client.post(address, data={"row": two[0], f"v:{two[0]}": two[1], "action": f"remove:{two[0]}"}).status_code
        == 302
    )
    assert len(rows_of(ident)) == 1
    pasted_in = client.post(f"{address}/paste", json={"text": "甲\t乙\n丙", "column": "c1", "room": 9}).get_json()
    assert pasted_in == {"rows": [{"c1": "甲", "c2": "乙"}, {"c1": "丙"}]}
    refused = client.post("/office/entry/batches", data={"pasted": "  "})
    assert refused.status_code == 422 and "没有读到一个人" in text(refused)
    assert client.get("/office/entry/template").data[:2] == b"PK"


def test_from_a_file_that_is_refused_one_click_leads_to_another(world, sign_in):
    ident = batches.upload(world.staff("east"), "名单.csv", b"a,b").id
    work()
    client = sign_in("east")
    page = text(client.get(f"/office/entry/batches/{ident}"))
    assert "另存为" in page and 'href="/office/entry?new=1"' in page
    assert '<details class="entry-new" open>' in text(client.get("/office/entry?new=1"))


def test_the_link_shows_nothing_before_the_number_and_everything_after(world, visitor, sign_in):
    _ident, (app_id, _other) = entered(world)
    number = queries.view(app_id).answers["field:id_number"]
    token = confirmations.token(confirmations.of_application(app_id))
    asked = text(visitor.get(f"/c/{token}"))
    assert "测试1" not in asked and "小小" in asked
    wrong = visitor.post(f"/c/{token}", data={"last4": "0000"})
    assert wrong.status_code == 422 and "后四位不对" in text(wrong) and "测试1" not in text(wrong)
    opened = visitor.post(f"/c/{token}", data={"last4": number[-4:]})
    assert opened.location.endswith("/p/tiny/entered")
    shown = text(visitor.get(opened.location))
    assert "测试1" in shown and "木工" in shown and "同意使用身份证号" in shown
    ticket = re.search('name="_ticket" value="([^"]+)"', shown)[1]
    bare = visitor.post(opened.location, data={"_ticket": ticket, "answer": "agree"})
    assert bare.status_code == 422 and confirmations.of_application(app_id).state == "asked"
    ticked = {"_ticket": ticket, "answer": "agree", "consent:identity": "yes", "declaration:true": "yes"}
    onward = visitor.post(opened.location, data=ticked)
    assert onward.status_code == 302 and onward.location.endswith("/p/tiny/next")  # photos are still to come
    db.session.rollback()
    assert confirmations.of_application(app_id).state == "confirmed"
    person_page = text(sign_in("east").get(f"/office/entry/people/{app_id}"))
    assert "本人已确认" in person_page and "身份证" in person_page


def test_who_objects_is_asked_once_more_and_may_delete(world, visitor, sign_in):
    _ident, (app_id, _other) = entered(world)
    number = queries.view(app_id).answers["field:id_number"]
    token = confirmations.token(confirmations.of_application(app_id))
    opened = visitor.post(f"/c/{token}", data={"last4": number[-4:]})
    ticket = re.search('name="_ticket" value="([^"]+)"', text(visitor.get(opened.location)))[1]
    sure = visitor.post(opened.location, data={"_ticket": ticket, "answer": "object"})
    assert "会撤回" in text(sure) and world.application(app_id).status == "draft"
    done = visitor.post(opened.location, data={"_ticket": ticket, "answer": "object", "sure": "yes"})
    assert "已撤回" in text(done) and world.application(app_id).status == "withdrawn"
    assert "本人不同意" in text(sign_in("east").get("/office/entry"))


def test_a_signed_paper_is_shown_to_the_person(world, visitor, sign_in):
    _ident, (app_id, _other) = entered(world)
    client, address = sign_in("east"), f"/office/entry/people/{app_id}"
    assert client.post(f"{address}/paper", data={"paper": "柜"}).status_code == 422
    done = client.post(f"{address}/paper", data={"paper": "人事科第三柜", "consent": "consent:identity"})
    assert done.status_code == 302
    assert "人事科第三柜" in text(client.get(address))
    assert client.post(f"{address}/hand-in").status_code == 409  # not complete
    assert client.post(f"{address}/renew").status_code == 302
    number = queries.view(app_id).answers["field:id_number"]
    token = confirmations.token(confirmations.of_application(app_id))
    opened = visitor.post(f"/c/{token}", data={"last4": number[-4:]})
    for path in (opened.location, "/p/tiny/status", "/p/tiny/held"):
        shown = text(visitor.get(path))
        assert "人事科第三柜" in shown and "您已在纸上签字同意" in shown, path
    assert f"{world.unit('east').name}开始代为填写" in text(visitor.get("/p/tiny/status"))


def test_a_link_that_is_nobodys_or_over_says_so(world, visitor, clock):
    _ident, (app_id, _other) = entered(world)
    token = confirmations.token(confirmations.of_application(app_id))
    assert visitor.get("/c/nonsense").status_code == 404
    clock.advance(days=confirmations.LINK_DAYS)
    assert visitor.get(f"/c/{token}").status_code == 410
