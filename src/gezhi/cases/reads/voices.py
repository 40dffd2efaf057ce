"""Who reported, and the files of a case."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from gezhi.base import rows
from gezhi.base.actor import Actor
from gezhi.base.refusal import NotFound
from gezhi.base.sealed import blind_index, blind_indexes
from gezhi.cases import adapters, rules
from gezhi.cases.errors import CodeWrong
from gezhi.cases.models import (
    Attachment,
    Case,
    Question,
    Report,
)
from gezhi.cases.reads.parts import merged_into, open_lead_leg, reports_merged_into
from gezhi.cases.reads.seeing import looker, visible_to
from gezhi.cases.rules.sealed import Field
from gezhi.rulebook.rules import Book


def reports_of(case: Case) -> list[Report]:
    """Every voice in the case, the first reporter's first."""
    return rows.fetch(Report, "case_id = %s ORDER BY at, id", [case.id])


def said_in(case: Case) -> tuple[list[Report], list[Question]]:
    """Every voice in the case and every question asked in it, in one trip."""
    return rows.fetch_both(
        rows.Asked(Report, "case_id = %s ORDER BY at, id", [case.id]),
        rows.Asked(Question, "case_id = %s ORDER BY asked_at", [case.id]),
    )


def how_many_voices(cases: Collection[UUID], *, county: str) -> dict[UUID, tuple[int, datetime]]:
    """How many reported or joined each of these cases, and when the last of them did."""
    found = Report.objects.filter(county=county, case__in=cases).values_list("case_id")
    counted = found.annotate(Count("id"), Max("at")).order_by()
    return {case: (voices, last) for case, voices, last in counted}


def report_held(case: Case, report: UUID) -> Report:
    """One voice, held until the transaction ends."""
    found = rows.fetch(Report, "case_id = %s AND id = %s FOR NO KEY UPDATE", [case.id, report])
    if not found:
        raise NotFound()
    return found[0]


def voice_of(case: Case, report: UUID) -> Report:
    """One of those who speak in a case: who reported it, or what was merged into it."""
    for each in (*reports_of(case), *reports_merged_into(case.id)):
        if each.id == report:
            return each
    raise NotFound()


def id_of_number(number: str, *, county: str) -> UUID | None:
    """The case of a number, for who decides about cases without seeing any."""
    found = Case.objects.filter(county=county, number=number).values_list("id", flat=True)
    return found.first()


def parts_of(case: UUID, *, county: str) -> tuple[list[UUID], list[UUID]]:
    """The reports and files of a case and of what was merged into it, for who audits."""
    own = [case, *merged_into([case], (), county=county)]
    reports = Report.objects.filter(county=county, case__in=own).values_list("id", flat=True)
    files = Attachment.objects.filter(county=county, case__in=own).values_list("id", flat=True)
    return list(reports), list(files)


def numbers_of(ids: Iterable[UUID], *, county: str) -> dict[UUID, str]:
    """Under which number each of these cases, reports and files is known; others are left out."""
    wanted = list(ids)
    found = dict(Case.objects.filter(county=county, id__in=wanted).values_list("id", "number"))
    for part in (Report, Attachment):
        there = part.objects.filter(county=county, id__in=wanted)
        found |= dict(there.values_list("id", "case__number"))
    return found


def case_of_report(report: UUID) -> UUID:
    """Which case a report is of, for who has been let at the report."""
    found = Report.objects.filter(pk=report).values_list("case_id", flat=True).first()
    if found is None:
        raise NotFound()
    return found


def reports_left(ids: Iterable[UUID]) -> list[UUID]:
    """Of these reports those that still tell of somebody: a contact, words or a file is left."""
    told = ~Q(name="", phone="", address="", words="") | Q(is_first=True) & ~Q(case__what="")
    files = Attachment.objects.filter(report=OuterRef("pk"))
    found = Report.objects.filter(told | Q(Exists(files)), id__in=list(ids))
    return list(found.values_list("id", flat=True))


def reports_proven(actor: Actor) -> QuerySet[Report]:
    """The reports this actor has shown the tracking code of, the newest first."""
    return Report.objects.filter(id__in=actor.proven).select_related("case").order_by("-at")


def own_reports(resident: UUID, phone: str, *, county: str) -> list[Report]:
    """What a resident reported while signed in, or left this phone with, which is proven theirs.

    Ids and phones alone are read.
    """
    mine = Q(resident=resident) | Q(phone_index__in=blind_indexes(rules.phone_text(phone)))
    return list(Report.objects.filter(mine, county=county).only("id", "phone_index"))


