"""Everything that is kept encrypted: which columns, which files, and what each is bound to.

The one list for whoever has to go through all of it: the sweep of files, sealing again with a new key, the look for
files that are missing. A test holds it against the tables, so a new encrypted column cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, select
from sqlalchemy.orm import InstrumentedAttribute

from models.application import answers, channel_state, pages, readings, said, uploads
from models.application.channel_tables import Carried, ChannelState
from models.application.tables import Answer, Conversation, DocumentPage, Inbound, PackVersion, Reading, Upload
from models.office import sealing, templates, unit_entries, unit_tables, volumes, workbook_files
from models.office.batch_tables import Batch, BatchRow
from models.office.chain_tables import RegistryChange, ReportPart, UnitOpinion
from models.office.edition_tables import Edition, Letter, ReturnCell, UnitSchedule, WorkbookReturn
from models.office.inbox_tables import EnquiryMessage
from models.office.review_tables import ExportRequest, SavedSearch
from models.office.tables import OfficialTemplate, Staff, UnitEntry, UnitTableRow, Volume, Workbook

Attribute = InstrumentedAttribute[Any]


@dataclass(frozen=True, slots=True)
class Place:
    """A column that holds envelopes, or keys of encrypted files; `bound_to` is called with the row's values of `of`."""

    column: Attribute
    bound_to: Callable[..., str]
    of: tuple[Attribute, ...]

    @property
    def table(self) -> Table:
        """The table that the column is in."""
        found: Table = self.column.class_.__table__
        return found

    @property
    def name(self) -> str:
        """``table.column``."""
        return f"{self.table.name}.{self.column.key}"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as a record names it."""

    key: str
    bound_to: str
    named_by: str  # ``table.column``
    of: tuple[str, ...]  # what tells the record


COLUMNS = (
    Place(Answer.sealed, answers.place, (Answer.application_id, Answer.key)),
    Place(Reading.sealed, readings.bound_to, (Reading.page_id,)),
    Place(Inbound.sealed, said.came_bound_to, (Inbound.id,)),
    Place(Inbound.reply, said.reply_bound_to, (Inbound.id,)),
    Place(
        ChannelState.sealed,
        channel_state.bound_to,
        (ChannelState.channel, ChannelState.account, ChannelState.name),
    ),
    Place(UnitEntry.sealed, unit_entries.place, (UnitEntry.application_id, UnitEntry.key)),
    Place(
        UnitTableRow.sealed,
        unit_tables.row_bound_to,
        (UnitTableRow.round_id, UnitTableRow.unit_id, UnitTableRow.kind, UnitTableRow.part, UnitTableRow.id),
    ),
    Place(UnitOpinion.sealed, sealing.opinion, (UnitOpinion.application_id, UnitOpinion.unit_id)),
    Place(RegistryChange.sealed, sealing.change, (RegistryChange.id,)),
    Place(BatchRow.sealed, sealing.batch_row, (BatchRow.id,)),
    Place(Edition.sealed, sealing.edition, (Edition.id,)),
    Place(Staff.second_factor, sealing.second_factor, (Staff.id,)),
    Place(UnitSchedule.email, sealing.schedule, (UnitSchedule.unit_id,)),
    Place(Letter.recipient, sealing.letter_recipient, (Letter.id,)),
    Place(Letter.sealed, sealing.letter, (Letter.id,)),
    Place(ReturnCell.sealed, sealing.return_cell, (ReturnCell.id,)),
    Place(EnquiryMessage.sealed, sealing.thread, (EnquiryMessage.id,)),
    Place(SavedSearch.sealed, sealing.search, (SavedSearch.id,)),
    Place(ExportRequest.sealed, sealing.export, (ExportRequest.id,)),
)
# JSON whose texts may be envelopes in base64.
TEXTS = (
    Place(Conversation.state, said.state_bound_to, (Conversation.id,)),
    Place(Carried.state, said.state_bound_to, (Carried.conversation_id,)),
)
PLAIN = (PackVersion.archive,)  # bytes that are no secret

_PAGE = (DocumentPage.upload_key, DocumentPage.image_key, DocumentPage.thumb_key, DocumentPage.crop_key)
FILES = (
    *(Place(column, pages.bound_to, (DocumentPage.id,)) for column in _PAGE),
    Place(OfficialTemplate.storage_key, templates.bound_to, (OfficialTemplate.id,)),
    Place(OfficialTemplate.trial_key, templates.trial_bound_to, (OfficialTemplate.id,)),
    Place(Volume.storage_key, volumes.bound_to, (Volume.application_id,)),
    Place(Workbook.storage_key, workbook_files.bound_to, (Workbook.round_id, Workbook.unit_id, Workbook.kind)),
    Place(ReportPart.storage_key, sealing.report_part, (ReportPart.report_id, ReportPart.kind)),
    Place(Batch.storage_key, sealing.batch, (Batch.id,)),
    Place(WorkbookReturn.storage_key, sealing.returned, (WorkbookReturn.id,)),
    Place(ExportRequest.storage_key, sealing.export_file, (ExportRequest.id,)),
)
PARTS = Place(Upload.parts, uploads.part_bound_to, (Upload.id,))  # a list of {"key": …}; called with each of them


def files(connection: Connection) -> Iterator[StoredFile]:
    """Every file that a record names now, once for each record."""
    for place in FILES:
        query = select(place.column, *place.of).where(place.column.is_not(None), place.column != "")
        for key, *of in connection.execute(query, execution_options={"yield_per": 5000}):
            yield StoredFile(key, place.bound_to(*of), place.name, tuple(of))
    for parts, *of in connection.execute(select(PARTS.column, *PARTS.of), execution_options={"yield_per": 500}):
        for part in parts:
            yield StoredFile(part["key"], PARTS.bound_to(*of, part), PARTS.name, tuple(of))
