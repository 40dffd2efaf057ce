"""What people type on the pages of administration, of rosters and leave, and at sign-in."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from gezhi.base.actor import Actor
from gezhi.base.forms import DayField, MomentField
from gezhi.base.refusal import Refusal
from gezhi.people import reads, rules
from gezhi.people.errors import PhoneWrong, UnitCodeWrong
from gezhi.people.models import Unit
from gezhi.places.models import Area

_ANY = ("", _("全部"))
_KINDS = [(kind.value, name) for kind, name in rules.KIND_NAMES.items()]
_LEVELS = [(level.value, name) for level, name in rules.LEVEL_NAMES.items()]
_ROLES = [(role.value, name) for role, name in rules.ROLE_NAMES.items()]
WEEKDAY_NAMES = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
Choices = Sequence[tuple[Any, Any]]
# By code: what it stands for, and what it is called.
Known = Mapping[str, tuple[Any, frozenset[str]]]
_TOO_LONG = _("最多 %(limit_value)s 个字，现在有 %(show_value)s 个，请写短一些。")


class _Look(forms.Form):
    """Bootstrap's classes, and words of a refusal beside the input it is about."""

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", _class_of(field.widget))
            field.error_messages["max_length"] = _TOO_LONG

    def add_error(self, field: str | None, error: Any) -> None:
        super().add_error(field, error)
        if field in self.fields:
            attrs = self.fields[field].widget.attrs
            attrs["class"] += " is-invalid"
            attrs["aria-invalid"] = "true"
            described = f"{self[field].auto_id}_error"
            if self.fields[field].help_text:
                described += f" {self[field].auto_id}_helptext"
            attrs["aria-describedby"] = described

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal of the act beside its input, or above the form."""
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))


class SignIn(_Look):
    login = forms.CharField(
        label=_("登录名"),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=_("密码"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}, render_value=False),
    )


class OwnPassword(_Look):
    old = forms.CharField(
        label=_("原密码"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=_("新密码"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("再输一遍新密码"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, least: int, before: int, **values: Any) -> None:
        super().__init__(*args, **values)
        self.fields["new"].help_text = _(
            "至少 %(least)s 个字符；不要用常见的词或自己的名字，也不能是最近 %(before)s 次用过的。"
            "字母、数字、符号都可以用，越长越好，例如几个不相干的词连在一起。"
        ) % {"least": least, "before": before}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("new") != values.get("again"):
            self.add_error("again", _("两次输入的新密码不一样。"))
        return values


class _Filter(_Look):
    def count(self) -> int:
        """How many conditions are asked for."""
        return sum(bool(self.data.get(name)) for name in self.fields)


class UnitFilter(_Filter):
    words = forms.CharField(label=_("名称或代码"), required=False, max_length=80)
    kind = forms.ChoiceField(label=_("类型"), required=False, choices=[_ANY, *_KINDS])
    level = forms.ChoiceField(label=_("层级"), required=False, choices=[_ANY, *_LEVELS])
    area = forms.RegexField(r"^[0-9]{0,16}$", label=_("区划代码"), required=False)
    closed = forms.BooleanField(label=_("已停用的"), required=False)


class AccountFilter(_Filter):
    words = forms.CharField(label=_("姓名、登录名或机构"), required=False, max_length=80)
    role = forms.ChoiceField(label=_("岗位"), required=False, choices=[_ANY, *_ROLES])
    area = forms.RegexField(r"^[0-9]{0,16}$", label=_("区划代码"), required=False)
    no_post = forms.BooleanField(label=_("还没有岗位的"), required=False)
    closed = forms.BooleanField(label=_("已停用的"), required=False)


class AreaFilter(_Filter):
    words = forms.CharField(label=_("名称或代码"), required=False, max_length=60)
    level = forms.ChoiceField(label=_("层级"), required=False, choices=[_ANY, *_LEVELS])


class _CodeField(forms.CharField):
    """One of a list: written as its code, or as a name that only one of them has."""

    def __init__(self, *, listed: str, unknown: Any, **values: Any) -> None:
        look = forms.TextInput(attrs={"list": listed, "autocomplete": "off"})
        super().__init__(max_length=80, widget=look, **values)
        self.listed, self.unknown = listed, unknown
        self.known: Known = {}

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return self.empty_value
        if typed in self.known:
            return self.known[typed][0]
        found = [chosen for chosen, names in self.known.values() if typed in names]
        if not found:
            raise forms.ValidationError(self.unknown)
        if len(found) > 1:
            raise forms.ValidationError(_("“%(name)s”不止一个，请从列表中选择。") % {"name": typed})
        return found[0]


def _unit_field(**values: Any) -> _CodeField:
    unknown = _("没有这个机构，请从列表中选择。")
    return _CodeField(listed="units", unknown=unknown, empty_value=None, **values)


def _area_field(**values: Any) -> _CodeField:
    unknown = _("没有这个区划，或者不归您管。请从列表中选择，或填写它的名称或代码。")
    return _CodeField(listed="areas", unknown=unknown, **values)


class _Choosing(_Look):
    """A form with units and areas to choose from."""

    def __init__(
        self, *args: Any, units: dict[str, Unit], areas: Iterable[Area] = (), **values: Any
    ) -> None:
        super().__init__(*args, **values)
        known: dict[str, Known] = {
            "units": {
                code: (unit.id, frozenset({unit.name, unit.short_name}))
                for code, unit in units.items()
            },
            "areas": {
                area.path: (area.path, frozenset({area.name, area.short_name})) for area in areas
            },
        }
        for field in self.fields.values():
            if isinstance(field, _CodeField):
                field.known = known[field.listed]


def _time_input() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


def _offer(field: forms.Field, choices: Choices) -> None:
    if isinstance(field, forms.ChoiceField):
        field.choices = list(choices)


class UnitWords(_Choosing):
    """What may be changed in a unit."""

    name = forms.CharField(label=_("名称"), max_length=80)
    short_name = forms.CharField(label=_("简称"), max_length=24, required=False)
    phone = forms.CharField(
        label=_("电话"),
        max_length=24,
        required=False,
        help_text=_("群众看得到，点一下就会拨打。"),
    )
    parent = _unit_field(label=_("上级机构"), required=False)

    def clean_phone(self) -> str:
        phone = str(self.cleaned_data["phone"])
        return self._said(phone, not phone or rules.is_phone(phone), PhoneWrong())

    @staticmethod
    def _said(typed: str, is_right: bool, refusal: Refusal) -> str:
        """What the act would refuse is said with everything else that is wrong."""
        if not is_right:
            raise forms.ValidationError(str(refusal))
        return typed


class NewUnit(UnitWords):
    """A unit to add."""

    code = forms.CharField(
        label=_("机构代码"), max_length=48, help_text=_("例如 dept-water，定下后不能改。")
    )
    kind = forms.ChoiceField(label=_("类型"), choices=_KINDS)
    path = _area_field(label=_("负责的区划"))
    field_order = ("kind", "path", "name", "short_name", "code", "parent", "phone")

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        return self._said(code, rules.is_unit_code(code), UnitCodeWrong())


class NewAccount(_Choosing):
    """An account to add; its posts come from who gives posts."""

    name = forms.CharField(label=_("姓名"), max_length=48)
    login = forms.CharField(
        label=_("登录名"),
        max_length=48,
        help_text=_("小写字母、数字和 . _ @ -"),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off"}),
    )
    path = _area_field(
        label=_("所属区划"), help_text=_("由这个区划和上级区划的管理员管理这个账号。")
    )
    language = forms.ChoiceField(label=_("界面语言"), choices=settings.LANGUAGES)


class AccountWords(_Look):
    """What may be changed in an account."""

    name = forms.CharField(label=_("姓名"), max_length=48)
    language = forms.ChoiceField(label=_("界面语言"), choices=settings.LANGUAGES)
    is_active = forms.BooleanField(label=_("启用"), required=False)


class NewPost(_Choosing):
    """A post to give."""

    unit = _unit_field(label=_("机构"))
    role = forms.ChoiceField(label=_("岗位"), choices=_ROLES)
    is_head = forms.BooleanField(label=_("负责人"), required=False)
    path = _area_field(label=_("管辖范围"), required=False, help_text=_("不填就是机构的全部区划。"))
    valid_from = DayField(label=_("生效日期"), required=False)
    valid_to = DayField(label=_("失效日期"), required=False, help_text=_("从这一天起不再有效。"))


class NewDelegation(_Look):
    """A post of one's own for a colleague, until a day."""

    post = forms.TypedChoiceField(label=_("岗位"), coerce=UUID)
    to = forms.TypedChoiceField(label=_("委托给"), coerce=UUID)
    until = DayField(label=_("到哪天"), help_text=_("这一天还有效。"))

    def __init__(self, *args: Any, posts: Choices, colleagues: Choices, **values: Any) -> None:
        super().__init__(*args, **values)
        _offer(self.fields["post"], posts)
        _offer(self.fields["to"], colleagues)


