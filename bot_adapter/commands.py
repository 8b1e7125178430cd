"""Words that are understood at any step, and how a free question is told from an answer. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Command(StrEnum):
    HELP = "help"
    STATUS = "status"
    BACK = "back"
    EDIT = "edit"
    HUMAN = "human"
    REPLY = "reply"
    UNSOLVED = "unsolved"
    RESTART = "restart"
    WEB = "web"
    BRING = "bring"
    SWITCH = "switch"
    SWITCH_BACK = "switch_back"
    MISFILED = "misfiled"
    BIND = "bind"
    UNBIND = "unbind"
    UNBIND_ALL = "unbind_all"
    CHINESE = "zh"
    ENGLISH = "en"


_WORDS: dict[Command, tuple[str, ...]] = {
    Command.HELP: ("帮助", "幫助", "help", "?", "菜单", "menu"),
    Command.STATUS: ("进度", "查进度", "查询进度", "状态", "查状态", "status", "progress"),
    Command.BACK: (
        *("返回", "上一步", "上一题", "back", "previous", "选错了", "答错了", "点错了", "填错了", "按错了", "写错了"),
        *("刚才选错了", "刚才答错了", "刚才填错了", "上一个错了", "上一题错了", "搞错了", "wrong answer", "my mistake"),
    ),
    Command.EDIT: ("修改", "改", "改答案", "修改答案", "edit", "change"),
    Command.HUMAN: ("人工", "转人工", "找人工", "人工服务", "客服", "human", "staff", "agent"),
    Command.REPLY: ("答复", "回复", "回复工作人员", "回答工作人员", "reply"),
    Command.UNSOLVED: (
        *("没解决", "没有解决", "还没解决", "还没有解决", "还是没解决", "未解决", "问题没解决", "没解决问题"),
        *("not solved", "unsolved", "not resolved"),
    ),
    Command.RESTART: ("重来", "重新开始", "重新来", "restart", "start over"),
    Command.WEB: ("网页", "网页版", "浏览器", "web", "browser", "website"),
    Command.SWITCH: (
        *("换项目", "换个项目", "换一个项目", "换别的项目", "切换项目", "更换项目", "我要换项目", "換項目"),
        *("其他项目", "其它项目", "别的项目", "另一个项目", "另外的项目", "申报别的项目", "申报其他项目"),
        *("我想换项目", "看看别的项目", "switch", "change programme"),
        *("switch programme", "switch programmes", "other programme", "other programmes", "another programme"),
        *("switch program", "change program", "other program", "other programs", "another program"),
    ),
    Command.SWITCH_BACK: ("换回去", "换回来", "換回去", "换回原来的", "switch back", "go back to the other"),
    Command.BRING: ("带过来", "bring over", "bring it over"),
    Command.MISFILED: ("放错了", "发错了", "照片放错了", "照片发错了", "wrong document"),
    Command.BIND: ("绑定", "綁定", "关联", "bind", "link"),
    Command.UNBIND: ("解绑", "解除绑定", "取消绑定", "unbind", "unlink"),
    Command.UNBIND_ALL: ("全部解绑", "解绑全部", "都解绑", "unbind all", "unlink all"),
    Command.CHINESE: ("中文", "汉语", "chinese", "zh"),
    Command.ENGLISH: ("英文", "英语", "english", "en"),
}
# Words that may themselves be what is asked for (a language, a job): no commands while something is to be written.
_MAY_BE_WRITTEN = frozenset(
    {"英语", "汉语", "英文", "chinese", "客服", "改", "浏览器", "菜单", "staff", "agent", "change", "menu", "en", "zh"}
    | {"关联", "link", "bind", "回复", "reply", "switch", "状态"}
    | {"其他项目", "其它项目", "别的项目", "另一个项目", "另外的项目", "other programmes", "other programs"}
)
_BY_WORD = {word: command for command, words in _WORDS.items() for word in words}
_TAKES_TEXT = (Command.HUMAN, Command.EDIT, Command.BIND, Command.REPLY, Command.UNSOLVED, Command.SWITCH)
# 「答复：住在市里」: what follows a colon or a comma belongs to it, as after a space.
_POINTED = re.compile(r"^\s*(答复|回复|没解决|没有解决|还没解决|reply|not solved)\s*[:：,，。]\s*(?=\S)", re.IGNORECASE)
_BIND_CODE = re.compile(r"^(?:绑定|綁定|关联|bind|link)[ :]*([\d -]{6,16})$")
_EDGES = " \t\r\n.。!！,，、:：;；~「」『』“”\"'‘’《》()（）"
_OPENINGS = re.compile(
    r"^(请问|問一下|问一下|我想问|想问|咨询|什么|怎么|怎样|如何|为什么|为啥|哪里|哪儿|能不能|可不可以|是不是要|"
    r"what|how|why|when|where|who|which|can i|could|may i|do i|does|is it|is there)"
)
# People leave the question mark out: 「年龄有限制吗」, 「照片要多大的」. 「什么都没有」 asks nothing.
_ASKING = re.compile(
    r"什么|怎么|怎样|如何|为什么|谁|哪|多少|多久|多大|多长|几(?:个|天|年|份|种|级|点|岁|号|楼|篇|次)|吗$|呢$|了没有?$|"
    r"(.)不\1|有没有|要不要|算不算|会不会"
)
_ASKING_NOTHING = re.compile(
    r"(?:什么|哪|谁|多少|几|怎么).{0,3}(?:都|也)|"
    r"(?:没有?|不知道|不清楚|不懂|不确定|不记得|不管|不论|无论|无所谓).{0,2}(?:什么|怎么|哪|谁|多少|几)"
)
_SAID_HELLO = """
    你好 您好 你好啊 您好啊 大家好 哈喽 哈啰 嗨 喂 在吗 在么 在不在 有人吗 有人在吗 早 早上好 上午好
    中午好 下午好 晚上好 hello hi hey
