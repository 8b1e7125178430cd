"""What an invented ID card shows: what the person typed, and now and then another name."""

from datetime import date
from random import Random

from models.programme.loader import load_pack
from webforms.simulate_entering import _SLIP, _on_card, _sides
from webforms.simulate_people import person

PACK = load_pack("hengyang-2015")


def test_a_card_shows_what_was_typed_and_one_in_several_another_name():
    shown = [_on_card(PACK, one, {"field:ethnicity": "03"}) for one in people(_SLIP)]
    assert [card[1:] for card in shown] == [(one.sex, "回", one.id_number, "") for one in people(_SLIP)]
    slips = [card[0] != one.name for card, one in zip(shown, people(_SLIP), strict=True)]
    assert sum(slips) == 1


def test_the_address_lies_where_the_form_says():
    (one,) = people(1)
    card = _on_card(load_pack("zhongshan"), one, {"field:household_place": "湖南省衡阳市"})
    assert card[-1].startswith("湖南省衡阳市样例路")


def people(count):
    return [person(Random(serial), serial, date(2026, 11, 27)) for serial in range(count)]


def test_only_an_id_card_is_drawn_so():
    assert _sides(PACK, "id_card") == ("id_front", "id_back")
    assert _sides(PACK, "title_certificate") == _sides(PACK, "portrait") == ()
