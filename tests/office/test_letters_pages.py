"""Letters and links as staff see them: who sees which letter, where a link leads, and when it leads nowhere."""

import re

import pytest
from sqlalchemy import select

from models.errors import InvalidAnswer
from models.extensions import db
from models.office import letters, links
from models.office.edition_tables import Letter, OfficeLink
from models.unit_of_work import unit_of_work


def made(world, unit="east", slug="tiny", hours=None, staff=None):
    with unit_of_work() as session:
        ids = {"staff_id": world.staff(staff).id} if staff else {"unit_id": world.unit(unit, slug).id}
        return links.make(session, links.WORKBOOK, hours=hours, **ids).url.partition("8000")[2]


def written(world, unit="east", slug="tiny", effect="e", state=letters.KEPT, error=""):
    with unit_of_work() as session:
        unit_id = world.unit(unit, slug).id
        link = links.make(session, links.EXPORT, unit_id=unit_id)
        letter = letters.write(session, effect, "export", to="a@b.example", unit_id=unit_id, link=link, rows=3)
        letter.state, letter.error = state, error
        return letter.id


def test_a_link_leads_to_its_page_after_signing_in_as_somebody_of_that_unit(world, visitor, sign_in):
    path = made(world)
    answer = visitor.get(path)
    assert answer.status_code == 302 and answer.location == f"/office/login?next={path}"
    for who in ("east", "office"):
        answer = sign_in(who).get(path)
        assert answer.status_code == 302 and answer.location == "/office/workbooks"
    assert db.session.scalars(select(OfficeLink.used_at)).one() is not None


@pytest.mark.parametrize("who", ["west", "other-east", "other-office", "answerer"])
def test_for_anybody_else_it_does_not_exist(world, sign_in, who):
    assert sign_in(who).get(made(world)).status_code == 404


def test_one_persons_link_is_nobody_elses(world, sign_in):
    path = made(world, staff="east")
    assert sign_in("east").get(path).status_code == 302
    assert sign_in("office").get(path).status_code == 404


def test_a_link_that_is_over_says_so_and_leads_to_where_one_signs_in(world, visitor, sign_in, clock):
    path = made(world, hours=2)
    clock.advance(hours=1, minutes=59)
    assert visitor.get(path).location == f"/office/login?next={path}"
    clock.advance(minutes=1)
    answer = visitor.get(path)
    assert answer.location == "/office/login?next=/office/"
    assert "这个链接已经过期" in visitor.get(answer.location).get_data(as_text=True)
    late = sign_in("east").get(path)
    assert late.status_code == 410 and 'href="/office/workbooks"' in late.get_data(as_text=True)


def test_a_made_up_link_is_no_link(world, visitor, sign_in):
    path = "/office/l/" + "0" * 64
    assert visitor.get(path).location == f"/office/login?next={path}"
    assert sign_in("east").get(path).status_code == 404


def test_administrators_see_their_programmes_letters_and_nobody_else_does(world, sign_in):
    ours, theirs = written(world), written(world, slug="other", effect="o")
    admin = sign_in("admin")
    page = admin.get("/office/letters").get_data(as_text=True)
    assert ours in page and theirs not in page and "只保存，没有发送" in page
    assert admin.get(f"/office/letters/{theirs}").status_code == 404
    shown = admin.get(f"/office/letters/{ours}").get_data(as_text=True)
    assert re.search(r'<a href="http://[^"]+/office/l/\w{64}">', shown) and "Auto-Submitted: auto-generated" in shown
    for who in ("east", "office"):
        assert ours not in sign_in(who).get("/office/letters").get_data(as_text=True)
        assert sign_in(who).get(f"/office/letters/{ours}").status_code == 404
    assert 'href="/office/letters"' not in sign_in("east").get("/office/workbooks").get_data(as_text=True)


def test_in_a_demo_whom_a_letter_concerns_sees_it(world, sign_in, app):
    app.config["BOLE"] = app.config["BOLE"].model_copy(update={"demo": True})
    ours, theirs = written(world), written(world, unit="west", effect="w")
    east = sign_in("east")
    page = east.get("/office/letters").get_data(as_text=True)
    assert ours in page and theirs not in page
    assert east.get(f"/office/letters/{ours}").status_code == 200
    assert east.get(f"/office/letters/{theirs}").status_code == 404


def test_a_letter_that_went_out_shows_its_link_to_nobody(world, sign_in):
    one = written(world, state=letters.SENT)
    shown = sign_in("admin").get(f"/office/letters/{one}").get_data(as_text=True)
    assert "/office/l/…" in shown and not re.search(r"/office/l/\w", shown)


def test_what_did_not_go_is_counted_told_and_sent_again(world, sign_in, app):
    app.config["BOLE"] = app.config["BOLE"].model_copy(update={"smtp_host": "mail.example"})
    one = written(world, state=letters.FAILED, error="rejected 550")
    admin = sign_in("admin")
    assert "邮件服务器拒收 550" in admin.get("/office/letters?state=failed").get_data(as_text=True)
    assert admin.post(f"/office/letters/{one}/again").status_code == 302
    assert db.session.scalars(select(Letter.state)).one() == letters.PENDING
    page = admin.post(f"/office/letters/{one}/again", follow_redirects=True).get_data(as_text=True)
    assert "已经排队发送了" in page, "somebody else was faster"


@pytest.mark.parametrize("text", ["", "a", "a@b", "a b@c.example", "甲@c.example", "a@c.example\r\nBcc: x@y.example"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(InvalidAnswer):
        letters.address(text)


def test_an_address_is_kept_as_it_was_typed():
    assert letters.address(" Ren.Shi+1@danwei.gov.cn ") == "Ren.Shi+1@danwei.gov.cn"
