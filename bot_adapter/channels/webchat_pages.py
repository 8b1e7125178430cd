"""What the built-in chat shows: the whole page, or for its script what is new."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from flask import current_app, jsonify, render_template, request
from werkzeug.wrappers import Response

from bot_adapter import conversation
from bot_adapter.channels import webchat_proof as proof
from bot_adapter.choices import asks_for_people
from bot_adapter.exchanges import Exchange, history
from bot_adapter.messages import Choice, InboundMessage, OutboundMessage
from models.application.tables import Conversation
from models.extensions import db
from models.interview.wording import say
from models.office.masking import redact
from models.programme.pack import Pack

NAME = "webchat"
LONGEST = 4000  # characters of one message
Reply = str | Response | tuple[str | Response, int]


def language(wanted: str | None) -> str:
    """The language that was chosen, else the browser's, as on the form's pages."""
    if wanted in ("zh", "en"):
        return wanted
    return "en" if request.accept_languages.best_match(["zh", "en"], "zh") == "en" else "zh"


def by_script() -> bool:
    """Whether the page's script has sent this request."""
    return request.headers.get("X-Requested-With") == "chat"


def page(pack: Pack, sender: str, wanted: str | None, *, alert: str = "", typed: str = "") -> str:
    """The conversation so far with the place to reply; `typed` is put back into it."""
    known = conversation.find(db.session(), NAME, pack.slug, sender)
    lang = known.language if known is not None else language(wanted)
    exchanges = history(db.session(), known) if known is not None else []
    opening = () if exchanges else tuple(conversation.greeting(pack.slug, lang))
    return render_template(
        "chat/page.html",
        pack=pack,
        lang=lang,
        exchanges=exchanges,
        opening=opening,
        latest=_latest(exchanges, opening),
        offers=_offers(exchanges),
        cursor=exchanges[-1].id if exchanges else "",
        ticket=proof.ticket(sender, pack.slug),
        key=secrets.token_hex(16),
        alert=alert,
        typed=typed,
        t=say,
        mask=redact,
    )


def _latest(
    exchanges: Sequence[Exchange], opening: Sequence[OutboundMessage]
) -> OutboundMessage | None:  # fmt: skip
    """The message whose choices are live: the last one said. A notice that we begin and that asks nothing (a photo is
    clear, a card has been read) leaves the question before it standing."""
    said = next(
        (e.reply for e in reversed(exchanges) if e.reply and (e.text is not None or _asks(e.reply[-1]))), opening
    )
    return said[-1] if said else None


def _offers(exchanges: Sequence[Exchange]) -> tuple[Choice, ...]:
    """「没解决？转人工」 of the last reply, which stands above the question that came back; and what can be said to a
    notice that we began, which asks nothing: the question before it stands."""
    if not exchanges:
        return ()
    last = exchanges[-1]
    aside = last.text is None and last.reply and not _asks(last.reply[-1])
    above = last.reply if aside else last.reply[:-1]
    return tuple(choice for message in above if asks_for_people(message) for choice in message.choices)


def _asks(message: OutboundMessage) -> bool:
    return bool(message.hint or message.wants_image) or not asks_for_people(message)


def expired(pack: Pack) -> Reply:
    """The ticket is too old or not ours: a new page with the text still in it; nothing was sent."""
    lang = language(request.form.get("lang"))
    if by_script():
        return jsonify(error="ticket", text=say("chat.ui_expired", lang)), 403
    typed, sender = request.form.get("text", "")[:LONGEST], proof.sender()
    html = page(pack, sender, lang, alert=say("chat.ui_expired", lang), typed=typed)
    return proof.remember(current_app.make_response((html, 403)), sender)


def wait(pack: Pack, inbound: InboundMessage) -> Reply:
    """Too many messages at once: the text stays in the box, and the script tries again by itself."""
    sentence = say("chat.ui_wait", inbound.language or "zh")
    if by_script():
        return jsonify(error="wait", text=sentence), 429
    return page(pack, inbound.sender_id, inbound.language, alert=sentence, typed=inbound.text), 429


def was_kept(known: Conversation | None, messages: Sequence[OutboundMessage]) -> bool:
    """Whether the reply is part of the conversation; an apology for an error is not."""
    if known is None:
        return False
    kept = history(db.session(), known, limit=1)
    return bool(kept) and messages[-1] in kept[-1].reply


def news(inbound: InboundMessage, messages: Sequence[OutboundMessage]) -> Reply:
    """Everything after the cursor as HTML, for the script to append."""
    known = conversation.find(db.session(), NAME, inbound.account_id, inbound.sender_id)
    lang = known.language if known is not None else inbound.language or "zh"
    exchanges = history(db.session(), known) if known is not None else []
    after = request.form.get("after", "")
    fresh = [exchange for exchange in exchanges if exchange.id > after]
    failed = bool(messages) and not any(messages[-1] in exchange.reply for exchange in exchanges)
    latest, offers = _latest(exchanges, ()), _offers(exchanges)
    return jsonify(
        html=render_template("chat/_news.html", exchanges=fresh, lang=lang, t=say, mask=redact),
        choices=render_template("chat/_choices.html", latest=latest, offers=offers, lang=lang, t=say),
        cursor=exchanges[-1].id if exchanges else after,
        lang=lang,
        failed=messages[-1].text if failed else "",
    )