class NewKey(_Look):
    name = forms.CharField(label=_("用途"), max_length=48)
    most = forms.IntegerField(
        label=_("每分钟最多请求"), required=False, min_value=1, max_value=1_000_000,
        help_text=_("可以不填：和其他密钥一样。"),
    )  # fmt: skip


class NewShift(_Look):
    """A shift to set up."""

    name = forms.CharField(label=_("班次名称"), max_length=24, help_text=_("例如 早班、夜班"))
    starts = forms.TimeField(label=_("开始"), widget=_time_input())
    ends = forms.TimeField(
        label=_("结束时间"),
        help_text=_("不晚于开始时间就是到第二天。定下后不能改。"),
        widget=_time_input(),
    )


class Cell(_Look):
    """Who is on a shift on one day."""

    shift = forms.UUIDField(widget=forms.HiddenInput())
    day = DayField(widget=forms.HiddenInput())
    people = forms.TypedMultipleChoiceField(
        label=_("值班人员"),
        required=False,
        coerce=UUID,
        widget=forms.CheckboxSelectMultiple(),
    )

    def __init__(self, *args: Any, people: Choices, **values: Any) -> None:
        super().__init__(*args, **values)
        _offer(self.fields["people"], people)


class Swap(_Look):
    """Two duties whose people change places."""

    one = forms.TypedChoiceField(label=_("这个班"), coerce=UUID)
    other = forms.TypedChoiceField(label=_("对调的班"), coerce=UUID)

    def __init__(self, *args: Any, ones: Choices, others: Choices, **values: Any) -> None:
        super().__init__(*args, **values)
        _offer(self.fields["one"], ones)
        _offer(self.fields["other"], others)


