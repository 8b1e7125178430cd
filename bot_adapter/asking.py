"""The questions of a programme as everybody is asked them: prompts and messages, made once.

What is of one person or of the moment (a suggestion, what a search found, the answer that stands) makes a question
theirs: it is made each time and never kept. What is kept is bounded by what the pack asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot_adapter import prompting
from bot_adapter.messages import OutboundMessage
from bot_adapter.prompting import Prompt
from models.interview.prepared import Prepared, prepared
from models.interview.steps import Ask
from models.programme.pack import Pack

_KEPT = 64  # versions of packs
_LANGUAGES = ("zh", "en")


@dataclass(slots=True)
class Questions:
    """Those of one pack. Shared by threads: what is missing is made by whoever needs it first."""

    ready: Prepared
    own: Mapping[str, Ask]  # the pack's own asks by key: nobody's suggestion, no narrowed options
    prompts: dict[tuple[str, bool], Prompt] = field(default_factory=dict)
    columns: dict[tuple[str, int], tuple[Ask, Prompt]] = field(default_factory=dict)
    messages: dict[tuple[str, str, object], OutboundMessage] = field(default_factory=dict)

    def prompt(self, ask: Ask, *, stay: bool) -> Prompt:
        """`prompting.prompt` of an ask beside which nothing is found, picked or suggested."""
        if self.own.get(ask.key) is not ask:
            return prompting.prompt(ask, stay=stay)
        found = self.prompts.get((ask.key, stay))
        if found is None:
            found = self.prompts[ask.key, stay] = prompting.prompt(ask, stay=stay)
        return found

    def column(self, ask: Ask, index: int) -> tuple[Ask, Prompt]:
        """A column of a row as an ask of its own, with its prompt, where nothing is found or suggested."""
        found = self.columns.get((ask.key, index)) if self.own.get(ask.key) is ask else None
        if found is None:
            column = ask.columns[index]
            one = prompting.column_ask(ask, column)
            found = one, prompting.prompt(one, present=prompting.may_be_present(column))
            if self.own.get(ask.key) is ask:
                self.columns[ask.key, index] = found
        return found

    def message(self, ask: Ask, lang: str, variant: object, make: Callable[[], OutboundMessage]) -> OutboundMessage:
        """The question as `make` makes it, which depends on the ask, the language and the `variant` alone."""
        if self.own.get(ask.key) is not ask or lang not in _LANGUAGES:
            return make()
        found = self.messages.get((ask.key, lang, variant))
        if found is None:
            found = self.messages[ask.key, lang, variant] = make().kept_for_all()
        return found


_questions: dict[int, Questions] = {}


def of(pack: Pack) -> Questions:
    """The questions of this very pack."""
    ready = prepared(pack)
    found = _questions.get(id(ready))
    if found is None or found.ready is not ready:
        if len(_questions) >= _KEPT:
            _questions.clear()
        found = _questions[id(ready)] = Questions(ready, {ask.key: ask for ask in ready.asks()})
    return found
