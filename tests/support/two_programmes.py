"""Two small programmes that share profiles, and a person who has filled in one of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from models.application import rounds, service
from models.office.units import load_units
from models.programme import idnumber, loader

PACKS = Path(__file__).parent / "packs"
CARVERS, WEAVERS = "carvers", "weavers"
ID_NUMBER = idnumber.make("430401", date(1970, 3, 5), 12)
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 60
CAREER = [
    {"start": "1990-07", "end": "2001-12", "place": "县木器厂 学徒"},
    {"start": "2002-01", "end": "", "place": "自办木雕坊"},
]


@contextmanager
def packs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Only these two programmes are there."""
    monkeypatch.setattr(loader, "PACKS", PACKS)
    loader.load_pack.cache_clear()
    yield
    loader.load_pack.cache_clear()


def open_rounds() -> None:
    """Both take applications on the tests' day."""
    for slug in (CARVERS, WEAVERS):
        load_units(loader.load_pack(slug))
        rounds.open_round(slug, "第一批", date(2026, 11, 1), date(2026, 12, 31))


def carver_answers(**changes: object) -> dict[str, object]:
    """All that the carvers ask of a person."""
    given: dict[str, object] = {
        "consent:identity": True,
        "claim": ["skilled"],
        "fact:certificate": True,
        "fact:county": "east",
        "verdict": True,
        "field:name": "测试甲",
        "field:id_number": ID_NUMBER,
        "field:birth_date": "1970-03-05",
        "field:education": "01",
        "field:employer": "县木器厂",
        "field:phone": "13900000000",
        "field:political_status": "13",
        "field:home": "",
        "field:career": CAREER,
        "field:story": "学木雕三十年。",
    }
    return {**given, **changes}


def carver(*, photos: bool = True, **changes: object) -> str:
    """The id of a draft among the carvers with everything filled in and photographed."""
    app_id = service.start(CARVERS, "web", "zh").application.id
    service.record(app_id, {key: value for key, value in carver_answers(**changes).items() if value is not None}, "web")
    if photos:
        for document, count in (("portrait", 1), ("id_card", 2), ("diploma", 1)):
            for number in range(count):
                data = JPEG + document.encode() + bytes([number])
                service.add_page(app_id, document, data, f"{document}-{number}", "web")
    return app_id


def weaver(**facts: object) -> str:
    """The id of a draft among the weavers whose verdict has been read; nothing of the form is filled in."""
    app_id = service.start(WEAVERS, "web", "zh").application.id
    given = {"consent:identity": True, "claim": ["skilled"], "fact:certificate": True, "fact:schooling": "b"}
    service.record(app_id, {**given, "fact:county": "west", **facts, "verdict": True}, "web")
    return app_id
