"""Signing in, and who keeps whose account."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.errors import InvalidAnswer
from models.extensions import db
from models.office import demo, logins, scope, staff
from models.office.tables import Audit
from models.programme.loader import load_pack
from webforms import security

PASSWORD = "long-enough-for-tests"


def test_the_password_is_an_argon2_hash(world):
    assert world.staff("east").password.startswith("$argon2id$")


@pytest.mark.parametrize("name", ["east", "EAST", " east ", "ｅａｓｔ", "east@staff.invalid"])
def test_a_name_or_an_address_signs_in(world, visitor, name):
    answer = visitor.post("/office/login", data={"identity": name, "password": PASSWORD})
    assert answer.status_code == 302 and answer.headers["Location"] == "/office/"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert visitor.get("/office/", follow_redirects=True).status_code == 200
    actions = list(db.session.scalars(select(Audit.action).where(Audit.action == "login")))
    assert actions == ["login"]


def test_a_wrong_name_and_a_wrong_password_read_the_same(world, visitor):
    wrong = [
        visitor.post("/office/login", data={"identity": name, "password": password}).get_data(as_text=True)
        for name, password in (("east", "no"), ("nobody", PASSWORD))
    ]
    for page in wrong:
        assert "用户名或密码不对" in page
    assert wrong[0].replace("east", "nobody") == wrong[1]
    english = visitor.post("/office/login?lang=en", data={"identity": "east", "password": "no"}).get_data(as_text=True)
    assert "用户名或密码不对" not in english


def test_a_deactivated_account_is_out_at_once(world, sign_in):
    client, admin = sign_in("east"), sign_in("admin")
    member_id = world.staff("east").id
    assert client.get("/office/applications").status_code == 200
    assert admin.post(f"/office/staff/{member_id}/active", data={"active": "0"}).status_code == 302
    assert client.get("/office/applications").status_code == 302
    page = client.post("/office/login", data={"identity": "east", "password": PASSWORD}).get_data(as_text=True)
    assert "用户名或密码不对" in page
    assert admin.post(f"/office/staff/{member_id}/active", data={"active": "1"}).status_code == 302
    assert client.post("/office/login", data={"identity": "east", "password": PASSWORD}).status_code == 302


def test_guessing_is_slowed_down_and_then_allowed_again(world, visitor, clock):
    for _ in range(logins.PER_ACCOUNT_AND_ADDRESS):
        visitor.post("/office/login", data={"identity": "east", "password": "guess"})
    right = {"identity": "east", "password": PASSWORD}
    assert "试错次数太多" in visitor.post("/office/login", data=right).get_data(as_text=True)
    assert visitor.post("/office/login", data={**right, "identity": "west"}).status_code == 302
    visitor.post("/office/logout")
    kept = [(a.subject, a.reason) for a in db.session.scalars(select(Audit).where(Audit.action == logins.FAILED))]
    assert len(kept) == logins.PER_ACCOUNT_AND_ADDRESS
    assert not any("east" in part or "127.0.0.1" in part for line in kept for part in line)
    clock.advance(seconds=logins.WINDOW.total_seconds() + 1)
    assert visitor.post("/office/login", data=right).status_code == 302


def test_a_session_ends_after_hours_without_use(world, sign_in, clock):
    client = sign_in("east")
    for _ in range(2):
        clock.advance(seconds=security.IDLE_SECONDS - 1)
        assert client.get("/office/applications").status_code == 200  # and that was use
    clock.advance(seconds=security.IDLE_SECONDS + 1)
    assert client.get("/office/applications").status_code == 302


def test_a_token_in_a_header_is_no_way_in(world, app, visitor):
    token = world.staff("office").get_auth_token()
    answer = visitor.get("/office/applications", headers={"Authentication-Token": token})
    assert answer.status_code == 302
    assert visitor.get(f"/office/applications?auth_token={token}").status_code == 302


def test_signing_in_leads_back_but_never_elsewhere(world, visitor):
    right = {"identity": "east", "password": PASSWORD}
    back = visitor.post("/office/login?next=/office/workbooks", data=right)
    assert back.headers["Location"] == "/office/workbooks"
    visitor.post("/office/logout")
    away = visitor.post("/office/login?next=https://elsewhere.example/", data=right)
    assert "elsewhere" not in away.headers.get("Location", "")


def test_a_form_without_the_sessions_token_is_refused(world, app, sign_in):
    client = sign_in("east")
    app_id = world.applied()
    version = world.application(app_id).version
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post(f"/office/applications/{app_id}/approve", data={"version": version})
    assert answer.status_code == 400
    assert world.application(app_id).status == "submitted"


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"username": "1abc"}, "office.username_shape"),
        ({"username": "ab"}, "office.username_shape"),
        ({"username": "有名字"}, "office.username_shape"),
        ({"username": "EAST"}, "office.username_taken"),
        ({"email": "East@Staff.invalid"}, "office.username_taken"),
        ({"display_name": "  "}, "office.display_name"),
        ({"roles": ()}, "office.role_missing"),
        ({"roles": ("emperor",)}, "office.role_missing"),
        ({"password": "123456789"}, "office.password_short"),
        ({"password": "1" * 201}, "office.password_long"),
        ({"unit_id": "0" * 32}, "office.unit_unknown"),
    ],
)
def test_what_will_not_do_for_an_account(world, change, key):
    given = {
        "username": "fine",
        "password": PASSWORD,
        "display_name": "同志",
        "roles": ("reviewer",),
        "unit_id": world.unit("east").id,
    }
    with pytest.raises(InvalidAnswer) as caught:
        staff.create_staff(**{**given, **change})
    assert caught.value.key == key


def test_demo_accounts_exist_in_a_demo_only(world, app):
    packs = [load_pack("tiny"), load_pack("other")]
    with pytest.raises(RuntimeError):
        demo.ensure_accounts(packs)
    app.config["BOLE"] = app.config["BOLE"].model_copy(update={"demo": True})
    first = demo.ensure_accounts(packs)
    assert first == demo.ensure_accounts(packs)
    assert [a["username"] for a in first[:4]] == ["shenhe-tiny", "bangong-tiny", "dayi-tiny", "guanli-tiny"]
    assert len({a["username"] for a in first}) == 8
    reviewer = staff.find_login("shenhe-tiny")
    assert scope.roles(reviewer) == {"reviewer"} and reviewer.demo and reviewer.unit.code == "east"
    world.applied("west")
    assert next(a["unit"] for a in demo.ensure_accounts(packs) if a["username"] == "shenhe-tiny") == "西县"


def test_the_window_of_guessing_is_minutes():
    assert timedelta(minutes=5) <= logins.WINDOW <= timedelta(hours=1)
