"""A dated intake has a closing day and a standing one has none: anything else is refused when the pack is read."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from models.errors import PackError
from models.programme import loader

GUILD = Path(__file__).parent / "packs" / "guild"


@pytest.fixture
def read(tmp_path):
    """The guild's pack with other lines about its intake."""

    def read(*lines):
        folder = tmp_path / "guild"
        shutil.copytree(GUILD, folder)
        programme = folder / "programme.toml"
        text = re.sub(r"^(opens|closes) = .*\n", "", programme.read_text("utf-8"), flags=re.MULTILINE)
        programme.write_text("\n".join(lines) + "\n" + text, "utf-8")
        return loader.load_folder(folder).programme

    return read


def test_dated_is_the_default(read):
    programme = read("opens = 2020-01-01", "closes = 2020-01-01")
    assert (programme.intake, programme.closes) == ("dated", date(2020, 1, 1))


def test_standing_has_no_closing_day(read):
    programme = read("opens = 2020-01-01", 'intake = "standing"')
    assert (programme.intake, programme.closes) == ("standing", None)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (("opens = 2020-01-01",), "a dated intake has a closing day"),
        (("opens = 2020-01-01", 'intake = "standing"', "closes = 2020-01-02"), "a standing intake has no closing day"),
        (("opens = 2020-01-02", "closes = 2020-01-01"), "closes before it opens"),
    ],
)
def test_anything_else_is_refused(read, lines, reason):
    with pytest.raises(PackError, match=reason) as caught:
        read(*lines)
    assert caught.value.key == "closes"


def test_a_yearly_intake_has_the_day_of_the_year_alone(read):
    programme = read('intake = "yearly"', 'closes_on = "06-30"')
    assert (programme.intake, programme.closes_on, programme.opens) == ("yearly", "06-30", None)


@pytest.mark.parametrize(
    "lines",
    [
        ('intake = "yearly"',),
        ('intake = "yearly"', 'closes_on = "06-30"', "opens = 2020-01-01"),
        ('intake = "yearly"', 'closes_on = "06-30"', "closes = 2020-01-01"),
        ("opens = 2020-01-01", "closes = 2020-01-01", 'closes_on = "06-30"'),
    ],
)
def test_a_day_of_the_year_belongs_to_a_yearly_intake(read, lines):
    with pytest.raises(PackError) as caught:
        read(*lines)
    assert caught.value.key == "closes_on"


def test_a_round_needs_its_first_day(read):
    with pytest.raises(PackError) as caught:
        read("closes = 2020-01-01")
    assert caught.value.key == "opens"
