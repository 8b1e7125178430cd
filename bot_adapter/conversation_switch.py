"""「换项目」: another application in the same chat. What was open in the one that is left is put aside as it stands
(`models.application.others`), and it is gone on with at the same question."""

from __future__ import annotations

from typing import Any

from flask import current_app

from bot_adapter import conversation_lobby as lobby
from bot_adapter import conversation_opening as opening
from bot_adapter import conversation_returning as returning
from bot_adapter import conversation_steps as steps
from bot_adapter import conversation_tidings as tidings
from bot_adapter import delivery
from bot_adapter.assent import acknowledges
from bot_adapter.choosing import Entry, choose_one
from bot_adapter.holdings import held_ids
from bot_adapter.messages import OutboundMessage
from bot_adapter.prompting import Prompt, filled
from bot_adapter.turn import Turn
from bot_adapter.understanding import misread
from models.application import lifecycle, others
from models.application.packs import pack_of
from models.application.tables import Application
from models.application.timeline import status_name
from models.extensions import db
from models.interview import wording
from models.interview.wording import say
from models.programme.loader import load_pack
from models.programme.pack import Text

MODE, SHOWN = "switch", "switching"  # the latter: what was offered, in order
HEARD = delivery.HEARD  # the other application of which there was news
STAY, _APPLICATION, _PROGRAMME = "stay", "a:", "p:"
_STAYING = ("不换", "不换了", "不", "算了", "取消", "接着办", "stay", "no", "cancel")
# Of the chat, or of one moment in it: not put aside with an application.
_MOMENTS = "mode edit_part buttons rest tries guess question replying told"
_OF_THE_MOMENT = frozenset((HEARD, SHOWN, *_MOMENTS.split()))
_OF_THE_CHAT = ("occurred",)


def begin(turn: Turn, rest: str) -> None:
    """What there is to go to; straight there where the words after the command say which."""
    tokens = _tokens(turn)
    if not tokens:
        _nowhere(turn)
        return
    if rest:
        prompt = _prompt(turn, tokens)
        chosen = choose_one(rest, prompt.entries)
        if len(chosen.tokens) == 1 and chosen.tokens[0] != STAY:
            go(turn, chosen.tokens[0])
            return
    ask(turn, tokens)


def back(turn: Turn, _rest: str) -> None:
    """「换回去」: to the application that was left last."""
    left = others.of(db.session(), turn.conversation.id)
    if left:
        go(turn, _APPLICATION + left[0].id)
    else:
        begin(turn, "")


def ask(turn: Turn, tokens: list[str], sentence: str = "") -> None:
    """Offer these as numbered choices, and to stay."""
    turn.drop("edit_part")
    turn.state.update({"mode": MODE, SHOWN: tokens})
    which = "chat.switch_which_first" if turn.application_id is None else "chat.switch_which"
    text = sentence or say(which, turn.lang, here=turn.pack.programme.title)
    hint = say("chat.hint_one", turn.lang)
    turn.out.append(OutboundMessage(text, _prompt(turn, tokens).choices(turn.lang), hint, elsewhere=True))


def ask_again(turn: Turn) -> None:
    """The same offer, while it stands open."""
    ask(turn, list(turn.state.get(SHOWN, ())))


def replied(turn: Turn) -> bool:
    """Whether the message may be meant for another application, whose news the person has just heard: a photo where
    that asks for one, 「好的」 where it was said last. Then they are asked; taken for the question that stands open
    here it would be a wrong answer."""
    heard = turn.state.pop(HEARD, None)
    if heard is None or not others.holds(db.session(), turn.conversation.id, heard["id"]):
        return False
    if turn.inbound.media and heard["photo"]:
        word = "chat.switch_whose_photo"
    elif heard["last"] and turn.inbound.kind == "text" and acknowledges(turn.inbound.said):
        word = "chat.switch_whose"
    else:
        return False
    title = pack_of(db.session.get_one(Application, heard["id"])).programme.title
    ask(turn, [_APPLICATION + heard["id"]], say(word, turn.lang, title=title))
    return True


def choose(turn: Turn, text: str) -> None:
    """The reply to the offer."""
    tokens = list(turn.state.get(SHOWN, ()))
    prompt = _prompt(turn, tokens)
    chosen = choose_one(text, prompt.entries)
    if len(chosen.tokens) != 1:
        problem = misread(chosen, prompt.entries, text)
        ask(turn, tokens, say(problem.key, turn.lang, **problem.params))
        return
    turn.drop("mode", SHOWN)
    if chosen.tokens[0] == STAY:
        turn.say("chat.go_on")
        steps.show(turn)
    else:
        go(turn, chosen.tokens[0])


def of_programme(turn: Turn, slug: str) -> str | None:
    """What somebody who comes for this programme is offered: their application to it, else to begin one; None where
    it takes none."""
    for application in others.of(db.session(), turn.conversation.id):
        if application.programme == slug:
            return _APPLICATION + application.id
    return _PROGRAMME + slug if slug in lobby.open_programmes() else None


