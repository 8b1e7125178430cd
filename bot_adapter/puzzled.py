"""「什么意思」, 「看不懂」, 「怎么填」: words that ask about the very question that is asked, and no more. Pure."""

from __future__ import annotations

import re

from bot_adapter.commands import normalise

_POLITE = r"(?:您好|你好|老师|请问|请|麻烦|不好意思|那|[,，、\s])*"
_THIS = (
    r"(?:这|这个|此|[这那]一?道?题|这一?[项步条栏句]|这一?句?话|这里|上面|问题|题目|这个问题|这个题目?)?"
    r"(?:里|上|说|问)?的?"
)
_WHO = r"(?:我|俺)?(?:还是|都|也|有点儿?|有些|完全|实在|真的?)*"
_END = r"(?:啊|呀|呢|嘛|吗|吧|哦|哈|了|才对|才好|我)*"
_WHAT_IT_MEANS = rf"{_POLITE}{_THIS}(?:到底)?(?:是|是指|指|指的)?(?:个|的)?(?:什么|啥|甚么|何)(?:个)?意思{_END}"
_NOT_UNDERSTOOD = (
    rf"{_POLITE}{_THIS}{_WHO}(?:看|听|读|弄|搞|理解)?(?:不|没有?)(?:太|大|怎么|很)?(?:看|听|弄|搞)?(?:懂|明白|理解)"
    rf"(?:了|得)?{_THIS}(?:是)?(?:什么|啥)?(?:意思)?{_END}"
)
_HOW_TO_FILL = (
    rf"{_POLITE}{_THIS}{_WHO}(?:应该|应当|该|要|得|可以|能)?(?:怎么|怎样|怎么样|如何|咋)(?:来|去)?"
    rf"(?:填写?|写|答|回答|选|选择|回复?){_THIS}{_END}|"
    rf"{_POLITE}{_THIS}{_WHO}(?:应该|应当|该|要|得)?(?:填写?|写|选|回)(?:什么|啥|哪个|哪一[个项]|哪种){_END}"
)
_AT_A_LOSS = (
    rf"{_POLITE}{_THIS}{_WHO}(?:不知道|不晓得|不清楚|不懂得?|不会|没想好)(?:应该|该|要)?(?:怎么|怎样|如何)?(?:去)?"
    rf"(?:填写?|写|答|回答|选){_THIS}(?:什么|啥|哪个|哪一[个项])?(?:好)?{_END}"
)
_EXAMPLE = (
    rf"{_POLITE}(?:能|可以|帮我|给我|再)*(?:不能)?(?:举个?|举一个|给个?|有没有|有)(?:例子?|样子|示例){_END}|"
    rf"{_POLITE}(?:能|可以|帮我|给我|再)*(?:不能)?(?:解释|说明|讲解?)(?:一下|下|清楚)?{_THIS}{_END}"
)
_IT = r"(?: (?:this|that|it|here|in|out|you|(?:this|the) (?:question|part|one|step)))*"
_ENGLISH = (
    r"(?:sorry |please |excuse me )*(?:"
    rf"what(?: does| do|s|'s| is)?{_IT}(?: mean| meaning| about| asking(?: for)?| supposed to mean)|"
    rf"what do you mean(?: by)?{_IT}|"
    r"i (?:(?:really|still|do not|don't|dont|can't|cannot|did not|didn't) )+(?:quite |really |fully )?"
    rf"(?:understand|get){_IT}|"
    r"(?:it is |it's |this is |that is )?(?:not clear|unclear)(?: to me)?|"
    rf"how (?:do|should|can|must) i (?:answer|fill|complete|write|reply(?: to)?|choose){_IT}|"
    rf"i (?:do not|don't|dont) know (?:how|what) to (?:answer|fill|complete|write|put|choose|say|enter){_IT}|"
    rf"how to (?:answer|fill|complete|write|reply(?: to)?|choose){_IT}|"
    rf"what (?:should|do|shall|must|can) i (?:write|put|enter|choose|pick|answer|fill|type|say|send|reply){_IT}|"
    rf"(?:can you |could you )?(?:please )?explain{_IT}|(?:(?:can|could) you )?(?:give me )?(?:an |for )?example"
    r")(?: please)?"
)
_PUZZLED = re.compile("|".join((_WHAT_IT_MEANS, _NOT_UNDERSTOOD, _HOW_TO_FILL, _AT_A_LOSS, _EXAMPLE, _ENGLISH)))
_LONGEST = 60  # characters


def is_puzzled(text: str) -> bool:
    """Whether `text` asks what is meant by what is asked: no answer, and no question about anything else."""
    word = normalise(text).replace("’", "'").rstrip("?~ ")
    return len(word) <= _LONGEST and _PUZZLED.fullmatch(word) is not None
