"""Every staff route, walked from the URL map: without a session to the sign-in page, and another unit's or another
programme's ids look as if they did not exist, for every role and method. A new route must be named here to pass."""

import pytest
from werkzeug.routing import Map

from models import outbox
from models.application.tables import Notice, Outbox, Round, new_id
from models.extensions import db
from models.office import changes, enquiries, exports, letters, links, saved_searches, unit_entering, unit_tables
from models.office.batch_tables import Batch, Comparison, Duplicate, Elsewhere
from models.office.chain_tables import RegistryChange, RegistryEntry, UnitReport
from models.office.edition_tables import WorkbookReturn
from models.office.inbox_tables import PreparedAnswer
from models.office.review_tables import BulkAction
from models.office.searching import Wanted
from models.office.tables import ApprovedAnswer, FileFault, OfficialTemplate, Workbook
from models.office.unit_table_saving import SentRow, save
from models.unit_of_work import unit_of_work
from webforms.second_factor import SHUT

# endpoint → what its converters name. A route that is not here fails `test_every_route_is_known`.
CONVERTERS = {
    "office.programme_page": {},
    "office.import_notice": {},
    "office.home": {},
    "office.help_page": {},
    "office.queue": {},
    "office.search": {},
    "office.exports_page": {},
    "office.new_export": {},
    "office.export_page": {"export_id": "export"},
    "office.export_file": {"export_id": "export"},
    "office.save_search": {},
    "office.saved_search": {"search_id": "search"},
    "office.remove_search": {"search_id": "search"},
    "office.application": {"application_id": "application"},
    "office.make_volume": {"application_id": "application"},
    "office.volume_card": {"application_id": "application"},
    "office.volume": {"application_id": "application"},
    "office.reveal": {"application_id": "application", "key": "key"},
    "office.photo": {"page_id": "page"},
    "office.image": {"page_id": "page", "size": "size"},
    "office.sheet": {"application_id": "application"},
    "office.crop_image": {"page_id": "page", "name": "reading"},
    "office.reveal_reading": {"page_id": "page", "name": "secret"},
    "office.full_photo": {"page_id": "page"},
    "office.return_items": {"application_id": "application"},
    "office.approve": {"application_id": "application"},
    "office.decline": {"application_id": "application"},
    "office.ask_person": {"application_id": "application"},
    "office.reroute": {"application_id": "application"},
    "office.reopen": {"application_id": "application"},
    "office.unit_fields": {"application_id": "application"},
    "office.deliveries": {},
    "office.retry_delivery": {"notice_id": "notice"},
    "office.questions": {},
    "office.question": {"enquiry_id": "enquiry"},
    "office.take": {"enquiry_id": "enquiry"},
    "office.release": {"enquiry_id": "enquiry"},
    "office.keep": {"enquiry_id": "enquiry"},
    "office.note": {"enquiry_id": "enquiry"},
    "office.pass_on": {"enquiry_id": "enquiry"},
    "office.close_question": {"enquiry_id": "enquiry"},
    "office.ageing": {},
    "office.prepared_page": {},
    "office.reasons_page": {},
    "office.new_prepared": {},
    "office.prepared_answer": {"prepared_id": "prepared"},
    "office.answers_page": {},
    "office.approve_answer": {"enquiry_id": "enquiry"},
    "office.approved_answer": {"answer_id": "answer"},
    "office.withdraw_answer": {"answer_id": "answer"},
    "office.workbooks_page": {},
    "office.download": {"workbook_id": "workbook"},
    "office.rebuild": {},
    "office.schedule_page": {},
    "office.bind_chat": {},
    "office.make_papers": {},
    "office.papers": {"workbook_id": "workbook"},
    "office.changes_page": {"workbook_id": "workbook"},
    "office.changes_sheet": {"workbook_id": "workbook"},
    "office.returns_page": {},
    "office.upload_return": {},
    "office.return_page": {"return_id": "return"},
    "office.decide_return": {"return_id": "return"},
    "office.rounds_page": {},
    "office.failed_work": {},
    "office.retry_all": {},
    "office.give_up": {"outbox_id": "work"},
    "office.health_page": {},
    "office.missing_files": {},
    "office.ask_again": {"fault_id": "fault"},
    "office.retry": {"outbox_id": "work"},
    "office.members_page": {},
    "office.new_member": {},
    "office.invite_many": {},
    "office.set_active": {"member_id": "member"},
    "office.member": {"member_id": "member"},
    "office.member_link": {"member_id": "member"},
    "office.invite_again": {"member_id": "member"},
    "office.take_back": {"member_id": "member"},
    "office.reset_password": {"member_id": "member"},
    "office.reset_factor": {"member_id": "member"},
    "office.second_factor": {},
    "office.my_account": {},
    "office.audit_page": {},
    "office.versions_page": {},
    "office.templates_page": {},
    "office.upload_template": {},
    "office.template_page": {"template_id": "template"},
    "office.template_heads": {"template_id": "template"},
    "office.template_columns": {"template_id": "template"},
    "office.use_template": {"template_id": "template"},
    "office.remove_template": {"template_id": "template"},
    "office.template_trial": {"template_id": "template"},
}
_SHEET = {"round_id": "round", "unit_id": "unit", "table_id": "table"}
CONVERTERS |= {
    "office.tables_page": {},
    "office.unit_table": _SHEET,
    "office.save_rows": _SHEET,
    "office.paste": _SHEET,
    "office.reveal_cell": {**_SHEET, "row_id": "row", "column_id": "column"},
    "office.table_totals": {"round_id": "round", "table_id": "numbers"},
}
CONVERTERS |= {
    "office.holder": {"application_id": "application"},
    "office.take_case": {"application_id": "application"},
    "office.give_back": {"application_id": "application"},
    "office.assignments_page": {},
    "office.assign": {},
    "office.recall": {"member_id": "member"},
    "office.office_link": {"token": "link"},
    "office.letters_page": {},
    "office.letter": {"letter_id": "letter"},
    "office.letter_again": {"letter_id": "letter"},
}
ENTERED = {
    "office.batch_page": {"batch_id": "batch"},
    "office.save_batch_rows": {"batch_id": "batch"},
    "office.paste_into_batch": {"batch_id": "batch"},
    **{
        f"office.{name}": {"application_id": "entered"}
        for name in ("entered_person", "renew_link", "record_paper", "hand_in")
    },
}
CONVERTERS |= ENTERED
CONVERTERS |= {f"office.{name}": {} for name in ("entered_page", "new_batch", "enter_one")}
CONVERTERS |= {f"office.{name}": {} for name in ("entry_template_file", "link_sheet")}
CONVERTERS |= {"office.doubles_page": {}, "office.double_page": {"double_id": "double"}}
CONVERTERS |= {"office.elsewhere_page": {}, "office.switch_comparison": {}}
CONVERTERS |= {"office.elsewhere_case": {"row_id": "elsewhere"}}
CONVERTERS |= {"office.figures_page": {}, "office.figures_docx": {}, "office.figures_pdf": {}}
CONVERTERS |= {f"office.{name}": {} for name in ("bulk_preview", "begin_bulk", "bulks_page")}
CONVERTERS |= {"office.bulk_page": {"bulk_id": "bulk"}, "office.undo_bulk": {"bulk_id": "bulk"}}
CONVERTERS |= {
    "office.unit_opinion": {"application_id": "application"},
    "office.reports_page": {},
    "office.report_page": {"report_id": "report"},
    "office.report_files": {"report_id": "report"},
    "office.registry_page": {},
    "office.admit": {},
    "office.remove": {"entry_id": "entry"},
    "office.progress_page": {},
    "office.remind_unit": {},
}
CONVERTERS |= {
    "office.units_page": {},
    "office.new_unit": {},
    "office.import_units": {},
    "office.unit_page": {"unit_id": "unit"},
    "office.calendar_page": {},
    "office.retention_page": {},
    "office.keys_page": {},
    "office.channels_page": {},
    "office.test_channel": {},
}
# Flask-Security's own (logging out without a session is nothing), and the pages of who has no way in yet.
CONVERTERS |= {
    "office.registry_changes": {},
    "office.change_page": {"change_id": "change"},
    "office.reveal_change": {"change_id": "change", "key": "revealed"},
    "office.edit_change": {"change_id": "draft"},
    "office.begin_change": {"application_id": "application"},
}
OPEN_TO_ALL = {"security.login", "security.logout", "office.entering", "office.forgot"}
# The second step's own pages (they ask who has given a password), and those of the library that are shut.
OPEN_TO_ALL |= {f"security.{name}" for name in (*SHUT, "two_factor_token_validation", "mf_recovery")}
EVERYBODY = ("east", "office", "answerer", "admin", "keeper")  # the keeper: an administrator of the unit east
ROLE_OF = {"east": "reviewer", "keeper": "unit_admin"}


