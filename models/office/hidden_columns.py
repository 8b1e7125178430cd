"""Which columns of a table are shown masked on a page: what stands in them is kept sealed."""

from __future__ import annotations

from collections.abc import Mapping

from models.application import answers
from models.programme import unit_rows
from models.programme.mentions import form_fields
from models.programme.pack import Pack


def hidden(pack: Pack, kind: str) -> Mapping[str, str]:
    """The kind of what stands in them (for `masking.mask`), by column of the table `kind`."""
    sealed, tables = answers.sensitive_keys(pack), pack.workbooks.unit_tables
    columns = (one for table in tables if table.id == kind for one in table.columns)
    fields = [each for each in form_fields(pack) if f"field:{each.id}" in sealed]
    return {
        **{f"{way}:{each.id}": each.kind for each in fields for way in ("field", "rows")},
        **{f"column:{one.id}": one.kind for one in columns if unit_rows.is_masked(one)},
    }
