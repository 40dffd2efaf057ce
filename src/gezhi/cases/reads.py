"""Fetching cases: every read starts from what the actor may see."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from gezhi.base.actor import Actor
from gezhi.base.refusal import NotFound
from gezhi.base.sealed import blind_index
from gezhi.cases import adapters, rules
from gezhi.cases.errors import CodeWrong
from gezhi.cases.models import (
    Approval,
    Attachment,
    Case,
    ClockEntry,
    HistoryLine,
    Leg,
    Question,
    Report,
    Visit,
)
from gezhi.cases.rules.moves import ENDED, State
from gezhi.cases.rules.numbers import begins_number, is_number
from gezhi.cases.rules.words import query_words
from gezhi.people import reads as people
from gezhi.record import reads as record
from gezhi.record import rules as record_rules

Ref = UUID | str


def visible_to(actor: Actor) -> QuerySet[Case]:
    """The cases this actor may know about. Lists and single reads both start here."""
    cases = Case.objects.all()
    if actor.is_system:
        return cases
    seen: Any = Q(pk__in=[])  # Q and Exists mix; the stubs know only one at a time
    for path in actor.paths("case.read_area"):
        seen |= Q(path__startswith=path)
    if units := [post.unit for post in actor.posts if "case.read" in post.rights]:
        legs = Leg.objects.filter(case=OuterRef("pk"), unit__in=units)
        seen |= Q(holder__in=units) | Q(centre__in=units) | Exists(legs)
    if actor.proven:
        seen |= Exists(Report.objects.filter(case=OuterRef("pk"), id__in=actor.proven))
    return cases.filter(seen)


def held_by(actor: Actor) -> QuerySet[Case]:
    """The open cases that lie with one of the actor's units now."""
    return Case.objects.filter(holder__in=actor.units).exclude(
        state__in=[state.value for state in ENDED]
    )


def called_to_help(actor: Actor) -> QuerySet[Case]:
    """The cases on which one of the actor's units has an open joint leg."""
    legs = Leg.objects.filter(
        case=OuterRef("pk"), role="joint", ended_at__isnull=True, unit__in=actor.units
    )
    return Case.objects.filter(Exists(legs))


def _named(cases: QuerySet[Case], ref: Ref) -> QuerySet[Case]:
    if isinstance(ref, UUID):
        return cases.filter(pk=ref)
    try:
        return cases.filter(pk=UUID(ref))
    except ValueError:
        return cases.filter(number=ref)


def case_for(actor: Actor, ref: Ref) -> Case:
    """The case with this id or number, if the actor may see it."""
    case = _named(visible_to(actor), ref).first()
    if case is None:
        raise NotFound()
    return case


def case_to_change(actor: Actor, ref: Ref) -> Case:
    """Like `case_for`, holding the row until the transaction ends."""
    case = _named(Case.objects.all(), ref).select_for_update().defer("words").first()
    if case is None or not _may_see(actor, case):
        raise NotFound()
    return case


def _may_see(actor: Actor, case: Case) -> bool:
    """Whether the case is among `visible_to`; the two plain reasons need no question."""
    if actor.is_system or any(case.path.startswith(path) for path in actor.paths("case.read_area")):
        return True
    if actor.may_in("case.read", (case.holder_id, case.centre_id)):
        return True
    return visible_to(actor).filter(pk=case.pk).exists()


def case_to_follow(ref: Ref, *, county: str) -> Case:
    """An open case of the county that a resident was shown as "the same nearby", held."""
    case = (
        _named(Case.objects.filter(county=county), ref)
        .filter(state__in=[state.value for state in rules.OPEN])
        .select_for_update()
        .first()
    )
    if case is None:
        raise NotFound()
    return case


def case_held(case_id: UUID) -> Case:
    """The case behind one the actor has already been let at, held (a main case, a reopened one)."""
    return Case.objects.select_for_update().get(pk=case_id)


