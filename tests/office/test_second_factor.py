"""The second step of signing in: set up, right, wrong, used twice, lost, asked for by the settings."""

import re

import pytest
from passlib.totp import TOTP
from sqlalchemy import select

from models.crypto import Damaged
from models.errors import Conflict, NotFound
from models.extensions import db
from models.office import accounts, factors, logins, sealing
from models.office.tables import Audit
from models.unit_of_work import unit_of_work
from webforms import second_factor
from webforms.security import IDLE_SECONDS

PASSWORD = "long-enough-for-tests"
PAGE = "/office/second-factor"
CODE, RECOVERY = "/office/tf-validate", "/office/mf-recovery"


class Telephone:
    """What a person's authenticator knows: the key, and the time."""

    def __init__(self, key, clock):
        self.totp, self.clock = TOTP(key=key.replace("-", "")), clock

    def shows(self, ahead=0):
        return self.totp.generate(time=self.clock.now().timestamp() + ahead).token


def set_up(client, clock, **more):
    """Set it up as the page says; the telephone and the recovery codes."""
    page = client.get(PAGE).get_data(as_text=True)
    telephone = Telephone(re.search(r'factor-key">([A-Z2-7-]+)<', page)[1], clock)
    given = {"act": "on", "password": PASSWORD, "code": telephone.shows(), **more}
    answer = client.post(PAGE, data=given)
    codes = re.findall(r"<li><code>([0-9a-f-]{14})</code>", answer.get_data(as_text=True))
    return telephone, codes, answer


def password_step(client, who="east"):
    return client.post("/office/login", data={"identity": who, "password": PASSWORD})


def enter(client, code, at=CODE):
    return client.post(at, data={"code": code})


def is_in(client):
    return client.get("/office/help").status_code == 200


def require(app, *roles):
    app.config["BOLE"] = app.config["BOLE"].model_copy(update={"totp_roles": roles})


def actions(*wanted):
    return list(db.session.scalars(select(Audit.action).where(Audit.action.in_(wanted)).order_by(Audit.seq)))


def test_set_up_it_is_asked_for_after_the_password(world, sign_in, visitor, clock):
    east, other = sign_in("east"), sign_in("east")
    telephone, codes, answer = set_up(east, clock)
    assert answer.status_code == 200 and len(codes) == second_factor.CODES == len(set(codes))
    assert is_in(east) and not is_in(other), "who set it up goes on, other sessions have ended"
    assert codes[0] not in east.get(PAGE).get_data(as_text=True)

    clock.advance(seconds=30)
    step = password_step(visitor)
    assert step.location.startswith(CODE) and not is_in(visitor)
    assert enter(visitor, "000000").status_code == 200 and not is_in(visitor)
    right = enter(visitor, f"{telephone.shows()[:3]} {telephone.shows()[3:]}")
    assert right.status_code == 302 and right.location == "/office/" and is_in(visitor)
    assert actions("factor_on", "login")[-2:] == ["factor_on", "login"]
    assert actions(logins.WRONG_CODE) == [logins.WRONG_CODE]


def test_signing_in_leads_back_over_both_steps(world, sign_in, visitor, clock):
    telephone, _codes, _answer = set_up(sign_in("east"), clock)
    clock.advance(seconds=30)
    right = {"identity": "east", "password": PASSWORD}
    step = visitor.post("/office/login?next=/office/workbooks", data=right).location
    page = visitor.get(step).get_data(as_text=True)
    form = re.search(r'action="([^"]+)"', page)[1].replace("&amp;", "&")
    assert visitor.post(form, data={"code": telephone.shows()}).location == "/office/workbooks"


def test_a_code_opens_once(world, sign_in, visitor, app, clock):
    telephone, _codes, _answer = set_up(sign_in("east"), clock)
    password_step(visitor)
    used = telephone.shows()
    page = enter(visitor, used).get_data(as_text=True)
    assert "已经用过" in page and not is_in(visitor), "it set the step up already"
    clock.advance(seconds=30)
    assert enter(visitor, used).status_code == 200, "nor the one before"
    assert enter(visitor, telephone.shows()).status_code == 302
    again = type(visitor)(app)
    password_step(again)
    assert enter(again, telephone.shows()).status_code == 200 and not is_in(again)


def test_a_telephone_may_be_half_a_minute_off(world, sign_in, visitor, clock):
    telephone, _codes, _answer = set_up(sign_in("east"), clock)
    for ahead, right in ((-60, False), (-30, True), (30, True), (60, False)):
        clock.advance(minutes=5)
        password_step(visitor)
        assert (enter(visitor, telephone.shows(ahead)).status_code == 302) is right, ahead
        visitor.post("/office/logout")


