"""What residents type: the matter, the place, who they are, their answer and their verdict."""

import re
from typing import Any
from unicodedata import normalize

from django import forms
from django.utils.translation import gettext_lazy as _

from gezhi.base.words import clean
from gezhi.cases.actions import Contact
from gezhi.notices.rules import CODE_LENGTH
from gezhi.rulebook.rules import Reason

_PHONE = re.compile(r"\+?\d[\d -]{5,18}\d")
RATINGS = [
    (5, _("非常满意")),
    (4, _("满意")),
    (3, _("基本满意")),
    (2, _("不满意")),
    (1, _("很不满意")),
]


class Words(forms.CharField):
    """Text as people type it: line ends of one kind, no zero bytes, nothing where nothing shows."""

    default_error_messages = {
        "required": _("请填写这一项。"),
        "max_length": _("文字最多 %(limit_value)s 字，现在有 %(show_value)s 字，请精简一些。"),
    }

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return clean(text.replace("\r\n", "\n")) if isinstance(text, str) else text


class WhatForm(forms.Form):
    """Step one. A photo or a voice note may stand for the words."""

    what = Words(
        label=_("是什么事？"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "data-keep": "what"}),
    )

    def __init__(self, *args: Any, has_files: bool = False, most: int = 2000, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.has_files, self.most = has_files, most
        self.fields["what"].widget.attrs["data-count"] = most

    def clean_what(self) -> str:
        what: str = self.cleaned_data["what"]
        if not what and not self.has_files:
            raise forms.ValidationError(_("请写几个字、拍一张照片或录一段话，说明是什么事。"))
        if len(what) > self.most:
            raise forms.ValidationError(
                _("文字最多 %(most)s 字，现在有 %(length)s 字，请精简一些。"),
                params={"most": self.most, "length": len(what)},
            )
        return what


class WhereForm(forms.Form):
    """Step two: a point, words, or an area from the list; one is enough."""

    lon = forms.FloatField(required=False, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput)
    place = Words(
        label=_("怎么找到那里？"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"data-keep": "place", "autocomplete": "off"}),
    )
    path = forms.CharField(required=False, max_length=15, label=_("在哪个镇、哪个村？"))

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("lon") is None or values.get("lat") is None:
            values["lon"] = values["lat"] = None
        is_said = values["lon"] is not None or values.get("place") or values.get("path")
        if not is_said and not self.errors:
            self.add_error("place", _("请说明在哪里：定位、从列表里选，或者写几个字，一样就够。"))
        return values


def phone_or_nothing(typed: str) -> str:
    """A number somebody may be called under, or none."""
    if typed and not _PHONE.fullmatch(typed):
        raise forms.ValidationError(_("这个电话号码看着不对，请检查一下，或者留空。"))
    return typed


class ContactForm(forms.Form):
    """The last step; all of it may stay empty."""

    name = Words(
        label=_("怎么称呼您"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = Words(
        label=_("电话"),
        required=False,
        max_length=24,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    address = Words(
        label=_("住址"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    is_secret = forms.BooleanField(label=_("请为我保密"), required=False)

    def clean_phone(self) -> str:
        return phone_or_nothing(self.cleaned_data["phone"])

    def contact(self) -> Contact:
        return Contact(**self.cleaned_data)


class PhoneForm(forms.Form):
    """A mobile number that takes short messages."""

    phone = Words(
        label=_("手机号"),
        max_length=24,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "type": "tel"}),
    )


class CodeForm(forms.Form):
    """The six digits of a short message; blanks between them don't matter."""

    code = Words(
        label=_("验证码"),
        max_length=12,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        ),
    )

    def clean_code(self) -> str:
        digits = re.sub(r"[^0-9]", "", normalize("NFKC", self.cleaned_data["code"]))
        if len(digits) != CODE_LENGTH:
            raise forms.ValidationError(
                _("验证码是 %(length)s 位数字，请再看一眼短信。"), params={"length": CODE_LENGTH}
            )
        return digits


class OwnContactForm(forms.Form):
    """How the reporter of one report is reached. `is_shown`: they may see what stands there.

    Otherwise what is left empty stays as it is.
    """

    name = Words(
        label=_("称呼"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = Words(
        label=_("电话"),
        required=False,
        max_length=24,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    address = Words(
        label=_("住址"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )

    def __init__(self, sent: Any, *, shown: dict[str, str], is_shown: bool):
        super().__init__(sent, initial=shown if is_shown else {})
        self.is_shown = is_shown
        if not is_shown:
            for name, value in shown.items():
                self.fields[name].widget.attrs["placeholder"] = value

    def clean_phone(self) -> str:
        return phone_or_nothing(self.cleaned_data["phone"])

    def corrected(self) -> dict[str, str]:
        """What is to be put right."""
        typed = self.cleaned_data.items()
        return {name: value for name, value in typed if self.is_shown or value}


class CorrectForm(forms.Form):
    """The words of a report as they should be."""

    wanted = Words(label=_("改好的原话"), max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))
    why = Words(label=_("为什么要改（可以不写）"), required=False, max_length=500)


class EraseForm(forms.Form):
    """Why somebody's data should go."""

    why = Words(label=_("为什么要删（可以不写）"), required=False, max_length=500)


class TrackForm(forms.Form):
    """Number and tracking code, as they stand on the screenshot."""

    number = Words(
        label=_("编号"),
        max_length=24,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "inputmode": "numeric", "placeholder": "261122-000421"}
        ),
    )
    code = Words(
        label=_("查询码"),
        max_length=24,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def clean_number(self) -> str:
        # People write the number without its dash, or with spaces.
        digits = re.sub(r"\D", "", self.cleaned_data["number"])
        return f"{digits[:6]}-{digits[6:]}"


class AnswerForm(forms.Form):
    words = Words(
        label=_("您的答复"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "data-keep": "answer"}),
    )


class RateForm(forms.Form):
    """The last word: solved or not, how satisfied, and why."""

    is_solved = forms.TypedChoiceField(
        label=_("事情解决了吗？"),
        choices=[("yes", _("解决了")), ("no", _("没解决"))],
        coerce=lambda value: value == "yes",
        error_messages={"required": _("请选“解决了”或“没解决”。")},
    )
    rating = forms.TypedChoiceField(
        label=_("您满意吗？"),
        choices=RATINGS,
        coerce=int,
        error_messages={"required": _("请选一个满意程度。")},
    )
    rate_words = Words(
        label=_("想说的话（可以不写）"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "data-keep": "rate"}),
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("is_solved") is False and not values.get("rate_words"):
            self.add_error("rate_words", _("请说一说哪里没有解决，好让承办单位接着办。"))
        return values


class ReopenForm(forms.Form):
    """Why a closed case should be taken up again."""

    reopen_words = Words(
        label=_("请说一说情况"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "data-keep": "reopen"}),
    )

    def __init__(self, *args: Any, reasons: list[tuple[str, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        reason = forms.ChoiceField(label=_("为什么要重办？"), choices=reasons)
        self.fields = {"reason": reason, **self.fields}


def reason_choices(reasons: list[Reason], *, in_english: bool) -> list[tuple[str, str]]:
    return [(each.code, each.name_en if in_english else each.name) for each in reasons]
