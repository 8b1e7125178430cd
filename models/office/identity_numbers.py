"""The numbers by which people are known, opened for a comparison or for a mask: never kept, never passed on."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.application import answers, packs
from models.application.tables import Answer, Application
from models.errors import InvalidAnswer
from models.office.masking import mask
from models.programme.form import IDENTITY_KINDS
from models.programme.idnumber import check
from models.programme.mentions import form_fields


def numbers(session: Session, applications: Sequence[Application]) -> dict[str, str]:
    """The (normalised) number of each, by application; whoever has given none is left out."""
    keys: dict[str, list[str]] = {}
    for one in applications:
        fields = form_fields(packs.pack_of(one))
        keys[one.id] = [f"field:{field.id}" for field in fields if field.kind in IDENTITY_KINDS]
    wanted = {key for held in keys.values() for key in held}
    query = select(Answer).where(Answer.application_id.in_(keys), Answer.key.in_(wanted))
    found = {(row.application_id, row.key): row for row in session.scalars(query)}
    out = {}
    for ident, held in keys.items():
        first = next((found[ident, key] for key in held if (ident, key) in found), None)
        if first is not None:
            out[ident] = str(answers.unseal(ident, first.key, first.sealed) if first.sealed else first.value)
    return out


def masked(session: Session, applications: Sequence[Application]) -> dict[str, str]:
    """The same as they are shown."""
    return {ident: veil(number) for ident, number in numbers(session, applications).items()}


def veil(number: str) -> str:
    """A number as it is shown, an ID number by its beginning and end."""
    try:
        return mask("id_number", check(number))
    except InvalidAnswer:
        return mask("", number.upper())
