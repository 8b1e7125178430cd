"""The reasons that stand ready: the shared ones, a programme's own, two who write at once."""

import pytest

from models.errors import Conflict, InvalidAnswer
from models.extensions import db
from models.office import prepared_reasons, reason_sentences
from models.office.prepared_reasons import MOST
from models.office.reason_sentences import SHARED
from models.office.tables import Audit


def test_a_programmes_own_replace_the_shared_ones(persistent_world):
    world = persistent_world
    office = world.staff("office")
    assert len(reason_sentences.offered("tiny", "zh")) == len(SHARED) and reason_sentences.listed("tiny")[1] == 0
    prepared_reasons.save(office, [(" 请盖章后重拍。 ", ""), ("", ""), ("请写全称。", "Full name, please.")], 0)
    assert reason_sentences.offered("tiny", "zh") == ["请盖章后重拍。", "请写全称。"]
    assert reason_sentences.offered("tiny", "en") == ["请盖章后重拍。", "Full name, please."]
    assert len(reason_sentences.offered("other", "zh")) == len(SHARED)
    prepared_reasons.save(office, [("请写全称。", "")], 1)
    for stale in (0, 1, 3):
        with pytest.raises(Conflict):
            prepared_reasons.save(office, [("别的理由", "")], stale)
        with pytest.raises(Conflict):
            prepared_reasons.restore(office, stale)
    prepared_reasons.restore(office, 2)
    assert len(reason_sentences.offered("tiny", "zh")) == len(SHARED)
    lines = db.session.scalars(db.select(Audit.reason).where(Audit.action == "write_reasons").order_by(Audit.at)).all()
    assert sorted(lines) == ["", "", "restored"]


def test_a_prepared_reason_is_read_in_ones_own_language_and_what_was_typed_as_it_is(world):
    zh, en = (reason_sentences.offered("tiny", lang)[0] for lang in ("zh", "en"))
    given = {"field:name": zh, "document:card": en, "field:trade": "请写清工种"}
    read = reason_sentences.read_in("tiny", given, "en")
    assert read == {"field:name": en, "document:card": en, "field:trade": "请写清工种"}
    assert reason_sentences.read_in("tiny", read, "zh")["document:card"] == zh
    prepared_reasons.save(world.staff("office"), [("请写全称。", "Full name, please.")], 0)
    assert reason_sentences.read_in("tiny", {"field:name": "请写全称。"}, "en") == {"field:name": "Full name, please."}
    assert reason_sentences.read_in("tiny", {}, "en") == {}


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ([], "reasons_none"),
        ([(" ", "")], "reasons_none"),
        ([("", "English only")], "reasons_chinese"),
        ([("短", "")], "reason_short"),
        ([("长" * 301, "")], "too_long"),
        ([("够长的理由", "e" * 301)], "too_long"),
        ([("够长的理由", "")] * (MOST + 1), "reasons_many"),
    ],
)
def test_what_cannot_be_kept(world, typed, key):
    with pytest.raises(InvalidAnswer, match=key):
        prepared_reasons.save(world.staff("office"), typed, 0)
    prepared_reasons.save(world.staff("office"), [("够长的理由" * 60, "e" * 300)] * MOST, 0)


def test_the_office_writes_them_and_reviewers_choose_them(world, sign_in):
    app_id = world.applied()
    client = sign_in("office")
    assert "照片模糊" in client.get("/office/reasons").get_data(as_text=True)
    sent = {"version": "0", "zh": ["请盖章后重拍。", ""], "en": ["", ""]}
    assert client.post("/office/reasons", data=sent).status_code == 302
    late = client.post("/office/reasons", data=sent | {"zh": ["我写的理由", ""]})
    assert late.status_code == 409
    page = late.get_data(as_text=True)
    assert "我写的理由" in page and "请盖章后重拍。" in page and 'name="version" value="1"' in page
    assert client.post("/office/reasons", data={"version": "1", "zh": ["短"], "en": [""]}).status_code == 422
    east = sign_in("east")
    assert "请盖章后重拍。" in east.get(f"/office/applications/{app_id}/return").get_data(as_text=True)
    assert east.get("/office/reasons").status_code == 403
    item = f"{app_id}:{world.application(app_id).version}"
    bulk = east.post("/office/bulk", data={"action": "return", "item": item}).get_data(as_text=True)
    assert "请盖章后重拍。" in bulk
    assert client.post("/office/reasons", data={"version": "1", "do": "restore"}).status_code == 302
    assert "照片模糊" in east.get(f"/office/applications/{app_id}/return").get_data(as_text=True)
