"""What can be chosen at a step, in order: the same entries number the message and understand the reply. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field
from functools import lru_cache

from bot_adapter import search
from bot_adapter.choosing import Entry
from bot_adapter.messages import Choice
from models.frozen import dataclass
from models.interview import wording
from models.interview.steps import Ask, Stage
from models.interview.wording import say
from models.programme.choosing import none_is_an_answer
from models.programme.pack import Column, Option, Text

YES, NO, UNSURE, NONE, SKIP, KEEP, STAY, DONE = "yes", "no", "unsure", "none", "skip", "keep", "stay", "done"
PRESENT, OPTION = "present", "option:"
TYPED = frozenset({"text", "long_text", "place", "number", "date", "month", "id_number", "passport_number", "phone"})

NO_OPTION = "none"  # the value by which a pack says 「没有」 among the options of a list
_OF_THE_LIST = ("都没有", "没有", "没", "无", "以上都没有", "都不是", "none", "no")
_SYNONYMS: dict[str, tuple[str, ...]] = {
    YES: (
        "是",
        "是的",
        "对",
        "对的",
        "有",
        "有的",
        "嗯",
        "是啊",
        "好",
        "好的",
        "可以",
        "行",
        "同意",
        "确认",
        "y",
        "ok",
        "yes",
    ),
    NO: ("不是", "否", "不", "没有", "没", "无", "不对", "不行", "不同意", "n", "no"),
    UNSURE: ("不知道", "不清楚", "说不准", "不好说", "说不清", "don't know", "unsure", "not sure"),
    NONE: ("都没有", "以上都没有", "没有", "都不是", "无", "没", "none", "none of these", "none of the above"),
    SKIP: ("跳过", "不填", "没有", "无", "skip", "none", "略"),
    KEEP: ("对", "对的", "是", "是的", "好", "yes", "y", "ok", "没错", "就用这个"),
    STAY: ("不改", "不变", "保持", "不改了", "算了", "取消", "keep", "cancel"),
    DONE: (
        "完成",
        "好了",
        "没有",
        "没有了",
        "没了",
        "没",
        "无",
        "跳过",
        "不填",
        "不用了",
        "不添了",
        "发完了",
        "结束",
        "就这些",
        "done",
        "finish",
        "finished",
        "that is all",
        "no more",
        "none",
        "no",
        "skip",
    ),
    "add": ("有", "有的", "要", "是", "好", "再来一条", "再加", "再加一条", "还有", "add", "yes", "y", "more"),
    PRESENT: ("至今", "现在", "目前", "还在", "跳过", "不填", "没有", "无", "present", "to present", "now", "skip"),
}


@dataclass(frozen=True, slots=True)
class Prompt:
    """The entries of a step. `numbered` ones are chosen by number or words, `worded` ones only by their exact words
    (where a number could be the answer itself)."""

    numbered: tuple[tuple[Entry, Text], ...] = ()
    worded: tuple[tuple[Entry, str, Text], ...] = ()  # entry, key of the word to send, what it does
    long: tuple[Option, ...] = ()  # a list that is searched
    many: bool = False
    entries: tuple[Entry, ...] = field(init=False)  # the numbered ones

    def __post_init__(self) -> None:
        object.__setattr__(self, "entries", tuple([entry for entry, _ in self.numbered]))

    def choices(self, lang: str) -> tuple[Choice, ...]:
        """What the message offers."""
        numbered = (Choice(str(n), text.get(lang)) for n, (_, text) in enumerate(self.numbered, start=1))
        worded = (Choice(say(key, lang), text.get(lang)) for _, key, text in self.worded)
        return (*numbered, *worded)


def entry(token: str, *texts: Text) -> tuple[Entry, Text]:
    """A numbered entry under its first text; all texts and the token's synonyms are understood."""
    words = [word for text in texts for word in (text.zh, text.en)]
    return Entry(token, (*words, *_SYNONYMS.get(token, ()))), texts[0]


@lru_cache(maxsize=256)
def said(token: str, key: str) -> tuple[Entry, Text]:
    """A numbered entry whose text is in the shared wording."""
    return entry(token, wording.text(key))


def worded(token: str, key: str, label: Text) -> tuple[Entry, str, Text]:
    """An entry chosen by its word alone."""
    return said(token, key)[0], key, label


def filled(key: str, **params: str | Text) -> Text:
    """A shared sentence filled in both languages."""
    return Text(zh=say(key, "zh", **params), en=say(key, "en", **params))


def option_entries(options: Iterable[Option]) -> list[tuple[Entry, Text]]:
    """One entry an option; a hint is shown with the label, so that a person recognises it."""
    out: list[tuple[Entry, Text]] = []
    for option in options:
        # a code that is a number would be taken for a place in the list
        code = () if option.value.isdecimal() else (option.value,)
        none = _OF_THE_LIST if option.value == NO_OPTION else ()
        words = (option.label.zh, option.label.en, *code, *none)
        out.append((Entry(OPTION + option.value, words), _with_hint(option)))
    return out


