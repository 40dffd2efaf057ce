"""What somebody types into the pages of webhooks."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gezhi.base.forms import MomentField
from gezhi.exchange.rules import STAGE_NAMES, TYPES, Stage
from gezhi.people.models import Account
from gezhi.rulebook.rules import Book

_EVERY = _("不选就是全部。")
_LOOK = {"class": "form-control"}


class WebhookForm(forms.Form):
    """Name, address, and what it is told of. Whose it is, is asked once, of who looks after all."""

    name = forms.CharField(
        label=_("名称"),
        max_length=48,
        help_text=_("如：市级平台。"),
        widget=forms.TextInput(_LOOK),
    )
    address = forms.CharField(
        label=_("推送到哪个地址"),
        max_length=500,
        help_text=_("以 https:// 开头。"),
        widget=forms.TextInput({**_LOOK, "inputmode": "url", "autocomplete": "off"}),
    )
    account = forms.ChoiceField(
        label=_("哪个账号"),
        help_text=_("它能看到哪些区域的工单，就推送哪些。"),
        widget=forms.Select({"class": "form-select"}),
    )
    types = forms.MultipleChoiceField(
        label=_("哪些事件"), required=False, help_text=_EVERY,
        widget=forms.CheckboxSelectMultiple({"class": "gz-choices"}),
    )  # fmt: skip
    categories = forms.MultipleChoiceField(
        label=_("哪些类别"), required=False, help_text=_EVERY,
        widget=forms.CheckboxSelectMultiple({"class": "gz-choices"}),
    )  # fmt: skip
    areas = forms.CharField(
        label=_("哪些区划"), required=False, max_length=1000,
        help_text=_("填区划代码，用空格隔开；不填就是账号能看到的全部。"),
        widget=forms.TextInput({**_LOOK, "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(
        self, *args: Any, programs: list[Account], book: Book, is_new: bool, **values: Any
    ) -> None:
        super().__init__(*args, **values)
        if is_new and programs:
            found = [(str(each.id), f"{each.name} {each.login}") for each in programs]
            self._choices("account", found)
        else:
            del self.fields["account"]
        self._choices("types", [(each.name, str(each.label)) for each in TYPES.values()])
        named = [(key, one.name_in(get_language() or "")) for key, one in book.categories.items()]
        self._choices("categories", named)

    def _choices(self, name: str, found: list[tuple[str, Any]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = found

    def clean_areas(self) -> list[str]:
        return str(self.cleaned_data["areas"]).replace("，", " ").replace(",", " ").split()

    def clean_account(self) -> UUID:
        return UUID(self.cleaned_data["account"])


class ReplayForm(forms.Form):
    """From which moment on events are sent again."""

    since = MomentField(label=_("从什么时间起"))

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.fields["since"].widget.attrs |= _LOOK


class StageForm(forms.Form):
    """Which deliveries are shown."""

    stage = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        named = [(stage.value, name) for stage, name in STAGE_NAMES.items()]
        cast(forms.ChoiceField, self.fields["stage"]).choices = [("", ""), *named]

    @property
    def chosen(self) -> Stage | None:
        found = self.cleaned_data.get("stage") if self.is_valid() else ""
        return Stage(found) if found else None
