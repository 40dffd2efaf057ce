"""The runs and the files: what was tried, what lies there, whether all is well."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from gezhi.backup import rules
from gezhi.backup.adapters.sealing import Header, read_header
from gezhi.backup.models import Run
from gezhi.backup.rules import Kind, Work
from gezhi.base.actor import Actor
from gezhi.base.refusal import NotFound, Refusal

RIGHT = "backup.manage"


def may_manage(actor: Actor) -> bool:
    """Whether somebody looks after the whole deployment: a town's administrator does not."""
    return actor.may(RIGHT, path=settings.COUNTY)


def newest_runs(actor: Actor) -> QuerySet[Run]:
    """What was tried, the newest first."""
    actor.must(RIGHT, path=settings.COUNTY)
    return Run.objects.filter(county=settings.COUNTY).order_by("-began_at", "-id")


def run_for(actor: Actor, id: UUID) -> Run:
    """One of them."""
    found = newest_runs(actor).filter(pk=id).first()
    if found is None:
        raise NotFound()
    return found


def running(now: datetime) -> Run | None:
    """The run that is under way, if there is one; what has been silent was broken off."""
    waiting = Run.objects.filter(county=settings.COUNTY, finished_at__isnull=True)
    return waiting.filter(touched_at__gt=now - rules.SILENT_FOR).order_by("-began_at").first()


def tries_since(moment: datetime) -> list[rules.Try]:
    """The backups that were tried, for the schedule; one written elsewhere is not tonight's."""
    there = _names_there()
    runs = Run.objects.filter(
        county=settings.COUNTY, work=Work.WRITE.value, began_at__gte=moment
    ).values_list("began_at", "is_fine", "name")
    return [rules.Try(began, bool(is_fine) and name in there) for began, is_fine, name in runs]


def _names_there() -> set[str]:
    """The backups that lie where they should now: a row alone brings nothing back."""
    folder = Path(settings.BACKUP_TO) if settings.BACKUP_TO else None
    return {path.name for path in folder.iterdir()} if folder and folder.is_dir() else set()


@dataclass(frozen=True)
class Lying:
    """A file in the folder of backups, as its header says (which nobody has vouched for)."""

    name: str
    made_at: datetime
    size: int
    header: Header | None
    verified_at: datetime | None = None
    has_keys: bool = False


def lying_in(folder: Path, kind: Kind = Kind.BACKUP) -> list[Lying]:
    """The files of this county that lie in a folder, the newest first."""
    found = []
    for path in folder.iterdir() if folder.is_dir() else ():
        made_at = rules.moment_in(path.name, kind, settings.COUNTY)
        if made_at is not None:
            found.append(Lying(path.name, made_at, path.stat().st_size, _header(path)))
    found.sort(key=lambda each: each.made_at, reverse=True)
    return _with_proof(found)


def _header(path: Path) -> Header | None:
    try:
        with path.open("rb") as file:
            return read_header(file, path.name)[0]
    except (Refusal, OSError):
        return None


def _with_proof(found: list[Lying]) -> list[Lying]:
    ids = {each.header.id for each in found if each.header}
    proofs: dict[str, datetime] = {}
    keys: set[str] = set()
    for run in Run.objects.filter(backup__in=ids, is_fine=True).order_by("finished_at"):
        if run.work == Work.VERIFY and run.finished_at:
            proofs[run.backup] = run.finished_at
        if run.has_keys:
            keys.add(run.backup)
    return [
        Lying(
            each.name, each.made_at, each.size, each.header,
            proofs.get(each.header.id) if each.header else None,
            bool(each.header and each.header.id in keys),
        )
        for each in found
    ]  # fmt: skip


@dataclass(frozen=True)
class Health:
    """Whether somebody should do something about backups.

    What was fine is so only while its file lies in the folder of backups.
    """

    last: Run | None
    last_fine: Run | None
    last_proof: Run | None
    last_verified: Run | None
    is_overdue: bool
    is_unproved: bool

    @property
    def has_failed(self) -> bool:
        """The newest try came to nothing."""
        return self.last is not None and self.last.is_fine is False

    @property
    def proof_has_failed(self) -> bool:
        """The newest proof of what lies there found a fault."""
        return self.last_proof is not None and self.last_proof.is_fine is False


def health(now: datetime) -> Health:
    """How backups stand: for the page, for `gezhi doctor`."""
    ours = Run.objects.filter(county=settings.COUNTY)
    written, verified = ours.filter(work=Work.WRITE.value), ours.filter(work=Work.VERIFY.value)
    last = written.filter(finished_at__isnull=False).order_by("-began_at").first()
    there = _names_there()
    fine = written.filter(is_fine=True, name__in=there).order_by("-began_at").first()
    proofs = verified.filter(finished_at__isnull=False, name__in=there).order_by("-finished_at")
    proof = proofs.filter(is_fine=True).first()

    def is_old(run: Run | None, most: timedelta) -> bool:
        return run is None or now - run.began_at > most

    return Health(
        last=last,
        last_fine=fine,
        last_proof=proofs.first(),
        last_verified=proof,
        is_overdue=is_old(fine, rules.OVERDUE_AFTER),
        is_unproved=is_old(proof, rules.VERIFIED_EVERY + timedelta(days=1)),
    )


def to_be_proved(now: datetime) -> str:
    """The newest backup's name when it is time to prove one; "" when it isn't.

    One that failed its proof is not tried again: the page and `gezhi doctor` say so, and the
    next one is proved when it is there.
    """
    found = health(now)
    fine, proof = found.last_fine, found.last_verified
    if fine is None or (proof is not None and now - proof.began_at < rules.VERIFIED_EVERY):
        return ""
    tried = Run.objects.filter(work=Work.VERIFY.value, began_at__gte=fine.began_at)
    return "" if tried.exists() else fine.name
