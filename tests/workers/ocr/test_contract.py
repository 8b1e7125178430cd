"""The first page of an employment contract over typed lines."""

import pytest
from typed_pages import Typed, rows_of, values

from workers.ocr import certificate, contract, diploma

PARTIES = (
    "劳 动 合 同 书",
    "甲方（用人单位）：江北精工机械（集团）有限公司",
    "法定代表人：李四",
    "乙方（劳动者）：王小明",
    "根据《中华人民共和国劳动合同法》，甲乙双方自愿签订本合同。",
    "一、合同期限",
)
SIGNING = ("甲方（盖章）：", "乙方（签字）：张三")
FIXED = (
    "第一条 本合同为固定期限劳动合同，期限从 2024 年 7 月 7 日起至 2027 年 7",
    "月 6 日止。其中试用期自 2024 年 7 月 7 日起至 2024 年 10 月 4 日止。",
)


def term(line: Typed, *rows: str) -> dict[str, str | None]:
    shown = values(contract.read(rows_of(line, *PARTIES, *rows)))
    return {name: shown[name] for name in ("valid_from", "valid_until") if name in shown}


def test_a_fixed_term_and_a_probation(line: Typed) -> None:
    assert values(contract.read(rows_of(line, *PARTIES, *FIXED, "签订日期：2024年7月1日", SIGNING))) == {
        "employer": "江北精工机械(集团)有限公司",
        "name": "王小明",
        "valid_from": "2024-07-07",
        "valid_until": "2027-07-06",
    }


def test_no_fixed_term(line: Typed) -> None:
    rows = ("第一条 本合同为无固定期限劳动合同，自2024年7月7日起，至法定终止条件出现时止。",)
    assert term(line, *rows) == {"valid_from": "2024-07-07", "valid_until": "9999-12-31"}


@pytest.mark.parametrize(
    ("rows", "until"),
    [
        (("1.固定期限：自2024年7月7日起至2027年7月6日止。", "2.无固定期限：自____年__月__日起。"), "2027-07-06"),
        (("1、固定期限：自____年__月__日起至____年__月__日止。", "2、无固定期限：自2024年7月7日起。"), "9999-12-31"),
        (("（一）固定期限：自2024年7月7日至2027年7月6日", "（二）无固定期限：自 年 月 日起"), "2027-07-06"),
    ],
)
def test_the_option_that_is_filled_in_counts(line: Typed, rows: tuple[str, ...], until: str) -> None:
    assert term(line, "第一条 按下列第 _ 种方式确定合同期限：", *rows) == {
        "valid_from": "2024-07-07",
        "valid_until": until,
    }


@pytest.mark.parametrize(
    "rows",
    [
        ("1.固定期限：自2024年7月7日起至2027年7月6日止。", "2.无固定期限：自2024年7月7日起。"),
        ("第一条 试用期自2024年7月7日起至2024年10月4日止。",),
        ("签订日期：2024年7月1日", "打印日期：2024年7月2日"),
        ("第一条 合同期限自2027年7月7日起至2024年7月6日止。",),
        ("第一条 合同期限三年，自2024年7月7日起。",),
    ],
    ids=["two terms", "probation only", "other dates", "backwards", "no end"],
)
def test_no_term_is_guessed(line: Typed, rows: tuple[str, ...]) -> None:
    assert term(line, *rows) == {}


def test_an_institution_and_its_staff(line: Typed) -> None:
    page = rows_of(
        line,
        "事业单位聘用合同书",
        "聘用单位（甲方）：江北工业大学",
        "受聘人员（乙方）：阿米娜·沙比尔",
        "第一条 聘用合同期限为5年，自2020年5月17日至2025年5月16日。",
    )
    assert values(contract.read(page)) == {
        "employer": "江北工业大学",
        "name": "阿米娜·沙比尔",
        "valid_from": "2020-05-17",
        "valid_until": "2025-05-16",
    }


@pytest.mark.parametrize(
    "rows",
    [("甲方（盖章）：", "乙方（签字）："), ("甲方安排乙方从事技术工作。",), ("甲方：____", "乙方：____")],
    ids=["signing", "sentence", "blank"],
)
def test_no_party_is_guessed(line: Typed, rows: tuple[str, ...]) -> None:
    assert values(contract.read(rows_of(line, "劳动合同书", *rows))) == {}


def test_contracts_look_like_contracts(line: Typed) -> None:
    lines = rows_of(line, *PARTIES, *FIXED)
    assert contract.likeness(lines) > 0.7
    assert diploma.likeness(lines) < 0.3 > certificate.likeness(lines)


@pytest.mark.parametrize(
    ("label", "other"),
    [
        ("甲　方：", "乙　方："),
        ("用人单位名称（甲方）：", "劳动者姓名（乙方）："),
        ("用人单位（甲方）全称：", "职工（乙方）姓名："),
        ("聘用单位（甲方）", "受聘人员（乙方）"),
    ],
)
def test_other_names_for_the_parties(line: Typed, label: str, other: str) -> None:
    page = rows_of(line, "劳动合同书", f"{label}江北精工机械有限公司", f"{other}王小明")
    assert values(contract.read(page)) == {"employer": "江北精工机械有限公司", "name": "王小明"}


@pytest.mark.parametrize(
    "sentence",
    [
        "合同期限：2024.07.07—2027.07.06",
        "聘期自二〇二四年七月七日起，至二〇二七年七月六日止。",
        "劳动合同期限从2024年07月07日开始，到2027年07月06日终止。",
        "（一）有固定期限：自2024年7月7日始至2027年7月6日止",
    ],
)
def test_other_sentences_about_the_term(line: Typed, sentence: str) -> None:
    assert term(line, sentence) == {"valid_from": "2024-07-07", "valid_until": "2027-07-06"}
