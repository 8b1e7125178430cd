"""The prepared sentences as they are read: by whoever returns something, and by the person it is returned to."""

from __future__ import annotations

from collections.abc import Mapping

from models.extensions import db
from models.interview import wording
from models.office.review_tables import PreparedReasons
from models.programme.pack import Text

SHARED = ("blurred", "cut", "wrong", "expired", "mismatch", "incomplete", "full_name")


def listed(slug: str) -> tuple[list[Text], int]:
    """The programme's sentences in their order, and the version of the list (0: nobody has changed the shared ones).
    One that was written in Chinese only is Chinese in both."""
    row = db.session.get(PreparedReasons, slug) if slug else None
    if row is None:
        return [wording.text(f"office.reason.{name}") for name in SHARED], 0
    return [Text(zh=one["zh"], en=one["en"]) for one in row.reasons], row.version


def offered(slug: str, lang: str) -> list[str]:
    """What is offered to whoever returns something of a person who reads `lang`."""
    return [one.get(lang) for one in listed(slug)[0]]


def read_in(slug: str, reasons: Mapping[str, str], lang: str) -> dict[str, str]:
    """The same reasons as somebody reads them in `lang`: what is one of the prepared sentences, in whichever language
    it was chosen, else as it was written."""
    if not reasons:
        return {}
    known = {said: one.get(lang) for one in listed(slug)[0] for said in (one.zh, one.en)}
    return {key: known.get(reason, reason) for key, reason in reasons.items()}
