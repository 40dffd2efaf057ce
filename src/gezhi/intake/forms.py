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


class SourceForm(forms.Form):
    """The settings of a source; which of them are asked for, its kind says."""

    name = forms.CharField(
        label=_("名称"), max_length=60, error_messages={"required": _("请写来源的名称。")}
    )
    channel = forms.ChoiceField(label=_("算作哪种来源"), choices=list(rules.KIND_NAMES.items()))
    url = forms.CharField(
        label=_("留言板的地址"),
        max_length=300,
        required=False,
        help_text=_("留空：由留言板推送过来。填写：每分钟去取一次，{since} 会换成已知最新的时间。"),
    )
    field_map = forms.CharField(
        label=_("字段对照（TOML）"),
        max_length=8000,
        required=False,
        help_text=_(
            "左边是这里的，右边写对方的字段；没有的行前面留着 #。items 是列表所在，只发一条时不写。"
            "改了要重新试读。"
        ),
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
    )
    host = forms.CharField(label=_("IMAP 服务器"), max_length=120)
    port = forms.IntegerField(label=_("端口"), min_value=1, max_value=65535, initial=993)
    line = forms.ChoiceField(
        label=_("连接"),
        choices=[
            ("tls", _("TLS（993）")),
            ("starttls", "STARTTLS"),
            ("plain", _("不加密（只限内网）")),
        ],
    )
    user = forms.CharField(label=_("信箱登录名"), max_length=120)
    folder = forms.CharField(label=_("收件文件夹"), max_length=80, initial="INBOX")
    done_folder = forms.CharField(
        label=_("收下后移到"),
        max_length=80,
        required=False,
        help_text=_("留空：不移动，只标为已读。"),
    )
    takes_old = forms.BooleanField(
        label=_("信箱里已有的旧信也收"),
        required=False,
        help_text=_("不勾选：只收从现在起到的信。旧信会按当时的时间成为工单，多半已经超时。"),
    )
    secret = forms.CharField(
        label=_("密码或令牌"),
        max_length=200,
        required=False,
        help_text=_("留空就不改。保存后不再显示。"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, kind: str, data: Any = None, *, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        for name in _NOT_OF[kind == rules.SourceKind.MAILBOX]:
            del self.fields[name]
        if kind not in (rules.SourceKind.MAILBOX, rules.SourceKind.BOARD):
            del self.fields["url"], self.fields["secret"]
        channel = self.fields["channel"]
        assert isinstance(channel, forms.ChoiceField)  # noqa: S101 - as it is declared
        channel.choices = [
            (rules.CHANNEL_OF[each], name) for each, name in rules.KIND_NAMES.items()
        ]
        for field in self.fields.values():
            looks = {forms.ChoiceField: "form-select", forms.BooleanField: "form-check-input"}
            field.widget.attrs["class"] = looks.get(type(field), "form-control")

    @property
    def starred(self) -> list[str]:
        """What a kind needs beside what all need, for the sign at its name."""
        return []

    def refuse(self, refusal: Refusal) -> None:
        """Say what was refused beside the input it is about."""
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))


# What stands in the box of a new source: the two that must be there, and all the others.
BLANK_MAP = """\
number = "id"
what = ["title", "content"]
# items = "data.rows"
# place = "address"
# path = "areaCode"
# lon = "location.lng"
# lat = "location.lat"
# datum = "gcj02"
# when = "createdAt"
# name = "reporter.name"
# phone = "reporter.mobile"
# label = "type"
# photos = "images.*.base64"
# secret = "anonymous"
# likes = "up"
# dislikes = "down"
# [categories]
# "路灯" = "utility.lamp"
"""
_NOT_OF = {
    True: ("url", "field_map"),
    False: ("host", "port", "line", "user", "folder", "done_folder", "takes_old"),
}


class SampleForm(forms.Form):
    """A sample of what another system would send."""

    sample = forms.CharField(
        label=_("样例（JSON）"),
        max_length=200_000,
        error_messages={"required": _("请贴一份对方会发来的内容。")},
        widget=forms.Textarea(attrs={"rows": 8, "class": "form-control", "spellcheck": "false"}),
    )
