"""People are found by what is known of them: parts of names, sounds, initials, words, numbers; within reach only."""

from datetime import date

import pytest

from models.application import service
from models.application.tables import Application
from models.errors import PackError
from models.extensions import db
from models.office import search_terms, searching
from models.office.review_tables import SearchTerm
from models.office.searching import Wanted


@pytest.fixture
def world(persistent_world):
    return persistent_world


def test_by_everything_that_is_known(world, clock):
    number = world.number()
    feng = world.applied("east", "张三丰", id_number=number)
    clock.advance(days=1)
    shan, anna = world.applied("east", "单雄信"), world.applied("west", "Anna Smith")
    office, west = world.staff("office"), world.staff("west")
    receipt, names = world.application(feng).receipt, {feng: "张", shan: "单", anna: "A"}

    def found(staff=office, **parts):
        return "".join(sorted(names[row.id] for row in searching.find(staff, Wanted(**parts)).rows))

    for text in ("张", "三丰", "zhangsanf", "ZSF", "sanfeng", number, receipt, receipt.lower(), "张 zs", "张三丰 木器"):
        assert found(text=text) == "张", text
    for text in ("danx", "xiongx", "chanx", "雄信"):  # 单 is read in several ways
        assert found(text=text) == "单", text
    assert found(text="smith") == found(text="anna s") == "A"
    assert found(text="某木器厂") == found(keyword="木器") == found(category="skilled") == "A单张"
    assert found(document="card") == "A单张" and found(document="extra") == ""
    for nothing in ("%", "_", "张四", "木器x", number[:-1], "cskilled", "13900001234"):
        assert found(text=nothing) == "", nothing
    assert found() == "" and found(text="木器", status="approved") == ""
    day = clock.today()
    assert found(since=day) == "A单" and found(until=date.fromordinal(day.toordinal() - 1)) == "张"
    assert found(unit_id=world.unit("west").id) == "A"
    assert found(west, text="木器") == "A" and found(west, text=number) == "" and found(west, text=receipt) == ""
    assert found(world.staff("other-east"), text="木器") == ""


def test_terms_follow_the_answers_and_go_with_the_person(world, monkeypatch):
    app_id = world.applied("east", "王小明")
    office = world.staff("office")
    version = world.application(app_id).version
    service.return_items(app_id, [service.ReturnedItem("field:name", "照身份证写")], office.id, version)
    service.record(app_id, {"field:name": "汪晓鸣"}, "web")
    service.submit(app_id, "web")
    assert not searching.find(office, Wanted("王小")).rows and searching.find(office, Wanted("汪晓")).total == 1
    db.session.rollback()
    before = set(db.session.scalars(db.select(SearchTerm.term)))
    assert search_terms.rebuild() == 1
    assert set(db.session.scalars(db.select(SearchTerm.term))) == before
    db.session.rollback()
    service.delete(app_id)
    assert db.session.scalar(db.select(SearchTerm.term)) is None


def test_who_handed_in_before_there_was_an_index_is_filled_in(world, monkeypatch):
    first, second, third = (world.applied("east", name) for name in ("王小明", "王大伟", "王心怡"))
    service.withdraw(third)
    db.session.execute(db.delete(SearchTerm))
    db.session.execute(db.update(Application).where(Application.id == second).values(pack_version="broken"))
    db.session.commit()
    real = search_terms.pack_of

    def pack_of(application):
        if application.pack_version == "broken":
            raise PackError("programme.toml", "slug", "a version that cannot be read")
        return real(application)

    monkeypatch.setattr(search_terms, "pack_of", pack_of)
    assert [search_terms.fill(1), search_terms.fill(1), search_terms.fill()] == [1, 1, 0]
    office = world.staff("office")
    assert {row.id for row in searching.find(office, Wanted("王")).rows} == {first, second}
    assert [row.id for row in searching.find(office, Wanted("木器")).rows] == [first]
    db.session.rollback()
    assert db.session.scalar(db.select(SearchTerm.term).where(SearchTerm.application_id == third)) is None


def test_pages_of_many(world, monkeypatch):
    monkeypatch.setattr(searching, "PAGE_SIZE", 2)
    monkeypatch.setattr(searching, "COUNTED", 2)
    for n in range(3):
        world.applied("east", f"测试{n}")
    first = searching.find(world.staff("office"), Wanted("测试"))
    assert (first.total, first.pages, first.more, len(first.rows)) == (2, 1, True, 2)
