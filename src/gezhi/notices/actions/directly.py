"""Telling what no rulebook has words for: what becomes of a person's request about their data."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.functional import Promise

from gezhi.base import clock
from gezhi.base.words import mobile_of
from gezhi.cases.models import Case, Report
from gezhi.intake.reads import letters
from gezhi.notices import adapters, reads, rules
from gezhi.notices.actions.sending import leave_new_to_worker
from gezhi.notices.models import Delivery, Notice
from gezhi.notices.rules import Audience, Channel, State
from gezhi.rulebook import reads as rulebook


@transaction.atomic
def tell_accounts(
    accounts: Iterable[UUID],
    *,
    event: str,
    cause: str,
    case: Case | None = None,
    words: str | Promise,
    values: Mapping[str, object],
) -> None:
    """On the desk of these, each in their own language; of one cause once.

    Without a case it is of the house itself.
    """
    now, made = clock.now(), []
    for account in accounts:
        with translation.override(reads.language_of(account)):
            made.append(
                Notice(
                    county=case.county if case else settings.COUNTY,
                    account_id=account, case=case,
                    number=case.number if case else "",
                    event=event, audience=Audience.CENTRE.value, cause=cause,
                    words=rules.tidied(str(words) % values), is_on_desk=True, at=now, made_at=now,
                )
            )  # fmt: skip
    Notice.objects.bulk_create(made, ignore_conflicts=True)


@transaction.atomic
def tell_reporter(
    report: Report, *, event: str, cause: str, case: Case, words: str | Promise,
    values: Mapping[str, object],
) -> None:  # fmt: skip
    """By short message, where the reporter left a phone that takes them, else by mail, where a
    letter of theirs was answered; of one cause once.

    Quiet hours hold it.
    """
    now = clock.now()
    with translation.override(settings.LANGUAGE_CODE):
        said = rules.tidied(str(words) % values)
    kept = {
        "county": case.county, "case": case, "number": case.number, "words": said,
        "audience": Audience.REPORTER.value, "at": now, "made_at": now,
    }  # fmt: skip
    notice, is_new = Notice.objects.get_or_create(
        report=report, cause=cause, event=event, defaults=kept
    )
    phone = mobile_of(report.phone)
    to = phone or letters.addresses_of([report]).get(report.id, "")
    if not is_new or not to:
        return
    channel = Channel.SMS if phone else Channel.MAIL
    state, due = rules.when_to_send(
        channel, event, now=timezone.localtime(now), is_urgent=False,
        notices=rulebook.current(case.county).notices,
    )  # fmt: skip
    is_kept = due <= now and adapters.gateway_for(channel, to) is None
    delivery = Delivery.objects.create(
        county=case.county,
        notice=notice,
        channel=channel.value,
        address=to,
        subject=case.number if channel == Channel.MAIL else "",
        words=said,
        state=State.KEPT.value if is_kept else state.value,
        settled_at=now if is_kept else None,
        due=due,
        made_at=now,
    )
    if delivery.state == State.WAITING and due <= now:
        leave_new_to_worker({delivery.bundle: due})
