"""Words that ask about the question itself are told from answers and from other questions."""

import pytest

from bot_adapter.puzzled import is_puzzled

ASKS = """
    什么意思 什么意思？ 这是什么意思 这个什么意思啊 这道题什么意思 啥意思 请问这是什么意思 看不懂 没看懂 我看不懂
    看不太懂 不懂 我不太懂 还是不明白 看不懂什么意思 这个怎么填 怎么填？ 怎么写 应该怎么写 这里填什么 填什么呢
    不知道写啥 不知道怎么填 我不会填 不晓得该选哪个 不知道填什么好
    选哪个 怎么选 怎么回答 举个例子 能举个例子吗 解释一下 题目看不懂 我没看懂这个
"""
ENGLISH = """
    what does that mean|What does this mean?|what do you mean?|I don't understand|I don’t understand this question
    |what should I write here?|how do I fill this in?|Explain please|can you explain this?|give me an example
    |I don't know what to write
"""
OTHERS = """
    不清楚 不知道 懂 张明白 高级职称是什么意思 学历怎么算 照片要多大的 怎么申请 什么都没有 填错了 没有 不 例子 怎么办
"""


@pytest.mark.parametrize("text", [*ASKS.split(), *(one.strip() for one in ENGLISH.split("|"))])
def test_who_does_not_understand_what_is_asked(text: str) -> None:
    assert is_puzzled(text)


@pytest.mark.parametrize("text", [*OTHERS.split(), "What does Class A mean?", "how do I apply", "Ann Clear", "mean"])
def test_answers_and_other_questions(text: str) -> None:
    assert not is_puzzled(text)
