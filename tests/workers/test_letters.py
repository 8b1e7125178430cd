"""Letters over the wire: encrypted, signed in, in the form that servers take, each once whatever breaks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fake_smtp import PASSWORD, USER, FakeSmtp, fake_smtp, make_certificate
from sqlalchemy import select

from models.application import deliveries
from models.application.channel_tables import Delivery
from models.application.tables import Outbox
from models.errors import Conflict
from models.extensions import db
from models.office import accounts, letter_form, letters, links
from models.office.edition_tables import Letter, OfficeLink
from models.office.tables import Staff, UnitRow
from models.unit_of_work import unit_of_work
from workers.letters import send_letter
from workers.scheduler import forget_letters

TO = "renshi@danwei.example"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("mail"))


@pytest.fixture
def mail(make_app, settings, certificate, monkeypatch):
    """A server as offices have one: STARTTLS, then AUTH; its certificate is trusted. In an app that sends by it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with fake_smtp(FakeSmtp(), certificate) as server:
        _app(make_app, settings, server)
        yield server


def _app(make_app, settings, server, **more):
    given = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_user": USER, "smtp_password": PASSWORD}
    app = make_app(settings.model_copy(update={**given, **more}))
    app.extensions["bole"].redis = None
    app.app_context().push()
    return app


@pytest.fixture(autouse=True)
def let_go():
    yield
    from flask import globals as flask_globals

    while flask_globals.app_ctx:
        db.session.remove()
        flask_globals._cv_app.get().pop()


def written(effect="e", **params):
    with unit_of_work() as session:
        link = links.make(session, links.EXPORT)
        letter = letters.write(session, effect, "export", to=TO, link=link, **{"rows": 12, **params})
        return letter.id if letter is not None else None


def work():
    db.session.rollback()
    jobs = list(db.session.scalars(select(Outbox.id).where(Outbox.job == "send_letter").order_by(Outbox.created_at)))
    db.session.rollback()
    for job in jobs:
        send_letter(job)
    states = list(db.session.scalars(select(Letter.state)))
    db.session.rollback()
    return states


def test_a_letter_goes_once_encrypted_and_signed_in_and_reads_as_it_was_written(mail):
    assert written() and written() is None, "one effect, one letter"
    assert work() == work() == ["sent"]
    assert mail.seen == ["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", ".", "QUIT"]
    (taken,) = mail.taken
    assert (taken.sender, taken.to) == (USER, TO)
    message = taken.message
    assert message["Subject"] == "导出文件可以领取了" and "伯乐申报系统" in str(message["From"])
    assert message["Auto-Submitted"] == "auto-generated" and message["Date"].datetime.utcoffset() == timedelta(hours=8)
    text = message.get_content()
    assert "共 12 行" in text and "/office/l/" in text and "2026-11-24 09:00" in text
    assert all(len(line) <= 78 for line in taken.raw.splitlines())
    assert db.session.scalars(select(Letter.sent_at)).one() is not None


def test_only_the_digest_of_its_link_is_kept(mail):
    written()
    work()
    text = mail.taken[0].message.get_content()
    token = text.partition("/office/l/")[2].split()[0]
    row = db.session.scalars(select(OfficeLink)).one()
    assert token not in (row.digest, row.subject_id) and links.find(db.session, token) is row
    letter = db.session.scalars(select(Letter)).one()
    assert token.encode() not in letter.sealed and TO.encode() not in letter.recipient


def test_a_line_that_begins_with_a_point_and_long_words_arrive_as_they_were(mail, monkeypatch):
    body = ".\n..两点\n" + "很长的一行" * 300 + "\n"
    monkeypatch.setattr(letters, "_words", lambda *_: {"subject": "主题" * 60, "body": body})
    written()
    assert work() == ["sent"]
    message = mail.taken[0].message
    assert message.get_content().replace("\r\n", "\n") == body and message["Subject"] == "主题" * 60


@pytest.mark.parametrize(
    ("verb", "answer"),
    [
        *(("EHLO", ""), ("AUTH", "454 4.7.0 later"), ("MAIL", ""), ("RCPT", "450 4.2.1 greylisted"), ("DATA", "")),
        (".", "451 4.3.0 full"),
    ],
)
def test_what_was_certainly_not_taken_is_tried_again(mail, clock, verb, answer):
    mail.troubles = [(verb, answer)] * (2 if verb == "AUTH" else 1)  # smtplib tries another way of signing in
    written()
    assert work() == ["pending"] and not mail.taken
    clock.advance(minutes=1)
    assert work() == ["sent"] and len(mail.taken) == 1


def test_what_was_cut_off_after_its_text_is_not_sent_twice(mail, clock):
    mail.troubles = [(".", "")]
    written()
    assert work() == ["uncertain"] and len(mail.taken) == 1, "the server had taken it"
    clock.advance(hours=1)
    assert work() == ["uncertain"] and len(mail.taken) == 1


def invited():
    """A letter with a way in to somebody who has not come yet; the account."""
    with unit_of_work() as session:
        unit = UnitRow(programme="tiny", code="east", name="东县", name_en="East", office=False)
        session.add(unit)
        session.flush()
        member = accounts.new_waiting(session, unit, [], TO, "")
        accounts.send_link(session, member, links.INVITATION)
        return member.id


