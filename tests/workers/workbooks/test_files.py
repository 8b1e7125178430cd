from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from models.office.workbook_data import content_hash, file_name

ON = date(2026, 3, 9)


def test_name():
    assert file_name("雁峰区", "样例人才库", "汇总表", ON) == "雁峰区_样例人才库_汇总表_20260309.xlsx"
    assert file_name("雁峰区", "样例", "采集表", ON, suffix="zip") == "雁峰区_样例_采集表_20260309.zip"


@given(st.text(), st.text())
def test_any_name_is_a_legal_file_name(unit, programme):
    name = file_name(unit, programme, unit, ON)
    assert not set(name) & set('<>:"/\\|?*\0\n')
    assert len(name.encode()) <= 255
    assert not name.startswith((" ", "."))


def test_hash_follows_what_is_shown(make_unit):
    base = content_hash(make_unit(2), "1", "summary")
    assert content_hash(make_unit(2), "1", "summary") == base
    changed = [
        content_hash(make_unit(3), "1", "summary"),
        content_hash(make_unit(2), "2", "summary"),
        content_hash(make_unit(2), "1", "forms"),
        content_hash(make_unit(2, unit_name="别的单位"), "1", "summary"),
        content_hash(make_unit(2, exclusions=()), "1", "summary"),
    ]
    assert len({base, *changed}) == 6
