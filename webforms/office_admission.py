"""How an admission is called on staff pages: as the programme of whoever is signed in calls it."""

from __future__ import annotations

from flask import g, has_request_context
from flask_babel import get_locale
from flask_babel.speaklater import LazyString

from models.application import admission
from models.office import scope
from models.programme.loader import load_pack


def _said(name: str) -> str:
    member = g.get("staff") if has_request_context() else None
    slug = scope.programme(member) if member else ""
    lang = "en" if str(get_locale() or "zh").startswith("en") else "zh"
    return admission.words(load_pack(slug) if slug else None)[name].get(lang)


DEED = LazyString(_said, "deed")
DONE = LazyString(_said, "done")
