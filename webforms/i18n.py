"""Languages of the web pages: Chinese is written in the templates, English comes from the catalogues.

The language is what the person chose last on this device (``?lang=``, kept in a cookie), else what the browser asks
for, else Chinese. Two catalogues are merged at runtime: applicants' (`translations`) and staff's. A sentence that
stands in both is said to each as their own catalogue says it.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import structlog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, Response, request
from flask_babel import Babel, Domain, ngettext
from flask_babel import gettext as _
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from models.clock import CHINA
from models.interview import wording
from models.programme.pack import Option, Text

COOKIE = "bole_lang"
LANGUAGES = ("zh", "en")
FOLDERS = ("translations", "translations_office")
_HERE = Path(__file__).parent
_YEAR = 365 * 24 * 3600
_RECEIPT = re.compile(r"BL-[0-9A-Z]{4}-[0-9A-Z]{4}")
_CHINESE = re.compile(r"([\u3400-\u9fff\uff0c\u3001\u3002]*[\u3400-\u9fff]+[\u3400-\u9fff\uff0c\u3001\u3002]*)")

_FOR_APPLICANTS = Domain([str(_HERE / folder) for folder in reversed(FOLDERS)])  # the last one read has the last word

log = structlog.get_logger(__name__)


def init_app(app: Flask) -> None:
    """Bind Flask-Babel, the language cookie and the template helpers to `app`."""
    compile_catalogues()
    Babel(
        app,
        default_locale="zh",
        default_timezone="Asia/Shanghai",
        default_translation_directories=";".join(FOLDERS),
        locale_selector=lang,
    )
    app.after_request(_remember)
    app.jinja_env.globals.update(lang=lang, other_language=other_language, html_lang=html_lang, _n=_counted_on_page)
    app.jinja_env.filters.update(text=text, day=day, moment=moment, group=group, example=example, spoken=spoken)
    app.jinja_env.filters.update(whole_codes=whole_codes)


def speak_to_applicants() -> None:
    """What this request's pages say is said to an applicant: 「删除」 is not in staff's English."""
    _FOR_APPLICANTS.as_default()


def about(label: str, said: str) -> str:
    """What is said about something that has a name, with the colon of the page's language."""
    return f"{label}: {said}" if lang() == "en" else f"{label}：{said}"


def lang() -> str:
    """The language of this request: ``zh`` or ``en``."""
    chosen = request.args.get("lang") or request.cookies.get(COOKIE) or ""
    if chosen in LANGUAGES:
        return chosen
    return "en" if request.accept_languages.best_match(["zh", "en"], "zh") == "en" else "zh"


def html_lang() -> str:
    """The value of the `lang` attribute of the page."""
    return "en" if lang() == "en" else "zh-CN"


def other_language() -> str:
    """The address of this same page in the other language."""
    args: dict[str, Any] = {**request.args.to_dict(flat=False), "lang": "zh" if lang() == "en" else "en"}
    return f"{request.path}?{urlencode(args, doseq=True)}"


def counted(words: str, n: int, **more: Any) -> str:
    """A sentence with a number `n`, of which English has two: a Chinese one is the same for one and for many."""
    return str(ngettext(words, words, n, n=n, **more))


@pass_context
def _counted_on_page(context: Context, words: str, n: int, **more: Any) -> Any:
    """The same in a template, where what is put in is escaped."""
    two: Any = context.environment.globals["ngettext"]
    return context.call(two, words, words, n, n=n, **more)


def text(value: Text | str | None) -> str:
    """A pack's sentence in the page's language; plain strings pass, None is empty."""
    if value is None:
        return ""
    return value if isinstance(value, str) else value.get(lang())


def example(value: Text) -> Markup:
    """An example, introduced once: packs sometimes say 「例如」 themselves."""
    words = text(value)
    known = words.startswith(("例如", "比如", "如", "For example", "Such as", "E.g."))
    return spoken(words if known else _("例如：") + words)


def spoken(value: Text | str | None) -> Markup:
    """A sentence in which Chinese, on an English page, says that it is (WCAG 3.1.2): a screen reader speaks it then."""
    words = text(value)
    if lang() != "en":
        return escape(words)
    return Markup("").join(
        Markup('<span lang="zh-CN">{}</span>').format(part) if number % 2 else escape(part)
        for number, part in enumerate(_CHINESE.split(words))
    )


def group(option: Option) -> str:
    """The heading under which an option of a long list stands."""
    return option.heading(lang())


def day(value: date) -> str:
    """A day in words, in the page's language."""
    return wording.spoken_date(value, lang())


def moment(value: datetime) -> str:
    """A moment in China's time, in words."""
    here = value.astimezone(CHINA)
    return f"{wording.spoken_date(here.date(), lang())} {here:%H:%M}"


def whole_codes(value: str) -> Markup:
    """A sentence in which no receipt code is broken at the end of a line."""
    return Markup(_RECEIPT.sub(r'<span class="code">\g<0></span>', str(escape(value))))  # noqa: S704 - escaped


def compile_catalogues() -> None:
    """Compile each catalogue whose .mo is missing or older than its .po, so that English never depends on a step that
    somebody forgot. Written beside and renamed, because several processes start at once."""
    for po in (po for folder in FOLDERS for po in sorted((_HERE / folder).glob("*/LC_MESSAGES/messages.po"))):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        try:
            _compile(po, mo)
        except OSError as exc:  # an installed package may lie on a read-only disk: the pages stay Chinese
            log.warning("catalogue_not_compiled", catalogue=po.parts[-4], exc_info=exc)


def _compile(po: Path, mo: Path) -> None:
    with po.open("rb") as source:
        catalogue = read_po(source, locale=po.parts[-3])
    fresh = mo.with_name(f".{mo.name}.{id(catalogue):x}")
    with fresh.open("wb") as target:
        write_mo(target, catalogue)
    fresh.replace(mo)


def _remember(response: Response) -> Response:
    chosen = request.args.get("lang")
    if chosen in LANGUAGES and request.cookies.get(COOKIE) != chosen:
        response.set_cookie(COOKIE, chosen, max_age=_YEAR, samesite="Lax", httponly=True)
    return response
