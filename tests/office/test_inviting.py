"""Accounts as people get them: invited, moved, disabled, and helped back in after a forgotten password."""

import re

import pytest
from sqlalchemy import select

from models.errors import Conflict, InvalidAnswer, NotFound
from models.extensions import db
from models.office import (
    account_facts,
    accounts,
    assignments,
    enquiries,
    entering,
    letters,
    links,
    scope,
    scope_accounts,
)
from models.office.edition_tables import Letter, OfficeLink
from models.office.review_tables import Assignment
from models.office.tables import Audit, Enquiry, Staff
from models.unit_of_work import unit_of_work

PASSWORD = "long-enough-for-tests"
NEW = {"username": "zhang.san", "display_name": "张三", "password": PASSWORD, "again": PASSWORD}


def mails(app, **more):
    app.config["BOLE"] = app.config["BOLE"].model_copy(update={"smtp_host": "mail.example", **more})


def invited(world, by="admin", unit="east", roles=("reviewer",), **more):
    member, made = accounts.invite(world.staff(by), unit_id=world.unit(unit).id, roles=roles, **more)
    return member.id, made.url.partition("8000")[2]


def as_is(member, **change):
    """What the form of an account sends that is left as it is, but for `change`."""
    now = {"unit_id": member.unit_id, "roles": tuple(role.name for role in member.roles), "name": member.display_name}
    now |= {"email": accounts.address_of(member), "seen": accounts.fingerprint(member)}
    return accounts.Wanted(**{**now, **change})


def actions(*wanted):
    return list(db.session.scalars(select(Audit.action).where(Audit.action.in_(wanted)).order_by(Audit.seq)))


def test_without_a_mail_server_the_link_is_shown_once_and_opens_the_account_once(world, sign_in, visitor):
    admin = sign_in("admin")
    data = {"email": "Zhang.San@danwei.example", "unit": world.unit("east").id, "role": ["reviewer", "answerer"]}
    made = admin.post("/office/staff/new", data=data)
    assert made.status_code == 302
    shown = admin.get(made.location).get_data(as_text=True)
    path = re.search(r"(/office/l/\w{64})\"", shown)[1]
    assert path not in admin.get(made.location, follow_redirects=True).get_data(as_text=True)
    letter = db.session.scalars(select(Letter)).one()
    assert letters.read(letter).to == "zhang.san@danwei.example"
    assert path not in admin.get(f"/office/letters/{letter.id}").get_data(as_text=True), "nor by way of the letter"

    answer = visitor.get(path)
    assert answer.location == "/office/welcome" and visitor.get(answer.location).status_code == 200
    page = visitor.get("/office/welcome").get_data(as_text=True)
    assert "东县" in page and "单位审核、答疑" in page and 'value="zhang.san"' in page and path not in page
    assert visitor.post("/office/welcome", data=NEW).location == "/office/login"
    assert visitor.post("/office/login", data={"identity": "zhang.san", "password": PASSWORD}).status_code == 302
    assert visitor.get("/office/applications").status_code == 200

    assert visitor.get(path).location == "/office/welcome"
    assert visitor.post("/office/welcome", data={**NEW, "username": "li.si"}).status_code == 410
    assert actions("invite_staff", "accept_invitation") == ["invite_staff", "accept_invitation"]


def test_with_a_mail_server_the_link_is_in_the_letter_alone(world, sign_in, app):
    mails(app)
    admin = sign_in("admin")
    data = {"email": "zhang@danwei.example", "unit": world.unit("east").id, "role": "reviewer"}
    shown = admin.post("/office/staff/new", data=data, follow_redirects=True).get_data(as_text=True)
    assert "zhang@danwei.example" in shown and "/office/l/" not in shown
    words = letters.read(db.session.scalars(select(Letter)).one())
    assert re.search(r"/office/l/\w{64}", words.body) and "只能用一次" in words.body
    without = admin.post("/office/staff/new", data={**data, "email": ""}, follow_redirects=True).get_data(as_text=True)
    assert re.search(r"/office/l/\w{64}", without), "who has no address gets it by hand"


def test_units_are_offered_by_their_names_in_the_pages_language(world, sign_in):
    admin = sign_in("admin")
    assert "东县</option>" in admin.get("/office/staff/new").get_data(as_text=True)
    assert "East County</option>" in admin.get("/office/staff/new?lang=en").get_data(as_text=True)


