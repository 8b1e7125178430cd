"""`python -m webforms.demo_people`: applications and questions of invented people, for a demo installation only.

Staff who sign in to a demo find something to review. Runs once, beside the running installation and at a low priority;
interrupted, it begins again at the next start, and the same people do not apply twice.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from itertools import islice

from flask import Flask
from sqlalchemy import select

from models import clock
from models.application import rounds
from models.application.tables import Application
from models.extensions import db
from models.logs import configure
from models.office import demo, enquiries
from models.programme.loader import load_pack, pack_slugs
from models.programme.pack import Pack
from models.settings import Settings
from models.unit_of_work import unit_of_work
from webforms.app import create_app
from webforms.simulate import simulate
from webforms.stamp import demo_marker

SEED = 2026
_QUESTIONS = ("证书原件在外地，先传复印件的照片可以吗？", "工作单位今年换了，现工作单位填新的还是旧的？")


def fill(app: Flask) -> int:
    """Invent people for each programme whose demo round, or the notice's own standing or yearly one, is open; how many
    have applied. Raises RuntimeError outside a demo."""
    settings: Settings = app.config["BOLE"]
    if not settings.demo:
        raise RuntimeError("invented people apply in a demo installation only")
    # What a person sends now goes first: the invented photos are judged here, not by the workers.
    app.extensions["bole"].redis = None
    applied = 0
    for slug in pack_slugs():
        with app.app_context():
            pack = load_pack(slug)
            current = rounds.current(slug, clock.current().today())
            kept = current is not None and current in db.session
            turns = _turns(pack, demo.reviewers_unit(slug), settings.demo_people)
        # A standing or yearly intake is open in a demo too, so that no demo round is made beside it.
        always = pack.programme.intake in ("standing", "yearly")
        if current is not None and kept and (current.demo or (current.notice and always)):
            applied += simulate(app, slug, settings.demo_people, SEED, units=turns, cards=True).submitted
            with app.app_context():
                _ask(slug)
    return applied


def _turns(pack: Pack, own: str | None, count: int) -> Sequence[str]:
    """Two of three go to the demo reviewer's unit, the others to as many units."""
    others = (unit.id for unit in pack.routing.units if unit.id != own)
    if own is None:
        return tuple(others)
    third = tuple(islice(others, -(-count // 3)))
    return tuple(unit for other in third for unit in (own, own, other)) or (own,)


def _ask(slug: str) -> None:
    query = select(Application.id).where(Application.programme == slug, Application.status == "submitted")
    asking = db.session.scalars(query.order_by(Application.submitted_at).limit(len(_QUESTIONS))).all()
    with unit_of_work() as session:
        for number, (text, application_id) in enumerate(zip(_QUESTIONS, asking, strict=False)):
            effect = f"demo:{slug}:{number}"
            enquiries.ask(session, programme=slug, question=text, effect=effect, application_id=application_id)


def main() -> int:
    """Exit code 0 also where there was nothing to do."""
    settings = Settings.from_env()
    os.nice(10)
    app = create_app(settings)
    configure(settings.log_level)
    fill(app)
    marker = demo_marker(settings)
    marker.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    marker.touch()
    return 0


if __name__ == "__main__":
    sys.exit(main())
