"""What every staff page stands on: the blueprint, the guard, the frame around a page, and kind failures."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from flask import Blueprint, Response, abort, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from models import clock
from models.errors import BoleError, Conflict, NotFound
from models.interview import wording
from models.office import bulk, factors, scope
from models.office.tables import Staff
from webforms import office_counts, office_nav
from webforms.office_admission import DEED, DONE
from webforms.office_format import FILTERS
from webforms.security import no_store, signed_in

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]

blueprint = Blueprint("office", __name__, url_prefix="/office")
blueprint.after_request(no_store)

BULK_OWN = ("bulk_page", "bulks_page")  # pages that say by themselves how decisions about many go
FACTOR = "second_factor"  # the one page that opens for who owes a second factor
ROLES_OF: dict[str, frozenset[str]] = {}  # endpoint → roles that may; a test holds it against the URL map


def staff_route(rule: str, *roles: str, methods: tuple[str, ...] = ("GET",)) -> Callable[[View[P]], View[P]]:
    """Register a staff page for `roles`. Without a session: to the sign-in page. Without the role: 403, or 404 where
    the address names a record, since an id must tell nothing."""

    def register(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            member = signed_in()
            if member is None:
                return _to_login()
            g.staff = member
            if not scope.roles(member) & frozenset(roles):
                abort(404 if kwargs else 403)
            if factors.owed(member) and view.__name__ != FACTOR:
                return _to(url_for(f"office.{FACTOR}"))
            return view(*args, **kwargs)

        ROLES_OF[f"office.{view.__name__}"] = frozenset(roles)
        blueprint.add_url_rule(rule, view_func=guarded, methods=list(methods))
        return guarded

    return register


def _to_login() -> ResponseReturnValue:
    """Sign in and come back; a lost POST comes back to the page it was sent from."""
    back = request.full_path.rstrip("?") if request.method == "GET" else url_for("office.home")
    return _to(url_for("security.login", next=back))


def _to(target: str) -> ResponseReturnValue:
    if request.headers.get("HX-Request"):
        return Response("", 401, {"HX-Redirect": target})
    return redirect(target)


def staff() -> Staff:
    """The signed-in member of staff of this request; only inside a `staff_route`."""
    member: Staff = g.staff
    return member


def lang() -> str:
    """The page's language: ``zh`` or ``en``."""
    return "en" if str(get_locale() or "zh").startswith("en") else "zh"


def fragment() -> bool:
    """Whether htmx asks for a part of the page only."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def page(template: str, status: int = 200, **context: Any) -> ResponseReturnValue:
    """Render a template of the office with `status`."""
    return make_response(render_template(f"office/{template}", **context), status)


def sentence(error: BoleError) -> str:
    """The error in the page's language."""
    return wording.error(error, lang())


def status_of(error: BoleError) -> int:
    """409 where somebody else was faster, 422 for what was sent."""
    return 409 if isinstance(error, Conflict) else 422


@blueprint.errorhandler(NotFound)
def _not_found(_error: NotFound) -> ResponseReturnValue:
    """A record out of reach looks as if it did not exist."""
    return page("missing.html", 404)


@blueprint.errorhandler(404)
def _no_page(_error: Exception) -> ResponseReturnValue:
    return page("missing.html", 404)


@blueprint.errorhandler(403)
def _no_role(_error: Exception) -> ResponseReturnValue:
    return page("forbidden.html", 403)


@blueprint.app_context_processor
def _frame() -> dict[str, Any]:
    """Who is signed in, what the navigation offers, and how many things wait; on the office's pages only."""
    if request.blueprint not in ("office", "security"):
        return {}
    member: Staff | None = g.get("staff")
    held = scope.roles(member) if member else frozenset[str]()
    counts = office_counts.waiting(member) if member and not fragment() else {}
    endpoint = (request.endpoint or "").removeprefix("office.")
    return {
        "me": member,
        "roles": held,
        "nav_counts": counts,
        "bulk_told": bulk.told(member) if member and counts.get("bulks") and endpoint not in BULK_OWN else (),
        "nav_areas": office_nav.areas(held, endpoint, counts) if member else [],
        "lng": lang(),
        "deed": DEED,
        "done": DONE,
        "today": clock.current().today(),
        "notices_failed": counts.get("notices_failed", 0),
    }


@blueprint.record_once
def _filters(state: Any) -> None:
    state.app.jinja_env.filters.update(FILTERS)
