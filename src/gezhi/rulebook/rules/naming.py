"""Things of the rulebook have a Chinese and an English name, what is promised the same all over."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# What is promised, by the kind of promise; a stage has a name of its own besides.
KIND_NAMES: Mapping[str, Promise] = {
    "accept": _("受理"),
    "forward": _("转办"),
    "sign": _("签收"),
    "finish": _("办结"),
    "stage": _("阶段"),
    "arrive": _("报到"),
    "answer": _("答复督办"),
    "visit": _("回访"),
    "reply": _("诉求人答复"),
    "pause": _("挂起"),
    "rate": _("评价"),
    "reopen": _("重办"),
}


# What a named ground is, by its kind.
ZONE_NAMES: Mapping[str, Promise] = {
    "estate": _("小区"),
    "market": _("市场"),
    "park": _("公园"),
    "school": _("学校"),
    "hospital": _("医院"),
    "plant": _("厂区"),
    "road": _("路段"),
    "river": _("河段"),
    "other": _("其他地块"),
}


@dataclass(frozen=True)
class Named:
    """`name` is the Chinese one."""

    name: str
    name_en: str

    def name_in(self, language: str) -> str:
        """The name in a language code such as `zh-hans` or `en`; Chinese for all others."""
        return self.name_en if language.startswith("en") else self.name
