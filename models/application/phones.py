"""The person's own mobile number: read where a text message about their application goes, or staff see one will."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.application import answers
from models.application.tables import Answer
from models.programme.mentions import form_fields
from models.programme.pack import Pack

_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)


def own_mobile(session: Session, application_id: str, pack: Pack) -> str | None:
    """The number, decrypted; None where the form asks for none, or what was given takes no text messages.

    Of several telephones on a form only the one with the profile ``phone`` is the person's own: another is that of a
    contact person, whom the application is not to be told to.
    """
    fields = [field for field in form_fields(pack) if field.kind == "phone"]
    own = [field for field in fields if field.profile == "phone"] or (fields if len(fields) == 1 else [])
    if not own:
        return None
    key = f"field:{own[0].id}"
    stored = session.scalar(select(Answer.sealed).where(Answer.application_id == application_id, Answer.key == key))
    number = answers.unseal(application_id, key, stored) if stored is not None else None
    return number if isinstance(number, str) and _MOBILE.fullmatch(number) else None
