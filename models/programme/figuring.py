"""What people are counted by in the office's figures: sex, age, title … of a pack, and how an answer is coded for it.

A pack may list its own (``[[figures]]`` in workbooks.toml); without a list, fields are found by what they mean in every
programme (their `profile`). A code never tells who somebody is: the value of an option, a month of birth, yes or no.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from models.programme import idnumber
from models.programme.mentions import form_fields
from models.programme.pack import Fact, Figure, FormField, Pack, Text
from models.programme.proving import no_repeats, wrong

FILE = "workbooks.toml"
AGES = (35, 40, 45, 50, 54)  # the last year of each band but the open one: 35岁及以下, 36至40岁 … 55岁及以上
YES, NO, NONE = "yes", "no", "none_of_these"
_YES = Text(zh="有", en="Yes")
_NO = Text(zh="无", en="No")
_AFFIRMED, _DENIED = Text(zh="是", en="Yes"), Text(zh="否", en="No")
_SEX = (("male", Text(zh="男", en="Male")), ("female", Text(zh="女", en="Female")))
_VALUES = ("choice", "choices", "yes_no", "rows")
_AGE = Text(zh="年龄", en="Age")
# Profiles that are counted where a pack has no list of its own, in the order of 人才结构 in such reports.
_PROFILES = ("sex", "birth_date", "political_status", "title", "education", "degree")
_AWARDS = ("provincial_awards", "awards")


@dataclass(frozen=True, slots=True)
class Dimension:
    """Something that people are counted by. kind: ``age`` | ``sex`` (from the ID number) | ``choice`` | ``choices`` |
    ``yes_no`` | ``rows`` (whether there are any). `codes`: what is counted, in order, with its words."""

    id: str
    source: str
    title: Text
    kind: str
    codes: tuple[tuple[str, Text], ...]
    clause: str = ""
    across: bool = False

    @property
    def several(self) -> bool:
        """Whether one person may count in several places, so that the numbers do not add up to the total."""
        return self.kind == "choices"


def dimensions(pack: Pack) -> tuple[Dimension, ...]:
    """What people of this programme are counted by, in order."""
    specs = _specs(pack)
    given = pack.workbooks.figures or tuple(_by_profile(pack))
    return tuple(_dimension(figure, specs[figure.source]) for figure in given)


def coded(pack: Pack, answers: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """The codes of one person by the id of what is counted; what is not answered is left out."""
    found = {each.id: _code(each, answers.get(each.source)) for each in dimensions(pack)}
    return {name: code for name, code in found.items() if code or isinstance(code, list)}


def tells_unit(pack: Pack, dimension: Dimension) -> bool:
    """Whether it tells much about which unit somebody is with, so that it is no second count of the units' people."""
    routing = pack.routing
    read = {condition.fact for condition in routing.conditions} | {route.unit_by for route in routing.routes}
    return dimension.source.removeprefix("fact:") in read


def age_band(born: str, on: date) -> str:
    """The code of the band of ages that somebody born in that month (``YYYY-MM``) is in on this day; the month of the
    birthday counts as passed. Empty for what is no month."""
    year, _dash, month = born.partition("-")
    if not (year.isdecimal() and month.isdecimal()):
        return ""
    age = on.year - int(year) - (on.month < int(month))
    return next((str(last) for last in AGES if age <= last), "over")


def prove(pack: Pack) -> None:
    """Raise PackError at the first thing to count by that cannot be counted."""
    specs = _specs(pack)
    figures = pack.workbooks.figures
    no_repeats(FILE, "figures", [figure.id for figure in figures])
    if sum(figure.across for figure in figures) > 1:
        wrong(FILE, "figures", "one of them at most stands across the table of totals")
    for figure in figures:
        key = f"figures({figure.id})"
        spec = specs.get(figure.source)
        if spec is None:
            wrong(FILE, f"{key}.source", f"{figure.source!r} names nothing that is there")
        elif not _countable(figure, spec):
            wrong(FILE, f"{key}.of", f"{figure.of} cannot be counted from a {spec.kind}")
        elif figure.across and spec.kind == "choices":
            wrong(FILE, f"{key}.across", "each person has to stand in one column")


def _countable(figure: Figure, spec: Fact | FormField) -> bool:
    kinds: dict[str, Sequence[str]] = {
        "value": _VALUES,
        "age": ("date", "month", "id_number"),
        "sex": ("id_number",),
    }
    return spec.kind in kinds[figure.of]


def _specs(pack: Pack) -> dict[str, Fact | FormField]:
    found: dict[str, Fact | FormField] = {f"field:{field.id}": field for field in form_fields(pack)}
    return found | {f"fact:{fact.id}": fact for fact in (*pack.eligibility.facts, *pack.routing.facts)}


def _by_profile(pack: Pack) -> Iterator[Figure]:
    fields = {field.profile: field for field in form_fields(pack) if field.profile}
    number = next((field for field in form_fields(pack) if field.kind == "id_number"), None)
    for profile in (*_PROFILES, *[name for name in _AWARDS if name in fields][:1]):
        found = fields.get(profile)
        if profile == "birth_date" and (found or number):
            yield Figure(id="age", source=f"field:{(found or number).id}", title=_AGE, of="age")  # type: ignore[union-attr]
        elif found is not None and found.kind in _VALUES:
            yield Figure(id=profile, source=f"field:{found.id}", title=found.label)
        elif profile == "sex" and number is not None:
            yield Figure(id="sex", source=f"field:{number.id}", title=Text(zh="性别", en="Sex"), of="sex")


def _dimension(figure: Figure, spec: Fact | FormField) -> Dimension:
    kind = spec.kind if figure.of == "value" else figure.of
    codes: tuple[tuple[str, Text], ...] = tuple((option.value, option.label) for option in spec.options)
    if isinstance(spec, Fact) and spec.ordered:
        codes = codes[::-1]  # packs list levels upwards, such reports begin with the highest
    if kind == "age":
        codes = tuple(_bands())
    elif kind == "sex":
        codes = _SEX
    elif kind == "yes_no":
        codes = ((YES, _AFFIRMED), (NO, _DENIED))
    elif kind == "rows":
        codes = ((YES, _YES), (NO, _NO))
    return Dimension(figure.id, figure.source, figure.title, kind, codes, figure.clause, figure.across)


def _bands() -> Iterator[tuple[str, Text]]:
    first, last = AGES[0], AGES[-1]
    yield str(first), Text(zh=f"{first}岁及以下", en=f"{first} and under")
    for low, high in pairwise(AGES):
        yield str(high), Text(zh=f"{low + 1}至{high}岁", en=f"{low + 1} to {high}")
    yield "over", Text(zh=f"{last + 1}岁及以上", en=f"{last + 1} and over")


def _code(dimension: Dimension, value: Any) -> str | list[str]:
    if dimension.kind == "rows":
        return YES if value else NO if value is not None else ""
    if value is None or value == "":
        return ""
    if dimension.kind == "yes_no":
        return YES if value is True else NO if value is False else ""
    if dimension.kind in ("age", "sex"):
        return _of_birth(dimension, str(value))
    known = {code for code, _label in dimension.codes}
    if dimension.kind == "choices":
        return [each for each in value if each in known] if isinstance(value, list | tuple) else ""
    return value if isinstance(value, str) and value in known else ""


def _of_birth(dimension: Dimension, value: str) -> str:
    if dimension.kind == "sex":
        return idnumber.sex(value)
    if len(value) == 18:  # an ID number; dates and months are shorter
        value = idnumber.birth_date(value).isoformat()
    return value[:7]
