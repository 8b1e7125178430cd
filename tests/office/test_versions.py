"""The programme's versions as its office sees them, and the re-opening of what was handed in under an older one."""

import html
import re

import pytest
from sqlalchemy import select

from models.application import packs, service
from models.application.tables import Application
from models.extensions import db
from models.office import audit, versions
from models.office.tables import Audit
from models.programme import loader

SLUG = "tiny"


def publish(folder, clock, *edits, slug=SLUG):
    """The next version of the programme, a minute later."""
    clock.advance(minutes=1)
    before = loader.load_pack(slug).programme.version
    for file, old, new in (*edits, ("programme.toml", f'version = "{before}"', f'version = "{int(before) + 1}"')):
        path = folder / slug / file
        text = path.read_text("utf-8")
        assert old in text, old
        path.write_text(text.replace(old, new, 1), "utf-8")
    loader.load_pack.cache_clear()
    packs.publish(slug)


RENAMED = ("form.toml", 'zh = "行当"', 'zh = "行业"')
TURNED = (
    "eligibility.toml",
    'fact = "certificate"\nop = "is"\nvalue = true',
    'fact = "certificate"\nop = "is"\nvalue = false',
)


@pytest.fixture
def renewed(world, tiny_packs, clock):
    """One application under version 1, one draft, and version 2 in force. The id of the application."""
    packs.publish(SLUG)
    packs.publish("other")
    app_id = world.applied("east")
    draft = service.start(SLUG, "web", "zh").application.id
    given = {
        "consent:identity": True,
        "consent:news": False,
        "claim": ["skilled"],
        "fact:certificate": True,
        "fact:merit": True,
    }
    service.record(draft, {**given, "fact:county": "west", "verdict": True, "field:trade": "wood"}, "web")
    publish(tiny_packs, clock, RENAMED, TURNED)
    return app_id


@pytest.fixture
def renamed(world, tiny_packs, clock):
    """An application under version 1, while version 2 calls a field otherwise."""
    packs.publish(SLUG)
    app_id = world.applied("east")
    publish(tiny_packs, clock, RENAMED)
    return app_id


def read(answer):
    assert answer.status_code == 200, answer.status_code
    return html.unescape(answer.get_data(as_text=True))


def test_each_version_says_since_when_and_how_many_it_judges(renewed, world):
    found = versions.editions(world.staff("office"))
    assert [(e.version.version, e.in_force, dict(e.counts)) for e in found] == [
        ("2", True, {}),
        ("1", False, {"draft": 1, "submitted": 1}),
    ]
    assert versions.editions(world.staff("east")) == []


@pytest.mark.parametrize("who", ["office", "admin"])
def test_the_page_shows_versions_and_what_changed(renewed, sign_in, who):
    page = read(sign_in(who).get("/office/versions"))
    assert re.search(r"<th scope=\"row\">2 <span[^>]*>现行", page)
    assert "从版本 1 到版本 2" in page
    assert "行当" in page and "行业" in page
    assert "有证书" in page
    assert "填写中的申报 1 份" not in page  # counted in a second step
    counted = read(sign_in(who).get("/office/versions?old=1&new=2&drafts=1", headers={"HX-Request": "true"}))
    assert "<html" not in counted
    assert "填写中的申报 1 份，其中 1 份与这些改动有关。" in counted
    assert "结论会变：须人工认定 → 不符合条件，1 份" in counted
    assert counted.count("涉及填写中 1 份") == 2  # the field and the condition
    assert "BL-" not in counted  # numbers, not people: a draft is the person's own


def test_two_versions_that_say_the_same_and_only_one_version(world, sign_in, tiny_packs, clock):
    client = sign_in("office")
    assert "还没有发布过版本" in read(client.get("/office/versions"))
    packs.publish(SLUG)
    assert "比较两个版本" not in read(client.get("/office/versions"))
    publish(tiny_packs, clock)
    page = read(client.get("/office/versions"))
    assert "从版本 1 到版本 2" in page and "版本" in page
    assert "从版本" not in re.sub(r"<form.*?</form>", "", read(client.get("/office/versions?old=2&new=2")), flags=re.S)


@pytest.mark.parametrize("query", ["old=1&new=9", "old=nothing&new=2", "old=1&new=2'"])
def test_a_version_that_is_not_there_is_not_found(renewed, sign_in, query):
    assert sign_in("office").get(f"/office/versions?{query}").status_code == 404


@pytest.mark.parametrize("who", ["east", "answerer"])
def test_versions_are_for_the_office_and_administrators(renewed, sign_in, who):
    assert sign_in(who).get("/office/versions").status_code == 403


def test_another_programmes_versions_are_not_shown(renewed, sign_in, tiny_packs, clock):
    publish(tiny_packs, clock, ("form.toml", 'zh = "行当"', 'zh = "别处的行当"'), slug="other")
    page = read(sign_in("office").get("/office/versions"))
    assert "别处的行当" not in page
    assert sign_in("other-office").get("/office/versions?old=1&new=2").status_code == 200


