"""What an administrator types for a rehearsal: which days, and which of the findings to show."""

import json
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from gezhi.base.forms import DayField
from gezhi.deadlines import reads
from gezhi.deadlines.models import Difference, Rehearsal
from gezhi.deadlines.rules.rehearsing import SHOWN, SIGNS, Topic, Verdict
from gezhi.rulebook import rules as rulebook

# What a rehearsal compares, in the order it is promised.
KIND_NAMES = {
    kind: rulebook.KIND_NAMES[kind] for kind in ("accept", "forward", "sign", "finish", "stage")
}
TOPIC_NAMES = {
    Topic.DUE: _("时限"),
    Topic.ROUTE: _("首派单位"),
    Topic.PROPOSAL: _("类别建议"),
    Topic.SHUT: _("办不下去的"),
}
_JUDGED = {
    Verdict.BETTER.value: _("变好：新的与最终一致"),
    Verdict.WORSE.value: _("变差：原来的与最终一致"),
    Verdict.OTHER.value: _("都与最终不一致"),
    Verdict.OPEN.value: _("还没有最终结果"),
}
_DUE = {
    Verdict.LATE.value: _("变为超时"),
    Verdict.IN_TIME.value: _("变为按时"),
    Verdict.STILL.value: _("两种都超时"),
    Verdict.MOVED.value: _("按时，到期时间变了"),
    Verdict.UNSURE.value: _("无法对照"),
    "late_before": _("原来超时"),
    "late_after": _("新规则下超时"),
    "sooner": _("到期提前"),
    "later": _("到期推后"),
}
_SHUT = {
    Verdict.CATEGORY.value: _("没有这个事项类别"),
    Verdict.UNIT.value: _("派不到任何单位"),
    Verdict.YEAR.value: _("工作日历不到那一年"),
}
SHOWN_NAMES = {
    Topic.DUE: _DUE,
    Topic.ROUTE: _JUDGED,
    Topic.PROPOSAL: _JUDGED,
    Topic.SHUT: _SHUT,
}
_ANY = ("", _("全部"))


class RehearseForm(forms.Form):
    """The checked files, carried along, and the days whose cases are replayed."""

    texts = forms.CharField(widget=forms.HiddenInput)
    once = forms.CharField(widget=forms.HiddenInput, max_length=64)
    since = DayField(label=_("从哪天上报的"))
    last = DayField(label=_("到哪天为止（含当天）"))

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        for name in ("since", "last"):
            self.fields[name].widget.attrs["class"] = "form-control"

    def clean_texts(self) -> dict[str, str]:
        try:
            files = json.loads(self.cleaned_data["texts"])
            json.dumps(files, ensure_ascii=False).encode()  # half a sign is none
        except ValueError as error:
            raise forms.ValidationError(_("内容已损坏，请重新上传。")) from error
        if not isinstance(files, dict) or not all(isinstance(one, str) for one in files.values()):
            raise forms.ValidationError(_("内容已损坏，请重新上传。"))
        return files

    def clean_once(self) -> str:
        return str(self.cleaned_data["once"]).replace("\x00", "")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, last = data.get("since"), data.get("last")
        if since and last and since > last:
            self.add_error("last", _("开始的日子要在结束的日子之前。"))
        return data

    @property
    def until(self) -> Any:
        """The day after the last."""
        return self.cleaned_data["last"] + timedelta(days=1)


def _select() -> forms.Select:
    return forms.Select(attrs={"class": "form-select"})


class DifferenceFilter(forms.Form):
    """Which findings are shown. A value nobody knows is no condition."""

    topic = forms.ChoiceField(
        choices=[(topic.value, name) for topic, name in TOPIC_NAMES.items()],
        required=False,
        widget=forms.HiddenInput,
    )
    show = forms.ChoiceField(
        label=_("变化"),
        choices=[_ANY, *((show, show) for show in (*SHOWN, *SIGNS))],
        required=False,
        widget=_select(),
    )
    kind = forms.ChoiceField(
        label=_("环节"), choices=[_ANY, *KIND_NAMES.items()], required=False, widget=_select()
    )
    number = forms.CharField(
        label=_("工单编号"),
        max_length=16,
        required=False,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )
    # From the tables that a number was opened in; shown as words, taken away by one press.
    category = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    unit = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    sides = forms.CharField(max_length=140, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.is_valid()
        topic = self.cleaned_data.get("topic")
        self.about = Topic(topic) if topic else Topic.DUE
        names = SHOWN_NAMES[self.about]
        show = self.fields["show"]
        if isinstance(show, forms.ChoiceField):  # which it is
            show.choices = [_ANY, *names.items()]
        if self.about != Topic.DUE:
            del self.fields["kind"]

    def code(self, name: str) -> str:
        return str(self.cleaned_data.get(name) or "")

    def narrow(self, rehearsal: Rehearsal) -> QuerySet[Difference]:
        """The findings that fit."""
        names = ["number", "category", "unit", "sides"]
        if self.about == Topic.DUE:
            names.append("kind")
        codes = {name: self.code(name) for name in names}
        return reads.differences(rehearsal, self.about, show=self.code("show"), **codes)
