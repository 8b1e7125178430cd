"""What comes next: the plan of an interview, replayed from the start out of the answers; no cursor is stored.

Order: consents → claim → one deciding fact at a time (and the consents that the way in brings up) → the verdict, read
→ form → documents → declarations → ready.
Pure: answers and a day in, a plan out. `accept` reads one answer against the plan and stores nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from models.eligibility.assess import assess
from models.eligibility.compiled import compiled
from models.eligibility.verdict import Assessment, Outcome
from models.errors import InvalidAnswer
from models.frozen import dataclass
from models.interview import crosscheck
from models.interview.live import Form
from models.interview.prepared import Prepared, prepared
from models.interview.replay import fingerprint, replay
from models.interview.steps import Answers, Ask, Plan, Ready, SectionState, ShowVerdict, Step
from models.programme import fields, typed
from models.programme.pack import Pack


def next_step(pack: Pack, answers: Answers, on: date) -> Step:
    """The one thing to put before the person now."""
    return plan(pack, answers, on).step


class Worked(NamedTuple):
    """A plan with what it was worked out from, so that the next answer need not begin anew."""

    plan: Plan
    form: Form | None = None  # once it is asked


def plan(pack: Pack, answers: Answers, on: date) -> Plan:
    """Everything live under these answers, what of it is answered, the verdict so far, and the next step."""
    return worked(pack, answers, on).plan


_PLANS = 512
_plans: OrderedDict[tuple[Any, ...], tuple[Pack, Worked]] = OrderedDict()


def worked(pack: Pack, answers: Answers, on: date) -> Worked:
    """The plan, to go on from with `onward.after`. Kept for a while where nothing of the form is answered: up to there
    people give the same few answers, and none that names them."""
    given = []
    for key, value in answers.items():
        if key.startswith("field:"):
            return _worked(pack, answers, on)
        given.append(tuple(value) if isinstance(value, list) else value)
    types = tuple(map(type, answers.values()))  # True and 1 are equal, and not the same
    state = (id(pack), on, tuple(answers), tuple(given), types)
    found = _plans.get(state)
    if found is None or found[0] is not pack:
        found = _plans[state] = (pack, _worked(pack, dict(answers), on))  # of its own: what is given may be written to
        while len(_plans) > _PLANS:
            _plans.popitem(last=False)
    return found[1]


def _worked(pack: Pack, answers: Answers, on: date) -> Worked:
    ready = prepared(pack)
    answered = {ask.key for ask in ready.consents if _consented(ask, answers)}
    asks = list(ready.consents)
    if len(answered) < len(asks):
        return Worked(_early(pack, asks, answered, on))
    claim = answers.get("claim")
    asks.append(ready.claim)
    if not claim:
        return Worked(_early(pack, asks, answered, on))
    live, following = replay(pack, answers, on)
    asks += (ready.facts[name] for name in live)
    answered |= {"claim", *(f"fact:{name}" for name in live)}
    judged = _judged(pack, live, claim, on)
    assessment = judged.assessment
    if following:
        asks.append(ready.facts[following])
        return Worked(Plan(tuple(asks), frozenset(answered), assessment, asks[-1], (), ()))
    if not assessment.claimed:  # a claim kept from another version of the pack
        return Worked(Plan(tuple(asks), frozenset(answered - {"claim"}), assessment, ready.claim, (), ()))
    if assessment.outcome is Outcome.REFUSED:
        return Worked(Plan(tuple(asks), frozenset(answered), assessment, ShowVerdict(assessment), (), ()))
    own = _way_consents(ready, live)
    asks += own
    answered |= {ask.key for ask in own if _consented(ask, answers)}
    missing = next((ask for ask in own if ask.key not in answered), None)
    if missing is not None:
        return Worked(Plan(tuple(asks), frozenset(answered), assessment, missing, (), ()))
    form = Form(ready, answers, live, assessment, judged.conditions, on)
    if answers.get("verdict") != judged.fingerprint:
        step = ShowVerdict(assessment, _documents(form), _later(form))
        return Worked(Plan(tuple(asks), frozenset(answered), assessment, step, (), ()))
    answered.add("verdict")
    return Worked(_with_form(ready, form, asks, answered), form)


def _consented(ask: Ask, answers: Answers) -> bool:
    given = answers.get(ask.key)
    return given is True or (given is False and not ask.required)


def _way_consents(ready: Prepared, live: Mapping[str, Any]) -> list[Ask]:
    """The consents of the way by which the person comes."""
    way = live.get(ready.pack.selection.channel_fact)
    return [ask for consent, ask in ready.way_consents if way in consent.channels]


def _early(pack: Pack, asks: list[Ask], answered: set[str], on: date) -> Plan:
    step = next(ask for ask in asks if ask.key not in answered)
    return Plan(tuple(asks), frozenset(answered), assess(pack, {}, None, on), step, (), ())


@dataclass(frozen=True, slots=True)
class _Judged:
    """What a claim and the live facts come to on a day."""

    pack: Pack
    assessment: Assessment
    conditions: Mapping[str, int]  # condition id → status as the compiled pack counts
    fingerprint: str


_KEPT = 1024
_judgements: OrderedDict[tuple[Any, ...], _Judged] = OrderedDict()


def _judged(pack: Pack, live: Mapping[str, Any], claim: Any, on: date) -> _Judged:
    """Kept for a while: all that is filled in after the verdict is filled in under the same one."""
    key = (id(pack), tuple(live.items()), claim if isinstance(claim, str) else tuple(claim or ()), on)
    found = _judgements.get(key)
    if found is None or found.pack is not pack:
        c = compiled(pack)
        state = c.evaluate(c.known(live), on)
        status = {condition.id: state.status(index) for index, condition in enumerate(c.conditions)}
        found = _Judged(pack, assess(pack, live, claim, on), status, fingerprint(pack, claim, dict(live)))
        _judgements[key] = found
        while len(_judgements) > _KEPT:
            _judgements.popitem(last=False)
    return found


def form_of(pack: Pack, answers: Answers, on: date) -> Form:
    """What applies to a person under these answers, whether or not they have gone on from the verdict: for tables."""
    ready = prepared(pack)
    live, _ = replay(pack, answers, on)
    judged = _judged(pack, live, answers.get("claim"), on)
    form = Form(ready, answers, live, judged.assessment, judged.conditions, on)
    _sections(ready, form, set())
    return form


def _with_form(ready: Prepared, form: Form, asks: list[Ask], answered: set[str]) -> Plan:
    sections = tuple(_sections(ready, form, answered))
    documents = _documents(form)
    answered |= {ask.key for ask in documents if _has_pages(ask, form.answers)}
    answered |= {ask.key for ask in ready.declarations if form.answers.get(ask.key) is True}
    for section in sections:
        asks += section.asks
    asks += documents
    asks += ready.declarations
    open_asks = (ask for ask in asks if ask.key not in answered)
    return Plan(tuple(asks), frozenset(answered), form.assessment, next(open_asks, Ready()), sections, documents)


def _documents(form: Form) -> tuple[Ask, ...]:
    return tuple(ask for document, ask in form.prepared.documents if form.applies(document.when))


def _later(form: Form) -> tuple[Ask, ...]:
    return tuple(ask for document, ask in form.prepared.documents if form.may_apply(document.when))


def _sections(ready: Prepared, form: Form, answered: set[str]) -> list[SectionState]:
    out = []
    for section in ready.pack.form.sections:
        if not form.applies(section.when):
            continue
        asks, done = [], 0
        for spec in section.fields:
            ask = form.ask(spec)
            if ask is None:
                continue
            form.live[spec.id] = ask
            asks.append(ask)
            if form.answered(spec, ask):
                answered.add(ask.key)
                done += 1
        if asks:
            out.append(SectionState.of(section.id, section.title, tuple(asks), done))
    return out


def _has_pages(ask: Ask, answers: Answers) -> bool:
    pages = answers.get(ask.key)
    if not isinstance(pages, int):
        return False
    return pages >= max(1, ask.min_pages) or (pages == 0 and not ask.required)


def accept(pack: Pack, answers: Answers, key: str, raw: Any, on: date, now: Plan | None = None) -> Any:
    """The canonical value of one answer to a live question; for ``verdict`` the fingerprint of what was judged. `now`:
    the plan under these answers, where it is known.

    Raises InvalidAnswer: not asked now, not readable, or at odds with another answer. Stores nothing.
    """
    now = now or plan(pack, answers, on)
    if key == "verdict":
        return _accept_verdict(pack, now, answers, raw)
    ask = now.ask(key)
    if ask is None:
        raise InvalidAnswer("error.not_asked")
    value = _read(ask, raw, answers.get(key), on)
    if ask.kind == "consent" and value is False and ask.required:
        of_a_way = any(own.key == key for _, own in prepared(pack).way_consents)
        raise InvalidAnswer("error.way_consent_required" if of_a_way else "error.consent_required")
    if ask.kind == "declaration" and value is not True:
        raise InvalidAnswer("error.declaration_required")
    if key.startswith("field:") and value not in ("", []):
        crosscheck.check(prepared(pack), now, answers, key.removeprefix("field:"), value, on)
    return value


def _read(ask: Ask, raw: Any, stands: Any, on: date) -> Any:
    """The canonical value of `raw`. Words that say what stands already are not judged anew: a rule may be younger than
    they are, and whoever changes something else on the page is not held up by it. Raises InvalidAnswer."""
    try:
        return fields.parse(ask, raw, options=ask.options, today=on)
    except InvalidAnswer:
        words = ask.kind in ("text", "long_text") and isinstance(raw, str) and bool(stands)
        if words and typed.clean_text(raw, 0, lines=ask.kind == "long_text") == stands:
            return stands
        raise


def _accept_verdict(pack: Pack, now: Plan, answers: Answers, raw: Any) -> str:
    if now.assessment.outcome is Outcome.REFUSED and isinstance(now.step, ShowVerdict):
        raise InvalidAnswer("error.refused")
    if not isinstance(now.step, ShowVerdict) and "verdict" not in now.answered:
        raise InvalidAnswer("error.verdict_first")
    if raw is not True and raw != answers.get("verdict"):
        raise InvalidAnswer("error.yes_or_no")
    live = {ask.key[5:]: answers[ask.key] for ask in now.asks if ask.key.startswith("fact:")}
    return fingerprint(pack, answers.get("claim"), live)
