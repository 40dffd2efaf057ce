"""What people type on the desk's own forms: filters of a list, the name of a saved one."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from gezhi.base.actor import Actor
from gezhi.base.days import midnight
from gezhi.base.forms import DayField
from gezhi.cases.actions import Contact
from gezhi.cases.forms import Look, NewCase, choices
from gezhi.cases.rules import CHANNEL_NAMES, STATE_NAMES
from gezhi.desk.reads import Filters, lines_about
from gezhi.desk.rules import Sort, Tab
from gezhi.people import reads as people
from gezhi.places import reads as places
from gezhi.places.errors import DivisionUnknown
from gezhi.record import reads as record
from gezhi.record.models import AuditLine
from gezhi.record.rules import AUDIT_NAMES
from gezhi.rulebook.rules import Book

_ANY = ("", _("全部"))
PACES = {"late": _("超时"), "soon": _("4 小时内到期"), "paused": _("已挂起")}
SORTS = {Sort.DUE: _("按到期先后"), Sort.NEWEST: _("按上报时间")}
WRONG_DAYS = _("“到”的日期早于“上报从”，这两个日期没有使用，请改一下。")
_STRANGE = _("这个条件不认识，没有使用。")
_UNUSED = _("地址里的条件“%(asked)s”不认识，没有使用。")
_AREA = r"^[0-9]{6,15}$"
_TEXTS = ("q", "state", "group", "category", "outcome", "size", "channel", "area", "pace")


class FilterForm(Look):
    """Every field is a part of the address; what can't be read asks for nothing."""

    q = forms.CharField(label=_("编号或内容"), required=False, max_length=100)
    state = forms.ChoiceField(label=_("状态"), required=False)
    group = forms.ChoiceField(label=_("大类"), required=False)
    category = forms.CharField(label=_("类别"), required=False, max_length=64)
    outcome = forms.CharField(label=_("办理结果"), required=False, max_length=64)
    size = forms.ChoiceField(label=_("大小"), required=False)
    channel = forms.ChoiceField(label=_("来源"), required=False)
    pace = forms.ChoiceField(label=_("时限"), required=False, choices=[_ANY, *PACES.items()])
    area = forms.RegexField(
        _AREA, label=_("区划"), required=False, error_messages={"invalid": _STRANGE}
    )
    holder = forms.UUIDField(label=_("承办单位"), required=False)
    since = DayField(label=_("上报从"), required=False)
    until = DayField(label=_("到"), required=False)

    def __init__(self, *args: Any, book: Book, **values: Any) -> None:
        self._book = book
        super().__init__(*args, **values)

    def fill(self) -> None:
        groups = [(key, choices.name_of(one)) for key, one in self._book.groups.items()]
        self._choice("state").choices = [_ANY, *[(s.value, n) for s, n in STATE_NAMES.items()]]
        self._choice("group").choices = [_ANY, *groups]
        self._choice("size").choices = [_ANY, *choices.SIZE_NAMES.items()]
        self._choice("channel").choices = [_ANY, *CHANNEL_NAMES.items()]
        for field in self.fields.values():
            field.error_messages |= {"invalid": _STRANGE, "invalid_choice": _STRANGE}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        since, until = values.get("since"), values.get("until")
        if since and until and since > until:
            self.add_error("until", WRONG_DAYS)
            values.pop("since")
        if values.get("area") and not _is_area(values["area"]):
            self.add_error("area", _("没有这个区划。"))
        for name, known in (("category", self._book.categories), ("outcome", self._book.outcomes)):
            if values.get(name) and values[name] not in known:
                self.add_error(name, _STRANGE)
        if values.get("holder") and not people.unit_names([values["holder"]]):
            self.add_error("holder", _("没有这个单位。"))
        return values

    def strange(self) -> list[Any]:
        """What the address asks for and is not used, in words."""
        found = [
            _UNUSED % {"asked": f"{name}={str(self.data[name])[:40]}"}
            for name in self.errors
            if name in self.fields and WRONG_DAYS not in self.errors[name]
        ]
        is_wrong = WRONG_DAYS in self.errors.get("until", [])
        return [*found, WRONG_DAYS] if is_wrong else found

    def filters(self) -> Filters:
        """What was asked for; days are days of the city, the last one included."""
        self.is_valid()
        values = self.cleaned_data
        return Filters(
            **{name: values.get(name) or "" for name in _TEXTS},
            holder=values.get("holder"),
            since=_start_of(values.get("since"), 0),
            until=_start_of(values.get("until"), 1),
        )


def _start_of(day: date | None, later: int) -> datetime | None:
    return None if day is None else midnight(day + timedelta(days=later))


