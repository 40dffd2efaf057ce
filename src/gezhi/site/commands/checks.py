"""`gezhi doctor`: is everything in order, and what to type where it isn't."""

import shutil
import subprocess
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from gezhi.site.commands import house

if TYPE_CHECKING:
    from gezhi.rulebook.rules import UnknownYear

CLOCKS_APART = 5.0  # seconds
LEAST_DISK = 2  # GB
# 🚰; fonts that are no emoji fonts know the faces, but not this one.
_EMOJI = "1f6b0"
_EMOJI_HINT = (
    "apt-get install fonts-noto-color-emoji"
    "（可选：群众写的表情才看得见 / optional: to see the emoji people write）"
)


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `mend` says what to type and is empty where all is well.

    `hint` says what would be nicer; nothing is wrong without it.
    """

    about: str
    said: str
    mend: str = ""
    hint: str = ""

    def lines(self) -> Iterator[str]:
        """How it is told."""
        sign = "✗" if self.mend else "!" if self.hint else "✓"
        yield f"{sign} {self.about}: {self.said}"
        if self.mend:
            yield f"    → {self.mend}"
        if self.hint:
            yield f"    · {self.hint}"


def register(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor(
    deploy: Annotated[bool, typer.Option(help="Also what a site that others reach needs.")] = False,
) -> None:
    """体检：设置、数据库、时钟、磁盘、字体。 What is wrong, and what to type."""
    from gezhi.site.commands import deploying

    ill = 0
    besides = (deploying.findings,) if deploy else ()
    with house.opened(asks=False):
        looks = (
            _settings,
            _keys,
            _disk,
            _fonts,
            _front_end,
            _database,
            _backups,
            _erasures,
            _webhooks,
            _peers,
        )
        for look in (*looks, *besides):
            for finding in _examined(look):
                ill += bool(finding.mend)
                for line in finding.lines():
                    typer.echo(line)
    raise typer.Exit(1 if ill else 0)


def _examined(look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """A look that breaks is a finding too."""
    try:
        yield from look()
    except Exception as error:  # noqa: BLE001  # whatever it was, the others go on
        yield Finding(
            look.__name__.strip("_"), f"{type(error).__name__}: {error}", "见上 / see above"
        )


def _settings() -> Iterator[Finding]:
    from django.conf import settings
    from django.core.checks import WARNING, run_checks

    problems = [each for each in run_checks() if each.level >= WARNING]
    for problem in problems:
        yield Finding(
            "设置 / settings", f"{problem.id} {problem.msg}", problem.hint or "docs/settings.md"
        )
    if not problems:
        yield Finding("设置 / settings", f"GEZHI_HOME={settings.GEZHI_HOME}")
    public = {"127.0.0.1", "localhost", "[::1]", "testserver"}
    if not settings.SECURE and set(settings.ALLOWED_HOSTS) - public:
        yield Finding(
            "HTTPS", f"{', '.join(settings.ALLOWED_HOSTS)} without HTTPS",
            "GEZHI_HTTPS=yes, behind a proxy that speaks TLS",
        )  # fmt: skip


def _keys() -> Iterator[Finding]:
    """Whether this machine can use the keys, and what the next one is for."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from django.conf import settings

    from gezhi.base import sealed

    about = "密钥 / keys"
    suite = sealed.SUITES[settings.CIPHER]
    try:
        for index in (False, True):
            key = sealed.new_key(settings.CIPHER, index=index)
            key.digest("") if index else key.cipher.encrypt(bytes(12), b"", b"")
        found = sealed.keys()
        found.open(found.seal(b"", b""), b"")
        found.digest("", found.current_index)
    except UnsupportedAlgorithm:
        said = f"这台机器的 OpenSSL 没有 {suite.sealing} / this machine's OpenSSL lacks it"
        mend = "GEZHI_CIPHER=aes；或 / or pip install --force-reinstall cryptography"
        yield Finding(about, said, mend)
        return
    now = found.sealing[found.current].algorithm, found.index[found.current_index].algorithm
    hint = ""
    if now != (suite.sealing, suite.index):
        hint = f"GEZHI_CIPHER={settings.CIPHER}: gezhi keys rotate; gezhi keys rotate --index"
    yield Finding(about, f"第 {found.current} 版 {now[0]}，索引 / index {now[1]}", hint=hint)


def _database() -> Iterator[Finding]:
    from django.db import connection

    from gezhi.site.commands.database import trouble_with

    # Asked apart first: Django gives no reason that says what to type.
    if trouble := trouble_with(house.database_address()):
        yield Finding("数据库 / database", trouble.said, trouble.mend)
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, clock_timestamp()")
        number, there = cursor.fetchone()
    yield Finding("数据库 / database", f"PostgreSQL {number // 10000}")
    yield clock_finding(datetime.now(UTC), there)
    yield from _archiving()
    yield from _rights()
    yield from _tables()


