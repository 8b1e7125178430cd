"""A wrong pack is refused naming file, key and reason; a right one comes out resolved."""

import csv
import shutil
from pathlib import Path

import pytest

from models.errors import PackError
from models.programme import loader, profile

GUILD = Path(__file__).parent / "packs" / "guild"


def test_a_whole_pack_is_read_and_its_code_lists_are_put_where_they_are_used():
    pack = loader.load_folder(GUILD)
    titles = next(fact for fact in pack.eligibility.facts if fact.id == "titles")
    assert [option.value for option in titles.options] == ["master", "reader", "helper"]
    assert titles.options[0].group == "甲组"
    assert titles.options[0].group_en == "Group A"
    assert titles.options[0].parent == "arts"
    assert loader.spec_by_key(pack, "field:title").options == titles.options
    assert pack.codes["titles"] == titles.options
    assert pack.messages["welcome"].en == "Welcome, {name}."
    assert loader.column_of(loader.spec_by_key(pack, "field:jobs"), "end").required is False
    assert loader.spec_by_key(pack, "fact:titles") is titles
    assert loader.spec_by_key(pack, "claim") is None


@pytest.mark.parametrize("slug", loader.pack_slugs())
def test_every_pack_of_the_product_loads_once(slug):
    assert loader.load_pack(slug) is loader.load_pack(slug)


def test_a_pack_that_is_not_there_is_named():
    with pytest.raises(PackError, match="nowhere"):
        loader.load_pack("nowhere")


WRONG = [
    # file, old, new, where the error points, what it says
    ("eligibility.toml", 'fact = "level"', 'fact = "rank"', "conditions(senior).fact", "no fact 'rank'"),
    (
        "eligibility.toml",
        'op = "at_least"\nvalue = "senior"',
        'op = "at_least"\nvalue = "chief"',
        "conditions(senior).value",
        "'chief'",
    ),
    ("eligibility.toml", "ordered = true", "ordered = false", "conditions(senior).value", "ordered"),
    (
        "eligibility.toml",
        'op = "years_at_least"',
        'op = "at_least"',
        "conditions(ten_years).value",
        "does not fit a date",
    ),
    ("eligibility.toml", "value = 10", 'value = "10"', "conditions(ten_years).value", "whole number"),
    ("eligibility.toml", 'op = "any_of"', 'op = "one_of"', "conditions(listed_title).value", "does not fit a choices"),
    (
        "eligibility.toml",
        'value = ["master", "reader"]',
        'value = ["master", "x"]',
        "conditions(listed_title).value",
        "'x'",
    ),
    (
        "eligibility.toml",
        'op = "at_least"\nvalue = "senior"',
        'op = "above"\nvalue = "senior"',
        "conditions[3](senior).op",
        "Input should be",
    ),
    ("eligibility.toml", 'codes = "titles"', 'codes = "tittles"', "facts[4](titles).codes", "'tittles'"),
    ("eligibility.toml", 'ask_when = ["holds_title"]', 'ask_when = ["holds"]', "facts(titles).ask_when", "'holds'"),
    (
        "eligibility.toml",
        'ask_when = ["holds_title"]',
        'ask_when = ["listed_title"]',
        "facts.ask_when",
        "titles → titles",
    ),
    ("eligibility.toml", 'all = ["known", "three_works"]', 'all = ["known", "artist"]', "groups", "artist → artist"),
    ("eligibility.toml", 'all = ["here", "artist"]', 'all = ["here", "singer"]', "categories(folk).all", "'singer'"),
    (
        "eligibility.toml",
        'evidence = ["certificate"]',
        'evidence = ["paper"]',
        "conditions(senior).evidence",
        "'paper'",
    ),
    ("eligibility.toml", 'id = "known"', 'id = "here"', "conditions and groups", "more than once"),
    (
        "eligibility.toml",
        'id = "works"\nkind = "number"',
        'id = "works"\nkind = "choice"',
        "facts(works).options",
        "no options",
    ),
    ("eligibility.toml", 'clause = "二0"\ntext', 'clause = "二9"\ntext', "conditions(here)", "'二9'"),
    ("eligibility.toml", 'fact = "works"', 'fact = "employer"', "conditions(three_works).fact", "routing fact"),
    ("eligibility.toml", 'zh = "您是哪一类？", ', "", "claim_question.zh", "is missing"),
    ("form.toml", 'parent = "school"', 'parent = "name"', "fields(title).parent", "'name'"),
    ("form.toml", 'from_fact = "titles"', 'from_fact = "lives"', "fields(titles).from_fact", "yes_no"),
    ("form.toml", 'id_field = "id_number"\noptions', 'id_field = "name"\noptions', "fields(sex).id_field", "'name'"),
    ("form.toml", '{ value = "male",', '{ value = "m",', "fields(sex).derive", "male and female"),
    (
        "form.toml",
        'when = { category = ["scholar"] }',
        'when = { category = ["sage"] }',
        "sections(scholar).when.category",
        "'sage'",
    ),
    (
        "form.toml",
        'field = "school", value = "other"',
        'field = "skool", value = "other"',
        "fields(other_school).when",
        "'skool'",
    ),
    (
        "form.toml",
        'field = "school", value = "other"',
        'field = "school", value = "odd"',
        "fields(other_school).when.value",
        "'odd'",
    ),
    ("form.toml", "min_rows = 1", "min_rows = 4", "fields(jobs).min_rows", "max_rows"),
    ("form.toml", 'id = "sex"', 'id = "birth"', "fields", "'birth'"),
    (
        "documents.toml",
        'when = { condition = ["senior"] }',
        'when = { condition = ["chief"] }',
        "documents(certificate).when.condition",
        "'chief'",
    ),
    ("documents.toml", "max_pages = 1", "max_pages = 0", "documents(portrait).max_pages", "pages"),
    ("routing.toml", 'fallback = "office"', 'fallback = "post"', "fallback", "'post'"),
    ("routing.toml", 'unit_by = "town"', 'unit_by = "employer"', "routes(town).unit_by", "'town'"),
    ("routing.toml", 'unit_by = "town"', 'unit_by = "town"\nunit = "school"', "routes(town)", "exactly one"),
    ("routing.toml", 'id = "town-b"\nname', 'id = "town-c"\nname', "routes(town).unit_by", "'town-b'"),
    (
        "workbooks.toml",
        'source = "field:name"',
        'source = "field:nome"',
        "summary.columns(姓名).source",
        "'field:nome'",
    ),
    ("workbooks.toml", 'codes = "titles"', 'codes = "names"', "form.blocks[0].cells[2].codes", "'names'"),
    ("clauses.toml", 'ref = "四"', 'ref = "三"', "clause", "more than once"),
    ("clauses.toml", 'heading = "填写"', 'headings = "填写"', "clause[7](四).heading", "is missing"),
    ("programme.toml", "closes = 2020-03-31", "closes = 2020-01-31", "closes", "before it opens"),
    ("programme.toml", 'slug = "guild"', 'slug = "guild"\ncolour = "red"', "colour", "no such key"),
    ("messages.toml", 'en = "Welcome, {name}."', 'en = "Welcome."', "welcome", "params"),
    ("messages.toml", 'en = "Welcome, {name}."', 'en = "Welcome, {name."', "welcome", "braces"),
    ("codes/titles.csv", "value,zh,en", "value,zh,english", "line 1", "columns en"),
    ("codes/titles.csv", "value,zh,en", "value,zh,en,colour", "line 1", "colour"),
    ("codes/titles.csv", "master,大师,Master", "unsure,大师,Master", "line 2", "reserved"),
    ("codes/titles.csv", "helper,助理,Assistant,乙组,Group B,letters,", "helper,助理", "line 4", "as many values"),
    ("codes/titles.csv", "master,大师,Master", "master,,Master", "line 2 label.zh", "at least 1"),
    ("codes/titles.csv", "helper", "reader", "facts(titles).options", "more than once"),
    ("programme.toml", 'slug = "guild"', "slug = guild", "", "not valid TOML"),
    ("form.toml", 'id = "name"\n', 'id = "name"\nprofile = "nom"\n', "fields(name).profile", "'nom' is not in"),
    ("documents.toml", 'id = "portrait"\n', 'id = "portrait"\nprofile = "x"\n', "documents(portrait).profile", "'x'"),
    (
        "form.toml",
        '{ id = "end", kind',
        '{ id = "end", profile = "e", kind',
        "fields(jobs).columns(end).profile",
        "'e'",
    ),
]


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(GUILD, tmp_path / "guild"))


