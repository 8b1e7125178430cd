"""The report on the figures (盘点情况报告) as such offices write it: numbered parts in sentences, tables at its end.

What it says is the same in Word and as a PDF; `office_figure_docx` and `office_figure_pdf` only set it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from models.office import small_numbers
from models.office.figure_progress import Band
from models.office.figures import Line, Table
from models.programme.figuring import Dimension
from webforms import office_figure_words
from webforms.office_admission import DEED
from webforms.office_figures import Counted

BACK = "＊"  # a number that is kept back
_PARTS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Heading:
    """A numbered heading; level 1 is 一、 and level 2 （一）."""

    text: str
    level: int


@dataclass(frozen=True, slots=True)
class Grid:
    """A table at the end. `shares`: how long the bar beside each row is, or none at all."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All of it. A text in `body` is a paragraph."""

    title: str
    under: str
    body: tuple[Heading | str, ...]
    grids: tuple[Grid, ...]
    notes: tuple[str, ...]


def report(found: Counted, whose: str) -> Report:
    """What the report on these figures says; `whose`: the unit that it is of."""
    title = found.pack.programme.title.get(found.words.lang)
    under = " · ".join(part for part in (whose, _when(found), _only(found)) if part)
    return Report(
        str(_("%(title)s情况报告", title=title)), under, tuple(_body(found)), tuple(_grids(found)), _notes(found)
    )


def _when(found: Counted) -> str:
    day = found.on
    return str(_("截至%(year)d年%(month)d月%(day)d日", year=day.year, month=day.month, day=day.day))


def _only(found: Counted) -> str:
    wanted, words = found.wanted, found.words
    parts = [str(office_figure_words.STEP[wanted.step])] if wanted.step else []
    parts += [words.unit(wanted.unit_id)] if wanted.unit_id else []
    parts += [words.category(wanted.category)] if wanted.category else []
    return "、".join([*parts, *(words.named(name, code) for name, code in wanted.by)])


def _body(found: Counted) -> Iterator[Heading | str]:
    parts = [(_("总量"), _total(found)), (_("结构"), _structure(found)), (_("类别和层次"), _categories(found))]
    parts += [(_("审核进度"), _progress(found)), (_("材料"), _missing(found))]
    if found.progress.meters:
        parts.append((_("名额"), _meters(found)))
    for number, (title, inside) in enumerate(parts):
        yield Heading(f"{_part(found, number)}{title}", 1)
        yield from inside


def _part(found: Counted, number: int) -> str:
    return f"{number + 1}. " if found.words.lang == "en" else f"{_PARTS[number]}、"


def _total(found: Counted) -> Iterator[Heading | str]:
    fig, intake = found.figures, found.intake.name if found.intake else str(_("全部批次"))
    said = _("%(when)s，%(intake)s共有%(n)s人申报", when=_when(found), intake=intake, n=shown(fig.totals.total))
    if fig.passed is not None and not found.wanted.step:
        said += _(
            "，其中通过审核%(passed)d人，%(deed)s%(admitted)d人", passed=fig.passed, deed=DEED, admitted=fig.admitted
        )
    yield str(said) + str(_("。"))
    units = [
        Line(str(unit), row[-1], row[-1] / fig.totals.total if row[-1] and fig.totals.total else None)
        for unit, row in zip(fig.totals.units, fig.totals.rows, strict=False)
    ]
    if len(units) > 1:
        names = {str(unit): found.words.unit(unit) for unit in fig.totals.units}
        parts = _listed((names[line.code], line) for line in units)
        yield str(_("按单位分：%(parts)s。", parts=parts)) if parts else str(_("各单位人数都少，不列出。"))


def _structure(found: Counted) -> Iterator[Heading | str]:
    tables = [table for table in found.figures.structure if table.dimension is not None]
    for number, table in enumerate(tables):
        dimension = table.dimension
        assert dimension is not None
        numbered = f"（{_numeral(number)}）" if found.words.lang != "en" else f"({number + 1}) "
        yield Heading(f"{numbered}{found.words.title(dimension)}", 2)
        yield _sentence(found, table, dimension)


def _numeral(number: int) -> str:
    tens, rest = divmod(number + 1, 10)
    return ("" if tens == 0 else "十" if tens == 1 else f"{_PARTS[tens - 1]}十") + (_PARTS[rest - 1] if rest else "")


def _sentence(found: Counted, table: Table, dimension: Dimension) -> str:
    parts = _listed((found.words.code(dimension, line.code), line) for line in table.lines)
    return str(_("%(parts)s。", parts=parts)) if parts else str(_("没有可以公布的数字。"))


