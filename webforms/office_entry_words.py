"""Words of the pages on which a unit enters people."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

ACTION = {
    "start_batch": _l("粘贴或上传名单"),
    "drop_batch": _l("丢弃名单"),
    "enter_batch": _l("录入名单"),
    "record_consent": _l("登记书面同意"),
    "renew_link": _l("换发确认链接"),
    "print_links": _l("打印确认单"),
    "hand_in": _l("代为提交"),
    "view_double": _l("打开一件“报了两次”"),
    "settle_double": _l("处理“报了两次”"),
    "compare_programmes": _l("打开或关闭与别的项目比对"),
    "view_elsewhere": _l("打开一件“也报了别的项目”"),
    "settle_elsewhere": _l("处理“也报了别的项目”"),
}
JOB = {
    "read_batch": _l("读取名单"),
    "enter_batch": _l("录入名单"),
    "find_doubles": _l("查找报了两次的人"),
    "find_elsewhere": _l("查找也报了别的项目的人"),
    "sweep_elsewhere": _l("查找也报了别的项目的人"),
}
