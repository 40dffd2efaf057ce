"""What the unit that works on a case fills in: sign, ask, wait, call for help, finish."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from gezhi.base import clock
from gezhi.base.days import written
from gezhi.cases import reads
from gezhi.cases.forms import choices
from gezhi.cases.forms.deciding import unit_field
from gezhi.cases.forms.finishing import DOCUMENTS, Finish
from gezhi.cases.forms.look import FilesField, MoveForm, moment, reason, text, yes_no
from gezhi.cases.forms.waiting import WithFiles
from gezhi.cases.rules import OPEN, Act, extension_span

_WORDS = _("说明")
_SHOWN_LATER = _("处理前、处理后的照片，办结以后才给诉求人看。")


class Sign(MoveForm):
    act = Act.SIGN
    words = text(_WORDS, required=False, rows=2)


class SendBack(MoveForm):
    act = Act.SEND_BACK
    reasons = "send_back"
    reason = reason()
    words = text(_WORDS, required=False)
    unit = unit_field(_("应当由谁办"), required=False)

    def fill(self) -> None:
        super().fill()
        rows = choices.units(self.case, self.book, empty=_("不清楚"), but=[self.case.holder_id])
        self._choice("unit").choices = rows


class Escalate(MoveForm):
    act = Act.ESCALATE
    reasons = "escalate"
    reason = reason()
    words = text(_("本级已经做了什么"), required=False)


class Whistle(MoveForm):
    act = Act.WHISTLE
    units = forms.TypedMultipleChoiceField(
        label=_("请哪些单位来"), coerce=UUID, widget=forms.CheckboxSelectMultiple
    )
    arrive_by = moment(_("报到期限"), required=False, hint=_("不填按规则册。"))
    words = text(_("请他们来做什么"))

    def fill(self) -> None:
        super().fill()
        there = reads.joint_units(self.case) | {self.case.holder_id}
        self._choice("units").choices = choices.units(self.case, self.book, but=there)


class Arrive(MoveForm):
    act = Act.ARRIVE
    words = text(_WORDS, required=False, rows=2)


class FinishLeg(MoveForm):
    act = Act.FINISH_LEG
    words = text(_("本单位做了什么"))


class ReachStage(WithFiles):
    act = Act.REACH_STAGE
    stage = forms.ChoiceField(label=_("哪个阶段"))
    words = text(_("做了什么"), hint=_("用大白话写，诉求人会看到这段话。"))
    progress = FilesField(label=_("进展照片"))
    will_show = _("写的话和照片，提交以后会给诉求人看。")

    def fill(self) -> None:
        super().fill()
        left = [(one.key, choices.name_of(one)) for one in reads.stages_left(self.case)]
        shown = left if len(left) == 1 else [("", _("请选择")), *left]
        # The same form may come a second time, when what it says is reached by the first.
        typed = self.data.get("stage", "")
        again = self.book.stage(typed) if typed in self.case.stages else None
        self._choice("stage").choices = (
            [*shown, (typed, choices.name_of(again))] if again else shown
        )


class Ask(MoveForm):
    act = Act.ASK
    words = text(_("要问诉求人的话"), hint=_("答复以前时钟停走；逾期不答自动恢复。"))


class Pause(MoveForm):
    act = Act.PAUSE
    reasons = "pause"
    reason = reason()
    until = moment(_("到什么时候"))
    words = text(_WORDS, required=False, rows=2)

    def fill(self) -> None:
        super().fill()
        most = self.book.limits.pause_days_max
        self.fields["until"].help_text = _("最多 %(days)s 天，由督办员审批。") % {"days": most}


class Resume(MoveForm):
    act = Act.RESUME
    words = text(_WORDS, required=False, rows=2)


class Extend(MoveForm):
    act = Act.EXTEND
    reasons = "extend"
    reason = reason()
    until = moment(_("延到什么时候"))
    words = text(_WORDS, required=False, rows=2)

    def fill(self) -> None:
        super().fill()
        most, due = self.book.limits.extend_days_max, self.case.finish_by
        _first, latest = extension_span(due, now=clock.now(), days=most)
        hint = _(
            "现在的办结期限是 %(due)s，最晚延到 %(latest)s；由督办员审批，原来的期限留在记录里。"
        )
        if due is None:
            hint = _("最多 %(days)s 天，由督办员审批；原来的时限仍留在记录里。")
        said = {"days": most, "due": due and written(due), "latest": written(latest)}
        self.fields["until"].help_text = hint % said


class AnswerSupervision(MoveForm):
    act = Act.ANSWER_SUPERVISION
    words = text(_("答复"))


class Note(MoveForm):
    act = Act.NOTE
    words = text(_("备注"), hint=_("只给工作人员看，不影响时限。"))


class Attach(MoveForm):
    act = Act.ATTACH
    photo = FilesField(label=_("现场照片"))
    before = FilesField(label=_("处理前照片"))
    after = FilesField(label=_("处理后照片"))
    document = FilesField(label=_("文书材料"), accept=DOCUMENTS)
    is_public = yes_no(_("诉求人能看到吗"), yes=_("能"), no=_("不能"))

    def fill(self) -> None:
        super().fill()
        self.initial.setdefault("is_public", "yes")
        if self.case.state in OPEN:
            self.fields["is_public"].help_text = _SHOWN_LATER

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if not self.errors and not any(values.get(name) for name in self.files_named()):
            raise forms.ValidationError(_("请先选择文件。"))
        return values

    def files_named(self) -> list[str]:
        return [name for name, field in self.fields.items() if isinstance(field, FilesField)]


WORKING: tuple[type[MoveForm], ...] = (
    Sign, SendBack, Escalate, Whistle, Arrive, FinishLeg, ReachStage, Ask, Pause, Resume, Extend,
    AnswerSupervision, Finish, Note, Attach,
)  # fmt: skip