def test_what_will_not_do_is_said_and_uses_nothing_up(world, visitor):
    _id, path = invited(world)
    visitor.get(path)
    for wrong, told in (
        ({"again": "something-else"}, "两次输入的密码不一样"),
        ({"password": "short", "again": "short"}, "密码至少 10 位"),
        ({"password": "12341234123", "again": "12341234123"}, "太容易猜到"),
        ({"password": "My.Zhang.San-1", "again": "My.Zhang.San-1"}, "太容易猜到"),
        ({"username": "EAST"}, "已有人使用"),
        ({"username": "1a"}, "用户名要以小写字母开头"),
        ({"display_name": " "}, "请填写姓名"),
    ):
        page = visitor.post("/office/welcome", data={**NEW, **wrong})
        assert page.status_code == 422 and told in page.get_data(as_text=True), wrong
        assert "short" not in page.get_data(as_text=True).replace("shortcut", "")
    assert visitor.post("/office/welcome", data=NEW).status_code == 302


def test_an_invitation_ends_and_can_be_sent_again(world, visitor, sign_in, clock, app):
    member_id, path = invited(world)
    clock.advance(hours=app.config["BOLE"].link_hours)
    visitor.get(path)
    assert visitor.get("/office/welcome").status_code == 410
    admin = sign_in("admin")
    assert "邀请已过期" in admin.get("/office/staff").get_data(as_text=True)
    shown = admin.post(f"/office/staff/{member_id}/invite", follow_redirects=True).get_data(as_text=True)
    again = re.search(r"(/office/l/\w{64})\"", shown)[1]
    visitor.get(again)
    assert visitor.post("/office/welcome", data=NEW).status_code == 302
    late = admin.post(f"/office/staff/{member_id}/invite", follow_redirects=True).get_data(as_text=True)
    assert "本人已经接受邀请" in late


def test_sending_again_and_taking_back_end_the_link_before(world, visitor, sign_in):
    member_id, first = invited(world, email="zhang@danwei.example")
    second = accounts.invite_again(world.staff("admin"), member_id).url.partition("8000")[2]
    visitor.get(first)
    assert visitor.get("/office/welcome").status_code != 200
    visitor.get(second)
    assert visitor.get("/office/welcome").status_code == 200
    admin = sign_in("admin")
    assert admin.post(f"/office/staff/{member_id}/take-back").location == "/office/staff"
    listed = admin.get("/office/letters?state=withdrawn").get_data(as_text=True)
    assert listed.count('">已撤回，没有发送</span>') == 2, "both letters stay in the list"
    assert visitor.get("/office/welcome").status_code == 410
    assert visitor.post("/office/welcome", data=NEW).status_code == 410
    assert db.session.get(Staff, member_id) is None and actions("uninvite_staff") == ["uninvite_staff"]


def test_who_was_invited_cannot_sign_in_before_they_have_come(world, visitor):
    invited(world, email="zhang@danwei.example")
    for password in ("", PASSWORD, "None"):
        page = visitor.post("/office/login", data={"identity": "zhang@danwei.example", "password": password})
        assert page.status_code == 200


def test_of_two_with_one_link_one_has_it(persistent_world):
    world = persistent_world
    _id, path = invited(world)
    token = path.rpartition("/")[2]
    entering.accept(token, "first", "甲", PASSWORD)
    with pytest.raises(Conflict):
        entering.accept(token, "second", "乙", PASSWORD)
    with pytest.raises(Conflict):
        entering.choose_password(token, PASSWORD)
    assert world.staff("first").active and world.staff("second") is None


def test_a_link_of_one_kind_opens_nothing_of_the_other(world):
    member_id, path = invited(world)
    with pytest.raises(Conflict):
        entering.choose_password(path.rpartition("/")[2], PASSWORD)
    made = accounts.reset_link(world.staff("admin"), world.staff("west").id)
    token = made.url.rpartition("/")[2]
    with pytest.raises(Conflict):
        entering.accept(token, "somebody", "甲", PASSWORD)
    assert world.staff("west").password == world.staff("east").password, "and west's password is as it was"
    assert db.session.get(Staff, member_id).password is None


def test_a_link_to_a_page_of_work_is_no_way_in(world, visitor):
    with unit_of_work() as session:
        made = links.make(session, links.WORKBOOK, staff_id=world.staff("east").id)
    token = made.url.rpartition("/")[2]
    assert entering.look(token) is None
    with pytest.raises(Conflict):
        entering.choose_password(token, PASSWORD)
    assert visitor.get(f"/office/l/{token}").location.startswith("/office/login")


