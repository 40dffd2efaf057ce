"""The tags that are remembered say the same as Django's."""

from django.template import Context, Engine, Template
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation


def shown(source: str, **values: object) -> str:
    return Template(source).render(Context(values))


def test_fixed_words_follow_the_language() -> None:
    page = Template("{% translate '工单' %}")
    for _again in range(2):
        with translation.override("zh-hans"):
            assert page.render(Context()) == "工单"
        with translation.override("en"):
            assert page.render(Context()) == "Cases"


def test_words_that_are_no_constant_are_said_anew() -> None:
    page = Template("{% translate word %}{% translate '工单' as kept %}|{{ kept }}")
    with translation.override("en"):
        assert page.render(Context({"word": "工单"})) == "Cases|Cases"
        assert page.render(Context({"word": "<b>"})) == "&lt;b&gt;|Cases"


def test_addresses_are_those_of_reverse() -> None:
    assert shown("{% url 'desk:inbox' %}") == reverse("desk:inbox")
    case = reverse("desk:case", args=["261122-000001"])
    assert shown("{% url 'desk:case' number %}", number="261122-000001") == case
    assert shown("{% url name %}", name="desk:inbox") == reverse("desk:inbox")
    assert shown("{% url 'desk:inbox' as kept %}[{{ kept }}]") == f"[{reverse('desk:inbox')}]"


def test_an_icon_is_for_the_eye_only() -> None:
    assert 'aria-hidden="true"' in shown("{% icon 'bell' %}")
    assert "#bell" in shown("{% icon 'bell' %}")
    assert "<b" not in shown("{% icon name %}", name="<b>")


def test_the_house_own_tags_are_those_of_every_template() -> None:
    assert "gezhi.site.tags" in Engine.get_default().builtins


def test_files_are_those_of_the_storage() -> None:
    assert shown("{% static 'desk.css' %}") == static("desk.css")
    assert shown("{% static name %}", name="desk.css") == static("desk.css")
    assert shown("{% static 'desk.css' as kept %}[{{ kept }}]") == f"[{static('desk.css')}]"
