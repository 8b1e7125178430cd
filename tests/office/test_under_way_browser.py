"""A page that waits for what workers make, in a real browser."""

import re

import pytest
from browsing import violations
from playwright.sync_api import expect
from sqlalchemy import select
from waiting import PATIENCE

from models.application.tables import Outbox
from models.extensions import db
from models.office import unit_papers
from models.unit_of_work import unit_of_work
from workers.unit_papers import bind_unit


def tables_are_there():
    """Nothing but what the page asks for is under way."""
    with unit_of_work() as session:
        for row in session.scalars(select(Outbox)):
            row.state = "done"


@pytest.mark.parametrize(("scheme", "lang"), [("light", "zh"), ("dark", "en")])
def test_a_unit_s_papers_come_without_a_reload(world, enter, address, scheme, lang):
    bind, making = (
        ("装订", "正在生成 1 个单位的材料") if lang == "zh" else ("Bind", "The files of 1 unit are being made")
    )
    world.applied("east")
    db.session.rollback()
    tables_are_there()
    page = enter("east", color_scheme=scheme)
    page.goto(f"{address}/office/workbooks?lang={lang}")
    page.get_by_role("button", name=re.compile(bind)).first.click()
    expect(page.get_by_role("status").filter(has_text=making)).to_be_visible()
    assert violations(page) == []
    page.evaluate("window.stayed = true")
    ident = db.session.scalar(select(Outbox.id).where(Outbox.job == unit_papers.JOB))
    db.session.rollback()
    bind_unit(ident)
    done = page.get_by_role("link", name=re.compile("第 1 册" if lang == "zh" else "Part 1"))
    expect(done).to_be_visible(timeout=PATIENCE * 1000)
    expect(page.get_by_text(making)).to_have_count(0)
    assert page.evaluate("window.stayed")