def report_by_code(number: str, code: str, *, county: str) -> Report:
    """The report that number and tracking code belong to; one refusal for every mistake."""
    digests = blind_indexes(_code_text(number.strip(), code))
    found = (
        Report.objects.filter(county=county, code_digest__in=digests, case__number=number.strip())
        .select_related("case")
        .first()
    )
    if found is None:
        raise CodeWrong()
    return found


def code_digest(number: str, code: str) -> bytes:
    """The keyed digest under which a tracking code is kept."""
    return blind_index(_code_text(number, code))


def _code_text(number: str, code: str) -> str:
    return f"tracking:{number}:{rules.plain_code(code)}"


def sealed_value(case: Case, report: Report, field: Field) -> str:
    """One thing in clear. The caller has put the opening on record."""
    if field == Field.WORDS:
        is_first = report.is_first and report.case_id == case.id
        return case.what if is_first else report.words
    if field == Field.PLACE:
        return case.place
    value: str = getattr(report, field.value)
    return value


def attachments_of(case: Case) -> QuerySet[Attachment]:
    found = Attachment.objects.filter(case=case).select_related("case", "report")
    return found.order_by("at", "id")


def files_of(case: Case) -> list[Attachment]:
    """The same to be changed; a case that never had a file is not asked."""
    if case.has_files is False:
        return []
    return rows.fetch(Attachment, "case_id = %s ORDER BY at, id", [case.id])


def files_waiting(case: Case, act: rules.Act) -> list[Attachment]:
    """What came for this act and waits for it, the oldest first."""
    return [file for file in files_of(case) if file.waits_for == act]


def work_began(case: Case) -> datetime:
    """Since when files can be of the act that comes next: the work, or the look at it."""
    if case.finished_at is not None or case.state not in rules.OPEN:
        return case.finished_at or case.changed_at
    return open_lead_leg(case).opened_at


def waits_for_check(case: Case, book: Book) -> bool:
    """Whether a second person has still to look before this finished case can be closed."""
    return rules.waits_for_check(
        case.state,
        outcome=case.outcome,
        category=case.category,
        is_verified=case.is_verified,
        book=book,
    )


def attachment_for(actor: Actor, attachment_id: UUID) -> Attachment:
    """An attachment of a case the actor may see."""
    found = (
        Attachment.objects.filter(id=attachment_id, case__in=visible_to(actor))
        .select_related("case", "report")
        .first()
    )
    if found is None or not knows_voice(actor, found):
        raise NotFound()
    return found


def knows_voice(actor: Actor, file: Attachment) -> bool:
    """Whether a recording may be heard: who asked for secrecy is known by their voice."""
    if file.kind != "voice" or file.report is None or not file.report.is_secret:
        return True
    return file.report.id in actor.proven or looker(actor, file.case).is_named


def public_attachment(attachment_id: UUID) -> Attachment:
    """A picture that anybody may see: public itself, of a case reviewed as public."""
    found = Attachment.objects.filter(
        id=attachment_id,
        is_public=True,
        case__is_public=True,
        case__is_secret=False,
        media_type="image/jpeg",
    ).first()
    if found is None:
        raise NotFound()
    return found


def file_bytes(attachment: Attachment) -> bytes:
    """The clean copy of a file that was fetched through one of the guards above."""
    return adapters.read_file(attachment.county, attachment.id)


def evidence_of(case: Case) -> list[rules.Evidence]:
    """The attachments as the rules of proof see them: those of the work that goes on."""
    there = [evidence(file) for file in files_of(case)]
    return rules.of_this_work(there, since=work_began(case)) if there else []


def evidence(file: Attachment) -> rules.Evidence:
    """One of them."""
    return rules.Evidence(
        kind=file.kind,
        is_picture=file.media_type.startswith("image/"),
        lon=file.lon,
        lat=file.lat,
        taken_at=file.taken_at,
        id=file.id,
        at=file.at,
        waits_for=file.waits_for,
    )


def files_missing(folder: Path, *, county: str) -> int:
    """How many attachments have no file in a folder of files: taken away, or lost."""
    ids = Attachment.objects.filter(county=county).values_list("id", flat=True).order_by("id")
    return sum(not adapters.is_kept(folder, county, id) for id in ids.iterator(5000))


def documents(*, county: str) -> Iterator[UUID]:
    """Every file that has no clean copy: documents and recordings."""
    found = Attachment.objects.filter(county=county, kind__in=rules.DOCUMENTS)
    return found.values_list("id", flat=True).order_by("id").iterator(5000)
