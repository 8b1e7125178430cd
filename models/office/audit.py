"""The record of what staff saw and took out. Append only, by the database's own triggers, and a chain
(`models.office.audit_chain`); it names the subject, never the value. Lines are never removed: they hold no person's
data, and the law asks for six months at least."""

from __future__ import annotations

from sqlalchemy import event
from sqlalchemy.orm import Session

from models import clock
from models.extensions import db
from models.office import audit_chain
from models.office.tables import Audit
from models.unit_of_work import unit_of_work

LOGIN, LOGOUT = "login", "logout"
REVEAL, VIEW, VIEW_PAGE, EXPORT = "reveal", "view_application", "view_page", "export_workbook"
EXPORT_VOLUME, FULL_PAGE = "export_volume", "view_full_page"
RETURN, APPROVE, DECLINE, REROUTE, REOPEN = "return", "approve", "decline", "reroute", "reopen"
TAKE, ANSWER, REBUILD = "take_enquiry", "answer_enquiry", "rebuild_workbook"
FILL, FILL_TABLE, REMOVE_ROW = "fill_unit_fields", "fill_unit_table", "remove_table_row"
CREATE_STAFF, DEACTIVATE, ACTIVATE, PASSWORD = "create_staff", "deactivate_staff", "activate_staff", "set_password"
INVITE, UNINVITE, ACCEPT, RESET_LINK = "invite_staff", "uninvite_staff", "accept_invitation", "reset_link"
MOVE_STAFF, SET_ROLES, SET_EMAIL = "move_staff", "set_roles", "set_email"
FACTOR_ON, FACTOR_OFF, FACTOR_RESET = "factor_on", "factor_off", "factor_reset"
NEW_CODES, USE_CODE = "new_recovery_codes", "use_recovery_code"
OPEN_ROUND, RETRY, GIVE_UP, IMPORT_TEXT = "open_round", "retry_work", "give_up_work", "import_text"
UPLOAD_TEMPLATE, USE_TEMPLATE, STOP_TEMPLATE = "upload_template", "use_template", "stop_template"
REMOVE_TEMPLATE, ASK_AGAIN = "remove_template", "ask_photo_again"
APPROVE_ANSWER, WITHDRAW_ANSWER, RETRY_NOTICE = "approve_answer", "withdraw_answer", "retry_notice"
OPINION, REPORT, RECEIVE, SEND_BACK, EXPORT_REPORT = (
    *("unit_opinion", "report_upward", "receive_report", "send_back_report", "download_report"),
)
ADMIT, ASK_CHANGE, SETTLE_CHANGE, REMOVE, REMIND_UNIT = "admit", "ask_change", "settle_change", "remove", "remind_unit"
EXPORT_FIGURES = "download_figures"
ASK_EXPORT, APPROVE_EXPORT, REFUSE_EXPORT, TAKE_EXPORT = "ask_export", "approve_export", "refuse_export", "take_export"
BULK, UNDO_BULK = "bulk", "undo_bulk"
ASSIGN, TAKE_CASE, GIVE_BACK, RECALL = "assign_case", "take_case", "give_back_case", "recall_cases"
UPLOAD_RETURN, APPLY_RETURN = "upload_return", "apply_return"
DROP_RETURN, REFUSE_RETURN = "drop_return", "refuse_return"
ASK_PERSON = "ask_person"
ASK_BACK, CLOSE_ENQUIRY, PASS_ENQUIRY, VIEW_ENQUIRY = "ask_back", "close_enquiry", "pass_enquiry", "view_enquiry"
WRITE_PREPARED, WRITE_REASONS = "write_prepared", "write_reasons"
SEND_LETTER = "send_letter"
ADD_UNIT, CHANGE_UNIT, CLOSE_UNIT, REOPEN_UNIT = "add_unit", "change_unit", "close_unit", "reopen_unit"
IMPORT_UNITS, TEST_CHANNEL, SET_DAYS = "import_units", "test_channel", "set_working_days"
START_BATCH, DROP_BATCH, ENTER_BATCH = "start_batch", "drop_batch", "enter_batch"
RECORD_CONSENT, RENEW_LINK, PRINT_LINKS, HAND_IN = "record_consent", "renew_link", "print_links", "hand_in"
VIEW_DOUBLE, SETTLE_DOUBLE = "view_double", "settle_double"
COMPARE, VIEW_ELSEWHERE, SETTLE_ELSEWHERE = "compare_programmes", "view_elsewhere", "settle_elsewhere"
BIND_CHAT, UNBIND_CHAT = "bind_chat", "unbind_chat"
VIEW_CHANGES, EXPORT_CHANGES, SET_SCHEDULE = "view_changes", "download_changes", "set_schedule"
SEAL_AGAIN, COUNT_SEALS = "seal_again", "count_seals"
ACTIONS = (
    *(UPLOAD_RETURN, APPLY_RETURN, DROP_RETURN, REFUSE_RETURN),
    *(LOGIN, LOGOUT, REVEAL, VIEW, VIEW_PAGE, FULL_PAGE, EXPORT, EXPORT_VOLUME),
    *(RETURN, APPROVE, DECLINE, REROUTE, REOPEN),
    *(TAKE, ANSWER, REBUILD, FILL, FILL_TABLE, REMOVE_ROW),
    *(CREATE_STAFF, DEACTIVATE, ACTIVATE, PASSWORD, OPEN_ROUND, RETRY, GIVE_UP, IMPORT_TEXT),
    *(INVITE, UNINVITE, ACCEPT, RESET_LINK, MOVE_STAFF, SET_ROLES, SET_EMAIL),
    *(FACTOR_ON, FACTOR_OFF, FACTOR_RESET, NEW_CODES, USE_CODE),
    *(UPLOAD_TEMPLATE, USE_TEMPLATE, STOP_TEMPLATE, REMOVE_TEMPLATE, ASK_AGAIN),
    *(APPROVE_ANSWER, WITHDRAW_ANSWER, RETRY_NOTICE),
    *(START_BATCH, DROP_BATCH, ENTER_BATCH, RECORD_CONSENT, RENEW_LINK, PRINT_LINKS, HAND_IN),
    *(OPINION, REPORT, RECEIVE, SEND_BACK, EXPORT_REPORT, ADMIT, ASK_CHANGE, SETTLE_CHANGE, REMOVE, REMIND_UNIT),
    EXPORT_FIGURES,
    *(ASK_EXPORT, APPROVE_EXPORT, REFUSE_EXPORT, TAKE_EXPORT),
    *(ASSIGN, TAKE_CASE, GIVE_BACK, RECALL),
    *(BULK, UNDO_BULK),
    *(ASK_PERSON, ASK_BACK, CLOSE_ENQUIRY, PASS_ENQUIRY, VIEW_ENQUIRY, WRITE_PREPARED, WRITE_REASONS),
    SEND_LETTER,
    *(ADD_UNIT, CHANGE_UNIT, CLOSE_UNIT, REOPEN_UNIT, IMPORT_UNITS, TEST_CHANNEL, SET_DAYS),
    *(VIEW_CHANGES, EXPORT_CHANGES, SET_SCHEDULE, BIND_CHAT, UNBIND_CHAT),
    *(SEAL_AGAIN, COUNT_SEALS),
    *(VIEW_DOUBLE, SETTLE_DOUBLE, COMPARE, VIEW_ELSEWHERE, SETTLE_ELSEWHERE),
)


def write(session: Session, staff_id: int | None, action: str, subject: str, reason: str = "") -> Audit:
    """Add one line within the caller's transaction. `subject` is ``<kind>:<id>``; never a personal value."""
    line = Audit(at=clock.current().now(), staff_id=staff_id, action=action, subject=subject, reason=reason[:300])
    session.add(line)
    session.info[audit_chain.PENDING] = True
    return line


def write_now(staff_id: int | None, action: str, subject: str, reason: str = "") -> None:
    """Write and commit one line from a page that otherwise only reads."""
    with unit_of_work() as session:
        write(session, staff_id, action, subject, reason)


event.listen(db.session, "before_commit", audit_chain.on_commit)
