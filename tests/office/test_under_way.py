"""What workers are making: the page says so, asks again until it is there, and is left as it is meanwhile."""

import re

from sqlalchemy import select
from workbooks_out import build

from models import outbox
from models.application.tables import Outbox, Round
from models.extensions import db
from models.office import unit_papers
from models.unit_of_work import unit_of_work
from webforms import office_under_way
from workers.unit_papers import bind_unit

ASKS = {"HX-Request": "true"}
PAGE = "/office/workbooks"


def done(job):
    """Let what was promised be done."""
    db.session.rollback()
    for ident in list(db.session.scalars(select(Outbox.id).where(Outbox.job == job, Outbox.state == "pending"))):
        db.session.rollback()
        if job == unit_papers.JOB:
            bind_unit(ident)
        else:
            with unit_of_work() as session:
                session.get_one(Outbox, ident).state = "done"
    db.session.rollback()


def asked(page):
    """What the page asks for by itself."""
    found = re.search(r'id="under-way" hx-get="([^"]+)"', page)
    return found[1] if found else None


def place(world, code="east"):
    return {"round": db.session.scalar(select(Round.id).where(Round.programme == "tiny")), "unit": world.unit(code).id}


def test_the_page_of_workbooks_asks_until_all_is_there(world, sign_in):
    world.applied("east")
    build(world)
    done(office_under_way.ASSEMBLE)
    client, where = sign_in("east"), place(world)
    assert asked(client.get(PAGE).get_data(as_text=True)) is None
    client.post("/office/workbooks/rebuild", data=where)
    client.post("/office/workbooks/papers", data=where)
    page = client.get(PAGE).get_data(as_text=True)
    address = asked(page)
    assert "The files of 1 unit are being made" in client.get(f"{PAGE}?lang=en").get_data(as_text=True)
    client.get(f"{PAGE}?lang=zh")
    assert "正在装订……" in page and "正在生成……" in page and "正在生成 1 个单位的材料" in page
    assert f'#row-{where["round"]}-{where["unit"]}"' in page and f'id="row-{where["round"]}-{where["unit"]}"' in page
    assert client.get(address, headers=ASKS).status_code == 204, "nothing new"
    assert client.get(address).status_code == 200, "without script"
    done(unit_papers.JOB)
    page = client.get(address, headers=ASKS).get_data(as_text=True)
    assert "第 1 册" in page and "正在装订……" not in page and "正在生成……" in page
    assert client.get(asked(page), headers=ASKS).status_code == 204
    done(office_under_way.ASSEMBLE)
    page = client.get(asked(page), headers=ASKS).get_data(as_text=True)
    assert asked(page) is None and "正在生成" not in page


def test_what_is_made_for_others_is_none_of_a_unit_s_business(world, sign_in):
    world.applied("west")
    assert outbox.under_way(db.session(), office_under_way.ASSEMBLE)
    assert asked(sign_in("east").get(PAGE).get_data(as_text=True)) is None
    assert asked(sign_in("office").get(PAGE).get_data(as_text=True))


def test_what_has_failed_is_not_waited_for(world):
    world.applied("east")
    with unit_of_work() as session:
        for row in session.scalars(select(Outbox)):
            row.state = "failed"
    assert outbox.under_way(db.session(), office_under_way.ASSEMBLE) == set()
