"""Words of the pages on which a programme's office is set up: units, working days, channels, keys."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

ACTION = {
    "add_unit": _l("新增单位"),
    "change_unit": _l("修改单位"),
    "close_unit": _l("停用单位"),
    "reopen_unit": _l("恢复单位"),
    "import_units": _l("导入单位"),
    "test_channel": _l("测试渠道"),
    "set_working_days": _l("修改工作日历"),
    "seal_again": _l("全部重新加密"),
    "count_seals": _l("清点加密"),
}
UNIT_SOURCE = {"pack": _l("通知里的"), "own": _l("自己加的"), "past": _l("旧方案里的")}
JOB = {"test_channel": _l("测试渠道"), "seal_again": _l("重新加密或清点")}
CHANNEL = {
    "wechat": _l("微信公众号"),
    "kefu": _l("微信客服"),
    "telegram": "Telegram",
    "sms": _l("短信"),
    "email": _l("电子邮件"),
}
SEND_ERROR = {
    "": _l("不知道有没有送到"),
    "transient": _l("多次没有发出"),
    "throttled": _l("平台限了次数"),
    "window_closed": _l("过了平台允许主动发的时间"),
    "blocked": _l("对方已屏蔽"),
    "rejected": _l("渠道拒收"),
    "config": _l("渠道没有设置好"),
}
