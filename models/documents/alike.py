"""Perceptual hashes of photos, and which of them mean the same photo.

A hash is 64 bits of which exactly half are set (each is a frequency above or below the median), so two hashes differ in
an even number of places. Scaled and compressed again, as chat programs do, a photo's hash stays equal in two of three
cases and differs in two places in nearly all others. Two people's certificates from one template are as near: a hash
only finds candidates, and the pictures themselves decide (`workers.twins`).
"""

from __future__ import annotations

DIGITS = 16


def neighbours(phash: str) -> list[str]:
    """The hash itself and all that differ from it in two places, one bit set and one cleared: 1025 of a hash with half
    of its bits set, which an index on the hash answers in one statement. Raises ValueError for no hash."""
    if len(phash) != DIGITS:
        raise ValueError(f"not {DIGITS} digits: {phash!r}")
    value = int(phash, 16)
    ones = [1 << place for place in range(4 * DIGITS) if value >> place & 1]
    zeros = [1 << place for place in range(4 * DIGITS) if not value >> place & 1]
    return [phash.lower(), *(f"{value ^ one ^ zero:016x}" for one in ones for zero in zeros)]
