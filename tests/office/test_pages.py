"""The staff's pages, as a signed-in person gets them."""

import re

import pytest
from sqlalchemy import select

from models.application import service
from models.application.tables import Event
from models.extensions import db
from models.office import decisions
from models.office.tables import Audit
from models.programme import loader


def text(answer, status=200):
    page = answer.get_data(as_text=True)
    assert answer.status_code == status, page[:3000]
    return page


def audited(action):
    db.session.rollback()
    return list(db.session.scalars(select(Audit).where(Audit.action == action)))


def test_the_queue_shows_the_own_units_people(world, sign_in):
    world.applied("east", "东边人")
    world.applied("west", "西边人")
    east = text(sign_in("east").get("/office/applications"))
    assert "东边人" in east and "西边人" not in east
    office = text(sign_in("office").get("/office/applications"))
    assert "东边人" in office and "西边人" in office
    assert "西边人" not in text(sign_in("other-east").get("/office/applications"))


def test_one_application_is_masked_and_shows_what_people_decide(world, sign_in):
    number = world.number()
    app_id = world.applied("east", "测试甲", id_number=number)
    page = text(sign_in("east").get(f"/office/applications/{app_id}"))
    assert number not in page and "13900001234" not in page
    assert "139****1234" in page and number[:4] in page
    assert "有突出贡献" in page and "是否突出由单位认定" in page
    assert "没有写明什么算突出" in page
    assert "某木器厂" in page and "木工" in page
    assert [a.subject for a in audited("view_application")] == [f"application:{app_id}"]


def test_a_reveal_needs_a_reason_and_is_audited(world, sign_in):
    number = world.number()
    app_id = world.applied(id_number=number)
    client = sign_in("east")
    address = f"/office/applications/{app_id}/reveal/field:id_number"
    assert number not in text(client.get(address))
    refused = text(client.post(address, data={"reason": " "}), 422)
    assert number not in refused and "请写明理由" in refused
    assert not audited("reveal")
    assert number in text(client.post(address, data={"reason": "与身份证照片核对"}))
    (line,) = audited("reveal")
    assert line.reason == "与身份证照片核对" and number not in line.subject
    part = text(client.post(address, data={"reason": "与身份证照片核对"}, headers={"HX-Request": "true"}))
    assert number in part and "<html" not in part
    assert text(client.post(f"/office/applications/{app_id}/reveal/field:name", data={"reason": "随便看看"}), 404)


def test_pictures_are_the_rebuilt_copy_and_never_cached(world, sign_in):
    app_id = world.applied()
    page_id = world.pages(app_id)[0].id
    client = sign_in("east")
    for size in ("preview", "thumb"):
        answer = client.get(f"/office/pages/{page_id}/image/{size}")
        assert answer.status_code == 200 and answer.data[:3] == b"\xff\xd8\xff"
        assert answer.headers["Cache-Control"] == "no-store, private"
        assert answer.mimetype == "image/jpeg"
    page = text(client.get(f"/office/pages/{page_id}"))
    assert "第 1 页，共 2 页" in page, page
    assert {a.subject for a in audited("view_page")} == {f"page:{page_id}"}
    page = world.pages(app_id)[0]
    page.image_key = None
    db.session.commit()
    text(client.get(f"/office/pages/{page_id}/image/preview"), 404)


def test_named_items_are_returned_with_their_reasons(world, sign_in):
    app_id = world.applied()
    client = sign_in("east")
    address = f"/office/applications/{app_id}/return"
    form = text(client.get(address))
    assert 'value="document:card"' in form and 'value="field:name"' in form
    version = world.application(app_id).version

    nothing = text(client.post(address, data={"version": version}), 422)
    assert "至少勾选一项" in nothing
    missing = client.post(
        address,
        data={"version": version, "item": ["document:card", "field:name"], "reason:field:name": "请写身份证上的姓名"},
    )
    page = text(missing, 422)
    assert "请写明理由" in page and 'value="请写身份证上的姓名"' in page
    assert len(re.findall(r'name="item"[^>]* checked', page)) == 2
    unknown = text(client.post(address, data={"version": version, "item": "field:height"}), 422)
    assert "已不在这份申报里" in unknown

    done = client.post(
        address, data={"version": version, "item": "document:card", "reason:document:card": "照片模糊，请重拍"}
    )
    assert done.status_code == 302
    application = world.application(app_id)
    assert application.status == "returned" and application.returned_keys == ["document:card"]
    event = db.session.scalars(select(Event).where(Event.type == "items_returned")).one()
    assert event.actor == f"staff:{world.staff('east').id}"


def test_a_colleague_was_faster_and_what_was_typed_stays(world, sign_in):
    app_id = world.applied()
    client = sign_in("east")
    version = world.application(app_id).version
    service.approve(app_id, world.staff("office").id, version, "同意")
    page = text(
        client.post(
            f"/office/applications/{app_id}/decline",
            data={"version": version, "clause": "一", "reason": "证书不是本人的"},
        ),
        409,
    )
    assert "已有变动" in page and "证书不是本人的" in page and "已通过" in page
    again = world.application(app_id).version
    page = text(
        client.post(f"/office/applications/{app_id}/approve", data={"version": again, "opinion": "同意上报"}), 422
    )
    assert "目前的状态不能这样办理" in page and "同意上报" in page


