"""Columns that the unit fills in: their values, their lists, and on the cover note who still lacks them."""

from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook

from models.office.workbook_data import Record, UnitRecords, content_hash
from models.programme.loader import load_pack
from workers.sheets.summary import build_table

PACK = load_pack("ningxia-2020")
ON = date(2020, 7, 1)
ASKED = ("professional_quality", "performance", "post_match")


def person(number, **more):
    answers = {"field:name": f"样例{number}", "field:graduated": "2008-07", "field:employer": "样例机械厂"}
    return Record(f"{number:032x}", f"BL-0000-000{number}", "submitted", ("leading",), answers, **more)


RATED = person(
    1,
    unit_values={"professional_quality": "high", "performance": "=优秀", "role_leading": "unsatisfactory"},
    unit_lacking=("post_match", "next_step"),
    stands_in=frozenset({"leading"}),
)
PLAIN = person(2, unit_lacking=ASKED)
UNIT = UnitRecords("ningxia-2020", "r", "样例批次", "u", "yinchuan", "银川市", (RATED, PLAIN))


def opened(table):
    return load_workbook(BytesIO(build_table(PACK, table, UNIT, ON)))


def rows(sheet):
    heads = {cell.value: cell.column for cell in sheet[2]}
    return lambda number, head: sheet.cell(2 + number, heads[head]).value


def test_values_stand_in_their_columns_in_the_notice_s_words():
    value = rows(opened(PACK.workbooks.summary).worksheets[0])
    assert [value(1, head) for head in ("专业素质", "工作绩效", "岗位匹配度")] == ["高", "=优秀", None]
    assert [value(2, head) for head in ("专业素质", "工作绩效", "岗位匹配度")] == [None, None, None]
    assert value(1, "毕业时间") == "2008.07"
    assert value(1, "地区") == value(1, "单位") == "样例机械厂"


def test_each_table_has_its_own_rating_and_drop_down():
    book = opened(PACK.workbooks.tables[0])
    assert rows(book.worksheets[0])(1, "现任岗位作用发挥情况") == "不合格"
    lists = {tuple(c.value for c in column if c.value) for sheet in book.worksheets for column in sheet.columns}
    assert any(found[-4:] == ("优秀", "良好", "一般", "不合格") for found in lists)


@pytest.mark.parametrize(
    ("table", "waiting"),
    [
        (
            PACK.workbooks.summary,
            {"BL-0000-0001": "样例1：岗位匹配度", "BL-0000-0002": "样例2：专业素质、工作绩效、岗位匹配度"},
        ),
        (PACK.workbooks.tables[0], {"BL-0000-0001": "样例1：下一步培养使用方向"}),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
def test_the_cover_note_names_who_still_lacks_them(table, waiting):
    note = {row[1].value: row[2].value for row in opened(table)["说明"].iter_rows()}
    assert {receipt: note.get(receipt) for receipt in waiting} == waiting
    assert note["还没填"] == f"{len(waiting)} 人（逐人列于下）"


def test_what_is_confidential_is_said_where_it_stands():
    note = {row[1].value: row[2].value for row in opened(PACK.workbooks.summary)["说明"].iter_rows()}
    assert note["保密"].startswith("专业素质、工作绩效、岗位匹配度")
    assert "保密" not in {row[1].value for row in opened(PACK.workbooks.tables[0])["说明"].iter_rows()}


def test_what_the_unit_fills_in_makes_another_workbook():
    changed = UnitRecords(*(*[getattr(UNIT, name) for name in UNIT.__slots__[:6]], (PLAIN,)))
    blank = UnitRecords(*(*[getattr(UNIT, name) for name in UNIT.__slots__[:6]], (person(2),)))
    assert content_hash(changed, "1", "summary") != content_hash(blank, "1", "summary")
