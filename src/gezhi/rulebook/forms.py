"""What an administrator uploads: a zip or single TOML files, and the yes after the check."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from gezhi.rulebook.errors import UploadUnreadable
from gezhi.rulebook.rules import (
    MOST_BYTES,
    MOST_CALENDAR_BYTES,
    MOST_FILES,
    Change,
    Named,
    Span,
    add_texts,
    texts_of,
)

if TYPE_CHECKING:
    Upload = UploadedFile[Any]
else:  # generic in the stubs only
    Upload = UploadedFile

Words = Mapping[str, str | Promise]
SIZE_NAMES: Words = {"small": _("小事"), "big": _("大事"), "hard": _("难事")}
PROOF_NAMES: Words = {
    "photo_after": _("办结照片"),
    "photo_pair": _("前后对比照片"),
    "place": _("现场定位"),
    "document": _("文书"),
    "signature": _("签字"),
    "second_check": _("第二人核查"),
}
AT_NAMES: Words = {
    "lowest": _("离现场最近的一级中心"),
    "highest": _("最高一级中心"),
    "county": _("县级中心"),
    "town": _("乡镇中心"),
    "village": _("村级中心"),
}
SECTION_NAMES: Words = {
    "group": _("大类"),
    "category": _("事项"),
    "due": _("时限"),
    "ladder": _("升级阶梯"),
    "route": _("分派规则"),
    "first": _("首接规则"),
    "asset": _("设施种类"),
    "body": _("承办单位"),
    "reason": _("理由"),
    "outcome": _("办理结果"),
    "limits": _("限额"),
    "hours": _("工作时间"),
    "days": _("放假安排"),
    "exceptions": _("本地特例"),
    "calendar": _("日历"),
    "urgent_words": _("紧急词"),
    "danger": _("险情"),
    "meaning": _("合起来的意思"),
    "blank_words": _("不算数的词"),
    "notice": _("通知文字"),
    "quiet": _("免打扰时段"),
    "digest": _("汇总通知"),
}
FIELD_NAMES: Words = {
    "within": _("时限"),
    "when": _("适用"),
    "name": _("名称"),
    "name_en": _("英文名称"),
    "size": _("规模"),
    "body": _("县级承办"),
    "station": _("乡镇承办"),
    "keywords": _("关键词"),
    "hints": _("旁证词"),
    "proof": _("办结凭证"),
    "urgent": _("紧急"),
    "sensitive": _("敏感"),
    "public": _("可公开"),
    "by_grid": _("网格可办"),
    "stages": _("分段时限"),
    "steps": _("各级"),
    "first": _("优先"),
    "text": _("中文文字"),
    "text_en": _("英文文字"),
    "subject": _("中文标题"),
    "subject_en": _("英文标题"),
    "channels": _("渠道"),
    "audience": _("告诉谁"),
    "begins": _("开始"),
    "ends": _("结束时间"),
    "urgent_goes": _("紧急事项照发"),
    "events": _("事件"),
    "every": _("每隔"),
    "at": _("时刻"),
}
WORKING_NAMES: Words = {"off": _("放假"), "working": _("上班")}
ACTION_NAMES: Words = {"added": _("新增"), "removed": _("删除"), "changed": _("修改")}
TELL_NAMES: Words = {
    "holder": _("承办人员"),
    "head": _("承办单位负责人"),
    "centre": _("本级中心督办员"),
    "above": _("上一级中心督办员"),
    "top": _("最高一级中心督办员"),
    "leader": _("最高一级领导"),
}
LEVEL_NAMES: Words = {
    "city": _("市级"),
    "county": _("县级"),
    "town": _("乡镇"),
    "village": _("村社区"),
    "grid": _("网格"),
}


def name_of(thing: Named) -> str:
    """The name of a thing of the rulebook in the reader's language."""
    return thing.name_in(get_language() or "zh-hans")