"""
_HELLOS = frozenset((*_SAID_HELLO.split(), "hello there", "hi there", "good morning", "good afternoon", "good evening"))
_SAID_THANKS = """
    谢谢 谢谢您 谢谢你 谢谢了 谢谢啊 谢谢老师 多谢 感谢 非常感谢 十分感谢 谢了 辛苦了 谢谢辛苦了 麻烦您了 麻烦了
    thanks thx ty
"""
_THANKS = frozenset((*_SAID_THANKS.split(), "thank you", "thanks a lot", "many thanks", "thank you very much"))
_SUBMIT = frozenset({"提交", "我要提交", "确认提交", "提交吧", "现在提交", "直接提交", "submit", "hand in"})
_HOW_TO_APPLY = re.compile(
    r"(?:您好|你好|老师|请问|我?想问一?下?|[,，\s])*(?:我?(?:要|想|应该|该)?(?:怎么|怎样|怎么样|如何)|(?:在|去|到|从)(?:哪里?|哪儿))"
    r"(?:才能|能|可以|去|来)?(?:申请|申报|报名|报)(?:人才|项目|呢|啊|呀|的)*|"
    r"(?:how|where) (?:do|can|should) i (?:apply|register|sign up|start)|how to (?:apply|register|start)"
)
_PAPERS = re.compile(
    r"(?:您好|你好|老师|请问|我?想问一?下?|[,，\s])*(?:我|申报|申请|报名|办理|办这个|都|还|一共|总共)*(?:需要|要|得|该|应该)?"
    r"(?:带|交|准备|提供|提交|拍|报送|用|有)?(?:什么|哪些|些什么|些啥|啥)(?:样的)?(?:申报|申请|证明)?(?:材料|资料|证件|证书|照片)"
    r"(?:呢|啊|呀)?|(?:材料|资料|证件)(?:都|需)?(?:需要|要|有)?(?:带|交|准备|提供|提交|拍)?(?:什么|哪些|啥)(?:呢|啊|呀)?|"
    r"(?:what|which) (?:documents?|papers|materials|photos)(?: (?:do|will|must|should) i (?:need|have to \w+|\w+)| are "
    r"(?:needed|required|necessary))(?: to (?:apply|bring|submit|prepare|provide))?"
)
_LATIN_OPENING = re.compile(r"^[a-z]")


@dataclass(frozen=True, slots=True)
class Said:
    """A command with the words after it (「人工 我的证书丢了」)."""

    command: Command
    rest: str = ""


def normalise(text: str) -> str:
    """Full-width to half-width, lower case, one space between words, no punctuation or quotes at the edges."""
    return _read(text)[1]


def _read(text: str) -> tuple[str, str, str]:
    """The text, as `normalise` makes it, and with its punctuation; of one that has signs of full width either costs
    more than all that is asked of it."""
    global _last
    known = _last
    if known[0] != text:
        folded = _folded(text)
        _last = known = text, _normalised(folded), folded
    return known


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _normalised(folded: str) -> str:
    return " ".join(folded.split()).strip(_EDGES)


_last = ("", "", "")  # a turn asks a dozen times for the same text


@lru_cache(maxsize=1024)
def all_offered(words: tuple[str, ...]) -> frozenset[str]:
    """`normalise` for the words of something that we offer: the same ones are offered again and again."""
    return frozenset([_normalised(_folded(word)) for word in words])


def find_command(text: str, *, writing: bool = False) -> Said | None:
    """The command that `text` is, or None. A command is the whole message; 人工, 修改, 答复, 没解决 and 换项目
    may be followed by words.

    `writing`: something is asked that people write in their own words, where only the words of 「帮助」 are commands.
    """
    word = normalise(text)
    if writing and word in _MAY_BE_WRITTEN:
        return None
    if word in _BY_WORD:
        return Said(_BY_WORD[word])
    if word.isdecimal():
        return None  # a number of a list, or what is asked for
    if with_code := _BIND_CODE.match(word):
        return Said(Command.BIND, with_code[1])
    if pointed := _POINTED.match(text):
        return Said(_BY_WORD[normalise(pointed[1])], text[pointed.end() :].strip())
    head, _, rest = word.partition(" ")
    command = _BY_WORD.get(head)
    if command in _TAKES_TEXT and rest and command is not None:
        words = text.split(maxsplit=1)  # at a full-width space too; what follows stays as it was written
        return Said(command, words[1].strip() if len(words) == 2 else rest)
    return None


def is_hello(text: str) -> bool:
    """Whether `text` only greets: it answers nothing, whatever is asked."""
    return normalise(text).rstrip("?~ ") in _HELLOS


def is_thanks(text: str) -> bool:
    """Whether `text` only thanks: it answers nothing either."""
    return normalise(text) in _THANKS


def is_submit(text: str) -> bool:
    """Whether `text` wants to hand in, which only the last step takes."""
    return normalise(text) in _SUBMIT


def asks_how_to_apply(text: str) -> bool:
    """Whether `text` asks how, or where, one applies, and nothing else."""
    return _HOW_TO_APPLY.fullmatch(normalise(text).rstrip("?~ ")) is not None


def asks_for_papers(text: str) -> bool:
    """Whether `text` asks which papers are needed, and nothing else."""
    return _PAPERS.fullmatch(normalise(text).rstrip("?~ ")) is not None


def is_question(text: str) -> bool:
    """Whether `text` asks something of us: it ends with a question mark, opens like a question, or is one of
    those that every stranger has."""
    if text.isdecimal():
        return False
    folded = _read(text)[2].strip()
    if len(folded) < 2:
        return False
    if folded.rstrip(" 。.!~").endswith("?") or asks_how_to_apply(text) or asks_for_papers(text):
        return True
    opening = _OPENINGS.match(folded)
    if opening is None:
        return False
    # "howard" is a name, "how do I" a question
    return not _LATIN_OPENING.match(folded) or folded[opening.end() : opening.end() + 1] in {" ", "'"}


def may_ask(text: str) -> bool:
    """Whether `text`, which answers nothing that was asked, is rather a question: without its mark, or with more behind
    it (「种地的能报吗？我有两百亩」)."""
    said = normalise(text)
    if len(said) <= 3 or _ASKING_NOTHING.search(said):
        return False
    return "?" in said or _ASKING.search(said) is not None
