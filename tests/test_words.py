"""Words shown to people: written in Chinese, marked for translation, translated into English."""

import ast
import re
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from tests import house
from tests.house import HOUSE

KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
}  # fmt: skip
CHINESE = re.compile(r"[\u4e00-\u9fff]")
STRING = r"(u?'(?:[^'\\]|\\.)*'|u?\"(?:[^\"\\]|\\.)*\")"
CALLS = re.compile(rf"\b(n?p?gettext|_)\(\s*{STRING}(?:\s*,\s*{STRING})?(?:\s*,\s*{STRING})?")
PLACES = re.compile(r"%\((\w+)\)s|%(?!%)[sd]|\{(\w*)\}")


def _of_python(path: Path) -> set[str]:
    found = extract("python", BytesIO(path.read_bytes()), KEYWORDS)
    return {_first(message) for _, message, _, context in found}


def _first(message: str | tuple[str, ...]) -> str:
    return message if isinstance(message, str) else message[0]


def _of_template(path: Path) -> set[str]:
    words = set()
    for match in CALLS.finditer(templatize(path.read_text("utf-8"))):
        function, first, second = match.group(1, 2, 3)
        words.add(ast.literal_eval(second if "p" in function.replace("_", "") else first))
    return words


def _templates(room: str) -> list[Path]:
    return sorted((HOUSE / room).glob("templates/**/*.html"))


@cache
def _shown(room: str) -> dict[str, str]:
    """Every marked message of a room, and where it is."""
    found: dict[str, str] = {}
    for source in house.sources():
        if source.room == room:
            found.update(dict.fromkeys(_of_python(source.path), str(source)))
    for path in _templates(room):
        found.update(dict.fromkeys(_of_template(path), str(path.relative_to(HOUSE))))
    return {message: where for message, where in found.items() if message.strip()}


@cache
def _translated(room: str) -> dict[str, str]:
    path = HOUSE / room / "locale" / "en" / "LC_MESSAGES" / "django.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        catalog = read_po(file, locale="en", abort_invalid=True)
    return {
        _first(message.id): _first(message.string)
        for message in catalog
        if message.id and message.string
    }


@pytest.mark.parametrize("room", house.rooms())
def test_every_message_of_a_room_is_translated_in_that_room(room):
    missing = {
        message: where
        for message, where in _shown(room).items()
        if not _translated(room).get(message)
    }
    assert not missing, (
        f"{room}/locale/en/LC_MESSAGES/django.po lacks {len(missing)}:\n"
        + "\n".join(f"  {where}: {message!r}" for message, where in sorted(missing.items()))
    )


@pytest.mark.parametrize("room", house.rooms())
def test_a_translation_keeps_the_places_of_its_message(room):
    for message, words in _translated(room).items():
        there, here = (sorted(m.group() for m in PLACES.finditer(t)) for t in (message, words))
        assert set(here) == set(there), f"{room}: {message!r} → {words!r}"
        assert not CHINESE.search(words), f"{room}: {words!r} is not English"


def test_one_message_has_one_translation():
    seen: dict[str, tuple[str, str]] = {}
    for room in house.rooms():
        for message, words in _translated(room).items():
            other, there = seen.setdefault(message, (words, room))
            assert other == words, f"{message!r}: {there} says {other!r}, {room} says {words!r}"


TAGS = re.compile(
    r"{%\s*blocktrans(?:late)?\b.*?%}.*?{%\s*endblocktrans(?:late)?\s*%}|{%.*?%}|{{.*?}}|{#.*?#}|<!--.*?-->",
    re.S,
)


# A language's own name, or a sign that isn't read out, is the same in every language.
OWN_LANGUAGE = re.compile(r"<(\w+)\b[^>]*\s(?:lang=\"zh|aria-hidden=\"true\")[^>]*>[^<]*</\1>")


@pytest.mark.parametrize(
    "path", [p for room in house.rooms() for p in _templates(room)], ids=lambda p: p.name
)
def test_templates_show_no_words_that_are_not_marked(path):
    bare = OWN_LANGUAGE.sub("", TAGS.sub("", path.read_text("utf-8")))
    found = [line.strip() for line in bare.splitlines() if CHINESE.search(line)]
    assert not found, f"{path.relative_to(HOUSE)}: put {found[:3]} into {{% translate %}}"
