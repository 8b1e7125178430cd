"""The applicant's door on the web: one thing a page, works without JavaScript, goes on in any other door.

The pages are in the `apply_*` modules by step; importing them registers their routes on the one blueprint.
"""

from __future__ import annotations

from webforms import (
    apply_bring,
    apply_change,
    apply_confirm,
    apply_differences,
    apply_documents,
    apply_enquiry,
    apply_form,
    apply_held,
    apply_places,
    apply_prefill,
    apply_questions,
    apply_resume,
    apply_rows,
    apply_start,
    apply_status,
    apply_submit,
    apply_uploads,
    apply_ways,
    apply_wechat,
)
from webforms.apply_base import blueprint

PAGES = (
    apply_start,
    apply_questions,
    apply_enquiry,
    apply_bring,
    apply_prefill,
    apply_form,
    apply_places,
    apply_rows,
    apply_documents,
    apply_uploads,
    apply_differences,
    apply_submit,
    apply_status,
    apply_change,
    apply_held,
    apply_confirm,
    apply_resume,
    apply_ways,
    apply_wechat,
)

__all__ = ["PAGES", "blueprint"]