def situation(case: Case, actor: Actor) -> rules.Situation:
    """What of the case decides who may do what; of its reporters, those who are this actor."""
    reporters = (
        frozenset(
            Report.objects.filter(case=case, id__in=actor.proven).values_list("id", flat=True)
        )
        if actor.proven
        else frozenset()
    )
    return rules.Situation(
        state=State(case.state),
        holder=case.holder_id,
        centre=case.centre_id,
        path=case.path,
        is_paused=case.paused_until is not None,
        joint_units=joint_units(case),
        finished_by=case.finished_by,
        reporters=reporters,
    )


def joint_units(case: Case) -> frozenset[UUID]:
    """The units called to help that have not finished; only work under way has any."""
    if case.state != State.HANDLING:
        return frozenset()
    legs = Leg.objects.filter(case=case, role="joint", ended_at__isnull=True)
    return frozenset(legs.values_list("unit_id", flat=True))


def moves_for(actor: Actor, case: Case) -> tuple[rules.Act, ...]:
    """Every act this actor could make on this case now."""
    return rules.moves_open_to(situation(case, actor), actor)


def search(cases: QuerySet[Case], typed: str) -> QuerySet[Case]:
    """Those of `cases` that match a number, or all of the typed words."""
    typed = typed.strip()[:200]
    if not typed:
        return cases
    # One or the other, never both at once: the planner can use an index for each alone.
    if is_number(typed):
        return cases.filter(number=typed)
    if begins_number(typed) or not (words := query_words(typed)):
        return cases.filter(number__startswith=typed)
    return cases.filter(words=SearchQuery(words, config="simple", search_type="raw"))


def history_of(case: Case) -> QuerySet[HistoryLine]:
    return HistoryLine.objects.filter(case=case).order_by("seq")


def legs_of(case: Case) -> QuerySet[Leg]:
    return Leg.objects.filter(case=case).order_by("opened_at", "id")


def units_of_legs(legs: Iterable[UUID]) -> dict[UUID, UUID]:
    """Which unit each of these legs is of."""
    return dict(Leg.objects.filter(id__in=list(legs)).values_list("id", "unit_id"))


def open_lead_leg(case: Case) -> Leg:
    """The leg of the unit that holds the case."""
    return Leg.objects.get(case=case, role="lead", ended_at__isnull=True)


def open_joint_leg(case: Case, units: Iterable[UUID]) -> Leg | None:
    """An open joint leg of one of `units`, the oldest first."""
    return (
        Leg.objects.filter(case=case, role="joint", ended_at__isnull=True, unit__in=list(units))
        .order_by("opened_at")
        .first()
    )


def joint_leg(case: Case, leg: UUID) -> Leg:
    found = Leg.objects.filter(case=case, id=leg, role="joint", ended_at__isnull=True).first()
    if found is None:
        raise NotFound()
    return found


def clock_of(case_id: UUID) -> list[rules.Entry]:
    """The clock ledger as the rules read it, in order."""
    return [
        rules.Entry(rules.EntryKind(row.kind), row.at, row.unit_id, row.until)
        for row in ClockEntry.objects.filter(case=case_id).order_by("at", "id")
    ]


def clock_rows(case: Case) -> QuerySet[ClockEntry]:
    return ClockEntry.objects.filter(case=case).order_by("at", "id")


def count_of(case: Case, kind: rules.EntryKind) -> int:
    return ClockEntry.objects.filter(case=case, kind=kind).count()


def pauses_asked(case: Case) -> int:
    """How often a pause was granted; questions to the reporter do not count."""
    return (
        ClockEntry.objects.filter(case=case, kind=rules.EntryKind.PAUSE)
        .exclude(reason="asked")
        .count()
    )


