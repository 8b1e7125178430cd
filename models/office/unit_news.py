"""Telling units that their tables have changed since they took them out: when it is due, what there is to tell, and the
letters and messages. Numbers only, never anybody's name.

An occasion is promised once: at each change ten minutes after the first one is seen, so that forty changes are one
letter; daily once a day; before the deadline once a closing day. What a unit was told about is not told again
(`UnitSchedule.told_hash`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import clock, outbox
from models.application import rounds
from models.application.tables import Notice, Round, new_id
from models.clock import CHINA
from models.interview import wording
from models.office import editions, letters, links, schedules, staff_chats
from models.office.edition_changes import counts
from models.office.edition_tables import Edition, UnitSchedule
from models.office.tables import Staff, UnitRow, Workbook
from models.programme.loader import load_pack
from models.programme.official import FORMS

JOB = "tell_unit"
WAIT = timedelta(minutes=10)  # for further changes, after the first one


@dataclass(frozen=True, slots=True)
class Due:
    """A notice to promise."""

    unit_id: str
    mode: str
    effect: str
    not_before: datetime

    @property
    def subject(self) -> str:
        """What the job is about."""
        return f"{self.unit_id}:{self.mode}"


@dataclass(frozen=True, slots=True)
class News:
    """What there is to tell a unit: of each table a line (wording key and params), and a fingerprint of it all."""

    unit_id: str
    mode: str
    lines: tuple[tuple[str, dict[str, Any]], ...]
    mark: str
    workbook_id: str
    round_name: str
    closes: date | None


def find_due(session: Session, now: datetime) -> list[Due]:
    """Whom to tell by now; only reads."""
    rows = session.execute(
        select(UnitSchedule, UnitRow.programme)
        .join(UnitRow, UnitRow.id == UnitSchedule.unit_id)
        .where(UnitSchedule.mode != schedules.NEVER)
    ).all()
    intakes = {slug: _intake(slug, now) for slug in {slug for _row, slug in rows}}
    found = [_due(session, row, slug, intakes[slug], now) for row, slug in rows]
    return [due for due in found if due is not None]


def promise_due(session: Session, found: Iterable[Due]) -> int:
    """Promise them; how many were new."""
    return sum(
        outbox.promise(session, JOB, due.subject, due.effect, not_before=due.not_before) is not None for due in found
    )


def _intake(slug: str, now: datetime) -> Round | None:
    today = now.astimezone(CHINA).date()
    return rounds.current(slug, today) or rounds.last(slug)


def _due(session: Session, row: UnitSchedule, slug: str, intake: Round | None, now: datetime) -> Due | None:
    here = now.astimezone(CHINA)
    if intake is None:
        return None
    if row.mode == schedules.DEADLINE:
        closes = intake.closes
        if closes is None or here.hour < row.hour or not closes - timedelta(days=row.days) <= here.date() <= closes:
            return None
        return Due(row.unit_id, row.mode, f"news:{row.unit_id}:closes:{intake.id}:{closes}", now)
    if row.mode == schedules.DAILY and here.hour < row.hour:
        return None
    mark = _mark(_changed(session, slug, row.unit_id, intake.id))
    if not mark or mark == row.told_hash:
        return None
    if row.mode == schedules.DAILY:
        return Due(row.unit_id, row.mode, f"news:{row.unit_id}:{here.date()}", now)
    return Due(row.unit_id, row.mode, f"news:{row.unit_id}:{_stamp(row)}", now + WAIT)


def _stamp(row: UnitSchedule) -> str:
    """Since when, and by which choice, we have been waiting for a change."""
    return f"{row.version}:{row.told_at.isoformat() if row.told_at is not None else 'first'}"


def _books(session: Session, unit_id: str, round_id: str) -> list[tuple[Workbook, str | None]]:
    """The unit's tables as they are kept now, each with the fingerprint of what was taken out last."""
    taken = select(Edition.kind, Edition.content_hash).where(
        Edition.unit_id == unit_id, Edition.round_id == round_id, Edition.taken_at.is_not(None)
    )
    last = {row.kind: row.content_hash for row in session.execute(taken.order_by(Edition.taken_at))}
    held = select(Workbook).where(
        Workbook.unit_id == unit_id,
        Workbook.round_id == round_id,
        Workbook.kind != FORMS,
        Workbook.storage_key != "",
    )
    return [(book, last.get(book.kind)) for book in session.scalars(held)]


def _changed(session: Session, slug: str, unit_id: str, round_id: str) -> list[Workbook]:
    """Those that are otherwise than what was taken out. One that nobody has taken yet counts when people are in it:
    what the unit has filled in itself is no news to it."""
    people = load_pack(slug).workbooks.people_kinds()
    return [
        book
        for book, had in _books(session, unit_id, round_id)
        if (had != book.content_hash if had is not None else book.kind in people and book.rows > 0)
    ]


def _mark(books: Iterable[Workbook]) -> str:
    """A fingerprint of what these hold; empty where there are none."""
    texts = sorted(f"{book.round_id}:{book.kind}:{book.content_hash}" for book in books)
    return hashlib.sha256("\n".join(texts).encode()).hexdigest() if texts else ""


