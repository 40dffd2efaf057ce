"""One answer, two forms: a tree of plain values as XML, and as JSON by the Spark convention.

Spark: the root element falls away, an element of repeated children of one kind is an array,
however many there are, an empty element is null, any other with children is an object.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, TypeAlias
from xml.sax.saxutils import escape

from gezhi.base.days import in_utc

Scalar: TypeAlias = str | int | float | bool | datetime | None
Tree: TypeAlias = "Scalar | Mapping[str, Tree] | Many | Written"
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

# What XML 1.0 can't hold, not even escaped; and halves of signs, which UTF-8 can't.
_UNHEARD_OF = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Many:
    """An element with children of one name: `Many("service", …)` is what `services` holds."""

    child: str
    items: "tuple[Tree, ...]" = ()


class Written:
    """An element that is kept and told again: each form of it is written once."""

    def __init__(self, tree: "Tree") -> None:
        self._tree = tree

    @cached_property
    def json(self) -> bytes:
        return as_json(self._tree)

    @cached_property
    def xml(self) -> str:
        return _content(self._tree)


def as_xml(root: str, tree: Tree) -> bytes:
    """A whole document, without namespace."""
    return f'<?xml version="1.0" encoding="utf-8"?>\n{_element(root, tree)}'.encode()


def as_json(tree: Tree) -> bytes:
    """The same as JSON: Spark takes the root away, so only its content is given."""
    if isinstance(tree, Many):
        return b"[%s]" % b",".join(map(as_json, tree.items))
    return tree.json if isinstance(tree, Written) else _encode(_plain(tree)).encode()


def _element(name: str, tree: Tree) -> str:
    return f"<{name}>{_content(tree)}</{name}>"


def _content(tree: Tree) -> str:
    if isinstance(tree, Many):
        return "".join(_element(tree.child, each) for each in tree.items)
    if isinstance(tree, Mapping):
        return "".join(_element(name, each) for name, each in tree.items())
    if isinstance(tree, Written):
        return tree.xml
    value = _value(tree)
    if value is None:
        return ""
    return escape(value) if isinstance(value, str) else json.dumps(value)


def _plain(tree: Tree) -> Any:
    if tree is None or isinstance(tree, (str, float, int, datetime)):
        return _value(tree)  # most of them by far, and asking about a Mapping is slow
    if isinstance(tree, Many):
        return [_plain(each) for each in tree.items]
    if isinstance(tree, Written):
        return json.loads(tree.json)
    return {name: _plain(each) for name, each in tree.items()} or None


def _value(value: Scalar) -> str | int | float | bool | None:
    """A value as both forms have it; an empty text is an empty element, which is null."""
    if isinstance(value, str):
        # What can be printed holds nothing to be cleaned.
        return (value if value.isprintable() else clean_text(value)) or None
    return in_utc(value) if isinstance(value, datetime) else value


def clean_text(text: str) -> str:
    """Without what XML can't hold; line breaks as every reader of XML makes them."""
    return _UNHEARD_OF.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
