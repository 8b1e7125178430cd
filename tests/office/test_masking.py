"""Numbers do not stay in free text, however they are written; dates and other numbers do."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.office.masking import redact
from models.programme import idnumber

ID = idnumber.make("430400", date(1980, 5, 6), 12)
WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


@pytest.mark.parametrize(
    "written",
    [ID, ID.translate(WIDE), f"{ID[:6]} {ID[6:14]} {ID[14:]}", f"{ID[:6]}-{ID[6:14]}-{ID[14:]}", ID.lower()],
)
def test_an_id_number_is_masked_however_it_is_written(written: str) -> None:
    heard = redact(f"我是{written}，请问")
    assert heard == f"我是4304{'*' * 13}{ID[-1]}，请问"


@pytest.mark.parametrize("written", ["13812345678", "138 1234 5678", "138-1234-5678", "１３８１２３４５６７８"])
def test_a_mobile_number_is_masked_however_it_is_written(written: str) -> None:
    assert redact(f"电话{written}。") == "电话138****5678。"


@pytest.mark.parametrize(
    "text", ["2008-09 2012-06 2012-07 2015-12", "1990.01.05", "12345678901234567890", "0734-8866123"]
)
def test_other_numbers_stay(text: str) -> None:
    assert redact(text) == text


@given(st.integers(0, 17), st.sampled_from([" ", "-", "　", "  "]), st.booleans())
def test_no_blank_hides_a_number(place: int, blank: str, wide: bool) -> None:
    written = ID[:place] + blank + ID[place:] if place else ID
    assert ID[6:14] not in redact(written.translate(WIDE) if wide else written).translate(
        {v: chr(k) for k, v in WIDE.items()}
    )
