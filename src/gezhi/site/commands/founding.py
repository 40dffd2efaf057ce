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

# Role, and the option that names who has it; the first is the argument itself.
_OPTIONS = {
    "administrator": "",
    "security_administrator": "--security",
    "auditor": "--auditor",
}
_NAMES = {
    "administrator": "系统管理员 / system administrator",
    "security_administrator": "安全管理员 / security administrator",
    "auditor": "审计管理员 / auditor",
}
Person = tuple[str, str]


def register(app: typer.Typer) -> None:
    app.command()(found)
    app.command()(password)


def found(
    login: Annotated[str, typer.Argument(help="Login of the system administrator.")] = "",
    name: Annotated[str, typer.Argument(help="Name of the system administrator.")] = "",
    security: Annotated[
        Person, typer.Option(help="Login and name of the security administrator.")
    ] = ("", ""),
    auditor: Annotated[Person, typer.Option(help="Login and name of the auditor.")] = ("", ""),
) -> None:
    """规则册、县综治中心和三员账号。 Rulebook, county centre and the three administrators.

    gezhi found guan 关长明 --security an 安静 --auditor shen 沈清

    The three must be three persons. Run again it adds whoever is named and changes nothing else:
    a county that was founded with one administrator gets the other two so.
    """
    named = {"administrator": (login, name), "security_administrator": security, "auditor": auditor}
    with house.opened(), house.refusals_in_words():
        made = lay_foundation({role: person for role, person in named.items() if person[0]})
    for role, each in made.items():
        typer.echo(f"{_NAMES[role]}")
        typer.echo(f"  账号 / login: {each.account.login}")
        typer.echo(f"  一次性密码 / one-time password: {each.password}")


def password(
    login: Annotated[str, typer.Argument(help="Whose password.")],
) -> None:
    """给账号一个一次性密码。 Give an account a one-time password.

    The way back in for an administrator whose password nobody else may reset.
    """
    from gezhi.base.actor import system

    with house.opened(), house.refusals_in_words():
        from gezhi.people import actions, reads

        account = reads.accounts_by_login([login.strip().lower()]).get(login.strip().lower())
        if account is None:
            raise Stopped(f"没有这个启用的账号 / no account in use is called {login}")
        given = actions.reset_password(account.id, actor=system("command"))
    typer.echo(f"一次性密码 / one-time password: {given}")


def lay_foundation(people: dict[str, Person]) -> "dict[str, NewAccount]":
    """The default rulebook and a county centre where there are none; these people, by role.

    Refused as long as one of the three administrators would be missing.
    """
    from django.conf import settings
    from django.db import transaction

    from gezhi.base.actor import system
    from gezhi.people import actions
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
        _must_be_complete(unit, people)
        return {
            role: actions.add_staff(unit=unit.id, role=role, login=login, name=name, actor=actor)
            for role, (login, name) in people.items()
        }


def _must_be_complete(unit: "Unit", people: dict[str, Person]) -> None:
    """Nobody could give a post without a security administrator, so none is left for later."""
    from gezhi.people import reads

    there = reads.administrators_over(unit.path)
    missing = [role for role in _OPTIONS if role not in there and role not in people]
    if missing or not people:
        words = "、".join(_NAMES[role] for role in missing) or "LOGIN NAME"
        example = " ".join(f"{_OPTIONS[role]} LOGIN NAME".strip() for role in missing or _OPTIONS)
        raise Stopped(
            f"三员要由三个人担任，还缺 / three persons must be named, still missing: {words}\n"
            f"  gezhi found {example}"
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
