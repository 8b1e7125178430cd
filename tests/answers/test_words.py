"""How a question becomes words."""

import subprocess
import sys

from models.answers import bm25, words


def test_what_says_nothing_is_left_out_and_synonyms_are_one():
    assert words.words("请问老婆的工作怎么办") == ["配偶", "工作"]
    assert words.words("１８岁可以吗？") == ["18", "年龄"]
    assert words.words("What about houses?") == words.words("housing")
    assert words.words("") == words.words("吗？") == []


def test_a_long_word_keeps_the_words_in_it():
    assert [unit[0] for unit in words.units("申请表")] == ["申请表"]
    assert "证书" in words.words("毕业证书")


def test_rare_words_tell_more_and_what_is_covered_counts_them():
    index = bm25.Index([{"年龄": 1.0, "申报": 1.0}, {"申报": 1.0}, {"合同": 1.0, "申报": 2.0}], ["一", "二", "三"])
    assert index.weight("年龄") > index.weight("申报")
    best = index.search({"年龄": 1.0, "不在": 1.0})[0]
    assert best.number == 0 and best.covered == 0.5
    assert index.search({}) == [] and bm25.Index([], []).search({"年龄": 1.0}) == []


def test_the_dictionary_is_loaded_with_the_first_question_only():
    said = "import sys, models.answers.retrieve; print('rjieba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True).stdout == "False\n"
