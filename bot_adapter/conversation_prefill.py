"""The ID card before the form, in chat: photographed first, and what was read on it confirmed by a number.

Optional at every step. While it is being read the form goes on; when it has been read, it is asked about after the
answer that is just being given, never in its place.
"""

from __future__ import annotations

from bot_adapter.assent import yes_or_no
from bot_adapter.choosing import Entry, choose_many, choose_one
from bot_adapter.conversation_pages import document_of
from bot_adapter.messages import OutboundMessage
from bot_adapter.prompting import Prompt, said
from bot_adapter.turn import DOOR, Turn
from bot_adapter.understanding import Misread, misread
from models.application import prefill
from models.application.prefill import Prefill
from models.documents.prefill import Proposal, grouped
from models.errors import Conflict
from models.interview import wording
from models.interview.steps import Ask
from models.interview.wording import say
from models.programme.fields import display

KEY = "prefill"  # what is remembered as shown
_NOW, _SELF, _RIGHT, _WRONG = "now", "self", "right", "wrong"
_OFFER = Prompt((said(_NOW, "chat.prefill_now"), said(_SELF, "chat.prefill_self")))
_CHECK = Prompt(
    (said(_RIGHT, "chat.prefill_right"), said(_WRONG, "chat.prefill_wrong"), said(_SELF, "chat.prefill_self"))
)
_MORE_WORDS = {_NOW: ("好", "好的", "拍", "拍照", "ok", "yes"), _RIGHT: ("对", "都对", "没错", "好", "是", "yes", "ok"),
               _WRONG: ("不对", "有错", "错了", "no"), _SELF: ("自己填", "不拍", "不用", "跳过", "skip")}  # fmt: skip


def due(turn: Turn) -> Prefill | None:
    """What there is to offer or to confirm, where it is a step of its own."""
    view = turn.view
    if view is None or "verdict" not in view.plan.answered or prefill.is_settled(view):
        return None  # known without working out what could be offered
    now = turn.prefill
    return now if prefill.is_due(now) else None


def has_news(turn: Turn) -> bool:
    """Whether the card has been read meanwhile and its values wait to be confirmed, unseen."""
    now = due(turn)
    busy = any(turn.state.get(name) for name in ("rows", "edit", "mode", "more", "unplaced", "moving"))
    return now is not None and now.stage == "ready" and turn.state.get("at") != KEY and not busy


def early(turn: Turn, ask: Ask) -> bool:
    """Whether this document is being photographed before the form, so that the person may leave it."""
    return bool(turn.state.get("early") == ask.key)


def show(turn: Turn, now: Prefill) -> None:
    """The offer; or all that was read, to be compared with the card."""
    turn.state.update(at=KEY, mark=now.mark)
    lang, title = turn.lang, now.document.title
    if now.stage == "offer":
        text = say("prefill.offer", lang, document=title, labels=[ask.label for ask in now.fields])
        turn.out.append(OutboundMessage(_brief(turn, text), _OFFER.choices(lang), wants_image=True))
        return
    if turn.state.get("wrong"):
        turn.out.append(
            OutboundMessage(
                say("chat.prefill_which", lang), _which(now).choices(lang), say("chat.hint_many", lang), many=True
            )
        )
        return
    lines = [say("chat.prefill_check", lang, document=title)]
    lines += [_line(one, lang) for one in now.proposals if one.trust != "follows"]
    if follows := _follows(now, lang):
        lines.append(follows)
    turn.out.append(OutboundMessage(_brief(turn, "\n".join(lines)), _CHECK.choices(lang)))


def _brief(turn: Turn, text: str) -> str:
    return say("chat.choose_below", turn.lang) if turn.brief else text


def _line(one: Proposal, lang: str) -> str:
    if one.trust == "unproven":
        return say("chat.prefill_unproven", lang, label=one.ask.label, text=grouped(one.text))
    value = display(one.ask, one.value, lang)
    line = say("chat.prefill_line", lang, label=one.ask.label, value=grouped(value))
    if one.trust == "doubtful":
        doubt = say("prefill.doubtful", lang)
        return f"{line}（{doubt.rstrip('。')}）" if lang == "zh" else f"{line} ({doubt.rstrip('.')})"
    return line


