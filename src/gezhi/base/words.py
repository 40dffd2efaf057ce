"""Text that people typed, as it is stored: without the zero bytes PostgreSQL can't hold."""

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.search import SearchVectorField
from django.db import models


def clean(text: str) -> str:
    """The text without zero bytes and without blanks around it."""
    return text.replace("\x00", "").strip()


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
