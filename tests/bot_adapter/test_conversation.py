"""A whole application by talking, and what happens beside the road."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm.exc import StaleDataError
from waiting import PATIENCE

from bot_adapter import arriving, conversation, exchanges
from bot_adapter.turn import Turn
from models import crypto
from models.application import handoff, queries, service
from models.application.tables import Application, Conversation, DocumentPage, Inbound, Notice
from models.clock import FixedClock
from models.errors import InvalidAnswer
from models.extensions import db
from models.interview import wording
from models.office import reason_sentences
from models.office.tables import Enquiry

TO_VERDICT = ("你好", "1", "1", "1", "1", "2")
TO_FORM = (*TO_VERDICT, "继续")


def fill(person: Any, id_number: str) -> None:
    """From the form to the first document."""
    person.says(*TO_FORM, "张三", id_number, "对", "13812345678", "跳过", "桃", "跳过")
    person.says("2010.9", "至今", "红星果园", "完成", "没有")


def show_what_is_needed(person: Any, photograph: Callable[..., bytes]) -> None:
    """From the first document to the one that may be left out."""
    for shade in (10, 20):
        person.shows(photograph(shade))
    person.says("发完了")
    person.shows(photograph(30))


def finish(person: Any, photograph: Callable[..., bytes]) -> str:
    """From the first document to the receipt."""
    show_what_is_needed(person, photograph)
    heard: str = person.says("跳过", "1", "1")
    return heard


def talk() -> Conversation:
    return db.session.scalars(select(Conversation)).one()


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_stranger_is_greeted_with_the_first_question_in_one_message(person: Any) -> None:
    heard = person.says("你好")
    assert len(person.last) == 1
    assert "果园能手申报" in heard
    assert "2026年12月31日" in heard
    assert "1. 同意" in heard
    assert count(Application) == 0, "a hello leaves no draft behind"


def test_a_whole_application(person: Any, id_number: str, photograph: Callable[..., bytes]) -> None:
    fill(person, id_number)
    assert "身份证" in person.heard
    heard = finish(person, photograph)
    application = db.session.scalars(select(Application)).one()
    assert application.status == "submitted"
    assert application.receipt in heard
    view = queries.view(application.id)
    assert view.answers["field:id_number"] == id_number
    assert view.answers["field:jobs"] == [{"since": "2010-09", "until": "", "place": "红星果园"}]
    assert view.answers["field:birth"] == "1980-05-06"
    assert len(view.pages) == 3
    assert "已提交" in person.says("进度")


def test_the_same_key_gets_the_same_answer_and_changes_nothing(person: Any) -> None:
    person.says(*TO_FORM)
    message = person.message("张三", key="again")
    first = conversation.handle(message)
    second = conversation.handle(message)
    assert first == second
    assert "身份证号码" in first[0].text
    person.says("李四")
    assert conversation.handle(message) == first
    assert db.session.scalars(select(Application)).one().name == "张三"


def test_an_error_keeps_the_question_and_stores_nothing(person: Any) -> None:
    person.says(*TO_FORM, "张三")
    heard = person.says("430400198005060000")
    assert "身份证号码" in heard
    assert "field:id_number" not in queries.view(talk().application_id or "").answers
    heard = person.says("还是不对的号码")
    assert "人工" in heard, "after two tries we offer help"


def test_a_question_is_queued_and_the_same_step_comes_back(person: Any) -> None:
    person.says(*TO_FORM)
    heard = person.says("请问要填曾用名吗？我是430400198005060124")
    assert "姓名" in heard
    enquiry = db.session.scalars(select(Enquiry)).one()
    assert enquiry.step_key == "field:name"
    assert enquiry.conversation_id == talk().id
    assert "19800506" not in enquiry.question
    assert "身份证号码" in person.says("张三")


def test_human_asks_for_the_question_first(person: Any) -> None:
    person.says(*TO_FORM)
    person.says("人工", "我的证书丢了")
    assert db.session.scalars(select(Enquiry)).one().question == "我的证书丢了"
    person.says("人工")
    assert "姓名" in person.says("返回")
    assert count(Enquiry) == 1


def test_an_answer_by_staff_heads_the_next_reply_once(person: Any, clock: FixedClock) -> None:
    person.says(*TO_FORM)
    notice = Notice(
        conversation_id=talk().id,
        effect="x",
        code="office.answered",
        params={"question": "问"},
        text="可以补办",
        created_at=clock.now(),
    )
    db.session.add(notice)
    db.session.commit()
    assert "可以补办" in person.nudges()
    assert person.nudges() == ""
    assert "可以补办" not in person.says("张三")
    assert count(Inbound) == len(TO_FORM) + 2, "an empty nudge is not kept"


def test_back_changes_the_answer_before(person: Any) -> None:
    person.says(*TO_FORM, "张三")
    heard = person.says("返回")
    assert "姓名" in heard
    assert "张三" in heard
    assert "身份证号码" in person.says("李四")
    assert db.session.scalars(select(Application)).one().name == "李四"


def test_back_and_keep_changes_nothing(person: Any) -> None:
    person.says(*TO_FORM, "张三", "返回")
    assert "身份证号码" in person.says("不改")
    assert db.session.scalars(select(Application)).one().name == "张三"


def test_a_changed_fact_reopens_the_verdict_only(person: Any) -> None:
    person.says(*TO_FORM, "张三")
    person.says("修改", "申报条件", "您的技术等级是？")
    heard = person.says("高级")
    assert "符合" in heard
    heard = person.says("继续")
    assert "身份证号码" in heard, "the name that was given stays"


def test_edit_by_name(person: Any, id_number: str) -> None:
    fill(person, id_number)
    heard = person.says("修改 联系电话")
    assert "138****5678" in heard
    assert "13812345678" not in heard
    assert "身份证" in person.says("13912345678")
    assert queries.view(talk().application_id or "").answers["field:phone"] == "13912345678"


@pytest.mark.parametrize("said", ["修改联系电话", "我要改联系电话", "联系电话填错了", "联系电话错了。"])
def test_edit_by_name_in_one_word(person: Any, id_number: str, said: str) -> None:
    fill(person, id_number)
    assert "138****5678" in person.says(said)
    person.says("13912345678")
    assert queries.view(talk().application_id or "").answers["field:phone"] == "13912345678"


def test_a_word_that_only_begins_like_a_change_is_an_answer(person: Any) -> None:
    person.says(*TO_FORM)
    assert "身份证号码" in person.says("改过自")
    assert queries.view(talk().application_id or "").answers["field:name"] == "改过自"


def test_a_refusal_names_clause_and_nearest_category(person: Any) -> None:
    heard = person.says("你好", "1", "1", "1", "1", "初级")
    assert "不符合" in heard
    assert "（二「在本市种果树，技术等级在中级以上」）" in heard
    assert "最接近的类别" in heard
    assert "继续" not in [choice.label for choice in person.last[-1].choices]
    assert "您的技术等级" in person.says("修改 技术等级")
    assert "可以" in person.says("中级") or "符合" in person.heard


def test_consent_is_needed_but_nothing_is_lost_by_refusing(person: Any) -> None:
    person.says("你好")
    heard = person.says("不同意")
    assert "没法继续" in heard
    assert count(Application) == 0
    assert "照片" in person.says("同意")


@pytest.mark.parametrize("name", ["英语", "汉语", "客服", "中文"])
def test_what_is_to_be_written_may_be_a_word_of_ours(person: Any, name: str) -> None:
    """「英语」 where languages are asked is an answer, not a wish to switch; the advertised words stay commands."""
    person.says(*TO_FORM)
    assert "身份证号码" in person.says(name)
    assert queries.view(talk().application_id or "").answers["field:name"] == name
    assert talk().language == "zh"
    assert "English from here" in person.says("返回", "English")
    person.says("English")
    assert queries.view(talk().application_id or "").answers["field:name"] == "English"


def test_restart_asks_first(person: Any) -> None:
    person.says(*TO_FORM, "张三")
    assert "确定" in person.says("重来")
    assert "身份证号码" in person.says("2")
    heard = person.says("重来", "1")
    assert "您属于哪几类" in heard, "consents stay given"
    view = queries.view(talk().application_id or "")
    assert {key.partition(":")[0] for key in view.answers} == {"consent"}


def test_a_long_list_is_searched(person: Any) -> None:
    person.says("你好", "1", "1", "荣誉能手", "1", "6")
    heard = person.says("果树能手")
    assert "1. 全国果树能手" in heard
    assert "剪枝" not in heard
    assert "已选：全国果树能手" in person.says("1")
    assert "没有找到" in person.says("宇航员")
    heard = person.says("桃王", "完成")
    assert "符合" in heard
    assert queries.view(talk().application_id or "").answers["fact:honours"] == ("h01", "h12")


def test_a_number_that_is_asked_for_is_no_choice(person: Any) -> None:
    heard = person.says("你好", "1", "1", "荣誉能手", "1")
    assert "多少年" in heard
    person.says("1")
    assert queries.view(talk().application_id or "").answers["fact:years"] == 1


def test_rows_column_by_column(person: Any, id_number: str) -> None:
    person.says(*TO_FORM, "张三", id_number, "对", "13812345678", "跳过", "桃", "跳过")
    heard = person.says("2012.9", "2010.1", "错的果园")
    assert "早于" in heard or "之前" in heard or "晚" in heard
    assert "结束年月" in heard, "the column that is wrong is asked again"
    assert "结束年月" in person.says("返回", "2012.9")
    assert "错的果园" in person.says("2015.1", "错的果园")
    heard = person.says("再添一条", "2015.2", "至今", "红星果园")
    assert "（2）2015年2月，至今，红星果园" in heard
    assert "起始年月" in person.says("全部重填")
    person.says("2016.1", "至今", "新果园", "完成")
    rows = queries.view(talk().application_id or "").answers["field:jobs"]
    assert [row["place"] for row in rows] == ["新果园"]


def test_what_is_typed_of_a_row_is_sealed(person: Any, id_number: str) -> None:
    person.says(*TO_FORM, "张三", id_number, "对", "13812345678", "跳过", "桃", "跳过", "2012.9")
    stored = db.session.execute(text("SELECT state FROM conversation")).scalar_one()
    assert "2012" not in str(stored)


def test_nothing_personal_is_kept_in_plain(person: Any, id_number: str) -> None:
    person.says(*TO_FORM, "张三", id_number)
    for row in db.session.scalars(select(Inbound)):
        assert id_number.encode() not in row.sealed + row.reply
    with pytest.raises(crypto.Damaged):
        rows = db.session.scalars(select(Inbound).order_by(Inbound.id)).all()
        crypto.ring().open(rows[0].reply, f"inbound:{rows[1].id}:reply")


def test_a_photo_before_its_time_is_kept_where_only_one_document_is_to_come(
    person: Any, id_number: str, photograph: Callable[..., bytes]
) -> None:
    person.says(*TO_FORM, "张三")
    application = talk().application_id or ""
    for name in ("id_card", "id_card", "portrait"):
        service.add_page(application, name, photograph(50), f"web-{count(DocumentPage)}", "web")
    heard = person.shows(photograph(60))
    assert "收到了：其他材料" in heard
    assert "身份证号码" in person.says("发完了"), "and the place is kept"
    assert [page.document for page in queries.view(application).pages].count("other") == 1


@pytest.mark.parametrize("between", ["帮助", "进度", "网页", "English", "你好", "photo"])
def test_a_menu_is_over_when_something_else_was_asked(
    person: Any, photograph: Callable[..., bytes], between: str
) -> None:
    """「重来」, then something else: a later 「1」 clears nothing."""
    for menu in ("重来", "修改", "人工"):
        person.says(*(TO_FORM if menu == "重来" else ()), menu)
        if between == "photo":
            person.shows(photograph())
            person.says("不要了")
        else:
            person.says(between)
        assert talk().state["at"] == "field:name"
        assert "mode" not in talk().state
    heard = person.says("1")
    assert wording.say("error.words_needed", "en" if between == "English" else "zh") in heard
    assert talk().state["at"] == "field:name"
    assert "claim" in queries.view(talk().application_id or "").answers
    assert count(Enquiry) == 0


@pytest.mark.parametrize("left_over", ["2", "２", "二", "。", "👍"])
def test_what_is_left_over_from_a_menu_is_no_name(person: Any, left_over: str) -> None:
    person.says(*TO_FORM)
    heard = person.says(left_over)
    assert talk().state["at"] == "field:name" and "姓名" in heard
    person.says("阿依古丽·买买提")
    assert queries.view(talk().application_id or "").answers["field:name"] == "阿依古丽·买买提"


def test_what_belongs_elsewhere_is_no_name_and_the_name_is_asked_again(person: Any) -> None:
    person.says(*TO_FORM)
    for said in ("18年", "11010519491231002X"):
        assert "请只写名字" in person.says(said)
        assert talk().state["at"] == "field:name"
    assert "身份证号码" in person.says("阿依古丽·买买提")


@pytest.mark.parametrize("said", ["没有", "等会儿再拍", "明天拍吧", "跳过"])
def test_a_photo_need_not_be_now(person: Any, id_number: str, said: str) -> None:
    fill(person, id_number)
    heard = person.says(said)
    assert "现在拍不了不要紧" in heard and "没有看懂" not in heard and "身份证" in heard
    assert count(DocumentPage) == 0


def test_an_optional_photo_that_is_not_at_hand_is_not_skipped_by_that(
    person: Any, id_number: str, photograph: Callable[..., bytes]
) -> None:
    fill(person, id_number)
    show_what_is_needed(person, photograph)
    heard = person.says("没带")
    assert "发「1」跳过" in heard and talk().state["at"] == "document:other"


def test_a_file_that_is_no_photo_is_refused(person: Any, id_number: str) -> None:
    fill(person, id_number)
    heard = person.shows(b"GIF89a not a photo")
    assert "身份证" in heard
    assert count(DocumentPage) == 0


def test_replacing_a_photo_keeps_the_old_one_until_the_new_is_there(
    person: Any, id_number: str, photograph: Callable[..., bytes]
) -> None:
    fill(person, id_number)
    show_what_is_needed(person, photograph)
    person.says("修改 证件照")
    person.shows(b"broken")
    kept = [page for page in queries.view(talk().application_id or "").pages if page.document == "portrait"]
    assert len(kept) == 1
    person.shows(photograph(40))
    now = [page for page in queries.view(talk().application_id or "").pages if page.document == "portrait"]
    assert len(now) == 1
    assert now[0].id != kept[0].id


def test_a_photo_to_be_retaken_is_asked_again(person: Any, id_number: str, photograph: Callable[..., bytes]) -> None:
    fill(person, id_number)
    person.shows(photograph(10))
    page = db.session.scalars(select(DocumentPage)).one()
    page.state, page.reason = "retake", "photo.blurred"
    db.session.commit()
    assert "第 1 张" in person.shows(photograph(20))


def test_what_to_change_may_be_named_in_the_menu_of_parts_at_once(person: Any, id_number: str) -> None:
    person.says(*TO_FORM, "张三", id_number)
    assert "要改哪一部分" in person.says("修改")
    assert "姓名" in person.says("姓名") and "现在填的是：张三" in person.heard
    person.says("修改")
    assert "没有看懂" in person.says("李四"), "other words are no new name"


def spoil(*pages: tuple[str, int]) -> None:
    """What a worker leaves behind that finds these pages blurred and all others good."""
    for good in db.session.scalars(select(DocumentPage).where(DocumentPage.state == "received")):
        good.state = "ok"
    for document, position in pages:
        query = select(DocumentPage).where(DocumentPage.document == document, DocumentPage.removed_at.is_(None))
        page = db.session.scalars(query.order_by(DocumentPage.position)).all()[position - 1]
        page.state, page.reason = "retake", "photo.blurred"
        told = {"document": {"zh": document, "en": document}, "page": position, "reason": {"zh": "模糊。", "en": "B."}}
        application = page.application_id
        db.session.add(
            Notice(
                application_id=application,
                effect=f"page:{page.id}",
                code="notice.page_retake_submitted",
                params=told,
                created_at=page.created_at,
            )
        )
    db.session.commit()


def kept(document: str) -> list[DocumentPage]:
    query = select(DocumentPage).where(DocumentPage.document == document, DocumentPage.removed_at.is_(None))
    return list(db.session.scalars(query.order_by(DocumentPage.position)))


def test_one_bad_photo_after_the_hand_in_is_replaced_by_the_next_one_sent(
    person: Any, id_number: str, photograph: Callable[..., bytes]
) -> None:
    fill(person, id_number)
    finish(person, photograph)
    spoil(("portrait", 1))
    heard = person.nudges()
    assert "重拍" in heard and "请重拍：" not in heard, "the notice has said it all"
    heard = person.shows(photograph(91))
    assert "收到了新的一张：「证件照」第 1 页" in heard and "不用重新提交" in heard
    assert [page.state for page in kept("portrait")] == ["received"]
    assert "正在审核" in person.says("你好")
    assert db.session.scalars(select(Application)).one().status == "submitted"


def test_bad_photos_of_several_documents_are_gone_through_one_by_one(
    person: Any, id_number: str, photograph: Callable[..., bytes]
) -> None:
    fill(person, id_number)
    finish(person, photograph)
    before = [page.id for page in kept("id_card")]
    spoil(("id_card", 2), ("portrait", 1))
    heard = person.nudges()
    assert "请重拍：「身份证」第 2 页。照片模糊" in heard
    assert "后面还有 1 张要重拍：「证件照」第 1 页" in heard
    assert person.last[-1].wants_image and not person.last[-1].choices

    for words in ("好的", "进度", "要多久？", "你好", "修改"):  # whatever is said meanwhile
        heard = person.says(words)
        assert "请重拍：「身份证」第 2 页" in heard or words == "修改", words
        assert "现在不用做什么" not in heard and "别处填好" not in heard
    assert "照片" in person.shows(b"no photo at all") and len(kept("id_card")) == 2

    heard = person.shows(photograph(92))
    assert "收到了新的一张：「身份证」第 2 页" in heard
    assert "请重拍：「证件照」第 1 页" in heard and "后面还有" not in heard
    assert kept("id_card")[0].id == before[0] and kept("id_card")[1].state == "received"
    heard = person.shows(photograph(93))
    assert "不用重新提交" in heard
    assert "没有要补的材料" in person.shows(photograph(94))
    assert "正在审核" in person.says("好的")


def test_several_photos_in_one_message_take_their_places_in_order(
    person: Any, id_number: str, photograph: Callable[..., bytes]
) -> None:
    fill(person, id_number)
    finish(person, photograph)
    spoil(("id_card", 1), ("portrait", 1))
    heard = person.shows(photograph(95), b"", photograph(96), photograph(97))
    assert "「身份证」第 1 页" in heard and "「证件照」第 1 页" in heard
    assert "照片是空的" in heard and "没有要补的材料" in heard
    assert [page.state for page in (*kept("id_card"), *kept("portrait"))] == ["received", "ok", "received"]


@pytest.mark.parametrize("nudged", [True, False])
def test_a_returned_item_alone_is_asked_again(
    person: Any, id_number: str, photograph: Callable[..., bytes], staff_id: int, nudged: bool
) -> None:
    fill(person, id_number)
    finish(person, photograph)
    application = db.session.scalars(select(Application)).one()
    items = [service.ReturnedItem("field:phone", "打不通"), service.ReturnedItem("document:portrait", "不清楚")]
    service.return_items(application.id, items, staff_id, application.version)
    heard = person.nudges() if nudged else person.says("你好")
    assert "联系电话：打不通" in heard
    assert "证件照：不清楚" in heard
    assert person.last[-1].text.startswith("—— 基本信息 ——\n联系电话")
    assert "没有退回" in person.says("修改 姓名") or "要改" in person.heard
    person.says("不改了")
    assert "退回的原因" not in heard, "the list has just said it"
    assert "这一项退回的原因：打不通" in person.says("什么意思")
    heard = person.says("13912345678")
    assert heard.startswith("这一项退回的原因：不清楚") and "退回的原因" not in person.says("嗯那个")
    assert "证件照" in heard and "原来交的 1 张被退回了" in heard and "已有 1 张" not in heard
    heard = person.shows(photograph(90))
    assert "重新提交" in heard
    person.says("重新提交")
    assert db.session.scalars(select(Application)).one().status == "submitted"


def test_who_has_changed_to_english_reads_a_prepared_reason_in_it(
    person: Any, id_number: str, photograph: Callable[..., bytes], staff_id: int
) -> None:
    fill(person, id_number)
    finish(person, photograph)
    person.says("English")
    application = db.session.scalars(select(Application)).one()
    zh, en = (reason_sentences.offered("orchard", lang)[0] for lang in ("zh", "en"))
    items = [service.ReturnedItem("field:phone", zh), service.ReturnedItem("field:name", "打不通")]
    service.return_items(application.id, items, staff_id, application.version)
    heard = person.says("hello")
    assert en in heard and zh not in person.last[-1].text and "打不通" in heard
    heard = person.says("status")
    assert en.rstrip(".") in heard and zh.rstrip("。") not in heard, "in the progress, too"


def test_submitted_cannot_be_changed(person: Any, id_number: str, photograph: Callable[..., bytes]) -> None:
    fill(person, id_number)
    finish(person, photograph)
    assert "不能改" in person.says("修改")
    assert "不能从这里重来" in person.says("重来")
    assert "正在审核" in person.says("你好")
    assert "没有要补的材料" in person.shows(photograph())


def test_a_closed_round_says_until_when(person: Any, clock: FixedClock) -> None:
    clock.set_day(date(2027, 1, 2))
    assert "2026年12月31日" in person.says("你好")
    assert count(Application) == 0
    assert "直接回答" not in person.says("进度")
    assert "2026年12月31日" in person.heard
    person.says("还能补报吗？")
    assert count(Enquiry) == 1


def test_a_round_that_closes_meanwhile_keeps_the_draft(person: Any, clock: FixedClock) -> None:
    person.says(*TO_FORM, "张三")
    clock.set_day(date(2027, 1, 2))
    assert "截止" in person.says("430400198005060124")
    assert queries.view(talk().application_id or "").answers["field:name"] == "张三"


def test_english_from_the_first_word(new_person: Any, chat_app: Flask) -> None:
    person = new_person("p2")
    heard = person.says("hello")
    assert "I agree" in heard
    assert "Which of these are you?" in person.says("i agree", "yes")
    assert "您属于哪几类" in person.says("中文")
    assert talk().language == "zh"


def test_a_foreign_pack_of_commands_before_anything(person: Any) -> None:
    assert "您可以这样回复" in person.says("帮助")
    assert "还没有开始填" in person.says("进度")
    assert "/p/orchard" in person.says("网页")
    assert "您还没有开始填" in person.says("重来")
    assert "没有可以返回" in person.says("返回")


def test_the_link_to_the_browser_is_signed(person: Any) -> None:
    person.says(*TO_FORM)
    token = person.says("网页").split("/h/")[1].split()[0]
    assert handoff.read(token) == talk().application_id


def test_what_the_browser_fills_in_is_not_asked(person: Any) -> None:
    person.says(*TO_FORM)
    service.record(talk().application_id or "", {"field:name": "网页上填的"}, "web")
    heard = person.says("聊天里填的")
    assert "身份证号码" in heard
    assert queries.view(talk().application_id or "").answers["field:name"] == "网页上填的"


def test_one_open_programme_needs_no_choice(chat_app: Flask, new_person: Any) -> None:
    assert "果园能手申报" in new_person("p3", programme=None).says("你好")


def test_two_deliveries_at_once_answer_once(persistent_chat_app: Flask, new_person: Any) -> None:
    app, person = persistent_chat_app, new_person("p9")
    message, replies, barrier = person.message("你好", key="same"), [], Barrier(2)

    def deliver() -> None:
        with app.app_context():
            barrier.wait(PATIENCE)
            replies.append(conversation.handle(message))
            db.session.remove()

    threads = [Thread(target=deliver) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(replies) == 2
    assert replies[0] == replies[1]
    assert count(Inbound) == 1


@pytest.mark.parametrize(("overtaken", "answered"), [(conversation.TRIES - 1, True), (conversation.TRIES, False)])
def test_a_turn_that_others_overtake_is_done_again_as_often_as_they_can(
    person: Any, monkeypatch: pytest.MonkeyPatch, overtaken: int, answered: bool
) -> None:
    person.says(*TO_FORM)
    left, done = iter(range(overtaken)), arriving.left

    def overtake(*args: Any) -> None:
        done(*args)
        if next(left, None) is not None:
            raise StaleDataError("changed through another door")

    monkeypatch.setattr(arriving, "left", overtake)
    message = person.message("张三", key="late")
    if answered:
        assert "身份证" in " ".join(one.plain() for one in conversation.handle(message))
    else:
        with pytest.raises(StaleDataError):
            conversation.handle(message)
    db.session.rollback()
    assert (count(Inbound) == len(TO_FORM) + 1) is answered


def test_a_crash_after_the_answer_keeps_neither(
    persistent_chat_app: Flask, new_person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = new_person("p8")
    person.says(*TO_FORM)
    message = person.message("张三", key="crash")

    def broken(*_args: Any) -> None:
        raise RuntimeError("the process dies here")

    with monkeypatch.context() as patched:
        patched.setattr(exchanges, "kept", broken)
        with pytest.raises(RuntimeError):
            conversation.handle(message)
    assert "field:name" not in queries.view(talk().application_id or "").answers
    assert "身份证号码" in conversation.handle(message)[0].text


def test_an_invalid_answer_leaves_the_rest_of_the_turn(person: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    person.says(*TO_FORM)

    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise InvalidAnswer("error.required")

    with monkeypatch.context() as patched:
        patched.setattr(queries, "answered", refuse)
        assert "必须填写" in person.says("张三")
    assert count(Inbound) == len(TO_FORM) + 1


def test_an_empty_photo_is_told_as_one_and_nothing_is_kept(person: Any, id_number: str) -> None:
    fill(person, id_number)
    heard = person.shows(b"")
    assert "照片是空的" in heard and "从相册里重新选一张" in heard and "没有传完整" not in heard
    assert count(DocumentPage) == 0


def test_what_was_checked_and_has_not_changed_is_not_listed_again(
    person: Any, id_number: str, photograph: Callable[..., bytes]
) -> None:
    fill(person, id_number)
    show_what_is_needed(person, photograph)
    heard = person.says("跳过", "1")
    assert "张三" in heard and "再看一遍" not in heard
    for leave in ("返回", "不改了"):
        heard = person.says("修改", leave)
        assert "和刚才给您核对的一样" in heard and "张三" not in heard
    assert "张三" in person.says("3"), "all of it where it is wanted"
    heard = person.says("修改 姓名", "李四")
    assert "李四" in heard and "再看一遍" not in heard, "and always where something has changed"


def test_who_is_not_understood_in_the_menu_is_told_how_to_answer(person: Any) -> None:
    person.says(*TO_FORM, "张三", "修改")
    assert "或者直接打要改的名称，比如「姓名」" in person.says("嗯那个")
    assert "姓名" in person.says("姓名") and talk().state["edit"] == "field:name"


def test_an_answer_that_disagrees_with_an_earlier_one_asks_that_one_again(
    person: Any, id_number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """「对」 to the birth date of the card was refused as often as it was said, with no way to the wrong answer."""
    real = Turn.record

    def record(turn: Turn, key: str, raw: Any) -> None:
        if key == "field:birth" and turn.answers["fact:grade"] == "middle":
            both = {"earlier": "中级", "question": "您的技术等级是？"}
            raise InvalidAnswer("error.differs_from_fact", earlier_key="fact:grade", **both)
        real(turn, key, raw)

    monkeypatch.setattr(Turn, "record", record)
    person.says(*TO_FORM, "张三", id_number)
    heard = person.says("对")
    assert "和前面的回答不一致：“您的技术等级是？”您答的是中级" in heard and "现在填的是：中级" in heard
    assert "出生日期" in person.says("不改"), "the earlier one was right"
    assert "您的技术等级是？" in person.says("对")
    assert "符合" in person.says("高级") and "出生日期" in person.says("继续")
    assert "联系电话" in person.says("对")


@pytest.mark.parametrize("said", ["修改 手机", "改手机号", "手机号码填错了", "edit phone"])
def test_a_telephone_is_found_by_what_people_call_it(person: Any, id_number: str, said: str) -> None:
    person.says(*TO_FORM, "张三", id_number, "对", "13812345678", "跳过")
    assert "联系电话" in person.says(said) and talk().state["edit"] == "field:phone"
