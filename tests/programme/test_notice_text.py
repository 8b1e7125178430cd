"""A notice's text beside its pack: contact persons taken out, quotations found where they stand."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.programme import loader
from models.programme.notice_text import LEFT_OUT, marked, without_contacts
from models.programme.pack import Clause

GUILD = loader.load_folder(Path(__file__).parent / "packs" / "guild")


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("2.联系人：甲某某、乙某", "2." + LEFT_OUT),
        ("3.联系电话：0000－1234567（传真） 13900000000", "3." + LEFT_OUT),
        ("报人才科，联系电话：0990-1234567；联系人：甲某、乙某某。", "报人才科，" + LEFT_OUT),
        ("请与中心联系，联系人及电话：甲某，61234567。", "请与中心联系，" + LEFT_OUT),
        ("甲某某 0951-1234567 13900000000", LEFT_OUT),
        ("邮箱：office@example.org", LEFT_OUT),
        ("4.QQ邮箱：123456789", "4." + LEFT_OUT),
        # what stays
        ("1.报送地点：办公楼313室", None),
        ("联系人：                                 联系电话：", None),  # a form to be filled in
        ("2016年1月至3月31日，衡人才办发〔2015〕6号", None),
        ("身份证号、职称、18个月、国统字〔2011〕75号", None),
    ],
)
def test_contact_persons_are_taken_out_and_nothing_else(line, left):
    assert without_contacts(f"前\n{line}\n后") == f"前\n{line if left is None else left}\n后"


def test_the_notices_at_hand_keep_every_quotation_and_no_number():
    """Their texts are not part of the project: BOLE_NOTICES says where they are."""
    folder = os.environ.get("BOLE_NOTICES")
    for pack in map(loader.load_pack, loader.pack_slugs() if folder else ()):
        text = without_contacts((Path(folder) / f"{pack.text_name}.txt").read_text("utf-8"))
        assert re.findall(r"1[3-9]\d{9}|0\d{2,3}[-－]\d{7,8}|@", text) == []
        quoted = {ref for spans in marked(text, pack) for span in spans for ref in span.clauses}
        assert quoted == {clause.ref for clause in pack.clauses if clause.quote}


def pack_with(*quotes):
    clauses = tuple(Clause(ref=str(n), heading="某", quote=quote) for n, quote in enumerate(quotes, start=1))
    return GUILD.model_copy(update={"clauses": clauses})


def spans_of(text, *quotes):
    return [[(span.text, span.clauses) for span in spans] for spans in marked(text, pack_with(*quotes))]


def test_a_quotation_is_found_over_line_ends_and_blanks():
    assert spans_of("一、具有　高级\n职称的 人员。", "具有高级职称的人员") == [
        [("一、", ()), ("具有　高级", ("1",))],
        [("职称的 人员", ("1",)), ("。", ())],
    ]


def test_words_left_out_of_a_quotation_are_not_marked():
    assert spans_of("包括甲、乙、丙三类。", "包括……三类") == [
        [("包括", ("1",)), ("甲、乙、丙", ()), ("三类", ("1",)), ("。", ())]
    ]


def test_words_that_occur_twice_belong_to_their_own_clause():
    text = "（1）甲类\n符合之一\n（2）乙类\n符合之一"
    found = spans_of(text, "甲类", "符合之一", "乙类", "符合之一")
    assert found == [
        [("（1）", ()), ("甲类", ("1",))],
        [("符合之一", ("2",))],
        [("（2）", ()), ("乙类", ("3",))],
        [("符合之一", ("4",))],
    ]


def test_two_clauses_may_quote_the_same_words_and_one_nothing():
    assert spans_of("甲乙丙", "甲乙", "乙丙", "", "丁") == [[("甲", ("1",)), ("乙", ("1", "2")), ("丙", ("2",))]]


@given(st.text(alphabet="甲乙 \n　丙", max_size=30), st.lists(st.text(alphabet="甲乙丙…", max_size=4), max_size=4))
def test_no_word_of_the_text_is_lost(text, quotes):
    lines = [line for line in text.splitlines() if line.strip()]
    assert ["".join(span.text for span in spans) for spans in marked(text, pack_with(*quotes))] == lines
