"""What is made of our code's text alone is made once in a test process: each test makes an app, and each app compiled
its templates, parsed its routes and turned every statement into SQL again. A process that serves does each once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import redis.utils
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.util import LRUCache
from werkzeug.routing.rules import Rule, RulePart

from models.extensions import db

Named = tuple[str, str, tuple[Any, ...], dict[str, Any]]  # a variable, its converter, what that is given


class _Compiled(BytecodeCache):
    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_TEMPLATES = _Compiled()
_STATEMENTS: LRUCache[object, object] = LRUCache(10_000)
_BUILDERS: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}
_PARSED: dict[tuple[object, ...], tuple[list[RulePart], list[tuple[bool, str]], list[Named]]] = {}
_build_anew, _parse_anew = Rule._compile_builder, Rule._parse_rule


def share(app: Flask) -> None:
    """Let the app find what the apps before it in this process have compiled."""
    app.jinja_env.bytecode_cache = _TEMPLATES
    with app.app_context():
        for engine in db.engines.values():
            engine.update_execution_options(compiled_cache=_STATEMENTS)


def install() -> None:
    """Let every app find the routes, and every engine the tables' own statements; once a process."""
    Rule._compile_builder = _built_once  # type: ignore[method-assign]
    Rule._parse_rule = _parsed_once  # type: ignore[method-assign]
    for dialect in (sqlite.dialect, PGDialect_psycopg):
        dialect.__eq__ = _same_sql  # type: ignore[method-assign]
        dialect.__hash__ = _sql_of  # type: ignore[method-assign]
    # Read from the package's own description by each client: a fifth of what making an app takes.
    redis.utils.get_lib_version = cache(redis.utils.get_lib_version)


def _same_sql(one: Any, other: object) -> bool:
    """A statement's compiled form is found by its dialect, of which each engine has one of its own. Those of one kind
    on one driver write the same, and what they compile turns values into JSON by the same function."""
    return type(one) is type(other) and _json_of(one) == _json_of(other)


def _sql_of(one: Any) -> int:
    return hash((type(one), *_json_of(one)))


def _json_of(one: Any) -> tuple[object, object]:
    return one._json_serializer, one._json_deserializer


def _built_once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    """What builds a route's addresses is a function of the route's text alone, and finds its converters in the rule
    that it is bound to."""
    if rule.defaults:  # these are written into it, and no route of ours has any
        return _build_anew(rule, append_unknown)
    text = (rule.rule, tuple(rule._trace), append_unknown)
    if text not in _BUILDERS:
        _BUILDERS[text] = _build_anew(rule, append_unknown)
    return _BUILDERS[text]


def _parsed_once(rule: Rule, text: str) -> Iterable[RulePart]:
    """A route's parts are a function of its text and of the map's converters; the converters themselves are made for
    each map."""
    assert rule.map is not None
    key = (text, *rule.map.converters.items())
    if key not in _PARSED:
        _PARSED[key] = _parse(rule, text)
        return _PARSED[key][0]
    parts, trace, named = _PARSED[key]
    rule._trace.extend(trace)
    for variable, converter, args, options in named:
        rule._converters[variable] = rule.get_converter(variable, converter, args, options)
        rule.arguments.add(variable)
    return parts


def _parse(rule: Rule, text: str) -> tuple[list[RulePart], list[tuple[bool, str]], list[Named]]:
    """Parse as Werkzeug does, and note what the rule was given meanwhile."""
    named: list[Named] = []
    begun, make = len(rule._trace), rule.get_converter

    def noted(variable: str, converter: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        named.append((variable, converter, args, options))
        return make(variable, converter, args, options)

    rule.get_converter = noted  # type: ignore[method-assign,assignment]
    parts = list(_parse_anew(rule, text))
    del rule.get_converter
    return parts, rule._trace[begun:], named
