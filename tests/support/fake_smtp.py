"""A mail server on a port of this machine, which refuses what real ones refuse, and keeps what it takes.

Sources: RFC 5321 (order of commands, 4.5.3.1 line lengths, 2.3.8 line ends), RFC 3207 (STARTTLS), RFC 4954 (AUTH), and
what Exim, Postfix and Tencent's exmail say.
"""

from __future__ import annotations

import base64
import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "bole@mail.example", "made-up-mail-password"
_HEADERS = ("from", "to", "subject", "date", "message-id", "mime-version")


class _HangUpError(Exception):
    """The server is gone from one moment to the next."""


@dataclass
class Taken:
    """A letter that the server has taken, as it came over the wire."""

    sender: str
    to: str
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return cast(EmailMessage, message_from_bytes(self.raw, policy=SMTP))


@dataclass
class FakeSmtp:
    """`auth`: it takes letters only from who has signed in; `starttls`: it offers encryption, and asks for it before
    AUTH. `troubles` are met one after the other: ``(verb, "450 …")`` is answered once to that verb (``.``: the end of
    the text); ``(verb, "")`` hangs up there."""

    auth: bool = True
    starttls: bool = True
    implicit: bool = False  # encrypted from the first byte
    certificate: Path | None = None
    taken: list[Taken] = field(default_factory=list)
    troubles: list[tuple[str, str]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)  # verbs, in the order in which they came
    port: int = 0

    def trouble(self, verb: str) -> str | None:
        if self.troubles and self.troubles[0][0] == verb:
            answer = self.troubles.pop(0)[1]
            if not answer:
                raise _HangUpError
            return answer
        return None


class _Session(socketserver.StreamRequestHandler):
    fake: FakeSmtp
    context: ssl.SSLContext | None

    def handle(self) -> None:
        self.greeted = self.signed_in = False
        self.encrypted = self.fake.implicit
        self.sender = self.to = ""
        try:
            self.say("220 mail.example ESMTP")
            while line := self.rfile.readline(2048):
                if not self.command(line):
                    return
        except (_HangUpError, ConnectionError, ssl.SSLError):
            return

    def finish(self) -> None:
        with suppress(OSError):  # whoever was there may have gone
            super().finish()
        self.connection.close()

    def say(self, *lines: str) -> None:
        shown = [f"{line[:3]}-{line[4:]}" for line in lines[:-1]] + [lines[-1]]
        self.wfile.write("".join(f"{line}\r\n" for line in shown).encode())

    def command(self, line: bytes) -> bool:
        if not line.endswith(b"\r\n"):
            self.say("500 5.5.2 bare line feed")
            return False
        if len(line) > 512 or not line.isascii():
            self.say("500 5.5.2 line too long or not ASCII")
            return True
        verb, _space, rest = line.decode().strip().partition(" ")
        verb = verb.upper()
        self.fake.seen.append(verb)
        if (trouble := self.fake.trouble(verb)) is not None:
            self.say(trouble)
            return True
        if verb == "QUIT":
            self.say("221 2.0.0 bye")
            return False
        getattr(self, f"do_{verb.lower()}", self.unknown)(rest)
        return True

    def unknown(self, _rest: str) -> None:
        self.say("502 5.5.1 no such command")

    def do_noop(self, _rest: str) -> None:
        self.say("250 2.0.0 ok")

    def do_rset(self, rest: str) -> None:
        if rest:
            self.say("501 5.5.4 RSET stands alone")
            return
        self.sender = self.to = ""
        self.say("250 2.0.0 forgotten")

    def do_ehlo(self, rest: str) -> None:
        if not rest:
            self.say("501 5.5.4 EHLO needs a name")
            return
        self.greeted = True
        offers = ["250 mail.example", "250 SIZE 1000000"]
        if self.context is not None and self.fake.starttls and not self.encrypted:
            offers.append("250 STARTTLS")
        if self.fake.auth and (self.encrypted or not self.fake.starttls):
            offers.append("250 AUTH PLAIN LOGIN")
        self.say(*offers, "250 ENHANCEDSTATUSCODES")

    def do_starttls(self, _rest: str) -> None:
        if not self.greeted or self.context is None or self.encrypted:
            self.say("503 5.5.1 bad sequence of commands")
            return
        self.say("220 2.0.0 go ahead")
        self.connection = self.context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.encrypted, self.greeted, self.signed_in = True, False, False  # RFC 3207 4.2: all is forgotten

    def do_auth(self, rest: str) -> None:
        if not self.greeted or (self.fake.starttls and not self.encrypted):
            self.say("503 5.5.1 EHLO and encryption first")
            return
        kind, _space, said = rest.partition(" ")
        if kind.upper() != "PLAIN" or not said:
            self.say("504 5.5.4 this kind is not known")
            return
        _who, user, password = base64.b64decode(said).decode().split("\0")
        self.signed_in = (user, password) == (USER, PASSWORD)
        self.say("235 2.7.0 welcome" if self.signed_in else "535 5.7.8 wrong user or password")

    def do_mail(self, rest: str) -> None:
        found = re.fullmatch(r"FROM:<([^<>@\s]+@[^<>@\s]+)>(?: SIZE=\d+)?", rest, re.IGNORECASE)
        if not self.greeted:
            self.say("503 5.5.1 EHLO first")
        elif self.fake.auth and not self.signed_in:
            self.say("530 5.7.0 authentication required")
        elif found is None:
            self.say("501 5.1.7 bad sender")
        elif self.fake.auth and found[1] != USER:
            self.say("553 5.7.1 sender is not who has signed in")
        else:
            self.sender, self.to = found[1], ""
            self.say("250 2.1.0 ok")

    def do_rcpt(self, rest: str) -> None:
        found = re.fullmatch(r"TO:<([^<>@\s]+@[^<>@\s]+\.[^<>@\s]+)>", rest, re.IGNORECASE)
        if not self.sender:
            self.say("503 5.5.1 MAIL first")
        elif found is None:
            self.say("501 5.1.3 bad recipient")
        else:
            self.to = found[1]
            self.say("250 2.1.5 ok")

    def do_data(self, _rest: str) -> None:
        if not self.to:
            self.say("503 5.5.1 RCPT first")
            return
        self.say("354 go ahead")
        lines: list[bytes] = []
        problem = ""
        while (line := self.rfile.readline(4096)) != b".\r\n":
            if not line:
                raise _HangUpError
            problem = problem or _wrong_line(line)
            lines.append(line.removeprefix(b"."))
        self.fake.seen.append(".")
        raw = b"".join(lines)
        problem = problem or _wrong_letter(raw, self.sender)
        if problem:
            self.say(problem)
            return
        trouble = self.fake.troubles[0] if self.fake.troubles else ("", "")
        if trouble[0] == "." and not trouble[1]:
            self.fake.taken.append(Taken(self.sender, self.to, raw))  # it has it, and nobody hears so
        if (answer := self.fake.trouble(".")) is not None:
            self.say(answer)
            return
        self.fake.taken.append(Taken(self.sender, self.to, raw))
        self.sender = self.to = ""
        self.say("250 2.0.0 queued")