def test_what_a_colleague_has_settled_cannot_be_sent_again(world, sign_in):
    app_id = world.applied()
    client = sign_in("east")
    form = {"version": world.application(app_id).version, "clause": "一", "reason": "证书不是本人的"}
    decisions.return_items(world.staff("office").id, app_id, form["version"], {"document:card": "照片模糊，请重拍"})
    page = text(client.post(f"/office/applications/{app_id}/decline", data=form), 409)
    assert "不能再这样办理" in page and "再次提交" not in page
    assert "证书不是本人的" in page and "已退回，待补正" in page


@pytest.mark.parametrize(
    ("action", "data", "status"),
    [
        ("approve", {"opinion": "同意"}, "approved"),
        ("decline", {"clause": "一", "reason": "没有高级技师证书"}, "declined"),
    ],
)
def test_a_decision_is_taken(world, sign_in, action, data, status):
    app_id = world.applied()
    version = world.application(app_id).version
    client = sign_in("east")
    address = f"/office/applications/{app_id}/{action}"
    text(client.get(address))
    answer = client.post(address, data={"version": version, **data}, follow_redirects=True)
    assert answer.status_code == 200
    assert world.application(app_id).status == status


def test_declining_names_a_clause(world, sign_in):
    app_id = world.applied()
    client = sign_in("east")
    version = world.application(app_id).version
    page = text(
        client.post(f"/office/applications/{app_id}/decline", data={"version": version, "reason": "不符合要求"}), 422
    )
    assert "依据的条款" in page and "不符合要求" in page


def test_the_clauses_behind_the_verdict_come_first_and_none_is_chosen(world, sign_in):
    app_id = world.applied()
    page = text(sign_in("east").get(f"/office/applications/{app_id}/decline"))
    groups = re.findall(r'<optgroup label="([^"]+)">(.*?)</optgroup>', page)
    offered = [(label, re.findall(r'<option value="([^"]+)"', options)) for label, options in groups]
    assert offered == [("资格结论依据的条款", ["一"]), ("其他条款", ["二"])]
    assert " selected" not in "".join(options for _label, options in groups)


def test_a_unit_gives_back_to_the_office_which_assigns(world, sign_in):
    app_id = world.applied("east")
    version = world.application(app_id).version
    office, west = world.unit("office").id, world.unit("west").id
    client = sign_in("east")
    address = f"/office/applications/{app_id}/reroute"
    form = text(client.get(address))
    assert f'value="{office}"' in form and f'value="{west}"' not in form
    assert "按通知：所在县受理" in form
    data = {"version": version, "reason": "本人在西县工作"}
    text(client.post(address, data={**data, "unit": west}), 404)
    assert client.post(address, data={**data, "unit": office}).headers["Location"] == "/office/applications"
    text(client.get(f"/office/applications/{app_id}"), 404)
    version = world.application(app_id).version
    assert (
        sign_in("office").post(address, data={"version": version, "reason": "改派西县", "unit": west}).status_code
        == 302
    )
    assert world.application(app_id).unit_id == west
    text(sign_in("west").get(f"/office/applications/{app_id}"))


def test_units_to_hand_on_to_stand_under_their_kinds(world, sign_in, tiny_packs):
    routing = tiny_packs / "tiny" / "routing.toml"
    plain = routing.read_text("utf-8")
    routing.write_text(plain.replace('id = "west"', 'id = "west"\ngroup = "县"\ngroup_en = "Counties"'), "utf-8")
    loader.load_pack.cache_clear()
    app_id = world.applied("east")
    client, address = sign_in("office"), f"/office/applications/{app_id}/reroute"
    west = world.unit("west").id
    for lang, heading, name in (("zh", "县", "西县"), ("en", "Counties", "West County")):
        form = text(client.get(f"{address}?lang={lang}"))
        assert f'<optgroup label="{heading}"><option value="{west}">{name}</option></optgroup>' in form


def test_search_finds_by_receipt_name_and_id_number_within_reach(world, sign_in):
    number = world.number()
    app_id = world.applied("east", "查找某", id_number=number)
    receipt = world.application(app_id).receipt
    east, west, link = sign_in("east"), sign_in("west"), f'href="/office/applications/{app_id}"'
    for wanted in (receipt, receipt.lower(), "查找", number, number.lower()):
        assert link in text(east.post("/office/applications/search", data={"q": wanted}))
        assert link not in text(west.post("/office/applications/search", data={"q": wanted}))
    for wanted in ("%", "_", ""):
        assert link not in text(east.post("/office/applications/search", data={"q": wanted}))


def test_filters_and_pages(world, sign_in, clock, monkeypatch):
    from models.office import worklist

    monkeypatch.setattr(worklist, "PAGE_SIZE", 2)
    for n in range(3):
        world.applied("east", f"测试{n}")
        clock.advance(minutes=1)
    client = sign_in("east")
    first, second = (text(client.get(f"/office/applications?page={n}")) for n in (1, 2))
    assert "测试0" in first and "测试1" in first and "测试2" not in first
    assert "测试2" in second and "测试0" not in second
    assert "测试2" in text(client.get("/office/applications?page=99"))
    assert "测试0" in text(client.get("/office/applications?category=skilled"))
    assert "这里没有申报" in text(client.get("/office/applications?category=other"))
    assert "这里没有申报" in text(client.get("/office/applications?status=approved"))
    part = text(client.get("/office/applications", headers={"HX-Request": "true"}))
    assert "<html" not in part and "测试0" in part


def test_pages_in_english(world, sign_in):
    app_id = world.applied()
    client = sign_in("office")
    for path in ("/office/applications", f"/office/applications/{app_id}", "/office/rounds", "/office/audit"):
        page = text(client.get(path + "?lang=en"))
        assert '<html lang="en"' in page
