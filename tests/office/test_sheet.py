"""The sheet: differences first, masked by default, crops of what is not, and the reasons that a return would give."""

import io
import re

import pytest
from PIL import Image

from models.application import differences, queries, readings
from models.application.tables import DocumentPage, Finding
from models.documents.reading import NOT_CHECKED, UNREADABLE
from models.extensions import db
from models.office import sheets
from models.office.tables import Audit
from tests.support.readings import read


def rows(page, outcome):
    """What the rows with this outcome are about."""
    return re.findall(rf'<tr data-row class="is-{outcome}[^"]*">.*?<th scope="row">([^<]+)<', page, re.S)


def open_sheet(client, app_id):
    answer = client.get(f"/office/applications/{app_id}/sheet")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_what_agrees_is_folded_and_counted(world, sign_in):
    app_id = world.applied("east")
    world.read(app_id)
    page = open_sheet(sign_in("east"), app_id)
    assert rows(page, "agrees") == ["姓名", "身份证号码"]
    assert rows(page, "differs") == []
    assert "<summary>一致（2）</summary>" in page
    assert "读到的内容里没有不一致" in page
    assert take(page) == []


def test_a_difference_comes_first_and_is_taken_into_a_return(world, sign_in):
    app_id = world.applied("east", "测试甲")
    world.read(app_id, name="测试乙")
    page = open_sheet(sign_in("east"), app_id)
    assert rows(page, "differs") == ["姓名"]
    assert page.index("测试乙") < page.index("<summary>一致（1）")
    assert len(re.findall(r"data-take[^>]* checked", page)) == 1


def test_the_persons_own_word_is_shown_and_takes_it_out(world, sign_in):
    app_id = world.applied("east", "测试甲")
    front, _ = world.read(app_id, name="测试乙")
    differences.stand_by(app_id, front, "name")
    page = open_sheet(sign_in("east"), app_id)
    assert rows(page, "differs") == ["姓名"]
    assert "本人说填的没错" in page
    assert take(page) == []


@pytest.mark.parametrize(("reading", "outcome"), [(UNREADABLE, "unreadable"), (NOT_CHECKED, "not_checked")])
def test_what_was_not_read_is_said(world, sign_in, reading, outcome):
    app_id = world.applied("east")
    for page in world.pages(app_id):
        readings.save(db.session, page, reading, "a test")
    db.session.commit()
    number = queries.view(app_id).answers["field:id_number"]
    page = open_sheet(sign_in("east"), app_id)
    assert rows(page, outcome) == ["姓名、身份证号码"], "a paper of which nothing was read takes one row"
    assert number not in page and f"测试甲、{number[:4]}*" in page


def test_numbers_are_masked_until_a_reason_is_given(world, sign_in):
    number = world.number()
    app_id = world.applied("east", id_number=number)
    front, _ = world.read(app_id)
    client = sign_in("east")
    page = open_sheet(client, app_id)
    assert number not in page
    assert f"{number[:4]}*" in page
    assert f"/pages/{front}/crop/id_number" not in page
    assert client.get(f"/office/pages/{front}/crop/id_number").status_code == 404
    address = f"/office/pages/{front}/reading/id_number"
    assert client.post(address, data={"reason": ""}).status_code == 422
    assert number not in client.get(address).get_data(as_text=True)
    shown = client.post(address, data={"reason": "与身份证照片核对"})
    assert number in shown.get_data(as_text=True)
    assert "data:image/jpeg;base64," in shown.get_data(as_text=True)
    assert "no-store" in shown.headers["Cache-Control"]
    lines = db.session.query(Audit).filter_by(action="reveal").all()
    assert [(line.subject, line.reason) for line in lines] == [(f"page:{front}:id_number", "与身份证照片核对")]


def test_a_crop_is_cut_from_the_rebuilt_copy_and_audited(world, sign_in):
    app_id = world.applied("east")
    front, back = world.read(app_id)
    client = sign_in("east")
    answer = client.get(f"/office/pages/{front}/crop/name")
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert "no-store" in answer.headers["Cache-Control"]
    with Image.open(io.BytesIO(answer.data)) as cut:
        assert 100 < cut.width < 320 and cut.height < 60
    assert db.session.query(Audit).filter_by(action="view_page", subject=f"page:{front}").count() == 1
    for path in (f"{front}/crop/nothing", f"{back}/crop/valid_until", f"{back}/crop/name"):
        assert client.get(f"/office/pages/{path}").status_code == 404, path


def test_a_crop_without_a_place_or_a_copy_is_not_found(world, sign_in):
    app_id = world.applied("east")
    front, _ = world.read(app_id)
    db.session.get(DocumentPage, front).image_key = None
    db.session.commit()
    assert sign_in("east").get(f"/office/pages/{front}/crop/name").status_code == 404


def test_what_follows_is_worked_out(world, sign_in):
    app_id = world.applied("east")
    world.read(app_id)
    page = open_sheet(sign_in("east"), app_id)
    assert "1970年1月1日出生" in page
    assert "提交时有效，共 20 年" in page


def test_doubts_about_pages_are_shown_with_their_photo(world, sign_in):
    app_id = world.applied("east")
    front, back = world.read(app_id)
    page = db.session.get(DocumentPage, back)
    page.state, page.reason = "retake", "photo.blurred"
    first = db.session.get(DocumentPage, front)
    first.flags = [
        {"code": "finding.page_waiting", "label": {"zh": "某", "en": "x"}, "page": 1},
        {"code": "unheard.of"},
    ]
    finding = {"label": {"zh": "身份证", "en": "ID card"}}
    db.session.add(
        Finding(
            application_id=app_id,
            key="document:card",
            code="finding.expired",
            params=finding,
            clause="二",
            blocking=False,
            at=first.created_at,
        )
    )
    db.session.commit()
    text = open_sheet(sign_in("east"), app_id)
    assert "材料上的疑点（3）" in text
    assert "「身份证」第 2 页：照片模糊" in text
    assert "提交时已过有效期" in text
    assert f"/office/pages/{back}" in text


