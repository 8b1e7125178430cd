"""The plan gone on from is the plan worked out anew: every programme, invented people, fields in any order."""

from datetime import date
from random import Random

import pytest

from models.interview import engine, onward
from models.interview.prepared import prepared
from models.programme import loader
from webforms.simulate import invent

ON = date(2026, 11, 27)
SLUGS = loader.pack_slugs()


def people(pack):
    """Answers of three people, and of a fourth whose values the others may turn to."""
    return [invent(pack, 11, serial, ON).answers for serial in range(4)]


def walk(pack, answers, other, random):
    """Fields are answered in any order, left blank, changed, and dropped again from what is there."""
    present = {key: value for key, value in answers.items() if not key.startswith("field:")}
    fields = [key for key in answers if key.startswith("field:")]
    yield present, ()
    for _ in range(2 * len(fields)):
        keys = random.sample(fields, min(len(fields), random.choice((1, 1, 1, 2))))
        for key in keys:
            present[key] = random.choice((answers[key], answers[key], other.get(key, ""), "", None))
        yield present, keys


@pytest.mark.parametrize("slug", SLUGS)
def test_it_is_what_would_be_worked_out_anew(slug):
    pack, random = loader.load_pack(slug), Random(slug)
    *some, other = people(pack)
    gone_on = 0
    for answers in some:
        before = None
        for present, keys in walk(pack, answers, other, random):
            now = dict(present)
            anew = engine._worked(pack, now, ON)
            after = None if before is None else onward.after(before, now, keys)
            if after is not None:
                assert after.plan == anew.plan
                gone_on += 1
            before = after or anew
    assert gone_on > 20


def test_where_others_may_move_it_is_worked_out_anew():
    pack = loader.load_pack("karamay-2017")
    answers = invent(pack, 11, 0, ON).answers
    before = engine.worked(pack, answers, ON)
    assert prepared(pack).moving
    for key in [f"field:{name}" for name in prepared(pack).moving if name] + ["claim", "verdict", "document:photo"]:
        assert onward.after(before, answers, [key]) is None


def test_before_the_form_there_is_nothing_to_go_on_from():
    pack = loader.load_pack("karamay-2017")
    assert onward.after(engine.worked(pack, {}, ON), {"field:name": "张三"}, ["field:name"]) is None
