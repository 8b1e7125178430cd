"""Receipt codes ``BL-XXXX-XXXX``: read out over the telephone, copied by hand, so without look-alikes and checked.

The alphabet leaves out 0, 1, I, L and O and has 31 letters, a prime: the weighted sum modulo 31 in the last place
finds every wrong letter and every swap of two.
"""

from __future__ import annotations

import secrets
import unicodedata

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_RANDOM = 7


def make() -> str:
    """A new random code."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(_RANDOM))
    return _shown(body + check_letter(body))


def check_letter(body: str) -> str:
    """The letter that makes the weighted sum zero."""
    total = sum(weight * ALPHABET.index(letter) for weight, letter in enumerate(body, start=2))
    return ALPHABET[-total % len(ALPHABET)]


def normalise(text: str) -> str | None:
    """The code as we store it, however it was typed (lower case, full width, spaces, with or without BL);
    None where it cannot be one of ours."""
    letters = "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c.isalnum())
    body = letters.removeprefix("BL") if len(letters) == _RANDOM + 3 else letters
    if len(body) != _RANDOM + 1 or any(c not in ALPHABET for c in body):
        return None
    return _shown(body) if check_letter(body[:-1]) == body[-1] else None


def _shown(body: str) -> str:
    return f"BL-{body[:4]}-{body[4:]}"
