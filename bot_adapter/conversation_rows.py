"""Repeatable rows, asked column by column. What is typed so far waits sealed in the conversation's state; each
finished row is stored at once, so the browser sees it too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot_adapter import asking, prompting, rendering, search
from bot_adapter.assent import yes_or_no
from bot_adapter.choosing import Entry, choose_one
from bot_adapter.messages import OutboundMessage
from bot_adapter.prompting import DONE, Prompt, said
from bot_adapter.turn import Turn
from bot_adapter.understanding import Answer, Found, Meaning, Misread, Stay, misread, understand
from models.errors import InvalidAnswer
from models.interview.steps import Ask
from models.interview.wording import say
from models.programme import fields
from models.programme.fields import display
from models.programme.pack import Column

ADD, CLEAR = "add", "clear"


@dataclass
class Draft:
    """The rows of one ask in the making: `rows` finished, `partial` by column, `column` the index being asked
    (None: at the menu)."""

    rows: list[dict[str, Any]]
    partial: dict[str, Any]
    column: int | None


def load(turn: Turn, ask: Ask) -> Draft:
    """The draft out of the state; without one, what is stored."""
    if _is_kept(turn, ask):
        state = turn.state["rows"]
        kept = turn.unseal(state["sealed"])
        return Draft(list(kept["rows"]), dict(kept["partial"]), state["column"])
    stored = list(turn.answers.get(ask.key) or [])
    return Draft(stored, {}, None if len(stored) >= least(ask) else 0)


def _is_kept(turn: Turn, ask: Ask) -> bool:
    """Whether the state holds a draft of these rows."""
    return "rows" in turn.state and bool(turn.state["rows"].get("key") == ask.key)


def keep(turn: Turn, ask: Ask, draft: Draft) -> None:
    sealed = turn.seal({"rows": draft.rows, "partial": draft.partial})
    turn.state["rows"] = {"key": ask.key, "column": draft.column, "row": len(draft.rows), "sealed": sealed}


def least(ask: Ask) -> int:
    return max(ask.min_rows, 1 if ask.required else 0)


def show(turn: Turn, ask: Ask) -> None:
    """Ask the next column, or what to do with the rows so far."""
    draft = load(turn, ask)
    if not _is_kept(turn, ask):
        keep(turn, ask, draft)
    turn.out.append(_menu(turn, ask, draft) if draft.column is None else _question(turn, ask, draft))


def _menu(turn: Turn, ask: Ask, draft: Draft) -> OutboundMessage:
    choices = _menu_prompt(ask, draft).choices(turn.lang)
    if not draft.rows:
        text = say("chat.rows_any", turn.lang, label=ask.label)
        return OutboundMessage(f"{text}\n{ask.help.get(turn.lang)}" if ask.help else text, choices)
    listed = display(ask, draft.rows, turn.lang).split("\n")
    numbered = "\n".join(f"（{n}）{line}" for n, line in enumerate(listed, start=1))
    return OutboundMessage(say("chat.rows_kept", turn.lang, count=len(draft.rows), rows=numbered), choices)


def _menu_prompt(ask: Ask, draft: Draft) -> Prompt:
    if not draft.rows:
        return Prompt((said(ADD, "chat.rows_add_first"), said(DONE, "chat.rows_nothing")))
    entries = [said(ADD, "chat.rows_more")] if len(draft.rows) < ask.max_rows else []
    entries += [said(DONE, "chat.rows_finish"), said(CLEAR, "chat.rows_clear")]
    return Prompt(tuple(entries))


def _question(turn: Turn, ask: Ask, draft: Draft) -> OutboundMessage:
    lang, index, row = turn.lang, draft.column or 0, len(draft.rows) + 1
    column, prompt = _column(turn, ask, index)

    def made() -> OutboundMessage:
        message = rendering.asked(column, prompt, lang)
        head = say("chat.rows_column", lang, label=ask.label, row=row, column=column.label)
        text = head + message.text.removeprefix(column.label.get(lang))
        if draft.column == 0 and row == 1 and ask.help:
            text = f"{ask.help.get(lang)}\n{text}"
        return OutboundMessage(text, message.choices, message.hint)

    return made() if _is_of_the_moment(turn) else asking.of(turn.pack).message(ask, lang, (index, row), made)


def _is_of_the_moment(turn: Turn) -> bool:
    """Whether what is offered is what somebody's words have found or may have meant."""
    return bool(turn.state.get("found") or turn.state.get("guess"))


