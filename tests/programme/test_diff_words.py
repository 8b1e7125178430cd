"""The differences in words: in reading order, both wordings, names instead of ids, in both languages."""

import re
import shutil
import typing
from pathlib import Path

import pytest
from pydantic import BaseModel

from models.interview.wording import catalogue
from models.programme import loader
from models.programme.basics import Text
from models.programme.diff import Kind, diff
from models.programme.diff_words import AREAS, Line, areas
from models.programme.pack import Pack

GUILD = Path(__file__).parent / "packs" / "guild"
OLD = loader.load_folder(GUILD)
LETTER = """
[[documents]]
id = "letter"
title = { zh = "推荐信", en = "A letter" }
why = { zh = "有人推荐。", en = "Somebody recommends." }
counts = { zh = "签名的信。", en = "A signed letter." }
clause = "三"
when = { category = ["folk"] }
"""


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(GUILD, tmp_path / "guild"))


def edit(folder, file, old, new):
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")


def told(folder, lang="zh"):
    """Every item by its name: kind, id, clause and lines."""
    new = loader.load_folder(folder)
    found = areas(diff(OLD, new), OLD, new, lang)
    return {area.title: {item.name: item for item in area.items} for area in found}


def attributes(part, found, seen):
    """Every attribute that a pack may have."""
    for kind in [part] if isinstance(part, type) and issubclass(part, BaseModel) else typing.get_args(part):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            if kind in seen or kind is Text:
                continue
            seen.add(kind)
            for name, spec in kind.model_fields.items():
                found.add(name)
                attributes(spec.annotation, found, seen)
        else:
            attributes(kind, found, seen)
    return found


def literals(part, name):
    return {value for value in typing.get_args(part.model_fields[name].annotation) if isinstance(value, str)}


def test_every_attribute_operator_and_type_has_a_word_in_both_languages():
    """A new attribute of packs needs its word in versions.toml: staff and engineers read it in `bole diff`."""
    from models.programme.form import FormField
    from models.programme.rules import Condition, Fact

    words = catalogue()
    wanted = {f"diff.attribute.{name}" for name in attributes(Pack, set(), set())}
    wanted |= {f"diff.op.{name}" for name in literals(Condition, "op")}
    wanted |= {f"diff.type.{name}" for name in literals(Fact, "kind") | literals(FormField, "kind")}
    wanted |= {f"diff.area.{name}" for name in AREAS} | {f"diff.kind.{kind.value}" for kind in Kind}
    assert len(wanted) > 150
    assert wanted - set(words) == set()
    spare = {name for name in words if name.startswith("diff.attribute.")} - wanted
    assert spare == set()


def test_a_changed_number_of_a_condition(folder):
    edit(folder, "eligibility.toml", "value = 10", "value = 12")
    item = told(folder)["条件"]["从业满十年"]
    assert (item.kind, item.ident, item.clause) == (Kind.CHANGED, "ten_years", "二2")
    assert item.lines == (Line("数值", "10", "12"),)
    assert told(folder, "en")["Conditions"]["ten years in the trade"].lines == (Line("value", "10", "12"),)


def test_an_added_document_says_what_it_is_and_a_removed_one_what_it_was(folder):
    (folder / "documents.toml").write_text((folder / "documents.toml").read_text("utf-8") + LETTER, "utf-8")
    item = told(folder)["证明材料"]["推荐信"]
    assert (item.kind, item.ident, item.clause) == (Kind.ADDED, "letter", "三")
    assert Line("什么算", "", "签名的信。") in item.lines
    assert Line("什么时候要", "", "类别 民间艺人") in item.lines
    new = loader.load_folder(folder)
    (area,) = areas(diff(new, OLD), new, OLD, "en")
    assert (area.items[0].kind, area.items[0].name) == (Kind.REMOVED, "A letter")
    assert Line("what counts", "A signed letter.", "") in area.items[0].lines