def staff_rules(app):
    found: Map = app.url_map
    return [rule for rule in found.iter_rules() if rule.rule.startswith("/office")]


def record(slug, unit, world):
    """One record of each kind in `unit` of the programme `slug`."""
    app_id = world.applied(unit, slug=slug)
    round_id = world.application(app_id).round_id
    unit_id = world.unit(unit, slug).id
    question = enquiries.ask(
        db.session, programme=slug, question="在哪里交？", effect=f"q-{slug}-{unit}", application_id=app_id
    )
    book = Workbook(
        round_id=round_id,
        unit_id=unit_id,
        kind="summary",
        content_hash="0" * 64,
        storage_key="none",
        rows=1,
        built_at=world.application(app_id).submitted_at,
    )
    db.session.add(book)
    told = ApprovedAnswer(programme=slug, question="问", answer="答", clause="一", clause_hash="0" * 64)
    told.approved_at = book.built_at
    db.session.add(told)
    prepared = PreparedAnswer(programme=slug, title="题", text="答", updated_at=book.built_at)
    db.session.add(prepared)
    uploaded = OfficialTemplate(
        programme=slug,
        kind="summary",
        name="表.xlsx",
        storage_key="none",
        digest="0" * 64,
        state="refused",
        uploaded_at=book.built_at,
    )
    db.session.add(uploaded)
    db.session.commit()
    came = WorkbookReturn(round_id=round_id, unit_id=unit_id, name="表.xlsx", digest="0" * 64, state="refused")
    came.created_at = book.built_at
    db.session.add(came)
    page_id = world.pages(app_id)[0].id
    fault = FileFault(key="none", named_by="document_page.image_key", record=page_id, kind="missing")
    fault.programme, fault.application_id, fault.found_at = slug, app_id, book.built_at
    db.session.add(fault)
    db.session.commit()
    batch = Batch(round_id=round_id, unit_id=unit_id, state="refused", created_at=book.built_at)
    db.session.add(batch)
    db.session.commit()
    with unit_of_work() as session:
        entered = unit_entering.begin(session, slug, unit_id, world.staff(_reviewer(slug, unit)).id, {}).id
    with unit_of_work() as session:
        link = links.make(session, links.WORKBOOK, unit_id=unit_id)
        letter = letters.write(session, f"l-{slug}-{unit}", "export", to="a@b.example", unit_id=unit_id, rows=1)
    member = world.staff(_reviewer(slug, unit))
    place = unit_tables.find(member, round_id, unit_id, "plan")
    report = UnitReport(round_id=round_id, unit_id=unit_id, to_unit_id=world.unit("office", slug).id, number=1)
    report.state, report.reported_at = "reported", book.built_at
    entry = RegistryEntry(application_id=app_id, programme=slug, number=1, admitted_on=book.built_at.date())
    db.session.add_all((report, entry))
    asked, begun = (
        RegistryChange(id=new_id(), application_id=app_id, unit_id=unit_id, kind="trade", asked_at=book.built_at)
        for _ in range(2)
    )
    asked.state, begun.state, begun.asked_by = "office", "draft", world.staff(_reviewer(slug, unit)).id
    changes.seal(asked, changes.Dossier(new={"field:mobile": "13900004321"}))
    db.session.add_all((asked, begun))
    db.session.commit()
    decided = BulkAction(programme=slug, staff_id=member.id, action="approve", state="done")
    decided.due_at = decided.created_at = book.built_at
    db.session.add(decided)
    db.session.commit()
    pair = Duplicate(id=new_id(), programme=slug, first_id=app_id, second_id=entered, state="open")
    pair.first_unit_id = pair.second_unit_id = unit_id
    pair.found_at = book.built_at
    told = Elsewhere(id=new_id(), programme=slug, application_id=app_id, other=_other(slug), other_id=entered)
    told.state, told.found_at = "open", book.built_at
    both = ((slug, _other(slug)), (_other(slug), slug))
    switches = [Comparison(programme=one, other=two, since=book.built_at) for one, two in both]
    db.session.add_all((pair, told, *switches))
    db.session.commit()
    (typed,) = save(member, place, [SentRow(new_id(), 0, {"holder": world.number()})])
    return {
        **{"round": round_id, "unit": unit_id, "table": "plan", "numbers": "headcount"},
        **{"row": typed.id, "column": "holder"},
        **{"letter": letter.id, "link": links.token_of(link.seed)},
        **{"report": report.id, "entry": entry.id, "bulk": decided.id, "change": asked.id, "draft": begun.id},
        "export": exports.ask(member, [app_id], (), False, "看看有哪些人"),
        "search": saved_searches.save(member, "找", Wanted("测")),
        "template": uploaded.id,
        "fault": fault.id,
        "notice": db.session.scalar(db.select(Notice.id).where(Notice.application_id == app_id)),
        "application": app_id,
        **{"batch": batch.id, "entered": entered, "double": pair.id, "elsewhere": told.id},
        "page": world.read(app_id)[0],
        **{"reading": "name", "secret": "id_number"},
        "enquiry": question.id,
        **{"answer": told.id, "prepared": prepared.id},
        "workbook": book.id,
        "return": came.id,
        "key": "field:id_number",
        "revealed": "field:mobile",
        "size": "preview",
    }