def _listed(lines: Iterable[tuple[str, Line]]) -> str:
    """The lines that have people, in words; what is kept back is in the tables only."""
    lines = list(lines)
    said = [
        str(_("%(name)s%(n)d人，占%(share).1f%%", name=name, n=line.number, share=(line.share or 0) * 100))
        for name, line in lines
        if line.number
    ]
    if said and any(line.number is None for _name, line in lines):
        said.append(str(_("其余人数少，不列出")))
    return str(_("；")).join(said)


def _categories(found: Counted) -> Iterator[Heading | str]:
    parts = _listed((found.words.category(line.code), line) for line in found.figures.categories.lines)
    yield str(_("申报人数为：%(parts)s。", parts=parts)) if parts else str(_("没有可以公布的数字。"))


def _progress(found: Counted) -> Iterator[Heading | str]:
    reached = [
        str(_("%(step)s%(n)d人", step=office_figure_words.STAGE[stage.id], n=stage.reached))
        for stage in found.progress.funnel
        if stage.reached is not None
    ]
    comma = str(_("，"))
    if reached:
        yield str(_("各步骤到达人数：%(parts)s。", parts=comma.join(reached)))
    for said, bands in ((_("待审核"), found.progress.waiting), (_("退回待补正"), found.progress.returned)):
        numbers = [band.number for band in bands]
        if bands and any(numbers) and None not in numbers:
            yield _wait(str(said), bands)


def _wait(said: str, bands: Sequence[Band]) -> str:
    total = sum(band.number or 0 for band in bands)
    late = sum(band.number or 0 for band in bands if band.upto is None or band.upto > 14)
    return str(_("%(said)s%(n)d人，其中超过14天的%(late)d人。", said=said, n=total, late=late))


def _missing(found: Counted) -> Iterator[Heading | str]:
    lacking = [(found.words.key(key), number) for key, number in found.progress.missing if number]
    if lacking:
        parts = str(_("；")).join(str(_("%(name)s%(n)d人", name=name, n=number)) for name, number in lacking)
        yield str(_("缺少材料的：%(parts)s。", parts=parts))
    elif not found.progress.missing:
        yield str(_("自动检查没有发现缺材料的。"))
    else:
        yield str(_("没有可以公布的数字。"))


def _meters(found: Counted) -> Iterator[Heading | str]:
    for meter in found.progress.meters:
        name = meter.quota.title.get(found.words.lang)
        numbers = {"most": meter.quota.at_most, "applied": shown(meter.applied), "passed": shown(meter.passed)}
        yield str(
            _("%(name)s：名额不超过%(most)d人，已申报%(applied)s人，通过审核%(passed)s人。", name=name, **numbers)
        )


def _grids(found: Counted) -> Iterator[Grid]:
    totals, words = found.figures.totals, found.words
    head = [words.code(totals.across, code) for code in totals.codes] if totals.across else []
    names = [*(words.unit(unit) for unit in totals.units), str(_("合计"))]
    rows = [(name, *map(shown, row)) for name, row in zip(names, totals.rows, strict=True)]
    yield Grid(str(_("各单位人数")), (str(_("单位")), *head, str(_("合计"))), tuple(rows))
    for table in found.figures.structure:
        if table.dimension is not None:
            named = [words.code(table.dimension, line.code) for line in table.lines]
            yield _grid(words.title(table.dimension), table.dimension.title.get(words.lang), named, table)
    categories = found.figures.categories
    yield _grid(
        str(_("类别和层次")), str(_("类别")), [words.category(line.code) for line in categories.lines], categories
    )


def _grid(title: str, first: str, names: Sequence[str], table: Table) -> Grid:
    kept = [(name, line) for name, line in zip(names, table.lines, strict=True) if line.number != 0]
    rows = [(name, shown(line.number), percent(line.share)) for name, line in kept]
    rows.append((str(_("总人数")), shown(table.total), ""))
    shares = (*(line.share for _name, line in kept), None)
    return Grid(title, (first, str(_("人数")), str(_("占比"))), tuple(rows), shares)


def shown(number: int | None) -> str:
    """A number, or the sign of one that is kept back."""
    return BACK if number is None else str(number)


def percent(share: float | None) -> str:
    """A share of 0 to 1 with one place; empty where there is none."""
    return "" if share is None else f"{share * 100:.1f}%"


def _notes(found: Counted) -> tuple[str, ...]:
    notes = [str(_("数字由系统按申报人填写的内容统计，年龄按出生年月算到统计当天；请核对后使用。"))]
    if any(table.several for table in found.figures.structure):
        notes.append(str(_("一人可以有几项、可以报几类，各项相加不等于总人数。")))
    if found.exact:
        notes.append(
            str(_("本报告含少于%(n)d人的数字，可能认出个人，仅供内部使用，请勿对外公布。", n=small_numbers.LIMIT))
        )
    else:
        notes.append(str(_("少于%(n)d人的数字不公布，以“＊”表示，能推算出来的也一并不公布。", n=small_numbers.LIMIT)))
    return tuple(notes)
