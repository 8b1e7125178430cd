"""The status timeline: events as sentences for the applicant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.application import admission, labels, packs, reuse
from models.application.tables import Application, Event
from models.extensions import db
from models.interview.wording import say
from models.office import reason_sentences
from models.office.tables import UnitRow
from models.programme.pack import Pack

_SILENT = {"checked"}  # the check's findings speak for themselves


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """When, and what in one sentence."""

    at: datetime
    text: str


def status_name(pack: Pack, status: str, lang: str) -> str:
    """A status in the words of its programme."""
    return say(f"status.{status}", lang, **admission.words(pack))


def lines(pack: Pack, application: Application, events: Iterable[Event], lang: str) -> list[TimelineLine]:
    """One line an event that concerns the applicant, oldest first."""
    told = []
    for event, then in _with_packs(pack, application, list(events)):
        if event.type not in _SILENT:
            told.append(TimelineLine(event.at, _sentence(then, application, event, lang)))
    return told


def _with_packs(pack: Pack, application: Application, events: list[Event]) -> Iterator[tuple[Event, Pack]]:
    """Each event with the version of the programme that it happened under: what was returned then keeps its name."""
    turns = [event for event in events if event.type in ("moved", "reopened")]
    then = packs.of_version(application.programme, turns[0].data["from"]) if turns else pack
    for event in events:
        yield event, then
        if event in turns:
            then = packs.of_version(application.programme, event.data["to"])


def _sentence(pack: Pack, application: Application, event: Event, lang: str) -> str:
    params = _params(pack, application, event, lang)
    key = f"timeline.{event.type}"
    if event.type == "approved" and event.data.get("opinion"):
        key = "timeline.approved_with_opinion"
    if event.type == "admitted" and event.data.get("until"):
        key = "timeline.admitted_until"
    if params.get("by"):
        key += "_by_unit"
    return say(key, lang, **params)


def _params(pack: Pack, application: Application, event: Event, lang: str) -> dict[str, Any]:
    data = event.data
    by = {"by": _unit_name(data["by_unit"], lang)} if data.get("by_unit") else {}
    if event.type in ("submitted", "corrected"):
        return {"receipt": application.receipt, "unit": _unit_name(data.get("unit"), lang), **by}
    if event.type == "started":
        return by
    if event.type == "items_returned":
        reasons = reason_sentences.read_in(pack.slug, {item["key"]: item["reason"] for item in data["items"]}, lang)
        named = [labels.named(pack, key, reason, lang) for key, reason in reasons.items()]
        return {"items": _joined(named, lang)}
    if event.type == "admitted":
        return {**admission.words(pack), **{name: data.get(name, "") for name in ("number", "day", "until")}}
    if event.type in ("reported", "report_sent_back", "bundle_sent_back"):
        return {"unit": _unit_name(data.get("unit"), lang), "to": _unit_name(data.get("to"), lang)}
    if event.type.startswith("change"):
        said = {name: data.get(name, "") for name in ("reason", "clause")}
        return {"what": _change(pack, data.get("what", ""), lang), "unit": _unit_name(data.get("unit"), lang), **said}
    if event.type == "rerouted":
        return {"unit": _unit_name(data.get("to"), lang), "reason": data.get("reason", "")}
    if event.type == "consent_withdrawn":
        return {"consent": _consent(pack, data.get("consent", ""), lang)}
    if event.type in ("moved", "reopened"):
        return {"version": data["to"], "reason": data.get("reason", "")}
    if event.type in ("reused", "reuse_declined", "reuse_withdrawn"):
        return {"programme": reuse.title(data["from"]), "fields": data.get("fields"), "pages": data.get("pages")}
    if event.type == "prefilled":
        return {"document": labels.label(pack, f"document:{data['document']}", lang), "fields": data["fields"]}
    return {name: data.get(name, "") for name in ("opinion", "clause", "reason")}


def _joined(sentences: list[str], lang: str) -> str:
    """Sentences as one: only the last keeps its full stop, for none stands before a semicolon."""
    *before, last = sentences
    return ("; " if lang == "en" else "；").join([*(one.rstrip("。.") for one in before), last])


def _change(pack: Pack, kind: str, lang: str) -> str:
    """A change as the programme names it; one that it has no more, by its id."""
    return next((change.what.get(lang) for change in pack.afterwards.changes if change.id == kind), kind)


def _consent(pack: Pack, consent: str, lang: str) -> str:
    if consent.startswith(reuse.PREFIX):
        return say("reuse.consent_title", lang, programme=reuse.title(consent.removeprefix(reuse.PREFIX)))
    return labels.label(pack, f"consent:{consent}", lang)


def _unit_name(unit_id: str | None, lang: str) -> str:
    unit = db.session.get(UnitRow, unit_id) if unit_id else None
    if unit is None:
        return say("status.unit_unknown", lang)
    return unit.name_en if lang == "en" else unit.name