def test_a_link_opened_where_somebody_else_is_signed_in_says_so_and_ends_that_session(world, sign_in):
    _id, path = invited(world)
    west = sign_in("west")
    west.get(path)
    assert "west 同志" in west.get("/office/welcome").get_data(as_text=True)
    assert west.post("/office/welcome", data=NEW).status_code == 302
    assert west.get("/office/applications").status_code == 302
    assert world.staff("west").username == "west" and world.staff("zhang.san").display_name == "张三"


def test_a_new_password_ends_the_sessions_and_the_old_password(world, sign_in, visitor):
    east, admin = sign_in("east"), sign_in("admin")
    member_id = world.staff("east").id
    shown = admin.post(f"/office/staff/{member_id}/password", follow_redirects=True).get_data(as_text=True)
    assert east.get("/office/applications").status_code == 200, "nothing has changed until the person comes"
    visitor.get(re.search(r"(/office/l/\w{64})\"", shown)[1])
    other = {"password": "another-long-password", "again": "another-long-password"}
    assert visitor.post("/office/welcome", data=other).status_code == 302
    assert east.get("/office/applications").status_code == 302
    for password, status in ((PASSWORD, 200), ("another-long-password", 302)):
        assert visitor.post("/office/login", data={"identity": "east", "password": password}).status_code == status
    assert actions("reset_link", "set_password") == ["reset_link", "set_password"]


def test_who_forgot_gets_a_letter_and_whoever_asks_learns_nothing(world, visitor, app, clock):
    assert "请找本单位或办公室的管理员" in visitor.get("/office/forgot").get_data(as_text=True)
    mails(app)
    world.staff("east").email = "east@danwei.example"
    world.staff("west").email = "west@danwei.example"
    world.staff("west").active = False
    db.session.commit()
    said = set()
    for identity in ("east", "West", "office", "nobody", " "):
        page = visitor.post("/office/forgot", data={"identity": identity}, follow_redirects=True)
        said.add(re.search(r'role="status">([^<]+)', page.get_data(as_text=True))[1])
    assert len(said) == 1
    letter = db.session.scalars(select(Letter)).one()
    assert letters.read(letter).to == "east@danwei.example" and letter.kind == "password"
    for _ in range(5):
        visitor.post("/office/forgot", data={"identity": "EAST"})
    assert len(db.session.scalars(select(Letter)).all()) == 3
    assert len(db.session.scalars(select(OfficeLink)).all()) == 1, "only the last of them works"
    clock.advance(minutes=16)
    visitor.post("/office/forgot", data={"identity": "east"})
    assert len(db.session.scalars(select(Letter)).all()) == 4


def test_moving_puts_what_lies_with_a_person_back_into_the_queue(persistent_world):
    world = persistent_world
    app_id = world.applied("east")
    with unit_of_work() as session:
        assignments.work(session, world.staff("east"), world.application(app_id))
        question = enquiries.ask(session, programme="tiny", question="？", effect="q", application_id=app_id)
    enquiries.take(world.staff("east"), question.id, question.version)
    east, west = world.staff("east"), world.unit("west")
    assert account_facts.having(east) == account_facts.Having(1, 1)
    assert accounts.change(world.staff("admin"), east.id, as_is(east, unit_id=west.id))
    assert db.session.scalars(select(Assignment)).all() == []
    waiting = db.session.get(Enquiry, question.id, populate_existing=True)
    assert (waiting.state, waiting.taken_by) == ("open", None)
    assert actions("move_staff", "set_roles") == ["move_staff"]
    assert world.staff("east").unit_id == west.id


def test_another_role_alone_takes_nothing_away_and_one_less_does(world):
    admin, east = world.staff("admin"), world.staff("east")
    unit_id = east.unit_id

    def to(*roles):
        member = world.staff("east")
        return accounts.change(world.staff("admin"), member.id, as_is(member, unit_id=unit_id, roles=roles))

    assert not to("reviewer", "answerer")
    assert to("answerer")
    assert actions("move_staff", "set_roles") == ["set_roles"] * 2
    assert scope.roles(world.staff("east")) == {"answerer"} and admin.active


def test_who_was_second_is_told_and_what_was_typed_stays(world, sign_in):
    member_id = world.staff("east").id
    admin = sign_in("admin")
    seen = accounts.fingerprint(world.staff("east"))
    data = {"seen": seen, "unit": world.unit("west").id, "role": "reviewer", "display_name": "东同志"}
    assert admin.post(f"/office/staff/{member_id}", data=data).status_code == 302
    late = admin.post(f"/office/staff/{member_id}", data={**data, "display_name": "另一个名字"})
    page = late.get_data(as_text=True)
    assert late.status_code == 422 and "刚被别人改过" in page and "另一个名字" in page


