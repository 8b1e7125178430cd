"""Two programmes' worth of offices on a small pack of our own: staff of every role, people in two units."""

import io
import shutil
from contextvars import Context
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from browsing import DESK, chromium, open_context, served
from built_once import built_once
from passlib.context import CryptContext
from PIL import Image
from sqlalchemy import select

from models import storage
from models.application import queries, readings, rounds, service
from models.application.pages import bound_to
from models.application.tables import Application, DocumentPage
from models.documents.reading import Found
from models.extensions import db
from models.office import entering
from models.office import staff as accounts
from models.office.staff import create_staff
from models.office.tables import Staff, UnitRow
from models.office.units import load_units
from models.programme import idnumber, loader
from tests.support.readings import read

HERE = Path(__file__).parent
SLUG = "tiny"
PASSWORD = "long-enough-for-tests"
ROLES = ("reviewer", "office", "answerer", "admin")


@pytest.fixture
def tiny_packs(tmp_path, monkeypatch):
    """The folder that holds the tiny pack, and a second programme that is its twin."""
    folder = tmp_path / "packs"
    shutil.copytree(HERE / "packs", folder)
    shutil.copytree(folder / SLUG, folder / "other")
    programme = folder / "other" / "programme.toml"
    programme.write_text(programme.read_text(encoding="utf-8").replace('slug = "tiny"', 'slug = "other"'), "utf-8")
    monkeypatch.setattr(loader, "PACKS", folder)
    loader.load_pack.cache_clear()
    yield folder
    loader.load_pack.cache_clear()


@pytest.fixture
def reporting_packs(tiny_packs):
    """The tiny programme with a reporting step and a registry; ask for it before the world."""
    for file, line in (("routing", "reports_clause"), ("afterwards", "admitted_clause")):
        path = tiny_packs / SLUG / f"{file}.toml"
        before = path.read_text("utf-8") if path.exists() else ""
        path.write_text(f'{line} = "二"\n{before}', "utf-8")
    loader.load_pack.cache_clear()


@pytest.fixture
def not_twice_packs(tiny_packs):
    """The tiny programme where nobody may be reported by two units; ask for it before the world."""
    path = tiny_packs / SLUG / "routing.toml"
    path.write_text(f'not_twice_clause = "二"\n{path.read_text("utf-8")}', "utf-8")
    loader.load_pack.cache_clear()


@pytest.fixture
def comparing_packs(tiny_packs):
    """Both programmes, each with a consent that names the other; ask for it before the world."""
    for slug, other in ((SLUG, "other"), ("other", SLUG)):
        path = tiny_packs / slug / "programme.toml"
        named = f'id = "identity"\ncompared_with = ["{other}"]\n'
        path.write_text(path.read_text("utf-8").replace('id = "identity"\n', named, 1), "utf-8")
    loader.load_pack.cache_clear()


@pytest.fixture
def registry_packs(tiny_packs):
    """The tiny programme with a registry alone; ask for it before the world."""
    path = tiny_packs / SLUG / "afterwards.toml"
    path.write_text(f'admitted_clause = "二"\n{path.read_text("utf-8")}', "utf-8")
    loader.load_pack.cache_clear()


def read_at(line, value):
    """Read clearly on a line of the page."""
    return Found(value, value, score=0.99, box=(0.2, 0.1 + 0.1 * line, 0.6, 0.16 + 0.1 * line))


def picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (320, 200), "#88aacc").save(made, "JPEG")
    return made.getvalue()


@dataclass
class World:
    """Units by code, staff by user name, and people who apply."""

    slug: str = SLUG
    sequence: int = 0

    def unit(self, code, slug=None):
        return db.session.scalar(select(UnitRow).where(UnitRow.programme == (slug or self.slug), UnitRow.code == code))

    def staff(self, username):
        return db.session.scalar(select(Staff).where(Staff.username == username))

    def number(self):
        self.sequence += 2
        return idnumber.make("430401", date(1970, 1, 1), self.sequence)

    def applied(self, county="east", name="测试甲", id_number=None, slug=None, claim="skilled"):
        """A submitted application with two readable pages; returns its id."""
        app_id = service.start(slug or self.slug, "web", "zh").application.id
        given = {
            "consent:identity": True,
            "consent:news": False,
            "claim": [claim],
            "fact:certificate": True,
            "fact:merit": True,
            "fact:county": county,
            "verdict": True,
            "field:name": name,
            "field:id_number": id_number or self.number(),
            "field:mobile": "13900001234",
            "field:trade": "wood",
            "field:jobs": [{"from": "2001-07", "place": "某木器厂"}],
        }
        for key, raw in given.items():
            service.record(app_id, {key: raw}, "web")
        for n in range(2):
            service.add_page(app_id, "card", b"\xff\xd8\xff\xe0" + bytes([n]) * 60, f"{app_id}-{n}", "web")
        service.skip_document(app_id, "extra")
        service.record(app_id, {"declaration:true": True}, "web")
        service.submit(app_id, "web")
        self.rebuild_pages(app_id)
        return app_id

    def rebuild_pages(self, app_id):
        """What the photo job leaves behind."""
        for page in self.pages(app_id):
            page.image_key = page.thumb_key = storage.put(picture(), bound_to(page.id))
            page.state, page.width, page.height = "ok", 320, 200
        db.session.commit()

    def read(self, app_id, *, back=True, **said):
        """What a reader found on both sides of the ID card; the ids of the pages."""
        view = queries.view(app_id)
        front = {"name": view.answers["field:name"], "id_number": view.answers["field:id_number"], **said}
        found = {name: read_at(number, value) for number, (name, value) in enumerate(front.items())}
        sides = [read("id_front", **found)]
        if back:
            sides.append(read("id_back", valid_from="2015-01-01", valid_until="2035-01-01"))
        pages = self.pages(app_id)
        for page, reading in zip(pages, sides, strict=False):
            readings.save(db.session, page, reading, "a test")
        db.session.commit()
        return [page.id for page in self.pages(app_id)]

    def pages(self, app_id):
        query = select(DocumentPage).where(DocumentPage.application_id == app_id)
        return list(db.session.scalars(query.order_by(DocumentPage.position)))

    def application(self, app_id):
        return db.session.get(Application, app_id, populate_existing=True)


