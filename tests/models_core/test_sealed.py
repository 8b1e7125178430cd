"""The list of what is encrypted is whole: a new column that holds envelopes or names a file has to be put on it."""

from sqlalchemy import JSON, LargeBinary, String

import models.office.tables  # noqa: F401 - registers the tables
from models import sealed
from models.extensions import Base

# columns whose name ends like a file's and which name none
NO_FILES = {"page.idempotency_key", "document_page.idempotency_key", "upload.idempotency_key", "inbound.dedupe_key"}
NO_FILES |= {"enquiry.step_key"}


def _columns(kind):
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, kind):
                yield f"{table.name}.{column.name}"


def test_every_column_of_bytes_is_on_the_list_or_said_to_be_plain():
    listed = {place.name for place in sealed.COLUMNS}
    listed |= {f"{column.class_.__tablename__}.{column.key}" for column in sealed.PLAIN}
    assert set(_columns(LargeBinary)) == listed


def test_every_column_that_names_a_file_is_on_the_list():
    named = {name for name in _columns(String) if name.endswith("_key")} - NO_FILES
    assert {place.name for place in sealed.FILES} == named


def test_the_json_columns_that_hold_keys_or_envelopes_are_on_the_list():
    """The others were looked at: ids, counts and words of the pack. A new one has to be looked at as well."""
    looked_at = {
        *("application.categories", "application.corrected_keys", "application.returned_keys", "answer.value"),
        *("event.data", "finding.params", "notice.params", "document_page.flags", "reading.confirmed"),
        *("role.permissions", "workbook.excluded"),
        *(f"official_template.{name}" for name in ("wanted", "layout", "mapping", "trial")),
        *("batch.columns", "batch.params", "batch_row.problems", "bulk_action.params", "return_cell.params"),
        *("registry_change.evidence", "workbook_return.params"),
        *("figure_fact.codes", "prepared_reasons.reasons"),
    }
    listed = {place.name for place in (*sealed.TEXTS, sealed.PARTS)}
    assert set(_columns(JSON)) == looked_at | listed


def test_what_is_bound_to_a_row_is_bound_to_that_row_alone():
    places = [(place.name, place.bound_to(*(f"<{of.key}>" for of in place.of))) for place in sealed.COLUMNS]
    assert len({bound_to for _, bound_to in places}) == len(places)
    for place in sealed.COLUMNS:
        keys = {column.name for column in place.table.primary_key.columns}
        assert keys <= {of.key for of in place.of}, place.name
