"""How the queues of background work read on the state of the system."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from models.queue import MESSAGES, OFFICE, PHOTOS, READING

QUEUE = {
    PHOTOS: _l("照片"),
    READING: _l("识别文字"),
    MESSAGES: _l("消息和通知"),
    OFFICE: _l("工作簿等"),
}
