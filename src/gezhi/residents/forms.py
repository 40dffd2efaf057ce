"""What staff type in when they decide what a resident asks."""

from django import forms
from django.utils.translation import gettext_lazy as _


class DecideForm(forms.Form):
    """Granted or not, and what whoever asked will read."""

    is_granted = forms.TypedChoiceField(
        choices=[("yes", _("同意")), ("no", _("不同意"))], coerce=lambda value: value == "yes"
    )
    answer = forms.CharField(label=_("答复"), required=False, max_length=2000)