@pytest.mark.parametrize(("file", "old", "new", "key", "reason"), WRONG)
def test_a_wrong_file_is_refused_naming_file_key_and_reason(folder, file, old, new, key, reason):
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PackError) as caught:
        loader.load_folder(folder)
    assert caught.value.key == key
    assert reason in caught.value.reason
    assert file in caught.value.file or caught.value.file in ("eligibility.toml",)


def test_a_missing_file_is_named(folder):
    (folder / "routing.toml").unlink()
    with pytest.raises(PackError, match=r"routing\.toml.*missing"):
        loader.load_folder(folder)


def test_a_misspelt_file_is_not_silently_ignored(folder):
    (folder / "form.toml").rename(folder / "forms.toml")
    with pytest.raises(PackError, match=r"forms\.toml"):
        loader.load_folder(folder)


def test_bytes_that_are_not_utf8_are_named(folder):
    (folder / "form.toml").write_bytes("标题".encode("gb18030"))
    with pytest.raises(PackError, match=r"form\.toml"):
        loader.load_folder(folder)


def test_two_columns_of_one_profile_are_refused(folder):
    form = folder / "form.toml"
    text = form.read_text(encoding="utf-8")
    for column in ("start", "end"):
        text = text.replace(f'{{ id = "{column}", kind', f'{{ id = "{column}", profile = "month", kind')
    form.write_text(text, encoding="utf-8")
    with pytest.raises(PackError) as caught:
        loader.load_folder(folder)
    assert (caught.value.key, caught.value.reason) == ("fields(jobs).columns", "two columns have the profile 'month'")


def test_profiles_are_listed_once_with_a_meaning_in_both_languages():
    with profile.FILE.open(encoding="utf-8", newline="") as stream:
        listed = [row["value"] for row in csv.DictReader(stream)]
    assert len(set(listed)) == len(listed)
    assert {"name", "id_number", "portrait", "id_card", "degree_certificate"} <= set(profile.names())
    assert profile.names()["employer"].en == "Employer"
