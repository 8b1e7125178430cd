"""The official tables of a pack: the unit's summary and one person's form."""

from __future__ import annotations

from models.programme.basics import ClauseRef, Model
from models.programme.form import When


class Cell(Model):
    """A workbook column or form cell. `source`: ``seq`` · ``category`` · ``field:<id>`` · ``fact:<id>`` ·
    ``document:<id>`` (portrait) · ``rows:<id>`` (a block of rows) · ``blank`` (left for people)."""

    header: str
    source: str
    width: float = 12.0
    codes: str = ""  # drop-down list down the rows
    clause: ClauseRef


class SummaryTable(Model):
    """The unit's summary workbook (汇总表)."""

    title: str
    clause: ClauseRef
    header_line: str  # e.g. 报送时间：{date}    报送单位：{unit}（单位公章）
    columns: tuple[Cell, ...]
    inferred: bool = False  # columns are not in the notice: an open point says so
    spare_rows: int = 20


class FormBlock(Model):
    title: str
    cells: tuple[Cell, ...]
    when: When | None = None


class FormTable(Model):
    """One person's collection form (采集表)."""

    title: str
    clause: ClauseRef
    blocks: tuple[FormBlock, ...]
    opinion: str  # label of the review box, word for word
    opinion_clause: ClauseRef
    inferred: bool = False


class Workbooks(Model):
    summary: SummaryTable
    form: FormTable