def test_of_two_with_one_code_one_has_it(persistent_world):
    member = persistent_world.staff("east")
    for step, fresh in ((7, True), (7, False), (6, False), (8, True)):
        with unit_of_work() as session:
            assert factors.use_step(session, member, step) is fresh, step


def test_guessing_ends_whatever_the_address(world, sign_in, visitor, clock):
    telephone, codes, _answer = set_up(sign_in("east"), clock)
    clock.advance(seconds=30)
    password_step(visitor)
    for number in range(logins.CODES):
        visitor.post(CODE, data={"code": "000000"}, environ_base={"REMOTE_ADDR": f"198.51.100.{number}"})
    assert "试错次数太多" in enter(visitor, telephone.shows()).get_data(as_text=True)
    assert "试错次数太多" in enter(visitor, codes[0], RECOVERY).get_data(as_text=True)
    clock.advance(seconds=logins.WINDOW.total_seconds() + 1)
    assert enter(visitor, telephone.shows()).status_code == 302


def test_a_recovery_code_opens_once_however_it_is_typed(world, sign_in, visitor, app, clock):
    _telephone, codes, _answer = set_up(sign_in("east"), clock)
    password_step(visitor)
    assert enter(visitor, "ffff-ffff-ffff", RECOVERY).status_code == 200
    typed = codes[3].replace("-", " ").upper()
    assert enter(visitor, typed, RECOVERY).status_code == 302 and is_in(visitor)
    again = type(visitor)(app)
    password_step(again)
    assert "已经用过" in enter(again, codes[3], RECOVERY).get_data(as_text=True)
    assert enter(again, codes[4], RECOVERY).status_code == 302
    assert actions("use_recovery_code") == ["use_recovery_code"] * 2
    assert f"还剩 {second_factor.CODES - 2} 个" in again.get(PAGE).get_data(as_text=True)


def test_the_code_alone_is_no_way_in(world, sign_in, visitor, clock):
    telephone, codes, _answer = set_up(sign_in("east"), clock)
    clock.advance(seconds=30)
    for at, code in ((CODE, telephone.shows()), (RECOVERY, codes[0])):
        assert visitor.get(at).status_code == 302
        assert enter(visitor, code, at).status_code == 302 and not is_in(visitor)


def test_one_persons_code_is_nobody_elses(world, sign_in, visitor, clock):
    theirs, codes, _answer = set_up(sign_in("west"), clock)
    set_up(sign_in("east"), clock)
    clock.advance(seconds=30)
    password_step(visitor, "east")
    assert enter(visitor, theirs.shows()).status_code == 200
    assert enter(visitor, codes[0], RECOVERY).status_code == 200 and not is_in(visitor)


def test_setting_up_asks_for_the_password_and_a_code_that_works(world, sign_in, clock):
    east, key = sign_in("east"), re.compile(r'factor-key">([A-Z2-7-]+)<')
    shown = key.search(east.get(PAGE).get_data(as_text=True))[1]
    for wrong in ({"password": "no"}, {"code": "000000"}, {"code": ""}):
        _telephone, codes, answer = set_up(east, clock, **wrong)
        assert answer.status_code == 422 and not codes and not world.staff("east").has_factor, wrong
        assert key.search(answer.get_data(as_text=True))[1] == shown, "what was scanned goes on"
    assert set_up(east, clock)[1]


def test_off_again_and_other_codes_ask_for_the_password(world, sign_in, visitor, clock):
    east = sign_in("east")
    _telephone, codes, _answer = set_up(east, clock)
    for act in ("codes", "off"):
        assert east.post(PAGE, data={"act": act, "password": "no"}).status_code == 422
    fresh = east.post(PAGE, data={"act": "codes", "password": PASSWORD}).get_data(as_text=True)
    assert len(re.findall(r"<li><code>", fresh)) == second_factor.CODES and codes[0] not in fresh
    assert east.post(PAGE, data={"act": "on", "password": PASSWORD, "code": "1"}).status_code == 422
    assert east.post(PAGE, data={"act": "off", "password": PASSWORD}).location == PAGE
    assert password_step(visitor).location == "/office/"
    assert actions("factor_on", "new_recovery_codes", "factor_off") == ["factor_on", "new_recovery_codes", "factor_off"]
    assert east.post(PAGE, data={"act": "nothing"}).status_code == 404


