"""Taking away from where staff signed in, and where it failed, once nobody is locked out by it."""

from axes.models import AccessAttempt, AccessLog
from django.db import transaction
from django.db.models import Min, QuerySet
from django.utils.translation import gettext_lazy as _

from gezhi.record.keeping import Due, Kind, Over, keeps


def _lines(over: Over) -> list[QuerySet[AccessAttempt] | QuerySet[AccessLog]]:
    """They are of the deployment, not of a county: a name that failed may be nobody's."""
    return [
        kind.objects.filter(attempt_time__lt=over.before) for kind in (AccessAttempt, AccessLog)
    ]


def _due(over: Over) -> Due:
    lines = _lines(over)
    moments = [found.aggregate(oldest=Min("attempt_time"))["oldest"] for found in lines]
    oldest = min((moment for moment in moments if moment), default=None)
    return Due(sum(found.count() for found in lines), oldest)


@transaction.atomic
def _forget(over: Over, most: int) -> int:
    count = 0
    for found in _lines(over):
        ids = list(found.order_by("attempt_time").values_list("id", flat=True)[: most - count])
        found.model.objects.filter(id__in=ids).delete()
        count += len(ids)
    return count


keeps(
    Kind(
        "sign_ins",
        _("登录的网络地址"),
        _("登录成功和失败时的账号名、网络地址和浏览器被删除；审计簿里的不变。"),
        30,
        1,
        _due,
        _forget,
        goes_by_itself=True,
    )
)
