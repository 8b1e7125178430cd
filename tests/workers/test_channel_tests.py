"""A channel is tried by a worker, on strict fakes of the platforms: what is wrong is told by its kind."""

from __future__ import annotations

import json
import socket

import fake_kefu
import fake_telegram
import pytest
from fake_kefu import FakeKefu
from fake_smtp import PASSWORD, USER, FakeSmtp, fake_smtp, make_certificate
from fake_wechat import APP_ID, SECRET, Broken, fake_wechat
from sqlalchemy import select

from models import outbox
from models.application.channel_tables import ChannelState
from models.application.tables import Outbox, new_id
from models.extensions import db
from models.office import channel_testing
from models.office.channel_testing import Finding
from models.unit_of_work import unit_of_work
from workers.channel_tests import test_channel as job

TOKEN_PATH = "/cgi-bin/stable_token"


@pytest.fixture
def installed(make_app, settings):
    """`installed(wechat_secret=…)`: an app with these settings, entered."""
    contexts = []

    def make(**given):
        app = make_app(settings.model_copy(update=given))
        app.extensions["bole"].redis = None
        contexts.append(app.app_context())
        contexts[-1].push()

    yield make
    for context in reversed(contexts):
        db.session.remove()
        context.pop()


def tried(channel):
    """Run the job twice, as may happen; what it kept."""
    with unit_of_work() as session:
        row = outbox.promise(session, channel_testing.JOB, channel, new_id())
    for _ in range(2):
        job(row.id)
    assert db.session.get(Outbox, row.id).state == "done"
    db.session.rollback()
    return channel_testing.latest(channel)


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@pytest.mark.parametrize("channel", channel_testing.TESTED)
def test_what_is_not_set_up_is_told_so(installed, channel):
    installed()
    assert channel_testing.latest(channel) is None
    assert tried(channel).kind == "not_set"


def official(fake, **more):
    return {"wechat_token": "made-up-token", "wechat_app_id": APP_ID, "wechat_secret": SECRET} | {
        "wechat_api": fake.address,
        **more,
    }


def test_an_official_account_that_works_tells_its_rights(installed):
    with fake_wechat() as fake:
        fake.rights.discard("menu")
        installed(**official(fake))
        found = tried("wechat")
    assert found.kind == "ok" and fake.sent == []
    rights = {one.name.removeprefix(channel_testing.RIGHT): (one.good, one.value) for one in found.findings}
    assert rights["custom"] == (True, "0:") and rights["menu"] == (False, "48001:") and rights["web"][0] is None
    assert rights["no_template"][0] is None


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (40125, "key"),
        (40013, "key"),
        (40164, "ip"),
        (89503, "confirm"),
        (40243, "frozen"),
        (45009, "limit"),
        (49999, "refused"),
    ],
)
def test_why_an_official_account_is_refused(installed, code, kind):
    with fake_wechat() as fake:
        fake.break_next(TOKEN_PATH, *(Broken(body=json.dumps({"errcode": code}).encode()),) * 2)
        installed(**official(fake))
        found = tried("wechat")
    assert (found.kind, found.code, found.findings) == (kind, str(code), ())


def test_a_wrong_secret_and_odd_answers(installed):
    with fake_wechat() as fake:
        installed(**official(fake, wechat_secret="wrong"))
        assert tried("wechat").kind == "key"
        for answer, kind in ((Broken(502), "odd"), (Broken(429), "limit"), (Broken(body=b"<html>"), "odd")):
            fake.break_next(TOKEN_PATH, answer)
            assert tried("wechat").kind == kind
    installed(**official(fake, wechat_api=f"http://127.0.0.1:{free_port()}"))
    found = tried("wechat")
    assert (found.kind, found.code) == ("network", "ConnectError")


def test_the_enterprise_account(installed, clock):
    fake = FakeKefu(clock.now)
    fake.start()
    given = {"kefu_corp_id": fake_kefu.CORP_ID, "kefu_account": fake_kefu.OPEN_KFID, "kefu_secret": fake_kefu.SECRET}
    given |= {"kefu_token": "made-up", "kefu_aes_key": "a" * 43, "kefu_api": fake.url}
    installed(**given)
    assert tried("kefu").kind == "ok"
    for code, kind in ((60020, "ip"), (40001, "key"), (45009, "limit")):
        fake.troubles["gettoken"] = [code]
        assert tried("kefu").kind == kind
    fake.stop()
    assert tried("kefu").kind == "network"


def test_the_bot_and_where_its_messages_go(installed):
    with fake_telegram.serving() as fake:
        given = {"telegram_token": fake_telegram.TOKEN, "telegram_api": fake.url, "public_url": "https://t.example"}
        installed(**given)
        found = tried("telegram")
        names = [one.name for one in found.findings]
        assert found.kind == "ok" and names == ["channel.found_bot", "channel.found_no_webhook"]
        for url, name in (("https://t.example/telegram/", "webhook"), ("https://other.example/", "other_webhook")):
            fake.webhook = {"url": url}
            assert f"channel.found_{name}" in {one.name for one in tried("telegram").findings}
        for code, kind in ((401, "key"), (429, "limit"), (502, "odd"), (400, "refused")):
            fake.troubles = [fake_telegram.Refused(code, "no")] * 2
            assert tried("telegram").kind == kind
        fake.troubles = ["hang up"]
        assert tried("telegram").kind == "silent"
    assert tried("telegram").kind == "network"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("mail"))


def mail(server, **more):
    return {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_user": USER, "smtp_password": PASSWORD, **more}


def test_a_mail_server_that_works_gets_no_letter(installed, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with fake_smtp(FakeSmtp(), certificate) as server:
        installed(**mail(server))
        assert tried("email").kind == "ok"
        assert server.taken == [] and server.seen[-4:] == ["NOOP", "MAIL", "RSET", "QUIT"]
        server.troubles = [("MAIL", "550 5.7.1 not your address")]
        found = tried("email")
        assert (found.kind, found.code) == ("sender", "550")
        installed(**mail(server, smtp_password="wrong"))
        assert tried("email").kind == "key"
        server.troubles = [("NOOP", "")]
        installed(**mail(server))
        assert tried("email").kind == "silent"


def test_a_mail_server_that_is_not_to_be_trusted_or_not_there(installed, certificate):
    with fake_smtp(FakeSmtp(), certificate) as server:
        installed(**mail(server))  # nobody has said that its certificate is good
        assert tried("email").kind == "certificate"
        assert "AUTH" not in server.seen
    installed(smtp_host="127.0.0.1", smtp_port=free_port())
    assert tried("email").kind == "network"
    with fake_smtp(FakeSmtp(starttls=False)) as plain:
        installed(**mail(plain))
        assert tried("email").kind == "encryption"


def test_a_result_is_sealed_and_takes_the_place_of_the_last(installed):
    installed()
    channel_testing.keep("wechat", channel_testing.Result("ok", findings=(Finding("channel.found_bot", True, "x"),)))
    channel_testing.keep("wechat", channel_testing.Result("ip", "40164"))
    found = channel_testing.latest("wechat")
    assert (found.kind, found.code, found.findings) == ("ip", "40164", ())
    assert db.session.scalars(select(ChannelState)).one().sealed is not None