def test_where_a_role_must_have_one_nothing_else_opens_before(world, app, sign_in, clock):
    east, answerer = sign_in("east"), sign_in("answerer")
    require(app, "reviewer", "admin")
    for path in ("/office/", "/office/applications", "/office/help"):
        assert east.get(path).location == PAGE, "also in a session from before"
    assert east.get("/office/help", headers={"HX-Request": "true"}).headers["HX-Redirect"] == PAGE
    assert east.get("/office/staff").status_code == 403, "and it opens no more than it did"
    assert is_in(answerer)
    assert "必须使用两步验证" in east.get(PAGE).get_data(as_text=True)
    set_up(east, clock)
    assert is_in(east)
    assert east.post(PAGE, data={"act": "off", "password": PASSWORD}).status_code == 422
    assert sign_in("keeper").get("/office/staff").location == PAGE, "a unit's administrator is one"


def test_an_administrator_takes_a_lost_one_away(world, sign_in, visitor, clock):
    east, admin = sign_in("east"), sign_in("admin")
    set_up(east, clock)
    member_id = world.staff("east").id
    assert "清除两步验证" in admin.get(f"/office/staff/{member_id}").get_data(as_text=True)
    assert admin.post(f"/office/staff/{member_id}/factor").status_code == 302
    assert not is_in(east) and password_step(visitor).location == "/office/"
    assert actions("factor_reset") == ["factor_reset"]
    late = admin.post(f"/office/staff/{member_id}/factor", follow_redirects=True).get_data(as_text=True)
    assert "没有开启两步验证" in late


def test_who_takes_whose_away(world, sign_in, clock):
    for who in ("admin", "east", "west"):
        set_up(sign_in(who), clock)
    admin, keeper = world.staff("admin"), world.staff("keeper")
    with pytest.raises(Conflict):
        factors.reset(admin, admin.id)
    for member in ("west", "admin"):
        with pytest.raises(NotFound):
            factors.reset(world.staff("keeper"), world.staff(member).id)
    factors.reset(keeper, world.staff("east").id)
    assert [world.staff(who).has_factor for who in ("admin", "east", "west")] == [True, False, True]


def test_a_new_password_leaves_the_second_step(world, sign_in, visitor, clock):
    set_up(sign_in("east"), clock)
    made = accounts.reset_link(world.staff("admin"), world.staff("east").id)
    visitor.get(made.url.partition("8000")[2])
    new = {"password": "another-long-password", "again": "another-long-password"}
    assert visitor.post("/office/welcome", data=new).status_code == 302
    step = visitor.post("/office/login", data={"identity": "east", "password": new["password"]})
    assert step.location.startswith(CODE)


def test_a_password_changed_between_the_steps_ends_the_way_in(world, sign_in, visitor, clock):
    telephone, _codes, _answer = set_up(sign_in("east"), clock)
    clock.advance(seconds=30)
    password_step(visitor)
    accounts.set_active(world.staff("admin"), world.staff("east").id, False)
    assert enter(visitor, telephone.shows()).status_code == 302 and not is_in(visitor)


def test_what_is_kept_is_sealed_for_its_row(world, sign_in, clock, app):
    _telephone, codes, _answer = set_up(sign_in("east"), clock)
    member = world.staff("east")
    assert codes[0].encode() not in member.second_factor and b"secret" not in member.second_factor
    opened = app.extensions["bole"].ring.open(member.second_factor, sealing.second_factor(member.id))
    assert codes[0].encode() in opened
    member.second_factor, other = None, member.second_factor
    moved = world.staff("west")
    moved.second_factor = other
    with pytest.raises(Damaged):
        _ = moved.tf_totp_secret
    db.session.rollback()


def test_the_librarys_other_pages_are_shut(world, sign_in, app):
    client = sign_in("east")
    for name in second_factor.SHUT:
        values = {"token": "x"} if name == "two_factor_setup_validate" else {}
        path = app.url_map.bind("localhost").build(f"security.{name}", values)
        assert client.post(path).status_code == 404, name
        assert client.get(path).status_code in (404, 405), name


def test_a_session_with_a_second_step_ends_like_any_other(world, sign_in, clock):
    east = sign_in("east")
    set_up(east, clock)
    clock.advance(seconds=IDLE_SECONDS + 1)
    assert not is_in(east)


def test_opening_the_second_step_signs_nobody_out(world, sign_in):
    east = sign_in("east")
    assert east.get(CODE).location == "/office/" and is_in(east)
