"""Days and moments as people type them, within the years the house takes."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from gezhi.base.days import FIRST, LAST, midnight

_STRANGE_YEAR = format_lazy(
    _("年份不对，请填 {first} 年到 {last} 年之间的日期。"), first=FIRST.year, last=LAST.year
)


class DayField(forms.DateField):
    """A day of the city."""

    default_error_messages = {
        "required": _("请选择日期。"),
        "invalid": _("日期读不懂，请写成 2026-11-22 这样。"),
    }
    default_validators = [
        MinValueValidator(FIRST, _STRANGE_YEAR),
        MaxValueValidator(LAST, _STRANGE_YEAR),
    ]

    def __init__(self, **values: Any) -> None:
        values.setdefault("widget", forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**values)


class MomentField(forms.DateTimeField):
    """A day and time in the city's zone."""

    default_error_messages = {
        "required": _("请选择日期和时间。"),
        "invalid": _("请写成日期和时间，例如 2026-11-22 14:30。"),
    }
    default_validators = [
        MinValueValidator(lambda: midnight(FIRST), _STRANGE_YEAR),
        MaxValueValidator(lambda: midnight(LAST) + timedelta(days=1), _STRANGE_YEAR),
    ]

    def __init__(self, **values: Any) -> None:
        look = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        values.setdefault("widget", look)
        super().__init__(**values)
