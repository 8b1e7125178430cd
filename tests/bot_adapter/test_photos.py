"""Photos in chat: before they are asked for, several at once, for another document than was asked, twice at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from waiting import PATIENCE

from bot_adapter import conversation
from models import storage
from models.application import pages, queries, service, unplaced, uploads
from models.application.tables import Application, Conversation, DocumentPage, Notice, Upload
from models.clock import FixedClock
from models.extensions import db
from models.storage_local import LocalFiles

TO_CONSENT = ("你好", "1")
TO_VERDICT = (*TO_CONSENT, "1", "1", "1", "2")
TO_FORM = (*TO_VERDICT, "继续")
WHICH = "这张是哪一种材料？\n1. 身份证\n2. 证件照\n3. 其他材料\n4. 不要了，删掉"
Photo = Callable[..., bytes]


def state() -> dict[str, Any]:
    db.session.expire_all()
    return dict(db.session.scalars(select(Conversation)).one().state)


def kept(document: str) -> list[bytes]:
    """What was stored for a document, in its order."""
    db.session.expire_all()
    query = select(DocumentPage).where(DocumentPage.document == document, DocumentPage.removed_at.is_(None))
    found = db.session.scalars(query.order_by(DocumentPage.position)).all()
    return [storage.get(page.upload_key or "", pages.bound_to(page.id)) for page in found]


def waiting() -> int:
    return len(unplaced.waiting(db.session(), db.session.scalars(select(Application)).one().id))


def files(app: Flask) -> int:
    return sum(path.is_file() for path in (app.config["BOLE"].data / "files").rglob("*"))


def to_documents(person: Any, id_number: str) -> str:
    person.says(*TO_FORM, "张三", id_number, "对", "13812345678", "跳过", "桃", "跳过")
    heard: str = person.says("2010.9", "至今", "红星果园", "完成", "没有")
    return heard


def test_a_photo_before_it_is_asked_for_is_kept_and_given_to_the_document_that_is_named(
    person: Any, photograph: Photo
) -> None:
    person.says(*TO_FORM)
    heard = person.shows(photograph(10))
    assert WHICH in heard and state()["at"] == "photos" and waiting() == 1
    heard = person.says("2")
    assert "已放进“证件照”（1 张）" in heard and "姓名" in heard and state()["at"] == "field:name"
    assert kept("portrait") == [photograph(10)] and waiting() == 0
    person.says("张三")
    assert "field:name" in queries.view(person_application()).answers


def test_a_photo_is_on_the_disk_once_and_before_anybody_waits_for_its_message(
    persistent_chat_app: Flask, new_person: Any, photograph: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = new_person("p1")
    person.says(*TO_FORM)
    in_transaction, real = [], LocalFiles.write

    def write(self: LocalFiles, key: str, data: bytes) -> None:
        in_transaction.append(db.session().in_transaction())
        real(self, key, data)

    monkeypatch.setattr(LocalFiles, "write", write)
    person.shows(photograph(10))
    person.says("证件照")
    assert in_transaction == [False] and kept("portrait") == [photograph(10)]
    assert files(persistent_chat_app) == 1


def person_application() -> str:
    return db.session.scalars(select(Application)).one().id


@pytest.mark.parametrize("word", ["身份证", "1", "第一个", "ID card"])
def test_the_document_may_be_named_in_words(person: Any, photograph: Photo, word: str) -> None:
    person.says(*TO_FORM)
    person.shows(photograph(10))
    person.says(word)
    assert kept("id_card") == [photograph(10)]


def test_words_that_come_with_the_photo_name_the_document(person: Any, photograph: Photo) -> None:
    person.says(*TO_FORM)
    heard = person.shows(photograph(10), words="这是我的证件照")
    assert "收到了：证件照" in heard and kept("portrait") == [photograph(10)]


def test_an_album_goes_to_one_document_as_far_as_there_is_room_and_the_rest_is_asked_about(
    person: Any, photograph: Photo
) -> None:
    person.says(*TO_FORM)
    album = [photograph(shade) for shade in (10, 20, 30, 40)]
    assert "这 4 张是哪一种材料？" in person.shows(*album)
    heard = person.says("身份证")
    assert "最多 3 张" in heard and "已放进“身份证”（3 张）" in heard
    assert "这张是哪一种材料？\n1. 证件照\n2. 其他材料" in heard, "what is full is not offered"
    assert kept("id_card") == album[:3]
    person.says("证件照")
    assert kept("portrait") == album[3:] and state()["at"] == "field:name"


def test_an_album_of_different_papers_is_gone_through_one_by_one(person: Any, photograph: Photo) -> None:
    person.says(*TO_FORM)
    person.shows(photograph(10), photograph(20))
    assert "先说最早发的那一张" in person.says("不是同一种")
    person.says("证件照")
    person.says("身份证")
    assert kept("portrait") == [photograph(10)] and kept("id_card") == [photograph(20)]
    assert state()["at"] == "field:name" and "singly" not in state()


def test_several_in_a_row_wait_together_in_their_order(person: Any, photograph: Photo) -> None:
    person.says(*TO_FORM)
    for shade in range(10, 130, 10):
        heard = person.shows(photograph(shade))
    assert "这 12 张是哪一种材料？" in heard
    person.says("其他材料")
    assert kept("other") == [photograph(shade) for shade in range(10, 60, 10)]
    assert waiting() == 7


def test_an_album_at_its_document_fills_it_and_asks_about_what_is_too_many(
    person: Any, id_number: str, photograph: Photo
) -> None:
    to_documents(person, id_number)
    album = [photograph(shade) for shade in (10, 20, 30, 40)]
    heard = person.shows(*album)
    assert "收到了 3 张：身份证，现在一共 3 张" in heard and "这张是哪一种材料？" in heard
    assert kept("id_card") == album[:3]
    heard = person.says("证件照")
    assert kept("portrait") == album[3:] and state()["at"] == "document:other" and "其他材料" in heard


def test_what_is_not_wanted_goes_at_once(person: Any, photograph: Photo, chat_app: Flask) -> None:
    person.says(*TO_FORM)
    person.shows(photograph(10), photograph(20))
    assert files(chat_app) == 2
    assert "已删掉（2 张）" in person.says("不要了")
    assert files(chat_app) == 0 and waiting() == 0 and state()["at"] == "field:name"


def test_before_the_verdict_it_waits_until_it_is_known_which_documents_there_are(
    person: Any, photograph: Photo
) -> None:
    person.says(*TO_CONSENT, "1")
    asked = person.last[-1]
    heard = person.shows(photograph(10))
    assert "先替您存着（1 张）" in heard and person.last[-1] == asked, "the question stands"
    person.says("1", "1", "2")
    assert "这张是哪一种材料" in person.says("继续")
    assert "姓名" in person.says("1") and kept("id_card") == [photograph(10)]


@pytest.mark.parametrize("said", [(), ("你好",), ("你好", "1")])
def test_before_the_consents_nothing_is_stored(
    person: Any, photograph: Photo, chat_app: Flask, said: Sequence[str]
) -> None:
    person.says("你好", *said)
    heard = person.shows(photograph(10))
    assert "没有存" in heard and files(chat_app) == 0
    assert db.session.scalars(select(Upload)).all() == []


def test_what_nobody_placed_within_a_day_is_gone_and_said_so(
    person: Any, photograph: Photo, clock: FixedClock, chat_app: Flask
) -> None:
    person.says(*TO_FORM)
    person.shows(photograph(10))
    clock.advance(hours=23)
    assert uploads.sweep() == 0
    clock.advance(hours=2)
    assert uploads.sweep() == 1 and files(chat_app) == 0
    heard = person.says("1")
    assert "过了一天没有用上" in heard and "姓名" in heard and state()["at"] == "field:name"
    assert "field:name" not in queries.view(person_application()).answers, "the number meant the photo"


def test_what_waits_goes_with_the_application(person: Any, photograph: Photo, chat_app: Flask) -> None:
    person.says(*TO_FORM)
    person.shows(photograph(10))
    service.delete(person_application())
    assert files(chat_app) == 0 and db.session.scalars(select(Upload)).all() == []


def test_beginning_again_leaves_nothing_waiting(person: Any, photograph: Photo, chat_app: Flask) -> None:
    person.says(*TO_FORM)
    person.shows(photograph(10))
    person.says("重来", "1")
    assert files(chat_app) == 0 and waiting() == 0


@pytest.mark.parametrize("aside", ["帮助", "进度", "网页", "你好", "返回", "也许", "9", "", "😀"])
def test_the_question_stands_until_it_is_answered(person: Any, photograph: Photo, aside: str) -> None:
    person.says(*TO_FORM)
    person.shows(photograph(10))
    person.says(aside)
    assert state()["at"] == "photos" and waiting() == 1
    assert "哪一种材料" in person.says("你好")
    person.says("身份证")
    assert kept("id_card") == [photograph(10)] and state()["at"] == "field:name"


def test_more_than_can_wait_is_refused_and_nothing_is_lost(person: Any, photograph: Photo) -> None:
    person.says(*TO_FORM)
    heard = person.shows(*(photograph(10 + shade) for shade in range(unplaced.AT_ONCE + 1)))
    assert "已经替您存了 20 张" in heard and waiting() == unplaced.AT_ONCE


@pytest.mark.parametrize("data", [b"GIF89a" + b"0" * 50, b"PK\x03\x04 a Word document", b"hello"])
def test_a_file_that_is_no_photo_gets_one_sentence(person: Any, id_number: str, photograph: Photo, data: bytes) -> None:
    person.says(*TO_FORM)
    heard = person.shows(data)
    assert "不是我们能识别的照片" in heard and waiting() == 0 and state()["at"] == "field:name"
    heard = person.shows(data, photograph(10))
    assert "不是我们能识别的照片" in heard and "这张是哪一种材料？" in heard, "the good one of an album is kept"


def test_bytes_decide_not_what_the_file_is_called(person: Any, id_number: str, photograph: Photo) -> None:
    to_documents(person, id_number)
    message = person.message(media=(photograph(10),))
    named = message.media[0].__class__("scan.docx", message.media[0].data)
    conversation.handle(message.__class__(**{**fields(message), "media": (named,)}))
    assert kept("id_card") == [photograph(10)]


def fields(message: Any) -> dict[str, Any]:
    return {name: getattr(message, name) for name in message.__dataclass_fields__}


def test_a_photo_of_another_document_is_moved_by_a_word(person: Any, id_number: str, photograph: Photo) -> None:
    """Asked for the ID card, the portrait is sent."""
    to_documents(person, id_number)
    assert "放错了" in person.shows(photograph(10))
    heard = person.says("放错了")
    assert "刚才那 1 张放在了“身份证”里。应该是哪一种材料？\n1. 证件照\n2. 其他材料" in heard
    heard = person.says("证件照")
    assert "已放进“证件照”" in heard and "请发照片：身份证" in heard
    assert kept("id_card") == [] and kept("portrait") == [photograph(10)]
    person.shows(photograph(20))
    person.shows(photograph(30))
    person.says("发完了")
    assert kept("id_card") == [photograph(20), photograph(30)] and state()["at"] == "document:other"


@pytest.mark.parametrize(("word", "left"), [("没放错", 1), ("返回", 1), ("不要了", 0)])
def test_moving_can_be_left(person: Any, id_number: str, photograph: Photo, word: str, left: int) -> None:
    to_documents(person, id_number)
    person.shows(photograph(10))
    person.says("放错了", word)
    assert len(kept("id_card")) == left and state()["at"] == "document:id_card"


def test_there_may_be_nothing_to_move(person: Any, id_number: str, photograph: Photo) -> None:
    person.says(*TO_FORM)
    assert "没有刚发来" in person.says("放错了") and state()["at"] == "field:name"


def test_what_was_placed_wrongly_is_moved_too(person: Any, photograph: Photo) -> None:
    person.says(*TO_FORM)
    person.shows(photograph(10), photograph(20))
    person.says("身份证", "wrong document", "其他材料")
    assert kept("id_card") == [] and kept("other") == [photograph(10), photograph(20)]
    assert state()["at"] == "field:name"


def test_in_english(person: Any, photograph: Photo) -> None:
    person.says(*TO_FORM, "English")
    heard = person.shows(photograph(10), photograph(20))
    assert "Which document are these 2?" in heard and "1. ID card" in heard
    assert "Added to “Portrait” (photos: 1)" in person.says("portrait")
    person.says("none")
    assert "Which document should they be?" in person.says("wrong document")


def test_a_retry_gets_the_same_reply_and_stores_nothing_twice(
    persistent_chat_app: Flask, new_person: Any, photograph: Photo
) -> None:
    person = new_person("p7")
    person.says(*TO_FORM)
    message = person.message(media=(photograph(10), photograph(20)), key="album")
    first = conversation.handle(message)
    answered = conversation.handle(person.message("身份证", key="which"))
    assert conversation.handle(message) == first
    assert conversation.handle(person.message("身份证", key="which")) == answered
    assert kept("id_card") == [photograph(10), photograph(20)] and files(persistent_chat_app) == 2


@pytest.mark.parametrize("asked", [True, False])
def test_two_photos_at_once_are_both_kept_in_order(
    persistent_chat_app: Flask, new_person: Any, id_number: str, photograph: Photo, asked: bool
) -> None:
    app, person = persistent_chat_app, new_person("p6")
    to_documents(person, id_number) if asked else person.says(*TO_FORM)
    messages = [person.message(media=(photograph(shade), photograph(shade + 1))) for shade in (10, 20)]
    replies, barrier = [], Barrier(2)

    def deliver(message: Any) -> None:
        with app.app_context():
            barrier.wait(PATIENCE)
            replies.append((conversation.handle(message), message))
            db.session.remove()

    threads = [Thread(target=deliver, args=(message,)) for message in messages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(replies) == 2
    if not asked:
        assert waiting() == 4
        person.says("其他材料")
    held = kept("other") if not asked else [*kept("id_card"), *still_waiting()]
    assert held in ([photograph(s) for s in (10, 11, 20, 21)], [photograph(s) for s in (20, 21, 10, 11)])


def still_waiting() -> list[bytes]:
    ids = unplaced.waiting(db.session(), person_application())
    uploads = [db.session.get_one(Upload, one) for one in ids]
    return [storage.get(one.parts[0]["key"], pages.bound_to(one.id)) for one in uploads]


def judged(page: DocumentPage, number: int, reason: str | None = "photo.blurred") -> None:
    """What a worker leaves behind."""
    page.state, page.reason = ("retake" if reason else "ok"), reason
    code = "notice.page_retake_submitted" if reason else "notice.page_ok"
    told = {
        "document": {"zh": page.document, "en": page.document},
        "page": number,
        "reason": {"zh": "糊。", "en": "B."},
    }
    db.session.add(
        Notice(
            application_id=page.application_id,
            effect=f"page:{page.id}",
            code=code,
            params=told if reason else {name: told[name] for name in ("document", "page")},
            created_at=page.created_at,
        )
    )
    db.session.commit()


def handed_in(person: Any, id_number: str, photograph: Photo) -> list[DocumentPage]:
    to_documents(person, id_number)
    person.shows(photograph(10), photograph(20))
    person.says("发完了")
    person.shows(photograph(30))
    person.says("跳过", "1", "1")
    return list(db.session.scalars(select(DocumentPage).order_by(DocumentPage.document, DocumentPage.position)))


def test_several_bad_photos_are_asked_for_once_after_the_last_verdict(
    person: Any, id_number: str, photograph: Photo
) -> None:
    first, second, portrait = handed_in(person, id_number, photograph)
    judged(first, 1)
    heard = person.nudges()
    assert "请重拍。糊" in heard and "请重拍：" not in heard, "others are still being looked at"
    judged(portrait, 1)
    assert "请重拍：" not in person.nudges()
    judged(second, 2, None)
    heard = person.nudges()
    assert heard.count("请重拍：") == 1 and "后面还有 1 张要重拍：「证件照」第 1 页" in heard
    db.session.add(
        Notice(
            application_id=first.application_id,
            effect="x",
            code="notice.page_ok",
            params={"document": {"zh": "甲", "en": "A"}, "page": 1},
            created_at=first.created_at,
        )
    )
    db.session.commit()
    assert "请重拍：" not in person.nudges(), "the same request is not repeated by other news"
    assert "请重拍：「身份证」第 1 页" in person.says("好的"), "but to who asks"


def test_verdicts_that_come_together_are_followed_by_one_request(
    person: Any, id_number: str, photograph: Photo
) -> None:
    first, second, portrait = handed_in(person, id_number, photograph)
    for page, number in ((first, 1), (second, 2), (portrait, 1)):
        judged(page, number)
    heard = person.nudges()
    assert heard.count("请重拍：") == 1 and "后面还有 2 张要重拍" in heard
    assert person.nudges() == ""


def test_nobody_waits_for_the_disk_behind_a_lock(
    person: Any, photograph: Photo, id_number: str, chat_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A photo for the document that is asked for is on the disk before the transaction of its message begins."""
    to_documents(person, id_number)
    put, locked = storage.Storage.put, []

    def watched(self: storage.Storage, *given: Any) -> str:
        locked.append(db.session().in_transaction())
        return put(self, *given)

    db.session.remove()
    monkeypatch.setattr(storage.Storage, "put", watched)
    person.shows(photograph(10), photograph(20))
    assert locked == [False, False]
    assert [kept("id_card"), files(chat_app)] == [[photograph(10), photograph(20)], 2]


def test_what_becomes_no_page_leaves_no_file(person: Any, photograph: Photo, id_number: str, chat_app: Flask) -> None:
    person.shows(photograph(10))  # a stranger's
    assert files(chat_app) == 0
    to_documents(person, id_number)
    message = person.message(media=(photograph(10),))
    conversation.handle(message)
    assert files(chat_app) == 1
    conversation.handle(message)  # told again
    assert files(chat_app) == 1
    person.shows(b"no photo at all")
    assert files(chat_app) == 1


def test_an_error_after_the_photo_leaves_no_file(
    person: Any, photograph: Photo, id_number: str, chat_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_documents(person, id_number)
    monkeypatch.setattr("bot_adapter.exchanges.add", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        person.shows(photograph(10))
    db.session.rollback()
    assert kept("id_card") == [] and files(chat_app) == 0
