"""From every programme to every other: what a person gave in the one is taken by the other as its own rules have it."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pytest

from models.interview import engine
from models.interview.carrying import carried
from models.programme.loader import load_pack, pack_slugs
from webforms.simulate import invent

ON = date(2026, 11, 21)
PEOPLE = range(1, 4)


@pytest.mark.parametrize(("source", "target"), list(permutations(pack_slugs(), 2)))
def test_what_is_taken_is_what_the_other_programme_would_accept(source: str, target: str) -> None:
    theirs, ours = load_pack(source), load_pack(target)
    taken_once = set()
    for serial in PEOPLE:
        given = invent(theirs, 3, serial, ON).answers
        there = invent(ours, 5, serial, ON).answers
        present = {key: value for key, value in there.items() if not key.startswith(("field:", "document:"))}
        assert "verdict" in engine.plan(ours, present, ON).answered
        found = carried(theirs, given, ours, present, ON)
        standing = dict(present)
        for one in found.fields:
            assert engine.accept(ours, standing, one.ask.key, one.value, ON) == one.value
            standing[one.ask.key] = one.value
            taken_once.add(one.source.profile)
        assert {one.ask.key for one in found.fields} <= engine.plan(ours, standing, ON).answered
    assert "name" in taken_once
    assert len(taken_once) >= 4, taken_once
