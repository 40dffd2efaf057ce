"""Fetching what is a resident's own, by the token of their session."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.masking import mask_address, mask_name, mask_phone
from gezhi.base.refusal import NotFound
from gezhi.base.sealed import blind_indexes
from gezhi.base.words import mobile_of
from gezhi.cases import reads as cases
from gezhi.cases.models import Case, Report
from gezhi.cases.rules import ENDED, State
from gezhi.notices import reads as notices
from gezhi.notices.models import Delivery
from gezhi.people import actions as people_actions
from gezhi.people import reads as people
from gezhi.record import reads as record
from gezhi.residents import rules
from gezhi.residents.errors import CopyNotReady, NothingToDecide, ProofTooOld
from gezhi.residents.models import Copy, DataRequest, HeldContact
from gezhi.residents.rules import CopyState, RequestState, Wish
from gezhi.retention import reads as retention

_AT_ONCE = 100  # erasures in one run of the job
LATE_AFTER = timedelta(days=1)  # then somebody has to look why an erasure is not done


@dataclass(frozen=True)
class Signed:
    """A resident who is signed in: on which device, by which phone. `actor` has what is theirs."""

    actor: Actor
    session: UUID
    phone: str
    is_fresh: bool

    def must_be_fresh(self) -> None:
        """Refuse unless the own phone gave back a code just now."""
        if not self.is_fresh:
            raise ProofTooOld()


def signed_in(token: str) -> Signed | None:
    """Whoever this token was given to, with the reports that are theirs; two questions."""
    if not token.startswith(people_actions.TOKEN_BEGINS):
        return None
    session = people.resident_session(token)
    if session is None:
        return None
    resident = session.resident
    own = cases.own_reports(resident.id, resident.phone, county=resident.county)
    return Signed(
        actor=people.resident_actor(resident.id, proven=frozenset(each.id for each in own)),
        session=session.id,
        phone=resident.phone,
        is_fresh=rules.is_fresh(session.proven_at, now=clock.now()),
    )


def voice_of(report: UUID) -> Actor:
    """Who speaks in a case: the reporter of this report, not the account it hangs on."""
    return Actor(label=f"report:{report}", kind="resident", proven=frozenset({report}))


# --- what is kept about somebody -----------------------------------------------------------------


@dataclass(frozen=True)
class Look:
    """Somebody opened the contact: when, who, why."""

    at: datetime
    who: str
    field: str
    reason: str


@dataclass(frozen=True)
class OwnReport:
    """All that is kept about one own report. `is_shown`: its contact is theirs to see.

    Whoever only has the tracking code sees it masked.
    """

    report: Report
    is_shown: bool
    told: list[Delivery]
    looks: list[Look]
    requests: list[DataRequest]


def own_data(signed: Signed, *, only: Collection[UUID] | None = None) -> list[OwnReport]:
    """What is kept about the reports of a resident, the newest first; a fixed count of questions.

    `only` narrows it to some of theirs.
    """
    ids = signed.actor.proven if only is None else signed.actor.proven & frozenset(only)
    mine = people.resident_actor(UUID(int=0), proven=ids)
    reports = list(cases.reports_proven(mine).select_related("case__main", "case__holder"))
    told: dict[UUID, list[Delivery]] = defaultdict(list)
    for each in notices.told_to_reports(ids):
        told[each.notice.report_id or UUID(int=0)].append(each)
    requests: dict[UUID, list[DataRequest]] = defaultdict(list)
    for row in requests_of(ids):
        requests[row.report_id].append(row)
    looks = _looks(reports)
    return [
        OwnReport(
            report=each,
            is_shown=sees_contact(each, signed),
            told=told[each.id],
            looks=looks[each.id],
            requests=requests[each.id],
        )
        for each in reports
    ]


def sees_contact(report: Report, signed: Signed) -> bool:
    """Whether it is theirs to see: left with the phone that is proven, or by the account itself."""
    if report.resident_id == signed.actor.resident and not report.is_taken_by_code:
        return True
    return bool(report.phone) and mobile_of(report.phone) == signed.phone


def shown_contact(own: OwnReport) -> dict[str, str]:
    """In clear to whoever has the phone; who came by the tracking code alone has it masked."""
    report = own.report
    if own.is_shown:
        return {"name": report.name, "phone": report.phone, "address": report.address}
    return {
        "name": mask_name(report.name),
        "phone": mask_phone(report.phone),
        "address": mask_address(report.address),
    }


def own_report(signed: Signed, number: str, *, report: UUID | None = None) -> OwnReport:
    """The own report in the case of this number; of several the one named, or the newest."""
    mine = cases.reports_proven(signed.actor).filter(case__number=number)
    if report is not None:
        mine = mine.filter(id=report)
    found = mine.values_list("id", flat=True).first()
    if found is None:
        raise NotFound()
    return own_data(signed, only=[found])[0]


def _looks(reports: Collection[Report]) -> dict[UUID, list[Look]]:
    lines = record.openings_about_any(
        (f"report:{each.id}" for each in reports), county=settings.COUNTY
    )
    days = {line.id: timezone.localdate(line.at) for line in lines}
    lookers = people.standings_then((line.actor, days[line.id]) for line in lines)
    found: dict[UUID, list[Look]] = defaultdict(list)
    for line in lines:
        who = lookers[line.actor, days[line.id]]
        look = Look(line.at, who, str(line.data.get("field", "")), line.reason)
        found[UUID(line.about.removeprefix("report:"))].append(look)
    return found


# --- what is asked about it ----------------------------------------------------------------------


def own_report_held(actor: Actor, report: UUID) -> Report:
    """An own report, held until the transaction ends; its case before it, as by every act."""
    if report not in actor.proven:
        raise NotFound()
    case = cases.case_held(cases.case_of_report(report))
    found = cases.report_held(case, report)
    found.case = case
    return found


def requests_of(reports: Collection[UUID]) -> QuerySet[DataRequest]:
    """What was asked about these reports, the newest first."""
    return DataRequest.objects.filter(report__in=list(reports)).order_by("-asked_at", "-id")


def words_of(report: Report) -> str:
    """What its reporter said: the case's own words, or those of who followed."""
    return report.case.what if report.is_first else report.words


