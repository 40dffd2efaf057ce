"""The rows of runs: asked for, under way, how it ended; and the nightly schedule."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _

from gezhi.backup import reads, rules
from gezhi.backup.actions.erasing import keep_erasures
from gezhi.backup.actions.restoring import Restored
from gezhi.backup.actions.verifying import sweep_proofs, verify
from gezhi.backup.actions.writing import Target, Written, write
from gezhi.backup.adapters.keyring import Secret
from gezhi.backup.errors import BackupRuns, NoBackupFolder
from gezhi.backup.models import Run
from gezhi.backup.rules import Cipher, Keep, Work
from gezhi.base import clock, slices
from gezhi.base.actor import Actor, system
from gezhi.base.refusal import NotFound, Refusal
from gezhi.record import actions as record
from gezhi.record.rules import AuditKind

_JOB = "gezhi.backup.jobs.run_backup"
_SAID_EVERY = 1.0  # seconds
_BEATS_EVERY = 60.0
_log = structlog.get_logger("gezhi.backup")
T = TypeVar("T")


def target() -> Target:
    """Where backups go by the settings."""
    if not settings.BACKUP_TO:
        raise NoBackupFolder()
    return Target(
        folder=Path(settings.BACKUP_TO),
        keys=Path(settings.BACKUP_KEYS_TO) if settings.BACKUP_KEYS_TO else None,
        secret=secret(),
        cipher=Cipher(settings.BACKUP_CIPHER),
        keep=Keep.read(settings.BACKUP_KEEP),
    )


def secret() -> Secret:
    """What backups are sealed with by the settings."""
    return Secret(settings.BACKUP_KEY, settings.BACKUP_PASSPHRASE)


@transaction.atomic
def ask_for(work: Work, *, name: str = "", actor: Actor) -> Run:
    """Leave a backup, or the proof of one, to the worker."""
    actor.must(reads.RIGHT, path=settings.COUNTY)
    folder = target().folder
    now = clock.now()
    if reads.running(now) is not None:
        raise BackupRuns(folder=folder)
    if work is Work.VERIFY and name not in {each.name for each in reads.lying_in(folder)}:
        raise NotFound()
    run = _begin(work, name, actor)
    slices.queue_once(_JOB, lock=f"backup:{run.id}", run_id=str(run.id))
    return run


def _begin(work: Work, name: str, actor: Actor) -> Run:
    now = clock.now()
    return Run.objects.create(
        county=settings.COUNTY,
        work=work.value,
        actor=actor.label,
        name=name,
        began_at=now,
        touched_at=now,
    )


def work_on(run_id: UUID) -> None:
    """The worker's part of a run that was asked for. One that has begun is not begun again."""
    run = Run.objects.filter(pk=run_id, finished_at__isnull=True, done=0).first()
    if run is None:
        return
    actor = Actor(label=run.actor, kind="staff")
    try:
        if run.work == Work.WRITE:
            _write(run, target(), actor)
        else:
            _verify(run, target().folder / run.name, secret(), actor)
    except Exception as error:  # noqa: BLE001  # it stands in the row, and in the log
        _log.exception("a backup came to nothing", run=str(run.id), error=str(error))


def write_now(to: Target, *, actor: Actor, heard: Callable[[int, int], None]) -> Written:
    """Write a backup here and now; `heard` is told how far it is."""
    return _write(_begin(Work.WRITE, "", actor), to, actor, heard)


def verify_now(
    path: Path, sealed_with: Secret, *, actor: Actor, heard: Callable[[int, int], None]
) -> Restored:
    """Prove a backup here and now."""
    return _verify(_begin(Work.VERIFY, path.name, actor), path, sealed_with, actor, heard)


def _silent(_done: int, _total: int) -> None:
    return


@dataclass
class _Meter:
    """Tells how far a run is: to whoever listens, and once a second in its row."""

    run: Run
    heard: Callable[[int, int], None]
    told_at: float = 0.0
    home: BaseDatabaseWrapper = field(default_factory=reads.connection_now)

    def plan(self, total: int) -> None:
        self.run.total = total
        self._tell()

    def moved(self, size: int) -> None:
        self.run.done += size
        if time.monotonic() - self.told_at >= _SAID_EVERY:
            self._tell()

    def _tell(self) -> None:
        self.told_at = time.monotonic()
        self.run.touched_at = clock.now()
        with reads.speaking_over(self.home):  # it may be in the middle of another database
            self.run.save(update_fields=["done", "total", "touched_at"])
        self.heard(self.run.done, self.run.total)


