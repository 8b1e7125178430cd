"""The official tables of a pack: tables of people, tables that a unit fills in itself, and one person's form."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from models.programme.basics import ClauseRef, Ident, Model, Option, Text
from models.programme.form import When

FORMS = "forms"  # the kind of workbook that holds the people's forms
TableId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class Cell(Model):
    """A workbook column or form cell. `source`: ``seq`` · ``category`` · ``claim`` (what the person applies for) ·
    ``ladder`` (claims that the categories belong to) · ``clause`` (of the conditions that decided) · ``unit_name`` ·
    ``field:<id>`` · ``fact:<id>`` · ``unit_field:<id>`` · ``document:<id>`` (portrait) · ``rows:<id>`` (a block of
    rows) · ``blank`` (left for people).
    Neighbours with the same `group` stand under one merged heading. `months`: how a month is written."""

    header: str
    source: str
    group: str = ""
    width: float = 12.0
    codes: str = ""  # drop-down list down the rows
    clause: ClauseRef
    months: Literal["YYYY-MM", "YYYY.MM"] = "YYYY-MM"


class SummaryTable(Model):
    """A table with one row a person (汇总表, 推荐表). `when` says who stands in it; `notes` are the notice's own
    填表说明, printed below; `label` is its part of the file name."""

    id: TableId = "summary"
    label: str = "汇总表"
    title: str
    clause: ClauseRef
    header_line: str = ""  # e.g. 报送时间：{date}    报送单位：{unit}（单位公章）
    footer_line: str = ""  # e.g. 填报人：        审核人：
    columns: tuple[Cell, ...]
    when: When | None = None
    notes: tuple[str, ...] = ()
    inferred: bool = False  # columns are not in the notice: an open point says so
    spare_rows: int = 20


class UnitColumn(Model):
    """A column of a table that the unit fills in. `sum_of`: columns whose numbers it adds up, never typed. `count_of`:
    the unit's applicants for whom it holds are counted as a suggestion, which the unit takes over or not."""

    id: Ident
    kind: Literal["text", "choice", "number", "date", "id_number"]
    header: str
    group: str = ""
    clause: ClauseRef
    required: bool = True
    options: tuple[Option, ...] = ()
    codes: str = ""
    at_least: int | None = None  # of a number
    at_most: int | None = None
    max_length: int = 200
    sum_of: tuple[Ident, ...] = ()
    sensitive: bool = False  # masked on screen; an id_number always is
    count_of: When | None = None
    width: float = 12.0


class UnitTable(Model):
    """A table that a unit fills in itself, without applicants. `rows` names the rows where the notice does (regions),
    in the first column after the number; `row_units`: the unit whose applicants each of them counts; `each`: a choice
    fact for each of whose options the unit fills in a copy (an industry); `total`: the label of a row that adds the
    numbers up."""

    id: TableId
    label: str
    title: str
    clause: ClauseRef
    header_line: str = ""
    footer_line: str = ""
    columns: tuple[UnitColumn, ...] = Field(min_length=1)
    rows: tuple[str, ...] = ()
    row_units: tuple[str, ...] = ()
    each: str = ""
    each_options: tuple[str, ...] = ()  # only these of the fact's options; empty: all
    total: str = ""
    notes: tuple[str, ...] = ()
    spare_rows: int = 10
    max_rows: int = 500


class FormBlock(Model):
    title: str
    cells: tuple[Cell, ...]
    when: When | None = None


class GridCell(Model):
    """A cell of a form drawn exactly as the notice does, over `span` columns and `rows` rows: a `label`, or what the
    `sources` give, or both, the label first. Sources are as in `Cell`, and ``month:<id>`` (a date by year and month)
    and ``opinion`` (the reviewer's); blank ones are left out, and where all are, `empty` stands there (年 月 日).
    `tick` shows every option with ☑ or ☐. `signature` stands at the foot, to be signed and sealed by hand."""

    label: str = ""
    sources: tuple[str, ...] = ()
    join: str = "　"  # between what several sources give
    span: int = Field(default=1, ge=1)
    rows: int = Field(default=1, ge=1)
    tick: bool = False
    empty: str = ""
    signature: str = ""
    clause: ClauseRef = ""
    height: float = 0.0  # least height of its row in points; 0: by its text


class FormTable(Model):
    """One person's form (采集表, 申请表): `blocks` where the notice gives no layout, `grid` where it does, with the
    lines `above` it (申报单位：____). Every row of a grid fills the same number of columns, those of cells that reach
    down from rows above it included."""

    title: str
    clause: ClauseRef
    label: str = "采集表"
    blocks: tuple[FormBlock, ...] = ()
    above: tuple[tuple[GridCell, ...], ...] = ()
    grid: tuple[tuple[GridCell, ...], ...] = ()
    notes: tuple[str, ...] = ()
    copies: int = Field(default=1, ge=1)  # 一式两份
    opinion: str = ""  # label of the review box, word for word; a grid holds its own
    opinion_clause: ClauseRef = ""
    inferred: bool = False


class BoundVolume(Model):
    """One PDF a person: cover, contents, form and documents with page numbers (装订成册，编制目录和页码). How many
    copies are handed in is the form's `copies`."""

    title: str
    clause: ClauseRef
    label: str = "申报册"  # its part of the file name, and the folder of the export


class Figure(Model):
    """What people are counted by in the office's figures and the report on them (性别结构, 职称结构). `of`: what of the
    answer is counted. `across`: makes the columns of the table of totals, in which each unit is a row."""

    id: Ident
    source: str  # field:<id> or fact:<id>
    title: Text
    of: Literal["value", "age", "sex"] = "value"
    clause: ClauseRef = ""
    across: bool = False


class Workbooks(Model):
    """`tables` come after the summary, one workbook each; `form` is None where the notice has no form of a person."""

    summary: SummaryTable
    tables: tuple[SummaryTable, ...] = ()
    unit_tables: tuple[UnitTable, ...] = ()
    form: FormTable | None = None
    volume: BoundVolume | None = None
    figures: tuple[Figure, ...] = ()

    def kinds(self) -> tuple[str, ...]:
        """Every workbook that a unit receives, tables of people, their forms, the unit's own tables."""
        return (*self.people_kinds(), *(table.id for table in self.unit_tables))

    def people_kinds(self) -> tuple[str, ...]:
        """Those that hold people's data."""
        return (*(table.id for table in self.people_tables()), *((FORMS,) if self.form is not None else ()))

    def label(self, kind: str) -> str:
        """What a workbook is called in a file's name; LookupError for one that the programme does not have."""
        if kind == FORMS:
            return self.person_form().label
        labels = {table.id: table.label for table in self.people_tables()}
        labels |= {table.id: table.label for table in self.unit_tables}
        if kind not in labels:
            raise LookupError(f"no table {kind!r}")
        return labels[kind]

    def bound_volume(self) -> BoundVolume:
        """The volume of one person; LookupError where the notice asks for none."""
        if self.volume is None:
            raise LookupError("this programme has no bound volume")
        return self.volume

    def person_form(self) -> FormTable:
        """The form of one person; LookupError where the notice has none."""
        if self.form is None:
            raise LookupError("this programme has no form of one person")
        return self.form

    def people_tables(self) -> tuple[SummaryTable, ...]:
        """Every table with one row a person."""
        return (self.summary, *self.tables)
