"""Staff see by which way in somebody came and when they agreed to it; the rounds name each way's own closing day."""

import pytest
import two_ways
from two_ways import BY_UNIT, LAST_DAY, OWN, SLUG

from models.application import service
from models.extensions import db
from models.office.staff import create_staff
from models.office.units import by_code

PASSWORD = "long-enough-for-tests"


@pytest.fixture
def client(app, clock, sign_in):
    """The browser of the programme's office, signed in."""
    clock.set_day(LAST_DAY)
    app.extensions["bole"].redis = None
    with app.app_context():
        two_ways.open_programme()
        office = by_code(db.session(), SLUG, "human-resources-bureau")
        create_staff(
            username="renshe",
            password=PASSWORD,
            display_name="办公室",
            roles=("office",),
            unit_id=office.id,
            demo=False,
        )
        db.session.commit()
        yield sign_in("renshe")
        db.session.rollback()


def handed_in(way):
    app_id = two_ways.start()
    two_ways.lead(app_id, way)
    service.submit(app_id, "web")
    return app_id


def read(client, path, lang="zh"):
    answer = client.get(f"/office/{path}", headers={"Accept-Language": lang})
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_the_way_and_the_person_s_consent(client):
    app_id = handed_in(BY_UNIT)
    page = read(client, f"applications/{app_id}")
    assert "报送方式：单位统一报送" in page
    assert "本人已同意：同意由单位统一报送" in page
    assert "2021-04-30" in page.split("本人已同意：")[1][:120]
    page = read(client, f"applications/{app_id}", "en")
    assert "Way in: Reported by the employer" in page
    assert "Agreed to by the person: Your employer reports you" in page


def test_who_came_alone_agreed_to_nothing_more(client):
    page = read(client, f"applications/{handed_in(OWN)}")
    assert "报送方式：个人申报" in page
    assert "本人已同意" not in page


def test_the_rounds_name_the_day_of_a_way(client):
    page = read(client, "rounds")
    assert '<td class="num">长期受理<br><span class="sub">单位统一报送：2021-04-30（周五）截止</span></td>' in page
