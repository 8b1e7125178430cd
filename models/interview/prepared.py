"""What of an interview does not depend on answers: the asks of a pack, made once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from models.interview.steps import Ask, Stage
from models.programme.pack import Column, Consent, Document, Fact, FormField, Option, Pack, Section, Text

_KEPT = 64
_NAMES = ("name", "former_name")  # profiles
_ALWAYS_SEALED = ("id_number", "passport_number", "phone")  # whether or not the pack says so


@dataclass(frozen=True, slots=True)
class Prepared:
    """The asks of a pack by stage; those of fields may still get narrowed options or a suggestion."""

    pack: Pack
    consents: tuple[Ask, ...]  # asked of everybody
    way_consents: tuple[tuple[Consent, Ask], ...]  # asked of those who come by one of the consent's channels
    claim: Ask
    facts: Mapping[str, Ask]
    fields: Mapping[str, Ask]
    documents: tuple[tuple[Document, Ask], ...]
    declarations: tuple[Ask, ...]
    field_specs: Mapping[str, FormField]
    followers: Mapping[str, tuple[FormField, ...]]  # id_number field → fields derived from it
    closing: bool  # whether a way in closes on a day of its own
    moving: frozenset[str]  # fields by whose answers others come up, go, or change
    sensitive: frozenset[str]  # keys of answers that are encrypted at rest and masked for staff
    options: Mapping[tuple[str, str], frozenset[str]]  # field and column (or nothing) → the values of its options

    def asks(self) -> Iterator[Ask]:
        """Every ask, in no order."""
        yield from (*self.consents, self.claim, *self.facts.values(), *self.fields.values(), *self.declarations)
        yield from (ask for _, ask in (*self.way_consents, *self.documents))


_prepared: dict[int, Prepared] = {}


def prepared(pack: Pack) -> Prepared:
    """The prepared asks of this very pack."""
    found = _prepared.get(id(pack))
    if found is None or found.pack is not pack:
        if len(_prepared) >= _KEPT:
            _prepared.clear()
        found = _prepared[id(pack)] = _prepare(pack)
    return found


def _prepare(pack: Pack) -> Prepared:
    facts = (*pack.eligibility.facts, *pack.routing.facts)
    pairs = [(section, field) for section in pack.form.sections for field in section.fields]
    specs = {field.id: field for _, field in pairs}
    return Prepared(
        pack=pack,
        consents=tuple(_consent(c) for c in pack.programme.consents if not c.channels),
        way_consents=tuple((c, _consent(c)) for c in pack.programme.consents if c.channels),
        claim=_claim(pack),
        facts={fact.id: _fact(fact) for fact in facts},
        fields={field.id: _field(section, field) for section, field in pairs},
        documents=tuple((document, _document(document)) for document in pack.documents.documents),
        declarations=_declarations(pack),
        field_specs=specs,
        followers={name: tuple(field for field in specs.values() if field.id_field == name) for name in specs},
        closing=any(channel.closes is not None for channel in pack.selection.channels),
        moving=frozenset(_moving(pack, specs.values())),
        sensitive=frozenset(
            f"field:{field.id}" for field in specs.values() if field.sensitive or field.kind in _ALWAYS_SEALED
        ),
        options={
            (field.id, column): frozenset(option.value for option in part.options)
            for field in specs.values()
            for column, part in _parts(field)
        },
    )


def _moving(pack: Pack, specs: Iterable[FormField]) -> Iterator[str]:
    whens = (
        *(s.when for s in pack.form.sections),
        *(f.when for f in specs),
        *(d.when for d in pack.documents.documents),
    )
    yield from (when.field for when in whens if when is not None)
    for spec in specs:
        yield from (spec.parent, spec.id_field)


def _parts(field: FormField) -> Iterator[tuple[str, FormField | Column]]:
    yield "", field
    yield from ((column.id, column) for column in field.columns)


def _consent(consent: Consent) -> Ask:
    key = f"consent:{consent.id}"
    return Ask(key, Stage.CONSENT, "consent", consent.title, required=consent.required, help=consent.text)


def _claim(pack: Pack) -> Ask:
    eligibility = pack.eligibility
    options = tuple(Option(value=c.id, label=c.name, hint=c.plain, clause=c.clause) for c in eligibility.claims())
    return Ask(
        "claim",
        Stage.ELIGIBILITY,
        "choices",
        eligibility.claim_question,
        help=eligibility.claim_hint,
        clause=eligibility.general_clause,
        options=options,
        unsure=True,
        single=eligibility.claim_one,
    )


def _fact(fact: Fact) -> Ask:
    return Ask(
        f"fact:{fact.id}",
        Stage.ELIGIBILITY,
        fact.kind,
        fact.question,
        help=fact.hint,
        example=fact.example,
        why=fact.why,
        clause=fact.clause,
        options=fact.options,
        unsure=fact.unsure,
    )


def _field(section: Section, field: FormField) -> Ask:
    return Ask(
        f"field:{field.id}",
        Stage.FORM,
        field.kind,
        field.label,
        required=field.required,
        help=field.help,
        example=field.example,
        clause=field.clause,
        options=field.options,
        columns=field.columns,
        min_rows=field.min_rows,
        max_rows=field.max_rows if field.kind == "rows" else 0,
        max_length=field.max_length,
        digits=field.digits,
        is_name=field.profile in _NAMES,
        sensitive=field.sensitive,
        section=section.id,
    )


def _document(document: Document) -> Ask:
    return Ask(
        f"document:{document.id}",
        Stage.DOCUMENTS,
        "document",
        document.title,
        required=document.required,
        help=_help(document),
        why=document.why,
        clause=document.clause,
        min_pages=document.min_pages,
        max_pages=document.max_pages,
        portrait=document.portrait,
    )


def _help(document: Document) -> Text:
    """What counts, and what becomes of the original where the notice says it."""
    counts, originals = document.counts, document.originals
    return counts if originals is None else Text(zh=f"{counts.zh}{originals.zh}", en=f"{counts.en} {originals.en}")


def _declarations(pack: Pack) -> tuple[Ask, ...]:
    return tuple(
        Ask(f"declaration:{d.id}", Stage.DECLARATION, "declaration", d.text, clause=d.clause)
        for d in pack.programme.declarations
    )
