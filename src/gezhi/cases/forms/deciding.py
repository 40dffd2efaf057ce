"""What a centre, a supervisor and a return visitor fill in: take on, send, judge, join."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from gezhi.base import clock
from gezhi.cases import reads, rules
from gezhi.cases.actions.working import MOST_ANSWER_DAYS
from gezhi.cases.errors import (
    CheckPhotoMissing,
    CheckSaysNothing,
    ReturnSaysNothing,
    UntilWrong,
)
from gezhi.cases.forms import asking, choices
from gezhi.cases.forms.look import FilesField, MoveForm, moment, reason, text, yes_no
from gezhi.cases.forms.waiting import WithFiles
from gezhi.cases.rules import ACT_NAMES, Act
from gezhi.people import reads as people

_WORDS = _("说明")


def unit_field(label: Any, *, required: bool = True, hint: Any = "") -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, coerce=UUID, empty_value=None, required=required, help_text=hint
    )


class Accept(MoveForm):
    act = Act.ACCEPT
    category = forms.ChoiceField(label=_("事项类别"))
    size = forms.ChoiceField(label=_("大小"), required=False)
    path = forms.ChoiceField(label=_("所在区划"), required=False)
    words = text(_WORDS, required=False, rows=2)

    def fill(self) -> None:
        super().fill()
        found = [one.key for one in self.book.suggest(self.case.what)]
        proposed = [self.case.proposed_category] if self.case.proposed_category else []
        first = dict.fromkeys([*proposed, *found])
        self._choice("category").choices = choices.categories(self.book, first)
        self._choice("size").choices = choices.sizes(empty=_("按类别"))
        self._choice("path").choices = choices.areas_below(self.case)
        self.initial.setdefault("category", self.case.proposed_category)
        self.initial.setdefault("path", self.case.path)


class Refuse(MoveForm):
    act = Act.REFUSE
    reasons = "refuse"
    reason = reason()
    words = text(_("依据，以及应当找谁"), hint=_("诉求人会看到这段话。"))
    unit = unit_field(
        _("转给负责的单位"),
        required=False,
        hint=_("负责的单位就在系统里时，选它：工单直接转过去，不作不予受理。"),
    )

    def fill(self) -> None:
        super().fill()
        self._choice("unit").choices = choices.units(self.case, self.book, empty=_("不在系统里"))


class Reclassify(MoveForm):
    act = Act.RECLASSIFY
    category = forms.ChoiceField(label=_("事项类别"))
    size = forms.ChoiceField(label=_("大小"), required=False)
    words = text(_WORDS, required=False, rows=2, hint=_("已经走过的时间不会重新计算。"))

    def fill(self) -> None:
        super().fill()
        self._choice("category").choices = choices.categories(self.book, [self.case.category])
        self._choice("size").choices = choices.sizes(empty=_("按类别"))
        self.initial.setdefault("category", self.case.category)
        self.initial.setdefault("size", self.case.size)


class Publish(MoveForm):
    act = Act.PUBLISH
    is_public = yes_no(_("是否让所有人看到"), yes=_("公开"), no=_("不公开"))


class Assign(MoveForm):
    act = Act.ASSIGN
    unit = unit_field(_("承办单位"))
    category = forms.ChoiceField(label=_("事项类别"))
    size = forms.ChoiceField(label=_("大小"), required=False)
    words = text(_("办理要求"), required=False, rows=2)

    def fill(self) -> None:
        super().fill()
        self._choice("unit").choices = choices.units(self.case, self.book)
        self._choice("size").choices = choices.sizes(empty=_("不变"))
        if self.case.category:
            del self.fields["category"]
        else:  # passed up before it was accepted
            proposed_category = self.case.proposed_category
            self._choice("category").choices = choices.categories(self.book, [proposed_category])
            self.initial.setdefault("category", proposed_category)
        proposed = choices.proposed_units(self.case, self.book)
        if proposed:
            self.initial.setdefault("unit", str(proposed[0].id))


class HandDown(MoveForm):
    act = Act.HAND_DOWN
    unit = unit_field(_("下级综治中心"))
    words = text(_("交办要求"), required=False, rows=2)

    def fill(self) -> None:
        super().fill()
        self._choice("unit").choices = choices.lower_centres(self.case)


class Merge(MoveForm):
    act = Act.MERGE
    main = forms.CharField(
        label=_("并入的工单编号"),
        max_length=16,
        widget=forms.TextInput(attrs={"list": "alike", "autocomplete": "off"}),
        help_text=_("两边的诉求人都保留各自的编号、时限、答复和评价。"),
    )
    words = text(_WORDS, required=False, rows=2)


class Unmerge(MoveForm):
    act = Act.UNMERGE
    words = text(_WORDS, required=False, rows=2)


class Decide(MoveForm):
    """Leave for what somebody else asked."""

    act = Act.DECIDE
    approval = forms.TypedChoiceField(label=_("申请"), coerce=UUID)
    is_granted = yes_no(_("决定"), yes=_("同意"), no=_("不同意"))
    words = text(_("意见"), required=False, rows=2, hint=_("不同意的必须写明为什么。"))

    def asked(self) -> list[asking.Asked]:
        """What there is to decide, shown above the form."""
        return asking.asked_of((row, self.case) for row in reads.open_approvals(self.case))

    def fill(self) -> None:
        super().fill()
        waiting = [row for row in reads.approvals_of(self.case) if row.decided_at is None]
        rows = [(str(row.id), ACT_NAMES[Act(row.act)]) for row in waiting]
        self._choice("approval").choices = rows
        self._names = dict(rows)
        if rows:
            self.initial.setdefault("approval", rows[0][0])
        self._offer_only([Act(row.act) for row in waiting])

    def said(self) -> str:
        act = {"act": self._names.get(str(self.cleaned_data["approval"]), "")}
        if self.cleaned_data["is_granted"]:
            return str(_("审批：同意%(act)s") % act)
        return str(_("审批：不同意%(act)s") % act)

    def _offer_only(self, asked: list[Act]) -> None:
        """What can be decided now. The answer that can't is not shown, and not unknown either."""
        is_paused, decision = self.case.paused_until is not None, self._choice("is_granted")
        stopped = [act for act in asked if rules.waits_for_clock(act, is_paused=is_paused)]
        if stopped:
            decision.help_text = asking.not_now(stopped)
        if stopped and stopped == asked:
            decision.widget = forms.RadioSelect(choices=[("no", _("不同意"))])


