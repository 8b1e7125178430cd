from datetime import date
from io import BytesIO
from itertools import combinations
from random import Random

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import func, select

from models.application import lifecycle, rounds
from models.application.tables import Answer, Application, DocumentPage, Finding
from models.errors import NotOpen
from models.extensions import db
from models.interview.steps import Ready
from models.office import unit_tables, units
from models.office.tables import UnitEntry, UnitRow, UnitTableRow
from models.programme import idnumber, unit_rows
from models.programme.loader import load_pack, pack_slugs
from webforms.simulate import invent, simulate
from webforms.simulate_photos import Album
from workers.imaging.measures import measure
from workers.imaging.portrait import look
from workers.judging import Metrics, judge, remark
from workers.twins import same_picture

SLUG = "hengyang-2015"


@pytest.fixture
def open_round(app, clock):
    with app.app_context():
        units.load_units(load_pack(SLUG))
        rounds.open_round(SLUG, "样例批次", clock.today(), clock.today(), demo=True)
    return app


@pytest.mark.parametrize("slug", pack_slugs())
def test_everybody_invented_may_apply_and_each_unit_that_a_route_names_gets_somebody(slug, clock):
    pack = load_pack(slug)
    reached = set()
    for serial in range(len(pack.routing.units)):
        invented = invent(pack, 1, serial, clock.today())
        open_asks = {a.key for a in invented.plan.asks if a.key not in invented.plan.answered}
        assert isinstance(invented.plan.step, Ready) or all(key.startswith("document:") for key in open_asks)
        reached.add(invented.plan.assessment.route.unit)
    named = {route.unit for route in pack.routing.routes if route.unit and not route.staff}
    assert len(named & reached) >= 0.8 * len(named)


def test_the_same_seed_invents_the_same_people(clock):
    pack = load_pack(SLUG)
    first, again, other = (invent(pack, seed, 7, clock.today()) for seed in (1, 1, 2))
    assert first.answers == again.answers
    assert first.person != other.person


def test_people_have_valid_numbers_that_agree_with_them(clock):
    pack = load_pack(SLUG)
    for serial in range(20):
        person = invent(pack, 3, serial, clock.today()).person
        assert idnumber.check(person.id_number) == person.id_number
        assert idnumber.birth_date(person.id_number) == person.birth
        assert idnumber.sex(person.id_number) == person.sex


def test_through_the_real_service(open_round):
    summary = simulate(open_round, SLUG, 4, seed=1)
    assert summary.submitted == 4
    assert summary.pages == summary.processed > 4
    assert sum(summary.units.values()) == 4
    with open_round.app_context():
        assert set(db.session.scalars(select(Application.status))) == {lifecycle.SUBMITTED}
        assert set(db.session.scalars(select(Answer.door))) == {"simulate"}
        assert set(db.session.scalars(select(DocumentPage.state))) == {"ok"}
        blocking = select(func.count()).select_from(Finding).where(Finding.blocking)
        assert db.session.scalar(blocking) == 0
        sealed = db.session.scalars(select(Answer).where(Answer.key == "field:id_number"))
        assert all(row.value is None and row.sealed for row in sealed)
    assert "4 submitted" in str(summary)


def test_the_same_people_do_not_apply_twice(open_round):
    assert simulate(open_round, SLUG, 2, seed=5).submitted == 2
    again = simulate(open_round, SLUG, 2, seed=5)
    assert (again.submitted, again.known) == (0, 2)
    with open_round.app_context():
        live = select(func.count()).select_from(Application).where(Application.status == lifecycle.SUBMITTED)
        assert db.session.scalar(live) == 2


def test_no_open_round(app):
    with pytest.raises(NotOpen):
        simulate(app, SLUG, 1, seed=1)


def test_drawn_photos_are_shared_and_readable():
    album = Album(1)
    one = album.page("card", "身份证", False, Random(1))
    assert album.page("card", "身份证", False, Random(1)) is one
    with Image.open(BytesIO(one)) as image:
        assert image.format == "JPEG" and min(image.size) >= 480
    with Image.open(BytesIO(album.page("photo", "照片", True, Random(1)))) as image:
        assert image.size[0] < image.size[1]


def test_a_drawn_portrait_is_looked_at_like_somebodys():
    for serial in range(12):
        with Image.open(BytesIO(Album(1, own=True).page("photo", "照片", True, Random(serial)))) as image:
            pixels = np.asarray(image)
        further, cut = look(pixels, pixels, (25, 35))
        metrics = Metrics(**{**measure(pixels, image.size), **further})
        assert (judge(metrics), remark(metrics)) == (None, None)
        assert cut is not None


@pytest.mark.parametrize("portrait", [False, True], ids=["certificate", "portrait"])
def test_papers_of_their_own_are_in_nobody_elses_application(portrait):
    album, names = Album(1, own=True), ("丁颖", "丁莹", "朱松鹏", "郑平昊", "李芳", "王小明")
    drawn = [album.page("some", "学位证书", portrait, Random(f"{name}:{portrait}"), name) for name in names]
    for one, other in combinations([small(data) for data in drawn], 2):
        assert not same_picture(one, other)


def small(data):
    """As the thumbnails of pages are."""
    out = BytesIO()
    with Image.open(BytesIO(data)) as image:
        image.thumbnail((320, 320))
        image.save(out, "JPEG")
    return out.getvalue()


def test_nobody_is_invented_into_a_way_that_has_closed(app, clock):
    with app.app_context():
        pack = load_pack("chenggong-2021")
        units.load_units(pack)
        rounds.ensure_notice_round(pack)
    clock.set_day(date(2021, 5, 1))  # the day after what units report together was due
    summary = simulate(app, pack.slug, 4, seed=1)
    assert summary.units == {"呈贡区人才服务中心": 4}
    clock.set_day(date(2021, 4, 30))
    assert len(simulate(app, pack.slug, 4, seed=2).units) == 2


def test_units_fill_in_about_people_and_their_own_tables(app, clock):
    slug = next(s for s in pack_slugs() if load_pack(s).workbooks.unit_tables and load_pack(s).form.unit_fields)
    pack = load_pack(slug)
    with app.app_context():
        units.load_units(pack)
        rounds.open_round(slug, "样例批次", clock.today(), clock.today(), demo=True)
    simulate(app, slug, 6, seed=2)
    with app.app_context():
        entered = db.session.scalar(select(func.count()).select_from(UnitEntry))
        rows = db.session.scalar(select(func.count()).select_from(UnitTableRow))
        assert entered > 6 and rows > len(pack.routing.units)
        intake = rounds.current(slug, clock.today())
        for unit in db.session.scalars(select(UnitRow).where(UnitRow.programme == slug)):
            filled = unit_tables.filled(db.session(), pack, intake.id, unit.id)
            for table in pack.workbooks.unit_tables:
                for row in filled.get(table.id, ()):
                    raw = {name: str(value) for name, value in row.values.items() if value is not None}
                    assert unit_rows.read(table, raw, clock.today())[1] == {}, "what is invented would be accepted"
    simulate(app, slug, 1, seed=3)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(UnitTableRow)) == rows, "filled in once"
