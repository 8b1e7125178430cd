"""An invented programme, its unit and its people: enough to draw every kind of cell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from PIL import Image

from models.office.workbook_data import Exclusion, Record, UnitRecords
from models.programme import idnumber
from models.programme.pack import Pack

ON = date(2026, 11, 21)


def _text(zh: str) -> dict[str, str]:
    return {"zh": zh, "en": zh}


def _option(value: str, zh: str) -> dict[str, object]:
    return {"value": value, "label": _text(zh)}


def _field(ident: str, kind: str, zh: str, **more: object) -> dict[str, object]:
    return {"id": ident, "kind": kind, "label": _text(zh), "clause": "一", **more}


def _cell(header: str, source: str, **more: object) -> dict[str, object]:
    return {"header": header, "source": source, "clause": "一", **more}


LONG_LIST = [_option(f"c{number}", f"注册某某工程师（第{number}类）") for number in range(60)]
SEXES = [_option("male", "男"), _option("female", "女")]
LANGUAGES = [_option("en", "英语"), _option("ja", "日语"), _option("ru", "俄语")]
DUTIES_COLUMNS = [
    {"id": "start", "kind": "month", "label": _text("起始时间")},
    {"id": "end", "kind": "month", "label": _text("终止时间"), "required": False},
    {"id": "post", "kind": "text", "label": _text("工作单位及职务")},
]

PACK = {
    "programme": {
        "slug": "tiny",
        "version": "1",
        "title": _text("关于建立样例人才库的通知"),
        "short": _text("样例人才库"),
        "summary": _text("样例"),
        "issuer": _text("样例办公室"),
        "document_number": "样发〔2026〕1号",
        "issued": date(2026, 1, 1),
        "opens": date(2026, 1, 1),
        "closes": date(2026, 12, 31),
        "dates_clause": "一",
        "consents": [],
        "declarations": [],
        "open_points": [
            {
                "id": "columns",
                "clause": "附件2",
                "reason": _text("汇总表的栏目正文没有给出。"),
                "default": _text("按填写说明。"),
            }
        ],
    },
    "clauses": [{"ref": "一", "heading": "一"}],
    "eligibility": {
        "claim_question": _text("哪一类？"),
        "facts": [
            {
                "id": "level",
                "kind": "choice",
                "question": _text("级别？"),
                "why": _text("决定类别"),
                "options": [_option("one", "一级"), _option("two", "二级")],
            }
        ],
        "conditions": [],
        "categories": [
            {"id": "skilled", "clause": "一", "name": _text("高技能人才"), "plain": _text("有证书")},
            {"id": "abroad", "clause": "一", "name": _text("留学回国人员"), "plain": _text("留过学")},
        ],
    },
    "form": {
        "sections": [
            {
                "id": "basic",
                "title": _text("基本信息"),
                "clause": "一",
                "fields": [
                    _field("name", "text", "姓名"),
                    _field("sex", "choice", "性别", options=SEXES),
                    _field("birth", "date", "出生年月日"),
                    _field("id_number", "id_number", "身份证号", sensitive=True),
                    _field("phone", "phone", "联系电话", sensitive=True),
                    _field("certificate", "choice", "注册执业资格", options=LONG_LIST, required=False),
                    _field("languages", "choices", "熟悉语言", options=LANGUAGES, required=False),
                    _field("note", "long_text", "主要事迹", max_length=2000, required=False),
                    _field("duties", "rows", "工作简历", columns=DUTIES_COLUMNS),
                ],
            }
        ]
    },
    "documents": {
        "documents": [
            {
                "id": "photo",
                "title": _text("照片"),
                "why": _text("贴表"),
                "counts": _text("免冠照"),
                "clause": "一",
                "portrait": True,
            }
        ]
    },
    "routing": {
        "office": "office",
        "fallback": "office",
        "fallback_clause": "一",
        "units": [{"id": "office", "name": _text("样例市人才办"), "clause": "一"}],
        "routes": [],
    },
    "workbooks": {
        "summary": {
            "title": "样例人才信息汇总表",
            "clause": "一",
            "header_line": "报送时间：{date}    报送单位：{unit}（单位公章）",
            "inferred": True,
            "columns": [
                _cell("序号", "seq", width=6),
                _cell("姓名", "field:name", width=10),
                _cell("性别", "field:sex", width=6),
                _cell("出生年月日", "field:birth"),
                _cell("身份证号", "field:id_number"),
                _cell("人才类型", "category", width=22),
                _cell("级别", "fact:level"),
                _cell("注册执业资格", "field:certificate", width=20),
                _cell("熟悉语言", "field:languages"),
                _cell("主要事迹", "field:note", width=30),
                _cell("联系电话", "field:phone"),
                _cell("备注", "blank"),
            ],
        },
        "tables": [
            {
                "id": "abroad",
                "label": "留学人员表",
                "title": "样例留学人员推荐表",
                "clause": "一",
                "when": {"category": ["abroad"]},
                "footer_line": "填报人：        审核人：        {unit}",
                "notes": ["“姓名”栏照证件填写；", "“语言”栏可以填几种。"],
                "spare_rows": 3,
                "columns": [
                    _cell("序号", "seq", width=6),
                    _cell("单位", "unit_name"),
                    _cell("姓名", "field:name", group="留学人员"),
                    _cell("语言", "field:languages", group="留学人员"),
                    _cell("依据", "clause"),
                ],
            }
        ],
        "unit_tables": [
            {
                "id": "totals",
                "label": "总量统计表",
                "title": "样例人员总量统计表",
                "clause": "一",
                "rows": ["东区", "西区"],
                "total": "总计",
                "columns": [
                    {"id": "region", "kind": "text", "header": "地区", "clause": "一"},
                    {"id": "full", "kind": "number", "header": "正高级", "group": "高级职称", "clause": "一"},
                    {"id": "deputy", "kind": "number", "header": "副高级", "group": "高级职称", "clause": "一"},
                    {
                        **{"id": "senior", "kind": "number", "header": "小计", "group": "高级职称", "clause": "一"},
                        "sum_of": ["full", "deputy"],
                    },
                    {"id": "other", "kind": "number", "header": "其他", "clause": "一", "required": False},
                    {
                        **{"id": "all", "kind": "number", "header": "合计", "clause": "一"},
                        "sum_of": ["senior", "other"],
                    },
                ],
            },
            {
                "id": "plan",
                "label": "引进计划表",
                "title": "样例引进计划表",
                "clause": "一",
                "header_line": "填报单位（盖章）：{unit}    填报日期：{date}",
                "spare_rows": 4,
                "columns": [
                    {"id": "post", "kind": "text", "header": "岗位", "clause": "一"},
                    {"id": "number", "kind": "number", "header": "数量", "clause": "一", "at_least": 1, "at_most": 9},
                    {
                        **{"id": "way", "kind": "choice", "header": "方式", "clause": "一"},
                        "options": [_option("full", "全职引进"), _option("part", "柔性引进")],
                    },
                    {"id": "holder", "kind": "id_number", "header": "身份证号", "clause": "一", "required": False},
                ],
            },
        ],
        "form": {
            "title": "样例人才信息采集表",
            "clause": "一",
            "inferred": True,
            "opinion": "主管部门组织人事部门审核意见",
            "opinion_clause": "一",
            "blocks": [
                {"title": "一、人才类型", "cells": [_cell("人才类型", "category")]},
                {
                    "title": "二、基本信息",
                    "cells": [
                        _cell("姓名", "field:name"),
                        _cell("性别", "field:sex"),
                        _cell("出生年月日", "field:birth"),
                        _cell("身份证号", "field:id_number"),
                        _cell("联系电话", "field:phone"),
                        _cell("级别", "fact:level"),
                        _cell("注册执业资格", "field:certificate"),
                        _cell("照片", "document:photo"),
                        _cell("主要事迹", "field:note"),
                    ],
                },
                {
                    "title": "三、留学",
                    "when": {"category": ["abroad"]},
                    "cells": [_cell("熟悉语言", "field:languages")],
                },
                {"title": "四、工作简历", "cells": [_cell("工作简历", "rows:duties")]},
            ],
        },
    },
}


@pytest.fixture(scope="session")
def pack() -> Pack:
    return Pack.model_validate(PACK)


MakeRecord = Callable[..., Record]


@pytest.fixture(scope="session")
def make_record() -> MakeRecord:
    """`make_record(3, name=...)`: a whole person; answers may be replaced by field id."""

    def make(number: int, **answers: object) -> Record:
        birth = date(1960 + number % 40, 1 + number % 12, 1 + number % 28)
        given: dict[str, object] = {
            "name": f"样本{number}",
            "sex": "male" if number % 2 else "female",
            "birth": birth.isoformat(),
            "id_number": idnumber.make("430405", birth, number % 1000),
            "phone": f"1390000{number:04d}",
            "certificate": f"c{number % 60}",
            "languages": ["en", "ja"] if number % 3 == 0 else [],
            "note": "主持过一项样例工程。" * (1 + number % 5),
            "duties": [
                {"start": "1999-07", "end": "2008-01", "post": "样例机械厂 技术员"},
                {"start": "2008-02", "end": "", "post": "样例重工集团股份有限公司第二分厂 高级技师、车间副主任"},
            ],
        } | answers
        return Record(
            application_id=f"{number:032x}",
            receipt=f"BL-{number:04d}-SAMP",
            status="approved" if number % 2 else "submitted",
            categories=("skilled", "abroad") if number % 3 == 0 else ("skilled",),
            answers={f"field:{key}": value for key, value in given.items()} | {"fact:level": "one"},
            pack_version="1",
            submitted_on=ON,
        )

    return make


@pytest.fixture(scope="session")
def make_unit(make_record: MakeRecord) -> Callable[..., UnitRecords]:
    def make(count: int = 3, records: tuple[Record, ...] | None = None, **more: object) -> UnitRecords:
        values: dict[str, object] = {
            "programme": "tiny",
            "round_id": "a" * 32,
            "round_name": "2026年度",
            "unit_id": "b" * 32,
            "unit_code": "office",
            "unit_name": "样例市人才办",
            "records": records if records is not None else tuple(make_record(n) for n in range(1, count + 1)),
            "exclusions": (Exclusion("BL-OUT1-SAMP", "withdrawn"), Exclusion("BL-OUT2-SAMP", "returned")),
        }
        return UnitRecords(**(values | more))  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A made-up portrait: a plain JPEG."""
    out = BytesIO()
    Image.new("RGB", (600, 840), (70, 110, 170)).save(out, "JPEG")
    return out.getvalue()