def _archiving() -> Iterator[Finding]:
    """Whether a server that keeps its log, to go back to any moment, does keep it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT last_archived_time, last_failed_time, last_failed_wal"
            " FROM pg_stat_archiver WHERE current_setting('archive_mode') <> 'off'"
        )
        found = cursor.fetchone()
    if found:
        yield archive_finding(*found)


def archive_finding(kept: datetime | None, failed: datetime | None, name: str | None) -> Finding:
    """Whether the last piece of the log that the server put away went where it should."""
    about = "数据库日志归档 / archived log"
    if failed and (kept is None or kept < failed):
        return Finding(
            about, f"{failed:%Y-%m-%d %H:%M}Z {name} 没有归档成功 / not put away: pg_wal grows",
            "看 PostgreSQL 的日志，修好 archive_command（docs/backup.md）",
        )  # fmt: skip
    return Finding(about, f"{kept:%Y-%m-%d %H:%M}Z" if kept else "还没有 / nothing yet")


def _rights() -> Iterator[Finding]:
    """Whether the application could change what is on record."""
    import psycopg

    from gezhi.site import rights

    with psycopg.connect(house.database_address()) as connection:
        found = rights.excess(connection)
        role = str(connection.info.user)
    about = "数据库角色 / the role"
    if not found:
        yield Finding(about, f"{role} 不能改动记录 / can't change what is on record")
    elif any(each.is_owner for each in found):
        yield Finding(
            about, f"{role} 拥有数据表，可以改动记录 / owns the tables: may change the record",
            "sudo -u postgres psql -c 'CREATE ROLE gezhi_app LOGIN' -c '\\password gezhi_app' ;  "
            "GEZHI_OWNER_DATABASE_URL=$DATABASE_URL "
            "DATABASE_URL=postgresql://gezhi_app:…@host/name gezhi migrate",
        )  # fmt: skip
    else:
        said = ", ".join(f"{each.table} ({' '.join(each.rights)})" for each in found)
        yield Finding(
            about, f"{role} 可以改动 / may change {said}",
            "GEZHI_OWNER_DATABASE_URL=postgresql://owner:…@host/name gezhi migrate",
        )  # fmt: skip


def clock_finding(here: datetime, there: datetime) -> Finding:
    """Whether this machine and the database agree on the time; deadlines need them to."""
    apart = abs((here - there).total_seconds())
    return Finding(
        "时钟 / clock", f"与数据库相差 {apart:.1f} s / from the database's",
        "" if apart < CLOCKS_APART else "timedatectl set-ntp true",
    )  # fmt: skip


def _tables() -> Iterator[Finding]:
    from django.conf import settings

    from gezhi.base.refusal import Refusal
    from gezhi.rulebook import reads as rulebook
    from gezhi.site import prepare
    from gezhi.site.commands.database import trouble_with

    waiting = prepare.waiting_migrations()
    if waiting:
        said = f"{len(waiting)} 个更新未执行 / updates are waiting"
        barred = trouble_with(house.owner_address(), to_make_tables=True)
        yield Finding("数据表 / tables", barred.said if barred else said,
                      barred.mend if barred else "gezhi migrate")  # fmt: skip
        return
    yield Finding("数据表 / tables", "最新 / up to date")
    try:
        book = rulebook.current(settings.COUNTY)
        yield Finding("规则册 / rulebook", f"第 {book.version} 版")
        yield calendar_finding(rulebook.unknown_year(settings.COUNTY), book.calendar.official.years)
    except Refusal as refusal:
        yield Finding("规则册 / rulebook", str(refusal), "gezhi found --help")


def calendar_finding(unknown: "UnknownYear | None", known: Collection[int]) -> Finding:
    """Whether the State Council's days are known for every promise that is made now."""
    about = "工作日历 / calendar"
    if unknown is None:
        return Finding(about, f"已知到 {max(known)} 年 / known to the end of {max(known)}")
    year = unknown.year
    said = f"{year} 年的放假安排还没有导入 / the days off of {year} are not known"
    mend = f"gezhi rulebook calendar import {year}.ics --official"
    if not unknown.is_reached:
        return Finding(about, said, hint=mend)
    if unknown.is_guessed:
        said += "；暂按周一至周五推算 / taken as Monday to Friday"
        return Finding(about, said, hint=mend)
    return Finding(about, f"{said}；已有时限算不出来 / some promises can't be worked out", mend)


