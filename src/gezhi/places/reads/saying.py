"""How a place is said, here and nowhere else: 柳泉镇 · 上河村 · 第三网格."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gezhi.places import rules
from gezhi.places.reads.areas import areas_under
from gezhi.places.reads.standing import token_of

_Names = Mapping[str, tuple[str, str]]  # path → its own name, its kind


def words_of(paths: Iterable[str]) -> dict[str, str]:
    """How people say where each of these paths is, without the county, in the reader's language.

    Names that changed in another process show within a second.
    """
    return {path: rules.BETWEEN.join(said) for path, said in _said(paths).items()}


def words_for(path: str) -> str:
    """The same for one path; empty for one where nothing stands today."""
    return words_of([path])[path]


def names_along(path: str) -> tuple[str, ...]:
    """The same one by one, the county first."""
    steps = _said([path])[path]
    county = path[:6]
    return (_said([county])[county] + steps) if len(path) > len(county) else steps


def _said(paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
    known: dict[str, _Names] = {}
    said = {}
    for path in set(paths):
        county = rules.county_of(path)
        if county not in known:
            known[county] = _names(county, token_of(county))
        said[path] = _say(path, known[county])
    return said


@lru_cache(maxsize=8)
def _names(county: str, _revision: UUID | None) -> _Names:
    rows = areas_under("", county=county).values_list("path", "name", "short_name", "kind")
    return {
        path: (rules.name_alone(name, short, path=path, kind=kind), kind)
        for path, name, short, kind in rows
    }


def _say(path: str, names: _Names) -> tuple[str, ...]:
    steps = [step for step in rules.steps_of(path) if len(step) > 6] or [path]
    standing = [step for step in steps if step in names]
    said = rules.said_once([names[step][0] for step in standing])
    if not said or (get_language() or "").startswith("zh"):
        return said
    return (*said[:-1], _with_level(said[-1], names[standing[-1]][1]))


def _with_level(name: str, kind: str) -> str:
    """A name that stays Chinese, with what it is in the reader's language."""
    number = rules.grid_number(name)
    if number is not None:
        return _("第%(number)s网格") % {"number": number}
    words = rules.KIND_WORDS.get(kind)
    return str(words) % {"name": name} if words else name
