"""The numbered paragraphs of a notice, found by the numbering that official documents use.

Read line by line. A number counts only where its line begins (after blanks), so code lists inside a sentence
(「包括（1）…（2）…」) are not paragraphs; lines that begin with a tab are cells of a flattened table and are skipped.

    一、      first level   一          一要 / 二要     below the first level   五一
    （一）    second        三(二)      附件：1.…       the list of attachments 附件1
    1. 1、    third         三(二)4     …填写说明       a title that begins the instructions: 说明一(三)2
    （1）     fourth        三(二)4(1)
    第十条    an article in the place of the first level   第十一条(三)2
    附件2     alone on a line, then 填表说明：    附件2说明1

A level that the notice leaves out is left out of the reference: （1） right under 二、 is 二(1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_NUMERAL = "[一二三四五六七八九十]+"
_LEVELS = (
    re.compile(rf"({_NUMERAL})、"),
    re.compile(rf"[（(]({_NUMERAL})[）)]"),
    re.compile(r"(\d{1,2})\s*[.．、](?!\d)"),
    re.compile(r"[（(](\d{1,2})[）)]"),
)
_SHAPES = ("{}", "({})", "{}", "({})")
_ARTICLE = re.compile(rf"(第{_NUMERAL}条)(?=[\s\u3000]|[^\d规之的款])")
_CHAPTER = re.compile(rf"第{_NUMERAL}章[\s\u3000]")
_ATTACHMENT = re.compile(r"附件\d{1,2}")
_HOW_TO_FILL = re.compile(r"填表说明[:：]?")
_DUTY = re.compile(rf"({_NUMERAL})要")
_ATTACHMENTS = re.compile(r"附件[:：]\s*(?=1)")
_TITLE = re.compile(r"[^\d（(，。；：]{4,40}填写说明")


def numbered_paragraphs(text: str) -> Iterator[tuple[str, str]]:
    """Reference and words, line by line up to the next numbered one, of every numbered paragraph, in order."""
    ref, lines = "", list[str]()
    for new, line in _references(text):
        if new is None:
            lines.append(line)
            continue
        if ref:
            yield ref, "\n".join(lines)
        ref, lines = new, [line]
    if ref:
        yield ref, "\n".join(lines)


def _references(text: str) -> Iterator[tuple[str | None, str]]:
    """Each line with the reference that begins on it: None goes on with the one before, "" ends it."""
    prefix, path = "", ["", "", "", ""]
    for raw in text.splitlines():
        line = raw.strip(" \u3000\xa0\t\r")
        if raw.startswith("\t") or not line:
            yield None, line
            continue
        heading = _heading(line, prefix)
        if heading is not None:
            prefix, path = heading, [""] * 4
            yield "", line
            continue
        opening = _ATTACHMENTS.match(line)
        if opening:
            prefix, path, line = "附件", [""] * 4, line[opening.end() :]
        level, number = _number(line, path)
        if level is None:
            yield None, line
            continue
        path[level] = _SHAPES[level].format(number) if not (level == 1 and line.startswith(number)) else number
        path[level + 1 :] = [""] * (3 - level)
        yield prefix + "".join(path), line


def _heading(line: str, prefix: str) -> str | None:
    """What references below begin with, if this line is a heading that begins a new count."""
    if _TITLE.fullmatch(line):
        return "说明"
    if _CHAPTER.match(line):
        return ""
    if _ATTACHMENT.fullmatch(line):
        return line
    if _HOW_TO_FILL.fullmatch(line) and _ATTACHMENT.fullmatch(prefix):
        return f"{prefix}说明"
    return None


def _number(line: str, path: list[str]) -> tuple[int | None, str]:
    if match := _ARTICLE.match(line):
        return 0, match[1]
    for level, pattern in enumerate(_LEVELS):
        if match := pattern.match(line):
            return level, match[1]
    if path[0] and (match := _DUTY.match(line)):
        return 1, match[1]
    return None, ""


def without_number(words: str) -> str:
    """A paragraph's words without the number that they begin with."""
    found = next((match for pattern in (_ARTICLE, *_LEVELS) if (match := pattern.match(words))), None)
    return words[found.end() :].lstrip() if found else words