def span_words(span: Span) -> str:
    """How long, as people say it: 10 分钟, 4 个工作小时, 1 个工作日."""
    amount = span.amount
    if not amount:
        return gettext("当时")
    if span.unit == "working_days":
        return ngettext("%(n)s 个工作日", "%(n)s 个工作日", amount) % {"n": amount}
    if span.unit == "working_minutes":
        return _hours(amount, working=True)
    if amount % 1440 == 0:
        return ngettext("%(n)s 天", "%(n)s 天", amount // 1440) % {"n": amount // 1440}
    return _hours(amount, working=False)


def _hours(minutes: int, *, working: bool) -> str:
    if minutes % 60:
        if working:
            return ngettext("%(n)s 分钟工作时间", "%(n)s 分钟工作时间", minutes) % {"n": minutes}
        return ngettext("%(n)s 分钟", "%(n)s 分钟", minutes) % {"n": minutes}
    hours = minutes // 60
    if working:
        return ngettext("%(n)s 个工作小时", "%(n)s 个工作小时", hours) % {"n": hours}
    return ngettext("%(n)s 小时", "%(n)s 小时", hours) % {"n": hours}


def change_row(change: Change) -> dict[str, Any]:
    """A change with the words that a page shows."""
    return {
        "change": change,
        "section": SECTION_NAMES[change.section],
        "action": ACTION_NAMES[change.action],
        "field": FIELD_NAMES.get(change.field, change.field),
        "before": _value_words(change, change.before),
        "after": _value_words(change, change.after),
    }


def _value_words(change: Change, value: str) -> str | Promise:
    """Off or working, in words; other values as they are written."""
    return WORKING_NAMES.get(value, value) if change.section == "exceptions" else value


class _ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True

    def value_from_datadict(
        self, data: Mapping[str, Any], files: MultiValueDict[str, Upload], name: str
    ) -> list[Upload]:
        return files.getlist(name)


class _ManyFiles(forms.FileField):
    widget = _ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:
        if not data and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return [super(_ManyFiles, self).clean(one, initial) for one in data]


class UploadForm(forms.Form):
    """One zip, or some of the TOML files; what is not uploaded stays as it is."""

    upload = _ManyFiles(
        label=_("规则文件"),
        error_messages={
            "required": _("请选择要上传的文件。"),
            "empty": _("这个文件是空的，请检查是否选错了文件。"),
        },
        widget=_ManyFilesInput(attrs={"accept": ".toml,.zip", "class": "form-control"}),
    )

    def texts(self) -> dict[str, str]:
        """The uploaded TOML files by name."""
        found: dict[str, str] = {}
        for upload in self.cleaned_data["upload"]:
            if (upload.size or 0) > MOST_BYTES:
                raise UploadUnreadable()
            found = add_texts(found, texts_of(upload.name or "", upload.read()))
        if not found or len(found) > MOST_FILES:
            raise UploadUnreadable()
        return found


class CalendarForm(forms.Form):
    """An iCalendar file, and whose days those are that don't say so."""

    calendar = forms.FileField(
        label=_("日历文件（.ics）"),
        error_messages={
            "required": _("请选择要上传的文件。"),
            "empty": _("这个文件是空的，请检查是否选错了文件。"),
        },
        widget=forms.FileInput(attrs={"accept": ".ics,text/calendar", "class": "form-control"}),
    )
    days = forms.ChoiceField(
        label=_("没有注明的日子"),
        choices=[("local", _("本地特例")), ("official", _("国务院安排（整年）"))],
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def clean_calendar(self) -> Upload:
        upload: Upload = self.cleaned_data["calendar"]
        if (upload.size or 0) > MOST_CALENDAR_BYTES:
            most = MOST_CALENDAR_BYTES // 1024**2
            raise forms.ValidationError(_("日历文件太大，最多 %(most)s MB。") % {"most": most})
        return upload


class ApplyForm(forms.Form):
    """The files that were checked, and which version the shown difference was made against."""

    texts = forms.CharField(widget=forms.HiddenInput)
    against = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    note = forms.CharField(
        label=_("说明"),
        required=True,
        max_length=500,
        help_text=_("为什么改，会记入版本记录。"),
        error_messages={
            "required": _("请写明为什么改，以后的人看版本记录时要用。"),
            "max_length": _(
                "说明最多 %(limit_value)s 个字，现在有 %(show_value)s 个，请写短一些。"
            ),
        },
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )

    def clean_texts(self) -> dict[str, str]:
        try:
            files = json.loads(self.cleaned_data["texts"])
        except ValueError as error:
            raise forms.ValidationError(_("内容已损坏，请重新上传。")) from error
        if not isinstance(files, dict) or not all(isinstance(one, str) for one in files.values()):
            raise forms.ValidationError(_("内容已损坏，请重新上传。"))
        return files
