"""What is typed on the import pages: the file, what its columns hold, what odd dates become."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal
from gezhi.intake import rules
from gezhi.intake.errors import ColumnsWrong, TableTooLarge
from gezhi.intake.models import Import

_SELECT = {"class": "form-select"}
_CHOOSE_CHANNEL = _("请选择这些留言是从哪里来的。")
_CHOOSE_ODD = _("请选择时间读不懂的行怎么办。")
_CHOOSE_COLUMN = _("请从列表里选这一列是什么，或者选“不对应”。")


class UploadForm(forms.Form):
    """A file and where its messages come from."""

    file = forms.FileField(
        label=_("文件（xlsx 或 csv）"),
        error_messages={
            "required": _("请选择要导入的文件。"),
            "empty": _("这个文件是空的，请检查是否选错了文件。"),
        },
        widget=forms.ClearableFileInput(
            attrs={"accept": ".xlsx,.xls,.ods,.csv,.txt", "class": "form-control"}
        ),
    )
    channel = forms.ChoiceField(
        label=_("来源"),
        choices=list(rules.CHANNEL_NAMES.items()),
        initial="board",
        error_messages={"required": _CHOOSE_CHANNEL, "invalid_choice": _CHOOSE_CHANNEL},
        widget=forms.Select(attrs=_SELECT),
    )

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if (upload.size or 0) > rules.MOST_MB * 1024 * 1024:
            raise forms.ValidationError(str(too_large()))
        return upload


def too_large() -> TableTooLarge:
    """The refusal of a file that is not even read."""
    return TableTooLarge(mb=rules.MOST_MB, rows=rules.MOST_ROWS, columns=rules.MOST_COLUMNS)


class ColumnsForm(forms.Form):
    """One choice per column of the file, and what becomes of times that can't be read."""

    odd_dates = forms.ChoiceField(
        label=_("时间读不懂的行"),
        choices=[(key.value, name) for key, name in rules.ODD_DATES_NAMES.items()],
        error_messages={"required": _CHOOSE_ODD, "invalid_choice": _CHOOSE_ODD},
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )

    def __init__(self, found: Import, data: Any = None) -> None:
        super().__init__(data, initial={"odd_dates": found.odd_dates})
        self.header: Sequence[str] = found.header
        held = {column: field for field, column in found.columns.items()}
        choices = [("", _("不对应（记在导入记录里）")), *rules.FIELD_NAMES.items()]
        for at, head in enumerate(self.header):
            self.fields[f"column{at}"] = forms.ChoiceField(
                label=head or f"#{at + 1}",
                choices=choices,
                required=False,
                initial=held.get(at, ""),
                error_messages={"invalid_choice": _CHOOSE_COLUMN},
                widget=forms.Select(
                    attrs=_SELECT
                    | {"aria-label": head or f"#{at + 1}", "data-style": "min-width:9rem"}
                ),
            )

    def clean(self) -> dict[str, Any]:
        """The columns are checked as a whole; the act checks them again."""
        typed: dict[str, Any] = super().clean() or {}
        if not self.errors:
            chosen = [typed.get(f"column{at}", "") for at in range(len(self.header))]
            given = [field for field in chosen if field]
            columns = {field: at for at, field in enumerate(chosen) if field}
            try:
                if len(given) > len(columns):
                    raise ColumnsWrong()
                typed["columns"] = rules.check_columns(columns, len(self.header))
            except Refusal as refusal:
                self.add_error(None, str(refusal))
        return typed

    def heads(self) -> list[tuple[str, forms.BoundField]]:
        """Each column's word and its choice."""
        return [(head or f"#{at + 1}", self[f"column{at}"]) for at, head in enumerate(self.header)]
