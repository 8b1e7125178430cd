"""How what is done with accounts reads in the audit."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

ACTION = {
    "invite_staff": _l("邀请"),
    "uninvite_staff": _l("收回邀请"),
    "accept_invitation": _l("接受邀请"),
    "reset_link": _l("给出重设密码的链接"),
    "forgot_password": _l("忘记密码"),
    "move_staff": _l("换单位"),
    "set_roles": _l("改角色"),
    "set_email": _l("改邮箱"),
    "factor_on": _l("开启两步验证"),
    "factor_off": _l("关闭两步验证"),
    "factor_reset": _l("清除两步验证"),
    "new_recovery_codes": _l("换恢复码"),
    "use_recovery_code": _l("用恢复码登录"),
    "wrong_code": _l("验证码输错"),
}
