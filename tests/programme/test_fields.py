"""What people type is understood or refused with one sentence, and canonical values come back unchanged."""

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidAnswer
from models.interview import wording
from models.interview.steps import Ask, Stage
from models.programme import fields
from models.programme.pack import Column, Fact, FormField, Option, Text

TODAY = date(2026, 3, 1)
LABEL = Text(zh="某项", en="Thing")
OPTIONS = (
    Option(value="a", label=Text(zh="甲 类", en="First")),
    Option(value="b", label=Text(zh="乙类", en="Second, or so")),
    Option(value="c", label=Text(zh="同名", en="Twin")),
    Option(value="d", label=Text(zh="同名", en="Other twin")),
)
COLUMNS = (
    Column(id="start", kind="month", label=Text(zh="开始", en="From")),
    Column(id="end", kind="month", label=Text(zh="结束", en="To"), required=False),
    Column(id="what", kind="text", label=Text(zh="单位", en="Employer"), max_length=5),
)


def field(kind, **more):
    if kind in ("choice", "choices"):
        more.setdefault("options", OPTIONS)
    if kind == "rows":
        more.setdefault("columns", COLUMNS)
    return FormField(id="x", kind=kind, label=LABEL, clause="一", **more)


def fact(kind, **more):
    if kind in ("choice", "choices"):
        more.setdefault("options", OPTIONS)
    return Fact(id="x", kind=kind, question=LABEL, why=LABEL, **more)


READ = [
    (field("date"), "1990-1-5", "1990-01-05"),
    (field("date"), "1990.01.05", "1990-01-05"),
    (field("date"), "1990/1/5", "1990-01-05"),
    (field("date"), "1990年1月5日", "1990-01-05"),
    (field("date"), "１９９０年１月５日", "1990-01-05"),
    (field("date"), "19900105", "1990-01-05"),
    (field("date"), date(1990, 1, 5), "1990-01-05"),
    (field("month"), "2010.9", "2010-09"),
    (field("month"), "2010年9月", "2010-09"),
    (field("month"), "201009", "2010-09"),
    (field("month"), "2010年9月1日", "2010-09"),
    (COLUMNS[1], "至今", ""),
    (COLUMNS[1], "", ""),
    (COLUMNS[1], "Present", ""),
    (field("yes_no"), "是的", True),
    (field("yes_no"), "对。", True),
    (field("yes_no"), "没有", False),
    (field("yes_no"), " NO ", False),
    (field("number"), "１２", 12),
    (field("number"), "三", 3),
    (field("number"), "15年", 15),
    (field("number"), "1,200", 1200),
    (field("number"), 7, 7),
    (field("phone"), "138 0013 8000", "13800138000"),
    (field("phone"), "+86-13800138000", "13800138000"),
    (field("phone"), "008613800138000", "13800138000"),
    (field("phone"), "（０７３４）８１２３４５６", "0734-8123456"),
    (field("phone"), "+86 734 8123456", "0734-8123456"),
    (field("phone"), "010 6123 4567 转 12", "010-61234567-12"),
    (field("phone"), "0734-8123456-12", "0734-8123456-12"),
    (field("id_number"), "11010519491231002x", "11010519491231002X"),
    (field("passport_number"), " e 1234-5678 ", "E12345678"),
    (field("passport_number"), "ＡＢ1234", "AB1234"),
    (field("text"), " 张\u200b三\n ", "张三"),
    (field("text"), "ＡＢ１２（甲）", "AB12（甲）"),
    (field("text", digits=True), 1990, "1990"),
    (field("long_text"), "一\r\n二\t三", "一\n二 三"),
    (field("text"), "不确定", "不确定"),
    (field("choice"), "a", "a"),
    (field("choice"), "甲类", "a"),
    (field("choice"), "FIRST", "a"),
    (field("choice"), ["b"], "b"),
    (field("choices"), ["b", "a", "b"], ["a", "b"]),
    (field("choices"), "乙类、甲类", ["a", "b"]),
    (field("choices"), "Second, or so", ["b"]),
    (fact("choices"), [], []),
    (fact("choices"), "以上都没有", []),
    (fact("choices"), ["none"], []),
    (fact("choices"), "不确定", "unsure"),
    (fact("choices"), ["unsure"], "unsure"),
    (fact("choice"), "Not sure", "unsure"),
    (fact("yes_no"), "不知道。", "unsure"),
    (field("text", required=False), None, ""),
    (field("text"), "阿依古丽·买买提", "阿依古丽·买买提"),
    (field("text"), "O'Brien", "O'Brien"),
    (field("text"), "万一", "万一"),
    (field("text"), "无", "无"),
    (field("text"), "863计划", "863计划"),
    (field("text", digits=True), "76543210-1", "76543210-1"),
    (field("choices", required=False), [], []),
    (field("rows", required=False), [], []),
    (field("number", required=False), " ", ""),
    (
        field("rows"),
        [{"start": "2001.9", "end": "至今", "what": "厂"}, {"start": "", "end": "", "what": " "}],
        [{"start": "2001-09", "end": "", "what": "厂"}],
    ),
]


