"""Every error and message that the code can raise has its sentence in both languages, with the params it needs."""

import ast
from pathlib import Path

import pytest

from models.application import admission
from models.errors import IllegalTransition
from models.interview import wording

ROOT = Path(__file__).parent.parent.parent
ERRORS = {"InvalidAnswer", "NotOpen", "NotReady", "NotFound", "Conflict"}


def raised():
    for package in ("models", "bot_adapter", "webforms", "workers"):
        for path in sorted((ROOT / package).rglob("*.py")):
            source = path.read_text("utf-8")
            if not any(name in source for name in ERRORS):  # most; reading them as Python takes a second
                continue
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS:
                    key = node.args[0] if node.args else None
                    if isinstance(key, ast.Constant):
                        keywords = {word.arg for word in node.keywords}
                        yield pytest.param(
                            key.value, keywords, id=f"{path.relative_to(ROOT)}:{node.lineno}:{key.value}"
                        )


@pytest.mark.parametrize(("key", "given"), list(raised()))
def test_every_error_can_be_said(key, given):
    needed = wording.placeholders(wording.text(key).zh)
    assert None in given or needed <= given  # None: params handed on whole


def test_an_illegal_move_can_be_said():
    assert wording.error(IllegalTransition("approved", "submitted"), "zh")


@pytest.mark.parametrize(
    "kind",
    [
        "submitted",
        "corrected",
        "returned",
        "approved",
        "declined",
        "reported",
        "admitted",
        "changed",
        "change_refused",
        "removed",
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_message_of_the_services_can_be_said(kind, lang):
    given = {"receipt": "BL-2222-2222", "count": 2, "clause": "三(二)1", "number": 7, "text": "字"}
    text = wording.say(f"notice.{kind}", lang, **given, **admission.words(None))
    assert "{" not in text
