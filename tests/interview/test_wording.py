"""Every sentence is there in both languages with the same params, and every key that the rules name exists."""

import ast
from datetime import date, datetime
from pathlib import Path

import pytest

from models.errors import InvalidAnswer, PackError
from models.interview import wording
from models.programme.pack import Text

MODELS = Path(wording.__file__).resolve().parents[1]
PURE = [path for part in ("programme", "eligibility", "interview") for path in sorted((MODELS / part).glob("*.py"))]


def test_a_deadline_of_staff_has_its_weekday_and_a_moment_its_time():
    day = date(2026, 11, 28)
    assert (wording.deadline(day, "zh"), wording.deadline(day, "en")) == ("2026-11-28（周六）", "2026-11-28 (Sat)")
    night = datetime(2026, 11, 29, 2)
    assert (wording.deadline(night, "zh"), wording.deadline(night, "en")) == (
        "2026-11-29（周日）02:00",
        "2026-11-29 (Sun) 02:00",
    )


def keys_in(path):
    """The literal keys of sentences in a module (``facts.`` is also a place in a pack: a key only in the report)."""
    prefixes = ("error.", "facts.") if path.stem == "report" else ("error.",)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(prefixes):
            yield node.value


@pytest.mark.parametrize("path", PURE, ids=lambda path: path.stem)
def test_every_key_that_the_rules_name_has_a_sentence(path):
    assert [key for key in keys_in(path) if key not in wording.catalogue()] == []


def test_params_are_put_into_the_language():
    day = date(2016, 3, 31)
    label = Text(zh="开始", en="From")
    assert wording.localised([label, day], "zh") == "开始、2016年3月31日"
    assert wording.localised([label, day], "en") == "From, 31 March 2016"
    problem = InvalidAnswer("error.required")
    assert wording.say("error.row", "en", row=2, column=label, problem=problem) == "Row 2, “From”: This is required."
    assert wording.error(InvalidAnswer("error.too_long", limit=3, count=5), "zh").startswith("最多写 3 个字")


def test_a_missing_key_or_param_is_our_mistake_and_shows():
    with pytest.raises(KeyError):
        wording.say("error.nowhere", "zh")
    with pytest.raises(KeyError):
        wording.say("error.too_long", "zh")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"a": "x"}, "table"),
        ({"a": {"zh": "x"}}, "exactly"),
        ({"a": {"zh": "x", "en": ""}}, "exactly"),
        ({"a": {"zh": "{x}", "en": "{y}"}}, "same"),
        ({"a": {"zh": "{x", "en": "x"}}, "braces"),
        ({"a": {"b": {"zh": "x", "en": "x", "fr": "x"}}}, "exactly"),
    ],
)
def test_a_wrong_sentence_is_refused_naming_its_key(data, reason):
    with pytest.raises(PackError, match=reason) as caught:
        dict(wording.flatten(data, "x.toml"))
    assert caught.value.key.startswith("a")
    assert caught.value.file == "x.toml"


def test_the_number_of_an_application_has_one_name():
    """What the page calls 申报编号 must not be a 回执号 in a message."""
    said = [sentence for sentence in wording.catalogue().values() if "{receipt}" in sentence.zh]
    assert said
    for sentence in wording.catalogue().values():
        assert "回执" not in sentence.zh, sentence.zh
        assert "receipt" not in sentence.en.replace("{receipt}", "").lower(), sentence.en