def _webhooks() -> Iterator[Finding]:
    """Other systems that are told nothing any more, or not all, until somebody looks at it."""
    from gezhi.exchange import reads
    from gezhi.site import prepare

    for found in () if prepare.waiting_migrations() else reads.failing():
        lost = f"最近 {found.dead_in_row} 条没有送到 / the last {found.dead_in_row} died"
        said = f"{found.name}: {found.why or lost}"
        yield Finding("推送 / webhooks", said, hint="/desk/admin/webhooks/")


def _peers() -> Iterator[Finding]:
    """Other cities that don't answer, and cases that did not reach them."""
    from gezhi.base import clock
    from gezhi.exchange import reads
    from gezhi.site import prepare

    if prepare.waiting_migrations():
        return
    about = "对接单位 / peers"
    for found in reads.silent_peers(now=clock.now()):
        since = f"{found.well_at:%Y-%m-%d %H:%M}Z" if found.well_at else "-"
        said = f"{found.name}: {since} 以后没有回应 / silent since then {found.error}".strip()
        yield Finding(about, said, hint=f"/desk/admin/peers/{found.id}/")
    for found, count in reads.peers_with_dead():
        said = f"{found.name}: {count} 件没有转成 / cases went no further"
        yield Finding(about, said, hint=f"/desk/admin/peers/{found.id}/?reach=dead")


def _backups() -> Iterator[Finding]:
    """The same signs as on the administrator's page."""
    from django.conf import settings

    from gezhi.backup import reads
    from gezhi.base import clock
    from gezhi.site import prepare

    about = "备份 / backup"
    if prepare.waiting_migrations():
        return
    if not settings.BACKUP_TO:
        hint = "GEZHI_BACKUP_TO=/folder, gezhi backup key（docs/backup.md）"
        yield Finding(about, "没有设置 / not set up", hint=hint)
        return
    found = reads.health(clock.now())
    if not settings.BACKUP_KEYS_TO:
        hint = "GEZHI_BACKUP_KEYS_TO=/another/folder"
        yield Finding(about, "密钥没有另存 / the keys are not saved", hint=hint)
    if found.has_failed and found.last:
        yield Finding(about, found.last.fault, "gezhi backup")
    elif found.is_overdue or found.last_fine is None:
        yield Finding(about, "一天以上没有备份 / none for more than a day", "gezhi backup")
    else:
        hint = f"gezhi backup verify {settings.BACKUP_TO}/{found.last_fine.name}"
        yield Finding(
            about, f"{found.last_fine.began_at:%Y-%m-%d %H:%M}Z {found.last_fine.name}",
            hint=hint if found.is_unproved else "",
        )  # fmt: skip


def _erasures() -> Iterator[Finding]:
    """What was promised to residents and could have been done for a day."""
    from gezhi.base import clock
    from gezhi.residents import reads
    from gezhi.site import prepare

    if prepare.waiting_migrations():
        return
    if late := reads.erasures_late(clock.now()):
        said = f"{late} 件已同意的删除一天还没办好 / granted a day ago, not done"
        yield Finding(
            "删除个人信息 / erasures", said, "gezhi worker（日志 / log: an erasure broke）"
        )


def _disk() -> Iterator[Finding]:
    place = house.home()
    free = shutil.disk_usage(place).free / 1e9
    mend = (
        "" if free >= LEAST_DISK else f"在 {place} 所在磁盘腾出 {LEAST_DISK} GB / free some space"
    )
    yield Finding("磁盘 / disk", f"{free:.0f} GB free", mend)


def _fonts() -> Iterator[Finding]:
    found = _font_with(":lang=zh")
    yield Finding(
        "字体 / fonts", found or "没有中文字体 / no Chinese font",
        mend="" if found else "apt-get install fonts-noto-cjk",
        hint="" if _font_with(f":charset={_EMOJI}") else _EMOJI_HINT,
    )  # fmt: skip


def _font_with(pattern: str) -> str:
    """The first font on this machine that fontconfig finds by a pattern; empty without one."""
    lister = shutil.which("fc-list")
    if lister is None:
        return ""
    found = subprocess.run(  # noqa: S603  # a fixed command
        [lister, pattern, "family"], capture_output=True, text=True, check=False
    ).stdout.strip()
    return found.splitlines()[0] if found else ""


def _front_end() -> Iterator[Finding]:
    from django.conf import settings

    built = (settings.BUILD_DIR / "site.js").exists()
    collected = (settings.STATIC_ROOT / "staticfiles.json").exists()
    yield Finding(
        "前端 / front end", "已构建 / built" if built and collected else "未构建 / not built",
        "" if built and collected else "gezhi build",
    )  # fmt: skip
