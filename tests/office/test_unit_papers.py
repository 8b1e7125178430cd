"""A unit's papers bound for printing: contents that are true, in parts, and nobody in them who has left."""

import re
import subprocess
from urllib.parse import unquote

import pytest
from sqlalchemy import select
from workbooks_out import build

from models import outbox, storage
from models.application import service
from models.application.tables import Outbox, Round
from models.errors import InvalidAnswer, NotFound
from models.extensions import db
from models.office import scope, unit_papers, workbook_files
from models.office.tables import Audit, Workbook
from models.unit_of_work import unit_of_work
from workers import unit_papers as binding
from workers.unit_papers import bind_unit, divided, keep, make


def place(world, code="east"):
    intake = db.session.scalar(select(Round.id).where(Round.programme == "tiny"))
    return intake, world.unit(code).id


def bind(world):
    """Ask for it, and let the worker do it; the parts."""
    where = place(world)
    db.session.rollback()
    with unit_of_work() as session:
        unit_papers.promise(session, *where)
    while step():
        pass
    return held(world)


def step():
    """Let the worker do one job; whether there was one."""
    waiting = select(Outbox.id).where(Outbox.job == unit_papers.JOB, Outbox.state == "pending")
    ident = db.session.scalar(waiting)
    db.session.rollback()
    if ident is None:
        return False
    bind_unit(ident)
    db.session.rollback()
    assert db.session.get(Outbox, ident).state == "done", db.session.get(Outbox, ident).error
    db.session.rollback()
    return True


def asked_for(world):
    db.session.rollback()
    with unit_of_work() as session:
        unit_papers.promise(session, *place(world))


def steps():
    db.session.rollback()
    return len(db.session.scalars(select(Outbox.id).where(Outbox.job == unit_papers.JOB)).all())


@pytest.fixture
def little_time(monkeypatch):
    """One step a job, one person a part."""
    monkeypatch.setattr(binding, "SECONDS", 0)
    monkeypatch.setattr(binding, "PART_PAGES", 1)


def test_a_job_binds_for_a_while_and_promises_the_rest(persistent_world, little_time, clock, tmp_path):
    world = persistent_world
    for name in "甲乙":
        world.applied(name=f"测试{name}")
        clock.advance(minutes=1)
    asked_for(world)
    asked_for(world)
    assert steps() == 1, "who asks again while it is being bound waits for the same"
    assert step() and held(world) == [], "nothing is shown before all is bound"
    assert outbox.under_way(db.session(), unit_papers.JOB) == {"".join(place(world))}
    while step():
        pass
    first, second = held(world)
    assert steps() == 4, "two people counted, two parts bound"
    text = "".join(pages(workbook_files.read(second), tmp_path))
    assert "第2册，共2册" in text and "测试乙" in text and "测试甲" not in text
    assert [len(part.excluded) for part in (first, second)] == [1, 1]
    assert outbox.under_way(db.session(), unit_papers.JOB) == set()
    assert binding._kept("".join(place(world))) is None


def test_a_job_that_is_done_twice_goes_on_where_it_was(world, little_time, clock, monkeypatch):
    for name in "甲乙":
        world.applied(name=f"测试{name}")
    asked_for(world)
    for _ in range(3):
        step()

    def broken(*_given):
        raise RuntimeError("killed")

    ident = db.session.scalar(select(Outbox.id).where(Outbox.job == unit_papers.JOB, Outbox.state == "pending"))
    db.session.rollback()
    with monkeypatch.context() as once:
        once.setattr(binding, "_go_on", broken)
        bind_unit(ident)
    assert binding._kept("".join(place(world))).whole and held(world) == []
    db.session.rollback()
    with unit_of_work() as session:
        session.get_one(Outbox, ident).not_before = clock.now()
    while step():
        pass
    assert [len(part.excluded) for part in held(world)] == [1, 1]


def test_whoever_leaves_between_two_jobs_is_in_no_part_and_no_file(world, little_time, clock):
    leaves = world.applied(name="测试甲")
    clock.advance(minutes=1)
    stays = world.applied(name="测试乙")
    asked_for(world)
    subject = "".join(place(world))
    while not (begun := binding._kept(subject)) or not begun.parts:
        db.session.rollback()
        assert step()
    (part,) = begun.parts
    assert part.people == (leaves,)
    where = f"workbook:{subject[:32]}:{subject[32:]}:paper-1"
    assert storage.get(part.storage_key, where)
    service.withdraw(leaves)
    while step():
        pass
    assert [row.excluded for row in held(world)] == [[{"application": stays}]]
    with pytest.raises(NotFound):
        storage.get(part.storage_key, where)


def test_what_was_given_up_is_not_taken_up_by_the_next(world, little_time, clock):
    world.applied(name="测试甲")
    world.applied(name="测试乙")
    asked_for(world)
    step()
    with unit_of_work() as session:
        for row in session.scalars(select(Outbox).where(Outbox.job == unit_papers.JOB, Outbox.state == "pending")):
            row.state = "failed"
    run = binding._kept("".join(place(world))).run
    clock.advance(minutes=2)
    asked_for(world)
    step()
    assert binding._kept("".join(place(world))).run != run


def held(world):
    intake, unit = place(world)
    db.session.rollback()
    rows = db.session.scalars(select(Workbook).where(Workbook.round_id == intake, Workbook.unit_id == unit))
    return unit_papers.parts(list(rows))


