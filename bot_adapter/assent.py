"""Yes and no as people say them: 「嗯嗯」「是的呢」「没得过」「👌」. A hedge (「应该是吧」) is neither. Pure."""

from __future__ import annotations

import re
import unicodedata

from bot_adapter.choosing import bare

_SIGNS_YES = frozenset("👌👍✅✔☑√✓⭕🆗🙆")
_SIGNS_NO = frozenset("👎❌✖✗✘❎🙅")
# WeChat writes its own emoticons as words, older clients as codes
_CODES_YES = frozenset({"[强]", "[赞]", "[ok]", "[好的]", "[对]", "[thumbsup]", "/:strong", "/:ok"})
_CODES_NO = frozenset({"[弱]", "[no]", "[错]", "[thumbsdown]", "/:weak", "/:no"})
_CODE = re.compile(r"(?:\[[^\[\]\d]{1,12}\]|/:[^\s\d]{1,10})+")
_PLAIN = re.compile(r"[0-9A-Za-z\u4e00-\u9fff]")
_BEFORE = re.compile(r"^(?:嗯|哦|噢|啊|呃|额|那|就|我|俺|本人|其实|这个|当然|肯定|确实|的确|都)+(?=.)")
_AFTER = re.compile(r"(?<=.)(?:的|呢|啊|呀|哦|噢|喔|嘛|哈|啦|了|滴|诶|哟|嘞|呐|咯|哒|~)+$")
_SAID_YES = """
    是 对 对头 有 嗯 好 行 可以 没错 当然 肯定 确实 中 要得 是这样 没问题 好的没问题 没意见 okay agree agreed iagree
    confirm confirmed iconfirm yep yeah yup yea sure correct right
    certainly ofcourse absolutely thatsright yesiam yesido yesihave yesplease
"""
_SAID_NO = """
    不是 没有 没 不 否 无 不对 不行 不同意 不愿意 木有 没得 冇 冇得 从来没有 并没有 nope nah never notreally notatall
    noidont noimnot noihavent noidonot
"""
_SAID_HEARD = """
    好 好的 好吧 收到 知道 知道了 明白 明白了 了解 谢谢 谢谢您 谢谢你 多谢 嗯 行 可以
    ok okay thanks thankyou gotit noted
"""
_HEARD = frozenset(_SAID_HEARD.split())
_YES, _NO = frozenset(_SAID_YES.split()), frozenset(_SAID_NO.split())
# a verb of the question said back: 「您得过……吗？」 「没得过」
_VERBS = (
    "参加|获得|取得|评上|取消|达到|符合|具备|掌握|担任|从事|解决|属于|满足|创办|得|拿|读|住|在|会|能|算|做|当|办|干|评"
)
_ECHO = re.compile(rf"(?P<no>从来没有|从来没|从没|没有|没|不|未)?(?P<verb>{_VERBS})(?:过|到|着)?")
_NOT_ONE = re.compile(
    r"(?:上面|以上|这些|我)?(?:一[个项样条种]|全|哪[个项样])?[都也](?:没有|没得|没|无|不是|不符合|木有)(?:过)?"
)
_LONGEST = 40  # characters: more is a story
_HEDGED = re.compile(
    r"(?:我)?(?:觉得|感觉|估计)?(?:应该|可能|也许|大概|好像|差不多|勉强|基本|基本上|算)(?:是|有|算|算是|符合|可以|能|会)?"
    r"(?:吧|的|了)*|(?:算|算是|是|有)吧|maybe|perhaps|probably|possibly|ithinkso|iguess(?:so)?|isupposeso|moreorless|sortof"
)
_ASKING = re.compile(r"有没有|是不是|是否|能不能|会不会|在不在")
_TURNED = re.compile(r"[不没未无非]|以外|外地|除了")


def yes_or_no(text: str, question: str) -> bool | None:
    """True, False, or None where it is neither for sure."""
    if len(text) > _LONGEST:
        return None
    shown = _signs(text)
    if shown is not None:
        return shown
    said = bare(_undoubled(bare(text).replace("'", "").replace("’", "")))
    for form in dict.fromkeys((said, _undoubled(_AFTER.sub("", _BEFORE.sub("", said))), _AFTER.sub("", said))):
        if form in _YES:
            return True
        if form in _NO:
            return False
    echo = _ECHO.fullmatch(_AFTER.sub("", _BEFORE.sub("", said)))
    plain = _ASKING.sub("", question)
    if echo is None or echo["verb"] not in plain or _TURNED.search(plain):
        return None
    return echo["no"] is None


def is_hedge(text: str) -> bool:
    """Whether this is a yes that is not sure of itself: 「应该是吧」, 「差不多」, 「I guess so」."""
    return len(text) <= _LONGEST and _HEDGED.fullmatch(bare(text)) is not None


def is_none(text: str) -> bool:
    """Whether this says that nothing of a list applies: 「都没得」「一个都没有」「一项也没有」."""
    return bool(_NOT_ONE.fullmatch(_AFTER.sub("", bare(text)))) or yes_or_no(text, "") is False


def is_picture(text: str) -> bool:
    """Whether this consists of signs alone: emoji, emoticons, punctuation; no letter or digit says anything."""
    if _PLAIN.match(text):
        return False  # known by its first sign
    left = _CODE.sub("", unicodedata.normalize("NFKC", text).casefold())
    return bool(text.strip()) and not any(unicodedata.category(sign)[0] in "LN" for sign in left)


def _signs(text: str) -> bool | None:
    folded = unicodedata.normalize("NFKC", text).casefold().strip()
    if folded in _CODES_YES or folded in _CODES_NO:
        return folded in _CODES_YES
    signs = {sign for sign in folded if unicodedata.category(sign) in ("So", "Sm", "Sk", "Po") or sign in _SIGNS_YES}
    signs -= set("。.!！~？?,，🏻🏼🏽🏾🏿")
    if not signs or any(unicodedata.category(sign)[0] in "LN" for sign in folded):
        return None
    return True if signs <= _SIGNS_YES else False if signs <= _SIGNS_NO else None


def _undoubled(said: str) -> str:
    """「对对对」 is 「对」, 「没有没有」 「没有」."""
    found = re.fullmatch(r"(.{1,3}?)\1+", said)
    return found[1] if found else said


def acknowledges(text: str) -> bool:
    """Whether this may only say that something was heard: 「好的」「知道了」「👌」."""
    if _signs(text):
        return True
    said = _undoubled(bare(text))
    return said in _HEARD or _AFTER.sub("", said) in _HEARD
