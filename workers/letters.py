"""Send letters by SMTP, each once: what was cut off after its text had gone out is not sent a second time."""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import suppress

from flask import current_app
from sqlalchemy.orm import Session

from bot_adapter.messages import OutboundMessage, SendResult
from models.extensions import db
from models.office import letter_form, letters
from models.office.edition_tables import Letter
from models.settings import Settings
from workers.runtime import run_prepared
from workers.sending import send_one

TIMEOUT = 20.0  # seconds for each answer of the server
_PORTS = {"tls": 465, "starttls": 587, "none": 25}
_ABOUT = {"channel": "email", "purpose": "letter"}


def send_letter(outbox_id: str) -> None:
    """Job: send one letter; without a server it stays where it can be looked at."""
    run_prepared(outbox_id, _send, _done)


def _done(letter_id: str, session: Session, _sent: None) -> None:
    letters.settle(session, letter_id)


def _send(letter_id: str) -> None:
    letter = db.session.get(Letter, letter_id)
    if letter is None or letter.state != letters.PENDING or not letters.is_sent():
        db.session.remove()
        return
    words = letters.read(letter)
    data = letter_form.wire(letter, words)
    settings: Settings = current_app.config["BOLE"]
    db.session.remove()  # no session is open while the server is called
    key = OutboundMessage("", purpose="notice", id=letters.effect_of(letter_id))
    send_one(lambda _message: post(settings, letter_form.sender(), words.to, data), key, dict(_ABOUT))


def post(settings: Settings, sender: str, to: str, data: bytes) -> SendResult:
    """Hand one letter to the server of the settings. Never raises."""
    try:
        server = connect(settings)
        try:
            return _hand_over(server, sender, to, data)
        finally:
            server.close()
    except smtplib.SMTPNotSupportedError:  # no encryption, or no signing in, where the settings ask for it
        return SendResult.problem("config", "not supported")
    except ssl.SSLCertVerificationError:
        return SendResult.problem("config", "certificate")
    except smtplib.SMTPResponseException as refused:
        return _refusal(refused.smtp_code, config=True)
    except (OSError, smtplib.SMTPException) as away:
        return SendResult.problem("transient", type(away).__name__)


def connect(settings: Settings) -> smtplib.SMTP:
    """A session with the server, encrypted and signed in as the settings say; its certificate is checked. Raises
    SMTPException and OSError."""
    kind = settings.smtp_security
    port = settings.smtp_port or _PORTS[kind]
    name = letter_form.host()
    context = ssl.create_default_context()
    server = (
        smtplib.SMTP_SSL(settings.smtp_host, port, local_hostname=name, timeout=TIMEOUT, context=context)
        if kind == "tls"
        else smtplib.SMTP(settings.smtp_host, port, local_hostname=name, timeout=TIMEOUT)
    )
    try:
        server.ehlo_or_helo_if_needed()
        if kind == "starttls":
            server.starttls(context=context)
            server.ehlo()
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
    except BaseException:
        server.close()
        raise
    return server


def _hand_over(server: smtplib.SMTP, sender: str, to: str, data: bytes) -> SendResult:
    for command in (f"MAIL FROM:<{sender}>", f"RCPT TO:<{to}>", "DATA"):
        code, _said = server.docmd(command)
        if code >= 400:
            return _refusal(code)
    try:
        server.send(re.sub(rb"(?m)^\.", b"..", data) + b".\r\n")
        code, _said = server.getreply()
    except (OSError, smtplib.SMTPException):
        return SendResult("uncertain", detail="no answer")
    with suppress(OSError, smtplib.SMTPException):  # it has the letter; how it says goodbye is its own affair
        server.quit()
    return _refusal(code) if code >= 400 else SendResult.sent()


def _refusal(code: int, *, config: bool = False) -> SendResult:
    """What a code means: 4xx may be better later, 5xx never is."""
    if code < 500:
        return SendResult.problem("transient", str(code))
    return SendResult.problem("config" if config else "rejected", str(code))
