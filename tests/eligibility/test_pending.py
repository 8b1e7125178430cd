"""The questions asked: never one that cannot change the verdict, never a different verdict than with everything known.

Random small packs: facts of every kind, some behind a gate, some for people to decide, in read-once trees. (Where a
gate also stands in the tree, or one fact is read twice, a question too many may be asked, never one too few.)
"""

from datetime import date
from itertools import product
from pathlib import Path

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models.eligibility.assess import assess
from models.eligibility.compiled import compiled
from models.eligibility.verdict import UNSURE, Outcome, Status
from models.programme import loader
from models.programme.pack import Category, Condition, Eligibility, Fact, Group, Option, Route, Text, Tree

GUILD = loader.load_folder(Path(__file__).parents[1] / "programme" / "packs" / "guild")
ON = date(2020, 2, 1)
T = Text(zh="某", en="x")
PEOPLE = {Status.STAFF: "people", Status.UNKNOWN: "people", Status.MET: "met", Status.NOT_MET: "not met"}
OPTIONS = tuple(Option(value=value, label=T) for value in ("a", "b"))
KINDS = {
    # kind: operator, wanted, an answer that fits, one that does not
    "yes_no": ("is", True, True, False),
    "choice": ("at_least", "b", "b", "a"),
    "choices": ("any_of", ("a",), ("a", "b"), ()),
    "number": ("at_least", 2, 2, 1),
    "date": ("years_at_least", 5, "2015-02-01", "2015-02-02"),
}


def make_fact(name, kind, gate):
    options = OPTIONS if kind in ("choice", "choices") else ()
    return Fact(
        id=name,
        kind=kind,
        question=T,
        why=T,
        options=options,
        ordered=kind == "choice",
        ask_when=(gate,) if gate else (),
    )


def make_condition(name, fact, kind, staff):
    op, wanted, _, _ = KINDS[kind]
    return Condition(id=name, fact=fact, op=op, value=wanted, clause="二", text=T, staff=staff)


@st.composite
def packs(draw, gated=True):
    """Facts f0…, each read by condition c0…; every condition stands in one place of one category's tree."""
    count = draw(st.integers(2, 6))
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=count, max_size=count))
    staff = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    gates = [draw(st.sampled_from([None, None, *range(i)])) if i and gated else None for i in range(count)]
    facts = [make_fact(f"f{i}", kinds[i], f"c{gates[i]}" if gates[i] is not None else None) for i in range(count)]
    conditions = [make_condition(f"c{i}", f"f{i}", kinds[i], staff[i]) for i in range(count)]
    names = draw(st.permutations([f"c{i}" for i in range(count)]))
    cut = draw(st.integers(0, count))
    groups, trees = [], []
    for prefix, part in (("x", names[:cut]), ("y", names[cut:])):
        trees.append(draw_tree(draw, prefix, list(part), staff, groups))
    eligibility = Eligibility(
        claim_question=T,
        facts=tuple(facts),
        conditions=tuple(conditions),
        groups=tuple(groups),
        categories=tuple(
            Category(id=name, clause="二", name=T, plain=T, **tree) for name, tree in zip("xy", trees, strict=True)
        ),
    )
    routing = GUILD.routing.model_copy(update={"facts": (), "conditions": (), "routes": (always("school"),)})
    return GUILD.model_copy(update={"eligibility": eligibility, "routing": routing})


def always(unit):
    return Route(id="only", clause="三", when=Tree(), unit=unit, text=T)


def draw_tree(draw, prefix, names, staff, groups):
    """`all`, `any` and `none` over conditions and, one level down, groups of conditions."""
    tree = {"all": [], "any": [], "none": []}
    while names:
        size = draw(st.integers(1, min(3, len(names))))
        part, names = names[:size], names[size:]
        place = draw(st.sampled_from(["all", "any"]))
        if size == 1:
            excluded = not staff[int(part[0][1:])] and draw(st.booleans())
            tree["none" if excluded else place].append(part[0])
        else:
            name = f"{prefix}{len(groups)}"
            groups.append(Group(id=name, clause="二", title=T, **{draw(st.sampled_from(["all", "any"])): tuple(part)}))
            tree[place].append(name)
    return {place: tuple(found) for place, found in tree.items()}


def profile(pack, fits):
    """A whole person: an answer to every question that makes sense for them (True: fits, None: unsure)."""
    facts = {}
    for fact, answer in zip(pack.eligibility.facts, fits, strict=True):
        gates = [next(c for c in pack.eligibility.conditions if c.id == gate) for gate in fact.ask_when]
        if any(facts.get(gate.fact) in (None, UNSURE, KINDS[kind_of(pack, gate.fact)][3]) for gate in gates):
            continue
        facts[fact.id] = UNSURE if answer is None else KINDS[fact.kind][2 if answer else 3]
    return facts


