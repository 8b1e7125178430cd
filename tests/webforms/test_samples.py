"""The drawings that show what a good photo of each paper looks like."""

from pathlib import Path

import pytest
from defusedxml import ElementTree

from models.programme.papers import papers

FOLDER = Path(__file__).parents[2] / "webforms" / "static" / "samples"
DRAWN = sorted(FOLDER.glob("*.svg"))
SHAPES = {"svg", "g", "rect", "circle", "ellipse", "path", "text"}


def test_every_sample_that_papers_name_is_drawn_and_one_for_all_others():
    assert {path.stem for path in DRAWN} == {paper.sample for paper in papers().values()} | {"page"}


@pytest.mark.parametrize("path", DRAWN, ids=lambda path: path.stem)
def test_a_drawing_is_small_plain_and_reaches_for_nothing(path):
    data = path.read_bytes()
    assert len(data) < 6 * 1024
    for element in ElementTree.fromstring(data).iter():
        namespace, _, name = element.tag.rpartition("}")
        assert namespace == "{http://www.w3.org/2000/svg" and name in SHAPES
        assert not [key for key in element.attrib if "href" in key or key.startswith("on") or key == "style"]
        assert "url(" not in " ".join(element.attrib.values())


@pytest.mark.parametrize("path", DRAWN, ids=lambda path: path.stem)
def test_a_drawing_needs_no_translation_and_is_marked_as_a_specimen(path):
    words = [element.text for element in ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}text")]
    assert "样本" in words
    assert set(words) <= {"样本", "1", "2"}
