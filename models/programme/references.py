"""Every reference in a pack proven: names that exist once, values among options, operators that fit, no cycles."""

from __future__ import annotations

from collections.abc import Collection

from models.programme import operands, papers, profile, selecting, tabling
from models.programme.mentions import clause_uses, form_fields
from models.programme.pack import (
    Fact,
    FormField,
    Pack,
    Tree,
    When,
)
from models.programme.proving import acyclic, check_options, no_repeats, wrong


def prove(pack: Pack) -> None:
    """Raise PackError, naming file, key and reason, at the first reference that does not hold."""
    _Prover(pack).prove()


class _Prover:
    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.facts = {x.id: x for x in (*pack.eligibility.facts, *pack.routing.facts)}
        self.conditions = {x.id: x for x in (*pack.eligibility.conditions, *pack.routing.conditions)}
        self.groups = {x.id: x for x in pack.eligibility.groups}
        self.categories = {x.id for x in pack.eligibility.categories}
        self.unit_fields = {x.id for x in pack.form.unit_fields}
        self.fields = {x.id: x for x in form_fields(pack)}
        self.documents = {x.id for x in pack.documents.documents}
        self.units = {x.id for x in pack.routing.units}

    def prove(self) -> None:
        self._unique()
        self._clauses()
        self._facts()
        self._conditions()
        self._trees()
        self._cycles()
        self._form()
        self._documents()
        self._routing()
        rows = [x.id for x in self.fields.values() if x.kind == "rows"]
        named: dict[str, Collection[str]] = {
            "field": self.fields,
            "fact": self.facts,
            "document": self.documents,
            "rows": rows,
            "month": [x.id for x in self.fields.values() if x.kind == "date"],
        }
        tabling.prove(self.pack, {**named, "unit_field": self.unit_fields}, self._when)
        selecting.prove(self.pack, self.categories, set(self.fields), self.documents)
        for problem in (*profile.problems(self.pack), *papers.problems(self.pack.documents)):
            wrong(*problem)

    def _unique(self) -> None:
        pack, el, ro = self.pack, self.pack.eligibility, self.pack.routing
        names = [x.id for x in (*el.conditions, *ro.conditions)] + [x.id for x in el.groups]
        for file, key, idents in (
            ("clauses.toml", "clause", [x.ref for x in pack.clauses]),
            ("eligibility.toml", "facts", [x.id for x in (*el.facts, *ro.facts)]),
            ("eligibility.toml", "conditions and groups", names),
            (
                "eligibility.toml",
                "categories and ladders",
                [*(x.id for x in el.categories), *(x.id for x in el.ladders)],
            ),
            ("form.toml", "sections", [x.id for x in pack.form.sections]),
            ("form.toml", "fields", [x.id for x in form_fields(pack)]),
            ("form.toml", "unit_fields", [x.id for x in pack.form.unit_fields]),
            ("documents.toml", "documents", [x.id for x in pack.documents.documents]),
            ("routing.toml", "units", [x.id for x in ro.units]),
            ("routing.toml", "routes", [x.id for x in ro.routes]),
            ("programme.toml", "consents", [x.id for x in pack.programme.consents]),
            ("programme.toml", "declarations", [x.id for x in pack.programme.declarations]),
            ("programme.toml", "duties", [x.id for x in pack.programme.duties]),
            ("programme.toml", "open_points", [x.id for x in pack.programme.open_points]),
            ("programme.toml", "settings", [x.id for x in pack.programme.settings]),
        ):
            no_repeats(file, key, idents)

    def _clauses(self) -> None:
        refs = {clause.ref for clause in self.pack.clauses}
        for _, file, key, ref in clause_uses(self.pack):
            if ref not in refs:
                wrong(file, key, f"clause {ref!r} is not in clauses.toml")

    def _facts(self) -> None:
        routing = {fact.id for fact in self.pack.routing.facts}
        for fact in self.facts.values():
            file, key = ("routing.toml" if fact.id in routing else "eligibility.toml"), f"facts({fact.id})"
            check_options(file, key, fact.kind, fact.options)
            if fact.ordered and fact.kind != "choice":
                wrong(file, f"{key}.ordered", "only a choice can be ordered")
            for name in fact.ask_when:
                if name not in self.conditions:
                    wrong(file, f"{key}.ask_when", f"there is no condition {name!r}")

    def _conditions(self) -> None:
        of_eligibility = {fact.id for fact in self.pack.eligibility.facts}
        for condition in self.pack.eligibility.conditions:
            if condition.fact in self.facts and condition.fact not in of_eligibility:
                wrong("eligibility.toml", f"conditions({condition.id}).fact", "reads a routing fact")
        routing = {condition.id for condition in self.pack.routing.conditions}
        for condition in self.conditions.values():
            file = "routing.toml" if condition.id in routing else "eligibility.toml"
            key = f"conditions({condition.id})"
            fact = self.facts.get(condition.fact)
            if fact is None:
                wrong(file, f"{key}.fact", f"there is no fact {condition.fact!r}")
            if problem := operands.problem(condition.op, condition.value, fact):
                wrong(file, f"{key}.value", problem)
            if condition.as_of and not condition.op.startswith("years_"):
                wrong(file, f"{key}.as_of", "only years are counted up to a day")
            for name in condition.evidence:
                if name not in self.documents:
                    wrong(file, f"{key}.evidence", f"there is no document {name!r}")

    def _trees(self) -> None:
        el = self.pack.eligibility
        own = {x.id for x in el.conditions} | set(self.groups)
        for key, tree in (
            ("general", el.general),
            *((f"groups({x.id})", x) for x in el.groups),
            *((f"categories({x.id})", x) for x in el.categories),
        ):
            self._names("eligibility.toml", key, tree, own)
        self._ladders()
        if not el.categories:
            wrong("eligibility.toml", "categories", "a programme has at least one category")
        for route in self.pack.routing.routes:
            self._names("routing.toml", f"routes({route.id}).when", route.when, {*self.conditions, *self.groups})

    def _ladders(self) -> None:
        ladders = self.pack.eligibility.ladders
        for ladder in ladders:
            for name in ladder.categories:
                if name not in self.categories:
                    wrong("eligibility.toml", f"ladders({ladder.id}).categories", f"there is no category {name!r}")
        tiers = [name for ladder in ladders for name in ladder.categories]
        no_repeats("eligibility.toml", "ladders (categories)", tiers)

    def _names(self, file: str, key: str, tree: Tree, known: set[str]) -> None:
        for mode in ("all", "any", "none"):
            for name in getattr(tree, mode):
                if name not in known:
                    wrong(file, f"{key}.{mode}", f"there is no condition or group {name!r}")

    def _cycles(self) -> None:
        graph = {x.id: [n for n in (*x.all, *x.any, *x.none) if n in self.groups] for x in self.groups.values()}
        acyclic("eligibility.toml", "groups", graph)
        gates = {x.id: [self.conditions[name].fact for name in x.ask_when] for x in self.facts.values()}
        acyclic("eligibility.toml", "facts.ask_when", gates)

    def _form(self) -> None:
        for section in self.pack.form.sections:
            self._when("form.toml", f"sections({section.id}).when", section.when)
        for field in self.fields.values():
            self._field(field, f"fields({field.id})")
        for given in self.pack.form.unit_fields:
            check_options("form.toml", f"unit_fields({given.id})", given.kind, given.options)
            self._when("form.toml", f"unit_fields({given.id}).when", given.when)
        graph = {
            x.id: [n for n in (x.when.field if x.when else "", x.parent, x.id_field) if n] for x in self.fields.values()
        }
        acyclic("form.toml", "fields (when, parent, id_field)", graph)

    def _field(self, field: FormField, key: str) -> None:
        check_options("form.toml", key, field.kind, field.options)
        self._when("form.toml", f"{key}.when", field.when)
        if (field.kind == "rows") != bool(field.columns):
            wrong("form.toml", f"{key}.columns", "rows have columns, and nothing else does")
        no_repeats("form.toml", f"{key}.columns", [column.id for column in field.columns])
        for column in field.columns:
            check_options("form.toml", f"{key}.{column.id}", column.kind, column.options)
        if field.min_rows > field.max_rows:
            wrong("form.toml", f"{key}.min_rows", "more than max_rows")
        self._parent(field, key)
        self._offered(field, key)

    def _parent(self, field: FormField, key: str) -> None:
        if not field.parent:
            return
        parent = self.fields.get(field.parent)
        if parent is None or parent.kind != "choice":
            wrong("form.toml", f"{key}.parent", f"there is no choice field {field.parent!r}")
        known = {option.value for option in parent.options}
        for option in field.options:
            if option.parent and option.parent not in known:
                wrong("form.toml", f"{key}.options({option.value})", f"no option {option.parent!r} in {parent.id}")

    def _offered(self, field: FormField, key: str) -> None:
        if field.from_fact:
            fact = self.facts.get(field.from_fact)
            if fact is None:
                wrong("form.toml", f"{key}.from_fact", f"there is no fact {field.from_fact!r}")
            if fact.kind != field.kind:
                wrong("form.toml", f"{key}.from_fact", f"the fact is a {fact.kind}, the field a {field.kind}")
            if {o.value for o in fact.options}.isdisjoint(o.value for o in field.options) and fact.options:
                wrong("form.toml", f"{key}.from_fact", "the fact and the field have no option in common")
        if field.binding and not field.from_fact:
            wrong("form.toml", f"{key}.binding", "agrees with an eligibility answer, so from_fact names it")
        if bool(field.derive) != bool(field.id_field):
            wrong("form.toml", f"{key}.derive", "derive and id_field go together")
        if field.derive:
            source = self.fields.get(field.id_field)
            if source is None or source.kind != "id_number":
                wrong("form.toml", f"{key}.id_field", f"there is no id_number field {field.id_field!r}")
            wanted = "date" if field.derive == "birth_date_from_id" else "choice"
            if field.kind != wanted:
                wrong("form.toml", f"{key}.derive", f"needs a field of kind {wanted}")
            if wanted == "choice" and {o.value for o in field.options} != {"male", "female"}:
                wrong("form.toml", f"{key}.derive", "the options of a sex are male and female")

    def _when(self, file: str, key: str, when: When | None) -> None:
        if when is None:
            return
        for name in when.category:
            if name not in self.categories:
                wrong(file, f"{key}.category", f"there is no category {name!r}")
        for name in when.condition:
            if name not in self.conditions:
                wrong(file, f"{key}.condition", f"there is no condition {name!r}")
        if when.fact and when.field:
            wrong(file, key, "give a fact or a field, not both")
        spec: Fact | FormField | None = None
        if when.fact:
            spec = self.facts.get(when.fact)
        elif when.field:
            spec = self.fields.get(when.field)
        if (when.fact or when.field) and spec is None:
            wrong(file, key, f"there is no fact or field {when.fact or when.field!r}")
        if spec is not None and (problem := operands.problem(when.op, when.value, spec)):
            wrong(file, f"{key}.value", problem)

    def _documents(self) -> None:
        for document in self.pack.documents.documents:
            key = f"documents({document.id})"
            self._when("documents.toml", f"{key}.when", document.when)
            if not 1 <= document.min_pages <= document.max_pages:
                wrong("documents.toml", f"{key}.max_pages", "pages run from 1 and min_pages to max_pages")

    def _routing(self) -> None:
        routing = self.pack.routing
        for key, unit in (("office", routing.office), ("fallback", routing.fallback)):
            self._unit(key, unit)
        for item in routing.units:
            if item.parent:
                self._unit(f"units({item.id}).parent", item.parent)
        acyclic("routing.toml", "units.parent", {u.id: [u.parent] if u.parent else [] for u in routing.units})
        for route in routing.routes:
            key = f"routes({route.id})"
            if bool(route.unit) == bool(route.unit_by):
                wrong("routing.toml", key, "give exactly one of unit and unit_by")
            if route.unit:
                self._unit(f"{key}.unit", route.unit)
            else:
                self._unit_by(f"{key}.unit_by", route.unit_by)

    def _unit(self, key: str, unit: str) -> None:
        if unit not in self.units:
            wrong("routing.toml", key, f"there is no unit {unit!r}")

    def _unit_by(self, key: str, name: str) -> None:
        fact = self.facts.get(name)
        if fact is None or fact.kind != "choice":
            wrong("routing.toml", key, f"there is no choice fact {name!r}")
        for option in fact.options:
            if option.value not in self.units:
                wrong("routing.toml", key, f"the option {option.value!r} of {name} is not a unit")
