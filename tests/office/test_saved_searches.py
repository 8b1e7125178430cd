"""Searches that somebody keeps: found again, sealed, one's own."""

from datetime import date

import pytest

from models.errors import InvalidAnswer, NotFound
from models.extensions import db
from models.office import saved_searches
from models.office.review_tables import SavedSearch
from models.office.saved_searches import LONGEST, MOST
from models.office.searching import Wanted


def test_what_was_asked_comes_back_and_is_nobody_elses(persistent_world):
    world = persistent_world
    unit = world.unit("east").id
    wanted = Wanted("张三丰", "木器", unit, "skilled", "card", "submitted", date(2026, 11, 1), date(2026, 11, 30))
    east = world.staff("east")
    ident = saved_searches.save(east, "  年底  名单 ", wanted)
    (row,) = saved_searches.listed(east)
    assert row.name == "年底 名单" and saved_searches.wanted_of(row) == wanted
    assert "张三丰".encode() not in row.sealed
    assert saved_searches.save(east, "年底 名单", Wanted("李四")) == ident  # in its place
    assert saved_searches.wanted_of(saved_searches.get_saved(east, ident)) == Wanted("李四")
    office = world.staff("office")  # in reach of the same people, but it is somebody else's
    assert saved_searches.listed(office) == []
    for act in (saved_searches.get_saved, saved_searches.remove):
        with pytest.raises(NotFound):
            act(office, ident)
    saved_searches.save(office, "年底 名单", Wanted("王"))
    saved_searches.remove(east, ident)
    assert saved_searches.listed(east) == [] and len(saved_searches.listed(office)) == 1


@pytest.mark.parametrize(
    ("name", "wanted", "key"),
    [
        (" ", Wanted("张"), "search_name"),
        ("名" * (LONGEST + 1), Wanted("张"), "too_long"),
        ("名", Wanted(page=3), "search_empty"),
    ],
)
def test_what_cannot_be_kept(world, name, wanted, key):
    with pytest.raises(InvalidAnswer, match=key):
        saved_searches.save(world.staff("east"), name, wanted)


def test_there_is_an_end_to_them(world):
    east = world.staff("east")
    for number in range(MOST):
        saved_searches.save(east, "名" * (LONGEST - 2) + f"{number:02}", Wanted("张"))
    with pytest.raises(InvalidAnswer, match="search_many"):
        saved_searches.save(east, "再一个", Wanted("张"))
    saved_searches.save(east, "名" * (LONGEST - 2) + "00", Wanted("李"))  # one that is there can be kept anew


def test_on_the_search_page(world, sign_in):
    world.applied("east", "王小明")
    client = sign_in("east")
    assert client.post("/office/searches", data={"q": "王", "name": ""}).status_code == 422
    answer = client.post("/office/searches", data={"q": "王小", "status": "submitted", "name": "姓王的"})
    assert answer.status_code == 303
    path = answer.headers["Location"]
    assert "王" not in path
    page = client.get(path).get_data(as_text=True)
    assert "王小明" in page and 'value="王小"' in page and "删除“姓王的”" in page
    assert "姓王的" in client.get("/office/applications/search").get_data(as_text=True)
    assert client.post(f"{path}/remove").status_code == 303
    assert client.get(path).status_code == 404
    assert db.session.scalar(db.select(db.func.count()).select_from(SavedSearch)) == 0