def test_an_invitation_that_is_taken_back_does_not_go_out(mail, clock):
    mail.troubles = [("MAIL", "450 4.2.1 later")]
    member_id = invited()
    assert work() == ["pending"]
    with unit_of_work() as session:
        letters.withdraw(session, member_id)
    clock.advance(minutes=1)
    assert work() == ["withdrawn"] and not mail.taken
    with pytest.raises(Conflict), unit_of_work() as session:
        letters.again(session, session.scalars(select(Letter)).one())


def test_sent_anew_only_the_letter_with_the_link_that_leads_goes_out(mail):
    member_id = invited()
    with unit_of_work() as session:
        made = accounts.send_link(session, session.get_one(Staff, member_id), links.INVITATION)
    assert sorted(work()) == ["sent", "withdrawn"]
    assert [made.url in taken.message.get_content() for taken in mail.taken] == [True]


def test_what_was_taken_back_while_it_was_on_its_way_is_said_to_have_gone(mail, monkeypatch):
    member_id = invited()
    plain = letters.settle

    def too_late(session, letter_id):
        letters.withdraw(session, member_id)
        plain(session, letter_id)

    monkeypatch.setattr(letters, "settle", too_late)
    assert work() == ["sent"] and len(mail.taken) == 1


def test_a_worker_that_died_while_sending_leaves_it_uncertain(mail, clock):
    letter = written()
    about = {"channel": "email", "purpose": "letter"}
    assert deliveries.claim(letters.effect_of(letter), about, clock.now()).go  # and then the machine went down
    clock.advance(minutes=5)
    assert work() == ["uncertain"] and not mail.taken


@pytest.mark.parametrize(
    ("verb", "answer", "error"),
    [
        ("RCPT", "550 5.1.1 no such user", "rejected 550"),
        (".", "554 5.7.1 spam", "rejected 554"),
        ("AUTH", "535 5.7.8 wrong", "config 535"),
    ],
)
def test_a_refusal_for_good_ends_it_where_staff_see_it(mail, clock, verb, answer, error):
    mail.troubles = [(verb, answer)] * 2
    written()
    assert work() == ["failed"] and not mail.taken
    letter = db.session.scalars(select(Letter)).one()
    assert letter.error == error and letter.sent_at is None
    mail.troubles = []
    with unit_of_work() as session:
        letters.again(session, letter)
    assert work() == ["sent"], "once what was wrong has been mended"


def test_attempts_are_capped(mail, clock):
    mail.troubles = [("MAIL", "451 4.3.0 later")] * 20
    written()
    for _ in range(12):
        work()
        clock.advance(hours=2)
    assert work() == ["failed"] and mail.seen.count("MAIL") == deliveries.MAX_SENDS
    assert db.session.scalars(select(Letter.error)).one() == "transient 451"


def test_a_certificate_that_is_not_trusted_gets_no_password(make_app, settings, certificate):
    with fake_smtp(FakeSmtp(), certificate) as server:
        _app(make_app, settings, server)
        written()
        assert work() == ["failed"] and server.seen == ["EHLO", "STARTTLS"]
        assert db.session.scalars(select(Letter.error)).one() == "config certificate"


def test_without_encryption_where_the_settings_ask_for_it_nothing_is_said(make_app, settings):
    with fake_smtp(FakeSmtp(starttls=False)) as server:
        _app(make_app, settings, server)
        written()
        assert work() == ["failed"] and server.seen == ["EHLO"]
        assert db.session.scalars(select(Letter.error)).one() == "config not supported"


def test_encrypted_from_the_first_byte(make_app, settings, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with fake_smtp(FakeSmtp(implicit=True), certificate) as server:
        _app(make_app, settings, server, smtp_security="tls")
        written()
        assert work() == ["sent"] and server.seen[:2] == ["EHLO", "AUTH"]


def test_a_server_of_ones_own_house_without_any_of_it(make_app, settings):
    with fake_smtp(FakeSmtp(auth=False, starttls=False)) as server:
        _app(make_app, settings, server, smtp_security="none", smtp_user="", smtp_from="bole@office.example")
        written()
        assert work() == ["sent"] and server.taken[0].sender == "bole@office.example"


def test_nobody_at_the_other_end_is_tried_again(make_app, settings):
    with fake_smtp(FakeSmtp(), None) as server:
        port = server.port
    _app(make_app, settings, server, smtp_port=port)
    written()
    assert work() == ["pending"]
    assert db.session.scalars(select(Delivery.state)).one() == "deferred"


def test_without_a_server_letters_are_kept_as_they_would_have_gone(app):
    app.extensions["bole"].redis = None
    with app.app_context():
        letter = db.session.get(Letter, written())
        assert work() == ["kept"]
        raw = letter_form.wire(letter, letters.read(letter))
        assert raw.isascii() and b"Subject: =?utf-8?" in raw and b"\n" not in raw.replace(b"\r\n", b"")


def test_nobody_is_written_to_without_an_address(app):
    from models.office.tables import Staff

    with app.app_context(), unit_of_work() as session:
        nobody = Staff(email="east@staff.invalid", language="zh")
        assert letters.write(session, "e", "export", staff=nobody, rows=1) is None


def test_old_letters_and_links_are_forgotten(mail, clock):
    written()
    work()
    clock.advance(days=100)
    written("later")
    for days, left in ((0, (2, 1)), (90, (1, 0))):
        clock.advance(days=days)
        forget_letters()
        found = [len(db.session.scalars(select(table)).all()) for table in (Letter, OfficeLink)]
        assert tuple(found) == left
    assert len(db.session.scalars(select(Delivery)).all()) == 0