def test_a_wording_is_shown_in_the_readers_language_and_in_the_other_where_only_that_changed(folder):
    edit(folder, "codes/titles.csv", "master,大师,Master", "master,大师,Maestro")
    assert told(folder)["代码表"]["titles"].lines == (Line("大师 · 名称", "Master（英文）", "Maestro（英文）"),)
    assert told(folder, "en")["Code lists"]["titles"].lines == (Line("Maestro · label", "Master", "Maestro"),)
    edit(folder, "codes/titles.csv", "master,大师,Maestro", "master,大匠,Maestro")
    assert told(folder)["代码表"]["titles"].lines == (Line("大匠 · 名称", "大师", "大匠"),)


def test_options_and_categories_are_named_and_not_numbered(folder):
    edit(folder, "eligibility.toml", 'op = "at_least"\nvalue = "senior"', 'op = "is"\nvalue = "technician"')
    edit(folder, "form.toml", 'when = { category = ["scholar"] }', 'when = { category = ["folk"] }')
    found = told(folder)
    (condition,) = [item for item in found["条件"].values() if item.ident == "senior"]
    assert condition.lines == (Line("比较", "不少于", "等于"), Line("数值", "高级技师", "技师"))
    assert found["填写项目"]["学者"].lines == (Line("什么时候要 · 类别", "学者", "民间艺人"),)


def test_dates_are_spoken_and_stand_before_rules_and_tables_after_documents(folder):
    edit(folder, "programme.toml", "closes = 2020-03-31", "closes = 2020-04-30")
    edit(folder, "programme.toml", 'version = "', 'version = "9')
    edit(folder, "eligibility.toml", "value = 10", "value = 12")
    edit(folder, "documents.toml", "max_pages = 1", "max_pages = 2")
    edit(folder, "workbooks.toml", "行会汇总表", "行会名册")
    edit(folder, "form.toml", "min_rows = 1", "min_rows = 2")
    found = told(folder)
    assert list(found) == ["项目", "日期", "条件", "填写项目", "证明材料", "官方表格"]
    assert found["日期"][""].lines == (Line("截止", "2020年3月31日", "2020年4月30日"),)
    assert re.fullmatch(r"9.+", found["项目"][""].lines[0].new)


def test_another_order_names_the_members(folder):
    head, first, second, *rest = (folder / "documents.toml").read_text("utf-8").split("[[documents]]")
    (folder / "documents.toml").write_text("[[documents]]".join([head, second, first, *rest]), "utf-8")
    assert told(folder)["证明材料"][""].lines == (Line("材料 · 次序", "照片、证书", "证书、照片"),)


def test_a_part_of_packs_that_has_no_area_yet_makes_its_own():
    from models.programme.diff import Change
    from models.programme.diff_words import area

    change = Change(Kind.CHANGED, ("workshops", "title"), "a", "b", 0, (OLD, OLD))
    assert area(change) == "workshops"
    (found,) = areas([change], OLD, OLD, "zh")
    assert (found.title, found.items[0].lines) == ("workshops", (Line("标题", "a", "b"),))


def test_a_long_list_is_cut_and_counted(folder):
    new = OLD.model_copy(
        update={
            "eligibility": OLD.eligibility.model_copy(
                update={
                    "facts": (
                        *OLD.eligibility.facts,
                        OLD.eligibility.facts[0].model_copy(
                            update={
                                "id": "x",
                                "options": tuple(
                                    o.model_copy(update={"value": f"v{n}"})
                                    for n in range(12)
                                    for o in OLD.codes["titles"][:1]
                                ),
                            }
                        ),
                    )
                }
            )
        }
    )
    (area,) = areas(diff(OLD, new), OLD, new, "zh")
    (line,) = [line for line in area.items[0].lines if line.attribute == "选项"]
    assert line.new.endswith("等 12 项") and line.new.count("大师") == 8
