"""What claims each clause, what nothing uses, and the pack's words against the notice."""

import shutil
from pathlib import Path

import pytest

from models.programme import check, loader
from models.programme.numbering import numbered_paragraphs

GUILD = Path(__file__).parent / "packs" / "guild"
NOTICE = """行会文件

二、条件

（零）总说。在本市 居住。
1.工匠：具有高级技师
资格的人员；
2.学者：具有所列职称或者从业满十年的人员。包括（1）大师（2）讲师
3、民间艺人：享有较高声誉的民间艺人。
4．在外工作的人员。

三、报送

由所在单位报送，三月底前完成

五、要求

一要认真。
二要按时。

附件：1.采集表；
      2.填写说明。

行会采集表填写说明
一、分类
（一）类型
1.职称
（1）大师
\t1、注册大师；2、注册讲师
二、基本信息
　　（1）姓名：按身份证填写
"""


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(GUILD, tmp_path / "guild"))


def change(folder, file, old, new):
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return loader.load_folder(folder)


def test_a_whole_pack_has_no_problems_and_says_who_claims_what():
    report = check.check_pack(loader.load_folder(GUILD))
    assert report.problems == ()
    assert (report.claimed, report.total) == (8, 8)
    assert report.claims["二3"] == ("rule", "open")
    assert report.claims["二1"] == ("rule", "document")
    assert set(report.claims["三"]) == {"date", "duty", "table", "route"}
    assert report.by_kind()["field"] == 2  # 四, and 二2 by an option of a list


CLAUSE = '[[clause]]\nref = "四"'


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("clauses.toml", CLAUSE, f'[[clause]]\nref = "五"\nheading = "要求"\n{CLAUSE}', "五: nothing claims"),
        ("eligibility.toml", 'quote = "从业满十年"', 'quote = "从业满八年"', "ten_years).quote"),
        ("eligibility.toml", 'all = ["known", "three_works"]', 'all = ["known"]', "conditions(three_works): nothing"),
        ("eligibility.toml", 'all = ["here", "artist"]', 'all = ["here", "known"]', "groups(artist): nothing"),
        (
            "eligibility.toml",
            'fact = "works"\nop = "at_least"\nvalue = 3',
            'fact = "since"\nop = "answered"',
            "facts(works)",
        ),
        ("routing.toml", 'when = { all = ["in_bank"] }', 'when = { all = ["in_school"] }', "routes(bank): an earlier"),
        ("routing.toml", 'when = { all = ["in_school"] }', "when = {}", "routes(town): an earlier"),
        (
            "eligibility.toml",
            'id = "works"\n',
            'id = "works"\nexample = { zh = "例如三件。", en = "Three." }\n',
            "facts(works).example.zh",
        ),
        (
            "eligibility.toml",
            'id = "works"\n',
            'id = "works"\nexample = { zh = "三件。", en = "For example three." }\n',
            "facts(works).example.en",
        ),
        (
            "routing.toml",
            "[[routes]]",
            '[[units]]\nid = "moon"\nclause = "三"\nname = { zh = "月", en = "Moon" }\n[[routes]]',
            "units(moon)",
        ),
    ],
)
def test_what_is_wrong_is_named(folder, file, old, new, problem):
    report = check.check_pack(change(folder, file, old, new))
    assert any(problem in found for found in report.problems), report.problems


def test_a_heading_is_claimed_by_its_parts_only_when_all_are_claimed(folder):
    heading = '[[clause]]\nref = "五"\nheading = "要求"\n[[clause]]\nref = "五一"\nheading = "认真"\nquote = "认真"\n'
    pack = change(folder, "clauses.toml", CLAUSE, heading + CLAUSE)
    assert check.check_pack(pack).claims["五"] == ()
    who = 'who = { zh = "单位", en = "Unit" }\ntext = { zh = "认真", en = "Care" }'
    duty = f'[[duties]]\nid = "care"\nclause = "五一"\n{who}\n'
    pack = change(folder, "programme.toml", "[[consents]]", duty + "[[consents]]")
    assert check.check_pack(pack).claims["五"] == ("parts",)


def test_an_open_clause_is_claimed(folder):
    opened = '[[clause]]\nref = "六"\nheading = "略"\nopen = "原文略"\n'
    assert check.check_pack(change(folder, "clauses.toml", CLAUSE, opened + CLAUSE)).claims["六"] == ("open",)


def test_references_are_cut_into_steps():
    assert check.steps("三(二)4(1)") == ("三", "(二)", "4", "(1)")
    assert check.is_part("三(二)1(1)", "三(二)1")
    assert not check.is_part("三(二)10", "三(二)1")
    assert not check.is_part("三(二)1", "三(二)1")


def test_the_numbered_paragraphs_of_a_notice_are_found_in_order():
    assert [ref for ref, _ in numbered_paragraphs(NOTICE)] == (
        [
            "二",
            "二1",
            "二2",
            "二3",
            "二4",
            "三",
            "五",
            "五一",
            "五二",
            "附件1",
            "附件2",
            "说明一",
            "说明一(一)",
            "说明一(一)1",
            "说明一(一)1(1)",
            "说明二",
            "说明二(1)",
        ]
    )


ARTICLES = """某办法
第一章　总则
　　第一条　为了某事。
第二条企业是指企业。
　　第十条　按第一条规定办理：
　　（一）甲；
　　1、乙。
第二章　附则
第十一条　施行。
　　附件：1．总表
　　　　　2．申请表
附件2
申请表
填表说明：
1、请填写。
2、请打勾。
"""


def test_articles_are_found_below_chapters_and_notes_below_their_attachment():
    assert [ref for ref, _ in numbered_paragraphs(ARTICLES)] == [
        *("第一条", "第二条", "第十条", "第十条(一)", "第十条(一)1", "第十一条"),
        *("附件1", "附件2", "附件2说明1", "附件2说明2"),
    ]


def test_quotations_are_proven_and_uncovered_paragraphs_found():
    problems = check.prove_quotes(loader.load_folder(GUILD), NOTICE)
    uncovered = [problem.split(": ")[1] for problem in problems]
    assert uncovered == [
        "五",
        "五一",
        "五二",
        "附件1",
        "附件2",
        "说明一",
        "说明一(一)",
        "说明一(一)1",
        "说明一(一)1(1)",
        "说明二",
    ]


def test_a_quotation_that_the_notice_does_not_have_is_named():
    notice = NOTICE.replace("较高声誉", "很高声誉")
    problems = check.prove_quotes(loader.load_folder(GUILD), notice)
    assert any("clauses.toml: 二3: the quotation is not in the notice" in problem for problem in problems)


def test_words_left_out_of_a_quotation_are_allowed_in_order_only():
    assert check.occurs("具有……人员", "具有高级技师资格的人员")
    assert not check.occurs("人员……具有", "具有高级技师资格的人员")


def test_a_problem_never_repeats_the_words_of_an_uncovered_paragraph():
    problems = check.prove_quotes(loader.load_folder(GUILD), NOTICE + "\n七、联系人：某某某\n")
    assert any(": 说明七: " in problem for problem in problems)
    assert not any("某某某" in problem for problem in problems)
