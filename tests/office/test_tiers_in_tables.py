"""The official table names one tier of a ladder, with the clauses that led there; one that people have yet to grant
says so until they have."""

import pytest
import two_ways
from two_ways import LAST_DAY, OWN, SLUG

from models.application import queries, service
from models.application.tables import Round
from models.extensions import db
from models.office import units, workbook_records
from models.programme.loader import load_pack
from workers.sheets.values import Source, cell_value

SKILLED = {"claim": ["skilled"], "post_kind": "skilled", "competition_level": "none", "same_skill": False}


@pytest.fixture
def open_all_year(persistent_core_app, clock):
    clock.set_day(LAST_DAY)
    with persistent_core_app.app_context():
        two_ways.open_programme()
        yield
        db.session.rollback()


def handed_in(**facts):
    app_id = two_ways.start()
    two_ways.lead(app_id, OWN, **SKILLED, **facts)
    service.submit(app_id, "web")
    return app_id


def cells(app_id):
    """What the summary says under 入库类别, 入库层级 and 依据条款."""
    pack = load_pack(SLUG)
    unit = units.by_code(db.session(), SLUG, "talent-service-centre")
    intake = db.session.get_one(Round, queries.view(app_id).application.round_id)
    (record,) = workbook_records.load(db.session(), pack, intake, unit).records
    shown = {c.header: cell_value(pack, c, Source(pack, c), record, 1) for c in pack.workbooks.summary.columns}
    return shown["入库类别"], shown["入库层级"], shown["依据条款"]


def test_the_tier_that_counts_stands_alone_whatever_people_may_still_grant(open_all_year):
    app_id = handed_in(
        skill_certificates=["skill_level", "special_operations"],
        certificate_level="advanced",
        certificate_equivalent="technician",
    )
    assert queries.view(app_id).application.categories == ["senior_skilled", "intermediate_skilled"]
    assert cells(app_id) == ("技能人才数据库", "中级技能人才", "四(二)2、四(二)2(2)")


def test_what_people_have_yet_to_grant_says_so_until_they_have(open_all_year):
    app_id = handed_in(skill_certificates=["special_operations"], certificate_equivalent="advanced")
    assert cells(app_id)[:2] == ("技能人才数据库", "中级技能人才（待认定）")
    version = queries.view(app_id).application.version
    service.approve(app_id, staff_id=1, version=version, opinion="符合")
    assert cells(app_id)[:2] == ("技能人才数据库", "中级技能人才")
