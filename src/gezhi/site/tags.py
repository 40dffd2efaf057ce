"""What every template may write besides Django's own tags, and two of those, remembered.

A page says forty fixed words and asks for twenty-seven fixed addresses. Django looks each
up anew for every page; here what can't change between pages is looked up once.
"""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from django import template
from django.template.base import FilterExpression, Node, Parser, Token
from django.template.defaulttags import url as url_tag
from django.templatetags.i18n import TranslateNode, do_translate
from django.templatetags.static import StaticNode, do_static, static
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
@cache  # a page shows a dozen, always the same
def icon(name: str) -> SafeString:
    """A picture from the set, for the eye only: the words stand beside it."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        static("icons.svg"),
        name,
    )


class Fixed(Node):
    """An address that is the same on every page."""

    def __init__(self, find: Callable[[str], str], name: str) -> None:
        self.find, self.name = find, name

    def render(self, context: Any) -> str:
        return self.find(self.name)


@lru_cache(maxsize=500)
def _address(name: str) -> str:
    return reverse(name)


@lru_cache(maxsize=500)
def _file(name: str) -> str:
    return escape(StaticNode.handle_simple(name))


@register.tag
def url(parser: Parser, token: Token) -> Node:
    """Django's `url`; remembered where the name is written out and takes no values."""
    node = url_tag(parser, token)
    is_plain = not (node.args or node.kwargs or node.asvar)
    name = _constant(node.view_name)
    return Fixed(_address, name) if is_plain and name else node


@register.tag("static")
def static_file(parser: Parser, token: Token) -> Node:
    """Django's `static`; remembered where the file is written out."""
    node = do_static(parser, token)
    name = _constant(node.path)
    return Fixed(_file, name) if name and not node.varname else node


class FixedWords(Node):
    """Words written in the template, in the reader's language."""

    def __init__(self, node: TranslateNode) -> None:
        self.node = node
        self.said: dict[str | None, str] = {}

    def render(self, context: Any) -> str:
        language = get_language()
        if language not in self.said:
            self.said[language] = self.node.render(context)
        return self.said[language]


@register.tag
def translate(parser: Parser, token: Token) -> Node:
    """Django's `translate`; remembered where it is nothing but words."""
    node = do_translate(parser, token)
    is_plain = not (node.noop or node.asvar or node.message_context)
    return FixedWords(node) if is_plain and _constant(node.filter_expression) else node


def _constant(expression: FilterExpression) -> str:
    """The text of an expression that is nothing but a text; else empty."""
    var = getattr(expression, "var", None)
    literal = getattr(var, "literal", var)
    return str(literal) if isinstance(literal, str) and not expression.filters else ""
