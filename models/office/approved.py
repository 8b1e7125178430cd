"""Answers that the office has approved for everybody: tied to a clause, given by the bot while its words are unchanged.

An answer holds nothing of a person: numbers are masked before it is kept, and `doubts` names what else looks like one,
for whoever approves it. Another wording of the clause in a new version of the pack puts it aside; nothing is deleted.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import clock
from models.answers.retrieve import Approved
from models.errors import Conflict, InvalidAnswer
from models.office import audit, scope
from models.office.enquiries import ANSWERED
from models.office.masking import redact
from models.office.tables import ApprovedAnswer, Staff
from models.programme.loader import load_pack
from models.programme.pack import Clause, Pack
from models.unit_of_work import unit_of_work

LONGEST_QUESTION, LONGEST_ANSWER = 300, 2000
State = Literal["given", "aside", "withdrawn"]

_NUMBER = re.compile(r"\d[\d*\s-]{4,}[\d*Xx]")
_TITLE = re.compile(r"[\u4e00-\u9fff](?:先生|女士|小姐|老师|主任|科长|处长|局长|同志)|\b(?:Mr|Mrs|Ms|Dr)\b")


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody writes for everybody. `answer_en` may be empty: then who reads English is not given it."""

    question: str
    answer: str
    answer_en: str
    clause: str


def clause_hash(clause: Clause) -> str:
    """The digest of a clause's own words."""
    return hashlib.sha256(f"{clause.ref}\n{clause.heading}\n{clause.quote}".encode()).hexdigest()


def citable(pack: Pack) -> list[Clause]:
    """The clauses that an answer may rest on: those whose own words the pack holds."""
    return [clause for clause in pack.clauses if clause.quote]


def quoted(pack: Pack, answer: str) -> str:
    """The reference of the clause whose words an answer repeats, the longest of several; empty for none."""
    found = [clause for clause in citable(pack) if clause.quote in answer]
    return max(found, key=lambda clause: len(clause.quote)).ref if found else ""


def given(session: Session, pack: Pack) -> list[Approved]:
    """The answers that stand under this version of the pack: neither withdrawn nor of a clause worded otherwise."""
    query = select(ApprovedAnswer).where(ApprovedAnswer.programme == pack.slug, ApprovedAnswer.withdrawn_at.is_(None))
    rows = session.scalars(query.order_by(ApprovedAnswer.approved_at.desc())).all()
    return [
        Approved(row.id, row.question, row.answer, row.answer_en, row.clause)
        for row in rows
        if state(row, pack) == "given"
    ]


def state(row: ApprovedAnswer, pack: Pack) -> State:
    """Whether an answer is given under this version, or put aside because its clause reads otherwise or is gone."""
    if row.withdrawn_at is not None:
        return "withdrawn"
    same = any(clause.ref == row.clause and clause_hash(clause) == row.clause_hash for clause in citable(pack))
    return "given" if same else "aside"


def doubts(draft: Draft) -> list[str]:
    """Wording keys of what looks like something of a person in what is to be said to everybody."""
    whole = "\n".join((draft.question, draft.answer, draft.answer_en))
    found = ["office.doubt_number"] if _NUMBER.search(whole) or "*" in redact(whole) else []
    return [*found, "office.doubt_name"] if _TITLE.search(whole) or _names(whole) else found


def _names(text: str) -> bool:
    from rjieba import tag  # loads its dictionary, see models.answers.words

    return any(kind == "nr" and len(word) > 1 for word, kind in tag(text))


def approve(staff: Staff, enquiry_id: str, draft: Draft) -> ApprovedAnswer:
    """Approve an answered question's answer for everybody. Raises InvalidAnswer for what cannot be kept, Conflict while
    the question is unanswered or when this was done before, NotFound when out of reach."""
    staff_id = staff.id
    with unit_of_work() as session:
        enquiry = scope.get_enquiry(staff, enquiry_id)
        if enquiry.state != ANSWERED:
            raise Conflict("office.enquiry_changed")
        if session.scalar(scope.approved(staff).where(ApprovedAnswer.enquiry_id == enquiry_id)) is not None:
            raise Conflict("office.approved_before")
        row = ApprovedAnswer(programme=enquiry.programme, enquiry_id=enquiry_id)
        _write(row, draft, load_pack(enquiry.programme), staff_id)
        session.add(row)
        session.flush()
        audit.write(session, staff_id, audit.APPROVE_ANSWER, f"answer:{row.id}")
    return row


def revise(staff: Staff, answer_id: str, draft: Draft, version: int) -> ApprovedAnswer:
    """Approve it again as it is written now, under the clause as it reads now; what was withdrawn is given again.
    Raises InvalidAnswer, Conflict when somebody changed it meanwhile, NotFound when out of reach."""
    staff_id = staff.id
    with unit_of_work() as session:
        row = _unchanged(staff, answer_id, version)
        _write(row, draft, load_pack(row.programme), staff_id)
        row.withdrawn_at = None
        audit.write(session, staff_id, audit.APPROVE_ANSWER, f"answer:{row.id}")
    return row


def withdraw(staff: Staff, answer_id: str, version: int) -> ApprovedAnswer:
    """Stop giving it. Raises Conflict when somebody changed it meanwhile, NotFound when out of reach."""
    staff_id = staff.id
    with unit_of_work() as session:
        row = _unchanged(staff, answer_id, version)
        row.withdrawn_at = clock.current().now()
        audit.write(session, staff_id, audit.WITHDRAW_ANSWER, f"answer:{row.id}")
    return row


def _unchanged(staff: Staff, answer_id: str, version: int) -> ApprovedAnswer:
    row = scope.get_approved(staff, answer_id)
    if row.version != version:
        raise Conflict("office.approved_changed")
    return row


def _write(row: ApprovedAnswer, draft: Draft, pack: Pack, staff_id: int) -> None:
    question, answer, english = (redact(text.strip()) for text in (draft.question, draft.answer, draft.answer_en))
    if not question or not answer:
        raise InvalidAnswer("office.approved_empty")
    for text, limit in ((question, LONGEST_QUESTION), (answer, LONGEST_ANSWER), (english, LONGEST_ANSWER)):
        if len(text) > limit:
            raise InvalidAnswer("office.too_long", limit=limit)
    clause = _clause(citable(pack), draft.clause)
    row.question, row.answer, row.answer_en = question, answer, english
    row.clause, row.clause_hash = clause.ref, clause_hash(clause)
    row.approved_by, row.approved_at = staff_id, clock.current().now()


def _clause(clauses: Iterable[Clause], ref: str) -> Clause:
    for clause in clauses:
        if clause.ref == ref:
            return clause
    raise InvalidAnswer("office.approved_clause")