def approvals_for(actor: Actor) -> QuerySet[Approval]:
    """What waits for this actor's decision, the oldest first."""
    mine = Q(pk__in=[])
    for path in actor.paths("case.approve"):
        mine |= Q(case__path__startswith=path)
    return (
        Approval.objects.filter(mine, decided_at__isnull=True)
        .exclude(asked_by=actor.label)
        .select_related("case")
        .order_by("asked_at")
    )


def approvals_of(case: Case) -> QuerySet[Approval]:
    return Approval.objects.filter(case=case).order_by("-asked_at")


def approval(case: Case, approval_id: UUID) -> Approval | None:
    return Approval.objects.filter(case=case, id=approval_id, decided_at__isnull=True).first()


def questions_of(case: Case) -> QuerySet[Question]:
    return Question.objects.filter(case=case).order_by("asked_at")


def open_question(case: Case, kind: str) -> Question | None:
    return (
        Question.objects.filter(case=case, kind=kind, answered_at__isnull=True)
        .order_by("asked_at")
        .first()
    )


def visits_of(case: Case) -> QuerySet[Visit]:
    return Visit.objects.filter(case=case).order_by("at")


def to_visit(actor: Actor) -> QuerySet[Case]:
    """Finished cases in the actor's areas that wait for a return visit, the oldest first."""
    mine = Q(pk__in=[])
    for path in actor.paths("case.visit_back"):
        mine |= Q(path__startswith=path)
    return (
        Case.objects.filter(mine, state=State.DONE.value)
        .annotate(tries=Count("visits"))
        .order_by("finished_at")
    )


def reports_of(case: Case) -> QuerySet[Report]:
    """Every voice in the case, the first reporter's first."""
    return Report.objects.filter(case=case).order_by("at", "id")


def reports_proven(actor: Actor) -> QuerySet[Report]:
    """The reports this actor has shown the tracking code of, the newest first."""
    return Report.objects.filter(id__in=actor.proven).select_related("case").order_by("-at")


def report_by_code(number: str, code: str, *, county: str) -> Report:
    """The report that number and tracking code belong to; one refusal for every mistake."""
    digest = code_digest(number.strip(), code)
    found = (
        Report.objects.filter(county=county, code_digest=digest, case__number=number.strip())
        .select_related("case")
        .first()
    )
    if found is None:
        raise CodeWrong()
    return found


def code_digest(number: str, code: str) -> bytes:
    """The keyed digest under which a tracking code is kept."""
    return blind_index(f"tracking:{number}:{rules.plain_code(code)}")


def attachments_of(case: Case) -> QuerySet[Attachment]:
    return Attachment.objects.filter(case=case).order_by("at", "id")


def attachment_for(actor: Actor, attachment_id: UUID) -> Attachment:
    """An attachment of a case the actor may see."""
    found = (
        Attachment.objects.filter(id=attachment_id, case__in=visible_to(actor))
        .select_related("case")
        .first()
    )
    if found is None:
        raise NotFound()
    return found


def public_attachment(attachment_id: UUID) -> Attachment:
    """A picture that anybody may see: public itself, of a case reviewed as public."""
    found = Attachment.objects.filter(
        id=attachment_id, is_public=True, case__is_public=True, media_type="image/jpeg"
    ).first()
    if found is None:
        raise NotFound()
    return found


def file_bytes(attachment: Attachment) -> bytes:
    """The clean copy of a file that was fetched through one of the guards above."""
    return adapters.read_file(attachment.county, attachment.id)


def evidence_of(case: Case) -> list[rules.Evidence]:
    """The attachments as the rules of proof see them."""
    return [
        rules.Evidence(
            kind=item.kind,
            is_picture=item.media_type.startswith("image/"),
            lon=item.lon,
            lat=item.lat,
            taken_at=item.taken_at,
        )
        for item in Attachment.objects.filter(case=case)
    ]


def public_cases(*, county: str) -> QuerySet[Case]:
    """Cases whose category is public and which were reviewed."""
    return Case.objects.filter(county=county, is_public=True)


