"""Cells of a list that are mended before it is entered, row by row: each is judged anew, among all the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from models import clock
from models.errors import Conflict
from models.office import doubles, scope, scope_entry
from models.office.batch_rows import Content, Judged, judge, unseal
from models.office.batch_tables import Batch, BatchRow
from models.office.batches import LONGEST, MOST_ROWS, READ, empty, people, promise_comparing, write
from models.office.tables import Staff
from models.programme.loader import load_pack
from models.programme.pack import Pack
from models.unit_of_work import unit_of_work


@dataclass(frozen=True, slots=True)
class Sent:
    """A row as the page sends it: cells by place; None: leave the row out."""

    id: str
    version: int
    cells: Mapping[int, str] | None


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of it. state: saved | conflict | removed; `content` as it stands now."""

    id: str
    state: str
    version: int = 0
    content: Content | None = None


def save_rows(staff: Staff, batch_id: str, sent: Sequence[Sent]) -> list[Saved]:
    """Keep mended cells, each row for itself; with them the rows of which something else is said now. Conflict: the
    batch is not open any more."""
    batch = scope_entry.get_batch(staff, batch_id)
    pack, columns = load_pack(scope.programme(staff)), list(batch.columns)
    with unit_of_work() as session:
        query = scope_entry.batches(staff).where(Batch.id == batch_id)
        held = session.scalar(query.with_for_update().execution_options(populate_existing=True))
        if held is None or held.state != READ or held.columns != columns:
            raise Conflict("batch.changed")
        one = _Saving(session, pack, held)
        return one.with_others([one.save(row) for row in sent[:MOST_ROWS]])


class _Saving:
    """Rows of one batch on their way in, each compared with all the others as they are by then."""

    def __init__(self, session: Session, pack: Pack, batch: Batch) -> None:
        self.session, self.pack, self.batch, self.columns = session, pack, batch, list(batch.columns)
        self.rows = {row.id: row for row in people(session, batch.id)}
        self.contents = {row.id: unseal(row.id, row.sealed) for row in self.rows.values() if row.sealed}

    def save(self, sent: Sent) -> Saved:
        content = self.contents.get(sent.id)
        if content is None:
            return Saved(sent.id, "removed")
        row = self.rows[sent.id]
        if row.version != sent.version:
            return Saved(row.id, "conflict", row.version, content)
        if sent.cells is None:
            empty(row)
            self.session.flush()
            del self.contents[row.id]
            return Saved(row.id, "removed")
        found = self._judged(row.id, _mended(content, sent.cells))
        if found.content != content:  # a form without a script sends every row: what nobody touched keeps its version
            self._keep(row, found)
        return Saved(row.id, "saved", row.version, found.content)

    def with_others(self, saved: Sequence[Saved]) -> list[Saved]:
        """What was saved, and each row whose number stood twice until another was mended or removed."""
        out = {one.id: one for one in saved}
        late = {one.id for one in saved if one.state == "conflict"}
        for ident, content in list(self.contents.items()):
            if ident in late or all(one.code != doubles.TWICE for one in content.problems):
                continue
            found = self._judged(ident, content)
            if found.content != content:
                self._keep(self.rows[ident], found)
                out[ident] = Saved(ident, "saved", self.rows[ident].version, found.content)
        return list(out.values())

    def _keep(self, row: BatchRow, found: Judged) -> None:
        known = row.person_index
        write(row, found)
        self.session.flush()
        self.contents[row.id] = found.content
        if found.index not in (None, known):
            promise_comparing(self.session, self.batch.id, f"{row.id}:{row.version}")

    def _judged(self, row_id: str, content: Content) -> Judged:
        others = [one for ident, one in self.contents.items() if ident != row_id]
        numbers = doubles.numbers(self.pack, self.columns, others)
        fresh = judge(self.pack, self.columns, content, clock.current().today())
        (found,) = doubles.marked(self.session, self.pack, self.batch.unit_id, [fresh], numbers)
        return replace(found, index=doubles.index_of(self.pack, found.values, self.batch.round_id))


def _mended(content: Content, given: Mapping[int, str]) -> Content:
    cells = list(content.cells)
    changed = {place for place, text in given.items() if 0 <= place < len(cells) and cells[place] != text}
    for place in changed:
        cells[place] = given[place][:LONGEST]
    return replace(content, cells=tuple(cells), typed=content.typed | changed)
