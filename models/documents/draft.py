"""A finding before it is stored: what the checks of an application give, whoever looks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class FindingDraft:
    """One finding before it is stored: the answer key it is about, the sentence, the clause, whether it blocks.

    `params` hold labels and numbers only, never an answer's value; texts are ``{"zh": …, "en": …}``.
    """

    key: str
    code: str
    params: dict[str, Any] = field(default_factory=dict)
    clause: str = ""
    blocking: bool = True
