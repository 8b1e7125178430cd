"""`bole bench ocr`: what it counts, with readers of which it is known how they read; and once with the real one."""

from dataclasses import replace

import pytest
from click.testing import CliRunner

from models.documents.reading import UNREADABLE, Found, PageReading
from webforms.cli import main
from workers.ocr import measuring
from workers.ocr.generated import sets
from workers.ocr.generated.photographing import Conditions

FIELDS = {"name": "阿米娜·沙比尔", "id_number": "430499198503021247"}


def photos(count, kind="id_front", side="id_front"):
    return [sets.Photo(kind, side, "plain", b"jpeg", FIELDS, Conditions()) for _ in range(count)]


def reading(trusted=False, kind="id_front", **values):
    return PageReading("read", kind, {name: Found(value, value, trusted) for name, value in values.items()})


def measured(*readings):
    said = list(readings)
    return next(measuring.measure(photos(len(said)), lambda _jpeg, _expected: said.pop(0)))


def test_read_wrong_and_missing_are_told_apart():
    tally = measured(
        reading(name="阿米娜•沙比尔", id_number=FIELDS["id_number"], trusted=True),
        reading(name="阿米娜·沙比"),
        replace(UNREADABLE, kind="id_front"),
        UNREADABLE,
    )
    name, number = tally.fields["name"], tally.fields["id_number"]
    assert (name.shown, name.read, name.wrong) == (4, 2, 1)
    assert (number.shown, number.read, number.wrong, number.trusted, number.wrongly_trusted) == (4, 1, 0, 1, 0)
    assert (tally.photos, tally.unknown) == (4, 1)


@pytest.mark.parametrize("where", ["id_number", "valid_until"])
def test_whatever_is_trusted_and_does_not_stand_there_is_wrongly_trusted(where):
    assert measured(reading(trusted=True, **{where: "430499198503021255"})).wrongly_trusted == 1
    assert measured(reading(trusted=False, **{where: "430499198503021255"})).wrongly_trusted == 0


def test_each_kind_has_its_own_tally_and_asks_for_its_side():
    asked = []
    mixed = [*photos(2), *photos(1, "title", "certificate")]
    tallies = list(measuring.measure(mixed, lambda _jpeg, sides: asked.append(sides) or UNREADABLE))
    assert [(one.kind, one.photos) for one in tallies] == [("id_front", 2), ("title", 1)]
    assert asked == [("id_front",), ("id_front",), ("certificate",)]


@pytest.mark.parametrize(("number", "code"), [(None, 0), ("430499198503021255", 1)])
def test_the_exit_code_says_whether_a_number_was_wrongly_trusted(monkeypatch, number, code):
    def reads(_jpeg, _expected):
        return reading(trusted=True, id_number=number) if number else UNREADABLE

    monkeypatch.setattr(measuring, "engine_reads", lambda: reads)
    done = CliRunner().invoke(main, ["bench", "ocr", "--count", "1", "--set", "easy", "--kind", "id_front"])
    assert done.exit_code == code, done.output
    assert f"{code} numbers trusted, {code} of them wrongly" in done.output
    assert "id_number" in done.output and "0.0 %" in done.output


def test_without_the_extra_it_says_so(monkeypatch):
    def missing():
        raise measuring.Missing("onnxruntime is not installed")

    monkeypatch.setattr(measuring, "engine_reads", missing)
    done = CliRunner().invoke(main, ["bench", "ocr"])
    assert done.exit_code == 2
    assert "onnxruntime is not installed" in done.output and "bole[ocr]" in done.output


def test_an_unknown_kind_is_named():
    done = CliRunner().invoke(main, ["bench", "ocr", "--kind", "papyrus"])
    assert done.exit_code == 2 and "papyrus" in done.output and "id_front" in done.output


def test_the_real_engine_reads_a_few_of_the_hard_set():
    """One photo of each reader: enough to see that all parts are wired together."""
    kinds = ["graduation", "skill", "contract"]
    arguments = [part for kind in kinds for part in ("--kind", kind)]
    done = CliRunner().invoke(main, ["bench", "ocr", "--set", "easy", "--count", "1", *arguments])
    assert done.exit_code == 0, done.output
    assert "not recognised" not in done.output
    assert done.output.count("1/1    100.0 % read    0/1      0.0 % wrong") > 12
