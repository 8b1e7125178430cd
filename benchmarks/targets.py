"""One line a target, as the benchmarks end with."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    name: str
    measured: str
    limit: str
    good: bool

    def __str__(self) -> str:
        return f"target {self.name} {self.measured} {self.limit} {'ok' if self.good else 'short'}"

    @classmethod
    def at_least(cls, name: str, measured: float, limit: float) -> "Target":
        return cls(name, f"{measured:.3g}", f">={limit:g}", measured >= limit)

    @classmethod
    def at_most(cls, name: str, measured: float, limit: float) -> "Target":
        return cls(name, f"{measured:.3g}", f"<={limit:g}", measured <= limit)
