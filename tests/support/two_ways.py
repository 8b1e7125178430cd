"""Somebody who applies to a programme with two ways in, one of which has a closing day: through the real services."""

from __future__ import annotations

from datetime import date
from typing import Any

from models.application import queries, rounds, service
from models.interview.steps import Ask, Ready, ShowVerdict
from models.office.units import load_units
from models.programme import idnumber
from models.programme.loader import load_pack

SLUG = "chenggong-2021"
WAY = "fact:reporting_way"
OWN, BY_UNIT = "own_application", "by_unit"
LAST_DAY = date(2021, 4, 30)  # of the unit's way
AFTER = date(2021, 5, 1)
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 60
ANSWERS: dict[str, Any] = {
    "claim": ["professional"],
    "fact:workplace": "here",
    "fact:employer_kind": "enterprise",
    "fact:post_kind": "professional",
    "fact:title_level": "full_senior",
    "fact:patents": 0,
    "fact:highest_degree": "bachelor",
    "field:id_number": idnumber.make("530199", date(1986, 5, 18), 123),
    "field:phone": "13800000000",
    "field:title_since": "2012-06-01",
    "field:certificates": [{"kind": "skill_level", "trade": "电工", "level": "advanced", "issued": "2018-06-30"}],
    "field:career": [{"start": "2008-07", "end": "", "employer_and_post": "样例公司 工程师"}],
}


def open_programme() -> None:
    """The notice's own round, open all year; inside an app context."""
    load_units(load_pack(SLUG))
    rounds.ensure_notice_round(load_pack(SLUG))


def start() -> str:
    """A draft; its id."""
    return service.start(SLUG, "web", "zh").application.id


def lead(app_id: str, way: str, to: type[Any] = Ready, **facts: Any) -> None:
    """Answer everything up to the verdict (`to` = ShowVerdict) or up to the hand-in; `facts` instead of the usual."""
    answers = ANSWERS | {key if key == "claim" else f"fact:{key}": value for key, value in facts.items()}
    for _ in range(80):
        step = queries.view(app_id).plan.step
        if isinstance(step, to):
            return
        if isinstance(step, ShowVerdict):
            service.record(app_id, {"verdict": True}, "web")
        elif isinstance(step, Ask):
            _answer(app_id, step, way, answers)
    raise AssertionError("the questions do not end")


def _answer(app_id: str, ask: Ask, way: str, answers: dict[str, Any]) -> None:
    kind, _, name = ask.key.partition(":")
    if kind == "document":
        if not ask.required:
            service.skip_document(app_id, name)
            return
        for page in range(ask.min_pages):
            service.add_page(app_id, name, JPEG + bytes([page]), f"{name}-{page}", "web")
        return
    if ask.key in answers:
        raw = answers[ask.key]
    elif ask.key == WAY:
        raw = way
    elif kind in ("consent", "declaration"):
        raw = True
    elif ask.suggestion is not None:
        raw = ask.suggestion
    else:
        raw = ask.options[0].value if ask.options else "测试"
    service.record(app_id, {ask.key: raw}, "web")
