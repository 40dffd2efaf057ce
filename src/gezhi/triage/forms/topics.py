"""What people type about topics and root-cause cases."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gezhi.base.forms import DayField

WEEKS = 4


class TopicFilter(forms.Form):
    """Which topics; what can't be read is left out, so an old address still shows a list."""

    area = forms.RegexField(r"^\d{6,15}$", required=False)
    category = forms.CharField(max_length=64, required=False)
    weeks = forms.IntegerField(min_value=1, max_value=WEEKS, required=False)
    growing = forms.BooleanField(required=False)

    def read(self) -> dict[str, Any]:
        self.is_valid()
        found = self.cleaned_data
        return {name: found.get(name) or default for name, default in _EMPTY.items()}


_EMPTY: dict[str, Any] = {"area": "", "category": "", "weeks": 0, "growing": False}


class RootForm(forms.Form):
    """A root-cause case: what, where, whose, until when."""

    path = forms.RegexField(r"^\d{6,15}$", label=_("区域"))
    category = forms.CharField(label=_("类别"), max_length=64)
    owner = forms.UUIDField(label=_("牵头单位"))
    target = DayField(label=_("目标日期"))
    words = forms.CharField(label=_("要解决什么"), max_length=1000, min_length=5)
    topic = forms.UUIDField(required=False)


class EndForm(forms.Form):
    """How it ended."""

    is_reached = forms.TypedChoiceField(
        label=_("结论"), choices=[("yes", ""), ("no", "")], coerce=lambda typed: typed == "yes"
    )
    result = forms.CharField(label=_("说明"), max_length=1000, min_length=2)


TARGET_AHEAD = timedelta(days=90)
