"""Structured logs: one JSON line an event, personal data redacted before anything is written.

An exception is logged as its type and the places it passed, never as its message: messages of databases and parsers
quote the values they choked on, and a person's name cannot be recognised by a pattern.
Every line of a request or job carries `reference`, which is also what an apology shows to the person.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
import traceback
import unicodedata
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import structlog

REDACTED = "[redacted]"
# These write down every address that is asked for, and a platform's addresses carry tokens: whatever the level, whoever
# configured the log, only their warnings are wanted.
for _teller in ("httpx", "httpcore"):
    logging.getLogger(_teller).setLevel(logging.WARNING)
_ROOT = Path(__file__).resolve().parent.parent
_REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is misread over a telephone

# Keys that hold something personal or secret whatever it looks like.
_PRIVATE_KEYS = frozenset(
    {
        "address",
        "answer",
        "answers",
        "authorization",
        "birth",
        "body",
        "cookie",
        "cookies",
        "data",
        "email",
        "form",
        "headers",
        "id_number",
        "identity",
        "name",
        "parameters",
        "password",
        "phone",
        "question",
        "raw",
        "reply",
        "resume",
        "secret",
        "sender",
        "sms",
        "statement",
        "text",
        "token",
        "tokens",
        "value",
        "values",
    }
)
_PATTERNS = re.compile(
    r"""
    (?P<keep>                                             # our own random ids (one, or two joined) stay readable
        (?<![0-9A-Za-z])(?:[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}){1,2}(?![0-9A-Za-z])
    )
    | [\w.+%-]+@[\w-]+(?:\.[\w-]+)+                       # e-mail
    | \d{6}[ .-]?\d{4}[ .-]?\d{2}[ .-]?\d{2}[ .-]?\d{3}[ .-]?[\dXx]  # ID number, however it is grouped
    | (?:\+?86[ -]?)?1[3-9]\d(?:[ .-]?\d{4}){2}           # mobile
    | \(?0\d{2,3}\)?[ -]?\d{7,8}                          # landline with its area code
    | \d{11,}[Xx]?                                        # any other number this long may be somebody's
    """,
    re.VERBOSE,
)


def redact_text(text: str) -> str:
    """`text` without ID numbers, telephone numbers and e-mail addresses; full-width digits are recognised too."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return _PATTERNS.sub(lambda found: found["keep"] or REDACTED, text)


def redact(value: Any, key: str = "") -> Any:
    """`value` made safe to write down: private keys are blanked, strings and numbers are searched, at any depth."""
    if key.lower().rpartition(".")[2] in _PRIVATE_KEYS and value not in (None, ""):
        return REDACTED
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return REDACTED if redact_text(str(value)) != str(value) else value
    if isinstance(value, Mapping):
        return {redact_text(str(name)): redact(inner, str(name)) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(inner) for inner in value]
    if isinstance(value, bytes | bytearray | memoryview):
        return f"[{len(value)} bytes]"
    if isinstance(value, BaseException):
        return describe(value)["error"]
    return redact_text(str(value))


def describe(error: BaseException) -> dict[str, Any]:
    """An exception as its type and the places it passed, innermost last; no message, no values."""
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    described: dict[str, Any] = {
        "error": f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins."),
        "where": [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames],
    }
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        described["cause"] = describe(cause)["error"]
    return described


def place(error: BaseException) -> str:
    """One line for the outbox and for staff: exception type and innermost place of ours."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).resolve().is_relative_to(_ROOT)] or frames
    where = f" at {_short(ours[-1].filename)}:{ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{where}"[:300]


def _short(filename: str) -> str:
    """A file's path from the project or from its package: machine folders say nothing and are not ours to print."""
    path = Path(filename)
    if path.is_relative_to(_ROOT) and "site-packages" not in path.parts:
        return str(path.relative_to(_ROOT))
    return "/".join(path.parts[-2:])


def new_reference() -> str:
    """A short random reference that a person can read out: it finds the log lines of what went wrong."""
    number, letters = secrets.randbelow(len(_REFERENCE_ALPHABET) ** 8), ""  # one call, as every request has one
    for _ in range(8):
        number, at = divmod(number, len(_REFERENCE_ALPHABET))
        letters += _REFERENCE_ALPHABET[at]
    return "E-" + letters


def bind_reference(**also: Any) -> str:
    """Begin a request or job: forget the last one's context, bind a new `reference` (and `also`), and return it."""
    structlog.contextvars.clear_contextvars()
    reference = new_reference()
    structlog.contextvars.bind_contextvars(reference=reference, **also)
    return reference


def reference() -> str:
    """The reference of the request or job under way; a new one is bound where there is none."""
    bound = structlog.contextvars.get_contextvars().get("reference")
    return bound if isinstance(bound, str) else bind_reference()


def _exceptions(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()[1]
    elif isinstance(found, tuple):
        found = _from_tuple(found)
    if isinstance(found, BaseException):
        event.update(describe(found))
    event.pop("stack_info", None)
    return event


def _from_tuple(found: tuple[type[BaseException] | None, BaseException | None, TracebackType | None]) -> object:
    return found[1]


_OURS = frozenset({"timestamp", "level", "logger", "reference", "where", "error", "cause"})


def _redaction(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value if key in _OURS else redact(value, key) for key, value in event.items()}


_SHARED: tuple[Any, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _exceptions,
)


def formatter() -> structlog.stdlib.ProcessorFormatter:
    """The formatter that turns our events and the libraries' log records into redacted JSON lines."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=list(_SHARED),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _redaction,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
    )


def configure(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send everything (ours, and the libraries' standard logging) as JSON lines to `stream` (standard error).

    Safe to call again: the handler is replaced, not added.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter())
    handler.set_name("bole")
    root = logging.getLogger()
    root.handlers = [kept for kept in root.handlers if kept.get_name() != "bole"] + [handler]
    root.setLevel(level.upper())
    for chatty in ("rq.worker", "werkzeug", "alembic"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
