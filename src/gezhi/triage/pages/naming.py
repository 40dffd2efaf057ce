"""How pages of triage name what they show."""

from collections.abc import Iterable

from django.conf import settings
from django.utils.translation import get_language

from gezhi.rulebook import reads as rulebook


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
