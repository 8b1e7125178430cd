"""The chat on a terminal, scriptable through stdin: one line is one message, ``photo PATH`` sends an image."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

from flask import Flask

from bot_adapter import conversation
from bot_adapter.channels.base import reply_to
from bot_adapter.messages import Capabilities, InboundMessage, MediaRef, OutboundMessage, SendResult
from models.interview.wording import say

_PHOTO = "photo "


class Terminal:
    """One person at one terminal."""

    name = "terminal"
    capabilities = Capabilities(max_messages=100)

    def __init__(self, slug: str, language: str, out: TextIO, sender: str | None = None) -> None:
        self.slug, self.language, self.out = slug, language, out
        self.sender = sender or uuid.uuid4().hex
        self._count = 0

    def verify(self, request: str) -> str:
        """Whoever sits at the terminal is who they are."""
        return request

    def parse(self, payload: str) -> list[InboundMessage]:
        """One line as a message; raises FileNotFoundError for a photo that is not there."""
        self._count += 1
        line = payload.strip()
        media: tuple[MediaRef, ...] = ()
        if line.startswith(_PHOTO):
            ref = MediaRef(line.removeprefix(_PHOTO).strip())
            media, line = (MediaRef(ref.reference, self.fetch_media(ref)),), ""
        message = InboundMessage(
            channel=self.name,
            sender_id=self.sender,
            dedupe_key=str(self._count),
            text=line,
            media=media,
            account_id=self.slug,
            programme=self.slug,
            language=self.language,
            greeted=True,
        )
        return [message]

    def acknowledge(self, payload: str) -> None:
        """Nothing: the reply follows at once."""

    def send(self, message: OutboundMessage) -> SendResult:
        self.out.write(message.plain() + "\n\n")
        self.out.flush()
        return SendResult("delivered")

    def fetch_media(self, ref: MediaRef) -> bytes:
        return Path(ref.reference).expanduser().read_bytes()

    def redact(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        return dict.fromkeys(payload, "…")


def run(app: Flask, slug: str, stdin: Iterable[str], stdout: TextIO, language: str = "zh") -> None:
    """Talk until the input ends. Nothing but the replies is written; an empty line asks for news.

    Raises PackError when there is no such programme.
    """
    terminal = Terminal(slug, language, stdout)
    with app.app_context():
        _write(terminal, conversation.greeting(slug, language))
    for line in stdin:
        with app.app_context():
            _write(terminal, _turn(terminal, line))
    _write(terminal, [OutboundMessage(say("chat.bye", language))])


def _write(terminal: Terminal, messages: list[OutboundMessage]) -> None:
    for message in messages:
        terminal.send(message)


def _turn(terminal: Terminal, line: str) -> list[OutboundMessage]:
    try:
        inbound = terminal.parse(terminal.verify(line))
    except OSError:
        path = line.strip().removeprefix(_PHOTO).strip()
        return [OutboundMessage(say("chat.no_file", terminal.language, path=path))]
    return [message for each in inbound for message in reply_to(each, terminal.capabilities)]
