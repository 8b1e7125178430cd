"""A new pack folder: in the right shape, without the notice's text, and it says itself what is still to do."""

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import PackError
from models.programme import loader, scaffold
from models.programme.check import check_pack
from models.programme.numbering import numbered_paragraphs
from models.programme.todo import still_to_do
from models.programme.unfilled import WORD

NOTICE = """样例市文件
一、对象
在本市居住的人员，都可以申报，不限户口。
（一）工匠：具有高级技师资格的人员；
（二）“能人”，带动群众增收的人员
二、联系方式
1.电话09901234567，张某某
2.没有"直"引号\\的一条
一、又写了一次
"""


def clauses(folder: Path) -> list[dict[str, str]]:
    return tomllib.loads((folder / "clauses.toml").read_text("utf-8"))["clause"]


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "sample-2026"
    assert scaffold.make(made, NOTICE) == 7
    return made


def fill(folder: Path) -> None:
    """Everything that is marked gets something, every date its day."""
    for file in folder.glob("*.toml"):
        text = file.read_text("utf-8").replace(f'fallback_clause = "{WORD}"', 'fallback_clause = "一"')
        text = re.sub(rf'(\w*clause|ref) = "{WORD}"', lambda m: f'{m[1]} = "{"末" if m[1] == "ref" else "一"}"', text)
        text = re.sub(rf'(issued|opens|closes) = "{WORD}"', r"\1 = 2026-03-01", text)
        file.write_text(text.replace(WORD, "样例"), "utf-8")


def test_the_paragraphs_stand_in_order_with_the_first_words_as_heading(folder):
    assert [(clause["ref"], clause["heading"]) for clause in clauses(folder)] == [
        ("一", "对象"),
        ("一(一)", "工匠"),
        ("一(二)", "“能人”"),
        ("二", "联系方式"),
        ("二1", WORD),  # a telephone number is no heading
        ("二2", "没有直引号的一条"),
        (WORD, "又写了一次"),  # 一 stands in the text before
    ]


def test_the_text_itself_and_whom_to_call_stay_out(folder):
    everything = "".join(file.read_text("utf-8") for file in folder.glob("*.toml"))
    for words in ("在本市居住", "高级技师", "带动群众", "1234567", "张某某"):
        assert words not in everything


def test_the_folder_is_no_pack_before_the_last_place_is_filled_in(folder):
    with pytest.raises(PackError, match=WORD):
        loader.load_folder(folder)
    fill(folder)
    assert still_to_do(folder) == []
    pack = loader.load_folder(folder)
    assert pack.slug == "sample-2026"
    forgotten = [problem for problem in check_pack(pack).problems if "nothing claims this clause" not in problem]
    assert forgotten == ["workbooks.toml: summary.inferred: no open point on 一 says that the columns are not given"]


def test_what_is_to_do_follows_the_order_in_which_a_pack_is_written(folder):
    files = [error.file for error in still_to_do(folder)]
    assert list(dict.fromkeys(files)) == [
        "clauses.toml",
        "programme.toml",
        "eligibility.toml",
        "form.toml",
        "documents.toml",
        "routing.toml",
        "workbooks.toml",
    ]
    keys = [error.key for error in still_to_do(folder) if error.file == "programme.toml"]
    assert keys.index("title.zh") < keys.index("issued") < keys.index("opens") < keys.index("dates_clause")


def test_every_fault_of_a_file_is_told_and_files_that_fit_together_only_once_each_is_in_order(folder):
    fill(folder)
    form = folder / "form.toml"
    text = form.read_text("utf-8")
    form.write_text(text.replace('kind = "phone"', 'kind = "telephone"').replace("sensitive", "secret"), "utf-8")
    routing = folder / "routing.toml"
    routing.write_text(
        routing.read_text("utf-8").replace('fallback = "programme-office"', 'fallback = "nobody"'), "utf-8"
    )
    reasons = {(error.file, error.key.rpartition(".")[2]): error.reason for error in still_to_do(folder)}
    assert set(reasons) == {("form.toml", "kind"), ("form.toml", "secret")}
    assert reasons["form.toml", "secret"] == "there is no such key here; look at its spelling"
    form.write_text(text, "utf-8")
    (error,) = still_to_do(folder)
    assert (error.file, error.key) == ("routing.toml", "fallback")


@pytest.mark.parametrize(
    ("change", "file", "reason"),
    [
        (lambda f: (f / "routing.toml").unlink(), "routing.toml", "the file is missing"),
        (lambda f: (f / "form.toml").write_text("a = “b”", "utf-8"), "form.toml", "not valid TOML"),
        (lambda f: (f / "form.toml").write_bytes("a = '公'".encode("gb18030")), "form.toml", "not valid TOML"),
        (lambda f: (f / "rooting.toml").write_text("", "utf-8"), "rooting.toml", "unknown file"),
        (lambda f: (f / "scoring.toml").write_text("", "utf-8"), "scoring.toml", "is missing"),
    ],
)
def test_a_file_that_cannot_be_read_is_something_to_do(folder, change, file, reason):
    fill(folder)
    change(folder)
    found = still_to_do(folder)
    assert {error.file for error in found} == {file}
    assert found[0].reason.startswith(reason)


def test_a_wrong_code_list_is_something_to_do(folder):
    fill(folder)
    (folder / "codes").mkdir()
    (folder / "codes" / "crafts.csv").write_text("value,zh\na,甲\n", "utf-8")
    assert [error.file for error in still_to_do(folder)] == ["codes/crafts.csv"]


def test_without_a_text_one_clause_waits(tmp_path):
    assert scaffold.make(tmp_path / "bare", None) == 0
    assert clauses(tmp_path / "bare") == [{"ref": "一", "heading": WORD}]


@pytest.mark.parametrize("name", ["Lizhou", "lizhou_2026", "2026-lizhou", "梨洲", "a--b", "a-"])
def test_a_name_that_no_pack_can_have_is_refused_and_nothing_is_made(tmp_path, name):
    with pytest.raises(PackError):
        scaffold.make(tmp_path / name, NOTICE)
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_already_is_left_alone(folder):
    before = (folder / "clauses.toml").read_bytes()
    with pytest.raises(PackError, match="already"):
        scaffold.make(folder, "一、别的")
    assert (folder / "clauses.toml").read_bytes() == before


LINES = st.lists(st.sampled_from(["一、", "二、", "（一）", "1.", "（1）", "", "\t", "附件：1."]).flatmap(
    lambda start: st.text(st.characters(codec="utf-8"), max_size=40).map(lambda words: start + words)
))  # fmt: skip


@given(LINES.map("\n".join))
@settings(max_examples=80)
def test_whatever_the_text_the_clauses_can_be_read(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("new") / "some-notice"
    found = scaffold.make(folder, text)
    if not found:
        return
    refs = [clause["ref"] for clause in clauses(folder)]
    assert len(refs) == len(list(numbered_paragraphs(text))) == found
    assert all(refs.count(ref) == 1 for ref in refs if ref != WORD)
