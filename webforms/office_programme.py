"""The programme as people read it: its rules as trees beside the clauses that they quote, and all the rest of it."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from models.errors import InvalidAnswer
from models.office import notice_texts, scope
from models.programme import outline
from models.programme.check import prove_quotes
from models.programme.loader import load_pack
from models.programme.mentions import clause_uses
from models.programme.notice_text import marked
from models.programme.pack import Pack
from webforms.office_base import page, sentence, staff, staff_route

KEEPERS = (scope.OFFICE, scope.ADMIN)
_LONG_LIST = 12  # options of a list that are shown at once; the rest behind a fold


@staff_route("/programme", *scope.EVERYBODY)
def programme_page() -> ResponseReturnValue:
    """The pack of the own programme."""
    return _page()


@staff_route("/programme/text", *KEEPERS, methods=("POST",))
def import_notice() -> ResponseReturnValue:
    """Import the notice's full text, from a file or as pasted."""
    with closing(request.files.get("file") or FileStorage()) as upload:
        data = upload.stream.read(notice_texts.LARGEST + 1)
    pasted = request.form.get("text", "")
    try:
        notice_texts.import_text(staff(), data or pasted.encode("utf-8", "replace"))
    except InvalidAnswer as error:
        return _page(422, problem=sentence(error), typed=pasted)
    flash(_("通知全文已导入。"), "success")
    return redirect(url_for("office.programme_page", _anchor="notice"))


def _page(status: int = 200, **extra: Any) -> ResponseReturnValue:
    pack = load_pack(scope.programme(staff()))
    text = notice_texts.current(staff())
    return page(
        "programme.html",
        status,
        pack=pack,
        anchors={clause.ref: f"c{number}" for number, clause in enumerate(pack.clauses, start=1)},
        general=outline.general(pack),
        claims=outline.claims(pack),
        routes=outline.routes(pack),
        uses=_uses(pack),
        paragraphs=marked(text, pack) if text else [],
        unproven=prove_quotes(pack, text) if text else [],
        long_list=_LONG_LIST,
        **{"problem": "", "typed": "", **extra},
    )


def _uses(pack: Pack) -> dict[str, list[str]]:
    """What claims each clause, by kind, in the order found."""
    found: dict[str, dict[str, None]] = {}
    for kind, _file, _key, ref in clause_uses(pack):
        found.setdefault(ref, {})[kind] = None
    return {ref: list(kinds) for ref, kinds in found.items()}
