"""The chat built into the site: one page that works without JavaScript and polls for news with it.

Nothing personal is in an address. Who is talking: `webchat_proof`; what is shown: `webchat_pages`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Request, abort, current_app, jsonify, redirect, render_template, request, url_for

from bot_adapter import conversation, delivery
from bot_adapter.channels import webchat_pages as pages
from bot_adapter.channels import webchat_proof as proof
from bot_adapter.channels.base import MediaLost, reply_to
from bot_adapter.channels.errors import Forged
from bot_adapter.channels.limits import too_fast
from bot_adapter.channels.origin import forbid_cross_site, from_here
from bot_adapter.channels.webchat_pages import LONGEST, NAME, Reply
from bot_adapter.conversation_lobby import open_programmes
from bot_adapter.messages import Capabilities, InboundMessage, MediaRef, OutboundMessage, SendResult
from models.application import handoff, queries
from models.application.lifecycle import DELETED
from models.application.tables import Application
from models.errors import NotFound
from models.extensions import db, reading, set_reading
from models.interview.wording import say
from models.programme.loader import load_pack, pack_slugs
from models.programme.pack import Pack

blueprint = Blueprint(
    "chat", __name__, url_prefix="/chat", template_folder="../templates", static_folder="../static"
)  # fmt: skip


class WebChat:
    """The channel behind the page."""

    name = NAME
    capabilities = Capabilities(max_choices=100)

    def verify(self, request: Request) -> tuple[str, Request]:
        """Who has posted, by the page's ticket, and the post. Raises Forged."""
        sender = _sender_of(request)
        if sender is None:
            raise Forged("the ticket does not hold")
        return sender, request

    def parse(self, payload: tuple[str, Request]) -> list[InboundMessage]:
        """The one message of a post; a choice that was pressed is what it sends."""
        sender, request = payload
        slug = _slug(request)
        files = [part for part in request.files.getlist("photo") if part.filename]
        media = tuple(MediaRef(str(number), part.read()) for number, part in enumerate(files))
        text = request.form.get("choice") or request.form.get("text") or ""
        message = InboundMessage(
            channel=NAME,
            sender_id=sender,
            dedupe_key=request.form.get("key", "")[:80] or secrets.token_hex(16),
            text="" if media else text[:LONGEST],
            media=media,
            account_id=slug,
            programme=slug,
            language=pages.language(request.form.get("lang")),
            greeted=True,
        )
        return [message]

    def acknowledge(self, payload: tuple[str, Request]) -> None:
        """The answer to the post is the acknowledgement."""

    def send(self, message: OutboundMessage) -> SendResult:
        """Nothing is pushed: what we begin waits as a notice and the page polls for it."""
        return SendResult.problem("window_closed", "polled")

    def fetch_media(self, ref: MediaRef) -> bytes:
        if ref.data is None:
            raise MediaLost("a photo of the page comes with its message")
        return ref.data

    def redact(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value if name == "key" else "…" for name, value in payload.items()}


def _slug(request: Request) -> str:
    return str((request.view_args or {}).get("slug", ""))


def _sender_of(request: Request) -> str | None:
    return proof.sender_of(request.form.get("ticket", ""), _slug(request))


channel = WebChat()


@blueprint.get("/")
def programmes() -> Reply:
    """The programmes one can talk about, those that take applications first; with a single one, its chat."""
    slugs, taking = pack_slugs(), open_programmes()
    if len(slugs) == 1:
        return redirect(url_for("chat.page", slug=slugs[0]))
    return render_template(
        "chat/programmes.html",
        taking=[load_pack(slug) for slug in taking],
        closed=[load_pack(slug) for slug in slugs if slug not in taking],
        lang=pages.language(request.args.get("lang")),
        t=say,
    )


@blueprint.get("/<slug>")
def page(slug: str) -> Reply:
    """The conversation so far with the place to reply."""
    pack, sender = _pack(slug), proof.sender()
    return proof.remember(current_app.make_response(pages.page(pack, sender, request.args.get("lang"))), sender)


@blueprint.post("/<slug>")
def send(slug: str) -> Reply:
    """One message. Without JavaScript the page is shown again; a post sent again with the same key changes nothing."""
    pack = _pack(slug)
    forbid_cross_site()
    try:
        (inbound,) = channel.parse(channel.verify(request))
    except Forged:
        return pages.expired(pack)
    kept = None
    if not inbound.is_nudge and too_fast(inbound.sender_id):
        with reading():
            kept = conversation.kept_reply(db.session(), inbound)
        if kept is None:
            return pages.wait(pack, inbound)
    messages = kept or ([] if inbound.is_nudge else reply_to(inbound, channel.capabilities))
    if pages.by_script():
        return pages.news(inbound, messages)
    known = conversation.find(db.session(), NAME, slug, inbound.sender_id)
    if messages and not pages.was_kept(known, messages):
        return pages.page(pack, inbound.sender_id, inbound.language, alert=messages[-1].text, typed=inbound.text), 500
    response = redirect(url_for("chat.page", slug=slug, _anchor="latest"), 303)
    return proof.remember(response, inbound.sender_id)


@blueprint.post("/<slug>/poll")
def poll(slug: str) -> Reply:
    """What is new since `after`: notices, or what another tab or device has said. Reads only, unless there is news."""
    _pack(slug)
    sender = _sender_of(request)
    if sender is None:
        return jsonify(error="ticket"), 403
    after = request.form.get("after", "")
    with reading():
        known = conversation.find(db.session(), NAME, slug, sender)
        waiting = known is not None and delivery.has_pending(db.session(), known)
        db.session.rollback()
    nudge = InboundMessage(NAME, sender, f"poll:{after}:{secrets.token_hex(8)}", account_id=slug, programme=slug)
    return pages.news(nudge, reply_to(nudge, channel.capabilities) if waiting else [])


@blueprint.route("/<slug>/join/<token>", methods=["GET", "POST"])
def join(slug: str, token: str) -> Reply:
    """Go on here with an application begun in the browser: a signed link, valid as long as in the browser.

    Anybody can send anybody a link, so it says first which application it opens and asks, unless one of our own pages
    was left by it.
    """
    pack = _pack(slug)
    application = _joinable(pack, token)
    sender = proof.sender()
    if request.method == "GET" and not from_here() and not _carries(slug, sender, application.id):
        lang = pages.language(request.args.get("lang") or application.language)
        return render_template("chat/join.html", pack=pack, lang=lang, receipt=application.receipt, t=say)
    if request.method == "POST":
        forbid_cross_site()
    application_id, language = application.id, application.language
    db.session.rollback()
    set_reading(False)  # the link may be followed with GET, and joining is kept
    conversation.join(NAME, slug, sender, slug, application_id, language)
    opening = InboundMessage(NAME, sender, f"join:{token[-40:]}", account_id=slug, programme=slug)
    reply_to(opening, channel.capabilities)
    return proof.remember(redirect(url_for("chat.page", slug=slug, _anchor="latest")), sender)


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
