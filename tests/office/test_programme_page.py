"""The programme as staff read it, and its notice's text as the office imports it."""

import io

import pytest

from models.extensions import db
from models.office import audit, notice_texts
from models.office.tables import Audit, NoticeText

FILLER = "本通知自发布之日起施行，各单位应当认真组织，按时报送。" * 10
TEXT = f"关于建立样例人才库的通知\n{FILLER}\n联系人：甲某某 电话：0000-1234567\n"


@pytest.fixture(autouse=True)
def staffed(world):
    """The accounts that sign in."""


def page(answer, status=200):
    text = answer.get_data(as_text=True)
    assert answer.status_code == status, text[:2000]
    return text


def posted(client, data):
    return client.post("/office/programme/text", data=data, content_type="multipart/form-data", buffered=True)


def kept():
    db.session.rollback()
    return list(db.session.scalars(db.select(NoticeText)))


@pytest.mark.parametrize("who", ["east", "office", "admin"])
def test_every_member_of_staff_reads_the_programme(sign_in, who):
    shown = page(sign_in(who).get("/office/programme"))
    assert "没有写明什么算突出" in shown, "what the notice leaves open"
    assert "有突出贡献" in shown and "由人认定" in shown
    assert ("导入通知全文" in shown) is (who != "east")


def test_the_office_imports_the_text_without_its_contact_persons(sign_in):
    client = sign_in("office")
    answer = posted(client, {"file": (io.BytesIO(TEXT.encode("gb18030")), "notice.txt")})
    assert answer.status_code == 302
    shown = page(client.get("/office/programme"))
    assert "关于建立样例人才库的通知" in shown and "0000-1234567" not in shown and "甲某某" not in shown
    (row,) = kept()
    assert "甲某某" not in row.text
    (line,) = db.session.scalars(db.select(Audit).where(Audit.action == audit.IMPORT_TEXT))
    assert line.subject == f"programme:{row.programme}"


def test_a_second_import_replaces_the_first_and_may_be_pasted(sign_in):
    client = sign_in("office")
    posted(client, {"text": TEXT})
    posted(client, {"text": TEXT.replace("样例", "新的")})
    (row,) = kept()
    assert "新的人才库" in row.text and row.version == 2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "文字太少"),
        ("太短".encode(), "文字太少"),
        (b"PK\x03\x04" + b"\0" * 500, "不是纯文本"),
        (b"\xff\xfe\x00\x81" * 300, "不是纯文本"),
        (b"a" * 2_001, "文件太大"),
    ],
)
def test_what_is_no_text_is_said_and_changes_nothing(sign_in, monkeypatch, data, said):
    assert notice_texts.LARGEST == 1_000_000
    monkeypatch.setattr(notice_texts, "LARGEST", 2_000)
    client = sign_in("office")
    posted(client, {"text": TEXT})
    refused = page(posted(client, {"file": (io.BytesIO(data), "x.docx")}), 422)
    assert said in refused
    assert kept()[0].version == 1


def test_what_was_pasted_stays_after_a_problem(sign_in):
    assert "很短的一段" in page(posted(sign_in("office"), {"text": "很短的一段"}), 422)


def test_another_programmes_text_is_not_shown(sign_in):
    posted(sign_in("office"), {"text": TEXT})
    assert "关于建立样例人才库的通知" not in page(sign_in("other-east").get("/office/programme"))


def test_a_reviewer_may_not_import(sign_in):
    assert posted(sign_in("east"), {"text": TEXT}).status_code == 403
    assert kept() == []
