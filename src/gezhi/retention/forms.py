"""What somebody types into the page of retention."""

from django import forms
from django.utils.translation import gettext_lazy as _


class DaysForm(forms.Form):
    """A number of days, and why; `seen` is the number whose effect was shown already."""

    days = forms.IntegerField(label=_("保留天数"), min_value=1, max_value=36500)
    reason = forms.CharField(label=_("理由"), max_length=200)
    seen = forms.IntegerField(required=False)

    def clean_seen(self) -> int:
        return self.cleaned_data["seen"] or 0


class HoldForm(forms.Form):
    """A case or an area, and why."""

    about = forms.CharField(label=_("工单编号或区划代码"), max_length=24)
    reason = forms.CharField(label=_("理由"), max_length=200)


class LiftForm(forms.Form):
    """Why a hold ends."""

    reason = forms.CharField(label=_("理由"), max_length=200)
