"""What every template may write besides Django's own tags, and which uses of those are fixed.

A page says forty fixed words and asks for twenty-seven fixed addresses and files. Django looks
each up anew for every page; here those that can't change between pages are marked, and
`site.loading` joins them with the text around them.
"""

from datetime import datetime
from functools import cache
from typing import Any

from django import template
from django.template.base import FilterExpression, Node, Parser, Token
from django.template.defaulttags import url as url_tag
from django.templatetags.i18n import do_translate
from django.templatetags.static import do_static, static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from gezhi.base import clock, days

register = template.Library()


def is_fixed(node: Node) -> bool:
    """Whether the node says the same on every page of one language."""
    return getattr(node, "is_fixed", False)


def _mark(node: Node, is_plain: bool) -> Node:
    node.is_fixed = is_plain  # type: ignore[attr-defined]  # read by `is_fixed` alone
    return node


@register.filter
def moment(at: datetime | None) -> str:
    """今天 14:20, 11月21日 14:20: as every page of the desk says it."""
    return days.moment(at, clock.now())


@register.filter
def day(at: datetime) -> str:
    """The day alone: 11月21日."""
    return days.day(timezone.localdate(at), timezone.localdate(clock.now()))


@register.tag
def url(parser: Parser, token: Token) -> Node:
    """Django's `url`; fixed where the name and its values are written out."""
    node = url_tag(parser, token)
    values = [node.view_name, *node.args, *node.kwargs.values()]
    return _mark(node, all(map(_is_constant, values)) and not node.asvar)


@register.tag("static")
def static_file(parser: Parser, token: Token) -> Node:
    """Django's `static`; fixed where the file is written out."""
    node = do_static(parser, token)
    return _mark(node, _is_constant(node.path) and not node.varname)


@register.tag
def translate(parser: Parser, token: Token) -> Node:
    """Django's `translate`; fixed where it is nothing but words."""
    node = do_translate(parser, token)
    does_more = bool(node.noop or node.asvar or node.message_context)
    return _mark(node, _is_constant(node.filter_expression) and not does_more)


class Icon(Node):
    """A picture from the set, for the eye only: the words stand beside it."""

    def __init__(self, name: FilterExpression) -> None:
        self.name = name

    def render(self, context: Any) -> SafeString:
        return _picture(self.name.resolve(context))


@cache  # a page shows a dozen, always the same
def _picture(name: str) -> SafeString:
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        static("icons.svg"),
        name,
    )


@register.tag
def icon(parser: Parser, token: Token) -> Node:
    """`{% icon "bell" %}`; fixed where the name is written out."""
    name = parser.compile_filter(token.split_contents()[1])
    return _mark(Icon(name), _is_constant(name))


def _is_constant(expression: FilterExpression) -> bool:
    """Whether an expression is nothing but a text written out."""
    var = getattr(expression, "var", None)
    literal = getattr(var, "literal", var)
    return isinstance(literal, str) and bool(literal) and not expression.filters
