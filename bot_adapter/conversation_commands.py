"""What 帮助, 进度, 返回, 修改, 人工, 重来, 网页 and the languages do. Each ends where the person was."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app

from bot_adapter import conversation_binding as binding
from bot_adapter import conversation_edit as edit
from bot_adapter import conversation_misfiled as misfiled
from bot_adapter import conversation_opening as opening
from bot_adapter import conversation_questions as questions
from bot_adapter import conversation_replies as replies
from bot_adapter import conversation_reuse as reuse
from bot_adapter import conversation_steps as steps
from bot_adapter import conversation_switch as switch
from bot_adapter.choosing import choose_one
from bot_adapter.commands import Command, Said
from bot_adapter.messages import OutboundMessage
from bot_adapter.prompting import NO, YES, Prompt, said
from bot_adapter.turn import DOOR, Turn
from bot_adapter.understanding import misread
from models.application import handoff, lifecycle, queries, rounds, service, unplaced
from models.extensions import db
from models.interview.steps import Stage
from models.interview.wording import say, text

_RESTART = Prompt((said(YES, "chat.restart_yes"), said(NO, "chat.restart_no")))


def run(turn: Turn, command: Said) -> None:
    """Do what was asked at any step. A menu or "begin again?" that stood open is over: what comes next is an answer
    to what is shown last."""
    menu = turn.state.get("mode") if command.command is not Command.BACK else None
    if menu:
        turn.drop("mode", "edit_part")
    _COMMANDS[command.command](turn, command.rest)
    if menu and command.command is Command.WEB:
        steps.show(turn)


def _help(turn: Turn, _rest: str) -> None:
    turn.say("chat.help")
    steps.show(turn)


def _status(turn: Turn, _rest: str) -> None:
    if turn.view is None and not turn.is_open():
        steps.show(turn)  # that it is closed, and until when
        switch.tell_beside(turn)
        return
    turn.tell("\n".join(progress(turn)))
    switch.tell_beside(turn)
    if not steps.over(turn):
        steps.show(turn)


def progress(turn: Turn) -> list[str]:
    """How far the application is; after submission what has happened to it."""
    if turn.view is None:
        return [say("chat.progress_none", turn.lang), *questions.waiting(turn)]
    lang, plan = turn.lang, turn.plan
    lines = [
        say("chat.progress_title", lang, title=turn.pack.programme.short),
        say("chat.progress_receipt", lang, receipt=turn.view.application.receipt),
    ]
    lines += [f"· {line.text}" for line in queries.timeline(turn.view, lang)]
    lines += questions.waiting(turn)
    if turn.status != "draft":
        return lines
    answered = sum(a.stage is Stage.ELIGIBILITY and a.key in plan.answered for a in plan.asks)
    lines.append(say("chat.progress_eligibility", lang, count=answered))
    for section in plan.sections:
        done, total = section.answered, len(section.asks)
        lines.append(say("chat.progress_section", lang, title=section.title, done=done, total=total))
    if plan.documents:
        done = sum(a.key in plan.answered for a in plan.documents)
        lines.append(say("chat.progress_documents", lang, done=done, total=len(plan.documents)))
    if turn.offer is not None:
        lines.append(say("chat.progress_reuse", lang, source=turn.offer.source.programme.short))
    current = rounds.glance(turn.pack.slug, turn.today)
    words = rounds.intake_words(turn.pack, current, turn.today) if current is not None else None
    if words is not None:
        lines.append(words.get(lang))
    elif current is not None and current.standing:
        lines.append(say("chat.progress_standing", lang))
    elif current is not None:
        days = current.days_left(turn.today)
        lines.append(say("chat.progress_days", lang, closes=current.closes, days=days))
    return lines


def _back(turn: Turn, _rest: str) -> None:
    edit.back(turn)


def _edit(turn: Turn, rest: str) -> None:
    edit.begin(turn, rest)


def _human(turn: Turn, rest: str) -> None:
    if rest:
        questions.to_people(turn, rest)
    elif not questions.not_solved(turn):
        turn.state["mode"] = "ask"
        turn.say("chat.enquiry_write")


def _unsolved(turn: Turn, rest: str) -> None:
    """Of what a member of staff has answered since the person wrote last, of what the bot has just answered, or else of
    what a member of staff answered before."""
    if replies.unsolved(turn, rest, fresh=True) or (not rest and questions.not_solved(turn)):
        return
    if not replies.unsolved(turn, rest):
        _human(turn, rest)


def ask_staff(turn: Turn, question: str) -> None:
    """A free question: answered or queued, and back to the same step."""
    questions.ask(turn, question)


def _restart(turn: Turn, _rest: str) -> None:
    if turn.view is None:
        turn.say("chat.restart_nothing")
        steps.show(turn)
    elif turn.status in lifecycle.LIVE:
        turn.say("chat.restart_not_now")
        steps.show(turn)
    elif turn.status in ("withdrawn", "declined", "removed"):
        _afresh(turn)
    else:
        turn.state["mode"] = "restart"
        ask_restart(turn)


def ask_restart(turn: Turn) -> None:
    """ "Begin again?"."""
    turn.out.append(OutboundMessage(say("chat.restart_ask", turn.lang), _RESTART.choices(turn.lang)))


def confirm_restart(turn: Turn, reply: str) -> None:
    """The reply to "begin again?"."""
    chosen = choose_one(reply, _RESTART.entries)
    if len(chosen.tokens) != 1:
        problem = misread(chosen, _RESTART.entries, reply)
        text_ = f"{say(problem.key, turn.lang, **problem.params)}\n{text('chat.restart_ask').get(turn.lang)}"
        turn.out.append(OutboundMessage(text_, _RESTART.choices(turn.lang)))
        return
    turn.drop("mode")
    if chosen.tokens[0] == YES:
        _clear(turn)
    steps.show(turn)


def _clear(turn: Turn) -> None:
    """Clear answers and photos; consents stay given."""
    assert turn.view is not None
    application_id = turn.application()
    unplaced.drop(application_id, unplaced.waiting(db.session(), application_id))
    for page in turn.view.pages:
        if page.removed_at is None:
            service.remove_page(application_id, page.id)
    given = (*turn.answers, *turn.view.asleep)
    service.forget(application_id, [key for key in given if not key.startswith("consent:")], DOOR)
    turn.changed()
    turn.state = {}
    turn.say("chat.restarted")


def _afresh(turn: Turn) -> None:
    """After an ended application: a new one begins with the first answer."""
    turn.conversation.application_id = None
    turn.changed()
    turn.state = {}
    opening.greeting(turn)


def _web(turn: Turn, _rest: str) -> None:
    base = current_app.config["BOLE"].base_url
    if turn.application_id is None:
        turn.say("chat.web_new", url=f"{base}/p/{turn.pack.slug}")
    else:
        turn.say("chat.web", url=f"{base}/h/{handoff.make(turn.application_id)}")


def _bring(turn: Turn, _rest: str) -> None:
    reuse.bring(turn)
    steps.show(turn)


def _misfiled(turn: Turn, _rest: str) -> None:
    misfiled.begin(turn)
    steps.show(turn)


def _language(lang: str, turn: Turn) -> None:
    turn.conversation.language = lang
    turn.say("chat.language_now")
    steps.show(turn)


_COMMANDS: dict[Command, Callable[[Turn, str], None]] = {
    Command.HELP: _help,
    Command.STATUS: _status,
    Command.BACK: _back,
    Command.EDIT: _edit,
    Command.HUMAN: _human,
    Command.REPLY: replies.reply,
    Command.UNSOLVED: _unsolved,
    Command.RESTART: _restart,
    Command.WEB: _web,
    Command.BRING: _bring,
    Command.SWITCH: switch.begin,
    Command.SWITCH_BACK: switch.back,
    Command.MISFILED: _misfiled,
    Command.BIND: binding.bind,
    Command.UNBIND: binding.unbind,
    Command.UNBIND_ALL: binding.unbind_all,
    Command.CHINESE: lambda turn, _rest: _language("zh", turn),
    Command.ENGLISH: lambda turn, _rest: _language("en", turn),
}
