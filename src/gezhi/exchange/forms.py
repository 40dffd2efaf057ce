"""What somebody types into the pages of webhooks and peers."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast
from uuid import UUID

from django import forms
from django.forms.boundfield import BoundWidget
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gezhi.base.forms import MomentField
from gezhi.exchange.models import Peer
from gezhi.exchange.rules import OPEN311, REACH_NAMES, STAGE_NAMES, TYPES, Reach, Stage, peers
from gezhi.people.models import Account, Unit
from gezhi.rulebook.rules import Book

_EVERY = _("不选就是全部。")
_RECEIVES = _(
    "演示只发给自己：这个地址验过签名就答 204，什么都不留。想看没有送达的样子，在后面加 ?answer=400"
    "（不收这一个）、?answer=500（过一会儿再试）或者 ?answer=410（不再接收）。"
)
_ASKS_ITSELF = _(
    "演示只和自己对接：派过去的工单会作为新的一件再报到这里，您当作对方去办它，进展记回原来那件。"
)
_KEY_OF_DEMO = _("请安全管理员在账号 pingtai（市级平台）那一页发一把接口密钥，填在这里。")
_LOOK = {"class": "form-control"}
_Group = tuple[str, list[tuple[str, str]]]


def _lead_to_itself(address: forms.Field, own: str, path: str, words: Promise) -> None:
    """In a demo an address begins with its `own`; the form says what happens there."""
    if own:
        address.initial, address.help_text = f"{own}{path.lstrip('/')}", str(words)


def _by_group(book: Book) -> list[_Group]:
    """The categories under the names of their groups; a group without any is left out."""
    language, found = get_language() or "", []
    for group, one in book.groups.items():
        inside = [each for each in book.categories.values() if each.group == group]
        if inside:
            named = [(each.key, each.name_in(language)) for each in inside]
            found.append((one.name_in(language), named))
    return found


@dataclass(frozen=True)
class Boxes:
    """The boxes of one group."""

    name: str
    boxes: list[BoundWidget]

    @property
    def chosen(self) -> int:
        return sum(bool(box.data["selected"]) for box in self.boxes)


class WebhookForm(forms.Form):
    """Name, address, and what it is told of. Whose it is, is asked once, of who looks after all."""

    name = forms.CharField(
        label=_("名称"),
        max_length=48,
        help_text=_("如：市级平台。"),
        widget=forms.TextInput(_LOOK),
    )
    address = forms.CharField(
        label=_("推送到哪个地址"),
        max_length=500,
        help_text=_("以 https:// 开头。"),
        widget=forms.TextInput({**_LOOK, "inputmode": "url", "autocomplete": "off"}),
    )
    account = forms.ChoiceField(
        label=_("哪个账号"),
        help_text=_("它能看到哪些区域的工单，就推送哪些。"),
        widget=forms.Select({"class": "form-select"}),
    )
    types = forms.MultipleChoiceField(
        label=_("哪些事件"), required=False, help_text=_EVERY,
        widget=forms.CheckboxSelectMultiple({"class": "gz-choices"}),
    )  # fmt: skip
    categories = forms.MultipleChoiceField(
        label=_("哪些类别"), required=False, help_text=_EVERY,
        widget=forms.CheckboxSelectMultiple({"class": "gz-choices"}),
    )  # fmt: skip
    areas = forms.CharField(
        label=_("哪些区划"), required=False, max_length=1000,
        help_text=_("填区划代码，用空格隔开；不填就是账号能看到的全部。"),
        widget=forms.TextInput({**_LOOK, "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(
        self, *args: Any, programs: list[Account], book: Book, is_new: bool, own: str, **values: Any
    ) -> None:
        super().__init__(*args, **values)
        _lead_to_itself(self.fields["address"], own, reverse("receiving:events"), _RECEIVES)
        if is_new and programs:
            found = [(str(each.id), f"{each.name} {each.login}") for each in programs]
            self._choices("account", found)
        else:
            del self.fields["account"]
        self._choices("types", [(each.name, str(each.label)) for each in TYPES.values()])
        self._choices("categories", _by_group(book))

    def _choices(self, name: str, found: list[tuple[str, Any]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = found

    def category_groups(self) -> list[Boxes]:
        """The boxes of the categories, under the names of their groups."""
        boxes = iter(self["categories"])
        field = cast(forms.ChoiceField, self.fields["categories"])
        return [
            Boxes(str(name), list(islice(boxes, len(inside))))
            for name, inside in cast(Iterable[_Group], field.choices)
        ]

    def clean_areas(self) -> list[str]:
        return str(self.cleaned_data["areas"]).replace("，", " ").replace(",", " ").split()

    def clean_account(self) -> UUID:
        return UUID(self.cleaned_data["account"])


class ReplayForm(forms.Form):
    """From which moment on events are sent again."""

    since = MomentField(label=_("从什么时间起"))

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.fields["since"].widget.attrs |= _LOOK


class StageForm(forms.Form):
    """Which deliveries are shown."""

    stage = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        named = [(stage.value, name) for stage, name in STAGE_NAMES.items()]
        cast(forms.ChoiceField, self.fields["stage"]).choices = [("", ""), *named]

    @property
    def chosen(self) -> Stage | None:
        found = self.cleaned_data.get("stage") if self.is_valid() else ""
        return Stage(found) if found else None


class PeerForm(forms.Form):
    """Another city, and the unit here for which it stands."""

    name = forms.CharField(
        label=_("名称"), max_length=48, help_text=_("如：邻县治理平台。"),
        widget=forms.TextInput(_LOOK),
    )  # fmt: skip
    unit = forms.ChoiceField(
        label=_("对应哪个机构"),
        help_text=_("派给这个机构的工单会转给对方，对方的进展记作它的办理。"),
        widget=forms.Select({"class": "form-select"}),
    )
    address = forms.CharField(
        label=_("对方的 Open311 地址"), max_length=500,
        help_text=_("以 https:// 开头，到 v2 为止，如 https://city.example.org/open311/v2。"),
        widget=forms.TextInput({**_LOOK, "inputmode": "url", "autocomplete": "off"}),
    )  # fmt: skip
    jurisdiction = forms.CharField(
        label=_("对方的辖区代码"), max_length=64, required=False,
        help_text=_("jurisdiction_id，对方要求才填。"), widget=forms.TextInput(_LOOK),
    )  # fmt: skip
    key = forms.CharField(
        label=_("对方给的密钥"), max_length=200, required=False,
        widget=forms.TextInput({**_LOOK, "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(
        self, *args: Any, units: list[Unit], has_key: bool, own: str, **values: Any
    ) -> None:
        super().__init__(*args, **values)
        _lead_to_itself(self.fields["address"], own, OPEN311, _ASKS_ITSELF)
        chosen = cast(forms.ChoiceField, self.fields["unit"])
        chosen.choices = [(str(each.id), each.name) for each in units]
        asked = _KEY_OF_DEMO if own else _("向对方申请；没有密钥多数地方不收。")
        self.fields["key"].help_text = _("不填就还用原来那把。") if has_key else asked

    def clean_unit(self) -> UUID:
        return UUID(self.cleaned_data["unit"])


class ServicesForm(forms.Form):
    """For each category one of the services the peer has listed; the first is for all the rest."""

    others = forms.ChoiceField(
        label=_("没有单独选的类别"), required=False,
        widget=forms.Select({"class": "form-select"}),
    )  # fmt: skip

    def __init__(self, *args: Any, peer: Peer, book: Book, **values: Any) -> None:
        super().__init__(*args, **values)
        named = [(each["code"], f"{each['name']} {each['code']}") for each in peer.offers]
        rest = cast(forms.ChoiceField, self.fields["others"])
        rest.choices, rest.initial = [("", _("不转")), *named], peer.others
        self.categories = list(book.categories)
        for key, one in book.categories.items():
            self.fields[key] = forms.ChoiceField(
                label=one.name_in(get_language() or ""), required=False,
                initial=peer.services.get(key),
                choices=[("", "—"), *named], widget=forms.Select({"class": "form-select"}),
            )  # fmt: skip

    def by_group(self, book: Book) -> list[tuple[str, list[forms.BoundField], bool]]:
        """The fields under the names of their groups; whether any of a group is chosen."""
        named = [(name, [self[key] for key, _name in inside]) for name, inside in _by_group(book)]
        return [(name, fields, any(each.value() for each in fields)) for name, fields in named]

    @property
    def chosen(self) -> dict[str, Any]:
        services = {key: self.cleaned_data[key] for key in self.categories}
        return {"others": self.cleaned_data["others"], "services": services}


class ReachForm(forms.Form):
    """Which cases with a peer are shown."""

    reach = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        named = [(reach.value, name) for reach, name in REACH_NAMES.items()]
        cast(forms.ChoiceField, self.fields["reach"]).choices = [("", ""), *named]

    @property
    def chosen(self) -> Reach | None:
        found = self.cleaned_data.get("reach") if self.is_valid() else ""
        return Reach(found) if found else None


class AgainForm(forms.Form):
    """The number a case has at its peer, where somebody has asked for it."""

    request = forms.CharField(max_length=peers.LONGEST_NUMBER, required=False)
