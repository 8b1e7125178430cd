"""First pages: the list of programmes, what a programme is, consents, and where to go on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from bot_adapter.channels.origin import forbid_cross_site
from models import clock
from models.application import expiring, rounds, service, ways
from models.application.queries import ApplicationView
from models.application.tables import Round
from models.errors import NotOpen
from models.interview.steps import Ask, Stage
from models.programme import loader
from models.programme.pack import Channel, Pack, Text
from webforms import access
from webforms.apply_base import DOOR, attach, blueprint, editable, onward, open_pack, opened, page, say, switching
from webforms.apply_wechat import carried_in_wechat
from webforms.forms import bind
from webforms.i18n import lang


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether one may apply today, and the round that says until or from when."""

    pack: Pack
    state: str  # open | soon | closed
    round: Round | None
    words: Text | None = None  # what is said of a year's own round instead of its closing day

    @property
    def ways(self) -> list[tuple[Channel, date | None, bool]]:
        """Each way in, its own closing day where it binds in this round, and whether that has passed."""
        shut = ways.closed(self.pack, self.round, clock.current().today())
        binds = self.round is not None and self.round.notice
        return [(c, c.closes if binds else None, c in shut) for c in self.pack.selection.channels]


def opening(pack: Pack) -> Opening:
    """Open, opening soon, or closed, by the clock of the app."""
    today = clock.current().today()
    now = rounds.current(pack.slug, today)
    if now is not None:
        return Opening(pack, "open", now, rounds.intake_words(pack, now, today))
    soon = rounds.upcoming(pack.slug, today)
    if soon is not None:
        return Opening(pack, "soon", soon)
    return Opening(pack, "closed", rounds.last(pack.slug, today))


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """The programmes, open ones first."""
    order = {"open": 0, "soon": 1, "closed": 2}
    packs = [opening(loader.load_pack(slug)) for slug in loader.pack_slugs()]
    return page("home", openings=sorted(packs, key=lambda one: order[one.state]), held=access.held())


@blueprint.get("/p/<slug>")
def programme(slug: str) -> ResponseReturnValue:
    """What it is, for whom, until when; the way in."""
    pack = open_pack(slug)
    return page("programme", pack=pack, slug=slug, opening=opening(pack), draft=access.application_id(slug))


@blueprint.post("/p/<slug>/start")
def start(slug: str) -> ResponseReturnValue:
    """Begin an application and remember it on this device."""
    forbid_cross_site()
    pack = open_pack(slug)
    try:
        started = service.start(slug, DOOR, lang())
    except NotOpen as exc:
        return page("programme", pack=pack, slug=slug, opening=opening(pack), draft=None, refusal=say(exc), status=409)
    access.hold(slug, started.application.id, started.resume_token)
    return carried_in_wechat(redirect(url_for("apply.go_on", slug=slug)), slug, started.application.id)


@blueprint.get("/p/<slug>/next")
def go_on(slug: str) -> ResponseReturnValue:
    """To the page of the next thing to do."""
    return redirect(onward(opened(slug)))


@blueprint.route("/p/<slug>/consents", methods=["GET", "POST"])
def consents(slug: str) -> ResponseReturnValue:
    """Separate consents, none of them ticked beforehand."""
    view = opened(slug)
    if not editable(view):
        return redirect(onward(view))
    asks = {ask.key: ask for ask in _consents(view)}
    sent: MultiDict[str, str] | None = request.form if request.method == "POST" else None
    fields = bind((slug, view.pack.programme.version), asks, view.answers, sent)
    if sent is None or switching():
        return page(
            "consents", view, fields=fields, other_ways=_other_ways(view, asks), retention=expiring.words(view.pack)
        )
    wanted = {field.name: field.raw for field in fields if field.name not in view.plan.answered or field.raw}
    problems = attach(fields, service.save_partial(view.application.id, wanted, DOOR))
    view = opened(slug)
    if problems:
        return page(
            "consents",
            view,
            fields=fields,
            problems=problems,
            other_ways=_other_ways(view, asks),
            retention=expiring.words(view.pack),
        )
    return redirect(onward(view))


def _beside(view: ApplicationView, asks: Collection[str]) -> dict[str, Any]:
    """What stands around the consents: other ways in, and how long everything is kept."""
    return {"other_ways": _other_ways(view, asks), "retention": expiring.words(view.pack)}


def _consents(view: ApplicationView) -> list[Ask]:
    """Those that everybody is asked for; once they are given, those that the way in has brought up."""
    asked = [ask for ask in view.plan.asks if ask.stage is Stage.CONSENT]
    of_a_way = {f"consent:{consent.id}" for consent in view.pack.programme.consents if consent.channels}
    now = [ask for ask in asked if ask.key in of_a_way and ask.key not in view.plan.answered]
    return now or [ask for ask in asked if ask.key not in of_a_way]


def _other_ways(view: ApplicationView, asks: Collection[str]) -> tuple[Channel, ...]:
    """The open ways in of somebody who is asked to agree to the one chosen."""
    of_a_way = {f"consent:{consent.id}" for consent in view.pack.programme.consents if consent.channels}
    return ways.others(view.pack, view.closed_channels, view.answers) if of_a_way.issuperset(asks) else ()
