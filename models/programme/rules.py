"""Rules of a pack: facts, conditions, trees of them, categories, and the routes to collecting units."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from models.programme.basics import ClauseRef, DayOfYear, FactKind, Ident, Model, Op, Option, Scalar, Text


class Fact(Model):
    """One thing to know about a person. Worded for the person, not for the clause.

    Values: yes_no → bool; choice → option value; choices → tuple of option values (empty = 「以上都没有」);
    number → int; date → ISO date string. The string ``"unsure"`` (`UNSURE`) is 「不确定」 for every kind.
    """

    id: Ident
    kind: FactKind
    question: Text
    why: Text
    hint: Text | None = None
    example: Text | None = None
    options: tuple[Option, ...] = ()
    codes: str = ""  # a CSV under codes/, instead of inline options
    ordered: bool = False  # options run from lowest to highest; at_least / at_most may be used
    unsure: bool = True
    ask_when: tuple[Ident, ...] = ()  # conditions that must all be met before the question makes sense
    clause: ClauseRef = ""


class Condition(Model):
    """fact, operator, value. `staff=True`: a match is not *met* but *staff decide* (「成绩突出」 is for people);
    a mismatch is still *not met*.

    `setting` takes the value from a setting of the programme. `as_of` (``MM-DD``) counts years up to that day of the
    intake's year, the first one on or after the day of assessment (「以申报当年6月30日为限」), not to the day itself.
    """

    id: Ident
    fact: Ident
    op: Op
    value: Scalar | tuple[Scalar, ...] | None = None
    setting: str = ""
    as_of: DayOfYear | None = None
    clause: ClauseRef
    quote: str = ""  # words of that clause (must occur in the clause's quote); default: the clause's quote
    text: Text  # the condition in plain words, for the verdict page
    staff: bool = False
    staff_why: Text | None = None
    evidence: tuple[Ident, ...] = ()  # documents that show it


class Tree(Model):
    """all AND (at least one of any) AND none of none; names are conditions or groups. An empty tree is met."""

    all: tuple[Ident, ...] = ()
    any: tuple[Ident, ...] = ()
    none: tuple[Ident, ...] = ()


class Group(Tree):
    """A named sub-tree, as a numbered condition of the notice: 「符合下列条件之一」 ..."""

    id: Ident
    clause: ClauseRef
    title: Text


class Category(Tree):
    """A category (or tier) a person may fit."""

    id: Ident
    clause: ClauseRef
    name: Text
    plain: Text  # one line that a person recognises themselves in


class Ladder(Model):
    """Categories that are tiers of one another (初级、中级、高级): a person claims the ladder, and the highest tier
    that holds is theirs. `categories` run from the highest to the lowest."""

    id: Ident
    clause: ClauseRef
    name: Text
    plain: Text  # one line that a person recognises themselves in
    categories: tuple[Ident, ...] = Field(min_length=1)


class Eligibility(Model):
    claim_question: Text
    claim_hint: Text | None = None
    claim_one: bool = False  # a person applies for one of them only
    general: Tree = Tree()  # what every category needs as well
    general_clause: ClauseRef = ""
    facts: tuple[Fact, ...]
    conditions: tuple[Condition, ...]
    groups: tuple[Group, ...] = ()
    categories: tuple[Category, ...]
    ladders: tuple[Ladder, ...] = ()

    def claims(self) -> tuple[Category | Ladder, ...]:
        """What a person may claim, in the notice's order: ladders instead of their tiers, other categories as such."""
        ladder_of = {name: ladder for ladder in self.ladders for name in ladder.categories}
        found = {one.id: one for one in (ladder_of.get(c.id, c) for c in self.categories)}
        return tuple(found.values())


class Unit(Model):
    """A collecting unit or county named by the notice (四(一))."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    name: Text
    clause: ClauseRef
    parent: str = ""  # reports through this unit
    group: str = ""  # the kind of unit
    group_en: str = ""

    def heading(self, lang: str) -> str:
        """`group` in `lang`; empty where none is given."""
        return self.group_en if lang == "en" else self.group


class Route(Model):
    """The first route whose tree is met decides. Exactly one of `unit` (an id) or `unit_by` (a choice fact whose
    option values are unit ids). `staff=True`: candidates only, the office decides. `supporting`: bodies that help the
    unit (配合部门), by name: they collect nothing and see no application, staff are told of them."""

    id: Ident
    clause: ClauseRef
    when: Tree
    unit: str = ""
    unit_by: str = ""
    staff: bool = False
    supporting: tuple[Text, ...] = ()
    text: Text


class Routing(Model):
    """Facts and conditions here extend those of eligibility; `fallback` is the unit that sorts out the rest.
    `reports_clause`: units hand whom they have passed upward, with the covering workbooks (上报); without it whoever a
    unit has passed is before the office. `not_twice_clause`: nobody may be reported by two units (不重报); with it the
    office is told of whoever two units name."""

    office: str  # the unit id of the programme office
    fallback: str
    fallback_clause: ClauseRef
    facts: tuple[Fact, ...] = ()
    conditions: tuple[Condition, ...] = ()
    units: tuple[Unit, ...]
    routes: tuple[Route, ...]
    reports_clause: ClauseRef = ""
    not_twice_clause: ClauseRef = ""
