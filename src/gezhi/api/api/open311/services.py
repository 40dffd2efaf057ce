"""What can be reported to whom: discovery, the services, and what each asks."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gezhi.api import errors
from gezhi.api.api.open311.answering import Given, asked, check_jurisdiction, must_be_named
from gezhi.api.rules.trees import Many, Tree
from gezhi.people import reads as people
from gezhi.people.errors import CentreMissing
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Category, Question

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
_FORMATS = Many("format", ("text/xml", "application/json"))


def discovery(request: HttpRequest) -> Given:
    """Where the service is, what it speaks, and whom to ask for a key."""
    root = request.build_absolute_uri(reverse("open311:discovery", args=["xml"]))
    since = rulebook.in_force_since(settings.COUNTY)
    endpoint: Tree = {
        "specification": SPECIFICATION,
        "url": root.removesuffix("/discovery.xml"),
        "changeset": since,
        "type": "test" if settings.DEMO else "production",
        "formats": _FORMATS,
    }
    key_service = _("向系统管理员申请账号；安全管理员给它“对接方”的岗位，再生成接口密钥。")
    return "discovery", {
        "changeset": since,
        "contact": _contact(),
        "key_service": key_service,
        "endpoints": Many("endpoint", (endpoint,)),
    }


def _contact() -> str:
    try:
        centre = people.centre_for(settings.COUNTY, county=settings.COUNTY)
    except CentreMissing:
        return settings.COUNTY
    return " ".join(part for part in (centre.name, centre.phone) if part)


def services(request: HttpRequest) -> Given:
    """Every category of the rulebook in force."""
    check_jurisdiction(asked(request))
    book, language = rulebook.current(settings.COUNTY), get_language() or ""
    listed = tuple(
        _service(one, book.groups[one.group].name_in(language), language)
        for one in book.categories.values()
    )
    return "services", Many("service", listed)


def _service(one: Category, group: str, language: str) -> Tree:
    return {
        "service_code": one.key,
        "service_name": one.name_in(language),
        "description": " ".join(one.questions) or f"{group} · {one.name_in(language)}",
        "metadata": bool(one.asks),
        "type": one.service_type,
        "keywords": ",".join(each.replace(",", " ") for each in one.keywords),
        "group": group,
    }


def definition(request: HttpRequest, code: str) -> Given:
    """The questions of one service; a service without any has an empty list of them."""
    check_jurisdiction(asked(request))
    must_be_named("service_code", code)
    one = rulebook.current(settings.COUNTY).categories.get(code)
    if one is None:
        raise errors.NoSuchThing(name="service_code")
    language = get_language() or ""
    attributes = tuple(
        _attribute(question, order, language) for order, question in enumerate(one.asks, start=1)
    )
    return "service_definition", {
        "service_code": one.key,
        "attributes": Many("attribute", attributes),
    }


def _attribute(one: Question, order: int, language: str) -> Tree:
    values = tuple({"key": key, "name": name} for key, name in one.values.items())
    return {
        "variable": one.variable,
        "code": one.code,
        "datatype": one.datatype,
        "required": one.required,
        "datatype_description": one.note,
        "order": order,
        "description": one.name_in(language),
        "values": Many("value", values),
    }
