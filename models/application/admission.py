"""What a programme calls it when somebody is chosen: entered (入库), appointed (聘任), given a certificate."""

from __future__ import annotations

from models.interview import wording
from models.programme.pack import Pack, Text

_NAMES = ("deed", "done", "told")


def words(pack: Pack | None) -> dict[str, Text]:
    """`deed`, `done` and `told` of `models.programme.afterwards.Admission`, as params of a sentence; where the notice
    names none, or no programme is meant, what fits any."""
    named = pack.afterwards.admission if pack is not None else None
    if named is None:
        return {name: wording.text(f"admission.{name}") for name in _NAMES}
    return {"deed": named.deed, "done": named.done, "told": named.told}
