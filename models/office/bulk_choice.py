"""What is chosen for many cases at once: pass them, or return the same fields of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from models.errors import InvalidAnswer, NotFound
from models.office import audit, opinions, reviews
from models.office.decisions import Signed
from models.office.review_tables import BulkAction

APPROVE, RETURN = audit.APPROVE, audit.RETURN
EVENT = {APPROVE: "approved", RETURN: "items_returned"}  # what must be possible for it


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision about many. `reasons`: by answer key, what is to be done about it."""

    action: str
    signed: Signed = field(default_factory=Signed)
    reasons: Mapping[str, str] = field(default_factory=dict)

    def params(self) -> dict[str, Any]:
        """As it is kept."""
        if self.action == APPROVE:
            day = self.signed.day.isoformat() if self.signed.day else ""
            return {"opinion": self.signed.words, "signer": self.signed.signer, "day": day}
        return {"reasons": dict(self.reasons)}

    @classmethod
    def of(cls, row: BulkAction) -> Choice:
        """As it was kept."""
        kept = row.params
        day = date.fromisoformat(kept["day"]) if kept.get("day") else None
        signed = Signed(kept.get("opinion", ""), kept.get("signer", ""), day)
        return cls(row.action, signed, kept.get("reasons", {}))

    def digest(self, ids: Sequence[str]) -> str:
        """What was looked at before it was confirmed: what would happen, and to whom. An opinion changes neither."""
        what = {} if self.action == APPROVE else self.params()
        return hashlib.sha256(json.dumps([self.action, what, sorted(ids)]).encode()).hexdigest()[:32]


def check(choice: Choice) -> None:
    """Raises InvalidAnswer for what cannot be said to anybody, NotFound for what cannot be done with many."""
    if choice.action == APPROVE:
        if choice.signed.words:
            opinions.check(choice.signed.words, choice.signed.signer, choice.signed.day)
    elif choice.action == RETURN:
        if not choice.reasons:
            raise InvalidAnswer("office.nothing_ticked")
        for reason in choice.reasons.values():
            reviews.check_reason(reason)
    else:
        raise NotFound("office.not_found")
