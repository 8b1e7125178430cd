"""What the running app holds beside Flask's own extensions: `app.extensions["bole"]`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.clock import Clock
    from models.crypto import KeyRing
    from models.settings import Settings


@dataclass(slots=True)
class Services:
    """The parts with an outside: clock, keys, files, queue. `redis` is None where no queue is reachable by design."""

    settings: Settings
    clock: Clock
    ring: KeyRing
    storage: Any
    redis: Any