def _other(slug):
    return "other" if slug == "tiny" else "tiny"


def _reviewer(slug, unit):
    return unit if slug == "tiny" else f"{slug}-{unit}"


def other_kinds(world):
    """An account of another programme, and work that has not failed."""
    outbox_id = outbox.promise(db.session(), "deliver_notice", "nobody", "some-effect").id
    member_id = world.staff("other-east").id
    db.session.commit()
    return {"member": member_id, "work": outbox_id}


def paths(app, ids):
    """(endpoint, method, path) of every staff route that names a record."""
    adapter = app.url_map.bind("localhost")
    for rule in staff_rules(app):
        named = CONVERTERS.get(rule.endpoint)
        if not named:
            continue
        path = adapter.build(rule.endpoint, {arg: ids[kind] for arg, kind in named.items()})
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, path


def test_every_route_is_known(app):
    rules = {rule.endpoint: rule for rule in staff_rules(app)}
    assert set(rules) - OPEN_TO_ALL == set(CONVERTERS)
    for endpoint, named in CONVERTERS.items():
        assert set(rules[endpoint].arguments) == set(named), endpoint


# What the programme's own office and answerers do reach in another unit of their programme.
_OFFICES = {
    "application_id",
    "page_id",
    "enquiry_id",
    "workbook_id",
    "return_id",
    "template_id",
    "round_id",
    "fault_id",
}
_OFFICES |= {"unit_id", "prepared_id", "answer_id", "notice_id", "token", "report_id", "entry_id", "bulk_id"}
_OFFICES |= {"change_id", "double_id"}
OF_OFFICE = {"office.elsewhere_case"}
WHOLE_PROGRAMME = {
    "office": {e for e, named in CONVERTERS.items() if set(named) & _OFFICES} - set(ENTERED) | OF_OFFICE,
    "admin": {e for e, named in CONVERTERS.items() if {"template_id", "fault_id", "letter_id", "token"} & set(named)},
    "answerer": {e for e, named in CONVERTERS.items() if "enquiry_id" in named} - {"office.approve_answer"},
}
WHOLE_PROGRAMME["admin"].add("office.unit_page")


