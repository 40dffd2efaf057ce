"""What people type on the pages of notices."""

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from gezhi.base.days import midnight
from gezhi.base.forms import DayField
from gezhi.base.refusal import Refusal
from gezhi.notices import reads, rules
from gezhi.notices.models import Delivery, Notice
from gezhi.notices.rules import About, Channel

_ANY = ("", _("全部"))


class _Look(forms.Form):
    """Bootstrap's classes, and words of a refusal beside the input it is about."""

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", _class_of(field.widget))

    def add_error(self, field: str | None, error: Any) -> None:
        super().add_error(field, error)
        if field in self.fields:
            attrs = self.fields[field].widget.attrs
            attrs["class"] += " is-invalid"
            attrs["aria-invalid"] = "true"
            attrs["aria-describedby"] = f"{self[field].auto_id}_error"

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal of the act beside its input, or above the form."""
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))


def _class_of(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"


def _clock(label: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        required=False,
        error_messages={"invalid": _("请写成几点几分，例如 22:00。")},
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )


class ChoiceForm(_Look):
    """How one wants to hear of things; every field is one of `actions.choose`."""

    wants_mail = forms.BooleanField(label=_("也发邮件给我"), required=False)
    mail = forms.CharField(
        label=_("邮箱"),
        max_length=200,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    wants_sms = forms.BooleanField(label=_("也发短信给我"), required=False)
    phone = forms.CharField(
        label=_("手机号"),
        max_length=24,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    quiet_from = _clock(_("免打扰从"))
    quiet_to = _clock(_("到"))

    def way(self, channel: Channel) -> tuple[forms.BoundField, forms.BoundField]:
        """Whether a way is wanted, and its address."""
        return self[f"wants_{channel.value}"], self[rules.FIELDS[channel]]

    @property
    def hours(self) -> list[forms.BoundField]:
        return [self["quiet_from"], self["quiet_to"]]


class CodeForm(_Look):
    """The code that came to an address."""

    code = forms.CharField(
        label=_("验证码"),
        max_length=12,
        error_messages={"required": _("请填写收到的验证码。")},
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "maxlength": rules.CODE_LENGTH,
                "size": rules.CODE_LENGTH,
            }
        ),
    )

    def clean_code(self) -> str:
        """Digits, however they were parted."""
        return "".join(self.cleaned_data["code"].split())


class NoticeFilter(_Look):
    """Which of one's notices are shown. A value nobody knows is no condition."""

    unread = forms.BooleanField(label=_("只看未读"), required=False)
    about = forms.ChoiceField(
        label=_("事由"),
        choices=[_ANY, *((key.value, name) for key, name in rules.ABOUT_NAMES.items())],
        required=False,
    )
    number = forms.CharField(label=_("工单编号"), max_length=16, required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.is_valid()

    @property
    def chosen(self) -> dict[str, Any]:
        """Whose notices about what: as reads and acts take it."""
        about = self.cleaned_data.get("about")
        number = self.cleaned_data.get("number") or ""
        return {"about": About(about) if about else None, "number": number}

    @property
    def asked(self) -> dict[str, str]:
        """The conditions as they stand in an address."""
        asked = {name: self.cleaned_data.get(name) for name in self.fields}
        return {name: "1" if value is True else value for name, value in asked.items() if value}

    def narrow(self, found: QuerySet[Notice]) -> QuerySet[Notice]:
        """Those of `found` that fit."""
        found = reads.narrowed(found, **self.chosen)
        return found.filter(read_at__isnull=True) if self.cleaned_data.get("unread") else found


class OutboxFilter(_Look):
    """Which deliveries are shown. A value nobody knows is no condition."""

    channel = forms.ChoiceField(
        label=_("渠道"),
        choices=[_ANY, *((key.value, name) for key, name in rules.CHANNEL_NAMES.items())],
        required=False,
    )
    state = forms.ChoiceField(
        label=_("状态"),
        choices=[_ANY, *((key.value, name) for key, name in rules.STATE_NAMES.items())],
        required=False,
    )
    number = forms.CharField(label=_("工单编号"), max_length=16, required=False)
    since = DayField(label=_("起始日期"), required=False)
    until = DayField(label=_("截止日期"), required=False)

    def narrow(self, found: QuerySet[Delivery]) -> QuerySet[Delivery]:
        """Those of `found` that fit."""
        self.is_valid()
        asked = {
            "channel": "channel",
            "state": "state",
            "number": "notice__number",
        }
        typed = {asked[name]: self.cleaned_data.get(name) for name in asked}
        if day := self.cleaned_data.get("since"):
            typed["made_at__gte"] = midnight(day)
        if day := self.cleaned_data.get("until"):
            typed["made_at__lt"] = midnight(day + timedelta(days=1))
        return found.filter(**{name: value for name, value in typed.items() if value})