def _wrong_line(line: bytes) -> str:
    if not line.endswith(b"\r\n") or b"\r" in line[:-2] or b"\n" in line[:-2]:
        return "550 5.6.11 bare line feed"
    if len(line) > 1000:
        return "500 5.6.0 line too long"
    if not line.isascii():
        return "554 5.6.3 eight-bit data, and 8BITMIME was not offered"
    return ""


def _wrong_letter(raw: bytes, sender: str) -> str:
    head, found, _body = raw.partition(b"\r\n\r\n")
    if not found:
        return "550 5.6.0 no headers"
    names = [line.split(b":")[0].decode().lower() for line in head.split(b"\r\n") if line[:1] not in (b" ", b"\t")]
    if any(names.count(name) != 1 for name in _HEADERS):
        return "550 5.6.0 a header is missing, or there twice"
    parsed = cast(EmailMessage, message_from_bytes(raw, policy=SMTP))
    if sender not in str(parsed["From"]):
        return "550 5.7.1 From is not the sender"
    if not re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", str(parsed["Message-ID"])) or parsed.defects:
        return "550 5.6.0 malformed"
    return ""


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, *_about: Any) -> None:
        """Somebody who hangs up, or does not like the certificate, is no news."""


@contextmanager
def fake_smtp(fake: FakeSmtp, certificate: Path | None = None) -> Iterator[FakeSmtp]:
    """Serve `fake` on a free port; with a `certificate` it can encrypt."""
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)

    class Server(_Server):
        def get_request(self) -> Any:
            connection, address = super().get_request()
            if fake.implicit and context is not None:
                connection = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
            return connection, address

    handler = type("Session", (_Session,), {"fake": fake, "context": context})
    with Server(("127.0.0.1", 0), handler) as server:
        fake.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield fake
        server.shutdown()


def make_certificate(folder: Path, host: str = "127.0.0.1") -> Path:
    """A certificate for `host` that nobody trusts yet, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "mail.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path
