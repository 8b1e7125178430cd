"""Replies that answer nothing: 「不知道」, 「随便」, 「跳过」, an emoji. Each has its kind sentence. Pure."""

from __future__ import annotations

from bot_adapter.assent import is_picture
from bot_adapter.commands import normalise
from bot_adapter.meanings import Misread
from models.interview.steps import Ask
from models.programme.fields import is_unsure

_SAID_SKIP = "跳过 跳过吧 先跳过 不填 先不填 不想填 不想说 以后再说 以后再填 下一题 下一个 略 过 pass skip next later"
_SAID_WHATEVER = (
    "随便 随便吧 都行 都可以 无所谓 你定 你看着办 看着办 你帮我选 你帮我填 您定 whatever any either anything"
)
_SKIP, _WHATEVER = frozenset(_SAID_SKIP.split()), frozenset(_SAID_WHATEVER.split())


def sentence(ask: Ask, text: str) -> Misread | None:
    """The kind sentence for a reply that says nothing; None where it says something."""
    word = normalise(text).rstrip("?~ ")
    if is_unsure(text) or word in _SKIP or word in _WHATEVER:
        return _open(ask, whatever=word in _WHATEVER)
    return Misread("chat.emoji") if is_picture(text) else None


def _open(ask: Ask, *, whatever: bool) -> Misread:
    """What becomes of a question that somebody cannot, or would rather not, answer."""
    if ask.kind in ("consent", "declaration"):
        return Misread("chat.dunno_consent")
    if ask.unsure:
        return Misread("chat.dunno_unsure")
    if not ask.required:
        return Misread("chat.dunno_skip")
    if whatever:
        return Misread("chat.dunno_whatever")
    return Misread("chat.dunno_why", {"why": ask.why}) if ask.why else Misread("chat.dunno_needed")
