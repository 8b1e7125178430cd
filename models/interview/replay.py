"""The eligibility stage replayed from the start: which stored answers are live, and what is asked next.

An answer counts only if the replay comes to its question; one that a change elsewhere has made pointless sleeps until
its question comes back. Prefixes of answers recur on every request, so the question after each of them is kept.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Sequence
from datetime import date
from typing import Any

from models.eligibility.compiled import Compiled, compiled
from models.eligibility.pending import claimed_categories, pending
from models.interview.steps import Answers
from models.programme.pack import Pack

_KEPT = 8192
_Key = tuple[int, tuple[tuple[str, Any], ...], tuple[str, ...], date]
_next: OrderedDict[_Key, tuple[Compiled, str]] = OrderedDict()


def replay(pack: Pack, answers: Answers, on: date) -> tuple[dict[str, Any], str]:
    """The live facts in the order asked, and the fact to ask next (empty when all that decides is known)."""
    c = compiled(pack)
    claimed = claimed_categories(c, answers.get("claim"))
    stored = c.known({key[5:]: value for key, value in answers.items() if key.startswith("fact:")})
    live: dict[str, Any] = {}
    while claimed:
        name = _after(c, live, claimed, on)
        if not name or name not in stored:
            return live, name
        live[name] = stored[name]
    return live, ""


def _after(c: Compiled, live: dict[str, Any], claimed: Sequence[str], on: date) -> str:
    key = (id(c), tuple(live.items()), tuple(claimed), on)
    kept = _next.get(key)
    if kept is not None and kept[0] is c:
        return kept[1]
    asks = pending(c, c.evaluate(live, on), claimed, on)
    name = asks[0] if asks else ""
    _next[key] = (c, name)
    while len(_next) > _KEPT:
        _next.popitem(last=False)
    return name


def fingerprint(pack: Pack, claim: Any, facts: dict[str, Any]) -> str:
    """What a verdict was read for: another claim, another live fact or another version of the pack makes another one,
    and shows it again."""
    claimed = claim if isinstance(claim, str) else sorted(claim or ())
    judged = json.dumps([pack.programme.version, claimed, sorted(facts.items())])
    return hashlib.sha256(judged.encode()).hexdigest()[:16]
