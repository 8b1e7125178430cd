"""The way in that a person chose has closed, or they do not agree to it: the other ways as a numbered choice."""

from __future__ import annotations

from collections.abc import Iterable

from bot_adapter.choosing import Entry, choose_one
from bot_adapter.messages import OutboundMessage
from bot_adapter.prompting import NO, YES, Prompt, filled, said
from bot_adapter.turn import DOOR, Turn
from bot_adapter.understanding import Misread, misread
from models.application import service, ways
from models.application.ways import ClosedWay
from models.interview.steps import Ask
from models.interview.wording import say
from models.programme.pack import Channel, Text

KEY = "way"  # what is remembered as shown
_ON, _WAY = "on", "way:"


def due(turn: Turn) -> ClosedWay | None:
    """The chosen way where it has closed, until the person says that they go on all the same."""
    view = turn.view
    way = view.closed_way if view is not None else None
    return None if way is None or turn.state.get("way_kept") == way.channel.id else way


def show(turn: Turn, way: ClosedWay) -> None:
    """That it has closed, and what can be done."""
    turn.state["at"] = KEY
    text = say("chat.choose_below", turn.lang) if turn.brief else way.sentence(turn.lang)
    turn.out.append(OutboundMessage(text, _prompt(way).choices(turn.lang)))


def answer(turn: Turn, way: ClosedWay, text: str) -> Misread | None:
    """Another way, or on with this one: the hand-in will say it again."""
    entries = _prompt(way).entries
    chosen = choose_one(text, entries)
    if len(chosen.tokens) != 1:
        return misread(chosen, entries, text)
    if chosen.tokens[0] == _ON:
        turn.state["way_kept"] = way.channel.id
    else:
        _change(turn, chosen.tokens[0].removeprefix(_WAY))
    return None


def consent_prompt(turn: Turn, ask: Ask) -> Prompt | None:
    """Yes, or another way; None for a consent that concerns no way in, or where there is no other."""
    channels = _instead(turn, ask)
    if not channels:
        return None
    others = [_entry(channel, "chat.way_disagree") for channel in channels]
    if len(others) == 1:
        (one, label), (no, _) = others[0], said(NO, "chat.consent_no")
        others = [(Entry(one.token, (*one.words, *no.words)), label)]
    return Prompt((said(YES, "chat.consent_yes"), *others))


def leave(turn: Turn, ask: Ask, text: str) -> bool:
    """At a consent: whether `text` chose another way instead of the consent; it is taken then."""
    prompt = consent_prompt(turn, ask)
    chosen = choose_one(text, prompt.entries) if prompt is not None else None
    if chosen is None or len(chosen.tokens) != 1 or not chosen.tokens[0].startswith(_WAY):
        return False
    _change(turn, chosen.tokens[0].removeprefix(_WAY))
    return True


def _instead(turn: Turn, ask: Ask) -> tuple[Channel, ...]:
    if ask.kind != "consent" or turn.view is None:
        return ()
    consents = {f"consent:{consent.id}" for consent in turn.pack.programme.consents if consent.channels}
    if ask.key not in consents:
        return ()
    return ways.others(turn.pack, turn.view.closed_channels, turn.answers)


def _prompt(way: ClosedWay) -> Prompt:
    return Prompt((*_entries(way.others), (_said(_ON, "chat.way_on"))))


def _entries(channels: Iterable[Channel]) -> list[tuple[Entry, Text]]:
    return [_entry(channel, "chat.way_change") for channel in channels]


def _entry(channel: Channel, key: str) -> tuple[Entry, Text]:
    label = filled(key, way=channel.name)
    return Entry(_WAY + channel.id, (label.zh, label.en, channel.name.zh, channel.name.en)), label


def _said(token: str, key: str) -> tuple[Entry, Text]:
    entry, label = said(token, key)
    return Entry(token, (*entry.words, "继续", "go on", "continue")), label


def _change(turn: Turn, channel_id: str) -> None:
    service.change_way(turn.application(), channel_id, DOOR)
    turn.changed()
    turn.drop("at", "way_kept")
    name = next(channel.name for channel in turn.pack.selection.channels if channel.id == channel_id)
    turn.say("chat.way_changed", way=name)