def test_disabling_ends_links_as_well(world):
    admin, west = world.staff("admin"), world.staff("west")
    token = accounts.reset_link(admin, west.id).url.rpartition("/")[2]
    accounts.set_active(world.staff("admin"), world.staff("west").id, False)
    assert entering.look(token) is None
    with pytest.raises(Conflict):
        accounts.reset_link(world.staff("admin"), world.staff("west").id)
    accounts.set_active(world.staff("admin"), world.staff("west").id, True)
    assert world.staff("west").active


def test_nobody_disables_or_moves_themselves_so_the_last_administrator_stays(world):
    admin = world.staff("admin")
    with pytest.raises(Conflict):
        accounts.set_active(admin, admin.id, False)
    for change in ({"roles": ("office",)}, {"unit_id": world.unit("east").id}):
        admin = world.staff("admin")
        with pytest.raises(Conflict):
            accounts.change(admin, admin.id, as_is(admin, **change))
    admin = world.staff("admin")
    accounts.change(admin, admin.id, as_is(admin, name="老管理员"))
    assert world.staff("admin").display_name == "老管理员"


def test_who_has_just_been_disabled_disables_nobody(world):
    second, _made = accounts.invite(world.staff("admin"), unit_id=world.unit("office").id, roles=("admin",))
    entering.accept(_made.url.rpartition("/")[2], "second", "第二位", PASSWORD)
    held = world.staff("second")
    assert scope.roles(held) == {"admin"}
    accounts.set_active(world.staff("admin"), second.id, False)
    with pytest.raises(NotFound):
        accounts.set_active(held, world.staff("admin").id, False)
    assert world.staff("admin").active


def test_a_units_administrator_reaches_their_own_people_only(world, sign_in):
    keeper = sign_in("keeper")
    listed = keeper.get("/office/staff").get_data(as_text=True)
    assert "east 同志" in listed
    for who in ("west", "office", "other-east", "admin"):
        assert f"{who} 同志" not in listed
        member_id = world.staff(who).id
        assert keeper.get(f"/office/staff/{member_id}").status_code == 404
        for act in ("", "/active", "/password", "/invite", "/take-back", "/factor"):
            answer = keeper.post(f"/office/staff/{member_id}{act}", data={"active": "0"})
            assert answer.status_code == 404, (who, act)
    assert keeper.get(f"/office/staff/{world.staff('east').id}").status_code == 200
    for unit, seen in (("east", True), ("west", False)):
        invited(world, unit=unit, email=f"{unit}@danwei.example")
        assert (f"{unit}@danwei.example" in keeper.get("/office/letters").get_data(as_text=True)) is seen


def test_a_units_administrator_keeps_nothing_of_the_programme(world, sign_in):
    keeper = sign_in("keeper")
    assert keeper.get("/office/").location == "/office/staff"
    offered = keeper.get("/office/staff").get_data(as_text=True)
    for path in ("rounds", "templates", "versions", "work", "health", "files", "figures", "applications"):
        assert keeper.get(f"/office/{path}").status_code == 403, path
        assert f'"/office/{path}"' not in offered, path
    shown = keeper.get("/office/units").get_data(as_text=True)  # the units below are for them to add to, no others
    assert world.unit("east").name in shown and world.unit("west").name not in shown


def test_nobody_gives_more_than_they_reach(world):
    def by(who, unit, roles):
        return accounts.invite(world.staff(who), unit_id=world.unit(unit).id, roles=roles)

    for who, unit, roles in (("keeper", "east", ("office",)), ("admin", "east", ("office",))):
        with pytest.raises(InvalidAnswer) as caught:
            by(who, unit, roles)
        assert caught.value.key == "office.role_for_office"
    for who, unit in (("keeper", "west"), ("keeper", "office"), ("east", "east"), ("office", "east")):
        with pytest.raises(NotFound):
            by(who, unit, ("reviewer",))
    by("keeper", "east", ("reviewer", "admin"))
    by("admin", "office", ("office", "admin"))
    for wrong, key in (((), "office.role_missing"), (("emperor",), "office.role_missing")):
        with pytest.raises(InvalidAnswer) as caught:
            by("admin", "east", wrong)
        assert caught.value.key == key


