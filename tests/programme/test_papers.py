"""The shared kinds of papers: every profile and every document's kind is known."""

import pytest

from models.programme import profile
from models.programme.form import Document, Documents
from models.programme.loader import load_pack, pack_slugs
from models.programme.pack import Text
from models.programme.papers import paper_of, papers, problems

ALL = papers()


@pytest.mark.parametrize("name", ALL)
def test_what_stands_on_it_is_asked_by_a_known_profile(name: str) -> None:
    unknown = [one.profile for one in ALL[name].shows if one.profile and one.profile not in profile.names()]
    assert unknown == []
    assert bool(ALL[name].shows) == bool(ALL[name].sides)


@pytest.mark.parametrize("name", ALL)
def test_a_kind_of_paper_is_a_profile_of_documents(name: str) -> None:
    assert name in profile.names()


@pytest.mark.parametrize("slug", pack_slugs())
def test_a_document_that_names_a_kind_of_paper_gets_it(slug: str) -> None:
    for document in load_pack(slug).documents.documents:
        assert (paper_of(document) is None) == ((document.paper or document.profile) not in ALL)


def documents(**said: object) -> Documents:
    words = Text(zh="某证", en="A paper")
    plain = Document(id="some", title=words, why=words, counts=words, clause="一")
    return Documents(documents=(plain.model_copy(update=said),))


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({}, []),
        ({"paper": "id_card"}, []),
        ({"paper": "idcard"}, ["documents(some).paper"]),
        ({"originals": Text(zh="面试时看原件。", en="Shown at the interview."), "originals_clause": "二"}, []),
        ({"originals": Text(zh="面试时看原件。", en="Shown at the interview.")}, ["documents(some).originals"]),
        ({"originals_clause": "二"}, ["documents(some).originals"]),
    ],
)
def test_what_a_document_says_of_its_paper_is_proved(said: dict[str, object], wrong: list[str]) -> None:
    assert [key for _file, key, _reason in problems(documents(**said))] == wrong
