"""How an encrypted value looks on a page until somebody reveals it, and how free text loses what it should not hold."""

from __future__ import annotations

import re

_ID_NUMBER = re.compile(r"(?<![0-9])([0-9]{4})[0-9]{13}([0-9Xx])(?![0-9])")
_PHONE = re.compile(r"(?<![0-9])(1[3-9][0-9])[0-9]{4}([0-9]{4})(?![0-9])")


def mask(kind: str, text: str) -> str:
    """`text` as it is shown masked: enough to tell two people apart, too little to use.

    An ID number keeps its first four characters and its last, a phone number its first three and last four,
    anything else its first character.
    """
    if not text:
        return ""
    if kind == "id_number" and len(text) >= 15:
        return f"{text[:4]}{'*' * (len(text) - 5)}{text[-1]}"
    if kind == "phone" and len(text) >= 11:
        return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}"
    return f"{text[0]}{'*' * min(len(text) - 1, 6) or '*'}"


def redact(text: str) -> str:
    """Free text with ID and mobile numbers masked: a question is kept in plain words, so it must not hold them."""
    text = _ID_NUMBER.sub(lambda found: f"{found[1]}{'*' * 13}{found[2]}", text)
    return _PHONE.sub(lambda found: f"{found[1]}****{found[2]}", text)
