"""What somebody types who keeps the names of places."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal
from gezhi.places.rules import LONGEST_NAME, MOST_METRES, NAME_KIND_NAMES, NewName


class NameFilter(forms.Form):
    """Which names a list shows."""

    words = forms.CharField(
        label=_("地名或区划"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )
    kind = forms.ChoiceField(
        label=_("类型"),
        required=False,
        choices=[("", _("不限")), *NAME_KIND_NAMES.items()],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    is_waiting = forms.BooleanField(
        label=_("只看待确认的"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input d-block"}),
    )

    def count(self) -> int:
        """How many conditions are asked for."""
        return sum(bool(self.data.get(name)) for name in self.fields)


class NameForm(forms.Form):
    """A name for a point on the map, or for an area."""

    name = forms.CharField(
        label=_("名称"),
        min_length=2,
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(
        label=_("类型"),
        choices=list(NAME_KIND_NAMES.items()),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    path = forms.ChoiceField(
        label=_("所在区划"),
        required=False,
        help_text=_("在地图上点了位置，就不用选。"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    metres = forms.IntegerField(
        label=_("范围（米）"),
        required=False,
        min_value=0,
        max_value=MOST_METRES,
        help_text=_("从中心到边上大约多远；不填按类型估计。"),
        widget=forms.NumberInput(attrs={"class": "form-control"}),
    )
    lon = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)

    def __init__(self, *args: Any, areas: list[tuple[str, str]], **values: Any) -> None:
        super().__init__(*args, **values)
        path = self.fields["path"]
        if isinstance(path, forms.ChoiceField):
            path.choices = [("", _("请选择")), *areas]

    def value(self) -> NewName:
        told = self.cleaned_data
        has_point = told["lon"] is not None and told["lat"] is not None
        return NewName(
            told["name"],
            told["kind"],
            told["path"],
            told["lon"] if has_point else None,
            told["lat"] if has_point else None,
            told["metres"] or 0,
        )

    def refuse(self, refusal: Refusal) -> None:
        """Say what was refused beside the input it is about."""
        field = {"place": "path"}.get(refusal.field, refusal.field)
        self.add_error(field if field in self.fields else None, str(refusal))


class NamesFile(forms.Form):
    """A table of names."""

    file = forms.FileField(
        label=_("地名表（xlsx 或 csv）"),
        widget=forms.ClearableFileInput(attrs={"class": "form-control", "accept": ".xlsx,.csv"}),
    )