def _is_area(path: str) -> bool:
    try:
        places.area_by_path(settings.COUNTY, path)
    except DivisionUnknown:
        return False
    return True


class FullFilterForm(FilterForm):
    """The same with lists of the actor's areas and units to choose from."""

    def __init__(self, *args: Any, actor: Actor, **values: Any) -> None:
        self._actor = actor
        super().__init__(*args, **values)

    def fill(self) -> None:
        super().fill()
        tops = sorted(self._actor.paths("case.read")) or [settings.COUNTY]
        top = tops[0] or settings.COUNTY
        areas = places.areas_under(top, county=settings.COUNTY).filter(
            level__in=("county", "town", "village")
        )
        rows = [
            (one.path, "　" * ((len(one.path) - len(top)) // 3) + one.short_name) for one in areas
        ]
        self.fields["area"].widget = forms.Select(choices=[_ANY, *rows])
        kinds = choices.categories(self._book)[1:]
        self.fields["category"].widget = forms.Select(choices=[_ANY, *kinds])
        ends = [(key, choices.name_of(one)) for key, one in self._book.outcomes.items()]
        self.fields["outcome"].widget = forms.Select(choices=[_ANY, *ends])
        units = people.unit_choices(self._actor, "case.read")
        names = [(str(one.id), one.label) for one in units if one.kind != "grid"]
        self.fields["holder"].widget = forms.Select(choices=[_ANY, *names])


class FilterName(Look):
    name = forms.CharField(label=_("名称"), max_length=24)
    query = forms.CharField(required=False, max_length=1000, widget=forms.HiddenInput)


def strange_list(data: QueryDict, tabs: tuple[Tab, ...]) -> list[Any]:
    """A list or an order that the address names and that is not this reader's, in words."""
    known = {"tab": {tab.value for tab in tabs}, "sort": {sort.value for sort in Sort}}
    return [
        _UNUSED % {"asked": f"{name}={data[name][:40]}"}
        for name, values in known.items()
        if data.get(name) and data[name] not in values
    ]


def tab_and_sort(
    data: QueryDict, tabs: tuple[Tab, ...], usual: dict[Tab, Sort]
) -> tuple[Tab, Sort]:
    """The tab and order the address asks for, or the usual ones."""
    typed = data.get("tab", "")
    tab = Tab(typed) if typed in set(tabs) else tabs[0]
    order = data.get("sort", "")
    return tab, Sort(order) if order in set(Sort) else usual.get(tab, Sort.DUE)


class CallForm(NewCase):
    """What an agent types while somebody calls: no way in to choose, nobody sends pictures."""

    def fill(self) -> None:
        super().fill()
        for name in ("channel", "photos", "address"):
            del self.fields[name]
        self.fields["place"].widget.attrs["data-alt"] = "KeyP"

    def contact(self) -> Contact:
        values = self.cleaned_data
        return Contact(name=values["name"], phone=values["phone"], is_secret=values["is_secret"])


class AuditFilter(forms.Form):
    """Which lines of the audit are shown. A value nobody knows is no condition."""

    kind = forms.ChoiceField(
        label=_("种类"),
        choices=[("", _("全部")), *((kind.value, name) for kind, name in AUDIT_NAMES.items())],
        required=False,
    )
    who = forms.CharField(label=_("人员（姓名或登录名）"), max_length=48, required=False)
    about = forms.CharField(
        label=_("涉及对象"), max_length=64, required=False,
        widget=forms.TextInput(attrs={"placeholder": _("编号、姓名或区划代码")}),
    )  # fmt: skip
    since = DayField(label=_("起始日期"), required=False)
    until = DayField(label=_("截止日期"), required=False)
    words = forms.CharField(label=_("理由中的字"), max_length=48, required=False)

    def __init__(self, *values: Any, **more: Any) -> None:
        super().__init__(*values, **more)
        for field in self.fields.values():
            is_choice = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "form-select" if is_choice else "form-control"

    def count(self) -> int:
        """How many conditions are asked for."""
        return sum(bool(self.data.get(name)) for name in self.fields)

    def narrow(self, lines: QuerySet[AuditLine], *, county: str) -> QuerySet[AuditLine]:
        """Those of `lines` that fit."""
        self.is_valid()
        asked = self.cleaned_data
        since, until = asked.get("since"), asked.get("until")
        who = asked.get("who") or ""
        actors = None
        if who:
            actors = [who] if ":" in who else people.labels_called(who, county=county)
        if about := asked.get("about"):
            lines = lines_about(lines, about, county=county)
        return record.narrowed(
            lines,
            kind=asked.get("kind") or "",
            actors=actors,
            since=midnight(since) if since else None,
            until=midnight(until + timedelta(days=1)) if until else None,
            words=asked.get("words") or "",
        )