def is_asked(report: UUID, wish: Wish) -> bool:
    """Whether the same waits for its answer already."""
    return DataRequest.objects.filter(
        report=report, wish=wish.value, state=RequestState.OPEN.value
    ).exists()


def own_request_held(actor: Actor, request: UUID) -> DataRequest:
    """An open request about an own report, held until the transaction ends."""
    found = _held(_open().filter(id=request, report__in=actor.proven))
    if found is None:
        raise NothingToDecide()
    return found


def _open() -> QuerySet[DataRequest]:
    return DataRequest.objects.filter(state=RequestState.OPEN.value)


def _held(found: QuerySet[DataRequest]) -> DataRequest | None:
    """The one that was found, if it is still so once it is held; its case before it, as ever.

    An erasure takes all that was asked about its report: who holds another of them waits here.
    """
    case = found.values_list("case", flat=True).first()
    if case is None:
        return None
    cases.case_held(case)
    held = found.select_for_update(of=("self",)).select_related("report", "case__main")
    return held.first()


def requests_for(actor: Actor) -> QuerySet[DataRequest]:
    """The requests this actor decides: of cases its centre has, and erasures in its area.

    Who keeps the keys decides on erasures, without a word of them (`has_case`).
    """
    centres = [post.unit for post in actor.posts if "case.accept" in post.rights]
    theirs = Q(case__centre__in=centres)
    for path in actor.paths("security.manage"):
        theirs |= Q(wish=Wish.ERASE.value, case__path__startswith=path)
    return DataRequest.objects.filter(theirs).select_related("report", "case")


def has_case(actor: Actor, case: Case) -> bool:
    """Whether this actor works for the centre that has the case: the words are for them."""
    return actor.may("case.accept", unit=case.centre_id)


def may_decide(actor: Actor) -> bool:
    """Whether there may be anything for this actor to decide."""
    return actor.may("case.accept") or actor.may("security.manage")


def request_to_decide(actor: Actor, request: UUID) -> DataRequest:
    """An open one of these, held until the transaction ends."""
    found = _held(_open().filter(id=request, pk__in=requests_for(actor).values("pk")))
    if found is None:
        raise NothingToDecide()
    return found


def has_ended(case: Case) -> bool:
    """Whether nobody works any more on what was reported, nor on what it was merged into."""
    return State((case.main or case).state) in ENDED