@pytest.mark.parametrize("who", EVERYBODY)
def test_another_units_ids_do_not_exist(world, sign_in, app, who):
    ids = {**record("tiny", "west", world), **other_kinds(world)}
    _all_missing(sign_in(who), app, ids, besides=WHOLE_PROGRAMME.get(who, set()))


@pytest.mark.parametrize("who", EVERYBODY)
def test_another_programmes_ids_do_not_exist(world, sign_in, app, who):
    _all_missing(sign_in(who), app, {**record("other", "east", world), **other_kinds(world)})


def _all_missing(client, app, ids, besides=frozenset()):
    walked = 0
    for endpoint, method, path in paths(app, ids):
        if endpoint in besides:
            continue
        answer = client.open(path, method=method, data={"version": "1", "active": "0", "reason": "试试看行不行"})
        assert answer.status_code == 404, (endpoint, method, answer.status_code)
        walked += 1
    assert walked >= 4


@pytest.mark.parametrize("who", EVERYBODY)
def test_ids_that_were_never_given_do_not_exist(world, sign_in, app, who):
    kinds = (
        "letter",
        "link",
        "application",
        "batch",
        "double",
        "elsewhere",
        "entered",
        "page",
        "enquiry",
        "workbook",
        "return",
        "work",
        "template",
        "round",
        "unit",
        "row",
        "fault",
    )
    ids = dict.fromkeys((*kinds, "answer", "prepared", "notice", "report", "entry", "bulk", "search"), "f" * 32)
    ids |= {"export": "f" * 32, "change": "f" * 32, "draft": "f" * 32, "revealed": "field:mobile"}
    ids |= {"member": 999999, "key": "field:name", "size": "thumb", "reading": "name", "secret": "id_number"}
    ids |= {"table": "plan", "numbers": "headcount", "column": "holder"}
    client = sign_in(who)
    for endpoint, method, path in paths(app, ids):
        assert client.open(path, method=method).status_code == 404, (endpoint, method)


