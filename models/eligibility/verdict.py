"""What an assessment says. Pure values; made by `assess.assess`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from models.programme.pack import Text

UNSURE = "unsure"  # the stored value of 「不确定」
FactValue = bool | int | str | tuple[str, ...]


class Status(StrEnum):
    """Three-valued plus one. UNKNOWN is neither a pass nor a refusal."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"
    STAFF = "staff_decides"


class Outcome(StrEnum):
    ELIGIBLE = "eligible"  # at least one claimed category is met
    STAFF = "staff_decides"  # none met, at least one for people to decide (or answered 「不确定」)
    UNKNOWN = "unknown"  # questions remain
    REFUSED = "refused"  # every claimed category is not met


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition judged: its clause, the notice's words, and the facts used."""

    condition: str
    status: Status
    clause: str
    quote: str
    text: Text
    facts: dict[str, FactValue | None]
    unsure: bool = False  # unknown because the person said 「不确定」, so it is not asked again
    staff_why: Text | None = None
    evidence: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As trees name it."""
        return self.condition


@dataclass(frozen=True, slots=True)
class GroupFinding:
    """A group or category judged, with its parts in the notice's order."""

    id: str
    status: Status
    clause: str
    title: Text
    mode: str  # all | any | mixed
    parts: tuple[GroupFinding | Finding, ...]
    unsure: bool = False  # unknown, and no question remains that could settle it
    alternatives: frozenset[str] = frozenset()  # names of the parts of which one is enough

    @property
    def name(self) -> str:
        """As trees name it."""
        return self.id

    def deciding(self) -> tuple[Finding, ...]:
        """The leaf findings that made the group what it is, each condition once, in the notice's order.

        Only parts that share the group's status are followed (where people decide, what is met beside it as well;
        where something is unknown, what people decide as well); an alternative that failed decides nothing where
        another did not.
        """
        once: dict[str, Finding] = {}
        for part in self._that_decide():
            for finding in (part,) if isinstance(part, Finding) else part.deciding():
                once.setdefault(finding.condition, finding)
        return tuple(once.values())

    def _that_decide(self) -> list[GroupFinding | Finding]:
        beside = {Status.STAFF: Status.MET, Status.UNKNOWN: Status.STAFF}
        wanted = {self.status, beside.get(self.status, self.status)}
        either = [part for part in self.parts if part.name in self.alternatives]
        if self.status is Status.NOT_MET and any(part.status is not Status.NOT_MET for part in either):
            return [part for part in self.parts if part.status in wanted and part not in either]
        return [part for part in self.parts if part.status in wanted]

    def findings(self) -> tuple[Finding, ...]:
        """All leaf findings, depth first."""
        out: list[Finding] = []
        for part in self.parts:
            out.extend((part,) if isinstance(part, Finding) else part.findings())
        return tuple(out)


@dataclass(frozen=True, slots=True)
class RouteFinding:
    """Which unit collects, and by which clause. `unit` is None while unknown; `staff`: the office decides."""

    unit: str | None
    clause: str
    quote: str
    text: Text
    status: Status
    candidates: tuple[str, ...] = ()
    supporting: tuple[Text, ...] = ()  # bodies that help the unit


@dataclass(frozen=True, slots=True)
class Assessment:
    """The whole verdict on one day."""

    outcome: Outcome
    categories: dict[str, GroupFinding]  # every category, in the notice's order
    # categories the person claims (all, if they are not sure), without tiers below one that is met
    claimed: tuple[str, ...]
    general: GroupFinding
    route: RouteFinding
    nearest: str | None = None  # on a refusal: the category that lacks least
    pending: tuple[str, ...] = field(default=())  # facts that could still change the verdict, best first

    @property
    def may_still_fit(self) -> str | None:
        """`nearest`, unless it is what every category needs that is not met: then no other category helps."""
        return None if self.general.status is Status.NOT_MET else self.nearest
