"""What somebody types who keeps standard replies, or proposes one."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal
from gezhi.rulebook import reads as rulebook
from gezhi.triage.models import StandardReply
from gezhi.triage.rules.answers_replies import LONGEST_TEXT, LONGEST_TITLE


class ProposeForm(forms.Form):
    """A title and the words."""

    title = forms.CharField(
        label=_("标题"),
        max_length=LONGEST_TITLE,
        error_messages={"required": _("请写标题。")},
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )
    text = forms.CharField(
        label=_("内容"),
        max_length=LONGEST_TEXT,
        error_messages={"required": _("请写内容。")},
        help_text=format_lazy(
            _("每次不一样的地方写成要填的位置，如：{}"), "{日期}、{单位}、{编号}"
        ),
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 6}),
    )

    def refuse(self, refusal: Refusal) -> None:
        """Say what was refused beside the input it is about."""
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))

    def add_error(self, field: str | None, error: Any) -> None:
        super().add_error(field, error)
        if field in self.fields:
            attrs = self.fields[field].widget.attrs
            attrs["class"] += " is-invalid"
            attrs |= {"aria-invalid": "true", "aria-describedby": f"{self[field].auto_id}_error"}


class ReplyForm(ProposeForm):
    """The same with what it is for: everything, a group, or a category."""

    kind = forms.ChoiceField(
        label=_("用于"), required=False, widget=forms.Select(attrs={"class": "form-select"})
    )

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        kind = self.fields["kind"]
        if isinstance(kind, forms.ChoiceField):
            kind.choices = _kinds()
        self.order_fields(["kind", "title", "text"])

    @staticmethod
    def of(row: StandardReply) -> dict[str, str]:
        """A reply as the form shows it."""
        kind = f"c:{row.category}" if row.category else f"g:{row.group}" if row.group else ""
        return {"kind": kind, "title": row.title, "text": row.text}

    def values(self) -> dict[str, str]:
        """What the act is called with."""
        which, _colon, key = self.cleaned_data["kind"].partition(":")
        return {
            "title": self.cleaned_data["title"],
            "text": self.cleaned_data["text"],
            "category": key if which == "c" else "",
            "group": key if which == "g" else "",
        }


def _kinds() -> list[tuple[Any, Any]]:
    """Every group, and in it its categories."""
    book, language = rulebook.current(settings.COUNTY), get_language() or "zh-hans"
    rows: list[tuple[Any, Any]] = [("", _now("所有事项"))]
    for group in book.groups.values():
        name = group.name_in(language)
        whole = (f"g:{group.key}", _now("%(group)s（整个大类）") % {"group": name})
        inside = [
            (f"c:{key}", one.name_in(language))
            for key, one in book.categories.items()
            if one.group == group.key
        ]
        rows.append((name, [whole, *inside]))
    return rows