class Fill(_Look):
    """A shift filled in turn; beside these fields a number for each person says whose turn when."""

    shift = forms.TypedChoiceField(label=_("班次"), coerce=UUID)
    first = DayField(label=_("从哪天起"))
    days = forms.IntegerField(label=_("天数"), min_value=1, max_value=366, initial=28)
    turn_days = forms.IntegerField(label=_("每人连值几天"), min_value=1, max_value=31, initial=1)
    at_once = forms.IntegerField(label=_("同时几人"), min_value=1, max_value=50, initial=1)
    weekdays = forms.MultipleChoiceField(
        label=_("星期"),
        choices=list(zip(rules.ALL_WEEK, WEEKDAY_NAMES, strict=True)),
        initial=list(rules.ALL_WEEK),
        widget=forms.CheckboxSelectMultiple(),
    )
    goes_on = forms.BooleanField(
        label=_("自动延续"), required=False, help_text=_("每天自动往后排，始终排到四周以后。")
    )

    def __init__(self, *args: Any, shifts: Choices, people: Choices, **values: Any) -> None:
        super().__init__(*args, **values)
        _offer(self.fields["shift"], shifts)
        for id, name in people:
            self.fields[f"turn-{id}"] = forms.IntegerField(
                label=name, required=False, min_value=1, max_value=99
            )
            self.fields[f"turn-{id}"].widget.attrs["class"] = "form-control"

    @property
    def turns(self) -> list[forms.BoundField]:
        """The numbers beside the names."""
        return [self[name] for name in self.fields if name.startswith("turn-")]

    @property
    def plain(self) -> list[forms.BoundField]:
        """The other fields, without the days of the week."""
        return [
            self[name]
            for name in self.fields
            if not name.startswith("turn-") and name != "weekdays"
        ]

    def values(self) -> dict[str, Any]:
        """What was typed, for the act: people in the order of their numbers."""
        typed = dict(self.cleaned_data)
        numbers = {name: typed.pop(name) for name in list(typed) if name.startswith("turn-")}
        chosen = [name for name in numbers if numbers[name] is not None]
        chosen.sort(key=lambda name: int(numbers[name]))
        typed["people"] = [UUID(name.removeprefix("turn-")) for name in chosen]
        typed["weekdays"] = "".join(sorted(typed["weekdays"]))
        return typed


class NewLeave(_Look):
    """Leave to take: of oneself, or of somebody of the unit."""

    account = forms.TypedChoiceField(label=_("谁"), coerce=UUID)
    starts = MomentField(label=_("开始"))
    ends = MomentField(label=_("结束时间"))
    kind = forms.ChoiceField(label=_("类别"), choices=list(rules.LEAVE_NAMES.items()))
    substitute = forms.TypedChoiceField(
        label=_("替班人"), coerce=UUID, required=False, empty_value=None,
        help_text=_("值班和该通知本人的事，都由替班人接。"),
    )  # fmt: skip

    def __init__(
        self, *args: Any, people: Choices | None = None, colleagues: Choices, **values: Any
    ) -> None:
        super().__init__(*args, **values)
        if people is None:
            del self.fields["account"]
        else:
            _offer(self.fields["account"], people)
        _offer(self.fields["substitute"], [("", _("不安排")), *colleagues])


def units_for(actor: Actor, right: str) -> dict[str, Unit]:
    """The units this actor may choose from, by code."""
    return {unit.code: unit for unit in reads.unit_choices(actor, right)}


def _class_of(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput | forms.CheckboxSelectMultiple):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"
