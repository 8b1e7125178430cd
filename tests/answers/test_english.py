"""How a question in English becomes the notice's own terms."""

import pytest

from models.answers import english, words
from models.answers.english import Glossary
from models.answers.retrieve import find
from models.programme.basics import Term
from models.programme.loader import load_pack

FIELD = (
    Term(en="title|professional title", zh="职称|专业技术职称"),
    Term(en="senior title", zh="高级职称"),
    Term(en="school|enrolment", zh="入学"),
    Term(en="school|teacher", zh="教育"),
    Term(en="annual review", zh="年审"),
)


@pytest.mark.parametrize(
    "asked, read",
    [
        ("Do I need a professional title?", [("职称", "professional", "职称")]),
        ("the annual reviews", [("年审", "annual", "review")]),
        ("my teacher’s titles", [("学校",), ("职称",)]),
        ("school", [("school",)]),
        ("a 3rd enrolment", [("3",), ("rd",), ("上学",)]),
        ("", []),
        ("what is it?", []),
    ],
)
def test_the_longest_term_is_read_and_the_words_in_it_are_kept(asked, read):
    assert Glossary((), FIELD).units(asked) == read


@pytest.mark.parametrize("asked", ["enrolmnt", "enrollment", "enrolmant", "enrolmetn"])
def test_a_letter_wrong_missing_too_many_or_swapped_is_understood(asked):
    glossary = Glossary((), FIELD)
    assert glossary.units(asked, known=lambda _: False) == [("上学",)]
    assert glossary.units(asked, known=lambda _: True) == [(words.stem(asked),)], "the pack has such a word"


def test_a_plain_word_may_be_misspelt_too():
    glossary = Glossary((), FIELD)
    assert glossary.units("shuold I know the limt of enrolment?", known=lambda _: False) == [("limit",), ("上学",)]


@pytest.mark.parametrize("asked", ["nrolment", "enrolmxxt", "titled", "sitle"])
def test_what_is_more_than_a_letter_off_or_begins_otherwise_is_not(asked):
    assert Glossary((), FIELD).units(asked, known=lambda _: False) != [("上学",)]


def test_a_clause_has_its_terms_those_in_them_and_what_english_means_several_of():
    glossary = Glossary((), FIELD)
    assert glossary.words("具有高级职称") == [*words.words("具有"), "职称", "高级职称"]
    assert glossary.words("子女入学") == ["孩子", "上学", "school"]
    assert glossary.words("senior title") == ["高级职称"]


def test_a_notices_own_terms_mean_nothing_else_there():
    own = (Term(en="title", zh="称号"),)
    assert Glossary(own, FIELD).units("title") == [("称号",)]
    pack = load_pack("zhongshan")
    question = "What does Article Zhang bring?"
    assert find(pack, question, "en") is None
    known = pack.model_copy(update={"terms": (Term(en="Article Zhang|bring", zh="购房补助"),)})
    assert find(known, question, "en").clause.ref == "第十四条(一)"


def test_every_term_of_the_field_says_something_in_both_languages():
    for term in english.shared():
        assert all(map(words.is_chinese, term.zh.split("|"))) or term.zh == "excel", term
        assert all(english._stems(one) for one in term.en.split("|")), term
    assert all("" not in term.zh.split("|") and "" not in term.en.split("|") for term in english.shared())
