"""What may be chosen on a case: categories, reasons, sizes, channels, areas, suitable units."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from gezhi.base.refusal import NotFound
from gezhi.cases.models import Case
from gezhi.cases.rules import FILE_NAMES
from gezhi.people import reads as people
from gezhi.people.models import Unit
from gezhi.people.rules import KIND_NAMES, UnitKind
from gezhi.places import reads as places
from gezhi.rulebook.rules import Book, Route, resolve_body

Choices = list[tuple[Any, Any]]
SIZE_NAMES: Mapping[str, Any] = {
    "small": gettext_lazy("小事"),
    "big": gettext_lazy("大事"),
    "hard": gettext_lazy("难事"),
}
CHANNEL_NAMES: Mapping[str, Any] = {
    "portal": gettext_lazy("居民上报"),
    "field": gettext_lazy("网格员上报"),
    "desk": gettext_lazy("来访"),
    "hotline": gettext_lazy("热线电话"),
    "wechat": gettext_lazy("微信群"),
    "patrol": gettext_lazy("巡查发现"),
    "inspection": gettext_lazy("督查交办"),
    "mailbox": gettext_lazy("信箱"),
    "board": gettext_lazy("留言板"),
    "api": gettext_lazy("其他系统"),
    "device": gettext_lazy("设备"),
}
DESK_CHANNELS = ("desk", "hotline", "wechat", "patrol", "inspection", "mailbox", "board")
ATTACHMENT_NAMES: Mapping[str, Any] = FILE_NAMES
_TOWN, _GRID = 9, 15  # digits of their codes


def name_of(thing: Any) -> str:
    """The name of a thing of the rulebook in the reader's language."""
    return str(thing.name_in(get_language() or "zh-hans"))


def categories(book: Book, first: Iterable[str] = ()) -> Choices:
    """All categories by group; `first` names those to be shown before the others."""
    proposed = [key for key in first if key in book.categories]
    rows: Choices = [("", _("请选择"))]
    if proposed:
        rows.append((_("建议"), [(key, name_of(book.categories[key])) for key in proposed]))
    for group in book.groups.values():
        inside = [
            (key, name_of(one)) for key, one in book.categories.items() if one.group == group.key
        ]
        rows.append((name_of(group), inside))
    return rows


def reasons(book: Book, kind: str) -> Choices:
    return [("", _("请选择")), *((c, name_of(one)) for c, one in book.reasons(kind).items())]


def sizes(*, empty: Any) -> Choices:
    return [("", empty), *SIZE_NAMES.items()]


def areas_below(case: Case) -> Choices:
    """Where the case may lie: every area under the centre in charge, indented by level."""
    top = people.unit(case.centre_id).path
    rows = places.areas_under(top, county=case.county)
    return [
        (area.path, "　" * max(0, (len(area.path) - len(top)) // 3) + area.short_name)
        for area in rows
    ]


def route_of(case: Case, book: Book, category: str) -> Route:
    """Whom the rulebook would send this case to as one of `category`, and why."""
    area = places.area(case.area_id)
    level = people.unit(case.centre_id).level
    return book.route(category, area_kind=area.kind, level=level)


def proposed_units(case: Case, book: Book, category: str = "") -> list[Unit]:
    """The rulebook's bodies for this case that are units here and suitable, the best first."""
    category = category or case.category or case.proposed_category
    if category not in book.categories:
        return []
    return units_on(case, route_of(case, book, category))


def units_on(case: Case, route: Route) -> list[Unit]:
    """The bodies of a route that are units here, are open and do work."""
    town = case.path[:_TOWN] if len(case.path) >= _TOWN else None
    grid = case.path if len(case.path) == _GRID else None
    found: list[Unit] = []
    for body in route.bodies:
        code = resolve_body(body, town=town, grid=grid)
        unit = _unit_or_none(case.county, code)
        if unit and unit.is_active and unit.kind != UnitKind.CENTRE and unit not in found:
            found.append(unit)
    return found


def _unit_or_none(county: str, code: str | None) -> Unit | None:
    try:
        return people.unit_by_code(county, code) if code else None
    except NotFound:
        return None


def suitable_units(case: Case, *, but: Iterable[UUID] = ()) -> list[Unit]:
    """Units that may work at the place of the case: those around it, then those inside it."""
    kinds = [kind.value for kind in UnitKind if kind != UnitKind.CENTRE]
    around = people.units_covering(case.path, county=case.county, kinds=kinds)
    inside = people.units_under(case.path, county=case.county, kinds=kinds)
    left_out = set(but)
    found = {unit.id: unit for unit in [*around, *inside] if unit.id not in left_out}
    return list(found.values())


def units(
    case: Case, book: Book, *, empty: Any = "", but: Iterable[UUID] = (), category: str = ""
) -> Choices:
    """Suitable units by kind, the rulebook's proposal before all others."""
    left_out = set(but)
    proposed = [unit for unit in proposed_units(case, book, category) if unit.id not in left_out]
    rest = suitable_units(case, but=left_out | {unit.id for unit in proposed})
    rows: Choices = [("", empty)] if empty else []
    if proposed:
        rows.append((_("建议"), [(str(unit.id), unit.label) for unit in proposed]))
    for kind, name in KIND_NAMES.items():
        inside = [(str(unit.id), unit.label) for unit in rest if unit.kind == kind]
        if inside:
            rows.append((name, inside))
    return rows


def lower_centres(case: Case) -> Choices:
    """Centres below the one in charge that cover the place, or lie in it."""
    here = people.unit(case.centre_id).path
    kinds = (UnitKind.CENTRE.value,)
    around = people.units_covering(case.path, county=case.county, kinds=kinds)
    inside = people.units_under(case.path, county=case.county, kinds=kinds)
    found = {
        unit.id: unit
        for unit in [*reversed(around), *inside]
        if unit.path.startswith(here) and unit.path != here
    }
    return [(str(unit.id), unit.label) for unit in found.values()]
