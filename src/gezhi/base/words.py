"""Text that people typed, as it is stored: without the zero bytes PostgreSQL can't hold."""

import re
from typing import TYPE_CHECKING, Any
from unicodedata import category, normalize

from django.contrib.postgres.search import SearchVectorField
from django.db import models

# Controls, marks of direction and joining, blanks.
_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})


def clean(text: str) -> str:
    """The text without zero bytes and blanks around it; empty where nothing can be seen of it."""
    text = text.replace("\x00", "").strip()
    return text if any(category(sign) not in _UNSEEN for sign in text) else ""


_MOBILE = re.compile(r"(?:86)?(1[3-9]\d{9})")


def mobile_of(typed: str) -> str:
    """The eleven digits of a mobile number however it was typed; empty for what is none."""
    found = _MOBILE.fullmatch(re.sub(r"[^0-9]", "", normalize("NFKC", typed)))
    return found[1] if found else ""


_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def safe_cell(text: str) -> str:
    """A text no spreadsheet takes for a formula, also after it was saved as csv."""
    return f"'{text}" if _FORMULA.match(text) else text


def typed_cell(text: str) -> str:
    """What stood there before `safe_cell`, so that a table we gave out comes back as it was."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


if TYPE_CHECKING:
    _Text = models.TextField[str, str]
    _Vector = SearchVectorField[str, str]
else:  # the field takes types for the checker only
    _Text = models.TextField
    _Vector = SearchVectorField


class IndexField(_Vector):
    """A search index over words that are already parted by blanks."""

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        return "to_tsvector('simple'::regconfig, %s)"


class WordsField(_Text):
    """A text column that takes whatever was typed."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return clean(value) if isinstance(value, str) else value
