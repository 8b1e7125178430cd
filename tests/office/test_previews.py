"""What staff see of a page: marked by default, as it is only for a reason that is kept."""

import base64
import io
import re

import pytest
from PIL import Image, ImageChops
from sqlalchemy import select

from models import storage
from models.application.pages import bound_to
from models.extensions import db
from models.office.tables import Audit
from webforms import preview

MARK = "仅用于测试申报 · 䶮㛃 · 2026-11-27 10:15"


def drawn(size, colour=(200, 220, 240)):
    made = io.BytesIO()
    Image.new("RGB", size, colour).save(made, "JPEG", quality=95)
    return made.getvalue()


def opened(data):
    return Image.open(io.BytesIO(data)).convert("RGB")


@pytest.mark.parametrize(
    ("size", "shown"),
    [((2400, 1800), (1200, 900)), ((1200, 1200), (1200, 1200)), ((1201, 300), (1200, 300)), ((295, 413), (295, 413))],
)
def test_a_preview_is_small_enough_and_marked_all_over(size, shown):
    picture = opened(preview.preview(drawn(size), MARK))
    assert picture.size == shown
    plain = Image.new("RGB", shown, (200, 220, 240))
    difference = ImageChops.difference(picture, plain).convert("L").point(lambda value: 255 * (value > 12))
    width, height = shown
    for left in range(3):  # no ninth of it can be cut out without a mark
        for top in range(3):
            part = difference.crop(
                (left * width // 3, top * height // 3, (left + 1) * width // 3, (top + 1) * height // 3)
            )
            assert part.getbbox(), (left, top)
    inked = difference.histogram()[255] / (width * height)
    assert inked < 0.2  # and what stands below can be read


@pytest.mark.parametrize("colour", [(255, 255, 255), (0, 0, 0), (128, 128, 128)])
def test_the_mark_is_seen_on_any_ground(colour):
    picture = opened(preview.preview(drawn((800, 600), colour), MARK))
    low, high = picture.convert("L").getextrema()
    assert high - low > 25


def test_another_viewer_or_minute_gets_another_mark():
    page = drawn((600, 600))
    assert preview.preview(page, MARK) == preview.preview(page, MARK)
    assert preview.preview(page, MARK) != preview.preview(page, MARK.replace("10:15", "10:16"))


def test_grey_and_cmyk_copies_are_shown_too():
    for mode in ("L", "CMYK"):
        made = io.BytesIO()
        Image.new(mode, (500, 700)).save(made, "JPEG")
        assert opened(preview.preview(made.getvalue(), MARK)).size == (500, 700)


def test_only_a_jpeg_is_opened():
    made = io.BytesIO()
    Image.new("RGB", (10, 10)).save(made, "PNG")
    with pytest.raises(OSError, match="cannot identify"):
        preview.preview(made.getvalue(), MARK)


def test_staff_see_the_page_marked_with_purpose_name_and_time(world, sign_in, monkeypatch):
    page = world.pages(world.applied())[0]
    seen = []
    real = preview.preview
    monkeypatch.setattr(preview, "preview", lambda data, mark: seen.append(mark) or real(data, mark))
    answer = sign_in("east").get(f"/office/pages/{page.id}/image/preview")
    assert seen == ["仅用于小小申报 · east 同志 · 2026-11-21 09:00"]  # in China's time
    stored = storage.get(page.image_key, bound_to(page.id))
    assert answer.data != stored
    assert answer.headers["Cache-Control"] == "no-store, private"


def test_the_page_as_it_is_takes_a_reason_and_has_no_address(world, sign_in):
    page = world.pages(world.applied())[0]
    page_id, stored = page.id, storage.get(page.image_key, bound_to(page.id))
    client = sign_in("east")
    shown = client.get(f"/office/pages/{page_id}").get_data(as_text=True)
    assert f"/pages/{page_id}/full" in shown and f"/pages/{page_id}/image/preview" in shown
    assert client.get(f"/office/pages/{page_id}/image/full").status_code == 404
    address = f"/office/pages/{page_id}/full"
    for reason in (None, "", "看"):
        data = {} if reason is None else {"reason": reason}
        refused = client.get(address) if reason is None else client.post(address, data=data)
        assert refused.status_code == (200 if reason is None else 422)
        assert "data:image" not in refused.get_data(as_text=True)
    assert not lines("view_full_page")
    answer = client.post(address, data={"reason": "水印挡住了要核对的内容"})
    (encoded,) = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', answer.get_data(as_text=True))
    assert base64.b64decode(encoded) == stored
    assert answer.headers["Cache-Control"] == "no-store, private"
    (line,) = lines("view_full_page")
    assert (line.subject, line.reason) == (f"page:{page_id}", "水印挡住了要核对的内容")
    assert "查看照片原样" in sign_in("office").get("/office/audit").get_data(as_text=True)


def test_a_page_that_is_not_rebuilt_yet_has_no_full_view(world, sign_in):
    page = world.pages(world.applied())[0]
    page.image_key = None
    db.session.commit()
    answer = sign_in("east").post(f"/office/pages/{page.id}/full", data={"reason": "核对证件号码"})
    assert answer.status_code == 404
    assert not lines("view_full_page")


def lines(action):
    db.session.rollback()
    return list(db.session.scalars(select(Audit).where(Audit.action == action)))