def alike_nearby(
    *, county: str, cells: Iterable[str], since: Any, category: str = ""
) -> QuerySet[Case]:
    """Open cases in these H3 cells since then, of a category where one is asked for."""
    found = Case.objects.filter(
        county=county,
        h3__in=list(cells),
        opened_at__gte=since,
        state__in=[State.REPORTED, State.ACCEPTED, State.ASSIGNED, State.HANDLING],
    )
    if category:
        found = found.filter(Q(category=category) | Q(proposed_category=category))
    return found.order_by("-opened_at")


def state_counts(cases: QuerySet[Case]) -> dict[str, int]:
    """How many of `cases` are in each state."""
    return dict(cases.order_by().values_list("state").annotate(Count("id")))


def next_serial() -> int:
    """The next case serial; a sequence, so that writers never wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('cases_case_serial')")
        row = cursor.fetchone()
    return int(row[0])


def unit_of(actor: Actor, case: Case) -> UUID | None:
    """The unit in whose name the actor acts on this case, for the record."""
    for unit in (case.holder_id, case.centre_id):
        if unit in actor.units:
            return unit
    return next((post.unit for post in actor.posts), None)


def line_values(line: HistoryLine) -> dict[str, Any]:
    """What of a history line goes into its hash."""
    return {
        "case": line.case_id,
        "seq": line.seq,
        "at": line.at.isoformat(),
        "act": line.act,
        "actor": line.actor,
        "unit": line.unit_id,
        "was": line.was,
        "state": line.state,
        "holder": line.holder_id,
        "reason": line.reason,
        "data": line.data,
        "words": line.words_digest,
    }


def faults_in_chain(case: Case, lines: Iterable[HistoryLine]) -> Iterator[str]:
    """What does not fit in one case's history: altered, removed, added or reordered lines."""
    before, seq = b"", 0
    for line in lines:
        seq += 1
        if line.seq != seq:
            yield f"case {case.number}: line {seq} is missing, line {line.seq} stands there"
            seq = line.seq
        if line.words and line.words_digest != record_rules.words_digest(line.salt, line.words):
            yield f"case {case.number}: the words of line {line.seq} were altered"
        if bytes(line.hash) != record_rules.chain_hash(before, line_values(line)):
            yield f"case {case.number}: line {line.seq} was altered or does not follow"
        before = bytes(line.hash)
    if seq != case.lines or before != bytes(case.head):
        yield f"case {case.number}: the history ends at line {seq}, the case says {case.lines}"


def faults_in_chains(*, county: str) -> Iterator[str]:
    """Walk every case's history; say in words what does not fit. Streams, in bounded memory."""
    lines = HistoryLine.objects.filter(county=county).order_by("case_id", "seq").iterator(2000)
    waiting = next(lines, None)
    for case in Case.objects.filter(county=county).order_by("id").iterator(1000):
        own = []
        while waiting is not None and waiting.case_id <= case.id:
            if waiting.case_id == case.id:
                own.append(waiting)
            waiting = next(lines, None)
        yield from faults_in_chain(case, own)
        yield from _faults_against_book(case)


def _faults_against_book(case: Case) -> Iterator[str]:
    """The sealed book remembers how far each history went: a cut end shows there."""
    last = record.facts_about(f"case:{case.id}", county=case.county).last()
    if last is None:
        yield f"case {case.number}: the book of facts does not know it"
    elif (last.data["seq"], last.data["hash"]) != (case.lines, bytes(case.head).hex()):
        yield (
            f"case {case.number}: the book of facts tells of line {last.data['seq']},"
            f" the history ends at {case.lines}"
        )


def names_of_units(cases: Iterable[Case]) -> dict[UUID, str]:
    """The names of the units that hold or lead these cases, in one go."""
    ids = {case.holder_id for case in cases} | {case.centre_id for case in cases}
    return people.unit_names(ids)
