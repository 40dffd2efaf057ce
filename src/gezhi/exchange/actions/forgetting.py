"""What has arrived is forgotten after a while: it stands in the book, and can be replayed."""

from django.db import transaction
from django.db.models import Min, QuerySet
from django.utils.translation import gettext_lazy as _

from gezhi.exchange.models import Delivery
from gezhi.exchange.rules import Stage
from gezhi.record.keeping import Due, Kind, Over, keeps


def _arrived(over: Over) -> QuerySet[Delivery]:
    return Delivery.objects.filter(
        county=over.county, stage=Stage.DELIVERED.value, settled_at__lt=over.before
    )


def _due(over: Over) -> Due:
    found = _arrived(over)
    return Due(found.count(), found.aggregate(oldest=Min("settled_at"))["oldest"])


@transaction.atomic
def _forget(over: Over, most: int) -> int:
    found = _arrived(over).select_for_update(skip_locked=True).order_by("settled_at")
    return Delivery.objects.filter(pk__in=list(found.values_list("id", flat=True)[:most])).delete()[
        0
    ]


keeps(
    Kind(
        "webhooks",
        _("已送达的推送记录"),
        _("给其他系统送达的记录被删除；事件本身还在事实册里，可以重放。"),
        30,
        1,
        _due,
        _forget,
        goes_by_itself=True,
    )
)
