"""The figures: who is counted, by what, up to which step; small numbers; the report in Word and as a PDF."""

import io
import re
from datetime import date, timedelta

import pypdfium2
import pytest
from docx import Document
from sqlalchemy import select

from models.application import ending, service
from models.application.tables import Finding
from models.extensions import db
from models.office import figure_facts, figure_progress, figures, scope_figures
from models.office.figure_filter import FigureFilter
from models.office.figure_tables import FigureFact
from models.office.tables import Audit
from models.programme import idnumber
from models.programme.loader import load_pack

ON = date(2026, 11, 27)


def counted(world, username, wanted=None, exact=True):
    member = world.staff(username)
    wanted = wanted or FigureFilter(round_id="all")
    pack = load_pack("tiny")
    among = figures.people(member, wanted)
    chosen = figures.narrowed(pack, among, wanted, ON)
    return figures.figures(pack, chosen, ON, [world.unit("east").id, world.unit("west").id], exact)


def table(found, name):
    return {line.code: line.number for line in next(each for each in found.structure if each.id == name).lines}


def number(sex, born=date(1980, 5, 1)):
    number.last += 2
    return idnumber.make("430401", born, number.last + (sex == "male"))


number.last = 100


def approve(world, app_id):
    service.approve(app_id, world.staff("east").id, world.application(app_id).version, "同意")


def shown(answer, status=200):
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def test_people_are_coded_with_handing_in_and_counted_by_unit(persistent_world):
    world = persistent_world
    for sex, county in (("male", "east"), ("female", "east"), ("female", "west")):
        world.applied(county, id_number=number(sex))
    found = counted(world, "office")
    assert table(found, "sex") == {"male": 1, "female": 2}
    assert table(found, "age")["50"] == 3
    assert found.totals.total == 3
    assert [row[-1] for row in found.totals.rows] == [2, 1, 3]
    assert {line.code: line.number for line in found.categories.lines}["skilled"] == 3
    assert counted(world, "east").totals.total == 2
    assert counted(world, "other-office").totals.total == 0


def test_filters_narrow_by_unit_step_category_and_what_is_counted(world):
    first, _second = world.applied("east", id_number=number("male")), world.applied("west", id_number=number("female"))
    approve(world, first)
    of = {"round_id": "all"}
    assert counted(world, "office", FigureFilter(**of, step="passed")).totals.total == 1
    assert counted(world, "office", FigureFilter(**of, unit_id=world.unit("west").id)).totals.total == 1
    assert counted(world, "office", FigureFilter(**of, category="nothing")).totals.total == 0
    only = FigureFilter(**of, by=(("sex", "female"),))
    assert table(counted(world, "office", only), "sex") == {"male": 0, "female": 1}
    assert FigureFilter.read(only.query()) == only
    assert only.toggled("sex", "female") == {"round": "all"}


def test_who_was_missed_or_has_changed_is_coded_by_the_clockwork(persistent_world, clock):
    world = persistent_world
    app_id = world.applied("east", id_number=number("male"))
    db.session.delete(db.session.get(FigureFact, app_id))
    db.session.commit()
    assert counted(world, "office").uncoded == 1
    assert figure_facts.catch_up() == 1
    assert table(counted(world, "office"), "sex")["male"] == 1
    assert figure_facts.catch_up() == 0
    clock.advance(minutes=1)
    approve(world, app_id)
    assert figure_facts.catch_up() == 1


def test_codes_go_with_the_person(persistent_world):
    app_id = persistent_world.applied("east")
    assert db.session.scalar(select(FigureFact.application_id)) == app_id
    ending.delete_application(app_id)
    assert db.session.scalar(select(FigureFact.application_id)) is None


def test_the_funnel_shows_where_people_give_up_and_only_the_office_sees_drafts(persistent_world, clock):
    world = persistent_world
    world.applied("east")
    draft = service.start("tiny", "web", "zh").application.id
    for key, value in {"consent:identity": True, "consent:news": False, "claim": ["skilled"]}.items():
        clock.advance(minutes=1)
        service.record(draft, {key: value}, "web")
    service.start("tiny", "web", "zh")
    now = clock.now() + timedelta(days=4)

    def progress(username):
        member = world.staff(username)
        wanted = FigureFilter(round_id="all")
        among = figures.people(member, wanted)
        return figure_progress.progress(member, load_pack("tiny"), wanted, among, among, now, exact=True)

    found = progress("office")
    assert {stage.id: stage.reached for stage in found.funnel} == {
        **{"began": 3, "asked": 2, "form": 1, "papers": 1, "declaring": 1},
        **{"submitted": 1, "passed": 0, "admitted": 0},
    }
    assert found.stuck == (("claim", 1),)
    assert [band.number for band in found.waiting] == [0, 1, 0, 0, 0]
    assert progress("east").funnel[0].id == "submitted"
    assert progress("east").stuck == ()


