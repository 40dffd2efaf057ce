"""Joined templates say what Django's own loader would have them say."""

import pytest
from django.template import Context, Engine
from django.template.base import Node
from django.utils import translation

from gezhi.site.loading import Joined

_PAGES = {
    "base": "<title>{% translate '格治' %}</title>"
    "{% block main %}{% translate '工单' %}{% endblock %}",
    "child": "{% extends 'base' %}{% block main %}"
    "{% if yes %}<a href=\"{% url 'desk:inbox' %}\">{% translate '工单' %}</a>{% else %}"
    "{% icon 'bell' %}{{ name }}{% endif %}"
    "{% for one in many %}<i>{{ one }}{% icon 'plus' %}</i>{% empty %}{% icon 'search' %}!"
    "{% endfor %}{{ block.super }}{% endblock %}",
}
_VALUES = [
    {"yes": True, "many": [1, 2]},
    {"yes": False, "many": [], "name": "<b>"},
    {"yes": False, "many": ["&"], "name": "李"},
]


def _engine(*, joins: bool) -> Engine:
    kept = "gezhi.site.loading.Loader" if joins else "django.template.loaders.cached.Loader"
    return Engine(
        loaders=[(kept, [("django.template.loaders.locmem.Loader", _PAGES)])],
        builtins=Engine.get_default().builtins,
    )


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_joined_page_says_the_same(language: str) -> None:
    joined, plain = _engine(joins=True), _engine(joins=False)
    with translation.override(language):
        for values in _VALUES * 2:  # once when it is looked up, once when it is remembered
            said = joined.get_template("child").render(Context(values))
            assert said == plain.get_template("child").render(Context(values))


def test_a_language_never_hears_the_words_of_another() -> None:
    page = _engine(joins=True).get_template("base")
    for language, word in [("zh-hans", "工单"), ("en", "Cases"), ("zh-hans", "工单")]:
        with translation.override(language):
            assert word in page.render(Context())


def test_a_page_of_fixed_words_is_one_piece() -> None:
    page = _engine(joins=True).get_template("base")
    assert len(page.nodelist.get_nodes_by_type(Joined)) == 2  # around the block, and within it


def test_every_template_of_the_house_is_loaded_joined() -> None:
    loader = Engine.get_default().template_loaders[0]
    assert f"{type(loader).__module__}.{type(loader).__name__}" == "gezhi.site.loading.Loader"
    page = Engine.get_default().get_template("desk/inbox.html")
    assert any(isinstance(node, Joined) for node in page.nodelist.get_nodes_by_type(Node))
