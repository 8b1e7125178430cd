"""Graduation and degree certificates over typed lines: what they say is taken, what they do not say is not."""

import pytest
from typed_pages import Typed, rows_of, values

from workers.ocr import certificate, contract, diploma

GRADUATION = (
    "普通高等学校毕业证书",
    "学生 王小明 性别 男，一九九二年五月六日生，于二〇一〇年九",
    "月至二〇一四年六月在本校 机械设计制造及其自动化 专业",
    "四年制本科学习，修完教学计划规定的全部课程，成绩合",
    "格，准予毕业。",
    ("校名：江北理工大学", "校（院）长：李四"),
    ("证书编号：105321201405001234", "二〇一四年六月二十日"),
)
DEGREE = (
    "硕士学位证书",
    "阿依古丽·买买提，女，1990年1月16日生。在江北农业大学",
    "土壤学 学科（专业）已通过硕士学位的课程考试和论文答辩，",
    "成绩合格。根据《中华人民共和国学位条例》的规定，授予农学硕",
    "士学位。",
    ("江北农业大学", "校长 张三"),
    ("证书编号：1053232015001234", "2015年7月2日"),
)


def test_a_sentence_about_a_graduate(line: Typed) -> None:
    assert values(diploma.read(rows_of(line, *GRADUATION))) == {
        "name": "王小明",
        "school": "江北理工大学",
        "major": "机械设计制造及其自动化",
        "education": "本科",
        "issued_on": "2014-06-20",
        "number": "105321201405001234",
    }


def test_a_degree_and_a_name_with_a_dot(line: Typed) -> None:
    assert values(diploma.read(rows_of(line, *DEGREE))) == {
        "name": "阿依古丽·买买提",
        "school": "江北农业大学",
        "major": "土壤学",
        "degree": "农学硕士",
        "issued_on": "2015-07-02",
        "number": "1053232015001234",
    }


def test_labels_instead_of_a_sentence(line: Typed) -> None:
    page = rows_of(
        line,
        "成人高等教育毕业证书",
        "姓　　名：王小明",
        "性　　别：男",
        "出生日期：1980年5月6日",
        "专　　业：护理学",
        "层　　次：专科起点本科",
        ("江北科技学院", "院长：李四"),
        ("编　　号：AB123456", "2006年7月"),
    )
    assert values(diploma.read(page)) == {
        "name": "王小明",
        "school": "江北科技学院",
        "major": "护理学",
        "education": "本科",
        "issued_on": "2006-07",
        "number": "AB123456",
    }


def test_a_heading_is_not_part_of_the_name(line: Typed) -> None:
    page = rows_of(line, "硕士研究生毕业证书", "研究生 李小红 性别 女，于2018年9月至2021年6月在 药学 专业学习")
    assert values(diploma.read(page)) == {"name": "李小红", "education": "硕士研究生", "major": "药学"}


def test_dates_within_the_sentence_are_not_the_papers(line: Typed) -> None:
    without = rows_of(line, *GRADUATION[:-1], ("证书编号：105321201405001234", ""))
    assert "issued_on" not in diploma.read(without)


@pytest.mark.parametrize("other", ["江南工业大学", "江北师范大学"])
def test_two_schools_are_none(line: Typed, other: str) -> None:
    page = rows_of(line, *GRADUATION[:-2], "江北理工大学", other, GRADUATION[-1])
    assert "school" not in diploma.read(page)


def test_the_head_of_the_school_is_not_the_graduate(line: Typed) -> None:
    page = rows_of(line, "毕业证书", ("", "校长：李四"), "二〇一四年六月二十日")
    assert set(diploma.read(page)) == {"issued_on"}


def test_what_was_read_unsurely_shows_that_it_is_there_but_not_what(line: Typed) -> None:
    shown = diploma.read(rows_of(line, *GRADUATION, sure=0.4))
    assert set(shown) == {"name", "school", "major", "education", "issued_on", "number"}
    assert all(one.value is None and one.text for one in shown.values())


def test_values_say_where_they_stand(line: Typed) -> None:
    shown = diploma.read(rows_of(line, *GRADUATION))
    assert shown["number"].box == pytest.approx((0.05, 0.41, 0.05 + 0.03 * 23, 0.45))
    assert not any(one.trusted for one in shown.values())


@pytest.mark.parametrize("page", [GRADUATION, DEGREE])
def test_diplomas_look_like_diplomas(line: Typed, page: tuple[str, ...]) -> None:
    lines = rows_of(line, *page)
    assert diploma.likeness(lines) > 0.6
    assert certificate.likeness(lines) < 0.3 > contract.likeness(lines)


@pytest.mark.parametrize(
    ("rows", "education", "major"),
    [
        (("于1995年9月至1998年7月在本校会计学专业", "函授专科学习，修完三年制教学计划规定的课程"), "专科", "会计学"),
        (("参加汉语言文学专业高等教育自学考试，修完", "本科课程，经审定合格，准予毕业。"), "本科", "汉语言文学"),
        (("在本校法学专业学习，修完专科起点本科教学计划",), "本科", "法学"),
        (("在本校护理学专业三年制专科学习，修完本科教学计划",), None, "护理学"),
    ],
    ids=["correspondence", "self-study", "topping up", "contradiction"],
)
def test_other_ways_of_studying(line: Typed, rows: tuple[str, ...], education: str | None, major: str) -> None:
    shown = values(diploma.read(rows_of(line, "毕业证书", *rows)))
    assert (shown.get("education"), shown["major"]) == (education, major)


def test_the_kind_of_school_in_a_heading_is_not_the_school(line: Typed) -> None:
    shown = values(diploma.read(rows_of(line, "普通高等学校", "毕业证书", "江北大学", "主考院校")))
    assert shown["school"] == "江北大学"


def test_an_older_degree_names_where_its_holder_is_from(line: Typed) -> None:
    page = rows_of(line, "学士学位证书", "王小明系江北县人，生于一九七〇年五月。在我校化学系", "应用化学专业本科毕业")
    assert values(diploma.read(page))["name"] == "王小明"
