"""Writing a backup: one view of the database, the files it speaks of, the keys apart."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

from gezhi.backup import reads, rules
from gezhi.backup.actions.files import Progress, alone_in, must_have_space, sealed_file
from gezhi.backup.adapters import erased, tools
from gezhi.backup.adapters.keyring import Secret
from gezhi.backup.adapters.packing import MANIFEST, Packer, files_under, must_be_usable
from gezhi.backup.errors import KeysTogether
from gezhi.backup.rules import Cipher, Keep, Kind, Manifest, fingerprints
from gezhi.cases import reads as cases
from gezhi.record import reads as record

_KEYS = ("seal.json", "secret.txt", "erased.txt")


@dataclass(frozen=True)
class Target:
    """Where a backup goes and how it is sealed."""

    folder: Path
    keys: Path | None
    secret: Secret
    cipher: Cipher = Cipher.AES
    keep: Keep = Keep()
    may_be_together: bool = False


@dataclass(frozen=True)
class Written:
    """A backup that lies where it should."""

    path: Path
    keys: Path | None
    size: int
    manifest: Manifest
    removed: tuple[str, ...]


def write(target: Target, *, moved: Progress, plan: Progress, now: datetime) -> Written:
    """Write one backup and take away those whose time is up. `plan` hears how much there is.

    Until it lies whole on the disk it has another name, and nothing older is taken away.
    """
    _must_fit(target)
    _, dumped_by = tools.find("pg_dump", least=reads.server_version())
    with alone_in(target.folder):
        tables = reads.size_of_tables()
        total = tables + sum(path.stat().st_size for path in _there(Path(settings.FILES_DIR)))
        plan(total)
        must_have_space(target.folder, total)
        with reads.snapshot() as (name, state):
            manifest = _pack(target, name, _begun(state, dumped_by), moved=moved, now=now)
        keys = _pack_keys(target, target.keys, now=now) if target.keys else None
        removed = [*_sweep(target.folder, Kind.BACKUP, target.keep)]
        if target.keys:
            removed += _sweep(target.keys, Kind.KEYS, target.keep)
    path = target.folder / rules.file_name(Kind.BACKUP, settings.COUNTY, now)
    return Written(path, keys, path.stat().st_size, manifest, tuple(removed))


def _must_fit(target: Target) -> None:
    files = Path(settings.FILES_DIR)
    for folder in (target.folder, target.keys):
        if folder is not None:
            must_be_usable(folder, outside=files)
    if target.keys is None or target.may_be_together:
        return
    here, keys = target.folder.resolve(), target.keys.resolve()
    if here == keys or here in keys.parents or keys in here.parents:
        raise KeysTogether()


def _there(folder: Path) -> Iterator[Path]:
    for path in files_under(folder) if folder.is_dir() else ():
        if path.exists():
            yield path


def _begun(state: rules.State, dumped_by: int) -> Manifest:
    return Manifest(
        id="",
        county=settings.COUNTY,
        made_at="",
        server=reads.server_version(),
        dumped_by=dumped_by,
        tables=state.tables,
        heads=state.heads,
        migrations=state.migrations,
        keys=fingerprints(Path(settings.KEY_FILE).read_bytes()),
    )


def _pack(
    target: Target, snapshot: str, begun: Manifest, *, moved: Progress, now: datetime
) -> Manifest:
    """Files first: what the snapshot speaks of lay there before it was taken."""
    program, _ = tools.find("pg_dump", least=begun.server)
    files = Path(settings.FILES_DIR)
    with sealed_file(
        target.folder, Kind.BACKUP, county=settings.COUNTY, cipher=target.cipher,
        secret=target.secret, now=now,
    ) as (sealer, header):  # fmt: skip
        packer = Packer(sealer, moved)
        if files.is_dir():
            packer.add_files(files)
        parts = tools.dump(program, reads.address_of(), snapshot=snapshot, without=reads.WITHOUT)
        for part in parts:
            packer.add_part(part)
        manifest = replace(
            begun, id=header.id, made_at=header.made_at, files=packer.files,
            file_bytes=packer.file_bytes, gone=packer.gone,
            missing=cases.files_missing(files, county=settings.COUNTY),
        )  # fmt: skip
        packer.add(MANIFEST, manifest.to_bytes())
        packer.close()
    return manifest


def _pack_keys(target: Target, folder: Path, *, now: datetime) -> Path:
    """The keys of sealed fields and of sessions, and what was erased, in a file of their own."""
    known = erased.kept(settings.GEZHI_HOME, settings.COUNTY)
    ids = sorted(known | record.erasures(county=settings.COUNTY))
    bodies = (Path(settings.KEY_FILE).read_bytes(), settings.SECRET_KEY.encode(),
              "\n".join(ids).encode())  # fmt: skip
    with sealed_file(
        folder, Kind.KEYS, county=settings.COUNTY, cipher=target.cipher,
        secret=target.secret, now=now,
    ) as (sealer, _header):  # fmt: skip
        packer = Packer(sealer, lambda _size: None)
        for name, body in zip(_KEYS, bodies, strict=True):
            packer.add(name, body)
        packer.close()
    return folder / rules.file_name(Kind.KEYS, settings.COUNTY, now)


def _sweep(folder: Path, kind: Kind, keep: Keep) -> Iterable[str]:
    """Take away what the rule doesn't keep. Files of others and of other counties are left."""
    moments = {
        moment: path
        for path in folder.iterdir()
        if (moment := rules.moment_in(path.name, kind, settings.COUNTY)) is not None
    }
    staying = rules.kept(moments, keep, ZoneInfo(settings.TIME_ZONE))
    for moment in sorted(set(moments) - staying):
        moments[moment].unlink(missing_ok=True)
        yield moments[moment].name
