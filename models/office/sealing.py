"""What the office's encrypted columns and files are bound to, each to exactly its row. Kept apart from whoever reads
them, so that the one list of all that is encrypted (`models.sealed`) needs none of these."""

from __future__ import annotations


def second_factor(staff_id: int) -> str:
    """`Staff.second_factor`."""
    return f"second_factor:{staff_id}"


def waiting_factor(staff_id: int) -> str:
    """The secret of a second factor that its person has not confirmed yet, in the session's cookie."""
    return f"waiting_factor:{staff_id}"


def opinion(application_id: str, unit_id: str) -> str:
    """`UnitOpinion.sealed`."""
    return f"unit_opinion:{application_id}:{unit_id}"


def change(change_id: str) -> str:
    """`RegistryChange.sealed`."""
    return f"registry_change:{change_id}"


def report_part(report_id: str, kind: str) -> str:
    """`ReportPart.storage_key`."""
    return f"report_part:{report_id}:{kind}"


def batch(batch_id: str) -> str:
    """`Batch.storage_key`."""
    return f"batch:{batch_id}"


def batch_row(row_id: str) -> str:
    """`BatchRow.sealed`."""
    return f"batch_row:{row_id}"


def edition(edition_id: str) -> str:
    """`Edition.sealed`."""
    return f"edition:{edition_id}"


def schedule(unit_id: str) -> str:
    """`UnitSchedule.email`."""
    return f"unit_schedule:{unit_id}"


def letter_recipient(letter_id: str) -> str:
    """`Letter.recipient`."""
    return f"letter_recipient:{letter_id}"


def letter(letter_id: str) -> str:
    """`Letter.sealed`."""
    return f"letter:{letter_id}"


def returned(return_id: str) -> str:
    """`WorkbookReturn.storage_key`."""
    return f"workbook_return:{return_id}"


def return_cell(cell_id: str) -> str:
    """`ReturnCell.sealed`."""
    return f"return_cell:{cell_id}"


def search(search_id: str) -> str:
    """`SavedSearch.sealed`."""
    return f"saved_search:{search_id}"


def export(export_id: str) -> str:
    """`ExportRequest.sealed`."""
    return f"export_request:{export_id}"


def export_file(export_id: str) -> str:
    """`ExportRequest.storage_key`."""
    return f"export_file:{export_id}"


def thread(message_id: str) -> str:
    """`EnquiryMessage.sealed`."""
    return f"enquiry_message:{message_id}"
