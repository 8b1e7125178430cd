"""The office's navigation: areas of work, and the pages of each. A new page is one line here.

Both rows show only what a person's roles open; an area leads to its first page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _

from models.office.scope import ADMIN, ANSWERER, EVERYBODY, OFFICE, REVIEWER, UNIT_ADMIN

COLLECTORS = (REVIEWER, OFFICE)
KEEPERS = (ADMIN, UNIT_ADMIN)


@dataclass(frozen=True, slots=True)
class Item:
    """A page: its endpoint without ``office.``, who opens it, the pages that lie under it, the count that it shows
    (a name in `webforms.office_base`'s frame), the name of what must be there for it to be shown at all, and the count
    of those that have waited too long, which marks the other one."""

    endpoint: str
    label: str
    roles: tuple[str, ...]
    under: tuple[str, ...] = ()
    count: str = ""
    when: str = ""
    late: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """An area of work."""

    label: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """An area as one person sees it; `here` is the page that they are on, or the one above it."""

    label: str
    items: tuple[Item, ...]
    count: int
    here: Item | None
    late: int = 0


AREAS = (
    Area(
        _("申报"),
        (
            Item(
                "queue",
                _("申报审核"),
                COLLECTORS,
                (
                    *("application", "photo", "full_photo", "return_items", "approve", "decline"),
                    *("reroute", "reopen", "ask_person", "unit_fields", "unit_opinion"),
                    *("bulk_preview", "begin_bulk", "bulks_page", "bulk_page"),
                ),
                count="applications",
            ),
            Item("assignments_page", _("分工"), COLLECTORS),
            Item("search", _("查找申报"), COLLECTORS, ("saved_search", "save_search")),
            Item("exports_page", _("导出"), COLLECTORS, ("new_export", "export_page"), count="exports"),
            Item("reasons_page", _("退回理由"), (OFFICE,)),
            Item("reports_page", _("上报"), COLLECTORS, ("report_page",), count="reports", when="reporting"),
            Item("registry_page", _("人才库"), COLLECTORS, ("admit", "remove"), when="registry"),
            Item(
                *(
                    "registry_changes",
                    _("变动"),
                    COLLECTORS,
                    ("change_page", "begin_change", "edit_change", "reveal_change"),
                ),
                count="changes",
                when="changing",
            ),
            Item("doubles_page", _("报了两次"), (OFFICE,), ("double_page",), count="doubles", when="not_twice"),
            Item(
                *("elsewhere_page", _("也报了别的项目"), (OFFICE,), ("elsewhere_case",)),
                count="elsewhere",
                when="comparable",
            ),
            Item(
                "entered_page", _("代为录入"), COLLECTORS, ("enter_one", "batch_page", "entered_person", "link_sheet")
            ),
        ),
    ),
    Area(
        _("各单位"),
        (
            Item(
                *("tables_page", _("单位表格"), COLLECTORS, ("unit_table", "table_totals", "reveal_cell")),
                when="unit_tables",
            ),
            Item("workbooks_page", _("工作簿"), COLLECTORS, ("changes_page",)),
            Item("schedule_page", _("变动通知"), COLLECTORS, ("bind_chat",)),
            Item("returns_page", _("上传改好的表"), COLLECTORS, ("return_page", "upload_return", "decide_return")),
            Item("progress_page", _("进度督查"), COLLECTORS),
        ),
    ),
    Area(_("数据"), (Item("figures_page", _("统计"), (REVIEWER, OFFICE, ADMIN)),)),
    Area(
        _("咨询"),
        (
            Item(
                *("questions", _("咨询答复"), (REVIEWER, OFFICE, ANSWERER)),
                ("question", "approve_answer", "note", "pass_on", "close_question"),
                count="enquiries",
                late="enquiries_late",
            ),
            Item("ageing", _("等待情况"), (REVIEWER, OFFICE)),
            Item("prepared_page", _("常用答复"), (OFFICE,), ("new_prepared", "prepared_answer")),
            Item("answers_page", _("公用答复"), (OFFICE,), ("approved_answer",)),
            Item("deliveries", _("通知送达"), COLLECTORS, count="notices_failed"),
        ),
    ),
    Area(
        _("项目"),
        (
            Item("programme_page", _("方案"), EVERYBODY, ("import_notice",)),
            Item("versions_page", _("方案版本"), (OFFICE, ADMIN)),
            Item("rounds_page", _("批次"), (OFFICE, ADMIN)),
            Item("calendar_page", _("工作日历"), (OFFICE, ADMIN)),
            Item("templates_page", _("正式模板"), (OFFICE, ADMIN), ("template_page",)),
        ),
    ),
    Area(
        _("管理"),
        (
            Item("members_page", _("账号"), KEEPERS, ("new_member", "invite_many", "member", "member_link")),
            Item("units_page", _("单位名录"), (OFFICE, *KEEPERS), ("unit_page", "new_unit", "import_units")),
            Item("channels_page", _("消息渠道"), (ADMIN,)),
            Item("keys_page", _("密钥"), (ADMIN,)),
            Item("retention_page", _("保存和删除"), (OFFICE, ADMIN)),
            Item(
                *("letters_page", _("信件"), EVERYBODY, ("letter",)),
                count="letters_failed",
                when="letters",
            ),
            Item("failed_work", _("后台任务"), (ADMIN,), count="work_failed"),
            Item("health_page", _("系统状况"), (ADMIN,)),
            Item("missing_files", _("缺失的文件"), (OFFICE, ADMIN), count="files_missing", when="files_missing"),
            Item("audit_page", _("操作记录"), (OFFICE, *KEEPERS)),
        ),
    ),
)


def areas(held: frozenset[str], endpoint: str, counts: Mapping[str, int]) -> list[Shown]:
    """What somebody with these roles sees on the page `endpoint` (without ``office.``). `counts`: what waits by name;
    a name that is missing or 0 hides the items that depend on it."""
    shown = []
    for area in AREAS:
        items = [item for item in area.items if held & {*item.roles} and (not item.when or counts.get(item.when))]
        if items:
            here = next((item for item in items if endpoint == item.endpoint or endpoint in item.under), None)
            waiting = sum(counts.get(item.count, 0) for item in items if item.count)
            late = sum(counts.get(item.late, 0) for item in items if item.late)
            shown.append(Shown(area.label, tuple(items), waiting, here, late))
    return shown
