"""What every proof of a pack's references needs; each raises PackError with file, key and reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NoReturn

from models.errors import PackError
from models.programme.pack import Option


def wrong(file: str, key: str, reason: str) -> NoReturn:
    """Say what is wrong and where."""
    raise PackError(file, key, reason)


def no_repeats(file: str, key: str, idents: Iterable[str]) -> None:
    """Raise PackError where a name is there more than once."""
    repeated = [ident for ident, count in Counter(idents).items() if count > 1]
    if repeated:
        wrong(file, key, f"{repeated[0]!r} is there more than once")


def check_options(file: str, key: str, kind: str, options: tuple[Option, ...]) -> None:
    """Raise PackError unless a choice has options, each once and none of them reserved, and nothing else has any."""
    if (kind in ("choice", "choices")) != bool(options):
        wrong(file, f"{key}.options", f"a {kind} has {'no options' if not options else 'options'}")
    no_repeats(file, f"{key}.options", [option.value for option in options])
    for option in options:
        if option.value in ("", "unsure") or (option.value == "none" and kind == "choices"):
            wrong(file, f"{key}.options", f"the value {option.value!r} is reserved")


def acyclic(file: str, key: str, graph: dict[str, list[str]]) -> None:
    """Raise PackError where names lead back to themselves."""
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        if name in trail:
            wrong(file, key, "goes round in a circle: " + " → ".join((*trail[trail.index(name) :], name)))
        if name not in done:
            for below in graph.get(name, ()):
                visit(below, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())
