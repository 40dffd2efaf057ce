"""How likeness is said to people: how far, and how much of the words."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

_TENTHS = "一二三四五六七八九"
_LEAST = 0.3  # two reports of one kind share that much by chance
_NEARLY_ALL = 0.95


def words_shared(part: float) -> str:
    """文字八成相同; nothing where it is too little to be a reason."""
    if part < _LEAST:
        return ""
    if part >= _NEARLY_ALL:
        return _("文字几乎一样")
    tenths = min(9, round(part * 10))
    said = f"{tenths}0 %" if get_language() == "en" else f"{_TENTHS[tenths - 1]}成"
    return _("文字%(part)s相同") % {"part": said}


def apart(metres: int | None) -> str:
    """距离 40 米; nothing where nobody knows."""
    return "" if metres is None else _("距离 %(metres)s 米") % {"metres": metres}
