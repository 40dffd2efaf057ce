"""What somebody types who writes an article, and what a list of calls is narrowed by."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from gezhi.base.forms import DayField
from gezhi.base.refusal import Refusal
from gezhi.hotline.models import Article
from gezhi.hotline.rules import LONGEST_ASKS, LONGEST_TITLE, OUTCOME_NAMES, Outcome
from gezhi.people.models import Unit

_LOOK = {"class": "form-control"}


class ArticleForm(forms.Form):
    """Title, how people ask it, the answer, whose it is and until when."""

    title = forms.CharField(
        label=_("标题"), max_length=LONGEST_TITLE, widget=forms.TextInput(_LOOK),
        error_messages={"required": _("请写标题。")},
    )  # fmt: skip
    asks = forms.CharField(
        label=_("群众怎么问"), required=False, max_length=LONGEST_ASKS,
        help_text=_("写出别的问法和同义词，接电话的人边听边打，靠这些字找到它。"),
        widget=forms.Textarea({**_LOOK, "rows": 3}),
    )  # fmt: skip
    answer = forms.CharField(
        label=_("答复"), help_text=_("照着念就行的话：条件、材料、去哪里、几天。"),
        error_messages={"required": _("请写答复。")},
        widget=forms.Textarea({**_LOOK, "rows": 8}),
    )  # fmt: skip
    unit = forms.TypedChoiceField(
        label=_("由哪个单位负责"), required=False, empty_value=None,
        widget=forms.Select({"class": "form-select"}),
    )  # fmt: skip
    valid_until = DayField(
        label=_("有效期到"), required=False, help_text=_("过了这一天就不再出现；不填就一直有效。"),
        widget=forms.DateInput({**_LOOK, "type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip

    def __init__(self, *args: Any, units: Sequence[Unit], **values: Any) -> None:
        super().__init__(*args, **values)
        named = [(str(one.id), one.label) for one in units if one.kind != "grid"]
        cast(forms.ChoiceField, self.fields["unit"]).choices = [("", _("不写")), *named]

    @staticmethod
    def of(row: Article) -> dict[str, Any]:
        """An article as the form shows it."""
        names = ("title", "asks", "answer", "valid_until")
        return {name: getattr(row, name) for name in names} | {"unit": str(row.unit_id or "")}

    def refuse(self, refusal: Refusal) -> None:
        """Say what was refused beside the input it is about."""
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))

    def add_error(self, field: str | None, error: Any) -> None:
        super().add_error(field, error)
        if field in self.fields:
            attrs = self.fields[field].widget.attrs
            attrs["class"] += " is-invalid"
            attrs |= {"aria-invalid": "true", "aria-describedby": f"{self[field].auto_id}_error"}


OPEN = "open"  # nobody has said the outcome yet


class CallFilter(forms.Form):
    """Which calls are shown. A value nobody knows is no condition."""

    outcome = forms.ChoiceField(required=False)
    article = forms.UUIDField(required=False)

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        named = [(one.value, OUTCOME_NAMES[one]) for one in Outcome]
        cast(forms.ChoiceField, self.fields["outcome"]).choices = [("", ""), (OPEN, ""), *named]

    def conditions(self) -> dict[str, Any]:
        """What rows are narrowed by."""
        self.is_valid()
        outcome, article = (self.cleaned_data.get(name) for name in ("outcome", "article"))
        return ({"outcome": "" if outcome == OPEN else outcome} if outcome else {}) | (
            {"version__article": article} if article else {}
        )
