"""Words of the pages on which a programme's office is set up: units, working days, channels, keys."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

ACTION = {
    "add_unit": _l("新增单位"),
    "change_unit": _l("修改单位"),
    "close_unit": _l("停用单位"),
    "reopen_unit": _l("恢复单位"),
    "import_units": _l("导入单位"),
}
UNIT_SOURCE = {"pack": _l("通知里的"), "own": _l("自己加的"), "past": _l("旧方案里的")}