def _column(turn: Turn, ask: Ask, index: int) -> tuple[Ask, Prompt]:
    """What is asked in a column, and the prompt under which it is, or was, shown."""
    one, prompt = asking.of(turn.pack).column(ask, index)
    if _is_of_the_moment(turn):
        column, guess = ask.columns[index], turn.state.get("guess")
        found = turn.state.get("found", ())[: search.SHOWN]
        keep = display(column, guess, turn.lang) if guess else ""
        prompt = prompting.prompt(one, found=found, present=prompting.may_be_present(column), keep=keep)
    return one, prompt


def answer(turn: Turn, ask: Ask, text: str) -> Misread | None:
    """Take one reply to a rows ask. Returns what was not understood; an invalid answer raises InvalidAnswer."""
    draft = load(turn, ask)
    if draft.column is None:
        return _answer_menu(turn, ask, draft, text)
    column = ask.columns[draft.column]
    (asked, prompt), guess = _column(turn, ask, draft.column), turn.state.get("guess")
    turn.drop("guess")
    meaning = understand(asked, prompt, text, suggestion=guess, today=turn.today)
    if isinstance(meaning, Misread):
        return meaning
    if isinstance(meaning, Found):
        turn.state["found"] = list(meaning.values)
        say_found(turn, meaning)
        return None
    turn.drop("found")
    value = draft.partial[column.id] = _parsed(turn, column, meaning)
    if isinstance(meaning, Answer) and meaning.read:
        turn.say("chat.read_as", value=display(column, value, turn.lang))
    draft.column += 1
    if draft.column == len(ask.columns):
        _finish_row(turn, ask, draft)
    keep(turn, ask, draft)
    return None


def say_found(turn: Turn, found: Found) -> None:
    """Introduce the matches of a search."""
    count = len(found.values)
    if found.near:
        turn.say("chat.found_near")
    elif count > search.SHOWN:
        turn.say("chat.found_more", count=count, shown=search.SHOWN)
    else:
        turn.say("chat.found")


def _parsed(turn: Turn, column: Column, meaning: Meaning) -> Any:
    raw = meaning.raw if isinstance(meaning, Answer) else "" if isinstance(meaning, Stay) else None
    return fields.parse(column, raw, today=turn.today)


def _finish_row(turn: Turn, ask: Ask, draft: Draft) -> None:
    """Store the rows with the new one, once there are enough of them. An error re-opens the column it names."""
    rows = [*draft.rows, dict(draft.partial)]
    if len(rows) >= least(ask):
        try:
            turn.record(ask.key, rows)
        except InvalidAnswer as exc:
            ids = [column.id for column in ask.columns]
            named = exc.params.get("column_id")
            draft.column = ids.index(named) if named in ids else len(ids) - 1
            keep(turn, ask, draft)
            raise
    draft.rows, draft.partial = rows, {}
    draft.column = None if len(rows) >= least(ask) else 0


def _answer_menu(turn: Turn, ask: Ask, draft: Draft, text: str) -> Misread | None:
    entries = _menu_prompt(ask, draft).entries
    chosen = choose_one(text, entries)
    token = chosen.tokens[0] if len(chosen.tokens) == 1 else _said_otherwise(text, entries)
    if not token:
        return misread(chosen, entries, text)
    if token == DONE:
        turn.record(ask.key, draft.rows)
        turn.drop("rows", "edit")
        return None
    if token == CLEAR:
        draft.rows = []
    draft.partial, draft.column = {}, 0
    keep(turn, ask, draft)
    return None


def _said_otherwise(text: str, entries: Sequence[Entry]) -> str:
    """「有的」 and 「没有了呢」 at the menu: another row, or no more."""
    said = yes_or_no(text, "")
    token = ADD if said else DONE if said is False else ""
    return token if any(entry.token == token for entry in entries) else ""


def back(turn: Turn, ask: Ask) -> bool:
    """返回 inside a row: to the column before, or from the first column to the menu. False: not inside a row."""
    draft = load(turn, ask)
    if draft.column is None or (draft.column == 0 and not draft.rows and least(ask)):
        return False
    turn.drop("found")
    draft.column = draft.column - 1 if draft.column else None
    keep(turn, ask, draft)
    return True