def test_the_same_photo_in_another_application_leads_there_for_who_may_see_it(world, sign_in):
    """The flag holds ids alone; another unit's application is not linked."""
    app_id, near, far = world.applied("east"), world.applied("east"), world.applied("west")
    front, _ = world.read(app_id)
    mark = {"code": "flag.same_as_elsewhere", "page": "0" * 32}
    db.session.get(DocumentPage, front).flags = [{**mark, "application": one} for one in (near, far)]
    db.session.commit()
    text = open_sheet(sign_in("east"), app_id)
    assert "材料上的疑点（2）" in text and "同一张照片也在另一个人的申报里，请核对。" in text
    assert f'href="/office/applications/{near}"' in text
    assert far not in text


def test_whoever_goes_straight_to_approving_is_told_what_the_sheet_would_show(world, sign_in):
    app_id, plain = world.applied("east"), world.applied("east")
    front, _ = world.read(app_id, name="别人")
    world.read(plain)
    db.session.get(DocumentPage, front).flags = [{"code": "flag.screen"}]
    db.session.commit()
    east, doubt = sign_in("east"), "「身份证」第 1 页：像是对着屏幕拍的，请看原件。"
    case = east.get(f"/office/applications/{app_id}").get_data(as_text=True)
    assert doubt in case and "没有发现缺漏" not in case
    assert "没有发现缺漏" in east.get(f"/office/applications/{plain}").get_data(as_text=True)
    approving = east.get(f"/office/applications/{app_id}/approve").get_data(as_text=True)
    assert doubt in approving and "与材料 1 处不一致" in approving
    assert "通过以前请看" not in east.get(f"/office/applications/{plain}/approve").get_data(as_text=True)


def take(page):
    """The rows that stand ticked."""
    return re.findall(r'name="take" value="([^"]+)" data-take[^>]* checked', page)


def test_the_return_has_the_rows_with_their_reasons(world, sign_in):
    app_id = world.applied("east", "测试甲")
    world.read(app_id, name="测试乙")
    client = sign_in("east")
    taken = take(open_sheet(client, app_id))
    page = client.get(f"/office/applications/{app_id}/return", query_string={"take": taken}).get_data(as_text=True)
    assert re.findall(r'value="(field:[a-z_]+)"[^>]* checked', page) == ["field:name"]
    reason = re.search(r'name="reason:field:name" value="([^"]+)"', page)
    assert reason is not None
    assert reason[1] == "「身份证」上的姓名和您填的不一样，请核对后改正；填的没错，请重拍「身份证」。"
    bare = client.get(f"/office/applications/{app_id}/return").get_data(as_text=True)
    assert 'name="reason:field:name" value=""' in bare
    assert not re.findall(r'value="(field:[a-z_]+)"[^>]* checked', bare)


def test_reasons_come_in_the_language_that_the_applicant_reads(world):
    app_id = world.applied("east", "测试甲")
    world.read(app_id, name="测试乙")
    view = queries.view(app_id)
    ids = [row.id for row in sheets.sheet(view, "zh").rows if row.taken]
    assert sheets.prepared(view, ids, "en") == {
        "field:name": "Name on “ID card” is not what you entered. Please correct it; if your entry is right, "
        "take a new photo of “ID card”."
    }
    assert sheets.prepared(view, [], "zh") == sheets.prepared(view, ["unheard.of"], "zh") == {}


def test_what_was_read_in_part_takes_a_row_each(world, sign_in):
    app_id = world.applied("east", "测试甲")
    front, _ = world.pages(app_id)
    readings.save(db.session, front, read("id_front", name="测试甲"), "a test")
    db.session.commit()
    page = open_sheet(sign_in("east"), app_id)
    assert (rows(page, "agrees"), rows(page, "not_checked")) == (["姓名"], ["身份证号码"])


def test_the_reasons_for_one_document_are_one_and_not_too_long(world):
    app_id = world.applied("east")
    for page in world.pages(app_id):
        readings.save(db.session, page, UNREADABLE, "a test")
    db.session.commit()
    view = queries.view(app_id)
    found = sheets.prepared(view, [row.id for row in sheets.sheet(view, "zh").rows], "zh")
    assert list(found) == ["document:card"]
    assert found["document:card"] == "「身份证」上的姓名、身份证号码看不清，请在光线好的地方平放重拍。"
    assert len(found["document:card"]) <= 300


def test_who_only_reads_has_no_way_of_deciding(world, sign_in):
    app_id = world.applied("east", "测试甲")
    world.read(app_id, name="测试乙")
    application = world.application(app_id)
    application.status = "approved"
    db.session.commit()
    page = open_sheet(sign_in("east"), app_id)
    assert "data-take" not in page and 'data-key="a"' not in page


def test_an_application_without_papers_to_read(world, sign_in):
    app_id = world.applied("east")
    for page in world.pages(app_id):
        page.document = "extra"
    db.session.commit()
    assert "没有机器能读的材料" in open_sheet(sign_in("east"), app_id)


def test_the_application_says_how_many_differ(world, sign_in):
    app_id = world.applied("east", "测试甲")
    world.read(app_id, name="测试乙")
    page = sign_in("east").get(f"/office/applications/{app_id}").get_data(as_text=True)
    assert "1 处不一致" in page
