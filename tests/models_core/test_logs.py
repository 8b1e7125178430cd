"""Whatever is logged, however deep, no ID number, telephone number, e-mail or secret is written down."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from models import logs
from models.application.tables import new_id
from models.logs import REDACTED, describe, place, redact, redact_text
from models.programme import idnumber

id_numbers = st.builds(
    idnumber.make,
    st.sampled_from(["430401", "110101", "530114", "650101"]),
    st.dates(date(1940, 1, 1), date(2008, 12, 31)),
    st.integers(1, 999),
)
grouped_ids = st.builds(
    lambda number, gap: gap.join((number[:6], number[6:10], number[10:14], number[14:])),
    id_numbers,
    st.sampled_from(["", " ", "-"]),
)
mobiles = st.builds(
    lambda head, tail, form: form.format(head, f"{tail:08d}"[:4], f"{tail:08d}"[4:]),
    st.sampled_from(["130", "138", "159", "177", "186", "199"]),
    st.integers(0, 99_999_999),
    st.sampled_from(["{}{}{}", "{} {} {}", "{}-{}-{}", "+86{}{}{}", "+86 {} {} {}", "86-{}{}{}"]),
)
landlines = st.builds("0734-{:07d}".format, st.integers(2_000_000, 8_999_999))
mails = st.from_regex(r"[a-z][a-z0-9.]{0,8}@[a-z]{2,8}\.(com|cn|com\.cn)", fullmatch=True)
private = st.one_of(grouped_ids, mobiles, landlines, mails)
around = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="0123456789@"), max_size=20)
FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


def digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def leaks(secret: str, written: str) -> bool:
    """Whether the whole of `secret` (its digits, for numbers) can still be read off."""
    if "@" in secret:
        return secret in written
    return digits(secret)[-8:] in re.sub(r"(?<=\d)[ .-](?=\d)", "", written) or secret in written


@given(private, around, around, st.booleans())
def test_private_values_do_not_survive_in_text(secret: str, before: str, after: str, wide: bool) -> None:
    shown = secret.translate(FULL_WIDTH) if wide and "@" not in secret else secret
    written = redact_text(f"{before}{shown}{after}")
    assert not leaks(secret, written)
    assert REDACTED in written


nested = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), around),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text("abcdefg_", min_size=1), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(private, nested, st.sampled_from(["list", "dict", "key", "tuple", "number"]))
def test_private_values_do_not_survive_at_any_depth(secret: str, beside: Any, where: str) -> None:
    value: Any = {
        "list": [beside, [secret]],
        "dict": {"a": {"b": secret}, "c": beside},
        "key": {secret: beside},
        "tuple": (1, (secret, beside)),
        "number": [int(digits(secret))] if re.match("[1-9][0-9]{10}", digits(secret)) else [secret],
    }[where]
    written = json.dumps(redact(value), ensure_ascii=False, default=str)
    assert not leaks(secret, written)


@given(st.sampled_from(["name", "id_number", "answers", "password", "token", "field.value", "Phone"]), around)
def test_private_keys_are_blank_whatever_they_hold(key: str, value: str) -> None:
    written = redact({key: value})
    assert written == {key: REDACTED if value else value}


def test_what_is_ours_stays_readable() -> None:
    own = [new_id() for _ in range(200)]
    for ident in own:
        assert (
            redact_text(f"page {ident} of {ident}{ident}, job {ident}-1")
            == f"page {ident} of {ident}{ident}, job {ident}-1"
        )
    for plain in (
        "2026-11-21T05:12:32.123456Z",
        "127.0.0.1:8000",
        "attempt 3 of 5",
        "v1.2.3",
        "1763700000",
        "三(二)4(1)",
    ):
        assert redact_text(plain) == plain
    assert redact({"size": 1_266_220, "attempt": 2, "took": 0.12}) == {"size": 1_266_220, "attempt": 2, "took": 0.12}
    assert redact(b"secret") == "[6 bytes]"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is written while the log is configured; the former configuration comes back."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    logs.configure("DEBUG", stream)
    structlog.contextvars.clear_contextvars()
    yield stream
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def parsed(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_events_are_json_lines_with_the_reference(lines: io.StringIO) -> None:
    reference = logs.bind_reference(job="process_page")
    assert logs.reference() == reference
    structlog.get_logger("test").info("submitted", receipt="BL-1", phone="13812345678", note="打 13812345678")
    (line,) = parsed(lines)
    assert line["event"] == "submitted"
    assert (line["reference"], line["job"], line["level"], line["logger"]) == (
        reference,
        "process_page",
        "info",
        "test",
    )
    assert line["phone"] == REDACTED and line["note"] == f"打 {REDACTED}"
    assert line["timestamp"].endswith("Z")


def test_each_request_has_its_own_reference(lines: io.StringIO) -> None:
    first = logs.bind_reference(page="1")
    second = logs.bind_reference()
    assert first != second
    assert "page" not in structlog.contextvars.get_contextvars()
    structlog.contextvars.clear_contextvars()
    assert logs.reference() == logs.reference()


def test_exceptions_are_written_as_type_and_place(lines: io.StringIO) -> None:
    def fails() -> None:
        try:
            raise ValueError("430401199001011234 张三")
        except ValueError as inner:
            raise IntegrityError("INSERT …", {"name": "张三"}, inner) from inner

    log = structlog.get_logger("test")
    try:
        fails()
    except IntegrityError as error:
        log.exception("broken")
        log.error("broken", **describe(error))
        logging.getLogger("library").exception("boom %s", "13812345678")
        assert place(error).startswith("IntegrityError at tests/models_core/test_logs.py:")
    text = lines.getvalue()
    assert "张三" not in text and "430401" not in text and "13812345678" not in text and "INSERT" not in text
    for line in parsed(lines):
        assert line["error"] == "sqlalchemy.exc.IntegrityError"
        assert line["where"][-1].endswith(" fails")
        assert not any(frame.startswith("/") for frame in line["where"])
    assert parsed(lines)[0]["cause"] == "ValueError"


def test_library_records_are_redacted_too(lines: io.StringIO) -> None:
    logging.getLogger("other").warning("call %s", "0734-8123456")
    (line,) = parsed(lines)
    assert line["event"] == f"call {REDACTED}"


def test_configured_twice_writes_once(lines: io.StringIO) -> None:
    logs.configure("INFO", lines)
    structlog.get_logger("test").info("once")
    structlog.get_logger("test").debug("too quiet")
    assert [line["event"] for line in parsed(lines)] == ["once"]


def test_references_can_be_read_out() -> None:
    references = {logs.new_reference() for _ in range(500)}
    assert len(references) == 500
    assert all(len(reference) == 10 and not set(reference[2:]) & set("01OILU") for reference in references)
