"""How an answer key is called before people."""

from __future__ import annotations

from collections.abc import Iterator

from models.interview import wording
from models.office.change_states import is_evidence
from models.programme.pack import Pack, Text

_CLAIM = Text(zh="申报类别", en="Categories applied for")
_VERDICT = Text(zh="资格判断", en="Eligibility result")


def document_title(pack: Pack, document_id: str) -> Text:
    """What a document is called; the proof of a change is none of the programme's own documents."""
    if is_evidence(document_id):
        return wording.text("change.evidence")
    titles = (document.title for document in pack.documents.documents if document.id == document_id)
    return next(titles, Text(zh=document_id, en=document_id))


def label(pack: Pack, key: str, lang: str) -> str:
    """The label of the field, document, question, consent or declaration behind `key`; the key if there is none."""
    if is_evidence(key.removeprefix("document:")):
        return document_title(pack, key.removeprefix("document:")).get(lang)
    return next((text.get(lang) for name, text in _labels(pack) if name == key), key)


def named(pack: Pack, key: str, reason: str, lang: str) -> str:
    """One line of a returned item: what, and what to do about it where that was said."""
    if not reason:
        return label(pack, key, lang)
    return f"{label(pack, key, lang)}: {reason}" if lang == "en" else f"{label(pack, key, lang)}：{reason}"


def _labels(pack: Pack) -> Iterator[tuple[str, Text]]:
    for section in pack.form.sections:
        yield from ((f"field:{field.id}", field.label) for field in section.fields)
    yield from ((f"document:{document.id}", document.title) for document in pack.documents.documents)
    for fact in (*pack.eligibility.facts, *pack.routing.facts):
        yield f"fact:{fact.id}", fact.question
    yield from ((f"consent:{consent.id}", consent.title) for consent in pack.programme.consents)
    yield from ((f"declaration:{given.id}", given.text) for given in pack.programme.declarations)
    yield from (("claim", _CLAIM), ("verdict", _VERDICT))
