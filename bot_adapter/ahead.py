"""Photos of a message, stored before its transaction: a disk takes longer to keep a photo than a turn takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace

from bot_adapter.messages import InboundMessage, MediaRef
from models.application import pages
from models.errors import InvalidAnswer, StorageAway


def stored(inbound: InboundMessage) -> AbstractContextManager[InboundMessage]:
    """The message with its photos on the disk; what no record has by the end is removed again. A photo that
    cannot be stored is left to the turn, which says so."""
    return _with_photos(inbound) if inbound.media else nullcontext(inbound)


@contextmanager
def _with_photos(inbound: InboundMessage) -> Iterator[InboundMessage]:
    media = tuple(_stored(ref) for ref in inbound.media)
    try:
        yield replace(inbound, media=media)
    finally:
        for ref in media:
            if ref.ahead is not None:
                pages.leave(ref.ahead)


def _stored(ref: MediaRef) -> MediaRef:
    if not ref.data:
        return ref
    try:
        return replace(ref, ahead=pages.store_ahead(ref.data))
    except (InvalidAnswer, StorageAway):
        return ref
