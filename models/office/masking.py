"""How an encrypted value looks on a page until somebody reveals it, and how free text loses what it should not hold."""

from __future__ import annotations

import re
import unicodedata

_ID_NUMBER = re.compile(r"(?<![0-9])([0-9]{4})[0-9]{13}([0-9Xx])(?![0-9])")
_PHONE = re.compile(r"(?<![0-9])(1[3-9][0-9])[0-9]{4}([0-9]{4})(?![0-9])")
# As people write them: digits of any width, with blanks or hyphens in between.
_SPACED_ID = re.compile(r"(?<!\d)\d(?:[\s-]{0,2}\d){16}[\s-]{0,2}[\dXxＸｘ](?!\d)")
_SPACED_PHONE = re.compile(r"(?<!\d)\d(?:[\s-]{0,2}\d){10}(?!\d)")
_GROUPS = 5
_LIKE_AN_ID = re.compile(r"[1-8]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]", re.ASCII)
_LIKE_A_PHONE = re.compile(r"1[3-9]\d{9}", re.ASCII)


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
    """Free text with ID and mobile numbers masked: a question is kept in plain words, so it must not hold them.

    Numbers written with blanks, hyphens or full-width digits are masked too, and shown without these."""
    text = _SPACED_ID.sub(lambda found: _tidy(found[0], _LIKE_AN_ID), text)
    text = _SPACED_PHONE.sub(lambda found: _tidy(found[0], _LIKE_A_PHONE), text)
    text = _ID_NUMBER.sub(lambda found: f"{found[1]}{'*' * 13}{found[2]}", text)
    return _PHONE.sub(lambda found: f"{found[1]}****{found[2]}", text)


def _tidy(written: str, like: re.Pattern[str]) -> str:
    """The number without what stands between its digits, if it is one; else what was written."""
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", written)).upper()
    groups = len(re.findall(r"[\s-]+", written)) + 1  # 「2008-09 2012-06 2012-07」 is no number in groups
    return plain if like.fullmatch(plain) and groups <= _GROUPS else written
