"""One answer, two forms: a tree of plain values as XML, and as JSON by the Spark convention.

Spark: the root element falls away, an element of repeated children of one kind is an array,
however many there are, an empty element is null, any other with children is an object.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from xml.sax.saxutils import escape

from gezhi.base.days import in_utc

Scalar: TypeAlias = str | int | float | bool | datetime | None
Tree: TypeAlias = "Scalar | Mapping[str, Tree] | Many"
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

# What XML 1.0 can't hold, not even escaped; and halves of signs, which UTF-8 can't.
_UNHEARD_OF = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Many:
    """An element with children of one name: `Many("service", …)` is what `services` holds."""

    child: str
    items: "tuple[Tree, ...]" = ()


class Written:
    """What a whole answer holds, in the one form that was asked for: no more of it is kept."""

    def __init__(self, tree: "Tree", format: str) -> None:
        self.content = as_json(tree) if format == "json" else _content(tree).encode()


def as_xml(root: str, tree: "Tree | Written") -> bytes:
    """A whole document, without namespace."""
    content = tree.content if isinstance(tree, Written) else _content(tree).encode()
    return b'<?xml version="1.0" encoding="utf-8"?>\n<%b>%b</%b>' % (
        root.encode(), content, root.encode(),
    )  # fmt: skip


def as_json(tree: "Tree | Written") -> bytes:
    """The same as JSON: Spark takes the root away, so only its content is given."""
    if isinstance(tree, Many):
        return b"[%s]" % b",".join(map(as_json, tree.items))
    return tree.content if isinstance(tree, Written) else _encode(_plain(tree)).encode()


def _element(name: str, tree: Tree) -> str:
    return f"<{name}>{_content(tree)}</{name}>"


def _content(tree: Tree) -> str:
    if isinstance(tree, Many):
        return "".join(_element(tree.child, each) for each in tree.items)
    if isinstance(tree, Mapping):
        return "".join(_element(name, each) for name, each in tree.items())
    value = _value(tree)
    if value is None:
        return ""
    return escape(value) if isinstance(value, str) else json.dumps(value)


def _plain(tree: Tree) -> Any:
    if tree is None or isinstance(tree, (str, float, int, datetime)):
        return _value(tree)  # most of them by far, and asking about a Mapping is slow
    if isinstance(tree, Many):
        return [_plain(each) for each in tree.items]
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