@pytest.mark.parametrize(("spec", "raw", "value"), READ)
def test_what_people_type_is_understood(spec, raw, value):
    assert fields.parse(spec, raw, today=TODAY) == value


@pytest.mark.parametrize(("spec", "raw", "value"), READ)
def test_a_canonical_value_comes_back_unchanged(spec, raw, value):
    if value == "" and isinstance(spec, FormField) and spec.required:
        raise AssertionError("a required field cannot be blank")
    assert fields.parse(spec, value, today=TODAY) == value


@pytest.mark.parametrize(("spec", "raw", "value"), READ)
def test_every_value_can_be_shown_and_put_into_a_cell(spec, raw, value):
    for lang in ("zh", "en"):
        assert isinstance(fields.display(spec, value, lang), str)
    assert fields.to_cell(spec, value) is None or isinstance(fields.to_cell(spec, value), (str, int))


REFUSED = [
    (field("text"), "", "error.required"),
    (field("text"), "\u200b\u200e", "error.required"),
    (field("text"), None, "error.required"),
    (field("choice"), "", "error.choose_one"),
    (field("choices"), [], "error.choose_some"),
    (fact("choices"), "", "error.choose_some"),
    (fact("choices"), None, "error.choose_some"),
    (field("text", max_length=3), "一二三四", "error.too_long"),
    (field("text"), {"a": 1}, "error.text"),
    *(
        (field("text"), left_over, "error.words_needed")
        for left_over in ("2", "２", "二", "1、3", "13900000000", "？", "👍")
    ),
    (field("place"), "2", "error.words_needed"),
    (field("long_text"), "1\n2", "error.words_needed"),
    (field("date"), "昨天", "error.date"),
    (field("date"), "1990-02-30", "error.date_not_real"),
    (field("date"), "1890-01-01", "error.year_range"),
    (field("date"), "90-1-5", "error.date"),
    (field("month"), "2010-13", "error.month_not_real"),
    (field("month"), "九月", "error.month"),
    (field("month"), "至今", "error.month_needed"),
    (COLUMNS[0], "至今", "error.month_needed"),
    (field("yes_no"), "也许", "error.yes_or_no"),
    (field("yes_no"), "不确定", "error.unsure_not_allowed"),
    (fact("yes_no", unsure=False), "不确定", "error.unsure_not_allowed"),
    (field("number"), "三点五", "error.number"),
    (field("number"), "3.5", "error.number"),
    (field("number"), "-3", "error.number"),
    (field("number"), True, "error.number"),
    (field("number"), "99999999999", "error.number_range"),
    (field("phone"), "1380013800", "error.phone_mobile_length"),
    (field("phone"), "8123456", "error.phone_area_code"),
    (field("phone"), "abc", "error.phone"),
    (field("passport_number"), "E1234", "error.passport"),
    (field("passport_number"), "E123456789", "error.passport"),
    (field("passport_number"), "ABCDEF", "error.passport"),
    (field("passport_number"), "11010519491231002X", "error.passport_id"),
    (field("phone"), "12345678901", "error.phone"),
    (field("choice"), "丙", "error.not_an_option"),
    (field("choice"), "同名", "error.ambiguous_option"),
    (field("choice"), ["a", "b"], "error.several_chosen"),
    (field("choices"), ["a", "zzz"], "error.not_an_option"),
    (field("choices"), ["a", "none"], "error.not_an_option"),
    (fact("choices"), ["a", "unsure"], "error.unsure_with_others"),
    (fact("choices"), ["a", "none"], "error.none_with_others"),
    (fact("choices"), ["a", "unsure"], "error.unsure_with_others"),
    (field("rows"), "厂", "error.rows"),
    (field("rows"), [], "error.required"),
    (field("rows", min_rows=2), [{"start": "", "what": ""}], "error.too_few_rows"),
    (field("rows", max_rows=1), [{"start": "2001-1", "what": "厂"}] * 2, "error.too_many_rows"),
    (field("rows"), [{"start": "2001-1", "what": "厂", "pay": "1"}], "error.row_shape"),
    (field("rows"), [["2001-1"]], "error.row_shape"),
]


@pytest.mark.parametrize(("spec", "raw", "key"), REFUSED)
def test_what_cannot_be_the_answer_is_refused_with_a_sentence(spec, raw, key):
    with pytest.raises(InvalidAnswer) as caught:
        fields.parse(spec, raw, today=TODAY)
    assert caught.value.key == key
    for lang in ("zh", "en"):
        assert wording.error(caught.value, lang)


