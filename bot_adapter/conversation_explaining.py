"""「什么意思」 at a question: the question explained by what the programme knows of it (what counts, an example, the
clause that it rests on), then asked again, with a way to a member of staff."""

from __future__ import annotations

from bot_adapter import conversation_opening as opening
from bot_adapter import conversation_questions as questions
from bot_adapter import conversation_rows as rows
from bot_adapter import conversation_steps as steps
from bot_adapter import conversation_tidings as tidings
from bot_adapter.conversation_words import is_option
from bot_adapter.messages import Choice, OutboundMessage
from bot_adapter.prompting import column_ask
from bot_adapter.puzzled import is_puzzled
from bot_adapter.turn import Turn
from models.interview.steps import Ask
from models.interview.wording import say
from models.programme.pack import Pack

_DONE = "explained"  # where the question was explained last
_FORMS = {"number": "chat.explain_number", "date": "chat.explain_date", "month": "chat.explain_month"}


def taken(turn: Turn, text: str) -> bool:
    """Explain what is asked, where `text` wants to know what that means; False: it does not, or nothing is asked. Who
    asks the second time at the same question is helped by people."""
    if turn.state.get("mode") or not is_puzzled(text) or steps.asks_nothing(turn) or is_option(turn, text):
        return False
    if not opening.moved(turn):
        _explain(turn, text)
    return True


def _explain(turn: Turn, text: str) -> None:
    here = steps.place(turn)
    step = [steps.key_of(here), turn.state.get("rows", {}).get("column")]
    if turn.state.get(_DONE) == step:
        questions.to_people(turn, _about(turn, here, text))
        return
    mark = len(turn.out)
    turn.brief = isinstance(here, Ask)
    steps.show(turn)
    lines = _lines(turn, here, turn.out[-1]) if isinstance(here, Ask) else [say("chat.explain_below", turn.lang)]
    people = Choice(say("answers.human", turn.lang), say("chat.explain_people", turn.lang))
    turn.out.insert(mark, OutboundMessage("\n".join(lines), (people,)))
    turn.state[_DONE] = step
    questions.remember(turn, _about(turn, here, text))


def example_of(turn: Turn, asked: OutboundMessage) -> str:
    """How a reply to this very message may look."""
    if asked.wants_image:
        return say("chat.try_photo", turn.lang)
    offered = next((choice for choice in asked.choices if choice.send == say("chat.keep", turn.lang)), None)
    if offered is not None:  # never the option that was just refused because it does not agree with it
        return say("chat.try_word", turn.lang, send=offered.send, label=offered.label)
    numbered = next((choice for choice in asked.choices if choice.send.isdecimal()), None)
    if numbered is not None:
        return say("chat.try_number", turn.lang, send=numbered.send, label=numbered.label)
    here = steps.place(turn)
    example = _part(turn, here).example if isinstance(here, Ask) else None
    if example is not None:
        return say("chat.try_example", turn.lang, example=example)
    worded = next((choice for choice in asked.choices if choice.send != say("chat.stay", turn.lang)), None)
    if worded is not None:
        return say("chat.try_word", turn.lang, send=worded.send, label=worded.label)
    return ""


def _lines(turn: Turn, ask: Ask, asked: OutboundMessage) -> list[str]:
    """What is asked, what counts, why, by which clause, and how a reply may look."""
    lang, part = turn.lang, _part(turn, ask)
    lines = [say("chat.explain", lang, label=part.label)]
    lines += filter(None, [tidings.why(turn, ask.key)])
    if ask.help and ask.kind != "document":  # which says both whenever it is asked for
        lines.append(ask.help.get(lang))
    if ask.why and ask.kind != "document":
        lines.append(say("chat.why", lang, why=ask.why))
    if clause := _clause(turn.pack, ask.clause, lang):
        lines.append(clause)
    reply = say(_FORMS[part.kind], lang) if part.kind in _FORMS and not part.example else example_of(turn, asked)
    if part.example and say("chat.try_example", lang, example=part.example) != reply:
        lines.append(say("chat.example", lang, example=part.example.get(lang).rstrip("。.")))
    lines += [reply] if reply else []
    if part.unsure:
        lines.append(say("chat.dunno_unsure", lang))
    return lines


def _part(turn: Turn, ask: Ask) -> Ask:
    """The column that is asked of a row, else the ask itself."""
    column = rows.load(turn, ask).column if ask.kind == "rows" else None
    return ask if column is None else column_ask(ask, ask.columns[column])


def _clause(pack: Pack, ref: str, lang: str) -> str:
    """The clause as it is quoted everywhere; of one without words of its own, where it stands."""
    clause = next((clause for clause in pack.clauses if clause.ref == ref), None)
    if clause is None:
        return ""
    says_more = clause.quote and clause.heading not in clause.quote  # of a table the notice quotes the title alone
    key = "chat.explain_clause" if says_more else "chat.explain_clause_bare"
    return say(key, lang, ref=clause.ref, heading=clause.heading, quote=clause.quote)


def _about(turn: Turn, here: steps.Place, text: str) -> str:
    """The question as staff read it: with what it was asked about."""
    return f"{text}（{_part(turn, here).label.get(turn.lang)}）" if isinstance(here, Ask) else text