def test_without_a_session_every_route_asks_to_sign_in(world, visitor, app):
    ids = {**record("tiny", "east", world), **other_kinds(world)}
    adapter = app.url_map.bind("localhost")
    for rule in staff_rules(app):
        if rule.endpoint in OPEN_TO_ALL:
            continue
        path = adapter.build(rule.endpoint, {arg: ids[kind] for arg, kind in CONVERTERS[rule.endpoint].items()})
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            answer = visitor.open(path, method=method)
            assert answer.status_code == 302, (rule.endpoint, method)
            assert answer.headers["Location"].startswith("/office/login?next="), rule.endpoint
            part = visitor.open(path, method=method, headers={"HX-Request": "true"})
            assert part.status_code == 401 and part.headers["HX-Redirect"].startswith("/office/login"), rule.endpoint


@pytest.mark.parametrize("who", EVERYBODY)
def test_list_pages_open_for_their_roles_only(world, sign_in, app, who):
    from webforms.office_base import ROLES_OF

    role = ROLE_OF.get(who, who)
    client = sign_in(who)
    adapter = app.url_map.bind("localhost")
    for endpoint, named in CONVERTERS.items():
        rules = [rule for rule in staff_rules(app) if rule.endpoint == endpoint]
        if named or not any("GET" in rule.methods for rule in rules):
            continue
        answer = client.get(adapter.build(endpoint))
        expected = (200, 302) if role in ROLES_OF[endpoint] else (403,)
        assert answer.status_code in expected, (endpoint, answer.status_code)


def test_own_records_are_reached(world, sign_in, app):
    """The walk above proves nothing if the addresses are wrong: with own ids the same GETs open."""
    ids = {**record("tiny", "east", world), **other_kinds(world)}
    failed = db.session.get(Outbox, ids["work"])
    failed.state = "failed"
    db.session.commit()
    client = sign_in("east")
    offices = ("office.download", "office.volume", "office.reopen", "office.table_totals")
    offices += ("office.export_file", "office.report_files", "office.remove", "office.changes_sheet", "office.papers")
    offices += ("office.double_page", "office.elsewhere_case", "office.volume_card")
    offices += ("office.approve_answer", "office.approved_answer", "office.prepared_answer")
    offices += ("office.letter", "office.unit_page", "office.office_link", "office.member", "office.member_link")
    for endpoint, method, path in paths(app, ids):
        if method != "GET" or endpoint in offices or "template" in endpoint:
            continue  # the files of workbook and volume are not there in this test, and some are the office's
        assert client.get(path).status_code == 200, endpoint
    assert sign_in("office").get(f"/office/doubles/{ids['double']}").status_code == 200
    assert sign_in("office").get(f"/office/elsewhere/{ids['elsewhere']}").status_code == 200
    for who in ("office", "admin"):
        assert sign_in(who).get(f"/office/templates/{ids['template']}").status_code == 200
    assert sign_in("admin").get(f"/office/letters/{ids['letter']}").status_code == 200
    assert client.get(f"/office/l/{ids['link']}").status_code == 302
    assert sign_in("office").get(f"/office/applications/{ids['application']}/reopen").status_code == 200
    assert sign_in("admin").post(f"/office/work/{ids['work']}/retry").status_code == 302


def test_another_units_round_and_unit_cannot_be_rebuilt(world, sign_in):
    theirs = db.session.scalar(db.select(Round).where(Round.programme == "other"))
    own = db.session.scalar(db.select(Round).where(Round.programme == "tiny"))
    east, west = world.unit("east").id, world.unit("west").id
    theirs_id, own_id = theirs.id, own.id
    client = sign_in("east")
    for unit, intake in ((west, own_id), (east, theirs_id), ("", "")):
        assert client.post("/office/workbooks/rebuild", data={"unit": unit, "round": intake}).status_code == 404
    assert client.post("/office/workbooks/rebuild", data={"unit": east, "round": own_id}).status_code == 302
