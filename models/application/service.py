"""What the doors and the office call. Every function is one transaction (or joins the caller's `unit_of_work`):
state, event and promised work commit together, and work is enqueued after the commit.

All take the day and the instant from `clock.current()`. Errors are those of `models.errors`; nothing is stored
when one is raised, except by `save_partial`, which gives them back beside what it saved.
"""

from __future__ import annotations

from models.application.arranging import move_page, turn_page
from models.application.deciding import ReturnedItem, approve, decline, reroute, return_items
from models.application.drafting import Started, change_way, forget, save_partial, start
from models.application.drafting import record_answers as record
from models.application.ending import delete_application as delete
from models.application.ending import withdraw, withdraw_consent
from models.application.moving import reopen
from models.application.pages import add_page, remove_page, skip_document
from models.application.photo_format import MAX_BYTES
from models.application.submission import submit

__all__ = [
    "MAX_BYTES",
    "ReturnedItem",
    "Started",
    "add_page",
    "approve",
    "change_way",
    "decline",
    "delete",
    "forget",
    "move_page",
    "record",
    "remove_page",
    "reopen",
    "reroute",
    "return_items",
    "save_partial",
    "skip_document",
    "start",
    "submit",
    "turn_page",
    "withdraw",
    "withdraw_consent",
]
