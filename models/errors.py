"""The errors that cross a seam. Each carries what a door needs to say one clear sentence in the person's language.

`key` names an entry of the shared wording (`models/packs/_shared/messages.toml`); `params` fill it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any


class BoleError(Exception):
    """Base of all errors that a door turns into a sentence; never shown raw."""

    def __init__(self, key: str, **params: Any) -> None:
        super().__init__(key)
        self.key = key
        self.params = params


class InvalidAnswer(BoleError):
    """What the person gave cannot be the answer to this question; their input is kept and shown again."""


class NotOpen(BoleError):
    """No round of the programme takes applications on this day (`opens`, `closes` in params where known)."""


class WayClosed(NotOpen):
    """The way in that the person chose has closed (`way`, `closes`); they can still come by the `others`, if any."""


class NotReady(BoleError):
    """Submission was asked for while something is missing; `params["missing"]` lists the keys."""


class NotFound(BoleError):
    """No such record, or not within this person's or unit's reach: both look the same from outside."""


class StorageAway(BoleError):
    """Files cannot be kept or fetched just now (disk full, object store not answering): nothing was acknowledged, and
    the same again in a moment is right."""


class Conflict(BoleError):
    """Somebody else changed the record since it was read (optimistic version check), or a live record exists."""


class IllegalTransition(BoleError):
    """The event is not legal in the present status."""

    def __init__(self, status: str, event: str) -> None:
        super().__init__("error.illegal_transition", status=status, event=event)
        self.status = status
        self.event = event


class PackError(Exception):
    """A programme pack is wrong: names the file, the key in it and the reason."""

    def __init__(self, file: str, key: str, reason: str) -> None:
        super().__init__(": ".join(filter(None, (file, key, reason))))
        self.file = file
        self.key = key
        self.reason = reason


class SettingsError(Exception):
    """The environment lacks or contradicts something; the message says what and how to mend it."""


class Later(Exception):
    """A job has done what can be done now and is to run again at `at` (UTC); that is no failed attempt."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at.isoformat())
        self.at = at
