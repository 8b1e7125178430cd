"""A generated programme whose form has very many short fields, written as a pack: nothing a notice would ask for."""

from __future__ import annotations

from pathlib import Path

SLUG, FIELDS, PER_SECTION = "long", 220, 30
KINDS = ("text", "number", "choice")
ANSWERS = {"text": "青山路八号", "number": "42", "choice": "2"}
OPENING = ("你好", "1", "1", "1", "1")  # greeting, consent, category, fact, verdict: then the fields

_TEXT = '{{ zh = "{zh}", en = "{en}" }}'
_FILES = {
    "clauses": '[[clause]]\nref = "一"\nheading = "时间"\n[[clause]]\nref = "二"\nheading = "条件"\n',
    "programme": """slug = "long"
version = "1"
document_number = "长〔2026〕1号"
issued = 2026-01-01
opens = 2026-11-01
closes = 2026-12-31
dates_clause = "一"
title = { zh = "长表申报", en = "Long form" }
short = { zh = "长表", en = "Long" }
summary = { zh = "只用于测量。", en = "For measuring only." }
issuer = { zh = "测量办", en = "Measuring office" }
[[consents]]
id = "data"
version = 1
title = { zh = "个人信息", en = "Personal data" }
text = { zh = "同意处理个人信息。", en = "Personal data may be handled." }
[[declarations]]
id = "true"
clause = "二"
text = { zh = "所填属实。", en = "Everything is true." }
""",
    "eligibility": """claim_question = { zh = "您属于哪几类？", en = "Which of these are you?" }
[[facts]]
id = "here"
kind = "yes_no"
clause = "二"
question = { zh = "您在本市工作吗？", en = "Do you work here?" }
why = { zh = "只有在本市工作的人可以申报。", en = "Only people who work here may apply." }
[[conditions]]
id = "is_here"
fact = "here"
op = "is"
value = true
clause = "二"
text = { zh = "在本市工作", en = "Works here" }
[[categories]]
id = "all"
clause = "二"
all = ["is_here"]
name = { zh = "在本市工作的人", en = "People who work here" }
plain = { zh = "在本市工作", en = "you work here" }
""",
    "documents": """[[documents]]
id = "paper"
clause = "二"
max_pages = 1
title = { zh = "证明", en = "Proof" }
why = { zh = "核对", en = "To check" }
counts = { zh = "一张", en = "One page" }
""",
    "routing": """office = "office"
fallback = "office"
fallback_clause = "二"
routes = []
[[units]]
id = "office"
clause = "二"
name = { zh = "测量办", en = "Measuring office" }
""",
    "workbooks": """[summary]
title = "汇总表"
clause = "二"
header_line = "报送时间：{date}    报送单位：{unit}"
columns = [{ header = "一", source = "field:f1", clause = "二" }]
[form]
title = "采集表"
clause = "二"
opinion = "审核意见"
opinion_clause = "二"
blocks = [{ title = "基本信息", cells = [{ header = "一", source = "field:f1", clause = "二" }] }]
""",
}
_OPTIONS = (
    'options = [{ value = "a", label = { zh = "甲", en = "A" } }, { value = "b", label = { zh = "乙", en = "B" } }]'
)


def kind(number: int) -> str:
    return KINDS[number % len(KINDS)]


def answer(number: int) -> str:
    """What is said to the field of this number, from 1."""
    return ANSWERS[kind(number)]


def write(packs: Path) -> None:
    """Write the pack into a folder of packs."""
    folder = packs / SLUG
    folder.mkdir(parents=True)
    for name, text in _FILES.items():
        (folder / f"{name}.toml").write_text(text, "utf-8")
    (folder / "form.toml").write_text("\n".join(_form()), "utf-8")


def _form() -> list[str]:
    lines = []
    for number in range(1, FIELDS + 1):
        if number % PER_SECTION == 1:
            title = _TEXT.format(zh=f"第{number // PER_SECTION + 1}部分", en=f"Part {number // PER_SECTION + 1}")
            lines += ["[[sections]]", f'id = "s{number}"', 'clause = "二"', f"title = {title}"]
        label = _TEXT.format(zh=f"第{number}项", en=f"Item {number}")
        lines += [
            "[[sections.fields]]",
            f'id = "f{number}"',
            f'kind = "{kind(number)}"',
            'clause = "二"',
            f"label = {label}",
        ]
        if kind(number) == "choice":
            lines.append(_OPTIONS)
    return lines
