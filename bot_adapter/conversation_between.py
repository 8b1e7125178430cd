"""Questions of the chat itself, between those of the interview: each has a module that shows it and takes its reply."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot_adapter import conversation_differences as differing
from bot_adapter import conversation_misfiled as misfiled
from bot_adapter import conversation_prefill as prefill
from bot_adapter import conversation_reuse as reuse
from bot_adapter import conversation_unplaced as unplaced
from bot_adapter import conversation_ways as ways
from bot_adapter.conversation_differences import Difference
from bot_adapter.conversation_misfiled import Moving
from bot_adapter.conversation_unplaced import Unplaced
from bot_adapter.turn import Turn
from bot_adapter.understanding import Misread
from models.application.prefill import Prefill
from models.application.reuse import Offer
from models.application.ways import ClosedWay

Between = Offer | ClosedWay | Unplaced | Moving | Prefill | Difference
KINDS = (Offer, ClosedWay, Unplaced, Moving, Prefill, Difference)
ASIDE = (Unplaced, Moving)  # asked in the middle of another question, which keeps what was found or picked for it
_Show = Callable[[Turn, Any], None]
_Answer = Callable[[Turn, Any, str], Misread | None]
_PARTS: dict[type, tuple[str, _Show, _Answer]] = {
    Offer: (reuse.KEY, reuse.show, reuse.answer),
    ClosedWay: (ways.KEY, ways.show, ways.answer),
    Unplaced: (unplaced.KEY, unplaced.show, unplaced.answer),
    Moving: (misfiled.KEY, misfiled.show, misfiled.answer),
    Prefill: (prefill.KEY, prefill.show, prefill.answer),
    Difference: ("", differing.show, differing.answer),
}


def key_of(here: Between) -> str:
    """What is remembered as shown."""
    return here.key if isinstance(here, Difference) else _PARTS[type(here)][0]


def show(turn: Turn, here: Between) -> None:
    """Add the question to the reply and remember it as shown."""
    _PARTS[type(here)][1](turn, here)


def answer(turn: Turn, here: Between, text: str) -> Misread | None:
    """Take the reply as its answer."""
    return _PARTS[type(here)][2](turn, here, text)