def keep_holds_still() -> None:
    """No legal hold begins until this transaction ends. First of all locks, as for a removal."""
    retention.keep_rules_still(settings.COUNTY)


def is_held(case: Case) -> bool:
    """Whether a legal hold lies on the case, on what it was merged into, or on their areas."""
    held, both = retention.held_now(), (case, case.main or case)
    return any(each.id in held.cases or each.path.startswith(tuple(held.paths)) for each in both)


def contacts_no_longer_held() -> list[HeldContact]:
    """Contacts of before, whose case nothing holds any more."""
    kept = HeldContact.objects.select_related("report__case__main").order_by("at")
    return [each for each in kept if not is_held(each.report.case)]


def has_messages_waiting(report: UUID) -> bool:
    """Whether something still has to be sent to the reporter: it names the phone."""
    return notices.told_to_reports([report]).filter(settled_at=None).exists()


def erasures_left() -> list[UUID]:
    """Granted ones that can be done by now: the case has ended, no legal hold lies on it."""
    ended, held = [state.value for state in ENDED], retention.held_now()
    over = Q(case__main=None, case__state__in=ended) | Q(case__main__state__in=ended)
    found = _granted_erasures().filter(over)
    found = found.exclude(case__in=held.cases).exclude(case__main__in=held.cases)
    for path in held.paths:
        found = found.exclude(case__path__startswith=path)
        found = found.exclude(case__main__path__startswith=path)
    return list(found.order_by("decided_at").values_list("id", flat=True)[:_AT_ONCE])


def _granted_erasures() -> QuerySet[DataRequest]:
    granted = RequestState.GRANTED.value
    return DataRequest.objects.filter(wish=Wish.ERASE.value, state=granted, done_at=None)


def erasure_held(id: UUID) -> DataRequest | None:
    """One that is granted and not done, held until the transaction ends; None if another did it."""
    return _held(_granted_erasures().filter(id=id))


def erasures_late(now: datetime) -> int:
    """How many could have been done for a day and are not: something stands in their way."""
    left = DataRequest.objects.filter(id__in=erasures_left(), decided_at__lt=now - LATE_AFTER)
    return left.filter(
        Q(case__main=None, case__changed_at__lt=now - LATE_AFTER)
        | Q(case__main__changed_at__lt=now - LATE_AFTER)
    ).count()


# --- copies of it --------------------------------------------------------------------------------


def copies_of(actor: Actor) -> QuerySet[Copy]:
    """The copies a resident had made and that are still there, the newest first."""
    mine = Copy.objects.filter(resident=actor.resident, ends_at__gt=clock.now())
    return mine.order_by("-asked_at", "-id")


def own_copy(actor: Actor, id: UUID) -> Copy:
    """One of them, however far it is."""
    found = copies_of(actor).filter(id=id).first()
    if found is None:
        raise NotFound()
    return found


def newest_copy(actor: Actor) -> Copy | None:
    """The last of them."""
    return copies_of(actor).first()


def ready_copy(actor: Actor, id: UUID) -> Copy:
    """One that can be fetched."""
    found = copies_of(actor).filter(id=id, state=CopyState.READY.value).first()
    if found is None:
        raise CopyNotReady()
    return found


def copy_held(id: UUID) -> Copy | None:
    """One that is being made, held until the transaction ends."""
    found = Copy.objects.select_for_update(of=("self",)).select_related("resident")
    return found.filter(id=id, state=CopyState.WORKING.value).first()


def copies_left(*, before: datetime) -> list[UUID]:
    """Those nobody has worked on since then."""
    left = Copy.objects.filter(state=CopyState.WORKING.value, touched_at__lt=before)
    return list(left.values_list("id", flat=True)[:100])


def copies_for(resident: UUID) -> list[Copy]:
    """All that were made for somebody."""
    return list(Copy.objects.filter(resident=resident))


def copies_with(report: Report) -> list[Copy]:
    """Those that may hold a report: of its account, and of whose phone it was left with."""
    whose = Q(resident=report.resident_id)
    if phone := mobile_of(report.phone):
        whose |= Q(resident__phone_index__in=blind_indexes(people.resident_text(phone)))
    return list(Copy.objects.filter(whose))


def copies_over() -> list[Copy]:
    """Those whose time is over."""
    return list(Copy.objects.filter(ends_at__lte=clock.now())[:100])
