"""A letter as it goes over the wire: RFC 5322, Chinese words encoded (RFC 2047, base64) so that any server takes it."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import urlsplit

from flask import current_app

from models.clock import CHINA
from models.interview.wording import say
from models.office.edition_tables import Letter
from models.office.letters import Words


def sender() -> str:
    """The address that letters are from; where none is set, one that nothing can be sent by."""
    settings = current_app.config["BOLE"]
    return str(settings.smtp_from or (settings.smtp_user if "@" in settings.smtp_user else "") or "bole@localhost")


def host() -> str:
    """What we call ourselves: the host of the public address."""
    name = urlsplit(current_app.config["BOLE"].base_url).hostname or "localhost"
    return f"[{name}]" if name.replace(".", "").isdigit() else name


def compose(letter: Letter, words: Words) -> EmailMessage:
    """The letter with its headers. `Message-ID` is the same at every attempt."""
    message = EmailMessage(policy=SMTP)
    local, _, domain = sender().partition("@")
    message["From"] = Address(say("letter.from", "zh"), local, domain)
    message["To"] = words.to
    message["Subject"] = words.subject
    message["Date"] = format_datetime(letter.created_at.astimezone(CHINA))
    message["Message-ID"] = f"<{letter.id}@{host().strip('[]')}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(words.body, charset="utf-8", cte="base64")
    return message


def wire(letter: Letter, words: Words) -> bytes:
    """The bytes that are sent: lines end in CRLF, no byte has its eighth bit."""
    return compose(letter, words).as_bytes()