def test_the_office_reopens_an_application_under_the_new_version(renamed, world, sign_in):
    client = sign_in("office")
    one = f"/office/applications/{renamed}"
    page = read(client.get(one))
    assert "按版本 1 审核（不是现行版本）" in page and f"{one}/reopen" in page
    asked = read(client.get(f"{one}/reopen"))
    assert "填写要求有改动：「行业」" in asked
    assert "须人工认定" in asked and "照现有回答不能再提交" not in asked
    assert "<li>行业</li>" in asked
    version = world.application(renamed).version
    done = client.post(f"{one}/reopen", data={"version": version, "reason": "新版本对本人有利"})
    assert done.status_code == 302
    found = world.application(renamed)
    assert (found.status, found.pack_version, found.returned_keys) == ("returned", "2", ["field:trade"])
    (line,) = db.session.scalars(select(Audit).where(Audit.action == audit.REOPEN))
    assert line.subject == f"application:{renamed}"
    assert "按新版本重新开放" in read(client.get("/office/audit"))
    assert f"{one}/reopen" not in read(client.get(one))  # under the version in force now
    assert "这份申报已经是现行版本" in read(client.get(f"{one}/reopen"))
    again = client.post(f"{one}/reopen", data={"version": world.application(renamed).version, "reason": "再开一次"})
    assert again.status_code == 422 and "已经是现行版本" in again.get_data(as_text=True)


def test_before_reopening_it_is_said_that_the_new_version_refuses(renewed, sign_in):
    asked = read(sign_in("office").get(f"/office/applications/{renewed}/reopen"))
    assert "不符合条件" in asked and "照现有回答不能再提交，请慎重" in asked
    assert "有改动的条件：「有证书」" in asked


def test_what_was_typed_stays_when_a_colleague_was_faster_or_the_reason_is_short(renamed, world, sign_in):
    client = sign_in("office")
    path = f"/office/applications/{renamed}/reopen"
    version = world.application(renamed).version
    stale = client.post(path, data={"version": version - 1, "reason": "我写好的理由"})
    assert stale.status_code == 409 and "我写好的理由" in stale.get_data(as_text=True)
    short = client.post(path, data={"version": version, "reason": "短"})
    assert short.status_code == 422 and ">短</textarea>" in short.get_data(as_text=True)
    assert world.application(renamed).pack_version == "1"


def test_a_units_reviewer_sees_the_version_and_leaves_reopening_to_the_office(renamed, world, sign_in):
    client = sign_in("east")
    page = read(client.get(f"/office/applications/{renamed}"))
    assert "按版本 1 审核（不是现行版本）" in page and "/reopen" not in page
    data = {"version": world.application(renamed).version, "reason": "新版本对本人有利"}
    assert client.post(f"/office/applications/{renamed}/reopen", data=data).status_code == 404
    assert world.application(renamed).pack_version == "1"


def test_an_application_of_the_version_in_force_says_nothing_of_versions(world, sign_in):
    packs.publish(SLUG)
    app_id = world.applied("east")
    page = read(sign_in("office").get(f"/office/applications/{app_id}"))
    assert "不是现行版本" not in page and "/reopen" not in page


def test_a_category_that_is_gone_keeps_its_name_in_the_queue(world, sign_in, tiny_packs, clock):
    packs.publish(SLUG)
    world.applied("east")
    publish(
        tiny_packs,
        clock,
        ("eligibility.toml", 'id = "skilled"', 'id = "masters"'),
        ("eligibility.toml", 'zh = "技能人才"', 'zh = "大师"'),
        ("form.toml", 'category = ["skilled"]', 'category = ["masters"]'),
        ("workbooks.toml", 'category = ["skilled"]', 'category = ["masters"]'),
    )
    page = read(sign_in("office").get("/office/applications"))
    assert '<td class="kinds">技能人才</td>' in page
    assert "category=skilled" in page and "大师" not in page  # the filters are of those who are there
    world.applied("west", claim="masters")
    page = read(sign_in("office").get("/office/applications"))
    assert "category=skilled" in page and '<td class="kinds">技能人才</td>' in page
    assert "category=masters" in page and '<td class="kinds">大师</td>' in page


def test_on_both_databases(persistent_world, tiny_packs, clock):
    packs.publish(SLUG)
    app_id = persistent_world.applied("east")
    publish(tiny_packs, clock, RENAMED)
    office = persistent_world.staff("office")
    compared = versions.compare(office, "1", "2", "en", reached=True)
    assert [area.title for area in compared.areas] == ["Programme", "Form"]
    assert compared.impact is not None and compared.impact.drafts == 0
    service.reopen(app_id, office.id, persistent_world.application(app_id).version, "按新版本办理")
    assert db.session.get(Application, app_id).pack_version == "2"