@pytest.mark.parametrize(
    ("row", "column", "key"),
    [
        ({"start": "", "what": "厂"}, "start", "error.required"),
        ({"start": "2001-13", "what": "厂"}, "start", "error.month_not_real"),
        ({"start": "2001-1", "what": "很长很长的单位"}, "what", "error.too_long"),
        ({"start": "2001-5", "end": "2001-4", "what": "厂"}, "end", "error.range_order"),
    ],
)
def test_an_error_in_a_row_names_row_and_column(row, column, key):
    good = {"start": "2001-1", "end": "2001-1", "what": "厂"}
    with pytest.raises(InvalidAnswer) as caught:
        fields.parse(field("rows"), [good, row], today=TODAY)
    params = caught.value.params
    assert (params["row"], params["column_id"], params["problem"].key) == (2, column, key)
    assert wording.error(caught.value, "zh").startswith("第 2 行“")
    assert wording.error(caught.value, "en").startswith("Row 2, “")


def test_options_given_narrow_the_list():
    assert fields.parse(field("choice"), "同名", options=OPTIONS[:3], today=TODAY) == "c"
    with pytest.raises(InvalidAnswer):
        fields.parse(field("choice"), "d", options=OPTIONS[:3], today=TODAY)


KINDS = ["text", "long_text", "choice", "choices", "yes_no", "number", "date", "month", "id_number", "phone", "rows"]
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["start", "end", "what", "x"]), inner),
    max_leaves=5,
)


@given(st.sampled_from(KINDS), st.booleans(), anything)
def test_anything_at_all_is_read_or_refused_and_reading_twice_changes_nothing(kind, required, raw):
    spec = field(kind, required=required)
    try:
        value = fields.parse(spec, raw, today=TODAY)
    except InvalidAnswer as exc:
        assert wording.error(exc, "zh")
        assert wording.error(exc, "en")
        return
    assert fields.parse(spec, value, today=TODAY) == value
    for lang in ("zh", "en"):
        assert isinstance(fields.display(spec, value, lang), str)
    fields.to_cell(spec, value)


@given(st.text(min_size=1))
def test_stored_text_has_no_invisible_characters_and_encodes(raw):
    try:
        value = fields.parse(field("text"), raw, today=TODAY)
    except InvalidAnswer:
        return
    assert value == value.strip()
    assert not {unicodedata.category(char) for char in value} & {"Cc", "Cf", "Cs"}
    value.encode("utf-8")


SHOWN = [
    (field("date"), "1990-01-05", "1990年1月5日", "5 January 1990"),
    (field("month"), "2010-09", "2010年9月", "September 2010"),
    (COLUMNS[1], "", "至今", "present"),
    (COLUMNS[0], "", "", ""),
    (field("yes_no"), True, "是", "Yes"),
    (field("choices"), ["a", "b"], "甲 类、乙类", "First, Second, or so"),
    (fact("choices"), [], "以上都没有", "None of these"),
    (fact("choice"), "unsure", "不确定", "Not sure"),
    (field("choice"), "gone", "gone", "gone"),
    (field("number"), 0, "0", "0"),
    (
        field("rows"),
        [{"start": "2001-09", "end": "", "what": "厂"}],
        "2001年9月，至今，厂",
        "September 2001, present, 厂",
    ),
]


@pytest.mark.parametrize(("spec", "value", "zh", "en"), SHOWN)
def test_values_are_shown_in_words(spec, value, zh, en):
    assert fields.display(spec, value, "zh") == zh
    assert fields.display(spec, value, "en") == en


def test_cells_hold_labels_iso_dates_and_numbers():
    assert fields.to_cell(field("choice"), "a") == "甲 类"
    assert fields.to_cell(field("date"), "1990-01-05") == "1990-01-05"
    assert fields.to_cell(field("number"), 0) == 0
    assert fields.to_cell(field("choices"), []) is None
    assert fields.to_cell(COLUMNS[1], "") is None
    assert fields.to_cell(field("id_number"), "11010519491231002X") == "11010519491231002X"


NAME = Ask("field:name", Stage.FORM, "text", Text(zh="姓名", en="Name"), digits=False, is_name=True)
NAMES = """
    张三 欧阳娜娜 阿依古丽·买买提 买买提•艾力 㐂 𠮷田一郎 王玥䶮 五十六 万年 岁月 年月 三月 Anna-Maria O'Neill J.Smith
    X.Æ.A-12 石生 Иван احمد 홍길동
"""


@pytest.mark.parametrize(
    "name", [*NAMES.split(), "Mary Ann Lee", "Jennifer 8. Lee", "迪丽热巴 · 迪力木拉提", "Louis 14"]
)
def test_rare_names_are_names(name):
    assert fields.parse(NAME, name, today=TODAY)


@pytest.mark.parametrize(
    "written",
    [
        *(
            "18年",
            "１８年",
            "1980年5月6日",
            "1980.5.6生",
            "80年",
            "5月6日",
            "一九八〇年五月",
            "十八年",
            "45岁",
            "May 6, 1980",
        ),
        *(
            "11010519491231002X",
            "110105 19491231 002x",
            "１１０１０５１９４９１２３１００２Ｘ",
            "身份证110105",
            "张三 13812345678",
        ),
        *("zhang@example.com", "电话：0734-8123456"),
    ],
)
def test_a_number_or_a_date_is_no_name(written):
    with pytest.raises(InvalidAnswer) as refused:
        fields.parse(NAME, written, today=TODAY)
    assert refused.value.key == "error.name_needed"
