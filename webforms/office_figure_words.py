"""What stands in the figures, in the page's language: names of units, categories, codes, steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.application import labels
from models.office.figures import UNTOLD
from models.programme.figuring import NONE, Dimension, dimensions
from models.programme.pack import Pack
from webforms.office_admission import DEED, DONE

STAGE = {
    "began": _l("开始填写"),
    "asked": _l("回答资格问题"),
    "form": _l("填写表格"),
    "papers": _l("拍材料"),
    "declaring": _l("确认承诺"),
    "submitted": _l("提交"),
    "passed": _l("通过审核"),
    "reported": _l("上报"),
    "admitted": DEED,
}
STEP = {"": _l("已申报"), "passed": _l("已通过审核"), "admitted": DONE}


@dataclass(frozen=True, slots=True)
class Words:
    """Names by code. `unit` has no name for people who are with none."""

    lang: str
    pack: Pack
    units: Mapping[str, str]

    def unit(self, unit_id: str | None) -> str:
        """A unit's name."""
        return self.units.get(unit_id or "", str(_("未分单位")))

    def category(self, code: str) -> str:
        """A category's or tier's name, with its ladder's before it."""
        eligibility = self.pack.eligibility
        name = next((each.name.get(self.lang) for each in eligibility.categories if each.id == code), code)
        ladder = next((each for each in eligibility.ladders if code in each.categories), None)
        if ladder is None:
            return name
        return f"{ladder.name.get(self.lang)} · {name}"

    def title(self, dimension: Dimension) -> str:
        """The heading of what is counted: 性别结构, 评先评优情况."""
        name = dimension.title.get(self.lang)
        if self.lang == "en" or dimension.kind == "yes_no":
            return name
        return f"{name}结构" if dimension.kind in ("choice", "age", "sex") else f"{name}情况"

    def code(self, dimension: Dimension, code: str) -> str:
        """The words of one code."""
        known = dict(dimension.codes)
        if code in known:
            return known[code].get(self.lang)
        return str({UNTOLD: _("没有填，或没有问到"), NONE: _("都没有")}.get(code, code))

    def named(self, name: str, code: str) -> str:
        """A code by the id of what it is counted by; for links that let go of a filter."""
        found = next((each for each in dimensions(self.pack) if each.id == name), None)
        colon = ": " if self.lang == "en" else "："
        return f"{found.title.get(self.lang)}{colon}{self.code(found, code)}" if found else code

    def key(self, key: str) -> str:
        """What an answer or a document is called."""
        return labels.label(self.pack, key, self.lang)

    def band(self, upto: int | None, before: int) -> str:
        """A band of days waited, after the one that ends at `before`."""
        if upto is None:
            return str(_("超过 %(n)d 天", n=before))
        first = before + 1 if before else 0
        return str(_("%(first)d 至 %(last)d 天", first=first, last=upto))
