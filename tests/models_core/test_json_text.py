"""Our encoder and decoder write and read what the standard library's do."""

import json
from datetime import date

import pytest

from models.json_text import ascii_dumps, dumps, loads

VALUES = [
    *("", "text", '"\\\n\u2028', "中文 😀", "\ud83d"),
    *(None, True, False, 0, -1, 12345678901234567890, 1.5, 1e300, float("inf")),
    *([], {}, [[]], {"a": [1, {"b": None}], "中": ("x", 2)}, {1: "number", None: "nothing"}),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_what_is_written_is_the_standard_library_s(value):
    assert dumps(value) == json.dumps(value, ensure_ascii=False)
    assert ascii_dumps(value) == json.dumps(value)


@pytest.mark.parametrize("write", [dumps, ascii_dumps])
def test_what_is_no_json_is_refused(write):
    with pytest.raises(TypeError, match="date"):
        write({"day": date(2026, 1, 1)})
    with pytest.raises(TypeError):
        write({(1, 2): "key"})
    assert write([1]) == "[1]"  # and the next value is none the worse


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_what_was_written_is_read(value):
    text = json.dumps(value)
    assert loads(text) == json.loads(text)


@pytest.mark.parametrize("text", [" [1] \n", b"[1]", "[1]"])
def test_blanks_and_bytes_are_read(text):
    assert loads(text) == [1]


@pytest.mark.parametrize("text", ["", "[1", "[1] 2", "nothing", "'a'"])
def test_what_cannot_be_read_says_where(text):
    with pytest.raises(json.JSONDecodeError):
        loads(text)


def test_a_number_is_no_text():
    with pytest.raises(TypeError):
        loads(5)
