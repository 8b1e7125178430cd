"""The keys that everything is encrypted with: which, since when, what each still opens, and sealing again."""

from __future__ import annotations

from datetime import datetime

from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models import clock
from models.errors import Conflict
from models.extensions import db
from models.office import key_keeping, scope
from models.office.key_keeping import Key, Standing
from models.resealing_pieces import SEAL
from models.settings import Settings
from webforms.office_base import page, sentence, staff, staff_route


@staff_route("/keys", scope.ADMIN, methods=("GET", "POST"))
def keys_page() -> ResponseReturnValue:
    """How things are; have everything counted or sealed again."""
    settings: Settings = current_app.config["BOLE"]
    problem, status = "", 200
    if request.method == "POST":
        work = request.form.get("work", "")
        try:
            key_keeping.begin(staff(), settings, work)
        except Conflict as error:
            db.session.rollback()
            problem, status = sentence(error), 409
        else:
            flash(_("已开始重新加密，可以离开这一页。") if work == SEAL else _("已开始清点，可以离开这一页。"), "info")
            return redirect(url_for("office.keys_page"))
    db.session.rollback()  # what is kept of keys and runs is read by connections of their own
    found = key_keeping.standing(settings)
    return page(
        "keys.html",
        status,
        found=found,
        says={key.id: _says(key, found) for key in found.keys},
        days={key.id: (clock.current().now() - key.seen).days if key.seen else None for key in found.keys},
        counted=_counted(found),
        problem=problem,
    )


def _counted(found: Standing) -> datetime | None:
    """When it was last counted what each key opens."""
    at = found.progress.counted_at if found.progress is not None else ""
    return datetime.fromisoformat(at) if at else None


def _says(key: Key, found: Standing) -> str:
    """What can be said of a key."""
    if key.seals:
        return str(_("现在用它加密。"))
    if key.opens is None:
        return str(_("还要用它打开旧的内容；清点后才知道有多少。"))
    if key.opens:
        return str(_("还要用它打开旧的内容，不能拿掉。"))
    if key.indexes:
        return str(_("旧的内容都不用它了；查重（同一个人只报一次）还靠它，请一直留在最后一位。"))
    return str(_("什么都不用它了，可以从密钥串里拿掉，然后重新启动。"))
