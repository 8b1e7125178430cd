"""What may happen to an application, and when. A legal move is one row of `TRANSITIONS`; anything else is refused."""

from __future__ import annotations

from collections.abc import Iterable

from models.errors import IllegalTransition

NEW = ""  # before the first event
DRAFT, SUBMITTED, RETURNED, APPROVED = "draft", "submitted", "returned", "approved"
REPORTED, ADMITTED, REMOVED = "reported", "admitted", "removed"  # 上报, 入库, 退出: beyond the unit's own review
DECLINED, WITHDRAWN, DELETED = "declined", "withdrawn", "deleted"

STATUSES = (DRAFT, SUBMITTED, RETURNED, APPROVED, REPORTED, ADMITTED, REMOVED, DECLINED, WITHDRAWN, DELETED)
AFTER_REVIEW = (REPORTED, ADMITTED, REMOVED)  # only where a programme has such steps
EDITABLE = frozenset({DRAFT, RETURNED})  # the applicant may change something
PASSED = frozenset({APPROVED, REPORTED, ADMITTED})  # the collecting unit's review is behind them
LIVE = PASSED | {SUBMITTED, RETURNED}  # occupies the person's one place in the programme (「不重报」)
COUNTED = PASSED | {SUBMITTED}  # rows of a unit's workbook

TRANSITIONS: dict[tuple[str, str], str] = {
    (NEW, "started"): DRAFT,
    (DRAFT, "reused"): DRAFT,  # answers given in another programme taken over, declined, taken back
    (DRAFT, "reuse_declined"): DRAFT,
    (DRAFT, "reuse_withdrawn"): DRAFT,
    (DRAFT, "prefilled"): DRAFT,  # what was read on the ID card confirmed, or not wanted
    (DRAFT, "prefill_declined"): DRAFT,
    (DRAFT, "moved"): DRAFT,  # to a new version of the programme
    (DRAFT, "submitted"): SUBMITTED,
    (SUBMITTED, "items_returned"): RETURNED,
    (SUBMITTED, "reopened"): RETURNED,  # by the office, under a new version of the programme
    (RETURNED, "reopened"): RETURNED,
    (RETURNED, "corrected"): SUBMITTED,  # handed in again
    (SUBMITTED, "approved"): APPROVED,
    (SUBMITTED, "declined"): DECLINED,
    # Upward: the collecting unit reports, whoever stands above puts together, the office admits. Without a reporting
    # step the office admits, or takes in, whom the unit has passed. What is sent back is the unit's to mend again.
    (APPROVED, "items_returned"): RETURNED,
    (APPROVED, "declined"): DECLINED,
    (APPROVED, "reported"): REPORTED,
    (REPORTED, "reported"): REPORTED,  # by the unit above, with its own
    (REPORTED, "bundle_sent_back"): REPORTED,  # to the unit above, which has them still
    (REPORTED, "report_sent_back"): APPROVED,  # to the unit that collected
    (REPORTED, "declined"): DECLINED,
    (APPROVED, "admitted"): ADMITTED,
    (REPORTED, "admitted"): ADMITTED,
    (ADMITTED, "changed"): ADMITTED,
    (ADMITTED, "change_asked"): ADMITTED,  # 变动: nothing of the record is otherwise before it is accepted
    (ADMITTED, "change_endorsed"): ADMITTED,
    (ADMITTED, "change_more"): ADMITTED,
    (ADMITTED, "change_refused"): ADMITTED,
    (ADMITTED, "change_withdrawn"): ADMITTED,
    (ADMITTED, "removed"): REMOVED,
    # The check is a worker's: whatever has happened meanwhile, its result changes no status.
    (SUBMITTED, "checked"): SUBMITTED,
    (RETURNED, "checked"): RETURNED,
    (APPROVED, "checked"): APPROVED,
    (REPORTED, "checked"): REPORTED,
    (ADMITTED, "checked"): ADMITTED,
    (SUBMITTED, "rerouted"): SUBMITTED,
    (RETURNED, "rerouted"): RETURNED,
    (APPROVED, "rerouted"): APPROVED,  # reported, it has to be sent back first
    (DRAFT, "set_aside"): WITHDRAWN,  # entered by a unit, while another has the person (不重报)
    (DRAFT, "withdrawn"): WITHDRAWN,
    (SUBMITTED, "withdrawn"): WITHDRAWN,
    (RETURNED, "withdrawn"): WITHDRAWN,
    # Consent is the person's to take back at any time, approved or not; what was declined or ended stays so.
    (DRAFT, "consent_withdrawn"): WITHDRAWN,
    (SUBMITTED, "consent_withdrawn"): WITHDRAWN,
    (RETURNED, "consent_withdrawn"): WITHDRAWN,
    (APPROVED, "consent_withdrawn"): WITHDRAWN,
    (REPORTED, "consent_withdrawn"): WITHDRAWN,
    (ADMITTED, "consent_withdrawn"): WITHDRAWN,
    (REMOVED, "consent_withdrawn"): REMOVED,
    (DECLINED, "consent_withdrawn"): DECLINED,
    (WITHDRAWN, "consent_withdrawn"): WITHDRAWN,
    (DRAFT, "deleted"): DELETED,
    (SUBMITTED, "deleted"): DELETED,
    (RETURNED, "deleted"): DELETED,
    (APPROVED, "deleted"): DELETED,
    (REPORTED, "deleted"): DELETED,
    (ADMITTED, "deleted"): DELETED,
    (REMOVED, "deleted"): DELETED,
    (DECLINED, "deleted"): DELETED,
    (WITHDRAWN, "deleted"): DELETED,
    # The time for which personal data are kept is over; for whoever is in the registry it does not run.
    (DRAFT, "purged"): DELETED,
    (APPROVED, "purged"): DELETED,
    (REPORTED, "purged"): DELETED,
    (REMOVED, "purged"): DELETED,
    (DECLINED, "purged"): DELETED,
    (WITHDRAWN, "purged"): DELETED,
}
EVENTS = tuple(dict.fromkeys(event for _, event in TRANSITIONS))


def step(status: str, event: str) -> str:
    """The status after `event`; raises IllegalTransition."""
    try:
        return TRANSITIONS[status, event]
    except KeyError:
        raise IllegalTransition(status, event) from None


def allows(status: str, event: str) -> bool:
    """Whether `event` may happen now; for buttons that should not be there."""
    return (status, event) in TRANSITIONS


def reduce(events: Iterable[str]) -> str:
    """The status after these event types, oldest first; raises IllegalTransition at the first that does not fit."""
    status = NEW
    for event in events:
        status = step(status, event)
    return status
