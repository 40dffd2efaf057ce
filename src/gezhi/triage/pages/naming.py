"""How pages of triage name what they show."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.conf import settings
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from gezhi.places import reads as places
from gezhi.places.rules import BETWEEN
from gezhi.rulebook import reads as rulebook
from gezhi.triage.models import Topic

_COUNTY, _VILLAGE = 6, 12  # digits of their codes


def category_names(keys: Iterable[str]) -> dict[str, str]:
    """Categories by their names in the reader's language; a key nobody knows stays one."""
    known = rulebook.current(settings.COUNTY).categories
    language = get_language() or "zh-hans"
    return {key: known[key].name_in(language) if key in known else key for key in set(keys) if key}


def open_categories() -> list[tuple[str, list[tuple[str, str]]]]:
    """The kinds that are not sensitive, by group: what may be put together."""
    book, language = rulebook.current(settings.COUNTY), get_language() or "zh-hans"
    return [
        (
            group.name_in(language),
            [
                (key, kind.name_in(language))
                for key, kind in book.categories.items()
                if kind.group == group.key and not kind.sensitive
            ],
        )
        for group in book.groups.values()
    ]


def places_told(found: Iterable[Topic]) -> dict[UUID, tuple[str, str]]:
    """Where each of these topics is, in a word or two for its line and in full.

    Empty where nobody said where it is.
    """
    rows = list(found)
    paths = {topic.path for topic in rows if len(topic.path) > _COUNTY}
    paths |= {town for topic in rows for town in topic.towns}
    names = places.words_of(paths | {path[:_VILLAGE] for path in paths})
    return {topic.id: _where(topic, names) for topic in rows}


def _where(topic: Topic, names: Mapping[str, str]) -> tuple[str, str]:
    if len(topic.path) > _COUNTY:
        whole = names[topic.path]
        own = names[topic.path[:_VILLAGE]].rpartition(BETWEEN)[2]
        return topic.place or own, BETWEEN.join(filter(None, (whole, topic.place)))
    towns = [names[town] for town in topic.towns if names[town]]
    said = towns[0] if towns else ""
    if len(towns) > 1:
        several = ngettext("%(town)s等 %(n)s 个乡镇", "%(town)s等 %(n)s 个乡镇", len(towns))
        said = several % {"town": said, "n": len(towns)}
    return topic.place or said, BETWEEN.join(filter(None, (said, topic.place)))


def line_for(topic: Topic, *, where: str, category: str) -> str:
    """东滩小区 · 停水：三天没水、水压: where, what kind, and what its reports share."""
    head = BETWEEN.join(filter(None, (where, category)))
    words = _("、").join(word for word in topic.words if word not in head)
    return _("：").join(filter(None, (head, words)))
