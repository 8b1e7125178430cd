"""docs/packs.md cannot go stale: its tables list every key of the models, its examples stand in the packs, its commands
and messages exist."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from typing import get_args

import click
import pack_keys
import pytest

from models.programme import code_lists, operands, tabling
from models.programme.pack import FactKind, FieldKind, Op
from webforms.cli import main

ROOT = Path(__file__).parents[2]
PAGE = pack_keys.PAGE.read_text("utf-8")
BRING_UP_TO_DATE = "run .venv/bin/python tests/support/pack_keys.py, then write what the new keys mean (…)"
MODELS = pack_keys.models()


def blocks(language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def values(name: str) -> list[list[str]]:
    """The rows of a table of values, without the backticks of the first cell."""
    found = re.search(rf"<!-- values: {name} -->\n\|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE)
    assert found, name
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in found[1].splitlines()]
    return [[row[0].strip("`"), *row[1:]] for row in rows]


def test_every_table_of_a_pack_has_its_keys_on_the_page_once() -> None:
    marked = re.findall(r"<!-- keys: (\w+) -->", PAGE)
    assert sorted(marked) == sorted(MODELS), BRING_UP_TO_DATE


@pytest.mark.parametrize("name", MODELS)
def test_the_keys_are_those_of_the_model(name: str) -> None:
    listed = [(key, takes, needed) for key, (takes, needed, _) in pack_keys.written(PAGE)[name].items()]
    assert listed == pack_keys.rows(MODELS[name]), BRING_UP_TO_DATE


@pytest.mark.parametrize("name", MODELS)
def test_every_key_says_what_it_means(name: str) -> None:
    silent = [key for key, (_, _, meaning) in pack_keys.written(PAGE)[name].items() if meaning.strip(" .") in ("", "…")]
    assert silent == [], BRING_UP_TO_DATE


def test_the_page_is_what_its_generator_makes_of_it() -> None:
    assert pack_keys.up_to_date(PAGE) == PAGE, BRING_UP_TO_DATE


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Op", get_args(Op)),
        ("FactKind", get_args(FactKind)),
        ("FieldKind", get_args(FieldKind)),
        ("csv", (*code_lists.NEEDED, *code_lists.OPTIONAL)),
        ("source", tabling._PLAIN),
    ],
)
def test_the_values_are_those_that_are_allowed(name: str, known: tuple[str, ...]) -> None:
    rows = values(name)
    assert sorted(row[0] for row in rows) == sorted(known)
    assert all(row[-1] for row in rows)


def test_operators_fit_the_kinds_of_facts_that_the_page_says() -> None:
    for op, fits, *_ in values("Op"):
        kinds = set(re.findall(r"`(\w+)`", fits))
        assert kinds == (operands._KINDS[op] & set(get_args(FactKind)) if op != "answered" else set()), op


@pytest.mark.parametrize("block", blocks("toml"))
def test_examples_are_valid_and_stand_in_the_pack_that_they_name(block: str) -> None:
    assert tomllib.loads(block)
    named = re.match(r"# (models/packs/\S+\.toml)\n", block)
    if named:
        file = (ROOT / named[1]).read_text("utf-8")
        missing = [piece for piece in block[named.end() :].split("# …") if piece.strip() not in file]  # … is left out
        assert missing == []


def test_there_are_examples_from_several_packs() -> None:
    assert len(set(re.findall(r"# models/packs/([\w-]+)/", PAGE))) > 1


@pytest.mark.parametrize("line", [line for block in blocks("sh") for line in block.splitlines() if "bole " in line])
def test_the_commands_exist_with_their_options(line: str) -> None:
    words = shlex.split(line)
    command = main.commands[words[1]]
    known = {name for param in command.params if isinstance(param, click.Option) for name in param.opts}
    assert {word for word in words[2:] if word.startswith("--")} <= known


def test_the_messages_that_are_explained_are_said_somewhere() -> None:
    table = PAGE[PAGE.index("## What the messages mean") : PAGE.index("## Versions")]
    sources = [*(ROOT / "models" / "programme").glob("*.py"), ROOT / "webforms" / "cli_folders.py"]
    said = " ".join(path.read_text("utf-8") for path in (*sources, ROOT / "models/application/packs.py"))
    said += "Input should be"  # pydantic's own
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    assert len(rows) > 15
    for row in rows:
        for message in re.findall(r"`([^`]+)`", row):
            pieces = [piece.strip(" :()") for piece in re.split(r"…|'x'|待填|\(at line.*|\bfact /.*", message)]
            assert all(piece in said for piece in pieces if len(piece) > 3), message


def test_links_within_the_page_lead_somewhere() -> None:
    headings = re.findall(r"^#+ (.*)$", PAGE, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= anchors


def test_the_generator_tells_what_is_needed_and_keeps_meanings() -> None:
    """A key that the page lacks gets a row that waits; one that is no more goes; the rest stays word for word."""
    row = "| `at_most` | whole number | yes | the most |"
    assert row in PAGE
    older = PAGE.replace(f"{row}\n", "| `gone` | text | no | something |\n", 1)
    newer = pack_keys.up_to_date(older)
    assert "`gone`" not in newer
    assert newer == PAGE.replace(row, row.replace("the most", "…"), 1)
