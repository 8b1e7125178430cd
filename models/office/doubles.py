"""Who is in a list, or in a programme, already: compared by the blind index of their number. Of another unit nothing is
said, not even which it is: a list of numbers could be pasted only to find that out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.application import submission
from models.application.tables import Application
from models.errors import InvalidAnswer
from models.office.batch_rows import Content, Judged, with_problem
from models.programme.entry_columns import entry_columns
from models.programme.idnumber import check
from models.programme.pack import Pack

TWICE = "batch.number_twice"


def marked(
    session: Session,
    pack: Pack,
    unit_id: str,
    rows: Sequence[Judged],
    others: Collection[str] = (),
    *,
    stays: bool = True,
) -> list[Judged]:
    """The rows, with a problem where a number stands twice, or has an application in this programme already: with
    `unit_id`, or elsewhere; `stays`: a row with a problem stays on a list."""
    key = next((one.key for one in entry_columns(pack) if one.identity), "")
    seen: dict[str, int] = dict.fromkeys(others, 0)
    taken = _in_programme(session, pack, {row.number for row in rows if row.number})
    out = []
    for place, row in enumerate(rows, start=1):
        if row.number in seen:
            row = with_problem(row, key, InvalidAnswer(TWICE))
        elif row.number in taken:
            row = with_problem(row, key, InvalidAnswer(_already(pack, taken[row.number] == unit_id, stays)))
        if row.number:
            seen.setdefault(row.number, place)
        out.append(row)
    return out


def _already(pack: Pack, here: bool, stays: bool) -> str:
    if here:
        return "batch.already_here"
    return "batch.already_told" if stays and settles(pack) else "batch.already_elsewhere"


def settles(pack: Pack) -> bool:
    """Whether the notice forbids that two units report one person, so that the office settles where they do."""
    return bool(pack.routing.not_twice_clause)


def index_of(pack: Pack, values: Mapping[str, object], round_id: str) -> str | None:
    """The blind index to keep with somebody whom a unit names; None where nothing is compared, or without a number."""
    return submission.person_index(pack, values, round_id) if settles(pack) else None


def _in_programme(session: Session, pack: Pack, numbers: Collection[str]) -> Mapping[str, str | None]:
    """The unit by number, of those who cannot apply once more in this programme."""
    by_index: dict[str, str] = {}
    for number in numbers:
        if pack.programme.intake != "yearly":  # whoever was chosen may apply again in a later year
            by_index.update(dict.fromkeys(submission.person_indexes(session, pack, number), number))
    query = select(Application.person_index, Application.unit_id)
    query = query.where(Application.programme == pack.slug, Application.person_index.in_(by_index))
    return {by_index[index]: unit_id for index, unit_id in session.execute(query) if index}


def numbers(pack: Pack, columns: Sequence[str], contents: Sequence[Content]) -> set[str]:
    """The numbers that stand in these rows, as far as they can be read."""
    wanted = {one.key for one in entry_columns(pack) if one.identity}
    found = set()
    for content in contents:
        for place, key in enumerate(columns):
            if key in wanted and place < len(content.cells) and content.cells[place].strip():
                try:
                    found.add(check(content.cells[place]))
                except InvalidAnswer:
                    found.add(content.cells[place].strip().upper())
    return found
