"""Pages of the desk: the inbox, the case, working lists, new cases, bulk acts, exports."""

from gezhi.desk.pages.auditing import (
    anchor_sheet,
    anchors,
    audit,
    audit_export,
    make_anchor,
    verification,
    verify,
)
from gezhi.desk.pages.bulk import bulk, do_bulk
from gezhi.desk.pages.channels import channels
from gezhi.desk.pages.exporting import export
from gezhi.desk.pages.hotline import caller, console, number, typed
from gezhi.desk.pages.inbox import (
    bell,
    counts,
    drop_filter,
    filter_form,
    inbox,
    more_rows,
    points,
    save_filter,
    saved,
)
from gezhi.desk.pages.now import rows_now
from gezhi.desk.pages.opening import ask, check_phone, new_case, suggest, suggest_place
from gezhi.desk.pages.panel import case, panel
from gezhi.desk.pages.proposal import choose, take
from gezhi.desk.pages.running import bulk_progress, bulk_run, bulk_stop, bulks
from gezhi.desk.pages.supervising import supervision, supervision_export, supervision_now
from gezhi.desk.pages.taking import bulk_take, do_bulk_take
from gezhi.desk.pages.visits import approvals, visits

__all__ = [
    "ask",
    "anchor_sheet",
    "anchors",
    "audit",
    "audit_export",
    "make_anchor",
    "verification",
    "verify",
    "approvals",
    "bell",
    "bulk",
    "bulk_progress",
    "bulk_run",
    "bulk_stop",
    "bulk_take",
    "choose",
    "bulks",
    "caller",
    "case",
    "channels",
    "check_phone",
    "console",
    "counts",
    "do_bulk",
    "do_bulk_take",
    "drop_filter",
    "export",
    "filter_form",
    "inbox",
    "more_rows",
    "new_case",
    "number",
    "panel",
    "points",
    "rows_now",
    "save_filter",
    "saved",
    "suggest",
    "suggest_place",
    "supervision",
    "supervision_export",
    "supervision_now",
    "take",
    "typed",
    "visits",
]
