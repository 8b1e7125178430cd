"""What a person's free question is answered with at once, in both doors: a clause, or an answer approved for all.

The question is only read as words: nothing in it is carried out, and what is answered comes from the notice and from
what the office has approved, never from anybody's application.
"""

from __future__ import annotations

from datetime import date

import structlog
from sqlalchemy.orm import Session

from models.answers.retrieve import Found, find
from models.application import rounds
from models.interview.wording import say
from models.office import approved
from models.office.masking import redact
from models.programme.pack import Pack

log = structlog.get_logger(__name__)


def look(session: Session, pack: Pack, question: str, lang: str) -> Found | None:
    """What clearly answers `question`; None where it is for people."""
    found = find(pack, redact(question), lang, approved.given(session, pack))
    if found is not None:
        log.info("question_answered", programme=pack.slug, clause=found.clause.ref, approved=found.approved)
    return found


def words(found: Found, pack: Pack, lang: str, today: date) -> str:
    """The answer as a person reads it: a short lead, and the clause in its own words with its reference, where these
    are not in what the office has approved already."""
    of, said = found.clause, lead(found, pack, lang, today)
    if quotes_itself(found, said):
        return said
    clause = say("answers.clause", lang, ref=of.ref, heading=of.heading, quote=of.quote)
    return f"{said}\n{clause}"


def quotes_itself(found: Found, said: str) -> bool:
    """Whether what the office has approved (`said`) holds its clause already."""
    return bool(found.approved) and found.clause.quote in said and found.clause.ref in said


def lead(found: Found, pack: Pack, lang: str, today: date) -> str:
    """What is said before the clause is quoted."""
    if found.about_dates:
        return _dates(pack, lang, today)
    return found.says or say("answers.lead", lang)


def _dates(pack: Pack, lang: str, today: date) -> str:
    """When one can apply now: the round's own days, which the notice's may no longer be."""
    current = rounds.current(pack.slug, today)
    if current is None:
        return say("answers.round_none", lang)
    intake = rounds.intake_words(pack, current, today)
    if intake is not None:
        return intake.get(lang)
    if current.closes is None:
        return say("answers.round_standing", lang)
    return say("answers.round", lang, opens=current.opens, closes=current.closes)