def pages(data, tmp_path):
    path = tmp_path / "part.pdf"
    path.write_bytes(data)
    out = subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True).stdout
    return ["".join(page.split()) for page in out.decode().split("\f")[:-1]]


def test_a_unit_s_papers_in_order_with_true_contents_in_parts(world, sign_in, clock, tmp_path, monkeypatch):
    ids = []
    for name in "甲乙丙":
        ids.append(world.applied(name=f"测试{name}"))
        clock.advance(minutes=1)
    for page in world.pages(ids[1])[:1]:
        storage.delete(page.image_key)
    world.applied("west", name="西县人")
    monkeypatch.setattr(binding, "PART_PAGES", 6)
    first, second = bind(world)
    assert [len(part.excluded) for part in (first, second)] == [2, 1]
    client = sign_in("east")
    answer = client.get(f"/office/workbooks/{first.id}/papers.pdf")
    name = unquote(answer.headers["Content-Disposition"].rpartition("''")[2])
    assert re.fullmatch(r"东县\S*_\S+_申报材料汇编第1册_2026\d{4}\.pdf", name)
    assert db.session.scalar(select(Audit.reason).where(Audit.action == "export_workbook")) == f"paper-1 {first.rows}"
    texts = pages(answer.data, tmp_path)
    assert len(texts) == first.rows == 2 + 2 * 3
    assert "第1册，共2册" in texts[0] and "（单位公章）" in texts[0] and "2人" in texts[0]
    found = dict(re.findall(r"\d\.(测试.)（.*?）\.*(\d+?)采集表", texts[1]))
    assert found == {"测试甲": "3", "测试乙": "6"}
    for who, at in found.items():
        assert who in texts[int(at) - 1] and "采集表" in texts[int(at) - 1]
    assert all(f"第{n}页共{len(texts)}页" in text for n, text in enumerate(texts, start=1))
    assert "照片缺失" in texts[6] and "照片缺失" not in texts[3] + texts[4] + texts[7]
    assert "西县人" not in "".join(texts)
    assert "装订后有变动" not in client.get("/office/workbooks").get_data(as_text=True)
    world.applied(name="测试丁")
    assert "装订后有变动" in client.get("/office/workbooks").get_data(as_text=True)
    answer = client.post("/office/workbooks/papers", data={"unit": second.unit_id, "round": second.round_id})
    assert answer.status_code == 302
    west = {"unit": world.unit("west").id, "round": second.round_id}
    assert client.post("/office/workbooks/papers", data=west).status_code == 404


def test_whoever_leaves_is_in_no_binding(persistent_world):
    world = persistent_world
    stays, leaves = world.applied(name="测试甲"), world.applied(name="测试乙")
    (part,) = bind(world)
    ident, key, where = part.id, part.storage_key, f"workbook:{part.round_id}:{part.unit_id}:{part.kind}"
    assert storage.get(key, where)
    service.withdraw(leaves)
    assert held(world) == []
    with pytest.raises(NotFound):
        storage.get(key, where)
    with pytest.raises(NotFound):
        scope.get_workbook(world.staff("east"), ident)
    subject = "".join(place(world))
    made = make(subject)
    assert made.parts[0].people == (stays,)
    service.withdraw(stays)  # while it was being bound
    with unit_of_work() as session:
        keep(subject, session, made)
    assert held(world) == []
    with pytest.raises(NotFound):
        storage.get(made.parts[0].storage_key, where)


def test_whoever_is_handed_on_is_in_the_other_unit_s_binding_alone(world):
    moves = world.applied(name="测试甲")
    world.applied(name="测试乙")
    assert len(bind(world)) == 1
    office, west = world.staff("office").id, world.unit("west").id
    db.session.rollback()
    service.reroute(moves, west, office, world.application(moves).version, "住址不在东县")
    build(world)
    assert held(world) == []


def test_bound_again_it_replaces_what_was_there(world, clock, monkeypatch):
    for name in "甲乙":
        world.applied(name=f"测试{name}")
    monkeypatch.setattr(binding, "PART_PAGES", 3)
    before = [(part.kind, part.storage_key) for part in bind(world)]
    assert [kind for kind, _key in before] == ["paper-1", "paper-2"]
    monkeypatch.setattr(binding, "PART_PAGES", 100)
    clock.advance(minutes=2)
    world.applied(name="测试丙")
    (part,) = bind(world)
    assert (part.kind, len(part.excluded)) == ("paper-1", 3)
    assert db.session.scalars(select(Workbook.kind).where(Workbook.kind == "paper-2")).all() == []


def test_nobody_and_too_much_are_not_bound(world, monkeypatch):
    def ask():
        with unit_of_work() as session:
            unit_papers.promise(session, *place(world))

    with pytest.raises(InvalidAnswer, match="paper_nobody"):
        ask()
    world.applied()  # two pages, and two for the form
    monkeypatch.setattr(unit_papers, "MOST_PAGES", 3)
    with pytest.raises(InvalidAnswer, match="paper_too_large"):
        ask()
    monkeypatch.setattr(unit_papers, "MOST_PAGES", 4)
    ask()
    assert db.session.scalar(select(Outbox.job).where(Outbox.job == unit_papers.JOB))


def test_people_are_divided_whole_and_in_order():
    sizes = [("a", 3), ("b", 3), ("c", 1), ("d", 9), ("e", 1)]
    assert list(divided(sizes, 6)) == [["a", "b"], ["c"], ["d"], ["e"]]
    assert list(divided(sizes, 5)) == [["a"], ["b", "c"], ["d"], ["e"]]
    assert list(divided([], 5)) == []