def test_who_may_do_more_than_a_unit_is_not_in_a_units_administrators_reach(world):
    from models.office.staff import create_staff

    how = {"display_name": "跨单位", "roles": ("office",), "unit_id": world.unit("east").id}
    member = create_staff(username="wide", password=PASSWORD, **how)
    with pytest.raises(NotFound):
        accounts.reset_link(world.staff("keeper"), member.id)
    assert accounts.reset_link(world.staff("admin"), member.id).expires_at


def test_an_address_has_one_account(world):
    invited(world, email="zhang@danwei.example")
    with pytest.raises(InvalidAnswer) as caught:
        invited(world, email="ZHANG@danwei.example")
    assert caught.value.key == "office.email_taken"


def test_accounts_are_found_by_parts_of_names_and_by_role(world):
    admin = world.staff("admin")

    def names(**wanted):
        return {member.username for member in db.session.scalars(scope_accounts.found(world.staff("admin"), **wanted))}

    assert names(words="eAs") == {"east"} and names(words="同志") >= {"east", "west", "office"}
    assert names(words="%") == set() and names(role="admin") == {"admin", "keeper"}
    assert names(unit_id=world.unit("west").id) == {"west"} and admin.active


def test_the_first_administrator_is_invited_from_the_console(world):
    made = accounts.invite_first("tiny", email="first@danwei.example", name="第一位")
    member = entering.accept(made.url.rpartition("/")[2], "first", "第一位", PASSWORD)
    assert scope.roles(member) == {"admin"}
    assert accounts.invite_first("nothing") is None


def test_another_address_ends_the_links_that_went_to_the_one_before(world):
    admin, east = world.staff("admin"), world.staff("east")
    token = accounts.reset_link(admin, east.id).url.rpartition("/")[2]
    accounts.change(admin, east.id, as_is(world.staff("east"), name="东"))
    assert entering.look(token) is not None
    accounts.change(admin, east.id, as_is(world.staff("east"), email="East@danwei.example"))
    assert entering.look(token) is None
    assert world.staff("east").email == "east@danwei.example" and actions("set_email") == ["set_email"]
    with pytest.raises(InvalidAnswer) as caught:
        accounts.change(admin, admin.id, as_is(world.staff("admin"), email="EAST@danwei.example"))
    assert caught.value.key == "office.email_taken"
    accounts.change(admin, east.id, as_is(world.staff("east"), email=""))
    assert accounts.address_of(world.staff("east")) == ""


def test_nobody_new_comes_into_a_closed_unit(world, clock):
    world.unit("west").closed_at = clock.now()
    db.session.commit()
    with pytest.raises(InvalidAnswer) as caught:
        invited(world, unit="west")
    assert caught.value.key == "office.unit_closed"
    with pytest.raises(InvalidAnswer):
        east = world.staff("east")
        accounts.change(world.staff("admin"), east.id, as_is(east, unit_id=world.unit("west").id))
    west = world.staff("west")
    accounts.change(world.staff("admin"), west.id, as_is(west, name="还在的人"))
    assert world.staff("west").display_name == "还在的人"


def test_forms_offer_a_closed_unit_to_nobody_new_and_name_it_where_somebody_is_in_it(world, sign_in, clock):
    west = world.unit("west")
    closed, east, still_there = f"{west.name}（已停用）", world.staff("east").id, world.staff("west").id
    west.closed_at = clock.now()
    db.session.commit()
    admin = sign_in("admin")
    for path in ("/office/staff/new", "/office/staff/many", f"/office/staff/{east}"):
        assert west.name not in admin.get(path).get_data(as_text=True), path
    for path in ("/office/staff", f"/office/staff/{still_there}"):
        assert closed in admin.get(path).get_data(as_text=True), path


def test_ones_own_password_is_changed_by_the_present_one(world, sign_in, visitor):
    east, elsewhere = sign_in("east"), sign_in("east")
    new = {"password": PASSWORD, "new": "another-long-password", "again": "another-long-password"}
    for wrong, told in (
        ({"password": "no"}, "登录密码不对"),
        ({"again": "something-else"}, "两次输入的密码不一样"),
        ({"new": "short", "again": "short"}, "密码至少 10 位"),
    ):
        page = east.post("/office/me", data={**new, **wrong})
        assert page.status_code == 422 and told in page.get_data(as_text=True)
    assert elsewhere.get("/office/me").status_code == 200
    assert east.post("/office/me", data=new).location == "/office/me"
    assert east.get("/office/me").status_code == 200 and elsewhere.get("/office/me").status_code == 302
    for password, status in ((PASSWORD, 200), (new["new"], 302)):
        assert visitor.post("/office/login", data={"identity": "east", "password": password}).status_code == status
    assert actions("set_password") == ["set_password"]
