"""Taking out what messages said and where they went; that they went stays."""

from uuid import UUID

from django.db import transaction
from django.db.models import Min, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from gezhi.cases import reads as cases
from gezhi.notices.models import AddressCheck, Choice, Delivery, Notice
from gezhi.record.keeping import Due, Kind, Over, keeps

# What a reporter could have said that messages to the house repeated, before they left it out.
_QUOTED = ("answered", "returned", "reopened")


def _settled(over: Over) -> QuerySet[Delivery]:
    found = Delivery.objects.filter(county=over.county, settled_at__lt=over.before)
    found = found.exclude(words="").exclude(notice__case__in=over.held.cases)
    for path in over.held.paths:
        found = found.exclude(notice__case__path__startswith=path)
    return found


def _due(over: Over) -> Due:
    found = _settled(over)
    return Due(found.count(), found.aggregate(oldest=Min("settled_at"))["oldest"])


@transaction.atomic
def _forget(over: Over, most: int) -> int:
    return _emptied(list(_settled(over).order_by("settled_at")[:most]))


def _emptied(rows: list[Delivery]) -> int:
    Notice.objects.filter(id__in=[row.notice_id for row in rows]).update(words="")
    ids = [row.id for row in rows]
    return Delivery.objects.filter(id__in=ids).update(
        words="", subject="", address="", answer="", error=""
    )


@transaction.atomic
def forget_messages_to(report: UUID) -> int:
    """What the reporter of a report was told, and where: gone at once, where it has been sent.

    With it goes what the house was told in a reporter's words, as it was once.
    """
    case = cases.case_of_report(report)
    about = [case, *cases.mains_above([case])]
    quoted = Notice.objects.filter(case__in=about, report=None, event__in=_QUOTED)
    quoted.update(words="")  # also where it stood on the desk alone
    found = Delivery.objects.filter(Q(notice__report=report) | Q(notice__in=quoted))
    return _emptied(list(found.filter(settled_at__isnull=False)))


keeps(
    Kind(
        "messages",
        _("发出的消息"),
        _("短信、邮件的内容和收件号码被清除；何时发给哪一类人、有没有发出仍在。"),
        365,
        30,
        _due,
        _forget,
    )
)


@transaction.atomic
def forget_addresses_of(account: UUID) -> None:
    """Where a closed account was told of things; whoever comes back types it in anew."""
    closed = {"account": account, "account__is_active": False}
    Choice.objects.filter(**closed).delete()
    AddressCheck.objects.filter(**closed).delete()