def _with_hint(option: Option) -> Text:
    if option.hint is None:
        return option.label
    return Text(
        zh=f"{option.label.zh}（{option.hint.zh.rstrip('。')}）", en=f"{option.label.en} ({option.hint.en.rstrip('.')})"
    )


def is_long(ask: Ask) -> bool:
    """Whether this list is searched instead of shown."""
    return ask.kind in ("choice", "choices") and len(ask.options) > search.LONG


def prompt(ask: Ask, *, found: Sequence[str] = (), picked: Sequence[str] = (), keep: str = "", stay: bool = False,
           present: bool = False) -> Prompt:  # fmt: skip
    """The prompt of `ask`. `found`: option values of the last search, or names of places with what was written last;
    `picked`: chosen so far from a long list;
    `keep`: the suggested value in words; `stay`: an answer stands already; `present`: 「至今」 is an answer."""
    extra: list[tuple[Entry, str, Text]] = _beside_a_search(ask, found, picked) if is_long(ask) else []
    if keep:
        extra.append(worded(KEEP, "chat.keep", filled("chat.keep_label", value=keep)))
    if stay:
        extra.append(worded(STAY, "chat.stay", wording.text("chat.stay_label")))
    if present:
        extra.append(worded(PRESENT, "chat.rows_present", wording.text("chat.rows_present_label")))
    if ask.unsure and ask.kind in TYPED:  # by its word: a number is the answer itself
        extra.append(worded(UNSURE, "chat.unsure", wording.text("chat.unsure_label")))
    numbered = _numbered(ask, found, picked)
    skippable = not ask.required and ask.kind not in ("consent", "document", "rows") and not (present or picked)
    if skippable and not (ask.kind == "choices" and none_is_an_answer(ask)):
        extra.append(worded(SKIP, "chat.skip", wording.text("chat.skip_label")))
    return Prompt(
        tuple(numbered),
        tuple(extra),
        ask.options if is_long(ask) else (),
        many=ask.kind == "choices" and not ask.single and not found,
    )


def _numbered(ask: Ask, found: Sequence[str], picked: Sequence[str]) -> list[tuple[Entry, Text]]:
    if ask.kind == "consent":
        return [said(YES, "chat.consent_yes"), said(NO, "chat.consent_no")]
    if ask.kind == "declaration":
        return [said(YES, "chat.declare_yes"), said(NO, "chat.declare_no")]
    out: list[tuple[Entry, Text]] = []
    if ask.kind == "yes_no":
        out = [said(YES, "chat.yes"), said(NO, "chat.no")]
    elif ask.kind == "place":
        return _places(found)
    elif is_long(ask):
        by_value = {option.value: option for option in ask.options}
        return option_entries(by_value[value] for value in found if value in by_value)
    elif ask.kind in ("choice", "choices"):
        out = option_entries(ask.options)
    if none_is_an_answer(ask):
        out.append(said(NONE, "chat.none"))
    if ask.unsure and ask.kind not in TYPED:
        out.append(said(UNSURE, "chat.unsure"))
    return out


def _places(found: Sequence[str]) -> list[tuple[Entry, Text]]:
    """Names that may be meant, and last what was written itself: any text is a place."""
    if not found:
        return []
    *names, written = found
    texts = [(name, Text(zh=name, en=name)) for name in names] + [(written, filled("chat.place_as_is", place=written))]
    return [(Entry(OPTION + name, (name, text.zh, text.en)), text) for name, text in texts]


def _beside_a_search(ask: Ask, found: Sequence[str], picked: Sequence[str]) -> list[tuple[Entry, str, Text]]:
    """What else can be said at a list that is searched: by its word, so that no number looks like the whole list."""
    if picked:
        return [worded(DONE, "chat.done", wording.text("chat.done_label"))]
    out: list[tuple[Entry, str, Text]] = []
    if none_is_an_answer(ask):
        none = worded(NONE, "chat.none_word", wording.text("chat.none_label"))
        # beside what a search found, 「没有」 says that it is not among those
        text = wording.text("chat.none_word")
        whole = Entry(NONE, (text.zh, text.en)) if found else none[0]
        out.append((whole, none[1], none[2]))
    if ask.unsure:
        out.append(worded(UNSURE, "chat.unsure", wording.text("chat.unsure_label")))
    return out


def may_be_present(column: Column) -> bool:
    """Whether 「至今」 is an answer: in a month column that may stay empty, empty means so."""
    return column.kind == "month" and not column.required


def column_ask(ask: Ask, column: Column) -> Ask:
    """A column of a row as an ask of its own, so that it is asked and understood like any other."""
    return Ask(
        key=f"{ask.key}#{column.id}",
        stage=Stage.FORM,
        kind=column.kind,
        label=column.label,
        required=column.required,
        example=column.example,
        options=column.options,
        max_length=column.max_length,
        digits=column.digits,
    )
