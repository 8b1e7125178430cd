"""Certificates of titles, trades and honours over typed lines."""

from datetime import date

import pytest
from typed_pages import Typed, rows_of, values

from models.programme import idnumber
from workers.ocr import certificate, contract, diploma

NUMBER = idnumber.make("430499", date(1985, 3, 2), 124)
TITLE = (
    ("", "姓　　名：王小明"),
    ("", "性　　别：女"),
    ("专业技术资格证书", "专业名称：建筑施工"),
    ("", "资格名称：高级工程师"),
    (f"身份证号：{NUMBER}", "授予时间：二〇一九年六月"),
    ("证书编号：C1234567", "发证单位：江北省人力资源和社会保障厅"),
)
SKILL = (
    ("", "发证日期 2015年03月09日"),
    ("中华人民共和国职业资格证书", "证书编号 1512345678901234"),
    ("姓 名 王小明", f"身份证号 {NUMBER}"),
    ("性 别 女", "职业（工种）及等级"),
    ("出生日期 1985年03月02日", "汽车维修工 三级/高级"),
    ("", "职业技能鉴定机构：江北省职业技能鉴定中心"),
)
HONOUR = (
    "荣誉证书",
    "王小明 同志：",
    "在2018年度工作中成绩突出，被评为“先进工作者”，",
    "特发此证，以资鼓励。",
    ("证书编号：2019-0012", "江北市人民政府"),
    ("", "二〇一九年一月八日"),
)


def test_a_title_in_two_columns(line: Typed) -> None:
    shown = certificate.read(rows_of(line, *TITLE))
    assert values(shown) == {
        "name": "王小明",
        "id_number": NUMBER,
        "title": "高级工程师",
        "speciality": "建筑施工",
        "issued_on": "2019-06",
        "issuer": "江北省人力资源和社会保障厅",
        "number": "C1234567",
    }
    assert {name for name, one in shown.items() if one.trusted} == {"id_number"}


def test_a_trade_with_its_level_below_the_label(line: Typed) -> None:
    assert values(certificate.read(rows_of(line, *SKILL))) == {
        "name": "王小明",
        "id_number": NUMBER,
        "trade": "汽车维修工",
        "level": "三级/高级",
        "issued_on": "2015-03-09",
        "issuer": "江北省职业技能鉴定中心",
        "number": "1512345678901234",
    }


def test_an_honour_is_signed_above_its_date(line: Typed) -> None:
    assert values(certificate.read(rows_of(line, *HONOUR))) == {
        "name": "王小明",
        "issued_on": "2019-01-08",
        "issuer": "江北市人民政府",
        "number": "2019-0012",
    }


def test_labels_in_two_languages(line: Typed) -> None:
    page = rows_of(
        line,
        "社会工作师",
        "Professional Qualification Certificate",
        ("姓 名 Full Name：", "阿米娜·沙比尔"),
        ("证件号码 ID No.：", NUMBER),
        ("级 别 Level：", "中级"),
        ("专 业 Speciality：", "社会工作"),
        ("批准日期 Approval Date：", "2021年6月20日"),
        ("管 理 号 File No.：", "20210612345"),
    )
    page[0] = line("社会工作师", 0.3, 0.0, height=0.08)
    assert values(certificate.read(page)) == {
        "name": "阿米娜·沙比尔",
        "id_number": NUMBER,
        "title": "社会工作师",
        "level": "中级",
        "speciality": "社会工作",
        "issued_on": "2021-06-20",
        "number": "20210612345",
    }


def test_a_title_in_a_sentence(line: Typed) -> None:
    page = rows_of(line, "资格证书", "经评审委员会评审通过，王小明同志具备正高级", "农艺师任职资格。")
    assert values(certificate.read(page))["title"] == "正高级农艺师"


def test_when_a_title_was_obtained_counts_before_when_the_paper_was_made(line: Typed) -> None:
    page = rows_of(line, "发证日期：2021年3月1日", "取得时间：2020年12月15日", "出生日期：1985年3月2日")
    assert values(certificate.read(page)) == {"issued_on": "2020-12-15"}