_HASHES: dict[str, str] = {}
_VERIFIED: set[tuple[str, str]] = set()


@pytest.fixture(autouse=True)
def one_hash(monkeypatch):
    """Hashing is slow on purpose: the tests' one password is hashed once, and found right once."""
    plain = accounts.hash_password

    def once(word):
        if word not in _HASHES:
            _HASHES[word] = plain(word)
        return _HASHES[word]

    monkeypatch.setattr(accounts, "hash_password", once)
    monkeypatch.setattr(entering, "hash_password", once)
    verify = CryptContext.verify

    def remembered(self, secret, hash, *args, **options):
        if (secret, hash) in _VERIFIED:
            return True
        right = verify(self, secret, hash, *args, **options)
        if right:
            _VERIFIED.add((secret, hash))
        return right

    monkeypatch.setattr(CryptContext, "verify", remembered)


def build_world() -> None:
    """Units, an open round and staff: reviewers of two units, each other role at the office, and one
    unit's administrator; a twin programme."""
    world = World()
    for slug in (SLUG, "other"):
        pack = loader.load_pack(slug)
        load_units(pack)
        rounds.open_round(slug, "第二批", date(2026, 11, 1), date(2026, 12, 31))
        office = world.unit(pack.routing.office, slug)
        prefix = "" if slug == SLUG else "other-"
        for role in ROLES[1:]:
            _staff(f"{prefix}{role}", role, office.id)
        for code in ("east", "west"):
            _staff(f"{prefix}{code}", "reviewer", world.unit(code, slug).id)
        _staff(f"{prefix}keeper", "admin", world.unit("east", slug).id)


def _staff(username, role, unit_id):
    create_staff(username=username, password=PASSWORD, display_name=f"{username} 同志", roles=(role,), unit_id=unit_id)


@pytest.fixture
def world(tiny_packs, app):
    app.extensions["bole"].redis = None  # no queue: what is promised waits in the outbox
    with app.app_context():
        built_once(app, "world", build_world)
        yield World()
        db.session.rollback()


@pytest.fixture
def persistent_world(tiny_packs, persistent_app):
    persistent_app.extensions["bole"].redis = None
    with persistent_app.app_context():
        built_once(persistent_app, "world", build_world)
        yield World()
        db.session.rollback()


class Visitor:
    """A test client whose requests see nothing of the test's own app context and database session."""

    def __init__(self, app):
        self.client = app.test_client()

    def open(self, path, **options):
        db.session.rollback()  # the test's own transaction would hold the database
        return Context().run(self.client.open, path, **options)

    def get(self, path, **options):
        return self.open(path, method="GET", **options)

    def post(self, path, **options):
        return self.open(path, method="POST", **options)


@pytest.fixture
def visitor(app):
    """Somebody without a session."""
    app.config["WTF_CSRF_ENABLED"] = False
    return Visitor(app)


@pytest.fixture
def sign_in(app):
    """`sign_in("east")`: a client with that person's session, without CSRF tokens in the way."""
    app.config["WTF_CSRF_ENABLED"] = False

    def enter(username):
        client = Visitor(app)
        answer = client.post("/office/login", data={"identity": username, "password": PASSWORD})
        assert answer.status_code == 302, answer.get_data(as_text=True)
        return client

    return enter


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture
def address(app, world):
    """The app served on a port of its own; the test's own transaction is let go first."""
    with served(app) as found:
        yield found


@pytest.fixture
def enter(browser, address):
    """`enter("east")`: a page on which that person has signed in; `options` are those of the browser's context."""
    contexts = []

    def sign_in(username, **options):
        db.session.rollback()
        context = open_context(browser, **{"viewport": DESK, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
        page.goto(f"{address}/office/login")
        page.get_by_role("textbox").first.fill(username)
        page.locator("input[type=password]").fill(PASSWORD)
        with page.expect_navigation():
            page.locator("input[type=password]").press("Enter")
        page.wait_for_url(lambda url: "login" not in url)
        return page

    yield sign_in
    for context in contexts:
        context.close()
