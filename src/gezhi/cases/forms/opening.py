"""What staff fill in for somebody who calls or comes; and why a contact is opened."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from gezhi.base.masking import mask_text
from gezhi.base.refusal import Refusal
from gezhi.cases.actions import Contact, Upload, Where
from gezhi.cases.errors import PlaceMissing, WordsMissing
from gezhi.cases.forms import choices
from gezhi.cases.forms.look import FilesField, Look, text
from gezhi.cases.rules import CHANNEL_NAMES
from gezhi.cases.rules.sealed import REASONS, says_enough
from gezhi.rulebook.rules import Book


class NewCase(Look):
    channel = forms.ChoiceField(
        label=_("来源"),
        choices=[(key, CHANNEL_NAMES[key]) for key in choices.DESK_CHANNELS],
        initial="desk",
        widget=forms.RadioSelect,
    )
    what = text(_("什么事"), required=False, rows=5)
    category = forms.ChoiceField(label=_("事项类别"), required=False)
    photos = FilesField(label=_("照片"))
    place = forms.CharField(
        label=_("地点"),
        required=False,
        max_length=200,
        help_text=_("门牌、路口、村组，怎么说都行；或者选区划、在地图上点一下，至少要有一样。"),
    )
    path = forms.ChoiceField(label=_("所在区划"), required=False)
    lon = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    name = forms.CharField(label=_("称呼"), required=False, max_length=40)
    phone = forms.CharField(
        label=_("电话"), required=False, max_length=24,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )  # fmt: skip
    address = forms.CharField(label=_("住址"), required=False, max_length=120)
    is_secret = forms.BooleanField(label=_("要求对承办单位保密"), required=False)

    def __init__(
        self, *args: Any, book: Book, areas: choices.Choices, joins: bool = False, **values: Any
    ) -> None:
        self._book, self._areas, self._joins = book, areas, joins
        super().__init__(*args, **values)

    def clean(self) -> dict[str, Any]:
        """What the act would refuse one after the other is said in one round.

        Who joins a case that is there need not say where it is.
        """
        values = super().clean() or {}
        if not values.get("what", "").strip() and not values.get("photos"):
            self._lacks("what", WordsMissing())
        has_point = values.get("lon") is not None and values.get("lat") is not None
        if not (self._joins or has_point or values.get("path") or values.get("place", "").strip()):
            self._lacks("place", PlaceMissing())
        return values

    def _lacks(self, name: str, refusal: Refusal) -> None:
        if name not in self.errors:
            self.add_error(name, str(refusal))

    def fill(self) -> None:
        self.starred |= {"what", "place"}
        self._choice("category").choices = choices.categories(self._book)
        self._choice("path").choices = [("", _("请选择")), *self._areas]

    def where(self) -> Where:
        values = self.cleaned_data
        return Where(
            lon=values["lon"], lat=values["lat"], place=values["place"], path=values["path"]
        )

    def contact(self) -> Contact:
        values = self.cleaned_data
        return Contact(
            name=values["name"],
            phone=values["phone"],
            address=values["address"],
            is_secret=values["is_secret"],
        )

    def uploads(self) -> tuple[Upload, ...]:
        files = self.cleaned_data.get("photos") or ()
        return tuple(Upload(name=file.name or "photo", data=file.read()) for file in files)


class OpenField(Look):
    """Why somebody wants to see it. It goes on record before anything is shown."""

    why = forms.ChoiceField(
        label=_("为什么要看"),
        choices=[("", _("请选择")), *REASONS.items()],
        widget=forms.Select(attrs={"autofocus": True}),
    )
    words = forms.CharField(
        label=_("说明"), max_length=160, required=False,
        help_text=_("选“其他原因”时必填，至少两个字。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip

    def clean_words(self) -> str:
        words = str(self.cleaned_data["words"]).strip()
        if self.cleaned_data.get("why") == "other" and not says_enough(words):
            raise forms.ValidationError(_("请写明原因，至少两个字。"))
        return words

    def reason(self) -> str:
        """What goes on record, as the reporter will read it."""
        why, words = self.cleaned_data["why"], mask_text(self.cleaned_data["words"])
        if why == "other":
            return words
        with override("zh-hans"):  # on record in one language, whoever looked
            ready = str(REASONS[why])
        return f"{ready}：{words}" if words else ready
