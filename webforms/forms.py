"""Asks as WTForms: classes are built once a pack version, instances keep what was typed beside what is stored.

A field here reads the browser's controls into one raw value; the rules (`service`, `engine.accept`) parse it. So an
answer that is refused is shown again exactly as it was given.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Protocol, cast

from werkzeug.datastructures import MultiDict
from wtforms import Field, Form

from models.eligibility.verdict import UNSURE
from models.programme.pack import Option, Text

RADIO_LIMIT = 10  # more options than this become a drop-down list
FILTER_LIMIT = 12  # longer lists get a search box
PRESENT = "present"
PARTS = {"date": ("y", "m", "d"), "month": ("y", "m")}


class Spec(Protocol):
    """What a field needs to know: an Ask, or a Column of a row."""

    @property
    def kind(self) -> str: ...
    @property
    def label(self) -> Text: ...
    @property
    def required(self) -> bool: ...
    @property
    def options(self) -> tuple[Option, ...]: ...


class AnswerField(Field):
    """One answer: `raw` as typed (None: not sent), `stored` the canonical value, `error` the sentence."""

    def __init__(self, *, kind: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind
        self.raw: Any = None
        self.parts: dict[str, str] = {}
        self.stored: Any = None
        self.error = ""
        self.spec: Any = None
        self.options: tuple[Option, ...] = ()
        self.parent = ""
        self.beside: tuple[str, ...] = ()  # ids of further lines on the page that belong to it
        self.found: list[str] | None = None  # names of places that fit what was typed; None: not looked for

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Read the controls that were sent, if any."""
        self.raw, self.parts = (None, {}) if formdata is None else read(self.kind, self.name, formdata)

    @property
    def anchor(self) -> str:
        """The element id that an error summary links to."""
        return self.name.replace(":", "-")

    def chosen(self, value: str) -> bool:
        """Whether this option is to be shown as chosen."""
        now = self.raw if self.raw is not None else self.stored
        if now is None:
            now = getattr(self.spec, "suggestion", None)
        if now is True or now is False:
            now = "yes" if now else "no"
        if isinstance(now, (list, tuple)):
            return value in now or (value == "none" and not now and self.stored is not None and self.raw is None)
        return bool(value == now)

    def typed(self, part: str = "") -> str:
        """The text to show in a box, or in one part of a date."""
        if self.raw is not None:
            return self.parts.get(part, "") if part else str(self.raw)
        value = self.stored if self.stored is not None else getattr(self.spec, "suggestion", None)
        if value is None:
            return ""
        if not part:
            return str(value)
        pieces = str(value).split("-")
        index = PARTS[self.kind].index(part)
        return pieces[index].lstrip("0") if len(pieces) > index else ""

    @property
    def is_present(self) -> bool:
        """Whether 「至今」 is ticked in a month column."""
        return self.raw == PRESENT or (self.raw is None and self.stored == "")

    @property
    def suggested(self) -> bool:
        """Whether what is shown was only offered, not yet confirmed."""
        return self.raw is None and self.stored is None and getattr(self.spec, "suggestion", None) is not None


def read(kind: str, name: str, form: Any) -> tuple[Any, dict[str, str]]:
    """The raw value of one answer out of the browser's form, and the parts of a date as typed."""
    if kind in PARTS:
        if form.get(f"{name}.now"):
            return PRESENT, {}
        parts = {part: form.get(f"{name}.{part}", "").strip() for part in PARTS[kind]}
        if any(parts.values()):
            return _join(parts.values()), parts
        return form.get(name, "").strip(), parts
    if kind in ("choices", "claim"):
        return list(form.getlist(name)) or None, {}
    if kind in ("consent", "declaration"):
        return bool(form.get(name)), {}
    if form.get(f"{name}.unsure"):
        return UNSURE, {}
    if kind == "place" and form.get(f"{name}.pick"):
        return form.get(f"{name}.pick"), {}  # one of the names that were found for what was typed
    return form.get(name, ""), {}


def _join(parts: Any) -> str:
    """``1990-1-5``; a whole date typed into the first box stays whole."""
    return "-".join(parts).rstrip("-")


@lru_cache(maxsize=256)
def form_class(_pack: tuple[str, str], fields: tuple[tuple[str, str], ...]) -> type[Form]:
    """The form class for these (name, kind) pairs of a pack version."""
    return type("PackForm", (Form,), {name: AnswerField(kind=kind) for name, kind in fields})


def bind(
    pack: tuple[str, str],
    specs: Mapping[str, Any],
    stored: Mapping[str, Any],
    sent: MultiDict[str, str] | None = None,
) -> list[AnswerField]:
    """The fields of `specs` (input name → Ask or Column), with what is stored and what was sent."""
    form = form_class(pack, tuple((name, kind_of(name, spec)) for name, spec in specs.items()))(sent)
    fields: list[AnswerField] = []
    for name, spec in specs.items():
        field = cast(AnswerField, form[name])
        field.spec, field.stored = spec, stored.get(name)
        field.options = tuple(spec.options)
        fields.append(field)
    return fields


def kind_of(name: str, spec: Any) -> str:
    """The kind that decides how the controls are read."""
    return "choices" if name == "claim" else str(spec.kind)
