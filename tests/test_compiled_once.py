"""What the tests' apps share is what each would have made for itself."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import JSON, Integer, String, cast, column, func, select, table
from sqlalchemy.engine.interfaces import CacheStats
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter, IntegerConverter, Map, Rule

from models.extensions import db
from models.settings import Settings


class Doubled(BaseConverter):
    """Twice the number."""

    def to_python(self, value: str) -> int:
        return 2 * int(value)

    def to_url(self, value: int) -> str:
        return str(value // 2)


def routes(**converters: type[BaseConverter]) -> Map:
    rules = [Rule("/<n:one>/<path:rest>/end", endpoint="deep"), Rule("/<n:one>", endpoint="one")]
    return Map(rules, converters=converters)


def test_a_route_of_the_same_words_keeps_its_own_map_and_converters() -> None:
    for kind, given in ((IntegerConverter, 4), (Doubled, 8), (IntegerConverter, 4), (Doubled, 8)):
        made = routes(n=kind).bind("localhost")
        assert made.match("/4/a/b/end") == ("deep", {"one": given, "rest": "a/b"})
        assert made.match("/4") == ("one", {"one": given})
        assert made.build("deep", {"one": given, "rest": "a/b"}) == "/4/a/b/end"
        (rule,) = made.map.iter_rules("one")
        assert rule.arguments == {"one"}
        assert rule._converters["one"].map is made.map


def test_what_a_converter_is_given_is_the_routes_own() -> None:
    for low in (1, 5, 1):
        made = Map([Rule(f"/at/<int(min={low}):n>", endpoint="at")]).bind("localhost")
        if low == 5:
            with pytest.raises(NotFound):
                made.match("/at/3")
        else:
            assert made.match("/at/3") == ("at", {"n": 3})


def test_a_statement_is_written_once_for_each_kind_of_database(
    make_app: Callable[..., Flask], settings: Settings, postgres_url: str
) -> None:
    """Whoever comes second on the same kind finds it; on the other kind it is another."""
    names = table("staff", column("display_name", String), column("id", Integer))
    count = select(func.count(names.c.id)).where(cast(names.c.display_name, JSON)["never_asked"].as_string() == "x")
    found, written = [], []
    for number, url in enumerate(("", postgres_url, "", postgres_url)):
        app = make_app(settings.model_copy(update={"data": settings.data / str(number), "database_url": url}))
        with app.app_context(), db.engine.connect() as connection:
            result = connection.execute(count)
            found.append(result.context.cache_hit)
            written.append(result.context.statement)
            assert result.scalar_one() == 0
    assert found == [CacheStats.CACHE_MISS, CacheStats.CACHE_MISS, CacheStats.CACHE_HIT, CacheStats.CACHE_HIT]
    assert written[:2] == written[2:]
    assert "->>" in written[1] and "->>" not in written[0]
