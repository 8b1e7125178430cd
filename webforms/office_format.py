"""How times, statuses and roles read on staff pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.clock import CHINA
from models.interview import wording
from webforms import office_action_words, office_setup_words
from webforms.i18n import counted as _n
from webforms.i18n import lang
from webforms.office_admission import DONE

STATUS = {
    "submitted": _l("待审核"),
    "returned": _l("已退回，待补正"),
    "approved": _l("已通过"),
    "reported": _l("已上报"),
    "admitted": DONE,
    "removed": _l("已退出"),
    "declined": _l("未予通过"),
}
STATUS_STYLE = {
    "submitted": "primary",
    "returned": "warning",
    "approved": "success",
    "reported": "success",
    "admitted": "success",
    "removed": "secondary",
    "declined": "secondary",
}
VERDICT = {
    "met": _l("符合"),
    "not_met": _l("不符合"),
    "unknown": _l("未定"),
    "staff_decides": _l("须人工认定"),
    "eligible": _l("符合条件"),
    "refused": _l("不符合条件"),
}
VERDICT_STYLE = {
    "met": "success",
    "eligible": "success",
    "not_met": "danger",
    "refused": "danger",
    "staff_decides": "warning",
    "unknown": "secondary",
}
ROLE = {
    "reviewer": _l("单位审核"),
    "office": _l("项目办公室"),
    "answerer": _l("答疑"),
    "admin": _l("管理员"),
}
ENQUIRY = {
    "open": _l("待接手"),
    "taken": _l("答复中"),
    "asked": _l("等对方回答"),
    "answered": _l("已答复"),
    "closed": _l("已结束"),
}
ENQUIRY_STYLE = {"open": "primary", "taken": "secondary", "asked": "warning", "answered": "success"}
AGE = {"late": _l("超过一天"), "later": _l("超过三天")}
THREAD = {
    "question": _l("提问"),
    "answer": _l("答复"),
    "ask_back": _l("追问"),
    "reply": _l("对方回答"),
    "note": _l("内部备注"),
    "passed": _l("转交"),
    "taken": _l("接手"),
    "released": _l("放回队列"),
    "closed": _l("结束"),
    "reopened": _l("没解决，重新打开"),
}
CLOSED = {
    "known": _l("已经了解，不用再答"),
    "elsewhere": _l("已在电话或当面答复"),
    "same": _l("和本人的另一个问题相同"),
    "silent": _l("追问后一直没有回答"),
    "nothing": _l("看不出要问什么"),
}
ANSWER_STATE = {"given": _l("正在给出"), "aside": _l("已搁置"), "withdrawn": _l("已撤下")}
PAGE_STATE = {"received": _l("处理中"), "ok": _l("清晰"), "retake": _l("须重拍")}
OUTCOME = {
    "differs": _l("不一致"),
    "not_checked": _l("没有核对"),
    "unreadable": _l("读不出"),
    "agrees": _l("一致"),
    "nothing_typed": _l("表上没有"),
}
TEMPLATE = {
    "reading": _l("正在读取"),
    "refused": _l("不能用"),
    "draft": _l("待对应栏目"),
    "trying": _l("正在试填"),
    "tried": _l("试填通过"),
    "in_use": _l("使用中"),
}
TEMPLATE_STYLE = {"refused": "danger", "draft": "warning", "tried": "secondary", "in_use": "success"}
TEMPLATE_CHECK = {
    "rows": _l("样例人员读回来一致"),
    "images": _l("图片"),
    "validations": _l("下拉选项和输入限制"),
    "merged": _l("合并单元格"),
    "print": _l("打印设置"),
    "widths": _l("列宽"),
    "formulas": _l("模板自带的公式"),
    "names": _l("名称和打印标题"),
    "others": _l("其他工作表"),
    "sections": _l("纸张、页边距和分节"),
    "parts": _l("样式等其他内容"),
    "longer": _l("人数超过空行时，下方内容下移"),
}


ENDING = {
    "approved": _l("已通过，从通过那天起"),
    "declined": _l("未予通过，从决定那天起"),
    "withdrawn": _l("已撤回，从撤回那天起"),
    "draft": _l("一直没有提交，从截止或最后一次填写起"),
    "removed": _l("已退出，从退出那天起"),
}
FILE = {
    "document_page.upload_key": _l("刚上传的照片"),
    "document_page.image_key": _l("照片"),
    "document_page.thumb_key": _l("照片的缩略图"),
    "document_page.crop_key": _l("表上用的人像"),
    "upload.parts": _l("正在上传的照片"),
    "volume.storage_key": _l("申报册"),
    "workbook.storage_key": _l("汇总表"),
    "report_part.storage_key": _l("上报材料"),
    "official_template.storage_key": _l("上传的正式表格"),
    "official_template.trial_key": _l("正式表格的试填件"),
}
REPORT = {"reported": _l("等待收下"), "received": _l("已收下"), "sent_back": _l("已退回")}
CHANGE_STATE = {
    "unit": _l("等单位意见"),
    "office": _l("等办公室审核"),
    "asked": _l("待补充"),
    "accepted": _l("已通过"),
    "refused": _l("未通过"),
    "withdrawn": _l("本人撤回"),
}
CHANGE_STYLE = {"office": "primary", "unit": "info", "asked": "warning", "accepted": "success", "refused": "danger"}
REPORT_STYLE = {"reported": "primary", "received": "success", "sent_back": "warning"}
LATE = {
    "nobody": _l("还没有人提交"),
    "review": _l("有人等待审核"),
    "report": _l("通过的人还没有上报"),
}
FAULT = {"missing": _l("不见了"), "damaged": _l("打不开")}
CHANGE = {"added": _l("新增"), "removed": _l("删去"), "changed": _l("改动")}


def second(value: datetime) -> str:
    """Hours, minutes and seconds in Chinese time."""
    return value.astimezone(CHINA).strftime("%H:%M:%S")


def moment(value: datetime | None) -> str:
    """A time in China, to the minute."""
    return value.astimezone(CHINA).strftime("%Y-%m-%d %H:%M") if value else ""


def day(value: date | None) -> str:
    """A day, ISO."""
    return value.isoformat() if value else ""


def due(value: date | None) -> str:
    """A day or a moment until which something is to be done: the weekday says whether anybody works then."""
    here = value.astimezone(CHINA) if isinstance(value, datetime) else value
    return wording.deadline(here, lang()) if here else ""


def ago(value: datetime | None, now: datetime) -> str:
    """How many days something has waited, in words."""
    if value is None:
        return ""
    days = (now.astimezone(CHINA).date() - value.astimezone(CHINA).date()).days
    return str(_("今天") if days <= 0 else _("%(days)d 天", days=days))


def waited(since: datetime | None, now: datetime) -> str:
    """How long something has waited, in words: hours within two days, then days."""
    if since is None:
        return ""
    return spent((now - since).total_seconds())


def spent(seconds: float | None) -> str:
    """A length of time in words."""
    if seconds is None:
        return ""
    hours = int(seconds // 3600)
    if hours < 1:
        return str(_("不到 1 小时"))
    return _n("%(n)d 小时", hours) if hours < 48 else str(_("%(days)d 天", days=hours // 24))


def _named(names: dict[str, Any]) -> Callable[[str], str]:
    return lambda value: str(names.get(value, value))


def runs(items: Iterable[Any], name: str) -> list[tuple[Any, list[Any]]]:
    """Neighbours with the same attribute together, in their order: columns under one heading."""
    return [(value, list(found)) for value, found in groupby(items, key=attrgetter(name))]


RETURN_STATE = {
    "reading": _l("正在核对"),
    "refused": _l("不能采用"),
    "read": _l("待确认"),
    "applied": _l("已采用"),
    "dropped": _l("已放弃"),
}

EXPORT_STATE = {
    "waiting": _l("等同事同意"),
    "making": _l("正在生成"),
    "ready": _l("可以下载"),
    "taken": _l("已下载"),
    "refused": _l("没有同意"),
    "expired": _l("已过期"),
}
FILTERS: dict[str, Callable[..., Any]] = {
    "staff_time": moment,
    "staff_clock": second,
    "groupby_runs": runs,
    "staff_day": day,
    "staff_due": due,
    "export_state": _named(EXPORT_STATE),
    "status_name": _named(STATUS),
    "status_style": _named(STATUS_STYLE),
    "verdict_name": _named(VERDICT),
    "change_name": _named(CHANGE),
    "ending_name": _named(ENDING),
    "file_name": _named(FILE),
    "fault_name": _named(FAULT),
    "report_state": _named(REPORT),
    "report_style": _named(REPORT_STYLE),
    "change_state": _named(CHANGE_STATE),
    "change_style": lambda state: CHANGE_STYLE.get(state, "secondary"),
    "late_name": _named(LATE),
    "verdict_style": _named(VERDICT_STYLE),
    "role_name": _named(ROLE),
    "enquiry_state": _named(ENQUIRY),
    "enquiry_style": lambda state: ENQUIRY_STYLE.get(state, "secondary"),
    "age_name": _named(AGE),
    "thread_kind": _named(THREAD),
    "closed_reason": _named(CLOSED),
    "answer_state": _named(ANSWER_STATE),
    "page_state": _named(PAGE_STATE),
    "outcome_name": _named(OUTCOME),
    "action_name": _named(office_action_words.ACTION),
    "job_name": _named(office_action_words.JOB),
    "template_state": _named(TEMPLATE),
    "return_state": _named(RETURN_STATE),
    "template_style": lambda state: TEMPLATE_STYLE.get(state, "warning"),
    "template_check": _named(TEMPLATE_CHECK),
    "unit_source": _named(office_setup_words.UNIT_SOURCE),
    "send_error": _named(office_setup_words.SEND_ERROR),
}
