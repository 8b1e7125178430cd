"""Replies that answer nothing: 「不知道」, 「随便」, 「跳过」, an emoji. Each has its kind sentence. Pure."""

from __future__ import annotations

import re

from bot_adapter.assent import is_picture
from bot_adapter.commands import normalise
from bot_adapter.meanings import Misread
from models.interview.steps import Ask
from models.programme import fields

_SAID_SKIP = "跳过 跳过吧 先跳过 不填 先不填 不想填 不想说 以后再说 以后再填 下一题 下一个 略 过 pass skip next later"
_SAID_WHATEVER = (
    "随便 随便吧 都行 都可以 无所谓 你定 你看着办 看着办 你帮我选 你帮我填 您定 whatever any either anything"
)
_SAID_UNSURE = """
    不知道 不清楚 不太清楚 不大清楚 不晓得 不记得 记不清 记不得 记不住 忘 忘记 不确定 不太确定 拿不准 说不准 不好说
    idk unsure dunno
"""
_SAID_UNSURE_LATIN = "no idea|no clue|i dunno|im not sure|i am not sure|i dont remember|i forgot"
_UNSURE = frozenset((*_SAID_UNSURE.split(), *_SAID_UNSURE_LATIN.split("|")))
_SAID_NO_PHOTO = """
    没有 没 没有照片 没照片 没拍 没带 没带着 不拍 先不拍 暂时没有 现在没有 现在不方便 不方便 拍不了 手头没有
    手边没有 不在身边 不在手边 等会 等会儿 等会儿拍 等会儿再拍 等会再拍 等一会儿 等一下 待会 待会儿 待会儿拍
    待会再拍 一会儿 一会儿再拍 稍后 稍后再拍 稍等 晚点 晚点拍 晚点再拍 回头 回头再拍 回家再拍 明天 明天再拍
    明天拍 改天 以后再拍 以后 没有带 忘带 忘了带 忘记带 还没拍 还没有拍 没有拍 没准备 还没准备 没准备好 还没准备好
    找不到 没找到 不在身上 没带身上 没带在身上 no tomorrow
"""
_SAID_NO_PHOTO_LATIN = (
    "not now|not right now|i dont have it|i dont have one|i dont have them|no photo|i will do it later"
)
_NO_PHOTO = frozenset((*_SAID_NO_PHOTO.split(), *_SAID_NO_PHOTO_LATIN.split("|")))
_SAID_SAME = "同上 同前 如上 一样 同样 和上面一样 跟上面一样 和前面一样 跟前面一样 与上相同 ditto same"
_SAME = frozenset((*_SAID_SAME.split(), "same as above", "as above"))
_HERE = frozenset(["本地", "本市", "本县", "本省", "当地", "这里", "这边", "老家", "家里", "here"])  # names no place
_AROUND = re.compile(r"^(?:我|这个|这|也|真的|真|还|实在|都|确实)+|(?:了|啊|呀|呢|哦|诶|的|嘛|吧)+$")
_NOW = re.compile(r" (?:now|yet|here|with me|at hand|at the moment|today)$")
_WRITTEN = ("text", "long_text", "place")
_LONGEST = 30  # characters
_SKIP, _WHATEVER = frozenset(_SAID_SKIP.split()), frozenset(_SAID_WHATEVER.split())


def is_unsure(text: str) -> bool:
    """Whether this is 「不确定」, in any of the ways people say it: 「我也不太清楚」「记不清了」「忘了」."""
    if fields.is_unsure(text):
        return True
    word = normalise(text).replace("'", "").replace("’", "")
    return len(word) < _LONGEST and _AROUND.sub("", word) in _UNSURE


def is_no_photo(text: str) -> bool:
    """Whether this says that there is no photo, or not now: 「没带」「明天再拍」「跳过」."""
    word = normalise(text).replace("'", "").replace("’", "").rstrip("?~ ")
    return word in _SKIP or not {word, _AROUND.sub("", word), _NOW.sub("", word)}.isdisjoint(_NO_PHOTO)


def sentence(ask: Ask, text: str) -> Misread | None:
    """The kind sentence for a reply that says nothing; None where it says something."""
    word = normalise(text).rstrip("?~ ")
    if ask.kind in _WRITTEN and word in _SAME:
        return Misread("chat.same_as")
    if ask.kind == "place" and word in _HERE:
        return Misread("chat.place_named")
    if is_unsure(text) or word in _SKIP or word in _WHATEVER:
        return _open(ask, whatever=word in _WHATEVER)
    return Misread("chat.emoji") if is_picture(text) else None


def _open(ask: Ask, *, whatever: bool) -> Misread:
    """What becomes of a question that somebody cannot, or would rather not, answer."""
    if ask.kind in ("consent", "declaration"):
        return Misread("chat.dunno_consent")
    if ask.unsure:
        return Misread("chat.dunno_unsure")
    if not ask.required:
        return Misread("chat.dunno_skip")
    if whatever:
        return Misread("chat.dunno_whatever")
    return Misread("chat.dunno_why", {"why": ask.why}) if ask.why else Misread("chat.dunno_needed")
