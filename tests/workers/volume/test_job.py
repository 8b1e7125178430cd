"""The volume from the promise to the download, on both databases: made again when something has changed, safe twice and
late, out of reach of other units, and gone with the application."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from built_once import built_once
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from models import clock as clock_module
from models import storage
from models.application import queries, service
from models.application.pages import bound_to
from models.application.tables import Application, DocumentPage, Outbox
from models.clock import FixedClock
from models.crypto import Damaged
from models.errors import NotFound
from models.extensions import db
from models.office import audit, units, volumes
from models.office import staff as accounts
from models.office.tables import Audit, UnitRow, Volume
from models.programme.loader import load_pack
from models.unit_of_work import unit_of_work
from webforms.simulate import invent
from workers.volumes import bind_volume, keep, make
from workers.workbooks import write_all

SLUG = "zhongshan"
PACK = load_pack(SLUG)
PASSWORD = "long-enough-for-tests"
OWN, OTHER = "approval-office", "one-stop-window"
UPLOAD = b"\xff\xd8\xff\xe0" + b"0" * 60
_made = BytesIO()
Image.new("RGB", (320, 460), "#88aacc").save(_made, "JPEG")
PICTURE = _made.getvalue()


@pytest.fixture
def office(persistent_app: Flask) -> Iterator[Flask]:
    """One person of each window has applied; a reviewer for each."""
    persistent_app.extensions["bole"].redis = None
    persistent_app.config["WTF_CSRF_ENABLED"] = False
    with persistent_app.app_context():
        built_once(persistent_app, "volume", _both_applied)
        yield persistent_app
        db.session.remove()


def _both_applied() -> None:
    units.load_units(PACK)
    for serial, code in enumerate((OWN, OTHER)):
        _applied(serial, code)
    for code in (OWN, OTHER):
        unit = db.session.scalars(select(UnitRow).where(UnitRow.code == code)).one()
        accounts.create_staff(username=code, password=PASSWORD, display_name=code, roles=("reviewer",), unit_id=unit.id)


def _applied(serial: int, unit: str) -> None:
    """An invented person's application to this window, handed in, with good pages."""
    today = clock_module.current().today()
    somebody = invent(PACK, 3, serial, today, (unit,))
    app_id = service.start(SLUG, "web", "zh").application.id
    service.record(app_id, {**somebody.answers, "verdict": True}, "web")
    for ask in queries.view(app_id).plan.documents:
        for number in range(max(1, ask.min_pages)):
            page = service.add_page(app_id, ask.key.partition(":")[2], UPLOAD, f"{ask.key}{number}", "web")
            with unit_of_work() as session:
                row = session.get_one(DocumentPage, page.id)
                row.state, row.image_key = "ok", storage.put(PICTURE, bound_to(page.id))
    service.submit(app_id, "web")


@pytest.fixture
def application(office: Flask) -> Application:
    unit = db.session.scalars(select(UnitRow).where(UnitRow.code == OWN)).one()
    return db.session.scalars(select(Application).where(Application.unit_id == unit.id)).one()


def signed_in(app: Flask, who: str) -> FlaskClient:
    client = app.test_client()
    assert client.post("/office/login", data={"identity": who, "password": PASSWORD}).status_code == 302
    return client


def work_off() -> int:
    """Do what is promised; how many volumes."""
    waiting = db.session.scalars(select(Outbox.id).where(Outbox.job == "bind_volume", Outbox.state == "pending")).all()
    db.session.rollback()
    for outbox_id in waiting:
        bind_volume(outbox_id)
    db.session.rollback()
    return len(waiting)


def promised(application: Application, cause: str = "") -> None:
    with unit_of_work() as session:
        volumes.promise(session, application, cause)


def held(app_id: str) -> Volume | None:
    db.session.rollback()
    return db.session.get(Volume, app_id)


def test_a_reviewer_asks_and_downloads_and_both_are_on_record(
    office: Flask, application: Application, tmp_path: Path
) -> None:
    app_id, receipt = application.id, application.receipt
    client = signed_in(office, OWN)
    shown = client.get(f"/office/applications/{app_id}").get_data(as_text=True)
    assert "生成申报册" in shown and "要交一式2份" in shown
    assert client.get(f"/office/applications/{app_id}/volume.pdf").status_code == 404
    assert client.post(f"/office/applications/{app_id}/volume").status_code == 302
    assert client.post(f"/office/applications/{app_id}/volume").status_code == 302, "a second press promises no more"
    assert work_off() == 1
    answer = client.get(f"/office/applications/{app_id}/volume.pdf")
    assert answer.status_code == 200 and answer.mimetype == "application/pdf"
    assert "no-store" in answer.headers["Cache-Control"]
    (tmp_path / "v.pdf").write_bytes(answer.data)
    text = subprocess.run(["pdftotext", str(tmp_path / "v.pdf"), "-"], check=True, capture_output=True).stdout.decode()
    assert receipt in text and "劳动（聘用）合同" in text and "目" in text
    lines = db.session.scalars(select(Audit).where(Audit.action == audit.EXPORT_VOLUME)).all()
    assert [line.subject for line in lines] == [f"application:{app_id}"]


