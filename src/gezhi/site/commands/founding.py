"""`gezhi found`: what a deployment without demo data needs before anybody can sign in."""

from typing import TYPE_CHECKING, Annotated

import typer

from gezhi.site.commands import house
from gezhi.site.commands.house import Stopped

if TYPE_CHECKING:
    from gezhi.base.actor import Actor
    from gezhi.people.actions import NewAccount
    from gezhi.people.models import Unit
    from gezhi.places.models import Area


def register(app: typer.Typer) -> None:
    app.command()(found)


def found(
    login: Annotated[str, typer.Argument(help="Login of the administrator.")],
    name: Annotated[str, typer.Argument(help="Name of the administrator.")],
) -> None:
    """规则册、县综治中心和第一个管理员。 Rulebook, county centre and first administrator.

    Run again with another login it adds one more administrator and changes nothing else.
    """
    with house.opened(), house.refusals_in_words():
        made = lay_foundation(login, name)
    typer.echo(f"账号 / login: {made.account.login}")
    typer.echo(f"一次性密码 / one-time password: {made.password}")


def lay_foundation(login: str, name: str) -> "NewAccount":
    """The default rulebook and a county centre where there are none; a new administrator."""
    from django.conf import settings
    from django.db import transaction

    from gezhi.base.actor import system
    from gezhi.people import actions as people
    from gezhi.places import reads as places
    from gezhi.rulebook import actions as rulebook

    actor, county = system("command"), str(settings.COUNTY)
    area = places.areas_by_paths([county]).get(county)
    if area is None:
        raise Stopped(
            f"还没有 {county} 的区划，请先导入 / no divisions of {county} yet, import them first:\n"
            "  gezhi places import FILE.csv\n"
            "  别的县请设 GEZHI_COUNTY / for another county set GEZHI_COUNTY."
        )
    with transaction.atomic():
        rulebook.ensure_default(county, actor)
        unit = _centre(area, actor)
        return people.add_staff(
            unit=unit.id, role="administrator", login=login, name=name, actor=actor
        )


def _centre(area: "Area", actor: "Actor") -> "Unit":
    """The unit that answers for the whole county."""
    from gezhi.base.refusal import NotFound
    from gezhi.people import actions as people
    from gezhi.people import reads

    code = f"centre-{area.path}"
    try:
        return reads.unit_by_code(area.county, code)
    except NotFound:
        return people.add_unit(
            county=area.county, path=area.path, code=code, kind="centre",
            name=f"{area.name}综治中心", actor=actor,
        )  # fmt: skip