def gather(session: Session, subject: str, now: datetime) -> News | None:
    """What there is to tell; None where the unit wants it otherwise by now, or nothing has changed. Only reads."""
    unit_id, _, mode = subject.partition(":")
    row, unit = session.get(UnitSchedule, unit_id), session.get(UnitRow, unit_id)
    if row is None or unit is None or row.mode != mode:
        return None
    intake = _intake(unit.programme, now)
    if intake is None:
        return None
    pack = load_pack(unit.programme)
    changed = {book.kind: book for book in _changed(session, unit.programme, unit_id, intake.id)}
    held = {book.kind: book for book, _had in _books(session, unit_id, intake.id)}
    told = held if mode == schedules.DEADLINE else changed
    kinds = [kind for kind in pack.workbooks.kinds() if kind in told and (told[kind].rows or kind in changed)]
    lines = tuple(_line(session, told[kind], pack.workbooks.label(kind), kind in changed) for kind in kinds)
    first = next((told[kind].id for kind in kinds if kind in changed), next(iter(told[kind].id for kind in kinds), ""))
    return News(unit_id, mode, lines, _mark(changed.values()), first, intake.name, intake.closes) if lines else None


def _line(session: Session, book: Workbook, label: str, is_changed: bool) -> tuple[str, dict[str, Any]]:
    if not is_changed:
        return "letter.news_same", {"label": label, "rows": book.rows}
    now = editions.of(session, book)
    base = editions.latest(session, book.round_id, book.unit_id, book.kind)
    if now is None or base is None:
        return "letter.news_first", {"label": label, "rows": book.rows}
    added, changed, gone = counts(base, now)
    return "letter.news_line", {"label": label, "added": added, "changed": changed, "gone": gone}


def tell(session: Session, subject: str, news: News | None) -> int:
    """Write the letters, within the caller's transaction, and begin to wait anew; how many."""
    unit_id, _, mode = subject.partition(":")
    row = session.get(UnitSchedule, unit_id, with_for_update=True, populate_existing=True)
    if row is None or row.mode != mode:
        return 0
    written, stamp = 0, _stamp(row)
    if news is not None and (mode == schedules.DEADLINE or news.mark != row.told_hash):
        unit = session.get_one(UnitRow, unit_id)
        given = schedules.email(row)
        people: list[Staff | None] = [None] if given else [*schedules.clerks(session, unit_id)]
        for one in people:
            written += _write(session, unit, news, given, one, f"news:{unit_id}:{stamp}:{one.id if one else 'unit'}")
        for talk in staff_chats.of_unit(session, unit_id) if row.by_chat else ():
            _leave(session, unit, news, talk, f"news:{unit_id}:{stamp}:{talk}")
    mark = news.mark if news is not None else row.told_hash
    # Beside the ORM: that we told of something is no change of what the unit has chosen, whose version the page shows.
    told = update(UnitSchedule).where(UnitSchedule.unit_id == unit_id)
    session.execute(told.values(told_hash=mark, told_at=clock.current().now()))
    return written


def _write(session: Session, unit: UnitRow, news: News, to: str, clerk: Staff | None, effect: str) -> int:
    lang = clerk.language if clerk is not None else "zh"
    link = links.make(session, links.WORKBOOK, unit_id=unit.id, subject_id=news.workbook_id)
    said: dict[str, Any] = {
        "unit": unit.name_en if lang == "en" else unit.name,
        "round": news.round_name,
        "closes": wording.deadline(news.closes, lang) if news.closes else "",
        "lines": "\n".join(wording.say(key, lang, **params) for key, params in news.lines),
    }
    kind = "deadline" if news.mode == schedules.DEADLINE else "news"
    whose: dict[str, Any] = {"to": to} if clerk is None else {"staff": clerk}
    letter = letters.write(session, effect, kind, unit_id=unit.id, link=link, lang=lang, **whose, **said)
    return int(letter is not None)


def _leave(session: Session, unit: UnitRow, news: News, conversation_id: str, effect: str) -> None:
    """The same for a clerk's chat: told there, or at the head of the next reply."""
    link = links.make(session, links.WORKBOOK, unit_id=unit.id, subject_id=news.workbook_id)
    params = {
        "unit": {"zh": unit.name, "en": unit.name_en},
        "round": news.round_name,
        "closes": {lang: wording.deadline(news.closes, lang) for lang in ("zh", "en")} if news.closes else "",
        "lines": {lang: "\n".join(wording.say(key, lang, **more) for key, more in news.lines) for lang in ("zh", "en")},
        "seed": link.seed,
    }
    code = "notice.unit_deadline" if news.mode == schedules.DEADLINE else "notice.unit_news"
    notice = Notice(id=new_id(), conversation_id=conversation_id, effect=effect, code=code, params=params)
    notice.created_at = clock.current().now()
    session.add(notice)
    session.flush()
    outbox.promise(session, "deliver_notice", notice.id, f"deliver:{effect}"[:160])
