"""`gezhi build`, `gezhi migrate`: the steps of starting, one by one. `gezhi manage`: the rest."""

import typer

from gezhi.site.commands import house
from gezhi.site.commands.starting import prepare_all, step


def register(app: typer.Typer) -> None:
    app.command()(build)
    app.command()(migrate)
    app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(manage)


def build() -> None:
    """构建前端与译文，更新数据表。 Everything `up` needs, without starting it."""
    with house.opened():
        prepare_all(None)


def migrate() -> None:
    """更新数据表。 Bring the tables up to date."""
    with house.opened():
        from gezhi.site import prepare

        step("更新数据表 / tables", prepare.tables)
        typer.echo("数据表是最新的 / tables are up to date.")


def manage(context: typer.Context) -> None:
    """Django 的管理命令，以数据库主人的身份。 Any of Django's, as the database's owner."""
    with house.opened():
        from django.core.management import execute_from_command_line

        from gezhi.base.database.owner import as_owner
        from gezhi.site import prepare

        with as_owner():
            execute_from_command_line(["gezhi manage", *context.args])
        prepare.give_rights()
