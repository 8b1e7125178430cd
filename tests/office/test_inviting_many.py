"""A list of colleagues, pasted from a table, looked at and invited."""

import re

import pytest
from sqlalchemy import select

from models.errors import InvalidAnswer
from models.extensions import db
from models.interview import wording
from models.office import accounts, entering, inviting
from models.office.tables import Audit, Staff

ROLES = {"单位审核": "reviewer", "答疑": "answerer", "项目办公室": "office", "reviewer": "reviewer"}
LIST = "姓名\t邮箱\t单位\n1\t张三\tZhang@danwei.example\t东县\n2\t李四\t西县\t答疑\n"


def read(world, text, unit="", roles=("reviewer",), who="admin"):
    unit_id = world.unit(unit).id if unit else ""
    return inviting.read(world.staff(who), text, unit_id, roles, ROLES)


def names(lines):
    return [(line.name, line.email, line.unit and line.unit.code, line.roles, line.problem) for line in lines]


def test_cells_are_told_by_what_is_in_them(world):
    assert names(read(world, LIST)) == [
        ("张三", "zhang@danwei.example", "east", ("reviewer",), ""),
        ("李四", "", "west", ("answerer",), ""),
    ]
    for line in (
        "王五，东县，单位审核，wang@danwei.example",
        "wang@danwei.example;东县;王五",
        "王五  wang@danwei.example",
    ):
        (found,) = names(read(world, line, unit="east"))
        assert found == ("王五", "wang@danwei.example", "east", ("reviewer",), ""), line
    assert names(read(world, "Wang Wu, West County, wang@d.example"))[0][:3] == ("Wang Wu", "wang@d.example", "west")


WRONG = {
    "张三,zhang@,东县": "office.email_shape",
    "张三,a@b.example": "office.unit_unknown",
    "张三,a@b.example,南县": "office.list_unknown",
    "东县": "office.list_nobody",
    "张三,东县,项目办公室": "office.role_for_office",
    "张" * 101 + ",东县": "office.display_name",
    "张三,东县,taken@danwei.example": "office.email_taken",
    "李四,东县,TAKEN@danwei.example": "office.email_taken",
}


def test_what_is_wrong_is_told_for_its_line(world):
    how = {"unit_id": world.unit("west").id, "roles": ("reviewer",), "email": "taken@danwei.example"}
    accounts.invite(world.staff("admin"), **how)
    good, *bad = read(world, "\n".join(["好人,east", *WRONG]))
    assert not good.problem and [line.problem for line in bad] == list(WRONG.values())
    for line in bad:
        assert wording.say(line.problem, "zh", **line.params)


def test_a_name_that_two_units_have_is_told(world):
    world.unit("west").name_en = "East County"
    db.session.commit()
    assert [line.problem for line in read(world, "甲,东县\n乙,East County")] == ["", "office.list_unknown"]


def test_an_address_twice_in_the_list_is_told(world):
    found = [line.problem for line in read(world, "甲,a@b.example\n乙,A@b.example\n丙\n丁", unit="east")]
    assert found == ["", "office.email_taken", "", ""]


def test_no_list_and_one_too_long(world):
    for text, key in (("", "empty"), (" \n姓名\t邮箱\n", "empty"), ("甲\n" * (inviting.MOST + 1), "long")):
        with pytest.raises(InvalidAnswer) as caught:
            read(world, text, unit="east")
        assert caught.value.key == f"office.list_{key}"
    assert len(read(world, "甲\n" * inviting.MOST, unit="east")) == inviting.MOST


def test_a_units_administrator_invites_into_their_own_units_only(world):
    own, other, office = read(world, "甲,东县\n乙,西县\n丙,东县,项目办公室", who="keeper")
    assert (own.problem, other.problem) == ("", "office.list_unknown")
    assert office.problem == "office.role_for_office"


def test_who_cannot_be_invited_any_more_is_told_and_the_others_are(world):
    lines = read(world, "甲,a@b.example\n乙,c@b.example", unit="east")
    accounts.invite(world.staff("admin"), unit_id=world.unit("west").id, roles=("reviewer",), email="a@b.example")
    done = list(inviting.invite(world.staff("admin"), lines))
    assert [(one.member is not None, one.line.problem) for one in done] == [(False, "office.email_taken"), (True, "")]


def test_pasted_looked_at_and_invited_once(world, sign_in, visitor):
    admin = sign_in("admin")
    data = {"list": LIST + "谁也不是\t南县", "role": "reviewer"}
    looked = admin.post("/office/staff/many", data=data).get_data(as_text=True)
    assert "邀请这 2 人" in looked and "南县" in looked
    assert not db.session.scalars(select(Staff).where(Staff.password.is_(None))).all(), "nobody yet"
    go = {**data, "act": "do", "once": re.search(r'name="once" value="([^"]+)"', looked)[1]}
    page = admin.post("/office/staff/many", data=go).get_data(as_text=True)
    links = re.findall(r"/office/l/(\w{64})", page)
    assert len(links) == 2 and "没有邀请的" in page
    assert "已经邀请过" in admin.post("/office/staff/many", data=go, follow_redirects=True).get_data(as_text=True)
    assert len(db.session.scalars(select(Audit).where(Audit.action == "invite_staff")).all()) == 2
    member = entering.accept(links[1], "li.si", "李四", "long-enough-for-tests")
    assert member.unit.code == "west" and [role.name for role in member.roles] == ["answerer"]


def test_with_a_mail_server_only_who_has_no_address_has_a_link_to_be_handed_over(world, sign_in, app):
    app.config["BOLE"] = app.config["BOLE"].model_copy(update={"smtp_host": "mail.example"})
    admin = sign_in("admin")
    data = {"list": LIST, "role": "reviewer"}
    looked = admin.post("/office/staff/many", data=data).get_data(as_text=True)
    go = {**data, "act": "do", "once": re.search(r'name="once" value="([^"]+)"', looked)[1]}
    page = admin.post("/office/staff/many", data=go).get_data(as_text=True)
    assert len(re.findall(r"/office/l/\w{64}", page)) == 1 and "在信里" in page
