"""What was told to applicants: whether it has reached them, what it waits for, why it failed; try that again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from bot_adapter import begun, sms
from bot_adapter.routes import Route
from bot_adapter.sms import CONSOLE
from models.application import deliveries as sends
from models.application import notices, phones
from models.application.channel_tables import Delivery
from models.application.packs import pack_of
from models.extensions import db
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
    "window": _l("本人有一阵没来信，平台不让主动发"),
    "quota": _l("平台给的可发条数已用完"),
    "blocked": _l("对方已屏蔽"),
    "refused": _l("渠道没有接收"),
    "no_push": _l("这个渠道只能随回复告知"),
    "expired": _l("当天没有发出"),
    "told": _l("已发过"),
    "no_chat": _l("没有聊天，本人打开网页时看到"),
}
_ENOUGH = ("told", "no_chat")  # what tells the rest itself; the others wait for the person
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
    waits = {"window_closed": "window", "blocked": "blocked"}.get(found.error, "refused")
    why = _("发送中断，可能已收到") if found.uncertain else _BROKEN.get(found.error) or _until_they_write(waits)
    return Unanswered(str(CHANNEL.get(found.channel, found.channel)), str(why), found.detail, found.count, found.last)


def _line(stand: Stand) -> Line:
    notice = stand.notice
    conversation, route = begun.choose(notice, stand.tried, stand.talks, phone=_may_be_texted(stand))
    last = stand.tried[-1] if stand.tried else None
    spoke = last.channel if last is not None else conversation.channel if conversation is not None else ""
    reason, code = _reason(stand, route, last)
    return Line(
        notice.id,
        stand.application.id,
        stand.application.receipt,
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
    if route.way == "sms":
        return _texted(route)
    if route.at is not None:
        return str(_("%(why)s，%(at)s 后发送", why=_WHY[route.why], at=moment(route.at)))
    return _until_they_write(route.why)


def _may_be_texted(stand: Stand) -> bool:
    """Whether a text message is a way for it: asked of what waits alone, as the number has to be opened for it."""
    if stand.state != WAITING or begun.text_for(stand.notice, stand.application) is None:
        return False
    return phones.own_mobile(db.session(), stand.application.id, pack_of(stand.application)) is not None


def _texted(route: Route) -> str:
    """When a text message goes, and what it waits for. Nobody gets one where only the log does."""
    sender = sms.find()
    logged = _("（没有接网关，只写日志）") if sender is not None and sender.name == CONSOLE else ""
    if route.at is None:
        said = _("正在发短信")
    elif route.why == "quiet":
        said = _("免打扰时段，%(at)s 后发短信", at=moment(route.at))
    else:
        said = _("%(why)s；到 %(at)s 本人还没有来信，就发短信", why=_WHY[route.why], at=moment(route.at))
    return f"{said}{logged}"


def _until_they_write(why: str) -> str:
    words = str(_WHY[why])
    return words if why in _ENOUGH else str(_("%(why)s，等本人下次来信时告知", why=words))


def _told(stand: Stand) -> str:
    if stand.notice.state == notices.SEEN:
        return str(_("不用再告知：本人已先办理"))
    out = [begun.way_of(row) for row in stand.tried if row.state in sends.OUT and row.channel != CONSOLE]
    if not out:
        return str(_("随回复告知"))
    words: Any = _HOW[out[-1]]
    return str(words)
