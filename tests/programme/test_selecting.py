"""Calendar, panel and scores of a pack: what does not hold together is refused, what the notice leaves out may be left
out."""

import shutil
from pathlib import Path

import pytest

from models.errors import PackError
from models.programme import loader
from models.programme.check import check_pack

GUILD = Path(__file__).parent / "packs" / "guild"
SCORING = """
clause = "三"

[panel]
clause = "四"
title = { zh = "评议组", en = "Panel" }
members = { zh = "匠人和老师", en = "Craftsmen and teachers" }
at_least = 9
at_most = 13

[[dimensions]]
id = "skill"
clause = "三"
title = { zh = "手艺", en = "Skill" }
"""
STAGE = """
[[calendar]]
id = "scoring"
clause = "三"
title = { zh = "评分", en = "Scoring" }
starts = 2020-03-01
ends = 2020-03-02
"""


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(GUILD, tmp_path / "guild"))


def test_points_and_a_passing_score_may_be_missing_and_the_panel_claims_its_clause(folder):
    (folder / "scoring.toml").write_text(SCORING, "utf-8")
    pack = loader.load_folder(folder)
    assert pack.scoring.passing is None
    assert [dimension.points for dimension in pack.scoring.dimensions] == [None]
    assert (pack.scoring.panel.at_least, pack.scoring.panel.at_most) == (9, 13)
    assert "duty" in check_pack(pack).claims["四"]


@pytest.mark.parametrize(
    ("file", "text", "old", "new", "key"),
    [
        ("scoring.toml", SCORING, "at_most = 13", "at_most = 8", "panel.at_most"),
        ("scoring.toml", SCORING, "at_least = 9", "at_least = 0", "panel.at_least"),
        ("scoring.toml", SCORING, 'clause = "四"', 'clause = "九"', "panel"),
        ("programme.toml", STAGE, "ends = 2020-03-02", "ends = 2020-02-29", "calendar(scoring).ends"),
    ],
)
def test_what_does_not_hold_together_is_refused(folder, file, text, old, new, key):
    path = folder / file
    before = path.read_text("utf-8") if path.exists() else ""
    path.write_text(before + text, "utf-8")
    loader.load_folder(folder)
    path.write_text(before + text.replace(old, new), "utf-8")
    with pytest.raises(PackError) as caught:
        loader.load_folder(folder)
    assert (caught.value.file, caught.value.key) == (file, key)


def test_a_stage_and_a_panel_of_one_bound_are_allowed(folder):
    path = folder / "programme.toml"
    path.write_text(path.read_text("utf-8") + STAGE.replace("2020-03-02", "2020-03-01"), "utf-8")
    (folder / "scoring.toml").write_text(SCORING.replace("at_most = 13", "at_most = 9"), "utf-8")
    assert loader.load_folder(folder).scoring.panel.at_most == 9


CHANNELS = """
channel_fact = "way"

[[channels]]
id = "alone"
clause = "三"
name = { zh = "自己来", en = "Alone" }
plain = { zh = "自己来", en = "You come alone" }

[[channels]]
id = "together"
clause = "三"
name = { zh = "一起来", en = "Together" }
plain = { zh = "单位一起报", en = "Your unit brings you" }
by_unit = true
"""
WAY = """
[[facts]]
id = "way"
kind = "choice"
question = { zh = "怎么来？", en = "How do you come?" }
why = { zh = "去处不同。", en = "It goes elsewhere." }
options = [
  { value = "alone", label = { zh = "自己", en = "Alone" } },
  { value = "together", label = { zh = "一起", en = "Together" } },
]
"""
CONSENT = """
[[consents]]
id = "together"
version = 1
channels = ["together"]
title = { zh = "一起报", en = "Together" }
text = { zh = "同意一起报。", en = "I agree to come together." }
"""


def with_ways(folder, channels=CHANNELS, consent=CONSENT):
    (folder / "selection.toml").write_text(channels, "utf-8")
    for file, text in (("routing.toml", WAY), ("programme.toml", consent)):
        path = folder / file
        path.write_text(path.read_text("utf-8") + text, "utf-8")
    return loader.load_folder(folder)


def test_a_consent_may_belong_to_a_way_in(folder):
    pack = with_ways(folder)
    assert [consent.channels for consent in pack.programme.consents if consent.channels] == [("together",)]


@pytest.mark.parametrize(
    ("channels", "consent", "key"),
    [
        (CHANNELS, "", "channels(together).by_unit"),
        (CHANNELS, CONSENT.replace("version = 1", "version = 1\nrequired = false"), "channels(together).by_unit"),
        (CHANNELS, CONSENT.replace('["together"]', '["together", "by_post"]'), "consents(together).channels"),
        (CHANNELS.replace('channel_fact = "way"', ""), CONSENT, "channel_fact"),
        (CHANNELS.replace('"way"', '"road"'), CONSENT, "channel_fact"),
    ],
)
def test_ways_in_that_do_not_hold_together_are_refused(folder, channels, consent, key):
    with pytest.raises(PackError) as caught:
        with_ways(folder, channels, consent)
    assert caught.value.key == key


CHANGE = """
[[changes]]
id = "title"
clause = "二"
what = { zh = "职称变了", en = "Title" }
who = { zh = "本人", en = "You" }
fields = ["title"]
"""


def test_an_admission_has_words_only_where_there_is_one(folder):
    named = """admission.deed = { zh = "聘任", en = "Appointment" }
admission.done = { zh = "已聘任", en = "Appointed" }
admission.told = { zh = "您已获聘任", en = "you have been appointed" }
"""
    path = folder / "afterwards.toml"
    path.write_text(f'admitted_clause = "二"\n{named}', "utf-8")
    admission = loader.load_folder(folder).afterwards.admission
    assert admission is not None and admission.done.zh == "已聘任"
    path.write_text(named, "utf-8")
    with pytest.raises(PackError, match="admitted_clause") as caught:
        loader.load_folder(folder)
    assert caught.value.key == "admission"


@pytest.mark.parametrize(("name", "said"), [("id_number", "identity number"), ("nothing", "nothing")])
def test_what_a_change_is_about_is_a_field_of_the_form_and_no_identity_number(folder, name, said):
    path = folder / "afterwards.toml"
    path.write_text(CHANGE, "utf-8")
    assert loader.load_folder(folder).afterwards.changes[0].fields == ("title",)
    path.write_text(CHANGE.replace('["title"]', f'["{name}"]'), "utf-8")
    with pytest.raises(PackError, match=said) as caught:
        loader.load_folder(folder)
    assert caught.value.key == "changes(title).fields"