def test_the_page_asks_for_the_volume_by_itself(office: Flask, application: Application) -> None:
    page, card = f"/office/applications/{application.id}", f"/office/applications/{application.id}/volume"
    client, asks = signed_in(office, OWN), {"HX-Request": "true"}
    assert "hx-get" not in client.get(card, headers=asks).get_data(as_text=True)
    client.post(card)
    shown = client.get(page).get_data(as_text=True)
    assert f'hx-get="{card}?under_way=1"' in shown and "正在生成，好了这里就能下载。" in shown
    opened = len(db.session.scalars(select(Audit)).all())
    assert client.get(f"{card}?under_way=1", headers=asks).status_code == 204
    work_off()
    shown = client.get(f"{card}?under_way=1", headers=asks).get_data(as_text=True)
    assert "下载申报册" in shown and "hx-get" not in shown and "<html" not in shown
    assert len(db.session.scalars(select(Audit)).all()) == opened, "it shows nothing of the person"
    assert client.get(card).location == page, "opened by itself"


def test_another_window_does_not_reach_it(office: Flask, application: Application) -> None:
    promised(application)
    work_off()
    client = signed_in(office, OTHER)
    assert client.get(f"/office/applications/{application.id}/volume.pdf").status_code == 404
    assert client.post(f"/office/applications/{application.id}/volume").status_code == 404
    asks = {"HX-Request": "true"}
    assert client.get(f"/office/applications/{application.id}/volume", headers=asks).status_code == 404


def test_it_is_kept_encrypted_and_opens_only_as_this_application_s(office: Flask, application: Application) -> None:
    promised(application)
    work_off()
    row = held(application.id)
    assert row is not None and volumes.read(row).startswith(b"%PDF")
    files = [p for p in (office.config["BOLE"].data / "files").rglob("*") if p.is_file()]
    assert not any(b"%PDF" in path.read_bytes() for path in files)
    with pytest.raises(Damaged):
        storage.get(row.storage_key, volumes.bound_to("b" * 32))


def test_a_change_makes_it_out_of_date_and_approval_makes_it_anew(office: Flask, application: Application) -> None:
    app_id = application.id
    promised(application)
    work_off()
    first = held(app_id)
    assert first is not None
    key = first.storage_key
    fresh = queries.view(app_id).application
    assert volumes.fingerprint(db.session(), fresh) == first.fingerprint
    service.approve(app_id, 1, fresh.version, "同意推荐")
    assert work_off() == 1
    second = held(app_id)
    assert second is not None and second.storage_key != key
    with pytest.raises(NotFound):
        storage.get(key, volumes.bound_to(app_id))
    assert volumes.fingerprint(db.session(), queries.view(app_id).application) == second.fingerprint


@pytest.mark.parametrize("way", ["withdraw", "delete"])
def test_it_goes_with_the_application(office: Flask, application: Application, way: str) -> None:
    app_id = application.id
    promised(application)
    work_off()
    row = held(app_id)
    assert row is not None
    key = row.storage_key
    db.session.rollback()
    getattr(service, way)(app_id)
    assert held(app_id) is None
    with pytest.raises(NotFound):
        storage.get(key, volumes.bound_to(app_id))


def test_what_was_made_while_the_person_left_is_not_kept(office: Flask, application: Application) -> None:
    app_id = application.id
    made = make(app_id)
    assert made is not None
    db.session.rollback()
    service.delete(app_id)
    with unit_of_work() as session:
        keep(app_id, session, made)
    assert held(app_id) is None
    with pytest.raises(NotFound):
        storage.get(made.storage_key, volumes.bound_to(app_id))
    assert make(app_id) is None and make("f" * 32) is None


def test_the_later_of_two_builds_stays(office: Flask, application: Application, clock: FixedClock) -> None:
    app_id = application.id
    early = make(app_id)
    db.session.rollback()
    clock.advance(minutes=5)
    service.approve(app_id, 1, queries.view(app_id).application.version, "同意")
    late = make(app_id)
    assert early is not None and late is not None
    for made in (late, early, late):
        db.session.rollback()
        with unit_of_work() as session:
            keep(app_id, session, made)
    row = held(app_id)
    assert row is not None and row.storage_key == late.storage_key and volumes.read(row)


def test_the_console_writes_them_beside_the_workbooks(office: Flask, application: Application, tmp_path: Path) -> None:
    receipt = application.receipt
    db.session.rollback()
    reports = write_all(office, SLUG, None, tmp_path)
    written = sorted((tmp_path / "申报册").glob("*.pdf"))
    assert len(written) == 2 and all(path.read_bytes().startswith(b"%PDF") for path in written)
    assert {path for report in reports for path in report.files} >= set(written)
    assert any(receipt in path.name for path in written)


def test_nothing_is_promised_where_the_notice_asks_for_no_volume(office: Flask, application: Application) -> None:
    application.programme = "hengyang-2015"
    application.pack_version = load_pack("hengyang-2015").programme.version
    before = len(db.session.scalars(select(Outbox).where(Outbox.job == "bind_volume")).all())
    with db.session.no_autoflush:
        volumes.promise(db.session(), application)
    assert len(db.session.new) == 0 and before == 0
    db.session.rollback()
