"""A demo gets something to review, once, and only a demo."""

import pytest
from sqlalchemy import func, select

from models.application import rounds
from models.application.tables import Application, DocumentPage
from models.extensions import db
from models.office import demo, scope, units, worklist
from models.office.tables import Enquiry, Staff
from models.programme.loader import load_pack
from webforms.demo_people import fill
from webforms.prepare import open_demo_round
from webforms.stamp import demo_marker

SLUG = "hengyang-2015"


@pytest.fixture
def installation(app):
    app.config["BOLE"] = app.config["BOLE"].model_copy(update={"demo": True, "demo_people": 3})
    with app.app_context():
        pack = load_pack(SLUG)
        units.load_units(pack)
        open_demo_round(pack)
        demo.ensure_accounts([pack])
    return app


def test_the_demo_reviewer_finds_applications_and_the_answerer_questions(installation):
    assert fill(installation) == 3
    with installation.app_context():
        reviewer, answerer, office = (
            db.session.scalar(select(Staff).where(Staff.username == name))
            for name in ("shenhe-hengyang", "dayi-hengyang", "bangong-hengyang")
        )
        own = worklist.worklist(reviewer, worklist.Filter())
        assert own.total == 2 and {row.unit_id for row in own.rows} == {reviewer.unit_id}
        assert worklist.worklist(office, worklist.Filter()).total == 3
        assert len(db.session.scalars(scope.enquiries(answerer)).all()) == 2
    assert fill(installation) == 0  # an interrupted start begins again
    with installation.app_context():
        live = select(func.count()).select_from(Application).where(Application.status == "submitted")
        assert (db.session.scalar(live), db.session.scalar(select(func.count()).select_from(Enquiry))) == (3, 2)


def test_nobody_is_invented_into_a_real_round(installation, clock):
    with installation.app_context():
        rounds.current(SLUG, clock.today()).demo = False
        db.session.commit()
    assert fill(installation) == 0


def test_nobody_is_invented_in_production(app):
    with pytest.raises(RuntimeError):
        fill(app)


def test_a_start_knows_whether_it_is_done(settings):
    from webforms.serve import _demo_people

    demo_settings = settings.model_copy(update={"demo": True})
    (child,) = _demo_people(demo_settings)
    assert child.once
    assert not _demo_people(settings) and not _demo_people(demo_settings.model_copy(update={"demo_people": 0}))
    demo_marker(demo_settings).parent.mkdir(parents=True)
    demo_marker(demo_settings).touch()
    assert not _demo_people(demo_settings)


def test_a_standing_round_is_open_in_a_demo_and_gets_people_too(installation):
    with installation.app_context():
        pack = load_pack("chenggong-2021")
        units.load_units(pack)
        rounds.ensure_notice_round(pack)
        open_demo_round(pack)  # there is a round already
        demo.ensure_accounts([pack])
    assert fill(installation) == 6  # three in each programme
    with installation.app_context():
        applied = select(func.count()).select_from(Application).where(Application.programme == pack.slug)
        assert db.session.scalar(applied) == 3


def test_everybody_sends_an_id_card_of_their_own(installation):
    assert fill(installation) == 3
    with installation.app_context():
        pages = db.session.scalars(select(DocumentPage).where(DocumentPage.document == "id_card")).all()
        assert len(pages) == 6
        assert {page.state for page in pages} == {"ok"}
        assert len({page.sha256 for page in pages}) == 6
