"""Field types: reading what a person gave (`parse`), showing it (`display`), putting it into a workbook (`to_cell`).

`spec` is a Fact, FormField, Column or Ask: whatever has `kind` and, where the kind needs them, `options`, `columns`,
`max_length`, `digits`, `is_name`, `required`, `unsure`, `min_rows`, `max_rows`.

Canonical values: text str · choice option value · choices list · yes_no bool · number int · date ``YYYY-MM-DD`` ·
month ``YYYY-MM`` · rows list of dicts · consent, declaration bool · document int. An optional answer left blank is
the empty string (rows, choices: the empty list). In a month column that is not required the empty string is 「至今」.
Parsing a canonical value gives it back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from models.eligibility.verdict import UNSURE
from models.errors import InvalidAnswer
from models.programme import choosing, idnumber, typed
from models.programme.pack import Column, Option
from models.programme.showing import display, to_cell

__all__ = ["display", "is_unsure", "parse", "to_cell"]

SHORT_TEXT: Final = 100
_YES = frozenset(
    [
        "是",
        "是的",
        "对",
        "对的",
        "有",
        "有的",
        "嗯",
        "好",
        "好的",
        "可以",
        "同意",
        "要",
        "愿意",
        "yes",
        "y",
        "true",
        "1",
        "on",
        "ok",
        "agree",
        "√",
        "✓",
    ]
)
_NO = frozenset(
    [
        "否",
        "不",
        "不是",
        "不是的",
        "没有",
        "没",
        "无",
        "不对",
        "不同意",
        "不要",
        "不愿意",
        "no",
        "n",
        "false",
        "0",
        "off",
        "disagree",
        "×",
        "x",
    ]
)
_UNSURE = frozenset(
    {UNSURE, "不确定", "不知道", "不清楚", "说不清", "说不准", "not sure", "i don't know", "don't know", "dont know"}
)


def parse(spec: Any, raw: Any, *, options: Sequence[Option] = (), today: date) -> Any:
    """The canonical value of `raw`. Raises InvalidAnswer with a sentence that says what is wrong and what is right.

    `options` narrows the spec's own (a list that depends on its parent field).
    """
    if isinstance(raw, str):
        plain = typed.fold(raw)
        unsure, blank = len(raw) < 40 and _means_unsure(plain), not plain
    else:
        unsure, blank = is_unsure(raw), _is_blank(raw)
    if unsure:
        if getattr(spec, "unsure", False):
            return UNSURE
        if spec.kind not in ("text", "long_text", "place", "rows"):
            raise InvalidAnswer("error.unsure_not_allowed")
    elif isinstance(raw, (list, tuple)) and getattr(spec, "unsure", False) and any(is_unsure(item) for item in raw):
        raise InvalidAnswer("error.unsure_with_others")
    if blank and not _blank_is_an_answer(spec, raw):
        if getattr(spec, "required", True):
            raise InvalidAnswer("error.required" if spec.kind not in ("choice", "choices") else _choose(spec.kind))
        return [] if spec.kind in ("choices", "rows") else ""
    return _parse_kind(spec, raw, tuple(options) or tuple(getattr(spec, "options", ())), today)


def is_unsure(raw: Any) -> bool:
    """Whether this is 「不确定」, in any of the ways people say it."""
    if isinstance(raw, (list, tuple)) and len(raw) == 1:
        raw = raw[0]
    return isinstance(raw, str) and len(raw) < 40 and _means_unsure(typed.fold(raw))


def _means_unsure(plain: str) -> bool:
    return plain.casefold().rstrip("。.!！") in _UNSURE


def _choose(kind: str) -> str:
    return "error.choose_one" if kind == "choice" else "error.choose_some"


def _is_blank(raw: Any) -> bool:
    if raw is None:
        return True
    if isinstance(raw, str):
        return not typed.fold(raw)
    return isinstance(raw, (list, tuple)) and all(_is_blank(item) for item in raw)


def _blank_is_an_answer(spec: Any, raw: Any) -> bool:
    """An empty list is 「以上都没有」 for an eligibility fact, and no rows is an answer where none are needed."""
    if not isinstance(raw, (list, tuple)) or any(True for _ in raw):
        return False
    return choosing.none_is_an_answer(spec) or (spec.kind == "rows" and not _least_rows(spec))


def _parse_kind(spec: Any, raw: Any, options: tuple[Option, ...], today: date) -> Any:
    kind = spec.kind
    limit = getattr(spec, "max_length", 0) or SHORT_TEXT
    if kind in ("text", "place", "long_text"):
        text = typed.clean_text(raw, limit, lines=kind == "long_text")
        if text and not getattr(spec, "digits", True) and not typed.has_words(text):
            raise InvalidAnswer("error.words_needed")
        if text and getattr(spec, "is_name", False) and typed.is_no_name(text):
            raise InvalidAnswer("error.name_needed")
        return text
    if kind == "choice":
        return choosing.choose_one(raw, options)
    if kind == "choices":
        single = getattr(spec, "single", False)
        return choosing.choose_some(raw, options, none_allowed=choosing.none_is_an_answer(spec), single=single)
    if kind in ("yes_no", "consent", "declaration"):
        return _yes_no(raw)
    if kind == "number":
        return typed.whole_number(raw)
    if kind == "document":
        return _pages(spec, raw)
    if kind == "date":
        return typed.iso_date(raw, today)
    if kind == "month":
        return _month(spec, raw, today)
    if kind == "id_number":
        return idnumber.check(str(raw), today=today)
    if kind == "passport_number":
        return typed.passport_number(raw)
    if kind == "phone":
        return typed.phone_number(raw)
    if kind == "rows":
        return _rows(spec, raw, today)
    raise ValueError(f"no field type {kind!r}")


def _yes_no(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    word = typed.fold(str(raw)).casefold().rstrip("。.!！")
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise InvalidAnswer("error.yes_or_no")


def _month(spec: Any, raw: Any, today: date) -> str:
    if typed.is_present(raw):
        if isinstance(spec, Column) and not spec.required:
            return ""
        raise InvalidAnswer("error.month_needed")
    return typed.iso_month(raw, today)


def _pages(spec: Any, raw: Any) -> int:
    count = typed.whole_number(raw)
    least = max(1, getattr(spec, "min_pages", 1))
    most = getattr(spec, "max_pages", 0) or count
    if count == 0 and not getattr(spec, "required", True):
        return 0
    if not least <= count <= most:
        raise InvalidAnswer("error.pages", least=least, most=most)
    return count


def _least_rows(spec: Any) -> int:
    return max(getattr(spec, "min_rows", 0), 1 if getattr(spec, "required", True) else 0)


def _rows(spec: Any, raw: Any, today: date) -> list[dict[str, Any]]:
    """Each row by its columns; rows left wholly blank are dropped. Errors name row (from 1) and column.

    Rows come one by one, so fewer than the least are kept too; the interview does not count them as answered.
    """
    if not isinstance(raw, (list, tuple)):
        raise InvalidAnswer("error.rows")
    rows: list[dict[str, Any]] = []
    for number, row in enumerate(raw, start=1):
        if not isinstance(row, Mapping) or not set(row) <= {column.id for column in spec.columns}:
            raise InvalidAnswer("error.row_shape", row=number, column="")
        if not all(_is_blank(value) for value in row.values()):
            rows.append(_row(spec.columns, row, number, today))
    most = getattr(spec, "max_rows", 0)
    if most and len(rows) > most:
        raise InvalidAnswer("error.too_many_rows", limit=most, count=len(rows))
    if not rows and _least_rows(spec):
        raise InvalidAnswer("error.too_few_rows", limit=_least_rows(spec))
    return rows


def _row(columns: Sequence[Column], row: Mapping[str, Any], number: int, today: date) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for column in columns:
        try:
            out[column.id] = parse(column, row.get(column.id), today=today)
        except InvalidAnswer as exc:
            raise InvalidAnswer("error.row", row=number, column=column.label, column_id=column.id, problem=exc) from exc
    _check_range(columns, out, number)
    return out


def _check_range(columns: Sequence[Column], row: Mapping[str, Any], number: int) -> None:
    """A row with exactly two months (or two dates) holds a period 起止时间: it must not end before it starts."""
    for kind in ("month", "date"):
        ends = [column for column in columns if column.kind == kind]
        if len(ends) == 2 and row[ends[0].id] and row[ends[1].id] and row[ends[0].id] > row[ends[1].id]:
            problem = InvalidAnswer("error.range_order", start=row[ends[0].id], end=row[ends[1].id])
            raise InvalidAnswer(
                "error.row", row=number, column=ends[1].label, column_id=ends[1].id, problem=problem
            ) from problem