def go(turn: Turn, token: str) -> None:
    """Put the present application aside and go on with another, or begin one."""
    turn.drop("mode", SHOWN)
    conversation, session = turn.conversation, db.session()
    state: dict[str, Any] = {}
    application = bound_at = None
    slug, before = token.removeprefix(_PROGRAMME), turn.pack.programme.title
    if token.startswith(_APPLICATION):
        row = others.take(session, conversation.id, token.removeprefix(_APPLICATION))
        application = session.get(Application, row.application_id) if row is not None else None
        if row is None or application is None or application.status == lifecycle.DELETED:
            turn.say("chat.switch_gone")
            begin(turn, "")
            return
        slug, state, bound_at = application.programme, dict(row.state), row.bound_at
    leaves = conversation.application_id is not None
    others.leave(session, conversation, put_aside(turn))
    conversation.application_id = application.id if application is not None else None
    conversation.programme, conversation.bound_at = slug, bound_at
    state |= {name: turn.state[name] for name in _OF_THE_CHAT if name in turn.state}
    turn.turn_to(load_pack(slug), state)
    _arrive(turn, before if leaves else None)


def put_aside(turn: Turn) -> dict[str, Any]:
    """What of the conversation's state belongs to the present application."""
    return {name: kept for name, kept in turn.state.items() if name not in _OF_THE_MOMENT | set(_OF_THE_CHAT)}


def _arrive(turn: Turn, before: Text | None) -> None:
    turn.drop("joined")
    title = turn.pack.programme.title
    if turn.view is None:
        word, known = ("chat.switched_new", {"before": before}) if before else ("chat.switched", {})
        turn.out.append(OutboundMessage(say(word, turn.lang, title=title, **known), elsewhere=bool(before)))
        opening.greeting(turn)
        return
    if turn.status == "draft" and turn.is_open() and (label := returning.label_of(steps.place(turn))) is not None:
        count, receipt = returning.count_of(turn), turn.view.application.receipt
        word = "chat.switched_draft" if count else "chat.switched_first"
        turn.say(word, title=title, receipt=receipt, label=label, **({"count": count} if count else {}))
    else:
        turn.say("chat.switched", title=title)
    if turn.status == "returned":
        tidings.returned(turn)
    steps.show(turn)


def tell_beside(turn: Turn, *more: str) -> None:
    """One line for each other application of the chat, and `more`; nothing where there is none."""
    lines = [f"· {_held(one).get(turn.lang)}" for one in others.of(db.session(), turn.conversation.id)]
    if lines:
        text = "\n".join([say("chat.switch_others", turn.lang), *lines, *more])
        turn.out.append(OutboundMessage(text, elsewhere=True))


def _tokens(turn: Turn) -> list[str]:
    """What this chat carries besides, then what is open and not begun here; of an account for one programme only that
    one."""
    conversation = turn.conversation
    held = others.of(db.session(), conversation.id)
    begun = {one.programme for one in held} | {conversation.programme}
    sole = _sole(turn)
    taking = lobby.open_programmes() if sole is None else [sole]
    return [*(_APPLICATION + one.id for one in held), *(_PROGRAMME + slug for slug in taking if slug not in begun)]


def _sole(turn: Turn) -> str | None:
    """The one programme that the account is for: its messages say so, others only where a link names one."""
    return turn.inbound.programme if turn.inbound.event != "start" else None


def _prompt(turn: Turn, tokens: list[str]) -> Prompt:
    stay = filled("chat.switch_stay", here=turn.pack.programme.short)
    words = (stay.zh, stay.en, *_STAYING)
    return Prompt((*(_entry(token) for token in tokens), (Entry(STAY, words), stay)))


def _entry(token: str) -> tuple[Entry, Text]:
    if token.startswith(_PROGRAMME):
        programme = load_pack(token.removeprefix(_PROGRAMME)).programme
        label, receipts = filled("chat.switch_new", title=programme.title), []
    else:
        application = db.session.get_one(Application, token.removeprefix(_APPLICATION))
        programme = pack_of(application).programme
        label, receipts = _held(application), [application.receipt]
    words = (programme.title.zh, programme.title.en, programme.short.zh, programme.short.en)
    return Entry(token, (*words, *receipts)), label


def _held(application: Application) -> Text:
    pack, status = pack_of(application), application.status
    named = Text(zh=status_name(pack, status, "zh"), en=status_name(pack, status, "en"))
    return filled("chat.switch_held", title=pack.programme.title, status=named, receipt=application.receipt)


def _nowhere(turn: Turn) -> None:
    """Nothing to go to here: on an account for one programme where the others are, with what the person has there."""
    here, sole = turn.pack.programme.title, _sole(turn)
    if sole is None:
        turn.say("chat.switch_none", here=here)
    elif lines := _elsewhere(turn):
        turn.say("chat.switch_only", here=here, lines="\n".join(lines))
    else:
        turn.say("chat.switch_only_none", here=here)
    steps.show(turn)


def _elsewhere(turn: Turn) -> list[str]:
    session, base = db.session(), current_app.config["BOLE"].base_url
    found = (session.get(Application, one) for one in held_ids(session, turn.conversation))
    held = {
        one.programme: status_name(pack_of(one), one.status, turn.lang)
        for one in found
        if one is not None and one.status != lifecycle.DELETED
    }
    stands = dict.fromkeys(lobby.open_programmes(), wording.text("chat.switch_open").get(turn.lang)) | held
    way = "chat" if turn.conversation.account == turn.conversation.programme else "p"
    return [
        say(
            "chat.switch_only_line",
            turn.lang,
            title=load_pack(slug).programme.title,
            status=status,
            url=f"{base}/{way}/{slug}",
        )
        for slug, status in stands.items()
        if slug != turn.conversation.programme
    ]