def _write(
    run: Run, to: Target, actor: Actor, heard: Callable[[int, int], None] = _silent
) -> Written:
    meter = _Meter(run, heard)

    def do() -> Written:
        made = write(to, moved=meter.moved, plan=meter.plan, now=clock.now())
        run.name, run.backup, run.size = made.path.name, made.manifest.id, made.size
        run.rows, run.files = sum(made.manifest.tables.values()), made.manifest.files
        run.has_keys = made.keys is not None
        return made

    return _ended(run, do, actor)


def _verify(
    run: Run,
    path: Path,
    sealed_with: Secret,
    actor: Actor,
    heard: Callable[[int, int], None] = _silent,
) -> Restored:
    meter = _Meter(run, heard)

    def do() -> Restored:
        run.size = path.stat().st_size if path.exists() else 0
        meter.plan(2 * run.size)  # it is read twice: to look, and to restore
        found = verify(
            path, secret=sealed_with, key_file=settings.KEY_FILE, room=settings.GEZHI_HOME,
            moved=meter.moved,
        )  # fmt: skip
        run.backup, run.files = found.manifest.id, found.manifest.files
        run.rows = found.rows
        if found.faults:
            words = _("能恢复，但备份之前已有改动：%(faults)s")
            run.fault = words % {"faults": "; ".join(found.faults[:5])}
        return found

    return _ended(run, do, actor)


def _ended(run: Run, do: Callable[[], T], actor: Actor) -> T:
    """Do it, and write down how it ended, also when it broke or found a fault."""
    try:
        with _beating(run):
            found = do()
    except Exception as error:
        _end(run, actor, fault=_words(error))
        raise
    _end(run, actor, fault=run.fault)
    return found


@contextmanager
def _beating(run: Run) -> Iterator[None]:
    """Says that it is still at it while no byte moves: indexes are built, chains are compared."""
    over = threading.Event()

    def beat() -> None:
        try:
            while not over.wait(_BEATS_EVERY):
                with suppress(DatabaseError):  # the next beat tries again
                    alive = Run.objects.filter(pk=run.pk, finished_at__isnull=True)
                    alive.update(touched_at=clock.now())
        finally:
            connections.close_all()

    beating = threading.Thread(target=beat, daemon=True)
    beating.start()
    try:
        yield
    finally:
        over.set()
        beating.join()


def _words(error: Exception) -> str:
    if isinstance(error, Refusal):
        return str(error)
    return _("意外停止：%(error)s") % {"error": f"{type(error).__name__}: {error}"[:300]}


@transaction.atomic
def _end(run: Run, actor: Actor, *, fault: str) -> None:
    if not Run.objects.select_for_update().filter(pk=run.pk, finished_at=None).exists():
        return  # it was taken for broken off, and that stands on the audit
    now = clock.now()
    run.finished_at = run.touched_at = now
    run.is_fine, run.fault = not fault, fault[:1000]
    run.save()
    record.note(
        AuditKind.BACKUP,
        about=f"backup:{run.backup}" if run.backup else f"run:{run.id}",
        data={"work": run.work, "fine": run.is_fine, "size": run.size, "rows": run.rows,
              "files": run.files, "keys": run.has_keys},
        county=run.county,
        actor=actor,
        now=now,
    )  # fmt: skip


def look_after() -> None:
    """Begin what is due, end what was broken off, take leftovers away, keep what was erased.

    Each by itself: what one of them stumbles over stops no other, least of all the backup.
    """
    broken = []
    for do in (_begin_what_is_due, sweep, _sweep_proofs, keep_erasures):
        try:
            do()
        except Exception as error:  # noqa: BLE001  # told below
            broken.append(error)
    if broken:
        raise ExceptionGroup("looking after backups", broken)


def _begin_what_is_due() -> None:
    """The nightly backup, and once a week the proof of the newest one."""
    if not settings.BACKUP_TO or reads.running(clock.now()) is not None:
        return
    now, actor = clock.now(), system("backup")
    due = rules.last_due(now, rules.read_time(settings.BACKUP_AT), ZoneInfo(settings.TIME_ZONE))
    if rules.is_due(now, due, reads.tries_since(due)):
        ask_for(Work.WRITE, actor=actor)
    elif name := reads.to_be_proved(now):
        ask_for(Work.VERIFY, name=name, actor=actor)


def _sweep_proofs() -> None:
    sweep_proofs(settings.GEZHI_HOME)


@transaction.atomic
def sweep() -> None:
    """What was broken off has failed; what is older than a year goes away."""
    now = clock.now()
    ours = Run.objects.filter(county=settings.COUNTY)
    for run in ours.filter(finished_at__isnull=True, touched_at__lte=now - rules.SILENT_FOR):
        _end(run, system("backup"), fault=_("中断了：进程停止，或者机器重启。"))
    ours.filter(began_at__lt=now - timedelta(days=400)).delete()