def kind_of(pack, name):
    return next(fact.kind for fact in pack.eligibility.facts if fact.id == name)


def verdict(found):
    return {name: PEOPLE[found.categories[name].status] for name in found.claimed}, found.route.unit


def interview(pack, person, claimed):
    """Ask what is pending until nothing is; returns what was asked, in order, with the last assessment."""
    asked = {}
    while True:
        found = assess(pack, asked, claimed, ON)
        if not found.pending:
            return asked, found
        name = found.pending[0]
        assert name not in asked
        asked[name] = person[name]


answers = st.lists(st.sampled_from([True, True, False, False, None]), min_size=6, max_size=6)
claims = st.sampled_from([("x",), ("y",), ("x", "y"), UNSURE])


@given(packs(), answers, claims)
@settings(max_examples=250, deadline=None)
def test_fewer_questions_never_a_different_verdict(pack, fits, claimed):
    person = profile(pack, fits[: len(pack.eligibility.facts)])
    asked, found = interview(pack, person, claimed)
    everything = assess(pack, person, claimed, ON)
    assert verdict(found)[0] == verdict(everything)[0]
    assert found.outcome is everything.outcome
    assert found.outcome is not Outcome.UNKNOWN
    assert set(asked) <= set(person)


@given(packs(), answers, claims, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_of_answers_changes_nothing(pack, fits, claimed, random):
    person = list(profile(pack, fits[: len(pack.eligibility.facts)]).items())
    shuffled = random.sample(person, len(person))
    assert assess(pack, dict(person), claimed, ON) == assess(pack, dict(shuffled), claimed, ON)


@given(packs(gated=False), answers, st.sampled_from([("x",), ("y",)]))
@settings(max_examples=80, deadline=None)
def test_a_question_is_asked_only_if_some_rest_of_the_answers_makes_it_matter(pack, fits, claimed):
    person = profile(pack, fits[: len(pack.eligibility.facts)])
    known = {}
    while True:
        found = assess(pack, known, claimed, ON)
        if not found.pending:
            return
        for name in found.pending:
            assert matters(pack, known, name, claimed), (name, known)
        known[found.pending[0]] = person[found.pending[0]]


def matters(pack, known, name, claimed):
    """Brute force: two answers to `name` that, with the same answers to all the rest, end differently."""
    rest = [fact for fact in pack.eligibility.facts if fact.id not in known and fact.id != name]
    for choice in product((True, False), repeat=len(rest)):
        others = {fact.id: KINDS[fact.kind][2 if fits else 3] for fact, fits in zip(rest, choice, strict=True)}
        kind = KINDS[kind_of(pack, name)]
        ends = [verdict(assess(pack, {**known, **others, name: kind[2 + no]}, claimed, ON)) for no in (False, True)]
        if ends[0] != ends[1]:
            return True
    return False


@given(packs(), answers)
@settings(max_examples=100, deadline=None)
def test_a_settled_category_stays_as_it_is_whatever_else_is_answered(pack, fits):
    person = profile(pack, fits[: len(pack.eligibility.facts)])
    known, before = {}, {}
    for name in [None, *person]:
        if name:
            known[name] = person[name]
        found = assess(pack, known, UNSURE, ON)
        for category, status in before.items():
            assert PEOPLE[found.categories[category].status] == status
        before = {n: PEOPLE[c.status] for n, c in found.categories.items() if c.status is not Status.UNKNOWN}


@given(packs(), answers)
@settings(max_examples=60, deadline=None)
def test_supposing_an_answer_judges_as_giving_it(pack, fits):
    c = compiled(pack)
    person = profile(pack, fits[: len(pack.eligibility.facts)])
    assume(person)
    state = c.evaluate({}, ON)
    for name, value in person.items():
        state = c.suppose(state, name, value, ON)
    assert state == c.evaluate(c.known(person), ON)


def test_the_person_is_not_thrown_from_category_to_category():
    facts = {"barred": False, "lives": True}
    assert assess(GUILD, facts, ("craft", "folk"), ON).pending[0] == "level"
    after = assess(GUILD, {**facts, "works": 3}, ("craft", "folk"), ON)
    assert after.pending[:2] == ("level", "repute")


def test_the_question_that_settles_most_comes_first():
    assert assess(GUILD, {}, UNSURE, ON).pending[0] in ("barred", "lives")
    assert assess(GUILD, {"barred": False}, UNSURE, ON).pending[0] == "lives"
