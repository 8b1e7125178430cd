"""What every webhook asks of a request before it is anybody's message, the same for all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from flask import abort, request
from werkzeug.datastructures import MultiDict

from bot_adapter.channels.errors import Forged, Malformed

log = structlog.get_logger(__name__)


@contextmanager
def refusing(channel: str, most: int) -> Iterator[None]:
    """Verify and parse the present request inside: 413 where it says that it is longer than `most` bytes, 403 for
    Forged, 400 for Malformed. The log has the reason, which holds nothing of what was sent."""
    if (request.content_length or 0) > most:
        abort(413)
    try:
        yield
    except Forged as exc:
        log.warning(f"{channel}_refused", reason=str(exc))
        abort(403)
    except Malformed as exc:
        log.warning(f"{channel}_malformed", reason=str(exc))
        abort(400)


def once(args: MultiDict[str, str]) -> dict[str, str]:
    """The parameters, each once. Raises Forged for one that is repeated: two programs may read different ones."""
    if any(len(values) != 1 for _name, values in args.lists()):
        raise Forged("a parameter twice")
    return args.to_dict()