class ExcuseLeg(MoveForm):
    act = Act.EXCUSE_LEG
    leg = forms.TypedChoiceField(label=_("协办单位"), coerce=UUID)
    words = text(_("为什么可以不等它"))

    def fill(self) -> None:
        super().fill()
        open_legs = [
            leg for leg in reads.legs_of(self.case) if leg.role == "joint" and not leg.ended_at
        ]
        names = people.unit_names(leg.unit_id for leg in open_legs)
        self._choice("leg").choices = [(str(leg.id), names[leg.unit_id]) for leg in open_legs]


class Supervise(MoveForm):
    act = Act.SUPERVISE
    words = text(_("督办要求"))
    answer_by = moment(_("答复期限"), required=False, hint=_("不填按规则册。"))

    def clean(self) -> dict[str, Any]:
        """Said before anything is begun: for many cases at once it would refuse each of them."""
        values, now = super().clean(), clock.now()
        by = values.get("answer_by")
        if by and not now < by <= now + timedelta(days=MOST_ANSWER_DAYS):
            self.add_error("answer_by", str(UntilWrong(days=MOST_ANSWER_DAYS)))
        return values


class Verify(WithFiles):
    act = Act.VERIFY
    is_solved = yes_no(_("现场核查"), yes=_("确实办好了"), no=_("没有办好，退回继续办"))
    words = text(_("看到的情况"), required=False)
    check = FilesField(label=_("核查照片"))
    will_show = _("看到的情况和核查照片，提交以后会给诉求人看。")

    def fill(self) -> None:
        super().fill()
        self.starred.add("check" if self._must_show() else "words")
        self.fields["words"].help_text = (
            _("没有办好的，写明哪里没有办好。")
            if self._must_show()
            else _("写几个字或拍一张照片，至少要有一样。")
        )

    def _must_show(self) -> bool:
        known = self.book.categories.get(self.case.category)
        return known is not None and rules.asks_for_photos(known.proof)

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        has_words = bool(values.get("words", "").strip())
        if values.get("is_solved") is False and not has_words:
            self.add_error("words", str(ReturnSaysNothing()))
        if values.get("is_solved") and not self._brings_photo(values):
            if self._must_show():
                self.add_error("check", str(CheckPhotoMissing()))
            elif not has_words:
                self.add_error("words", str(CheckSaysNothing()))
        return values

    def _brings_photo(self, values: dict[str, Any]) -> bool:
        """Whether a picture comes along, or one of an earlier try is there to be used."""
        return bool(values.get("check") or values.get("files") or "check" in self.errors)


class VisitBack(MoveForm):
    act = Act.VISIT_BACK

    def waits(self) -> Any:
        """Why nobody is called yet; "" where nothing stands in the way."""
        return reads.waits_for_check(self.case, self.book) and _CHECK_FIRST

    is_reached = yes_no(_("联系上了吗"), yes=_("联系上了"), no=_("没联系上"))
    is_solved = yes_no(_("问题解决了吗"), yes=_("解决了"), no=_("没有解决"), required=False)
    rating = forms.TypedChoiceField(
        label=_("满意度"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            ("", _("没有评价")),
            ("5", _("非常满意")),
            ("4", _("满意")),
            ("3", _("基本满意")),
            ("2", _("不满意")),
            ("1", _("非常不满意")),
        ],
    )
    words = text(_("诉求人怎么说"), required=False, rows=2)

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if values.get("is_reached") and values.get("is_solved") is None:
            self.add_error("is_solved", _("请问清楚问题解决了没有。"))
        if values.get("is_reached") is False:
            values["is_solved"] = values["rating"] = None
        return values


_CHECK_FIRST = _("等待第二人核查：核查以后才回访，请先不要打电话。")


class Reopen(MoveForm):
    act = Act.REOPEN
    reasons = "reopen"
    reason = reason()
    words = text(_WORDS)


DECIDING: tuple[type[MoveForm], ...] = (
    Accept, Refuse, Reclassify, Publish, Assign, HandDown, Merge, Unmerge, Decide, ExcuseLeg,
    Supervise, Verify, VisitBack, Reopen,
)  # fmt: skip
