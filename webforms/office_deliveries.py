"""What was told to applicants: whether it has reached them, what it waits for, why it failed; try that again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from bot_adapter import begun
from bot_adapter.routes import Route
from bot_adapter.sms import CONSOLE
from models.application import deliveries as sends
from models.application import notices
from models.application.channel_tables import Delivery
from models.office import notice_states, reply_failures, scope
from models.office.notice_states import DELIVERED, FAILED, PAGE_SIZE, SENT, STATES, WAITING, Stand
from models.office.reply_failures import Failures
from models.programme.loader import load_pack
from webforms.office_admission import DEED
from webforms.office_base import lang, page, staff, staff_route
from webforms.office_format import moment

READERS = (scope.REVIEWER, scope.OFFICE)

STATE = {FAILED: _l("失败"), WAITING: _l("等待"), SENT: _l("已发送"), DELIVERED: _l("已送达")}
STYLE = {FAILED: "danger", WAITING: "warning", SENT: "secondary", DELIVERED: "success"}
CHANNEL = {
    "wechat": _l("微信公众号"),
    "kefu": _l("微信客服"),
    "telegram": "Telegram",
    "webchat": _l("网页聊天"),
    "sms": _l("短信"),
    "console": _l("短信（没有接网关，只写日志）"),
    "": _l("网页"),
}
_ABOUT = {
    "submitted": _l("收到申报"),
    "corrected": _l("收到补正"),
    "returned": _l("退回补正"),
    "approved": _l("审核通过"),
    "declined": _l("未予通过"),
    "reported": _l("单位已上报"),
    "admitted": DEED,
    "changed": _l("登记信息更新"),
    "change": _l("变动申请的结果"),
    "removed": _l("退出"),
    "reopened": _l("按新版本重新开放"),
    "moved": _l("申报要求更新"),
    "answered": _l("咨询答复"),
    "asked": _l("咨询追问"),
    "closed": _l("咨询结束"),
    "bound": _l("绑定了另一个聊天"),
    "page": _l("照片的结果"),
    "pdf": _l("照片的结果"),
    "prefill": _l("证件识别结果"),
    "draft": _l("催办提醒"),
    "unit": _l("单位表格有变动"),
    "to": _l("自动检查结果"),
    "differs": _l("照片和填写不一致"),
}
_WHY = {
    "quiet": _l("免打扰时段"),
    "window": _l("窗口已关闭，等下次来信"),
    "quota": _l("可发条数已用完，等下次来信"),
    "blocked": _l("对方已屏蔽，等下次来信"),
    "refused": _l("渠道没有接收，等下次来信"),
    "no_push": _l("这个渠道只能随回复告知，等下次来信"),
    "expired": _l("当天没有发出，等下次来信"),
    "told": _l("已发过"),
    "no_chat": _l("没有聊天，本人打开网页时看到"),
}
_BROKEN = {
    "config": _l("渠道没有设置好"),
    "rejected": _l("渠道拒收"),
    "transient": _l("多次没有发出"),
    "throttled": _l("多次没有发出"),
}
_HOW = {"push": _l("已推送"), "remind": _l("已提醒，内容等下次来信"), "sms": _l("已发短信")}


@dataclass(frozen=True, slots=True)
class Line:
    """One notice as a line of the table. `code`: the platform's, where it refused."""

    id: str
    application_id: str
    receipt: str
    about: str
    channel: str
    state: str
    reason: str
    code: str
    began: datetime
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Replies that did not arrive, of one channel and for one reason."""

    channel: str
    reason: str
    code: str
    count: int
    last: datetime


@staff_route("/deliveries", *READERS)
def deliveries() -> ResponseReturnValue:
    """What was told to the people in reach, newest first; one state or one application alone by its link."""
    state = request.args.get("state", "")
    state = state if state in STATES else ""
    application_id, number = request.args.get("application", "")[:32], request.args.get("page", 1, type=int)
    found, more = notice_states.listed(staff(), state, application_id, number)
    slug = scope.programme(staff())
    return page(
        "deliveries.html",
        rows=[_line(stand) for stand in found],
        more=more,
        number=max(number, 1),
        size=PAGE_SIZE,
        state=state,
        one=scope.get_application(staff(), application_id) if application_id else None,
        programme=load_pack(slug).programme.short.get(lang()) if slug else "",
        replies=[_failures(one) for one in reply_failures.listed(staff())] if not application_id else [],
        days=reply_failures.SINCE.days,
        state_names=STATE,
        styles=STYLE,
    )


@staff_route("/deliveries/<notice_id>/retry", *READERS, methods=("POST",))
def retry_delivery(notice_id: str) -> ResponseReturnValue:
    """Send a failed notice again."""
    if notice_states.retry(staff(), notice_id):
        flash(_("已重新排队发送。"), "success")
    else:
        flash(_("这条通知不用再发：本人已经看到，或正在发送。"), "info")
    return redirect(url_for("office.deliveries", state=FAILED))


def _failures(found: Failures) -> Unanswered:
    known = {**_BROKEN, "window_closed": _WHY["window"], "blocked": _WHY["blocked"]}
    why = _("发送中断，可能已收到") if found.uncertain else known.get(found.error, _("渠道没有接收，等下次来信"))
    return Unanswered(str(CHANNEL.get(found.channel, found.channel)), str(why), found.detail, found.count, found.last)


def _line(stand: Stand) -> Line:
    notice = stand.notice
    conversation, route = begun.choose(notice, stand.tried, stand.talks, phone=False)
    last = stand.tried[-1] if stand.tried else None
    spoke = last.channel if last is not None else conversation.channel if conversation is not None else ""
    reason, code = _reason(stand, route, last)
    assert notice.application_id is not None  # joined with its application
    return Line(
        notice.id,
        notice.application_id,
        stand.receipt,
        str(_ABOUT[notice.code.partition(".")[2].partition("_")[0]]),
        str(CHANNEL.get(spoke, spoke)),
        stand.state,
        reason,
        code,
        notice.created_at,
        notice.sent_at or (last.updated_at if last is not None else None),
    )


def _reason(stand: Stand, route: Route, last: Delivery | None) -> tuple[str, str]:
    """Why it stands so, in words, and the platform's code where it gave one."""
    if stand.state == FAILED:
        broken = next(row for row in reversed(stand.tried) if row.state == sends.FAILED and row.error in _BROKEN)
        return str(_BROKEN[broken.error]), broken.detail
    if stand.state == WAITING:
        return _waiting(stand, route, last), ""
    return _told(stand), ""


def _waiting(stand: Stand, route: Route, last: Delivery | None) -> str:
    state = stand.notice.state
    if state == notices.UNSURE:
        return str(_("发送中断，可能已收到；下次来信时说明"))
    if last is not None and last.state == sends.DEFERRED and last.not_before is not None:
        return str(_("渠道忙，%(at)s 再试", at=moment(last.not_before)))
    if state == notices.SENDING or not route.why:
        return str(_("正在发送"))
    words = str(_WHY[route.why])
    return str(_("%(why)s，%(at)s 后发送", why=words, at=moment(route.at))) if route.at is not None else words


def _told(stand: Stand) -> str:
    if stand.notice.state == notices.SEEN:
        return str(_("不用再告知：本人已先办理"))
    out = [begun.way_of(row) for row in stand.tried if row.state in sends.OUT and row.channel != CONSOLE]
    if not out:
        return str(_("随回复告知"))
    words: Any = _HOW[out[-1]]
    return str(words)
