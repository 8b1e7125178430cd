"""Dataclasses that are made in every turn. `frozen=True` is held by the type checker alone.

At run time a frozen one sets each of its fields through `object.__setattr__`, which takes eight times as long: a turn
made objects of a hundred and forty such fields. So this is `dataclasses.dataclass` to whoever checks types, and at run
time the same class without the guard: equal, hashable and copied as before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    import dataclasses

    def dataclass(*, frozen=False, eq=True, **more):
        return dataclasses.dataclass(eq=eq, unsafe_hash=frozen and eq, **more)