def test_the_funnel_has_reporting_upward_where_units_report(reporting_packs, world, clock):
    world.applied("east")

    def stages(pack):
        member, wanted = world.staff("office"), FigureFilter(round_id="all")
        among = figures.people(member, wanted)
        found = figure_progress.progress(member, pack, wanted, among, among, clock.now(), exact=True)
        return {stage.id: stage.reached for stage in found.funnel if stage.id not in ("began", "asked")}

    pack = load_pack("tiny")
    assert stages(pack) == {"submitted": 1, "passed": 0, "reported": 0, "admitted": 0}
    without = pack.model_copy(update={"routing": pack.routing.model_copy(update={"reports_clause": None})})
    assert stages(without) == {"submitted": 1, "passed": 0, "admitted": 0}


def test_returned_people_and_missing_documents_are_counted(world, clock):
    app_id = world.applied("east")
    items = [service.ReturnedItem(key="field:name", reason="请改")]
    service.return_items(app_id, items, world.staff("east").id, world.application(app_id).version)
    lacking = {"application_id": app_id, "code": "finding.missing_document", "at": clock.now()}
    db.session.add_all([Finding(key="document:card", **lacking), Finding(key="document:extra", **lacking)])
    db.session.commit()
    member, wanted = world.staff("office"), FigureFilter(round_id="all")
    among = figures.people(member, wanted)
    found = figure_progress.progress(member, load_pack("tiny"), wanted, among, among, clock.now(), exact=True)
    assert [band.number for band in found.returned] == [1, 0, 0, 0, 0]
    assert found.missing == (("document:card", 1), ("document:extra", 1))


def test_administrators_see_no_small_number_and_cannot_narrow(world, sign_in):
    for sex in ("male", "male", "female"):
        world.applied("east", id_number=number(sex))
    for _more in range(4):
        world.applied("west", id_number=number("female"))
    assert not scope_figures.sees_small(world.staff("admin"))
    page = shown(sign_in("admin").get(f"/office/figures?unit={world.unit('east').id}&by=sex:male"))
    assert "少于 5 人的数字不显示" in page
    assert ">7</span>" in page
    numbers = {int(text) for text in re.findall(r'<td class="num">(\d+)</td>', page)}
    assert all(each == 0 or each >= 5 for each in numbers)
    assert "by=sex" not in page[page.index("<main") :]


def test_the_page_leads_on_by_links_and_a_foreign_round_is_not_there(world, sign_in):
    world.applied("east", id_number=number("male"))
    office = sign_in("office")
    page = shown(office.get("/office/figures"))
    assert "by=sex:male" in page
    assert "<svg" in page
    assert "Female" in shown(office.get("/office/figures?lang=en&by=sex:male"))
    for wrong in ("round=nothing", "unit=nothing"):
        assert office.get(f"/office/figures?{wrong}").status_code == 404
    assert sign_in("east").get(f"/office/figures?unit={world.unit('west').id}").status_code == 404
    assert sign_in("answerer").get("/office/figures").status_code == 403


@pytest.mark.parametrize(
    ("query", "small", "note"), [("", False, "少于5人的数字不公布"), ("?inside=1", True, "仅供内部使用")]
)
def test_the_report_is_written_as_such_reports_are(world, sign_in, query, small, note):
    for sex in ("male", "male", "female"):
        world.applied("east", id_number=number(sex))
    office = sign_in("office")
    answer = office.get(f"/office/figures/report.docx{query}")
    assert answer.headers["Content-Disposition"].endswith(".docx")
    word = Document(io.BytesIO(answer.get_data()))
    text = "\n".join(paragraph.text for paragraph in word.paragraphs)
    for part in ("一、总量", "二、结构", "（一）性别结构", "三、类别和层次", "四、审核进度", "五、材料", "附表1", note):
        assert part in text
    assert ("男2人，占66.7%" in text) is small
    paper = pypdfium2.PdfDocument(office.get(f"/office/figures/report.pdf{query}").get_data())
    said = "".join(paper[n].get_textpage().get_text_bounded() for n in range(len(paper)))
    paper.close()
    assert "一、总量" in said
    assert ("占66.7%" in said) is small
    lines = db.session.scalars(select(Audit.reason).where(Audit.action == "download_figures")).all()
    assert sorted(lines) == [f"{kind} {'inside' if small else 'outward'}" for kind in ("docx", "pdf")]


def test_units_with_few_people_each_are_not_listed_outside_and_no_sentence_is_empty(world, sign_in):
    for unit in ("east", "west"):
        world.applied(unit)
    word = Document(io.BytesIO(sign_in("office").get("/office/figures/report.docx").get_data()))
    text = "\n".join(paragraph.text for paragraph in word.paragraphs)
    assert "各单位人数都少，不列出。" in text and "：。" not in text


def test_a_part_of_the_people_is_reported_inside_only(world, sign_in):
    world.applied("east", id_number=number("male"))
    office = sign_in("office")
    assert office.get("/office/figures/report.docx?by=sex:male").status_code == 302
    inside = office.get("/office/figures/report.docx?by=sex:male&inside=1")
    assert "性别：男" in "\n".join(line.text for line in Document(io.BytesIO(inside.get_data())).paragraphs)
    asked = sign_in("admin").get("/office/figures/report.docx?inside=1")
    assert "仅供内部使用" not in "\n".join(line.text for line in Document(io.BytesIO(asked.get_data())).paragraphs)
