"""Taking out what imports and sources keep of persons beside the cases they made.

That something came in, and what became of it, stays.
"""

from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from gezhi.intake import adapters
from gezhi.intake.errors import FORGOTTEN
from gezhi.intake.models import Import, ImportRow, Received
from gezhi.intake.rules import KEPT, Fate, State
from gezhi.record.keeping import Due, Kind, Over, keeps

_KEPT = 'length("intake_importrow"."values") > 0'
_GONE = "file_gone"
NO_SENDER = {"sender": "", "sender_index": None, "letter_id": "", "code_due": ""}
_OF_REPORTERS = ("changed", "case_ended")  # why their own words wait beside their case


def forget_rows_of(case: UUID) -> None:
    """What a row had beyond its case, when the case itself tells no more of anybody."""
    ImportRow.objects.filter(county=settings.COUNTY, case=case).update(values="")


def forget_senders_of(case: UUID, *, report: UUID | None = None) -> None:
    """Nobody is known by their address any more in a case; or only who made this report is not.

    What they sent besides and waits goes too; a stranger's letter about it stays.
    """
    beside = Received.objects.filter(county=settings.COUNTY, case=case)
    waiting = beside.filter(fate=Fate.WAITING, reason__in=_OF_REPORTERS)
    if report is not None:
        waiting = waiting.filter(Q(report=report) | Q(report=None))
        beside = beside.filter(report=report)
    for row in waiting.select_for_update():
        transaction.on_commit(partial(adapters.drop_received, row.county, row.id))
    waiting.update(fate=Fate.DROPPED.value, reason=FORGOTTEN, has_file=False)
    beside.update(**NO_SENDER)


def _rows(over: Over) -> QuerySet[ImportRow]:
    rows = ImportRow.objects.filter(county=over.county, import_of__in=_over(over))
    rows = rows.exclude(case__in=over.held.cases)
    for path in over.held.paths:
        rows = rows.exclude(case__path__startswith=path)
    return rows.extra(where=[_KEPT])  # noqa: S610  # a constant


def _over(over: Over) -> QuerySet[Import]:
    """Imports nobody works on any more."""
    ended = [State.DONE.value, State.STOPPED.value]
    return Import.objects.filter(county=over.county, state__in=ended, touched_at__lt=over.before)


def _files(over: Over) -> QuerySet[Import]:
    """Those that were stopped and never gone on with: their file is still there."""
    return _over(over).filter(state=State.STOPPED.value).exclude(stop_reason=_GONE)


def _due(over: Over) -> Due:
    rows, files = _rows(over), _files(over)
    oldest = rows.aggregate(oldest=Min("import_of__touched_at"))["oldest"]
    stopped = files.aggregate(oldest=Min("touched_at"))["oldest"]
    moments = [moment for moment in (oldest, stopped) if moment]
    return Due(rows.count() + files.count(), min(moments, default=None))


@transaction.atomic
def _forget(over: Over, most: int) -> int:
    rows = _rows(over).select_for_update(of=("self",)).order_by("id")
    ids = list(rows.values_list("id", flat=True)[:most])
    ImportRow.objects.filter(id__in=ids).update(values="")
    return len(ids) or _forget_files(over, most)


def _forget_files(over: Over, most: int) -> int:
    stopped = list(_files(over).select_for_update().order_by("id")[:most])
    for found in stopped:  # before the row says so: what is killed here is taken up again
        adapters.drop_file(found.county, found.id)
    Import.objects.filter(id__in=[found.id for found in stopped]).update(stop_reason=_GONE)
    return len(stopped)


keeps(
    Kind(
        "imports",
        _("导入的表格行"),
        _(
            "导入时没有进入工单的列、没有导入成功的行和停下的文件被清除；导入过多少行、为何失败仍在。"
        ),
        180,
        7,
        _due,
        _forget,
    )
)


def _received(over: Over) -> QuerySet[Received]:
    """What was not taken and still lies here, and whose address is still known."""
    found = Received.objects.filter(county=over.county, received_at__lt=over.before)
    found = found.exclude(case__in=over.held.cases)
    for path in over.held.paths:
        found = found.exclude(case__path__startswith=path)
    return found.filter(Q(has_file=True) | Q(sender_index__isnull=False))


def _received_due(over: Over) -> Due:
    told = _received(over).aggregate(count=Count("id"), oldest=Min("received_at"))
    return Due(told["count"], told["oldest"])


@transaction.atomic
def _forget_received(over: Over, most: int) -> int:
    rows = list(_received(over).select_for_update(of=("self",)).order_by("id")[:most])
    for row in rows:  # before the row says so: what is killed here is taken up again
        adapters.drop_received(row.county, row.id)
    gone = Received.objects.filter(id__in=[row.id for row in rows])
    gone.update(**NO_SENDER, has_file=False)
    gone.filter(fate__in=sorted(KEPT)).update(fate=Fate.DROPPED.value, reason=FORGOTTEN)
    return len(rows)


keeps(
    Kind(
        "received",
        _("来源送来而没有收下的消息"),
        _("没有收下的原文和来信人的地址被清除；来过什么、为何没有收下仍在。"),
        180,
        7,
        _received_due,
        _forget_received,
    )
)
