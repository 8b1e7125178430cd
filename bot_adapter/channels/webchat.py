"""The chat built into the site: one page that works without JavaScript and polls for news with it.

The sender is a signed cookie; the page also carries it as a signed ticket, which authorises a post and guards it
against forgery, so a browser that drops cookies loses nothing. Nothing personal is in an address.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, Request, abort, current_app, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot_adapter import conversation, delivery
from bot_adapter.channels.base import reply_to
from bot_adapter.channels.limits import too_fast
from bot_adapter.channels.origin import forbid_cross_site, from_here
from bot_adapter.messages import Capabilities, InboundMessage, MediaRef, OutboundMessage
from models.application import handoff, queries
from models.application.lifecycle import DELETED
from models.application.tables import Application, Conversation
from models.crypto import Damaged, ring
from models.errors import NotFound
from models.extensions import db, reading, set_reading
from models.interview.wording import say
from models.office.masking import redact
from models.programme.loader import load_pack, pack_slugs
from models.programme.pack import Pack

NAME = "webchat"
COOKIE = "bole_chat"
TICKET, SENDER = "chat-ticket", "chat-sender"
TICKET_AGE = timedelta(days=30)
SENDER_AGE = timedelta(days=180)
LONGEST = 4000  # characters of one message

blueprint = Blueprint(
    "chat", __name__, url_prefix="/chat", template_folder="../templates", static_folder="../static"
)  # fmt: skip
Reply = str | Response | tuple[str | Response, int]


class WebChat:
    """The channel behind the page."""

    name = NAME
    capabilities = Capabilities(buttons=True)

    def verify(self, request: Request) -> bool:
        return _ticket(request.form.get("ticket", ""), request.view_args or {}) is not None

    def parse(self, request: Request) -> list[InboundMessage]:
        """The one message of a post; a choice that was pressed is what it sends. Raises Damaged for a bad ticket."""
        slug = str((request.view_args or {}).get("slug", ""))
        ticket = _ticket(request.form.get("ticket", ""), {"slug": slug})
        if ticket is None:
            raise Damaged("the ticket does not hold")
        files = [part for part in request.files.getlist("photo") if part.filename]
        media = tuple(MediaRef(str(number), part.read()) for number, part in enumerate(files))
        text = request.form.get("choice") or request.form.get("text") or ""
        message = InboundMessage(
            channel=NAME,
            sender=str(ticket["s"]),
            dedupe_key=request.form.get("key", "")[:80] or secrets.token_hex(16),
            text="" if media else text[:LONGEST],
            media=media,
            account=slug,
            programme=slug,
            language=_lang(request.form.get("lang")),
            greeted=True,
        )
        return [message]

    def acknowledge(self, request: Request) -> None:
        """The answer to the post is the acknowledgement."""

    def send(self, sender: str, messages: Sequence[OutboundMessage]) -> None:
        """Nothing is pushed: what we begin waits as a notice and the page polls for it."""

    def fetch_media(self, ref: MediaRef) -> bytes:
        if ref.data is None:
            raise ValueError("a photo of the page comes with its message")
        return ref.data

    def redact(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value if name == "key" else "…" for name, value in payload.items()}


channel = WebChat()


@blueprint.get("/")
def programmes() -> Reply:
    """The programmes one can talk about; with a single one, its chat."""
    slugs = pack_slugs()
    if len(slugs) == 1:
        return redirect(url_for("chat.page", slug=slugs[0]))
    packs = [load_pack(slug) for slug in slugs]
    return render_template("chat/programmes.html", packs=packs, lang=_lang(request.args.get("lang")), t=say)


@blueprint.get("/<slug>")
def page(slug: str) -> Reply:
    """The conversation so far with the place to reply."""
    pack = _pack(slug)
    sender = _sender(request.cookies.get(COOKIE, "")) or secrets.token_urlsafe(18)
    return _remember(current_app.make_response(_page(pack, sender, request.args.get("lang"))), sender)


@blueprint.post("/<slug>")
def send(slug: str) -> Reply:
    """One message. Without JavaScript the page is shown again; a post sent again with the same key changes nothing."""
    pack = _pack(slug)
    forbid_cross_site()
    try:
        (inbound,) = channel.parse(request)
    except Damaged:
        return _expired(pack)
    if not inbound.is_nudge and too_fast(inbound.sender):
        return _wait(pack, inbound)
    messages = [] if inbound.is_nudge else reply_to(inbound, channel.capabilities)
    if _by_script():
        return _news(inbound, messages)
    known = conversation.find(db.session(), NAME, slug, inbound.sender)
    if messages and not _was_kept(known, messages):
        return _page(pack, inbound.sender, inbound.language, alert=messages[-1].text, typed=inbound.text), 500
    response = redirect(url_for("chat.page", slug=slug, _anchor="latest"), 303)
    return _remember(response, inbound.sender)


@blueprint.post("/<slug>/poll")
def poll(slug: str) -> Reply:
    """What is new since `after`: notices, or what another tab or device has said. Reads only, unless there is news."""
    _pack(slug)
    ticket = _ticket(request.form.get("ticket", ""), {"slug": slug})
    if ticket is None:
        return jsonify(error="ticket"), 403
    after = request.form.get("after", "")
    with reading():
        known = conversation.find(db.session(), NAME, slug, str(ticket["s"]))
        waiting = known is not None and delivery.has_pending(db.session(), known)
        db.session.rollback()
    nudge = InboundMessage(NAME, str(ticket["s"]), f"poll:{after}:{secrets.token_hex(8)}", account=slug, programme=slug)
    return _news(nudge, reply_to(nudge, channel.capabilities) if waiting else [])


@blueprint.route("/<slug>/join/<token>", methods=["GET", "POST"])
def join(slug: str, token: str) -> Reply:
    """Go on here with an application begun in the browser: a signed link, valid as long as in the browser.

    Anybody can send anybody a link, so it says first which application it opens and asks, unless one of our own pages
    was left by it.
    """
    pack = _pack(slug)
    application = _joinable(pack, token)
    sender = _sender(request.cookies.get(COOKIE, "")) or secrets.token_urlsafe(18)
    if request.method == "GET" and not from_here() and not _carries(slug, sender, application.id):
        lang = _lang(request.args.get("lang") or application.language)
        return render_template("chat/join.html", pack=pack, lang=lang, receipt=application.receipt, t=say)
    if request.method == "POST":
        forbid_cross_site()
    application_id, language = application.id, application.language
    db.session.rollback()
    set_reading(False)  # the link may be followed with GET, and joining is kept
    conversation.join(NAME, slug, sender, slug, application_id, language)
    opening = InboundMessage(NAME, sender, f"join:{token[-40:]}", account=slug, programme=slug)
    reply_to(opening, channel.capabilities)
    return _remember(redirect(url_for("chat.page", slug=slug, _anchor="latest")), sender)


def _joinable(pack: Pack, token: str) -> Application:
    """The application that the link opens; 404 for a forged or old link, and for one that was deleted."""
    application_id = handoff.read(token)
    try:
        application = queries.view(application_id).application if application_id else None
    except NotFound:
        application = None
    if application is None or application.programme != pack.slug or application.status == DELETED:
        abort(404)
    return application


def _carries(slug: str, sender: str, application_id: str) -> bool:
    known = conversation.find(db.session(), NAME, slug, sender)
    return known is not None and known.application_id == application_id


def _pack(slug: str) -> Pack:
    if slug not in pack_slugs():
        abort(404)
    return load_pack(slug)


def _lang(wanted: str | None) -> str:
    return "en" if wanted == "en" else "zh"


def _sender(cookie: str) -> str | None:
    try:
        return str(ring().unsign(SENDER, cookie, SENDER_AGE)["s"])
    except (Damaged, KeyError):
        return None


def _ticket(token: str, place: Mapping[str, Any]) -> dict[str, Any] | None:
    """The ticket of a post, if it holds for this programme."""
    try:
        ticket = ring().unsign(TICKET, token, TICKET_AGE)
    except Damaged:
        return None
    return ticket if ticket.get("p") == place.get("slug") and ticket.get("s") else None


def _remember(response: Any, sender: str) -> Response:
    response.set_cookie(
        COOKIE,
        ring().sign(SENDER, {"s": sender}),
        max_age=SENDER_AGE,
        path="/chat",
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config.get("SESSION_COOKIE_SECURE")),
    )
    answer: Response = response
    return answer


def _by_script() -> bool:
    return request.headers.get("X-Requested-With") == "chat"


def _page(pack: Pack, sender: str, wanted: str | None, *, alert: str = "", typed: str = "") -> str:
    known = conversation.find(db.session(), NAME, pack.slug, sender)
    lang = known.language if known is not None else _lang(wanted)
    exchanges = conversation.history(db.session(), known) if known is not None else []
    opening = () if exchanges else tuple(conversation.greeting(pack.slug, lang))
    return render_template(
        "chat/page.html",
        pack=pack,
        lang=lang,
        exchanges=exchanges,
        opening=opening,
        latest=_latest(exchanges, opening),
        cursor=exchanges[-1].id if exchanges else "",
        ticket=ring().sign(TICKET, {"s": sender, "p": pack.slug}),
        key=secrets.token_hex(16),
        alert=alert,
        typed=typed,
        t=say,
        mask=redact,
    )


def _latest(
    exchanges: Sequence[conversation.Exchange], opening: Sequence[OutboundMessage]
) -> OutboundMessage | None:  # fmt: skip
    """The message whose choices are live: the last one said."""
    said = next((e.reply for e in reversed(exchanges) if e.reply), opening)
    return said[-1] if said else None


def _expired(pack: Pack) -> Reply:
    """The ticket is too old or not ours: a new page with the text still in it; nothing was sent."""
    sender = _sender(request.cookies.get(COOKIE, "")) or secrets.token_urlsafe(18)
    lang = _lang(request.form.get("lang"))
    if _by_script():
        return jsonify(error="ticket", text=say("chat.ui_expired", lang)), 403
    typed = request.form.get("text", "")[:LONGEST]
    return _remember(
        current_app.make_response((_page(pack, sender, lang, alert=say("chat.ui_expired", lang), typed=typed), 403)),
        sender,
    )


def _wait(pack: Pack, inbound: InboundMessage) -> Reply:
    """Too many messages at once: the text stays in the box, and the script tries again by itself."""
    sentence = say("chat.ui_wait", inbound.language or "zh")
    if _by_script():
        return jsonify(error="wait", text=sentence), 429
    return _page(pack, inbound.sender, inbound.language, alert=sentence, typed=inbound.text), 429


def _was_kept(known: Conversation | None, messages: Sequence[OutboundMessage]) -> bool:
    """Whether the reply is part of the conversation; an apology for an error is not."""
    if known is None:
        return False
    kept = conversation.history(db.session(), known, limit=1)
    return bool(kept) and messages[-1] in kept[-1].reply


def _news(inbound: InboundMessage, messages: Sequence[OutboundMessage]) -> Reply:
    """Everything after the cursor as HTML, for the script to append."""
    known = conversation.find(db.session(), NAME, inbound.account, inbound.sender)
    lang = known.language if known is not None else inbound.language or "zh"
    exchanges = conversation.history(db.session(), known) if known is not None else []
    after = request.form.get("after", "")
    fresh = [exchange for exchange in exchanges if exchange.id > after]
    failed = bool(messages) and not any(messages[-1] in exchange.reply for exchange in exchanges)
    return jsonify(
        html=render_template("chat/_news.html", exchanges=fresh, lang=lang, t=say, mask=redact),
        choices=render_template("chat/_choices.html", latest=_latest(exchanges, ()), lang=lang, t=say),
        cursor=exchanges[-1].id if exchanges else after,
        lang=lang,
        failed=messages[-1].text if failed else "",
    )
