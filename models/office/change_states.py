"""How a change asked for after admission (变动) stands, and where the photos that prove it lie."""

from __future__ import annotations

from typing import Final

DRAFT: Final = "draft"  # being written; its writer's own
UNIT: Final = "unit"  # waits for the collecting unit's opinion
OFFICE: Final = "office"  # waits for the programme office
ASKED: Final = "asked"  # whoever asked for it has to add something
ACCEPTED, REFUSED, WITHDRAWN = "accepted", "refused", "withdrawn"
OPEN = (UNIT, OFFICE, ASKED)  # one a person
STATES = (UNIT, OFFICE, ASKED, ACCEPTED, REFUSED, WITHDRAWN)


def document(change_id: str) -> str:
    """Under which document the pages that prove a change are kept, apart from those of the application."""
    return f"change:{change_id}"


def is_evidence(document_id: str) -> bool:
    """Whether pages of this document prove a change."""
    return document_id.startswith("change:")
