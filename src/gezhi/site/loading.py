"""Templates as the processes keep them: what is the same on every page joined to one piece.

A list of nodes costs Django the same for a fixed word as for a value. Joined, four fifths of
a page's nodes are looked up once for each language (docs/decisions/0011).
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.template import Origin, Template
from django.template.base import Node, NodeList, TextNode
from django.template.loaders import base, cached
from django.utils.translation import get_language

from gezhi.site.tags import is_fixed


class Joined(Node):
    """Neighbours that never change, said once for each language."""

    def __init__(self, parts: list[Node]) -> None:
        self.parts = parts
        self.token, self.origin = parts[0].token, parts[0].origin
        self.said: dict[str | None, str] = {}

    def render(self, context: Any) -> str:
        language = get_language()
        if language not in self.said:
            self.said[language] = "".join(part.render(context) for part in self.parts)
        return self.said[language]


def join(nodes: NodeList) -> None:
    """Join, in place, what is fixed here and in every list beneath."""
    joined: list[Node] = []
    for fixed, found in groupby(nodes, key=_is_fixed):
        parts = list(found)
        if fixed and any(map(is_fixed, parts)):
            joined.append(Joined(parts))
        else:
            joined += parts
    nodes[:] = joined
    for node in nodes:
        for inner in _lists_of(node):
            join(inner)


def _is_fixed(node: Node) -> bool:
    return isinstance(node, TextNode) or is_fixed(node)


def _lists_of(node: Node) -> Iterator[NodeList]:
    for _condition, inner in getattr(node, "conditions_nodelists", ()):
        yield inner
    for name in node.child_nodelists:
        # IfNode's own `nodelist` is made anew at each asking: its lists are those above.
        if isinstance(inner := vars(node).get(name), NodeList):
            yield inner


class _Joining(base.Loader):
    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        made = super().get_template(template_name, skip)
        join(made.nodelist)
        return made


class Loader(cached.Loader, _Joining):
    """Django's keeping loader, which compiles a template once; joined before it is kept."""
