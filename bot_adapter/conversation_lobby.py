"""Before a programme is known: one open programme is taken at once, of several the person picks one."""

from __future__ import annotations

from bot_adapter.choosing import Entry, choose_one
from bot_adapter.commands import Command, find_command
from bot_adapter.messages import OutboundMessage
from bot_adapter.prompting import Prompt
from bot_adapter.understanding import misread
from models import clock
from models.application import rounds
from models.application.tables import Conversation
from models.interview.wording import say
from models.programme.loader import load_pack, pack_slugs


def open_programmes() -> list[str]:
    """Slugs of the programmes that take applications today."""
    today = clock.current().today()
    return [slug for slug in pack_slugs() if rounds.current(slug, today) is not None]


def _prompt(slugs: list[str]) -> Prompt:
    titles = [(slug, load_pack(slug).programme) for slug in slugs]
    return Prompt(tuple((Entry(s, (p.title.zh, p.title.en, p.short.zh, p.short.en)), p.title) for s, p in titles))


def receive(conversation: Conversation, text: str) -> list[OutboundMessage]:
    """The reply while no programme is chosen; choosing one sets it on the conversation and replies nothing."""
    slugs, lang = open_programmes(), conversation.language
    if not slugs:
        return [OutboundMessage(say("chat.closed_all", lang))]
    prompt = _prompt(slugs)
    asked = OutboundMessage(say("chat.greeting_many", lang), prompt.choices(lang))
    if not conversation.state.get("lobby"):
        conversation.state = {"lobby": True}
        return [asked]
    said = find_command(text)
    if said is not None and said.command is Command.SWITCH and not said.rest:
        return [asked]
    chosen = choose_one(said.rest if said is not None and said.command is Command.SWITCH else text, prompt.entries)
    if len(chosen.tokens) != 1:
        problem = misread(chosen, prompt.entries, text)
        return [OutboundMessage(say(problem.key, lang, **problem.params)), asked]
    conversation.programme, conversation.state = chosen.tokens[0], {}
    return []
