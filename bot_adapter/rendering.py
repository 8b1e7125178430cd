"""Steps as numbered text. Pure: what is asked comes from the engine, the words from the shared wording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot_adapter import search
from bot_adapter.messages import OutboundMessage
from bot_adapter.prompting import TYPED, Prompt, is_long
from models.eligibility.tiers import met_names, tiers
from models.eligibility.tiers import shown as shown_categories
from models.eligibility.verdict import Assessment, Finding, GroupFinding, Outcome, Status
from models.interview.steps import Ask, Plan, ShowVerdict
from models.interview.wording import say
from models.office.masking import mask
from models.programme.fields import display
from models.programme.pack import Pack

_MARKS = {Status.MET: "✓", Status.NOT_MET: "✗", Status.UNKNOWN: "?", Status.STAFF: "○"}
_LINES = 6  # findings shown of one category; the browser shows all


def ask_text(ask: Ask, lang: str, *, picked: Sequence[str] = (), now: str = "", brief: bool = False) -> str:
    """The question with what helps to answer it; `brief` when it was said just before."""
    lines = [ask.label.get(lang)]
    if brief:
        return "\n".join([*lines, *_picked(ask, picked, lang)])
    if ask.help:
        lines.append(ask.help.get(lang))
    if ask.example:
        lines.append(say("chat.example", lang, example=ask.example.get(lang).rstrip("。.")))
    if ask.why:
        lines.append(say("chat.why", lang, why=ask.why))
    if is_long(ask) and not picked and (headings := search.groups(ask.options, lang)):
        lines.append(say("chat.groups", lang, groups=headings))
    lines += _picked(ask, picked, lang)
    if now:
        lines.append(say("chat.now", lang, value=now))
    return "\n".join(lines)


def _picked(ask: Ask, picked: Sequence[str], lang: str) -> list[str]:
    return [say("chat.picked", lang, labels=display(ask, list(picked), lang))] if picked else []


def hint(ask: Ask, prompt: Prompt, lang: str) -> str:
    """How to answer."""
    if is_long(ask):
        sample = ask.options[0].label.get(lang)
        return say("chat.hint_search", lang, count=len(ask.options), sample=sample[:6] if lang == "zh" else sample[:10])
    if prompt.many:
        return say("chat.hint_many", lang)
    if ask.kind in TYPED and not prompt.numbered:
        return say("chat.hint_type", lang)
    return say("chat.hint_one", lang) if ask.kind in ("choice", "choices", "yes_no", "place") else ""


def asked(
    ask: Ask, prompt: Prompt, lang: str, *, picked: Sequence[str] = (), now: str = "", brief: bool = False
) -> OutboundMessage:
    """The question as a message."""
    text = ask_text(ask, lang, picked=picked, now=now, brief=brief)
    return OutboundMessage(text, prompt.choices(lang), hint(ask, prompt, lang), many=prompt.many and not is_long(ask))


def document_asked(ask: Ask, prompt: Prompt, lang: str, count: int, *, returned: bool = False) -> OutboundMessage:
    """A document: what counts, how many pages, how many are there, or that these were `returned`."""
    lines = [say("chat.photo_ask", lang, title=ask.label)]
    if ask.help:
        lines.append(say("chat.photo_counts", lang, text=ask.help))
    if ask.why:
        lines.append(say("chat.why", lang, why=ask.why))
    if ask.max_pages == ask.min_pages > 1:
        lines.append(say("chat.photo_pages_exactly", lang, count=ask.min_pages))
    elif ask.max_pages > ask.min_pages > 1:
        lines.append(say("chat.photo_pages", lang, min=ask.min_pages, max=ask.max_pages))
    if count:
        lines.append(say("chat.photo_returned" if returned else "chat.photo_have", lang, count=count))
    return OutboundMessage("\n".join(lines), prompt.choices(lang), say("chat.hint_photo", lang), wants_image=True)


def shown(ask: Ask, value: Any, lang: str) -> str:
    """An answer as it is shown back: sensitive ones masked."""
    text = display(ask, value, lang)
    hidden = ask.sensitive or ask.kind in ("id_number", "passport_number", "phone")
    return mask(ask.kind, text) if hidden and text else text


def verdict_text(pack: Pack, step: ShowVerdict, lang: str) -> str:
    """The verdict: every claimed category with the findings that decide, each with its clause and quotation, the
    unit that collects, and the documents that will be asked for."""
    assessment = step.assessment
    lines = [_outcome(pack, assessment, lang)]
    lines += _findings([f for f in assessment.general.deciding() if f.status is not Status.MET], lang)
    ordered = sorted(shown_categories(pack, assessment), key=_rank)
    full = [c for c in ordered if c.status is not Status.NOT_MET or assessment.outcome is Outcome.REFUSED]
    for category in full:
        lines.append(_category_line(category, lang))
        lines += _findings(_deciding(category), lang)
    if full and len(full) < len(ordered):
        lines += [_category_line(category, lang) for category in ordered if category not in full]
    if assessment.may_still_fit:
        near = assessment.categories[assessment.may_still_fit]
        lines.append(say("chat.verdict_nearest", lang, name=near.title, clause=near.clause))
        if near.id not in assessment.claimed:
            lines += _findings(_deciding(near), lang)
    if assessment.outcome is not Outcome.REFUSED:
        unit = next((u for u in pack.routing.units if u.id == assessment.route.unit), None)
        if unit is not None:
            key = "chat.verdict_unit_open" if assessment.route.status is Status.STAFF else "chat.verdict_unit"
            lines.append(say(key, lang, unit=unit.name, clause=assessment.route.clause))
        titles = ("、" if lang == "zh" else ", ").join(document.label.get(lang) for document in step.documents)
        lines.append(say("chat.verdict_documents", lang, documents=titles) if titles else "")
        if step.later:
            lines.append(say("chat.verdict_documents_later", lang, documents=[ask.label for ask in step.later]))
        lines.append(say("chat.verdict_next", lang))
    return "\n".join(line for line in lines if line)


def _outcome(pack: Pack, assessment: Assessment, lang: str) -> str:
    """The result in a sentence; of tiers the one that counts by its name."""
    fits = met_names(pack, assessment)
    if not fits:
        return say(f"chat.verdict_{assessment.outcome.value}", lang)
    said = say("chat.verdict_fits", lang, names=[tier.title for tier in fits])
    above = [tier.title for one in tiers(pack, assessment) if one.counts for tier in one.open]
    more = say("chat.verdict_above", lang, names=above) if above else ""
    return said + more if lang == "zh" else " ".join(filter(None, (said, more)))


def _rank(category: GroupFinding) -> int:
    return [Status.MET, Status.STAFF, Status.UNKNOWN, Status.NOT_MET].index(category.status)


def _category_line(category: GroupFinding, lang: str) -> str:
    status = say(f"chat.status_{category.status.value}", lang)
    return say("chat.verdict_category", lang, name=category.title, status=status, clause=category.clause)


def _deciding(category: GroupFinding) -> list[Finding]:
    """The findings that made the category what it is; what is met already comes last."""
    return sorted(category.deciding(), key=lambda f: f.status is Status.MET)


def _findings(findings: Sequence[Finding], lang: str) -> list[str]:
    lines = []
    for finding in findings[:_LINES]:
        key = "chat.verdict_line" if finding.quote else "chat.verdict_line_bare"
        params = {"mark": _MARKS[finding.status], "text": finding.text, "clause": finding.clause}
        lines.append(say(key, lang, **params, **({"quote": finding.quote} if finding.quote else {})))
    return lines


def summary(plan: Plan, answers: Mapping[str, Any], lang: str) -> str:
    """Everything filled in, to be checked before submitting."""
    lines = [say("chat.check", lang)]
    for section in plan.sections:
        lines.append(say("chat.section", lang, title=section.title))
        for ask in section.asks:
            value = shown(ask, answers.get(ask.key), lang)
            if value:
                value = f"\n{value}" if "\n" in value else value
                lines.append(say("chat.check_line", lang, label=ask.label, value=value))
    photos = [ask for ask in plan.documents if answers.get(ask.key)]
    if photos:
        lines.append(say("chat.section", lang, title=say("chat.part_documents", lang)))
        lines += [say("chat.check_photos", lang, title=ask.label, count=answers[ask.key]) for ask in photos]
    return "\n".join(lines)
