"""What may be chosen on a case: categories, reasons, sizes, channels, areas, suitable units."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from gezhi.base import clock
from gezhi.cases.models import Case
from gezhi.cases.reads.platforms import platforms
from gezhi.cases.reads.routing import NAMED, Among, Who, matter_of, who
from gezhi.cases.rules import FILE_NAMES
from gezhi.people import reads as people
from gezhi.people.models import Unit
from gezhi.people.rules import KIND_NAMES, UnitKind
from gezhi.places import reads as places
from gezhi.places.rules import reason_words
from gezhi.rulebook.rules import Book

Choices = list[tuple[Any, Any]]
SIZE_NAMES: Mapping[str, Any] = {
    "small": gettext_lazy("小事"),
    "big": gettext_lazy("大事"),
    "hard": gettext_lazy("难事"),
}
DESK_CHANNELS = ("desk", "hotline", "wechat", "patrol", "inspection", "mailbox", "board")
ATTACHMENT_NAMES: Mapping[str, Any] = FILE_NAMES


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


def who_for(case: Case, book: Book, category: str) -> Who:
    """Whom this case should go to as one of `category`, and why."""
    return who(matter_of(case), book, category, at=clock.now())


def why_words(found: Who) -> str:
    """Why it is theirs: what is laid down, or the rule and its words; why this one of equals."""
    if found.rule == NAMED:
        return _("退回的单位说应由它办")
    if found.responsibility:
        return _("责任归属：%(why)s") % {"why": reason_words(found.why)}
    said = _("类别写明由它办")
    if found.name:
        said = _("规则“%(rule)s”：%(why)s") % {"rule": found.name, "why": found.why}
    if found.is_next:
        said = f"{said} {_('排在前面的这里没有，轮到它')}"
    return f"{said} {_among_words(found.among)}" if found.among else said


def _among_words(among: Among) -> str:
    values = {"count": among.count, "open": among.open}
    if among.at_work:
        return _("%(count)s 个单位里现在有人在岗、人均手上最少（%(open)s 件）") % values
    return _("%(count)s 个单位现在都没有人在岗，选手上最少的（%(open)s 件）") % values


def proposed_units(case: Case, book: Book, category: str = "") -> list[Unit]:
    """Whom this case should go to, of the units here, the best first."""
    category = category or case.category or case.proposed_category
    return list(who_for(case, book, category).units) if category in book.categories else []


def suitable_units(case: Case, *, but: Iterable[UUID] = ()) -> list[Unit]:
    """Units that may work at the place of the case: those around it, then those inside it."""
    kinds = [kind.value for kind in UnitKind if kind != UnitKind.CENTRE]
    around = people.units_covering(case.path, county=case.county, kinds=kinds)
    inside = people.units_under(case.path, county=case.county, kinds=kinds)
    left_out = set(but)
    found = {unit.id: unit for unit in [*around, *inside] if unit.id not in left_out}
    return list(found.values())


def unit_words(label: str, platform: str) -> str:
    """What a unit is called, and whose platform it works on where that is not this one."""
    words = {"unit": label, "platform": platform}
    return _("%(unit)s（在另一平台办理：%(platform)s）") % words if platform else label


def units(
    case: Case, book: Book, *, empty: Any = "", but: Iterable[UUID] = (), category: str = ""
) -> Choices:
    """Suitable units by kind, the rulebook's proposal before all others.

    Of each that works on another platform it is said.
    """
    elsewhere = platforms()

    def choice(unit: Unit) -> tuple[str, str]:
        return str(unit.id), unit_words(unit.label, elsewhere.get(unit.id, ""))

    left_out = set(but)
    proposed = [unit for unit in proposed_units(case, book, category) if unit.id not in left_out]
    rest = suitable_units(case, but=left_out | {unit.id for unit in proposed})
    rows: Choices = [("", empty)] if empty else []
    if proposed:
        rows.append((_("建议"), [choice(unit) for unit in proposed]))
    for kind, name in KIND_NAMES.items():
        inside = [choice(unit) for unit in rest if unit.kind == kind]
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
