"""Which read values may fill which fields, and what the person is shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import two_programmes
from two_programmes import CARVERS, carver_answers

from models.documents import prefill
from models.documents.prefill import Proposal
from models.documents.reading import Found, PageReading
from models.programme import idnumber
from models.programme.loader import load_pack
from models.programme.pack import Pack

TODAY = date(2026, 11, 27)
NUMBER = idnumber.make("430401", date(1980, 5, 6), 12)
FORM = ("field:name", "field:id_number", "field:birth_date")


@pytest.fixture
def pack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pack]:
    with two_programmes.packs(monkeypatch):
        yield load_pack(CARVERS)


def front(**changes: Found | None) -> PageReading:
    shown = {
        "name": Found("测试乙", "测试乙", score=0.98),
        "sex": Found("男", "male", score=0.99),
        "birth_date": Found("1980年5月6日", "1980-05-06", score=0.97),
        "id_number": Found(NUMBER, NUMBER, trusted=True, score=0.96),
        **changes,
    }
    return PageReading("read", "id_front", {name: one for name, one in shown.items() if one is not None})


def offered(pack: Pack, *readings: PageReading, **answers: Any) -> dict[str, Proposal]:
    document = prefill.document_of(pack)
    assert document is not None
    blank = {key: value for key, value in carver_answers().items() if not key.startswith("field:")}
    from models.interview import engine

    blank["verdict"] = engine.accept(pack, {**blank, "verdict": None}, "verdict", True, TODAY)
    made = prefill.proposals(pack, {**blank, **answers}, document, readings, TODAY)
    return {one.ask.key: one for one in made}


def test_a_trusted_number_fills_itself_and_what_follows_from_it(pack: Pack) -> None:
    made = offered(pack, front())
    assert tuple(made) == FORM, "in the order of the form"
    assert {key: (one.trust, one.value) for key, one in made.items()} == {
        "field:name": ("sure", "测试乙"),
        "field:id_number": ("sure", NUMBER),
        "field:birth_date": ("follows", "1980-05-06"),
    }


def test_a_number_that_does_not_prove_itself_is_shown_and_left_to_be_typed(pack: Pack) -> None:
    made = offered(pack, front(id_number=Found("43040119800506012?", None, trusted=False, score=0.9)))
    assert (made["field:id_number"].trust, made["field:id_number"].value) == ("unproven", None)
    assert made["field:id_number"].text == "43040119800506012?"
    assert "field:birth_date" not in made, "it will follow from the number"
    valid = offered(pack, front(id_number=Found(NUMBER, NUMBER, trusted=False)))
    assert valid["field:id_number"].value is None, "a right sum alone is no proof"


@pytest.mark.parametrize(("score", "trust"), [(0.79, "doubtful"), (0.8, "sure"), (0.0, "sure")])
def test_what_was_hard_to_read_is_marked(pack: Pack, score: float, trust: str) -> None:
    assert offered(pack, front(name=Found("测试乙", "测试乙", score=score)))["field:name"].trust == trust


def test_what_the_person_has_answered_is_not_touched(pack: Pack) -> None:
    made = offered(pack, front(), **{"field:name": "测试丙"})
    assert tuple(made) == ("field:id_number", "field:birth_date")
    typed = idnumber.make("430401", date(1971, 1, 1), 9)
    made = offered(pack, front(), **{"field:name": "测试丙", "field:id_number": typed})
    assert {key: (one.trust, one.value) for key, one in made.items()} == {"field:birth_date": ("follows", "1971-01-01")}


@pytest.mark.parametrize(
    "reading",
    [
        PageReading("unreadable"),
        PageReading("not_checked"),
        PageReading("read", "id_back", {"valid_until": Found("长期", "9999-12-31")}),
        PageReading("read", "diploma", {"name": Found("测试丁", "测试丁")}),  # another paper at this place
        front(name=None, sex=None, birth_date=None, id_number=None),
    ],
)
def test_what_says_nothing_fills_nothing(pack: Pack, reading: PageReading) -> None:
    assert offered(pack, reading) == {}


def test_of_two_photos_what_proves_itself_counts_then_the_surer(pack: Pack) -> None:
    blurred = front(id_number=Found("4304", None, score=0.99), name=Found("测试已", "测试已", score=0.6))
    for readings in ((blurred, front()), (front(), blurred)):
        made = offered(pack, *readings)
        assert made["field:id_number"].value == NUMBER and made["field:name"].value == "测试乙"


def test_a_value_that_the_form_would_refuse_is_not_offered(pack: Pack) -> None:
    too_long = "测" * 200
    assert "field:name" not in offered(pack, front(name=Found(too_long, too_long)))
    month = offered(pack, front(id_number=None, birth_date=Found("1980年5月", "1980-05")))
    assert "field:birth_date" not in month


def test_the_real_programmes_take_sex_and_ethnicity_by_their_labels() -> None:
    pack = load_pack("hengyang-2015")
    specs = {field.profile: field for section in pack.form.sections for field in section.fields}
    from models.interview.prepared import prepared

    asks = {name: prepared(pack).fields[specs[name].id] for name in ("ethnicity", "sex")}
    assert prefill._raw(asks["sex"], Found("女", "female")) == "female"
    han = prefill._raw(asks["ethnicity"], Found("汉", "汉"))
    assert next(option.label.zh for option in specs["ethnicity"].options if option.value == han) == "汉族"
    assert prefill._raw(asks["ethnicity"], Found("不是民族", "不是民族")) is None


def test_a_number_is_grouped_as_people_compare_it() -> None:
    assert prefill.grouped("430401198005060124") == "430401 19800506 0124"
    assert prefill.grouped("43040?") == "43040?"


def test_every_consent_that_all_are_asked_comes_first(pack: Pack) -> None:
    given = {f"consent:{one.id}": True for one in pack.programme.consents if not one.channels}
    assert prefill.consented(pack, given)
    for key in given:
        assert not prefill.consented(pack, {**given, key: False}) and not prefill.consented(
            pack, {name: value for name, value in given.items() if name != key}
        )
