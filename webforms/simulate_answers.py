"""Answers to the form, plausible for an invented person, for any pack: by the kind of field and by its words."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from models.interview.steps import Ask
from models.programme.pack import Column
from webforms.simulate_people import Person

_LEFT_BLANK = 0.3  # of what may be left blank
_PLACES = ("湖南省株洲市", "湖南省长沙市", "广东省广州市", "北京市海淀区", "云南省大理市", "陕西省西安市")
_WORKPLACES = (
    "样例机械制造有限公司",
    "样例市第一中学",
    "样例县人民医院",
    "样例农业科技合作社",
    "样例职业技术学院",
    "样例设计研究院",
)
_SCHOOLS = ("样例大学", "样例理工大学", "样例师范学院", "样例职业技术学院")
_SUBJECTS = ("机械工程", "汉语言文学", "临床医学", "土木工程", "农学", "会计学", "计算机科学与技术")
_POSTS = ("技术员", "车间主任", "教研组长", "副主任医师", "总经理", "项目负责人", "工程师")
_TITLES = ("工程师", "高级工程师", "高级经济师", "副教授")
_PRIZES = ("样例省科学技术进步奖", "样例省五一劳动奖章", "样例省技术能手", "样例省教学成果奖")
_GRANTORS = ("样例省人民政府", "样例省总工会", "样例省科学技术厅")
_PROJECTS = ("丘陵水稻机插秧关键技术", "轨道交通减振构件", "基层慢病管理模式", "地方戏曲数字化保护")
_LANGUAGES = ("英语", "日语", "俄语", "法语")
# Words of a label → what to write. The first that occurs counts, so the narrower stand first.
_WORDS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("邮箱",), ("yangli@example.com", "shili@example.org")),
    (("代码",), ("YL00000000X", "YL11111111X")),
    (("联系人", "推荐人"), ("样例甲", "样例乙", "样例丙")),
    (("资格", "职称"), ("工程师", "高级工程师", "高级技师")),
    (("院校", "学校", "毕业于"), _SCHOOLS),
    (("专业", "学科"), _SUBJECTS),
    (("语言", "语种"), _LANGUAGES),
    (("授予", "颁发", "颁奖", "发证"), _GRANTORS),
    (("项目", "成果", "课题"), _PROJECTS),
    (("表彰", "奖励名称", "荣誉", "名称"), _PRIZES),
    (("单位", "企业", "组织", "机构", "公司"), _WORKPLACES),
    (("职称",), _TITLES),
    (("职务", "岗位", "职位"), _POSTS),
    (("籍贯", "住址", "地址", "地点", "户籍", "地"), _PLACES),
    (("国家",), ("英国", "德国", "日本", "新加坡")),
    (("级", "等次"), ("省部级", "国家级")),
)


class Writer:
    """Fills in the form of one person. `before` holds what the person has answered so far."""

    def __init__(self, person: Person, random: Random, on: date) -> None:
        self._person = person
        self._random = random
        self._on = on
        self._began = min(person.birth + timedelta(days=random.randrange(18 * 365, 25 * 365)), on - timedelta(days=365))

    def answer(self, ask: Ask, before: dict[str, Any]) -> Any:
        """A canonical value, or the empty one where the field may be left blank."""
        if ask.suggestion is not None:
            return ask.suggestion
        if not ask.required and ask.kind != "rows" and self._random.random() < _LEFT_BLANK:
            return [] if ask.kind == "choices" else ""
        if ask.kind == "rows":
            return self._rows(ask)
        if ask.key == "field:name":
            return self._person.name
        return self._value(ask.kind, ask, ask.key.removeprefix("field:"), before)

    def _value(self, kind: str, spec: Any, ident: str, before: dict[str, Any]) -> Any:
        random = self._random
        if kind == "id_number":
            return self._person.id_number
        if kind == "passport_number":
            return f"E{random.randrange(10**8):08d}"
        if kind == "phone":
            return self._person.phone
        if kind == "choice":
            return self._choice(spec)
        if kind == "choices":
            values = [option.value for option in spec.options]
            picked = random.sample(values, min(len(values), random.choice((1, 1, 2))))
            return sorted(picked, key=values.index)
        if kind == "yes_no":
            return random.random() < 0.5
        if kind == "number":
            return random.randrange(1, 30)
        if kind in ("date", "month"):
            return self._day(spec, ident, before).isoformat()[: 10 if kind == "date" else 7]
        if kind == "long_text":
            return f"{self._text(spec)}。长期从事相关工作，业绩突出（样例文字，仅供演示）。"[: spec.max_length or None]
        return self._text(spec)[: spec.max_length or None]

    def _choice(self, spec: Any) -> str:
        values = [str(option.value) for option in spec.options]
        if set(values) == {"male", "female"}:
            return self._person.sex
        return self._random.choice(values)

    def _day(self, spec: Any, ident: str, before: dict[str, Any]) -> date:
        label = spec.label.zh
        if "出生" in label:
            return self._person.birth
        if "参加工作" in label:
            return self._began
        for end, start in (("_end", "_start"), ("_to", "_from"), ("_until", "_since")):
            begun = before.get(f"field:{ident.removesuffix(end)}{start}") if ident.endswith(end) else None
            if begun:
                first = date.fromisoformat(begun if len(begun) == 10 else f"{begun}-01")
                return self._between(first, min(self._on, first + timedelta(days=5 * 365)))
        return self._between(self._began, self._on)

    def _between(self, first: date, last: date) -> date:
        return first + timedelta(days=self._random.randrange(max(1, (last - first).days)))

    def _rows(self, ask: Ask) -> list[dict[str, Any]]:
        least = max(ask.min_rows, 1 if ask.required else 0)
        most = max(least, min(ask.max_rows or 3, 3))
        count = self._random.randint(least, most)
        ends = [self._between(self._began, self._on) for _ in range(count)]
        edges = sorted({self._began, *ends})
        return [self._row(ask.columns, edges, number, count) for number in range(min(count, len(edges)))]

    def _row(self, columns: tuple[Column, ...], edges: list[date], number: int, count: int) -> dict[str, Any]:
        """Rows follow one another in time: a period begins where the one before it ended."""
        starts = edges[number]
        ends = edges[number + 1] if number + 1 < len(edges) else self._on
        row: dict[str, Any] = {}
        days = iter((starts, ends))
        for column in columns:
            if column.kind in ("date", "month"):
                day = next(days, ends)
                ongoing = day is ends and number == count - 1 and not column.required
                row[column.id] = "" if ongoing else day.isoformat()[: 10 if column.kind == "date" else 7]
            else:
                row[column.id] = self._value(column.kind, column, column.id, {})
        return row

    def _text(self, spec: Any) -> str:
        label = spec.label.zh
        if all(word in label for word in ("单位", "职务")):
            return f"{self._random.choice(_WORKPLACES)} {self._random.choice(_POSTS)}"
        for words, texts in _WORDS:
            if any(word in label for word in words):
                return self._random.choice(texts)
        return f"样例{self._random.randrange(1, 1000)}"