def _follows(now: Prefill, lang: str) -> str:
    told = [
        say("prefill.value", lang, label=one.ask.label, value=display(one.ask, one.value, lang))
        for one in now.proposals
        if one.trust == "follows"
    ]
    return say("prefill.follows", lang, values=("、" if lang == "zh" else ", ").join(told)) if told else ""


def _which(now: Prefill) -> Prompt:
    """What may be wrong: what was read; what only follows goes with its number."""
    listed = [one.ask for one in now.proposals if one.trust in ("sure", "doubtful")]
    return Prompt(tuple((Entry(ask.key, (ask.label.zh, ask.label.en)), ask.label) for ask in listed), many=True)


def _entries(prompt: Prompt) -> list[Entry]:
    return [Entry(entry.token, (*entry.words, *_MORE_WORDS.get(entry.token, ()))) for entry in prompt.entries]


def answer(turn: Turn, now: Prefill, text: str) -> Misread | None:
    """Photograph it now, confirm what was read, name what is wrong, or fill in by hand."""
    if turn.state.get("wrong") and now.stage == "ready":
        return _leave_out(turn, now, text)
    entries = _entries(_OFFER if now.stage == "offer" else _CHECK)
    chosen = choose_one(text, entries)
    plain = yes_or_no(text, "") if now.stage == "offer" else None  # 「有」 to what was read may be 「有错」
    if len(chosen.tokens) != 1 and plain is None:
        return misread(chosen, entries, text)
    token = chosen.tokens[0] if len(chosen.tokens) == 1 else _NOW if plain else _SELF
    if token == _NOW:
        begin(turn, now)
    elif token == _SELF:
        leave(turn)
    elif token == _WRONG:
        turn.state["wrong"] = True
    else:
        _accept(turn, now, frozenset())
    return None


def begin(turn: Turn, now: Prefill) -> None:
    """The photos go to the document as ever; the person may leave it before they are all there."""
    turn.state.update(more=now.ask.key, early=now.ask.key)


def leave(turn: Turn) -> None:
    """「我自己填」."""
    prefill.decline(turn.application(), DOOR)
    turn.drop("early", "more", "wrong", "mark")
    turn.state["at"] = ""
    turn.changed()
    turn.say("chat.prefill_declined")


def _leave_out(turn: Turn, now: Prefill, text: str) -> Misread | None:
    entries = _which(now).entries
    chosen = choose_many(text, entries)
    if not chosen.tokens:
        return misread(chosen, entries, text)
    _accept(turn, now, frozenset(chosen.tokens))
    return None


def _accept(turn: Turn, now: Prefill, wrong: frozenset[str]) -> None:
    """Record what was confirmed. What has changed since it was shown is shown again."""
    values = {key: value for key, value in now.confirmable.items() if key not in wrong}
    try:
        if turn.state.get("mark") != now.mark:
            raise Conflict("error.prefill_changed")
        refused = prefill.accept(turn.application(), values, now.mark, DOOR)
    except Conflict as exc:
        turn.drop("wrong")
        turn.changed()
        turn.tell(wording.error(exc, turn.lang))
        return
    turn.drop("wrong", "mark", "early")
    turn.changed()
    for problem in refused.values():
        turn.tell(wording.error(problem, turn.lang))
    kept = sum(one.ask.key in turn.answers for one in now.proposals)
    turn.say("chat.prefill_taken" if kept else "chat.prefill_none", **({"count": kept} if kept else {}))


def told_reading(turn: Turn, ask: Ask) -> None:
    """After the last photo: it is being read, and nobody has to wait."""
    if not early(turn, ask):
        return
    turn.drop("early")
    now = turn.prefill
    if now is not None and now.document.id == document_of(ask) and now.stage == "reading":
        turn.say("prefill.reading", document=now.document.title)