def test_a_birth_date_is_not_the_papers(line: Typed) -> None:
    assert "issued_on" not in certificate.read(rows_of(line, "职业资格证书", "出生日期：1985年3月2日"))


def test_eighteen_digits_without_the_label_are_not_an_id_number(line: Typed) -> None:
    assert "id_number" not in certificate.read(rows_of(line, f"证书编号：{NUMBER}", NUMBER))


def test_a_printed_sex_that_says_otherwise_takes_the_trust_away(line: Typed) -> None:
    page = rows_of(line, *[tuple(text.replace("：女", "：男") for text in row) for row in TITLE])
    assert not certificate.read(page)["id_number"].trusted


def test_two_people_are_none(line: Typed) -> None:
    page = rows_of(line, "荣誉证书", "王小明 同志：", "李小红 同志：", "被评为先进工作者。")
    assert "name" not in certificate.read(page)


def test_two_bodies_above_the_date_are_none(line: Typed) -> None:
    page = rows_of(line, "荣誉证书", "江北市人民政府", "江北市总工会", "2019年1月8日")
    assert set(certificate.read(page)) == {"issued_on"}


def test_a_body_whose_beginning_was_not_seen_is_none(line: Typed) -> None:
    assert "issuer" in certificate.read(rows_of(line, "荣誉证书", "广东省人民政府", "2019年1月8日"))
    assert "issuer" not in certificate.read(rows_of(line, "荣誉证书", "东省人民政府", "2019年1月8日"))


@pytest.mark.parametrize(("dated", "value"), [("2019年1月8日", "2019-01-08"), ("2019年1月8", None)])
def test_a_date_that_stops_after_a_digit_may_have_had_another(line: Typed, dated: str, value: str | None) -> None:
    assert values(certificate.read(rows_of(line, "荣誉证书", dated))) == {"issued_on": value}


def test_a_seal_over_the_end_of_a_labelled_body(line: Typed) -> None:
    page = rows_of(line, "发证机关：江北市人力资源和社会保障局羊本")
    assert values(certificate.read(page)) == {"issuer": "江北市人力资源和社会保障局"}


def test_half_a_label_and_a_dash_for_a_one(line: Typed) -> None:
    page = rows_of(line, ("专", "种植"), "名：王小明", "资格名称：—级教师")
    assert values(certificate.read(page)) == {"name": "王小明", "speciality": "种植", "title": "一级教师"}


@pytest.mark.parametrize("page", [TITLE, SKILL, HONOUR])
def test_certificates_look_like_certificates(line: Typed, page: tuple[str, ...]) -> None:
    lines = rows_of(line, *page)
    assert certificate.likeness(lines) > 0.5
    assert diploma.likeness(lines) < 0.3 > contract.likeness(lines)


def test_a_label_in_two_languages_above_a_trade(line: Typed) -> None:
    page = rows_of(line, "职业资格证书", "职业（工种）及等级 Occupation & Skill Level", "电工 高级技师")
    shown = values(certificate.read(page))
    assert (shown["trade"], shown["level"]) == ("电工", "高级技师")


def test_an_honour_in_a_sentence(line: Typed) -> None:
    page = rows_of(line, "荣誉证书", "授予王小明同志“先进工作者”称号，特发此证。")
    assert values(certificate.read(page)) == {"name": "王小明"}


def test_the_number_of_a_document_that_approved_it_is_not_the_papers(line: Typed) -> None:
    page = rows_of(line, "职称证书", "证书编号：AB2020123 批准文号：20201234567")
    assert values(certificate.read(page)) == {"number": "AB2020123"}


@pytest.mark.parametrize(("sure", "value"), [(0.84, None), (0.86, "S0000123456")])
def test_a_number_has_to_be_read_surely_in_every_sign(line: Typed, sure: float, value: str | None) -> None:
    """An S is easily a 5."""
    page = [line("证书编号：", 0.1, 0.1), line("S0000123456", 0.3, 0.1, sure=sure)]
    assert values(certificate.read(page)) == {"number": value}
