"""`gezhi backup`, `gezhi restore`: saving everything, proving it, getting it back."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gezhi.site.commands import house

if TYPE_CHECKING:
    from gezhi.backup.actions import Restored
    from gezhi.backup.adapters.keyring import Secret

app = typer.Typer(
    help="备份。 Backups: sealed, kept by rule, proved by restoring.", invoke_without_command=True
)
WithPassphrase = Annotated[
    bool, typer.Option("--passphrase", help="Ask for a passphrase instead of the backup key.")
]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A file gezhi-….gzb.")]


def register(root: typer.Typer) -> None:
    root.add_typer(app, name="backup")
    root.command()(restore)


@app.callback()
def backup(
    context: typer.Context,
    to: Annotated[Path | None, typer.Option(help="Folder; otherwise GEZHI_BACKUP_TO.")] = None,
    keys_to: Annotated[
        Path | None, typer.Option(help="Another folder, for the keys; or GEZHI_BACKUP_KEYS_TO.")
    ] = None,
    same_folder: Annotated[
        bool, typer.Option("--same-folder", help="Keys and backup in one folder all the same.")
    ] = False,
    passphrase: WithPassphrase = False,
) -> None:
    """备份数据库和文件，密钥另放。 Save database and files; the keys go elsewhere."""
    if context.invoked_subcommand:
        return
    with house.opened(), house.refusals_in_words():
        from dataclasses import replace

        from django.conf import settings

        from gezhi.backup import actions
        from gezhi.base.actor import system

        if to is not None:
            settings.BACKUP_TO = str(to)
        if keys_to is not None:
            settings.BACKUP_KEYS_TO = str(keys_to)
        target = replace(
            actions.target(),
            secret=_secret(passphrase, twice=True),
            may_be_together=same_folder,
        )
        with _bar("备份 / backup") as heard:
            made = actions.write_now(target, actor=system("command"), heard=heard)
        held = made.manifest
        typer.echo(f"✓ {made.path}  ({_size(made.size)})")
        typer.echo(f"  {sum(held.tables.values())} 行 / rows, {held.files} 个文件 / files")
        _tell_losses(held.gone, held.missing)
        if made.keys:
            typer.echo(f"✓ 密钥 / keys: {made.keys}")
        else:
            typer.echo("! 密钥不在里面，请另外保管 / the keys are not in it: --keys-to FOLDER")
        for name in made.removed:
            typer.echo(f"  过期，已删除 / its time was up: {name}")


def _tell_losses(gone: int, missing: int) -> None:
    if gone:
        typer.echo(f"  {gone} 个文件在备份时被删除 / files were taken away meanwhile")
    if missing:
        typer.echo(f"  {missing} 个附件没有文件（到期已删）/ attachments whose file is gone")


@app.command()
def key() -> None:
    """生成备份密钥。 Make the backup key, and say where it is."""
    with house.opened(with_database=False), house.refusals_in_words():
        from django.conf import settings

        from gezhi.backup.adapters import keyring

        made = keyring.make_key(settings.BACKUP_KEY)
        number = keyring.number_at(settings.BACKUP_KEY)
    typer.echo(f"{'✓ 已生成 / made' if made else '已有 / there already'}: {settings.BACKUP_KEY}")
    typer.echo(f"  编号 / number: {number}")
    typer.echo(
        "  请抄一份放到别处：没有它，任何备份都打不开。\n"
        "  Copy it to another place: without it no backup opens."
    )


@app.command("list")
def list_() -> None:
    """列出备份。 The backups in GEZHI_BACKUP_TO."""
    with house.opened(), house.refusals_in_words():
        from gezhi.backup import actions, reads

        found = reads.lying_in(actions.target().folder)
        for each in found:
            proof = f"{each.verified_at:%Y-%m-%d}" if each.verified_at else "—"
            sealed = each.header.key if each.header else "读不出来 / unreadable"
            typer.echo(
                f"{each.made_at:%Y-%m-%d %H:%M}Z  {_size(each.size):>9}  {sealed:16}"
                f"  验证 / verified {proof}  {each.name}"
            )
        if not found:
            typer.echo("还没有 / none yet: gezhi backup")


@app.command()
def verify(file: File, passphrase: WithPassphrase = False) -> None:
    """恢复到临时的空库，比对后删除。 Restore into an empty place, compare, remove it."""
    with house.opened(), house.refusals_in_words():
        from gezhi.backup import actions
        from gezhi.base.actor import system
        from gezhi.base.database.owner import as_owner

        with as_owner(), _bar("验证 / verify") as heard:
            found = actions.verify_now(
                file, _secret(passphrase), actor=system("command"), heard=heard
            )
    _tell(found)


def restore(
    file: File,
    keys: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A file gezhi-keys-….gzk.")
    ] = None,
    into: Annotated[
        str, typer.Option(help="A new database of this name, and a folder beside GEZHI_FILES.")
    ] = "",
    passphrase: WithPassphrase = False,
) -> None:
    """恢复备份，只恢复到空的地方。 Get a backup back, into an empty place only."""
    secret = _put_keys(keys, passphrase=passphrase) if keys else None
    with house.opened(), house.refusals_in_words():
        from django.conf import settings

        from gezhi.backup import actions, reads
        from gezhi.base.database.owner import as_owner
        from gezhi.site import prepare

        files = Path(settings.FILES_DIR)
        if into:
            files = files.with_name(f"{files.name}-{into}")
        with as_owner(), _bar("恢复 / restore") as heard:
            done = 0

            def moved(size: int) -> None:
                nonlocal done
                done += size
                heard(done, 2 * file.stat().st_size)

            found = actions.restore(
                file,
                actions.Place(files, into),
                secret=secret or _secret(passphrase),
                key_file=settings.KEY_FILE,
                moved=moved,
            )
            with reads.turned_to(into) if into else nullcontext():
                again = actions.keep_erasures()
            aside = 0 if into else actions.set_anchors_aside()
        prepare.give_rights(into)
    _tell_gone_back(again, aside)
    if into:
        typer.echo(f"  → GEZHI_FILES={files}  DATABASE_URL=…/{into}")
    _tell(found)


@app.command("went-back")
def went_back() -> None:
    """数据库回到过去的时刻之后运行一次。 Once after the server went back to a moment."""
    with house.opened(), house.refusals_in_words():
        from gezhi.backup import actions

        again, aside = actions.keep_erasures(), actions.set_anchors_aside()
    _tell_gone_back(again, aside)


def _tell_gone_back(again: int, aside: int) -> None:
    if again:
        typer.echo(f"✓ {again} 份应本人要求删除的再次删除 / erased on request, done again")
    if aside:
        typer.echo(f"✓ {aside} 个丢失日子的锚点已移到 anchors/lost-… / anchors of lost days, aside")


def _put_keys(path: Path, *, passphrase: bool) -> "Secret":
    """The keys go where they belong before the house makes new ones."""
    from gezhi.backup.adapters.keyring import Secret
    from gezhi.backup.adapters.opening import put_keys
    from gezhi.base import env

    # Read here, not from Django's settings: those would be fixed before the database is known.
    place = house.home()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gezhi.site.settings")
    given = env.text("GEZHI_BACKUP_PASSPHRASE", "")
    if passphrase and not given:
        given = typer.prompt("口令 / passphrase", hide_input=True)
    own_key = env.text("GEZHI_BACKUP_KEY", str(place / "keys" / "backup.json"))
    secret = Secret(Path(own_key), given)
    own = ("GEZHI_SECRET_KEY", "GEZHI_SECRET_KEY_FILE")
    is_given = any(os.environ.get(name) for name in own)
    with house.refusals_in_words():
        put_keys(
            path,
            secret=secret,
            home=place,
            key_file=Path(env.text("GEZHI_KEYS", str(place / "keys" / "seal.json"))),
            secret_file=None if is_given else place / "keys" / "secret.txt",
        )
    return secret


def _secret(passphrase: bool, *, twice: bool = False) -> "Secret":
    from django.conf import settings

    from gezhi.backup.adapters.keyring import Secret

    given = settings.BACKUP_PASSPHRASE
    if passphrase and not given:
        given = typer.prompt("口令 / passphrase", hide_input=True, confirmation_prompt=twice)
    return Secret(settings.BACKUP_KEY, given)


def _tell(found: "Restored") -> None:
    """What was compared, line by line. A fault from before the backup ends the command with 1."""
    held = found.manifest
    typer.echo(f"✓ {len(held.tables)} 张表 / tables, {found.rows} 行 / rows")
    for chain in found.chains:
        typer.echo(f"✓ {chain}: {held.heads[chain][:16]}…")
    if not found.faults:
        typer.echo("✓ 事实册与工单历史逐行核对 / the book and every history, line by line")
    typer.echo(f"✓ {held.files} 个文件 / files ({_size(held.file_bytes)}), SHA-256")
    _tell_losses(held.gone, held.missing)
    if found.migrated:
        typer.echo("✓ 数据表已更新到这个版本 / tables brought up to this version")
    for fault in found.faults:
        typer.echo(f"✗ 备份之前已有改动 / altered before it was saved: {fault}")
    if found.faults:
        raise typer.Exit(1)


def _size(size: int) -> str:
    from gezhi.backup.rules import in_words

    return in_words(size)


@contextmanager
def _bar(name: str) -> Iterator[Callable[[int, int], None]]:
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    shown: tuple[Any, ...] = (
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*shown, transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=max(done, total))
