"""Speaking Open311 as its clients do, in both forms at once."""

from typing import Any
from xml.etree.ElementTree import Element, fromstring

from django.test import Client

from gezhi.api.tests.open311_schemas import must_fit
from tests.cast import GRID, point_in

LON, LAT = point_in(GRID)
LAMP = {"service_code": "utility.lamp", "lat": LAT, "long": LON, "description": "路灯坏了三天"}
KINDS = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
# Elements whose children are all of one name: arrays by the Spark convention, also when empty.
LISTS = {
    "services", "service_requests", "errors", "attributes", "values", "endpoints", "formats",
    "notes", "service_request_updates",
}  # fmt: skip


def spark(xml: bytes) -> Any:
    """JSON of an XML answer, by the convention alone; texts stay texts, for XML has no others."""
    return _spark(fromstring(xml))  # noqa: S314 - our own answer


def _spark(element: Element) -> Any:
    if element.tag in LISTS:
        return [_spark(child) for child in element]
    if len(element):
        return {child.tag: _spark(child) for child in element}
    return element.text or None


def in_texts(tree: Any) -> Any:
    """A JSON answer with its scalars written as XML writes them."""
    if isinstance(tree, dict):
        return {name: in_texts(each) for name, each in tree.items()}
    if isinstance(tree, list):
        return [in_texts(each) for each in tree]
    if isinstance(tree, bool):
        return "true" if tree else "false"
    return tree if tree is None else str(tree)


def said(client: Client, path: str, query: Any = None, *, status: int = 200, **more: Any) -> Any:
    """What an address answers, the same in both forms."""
    answers = {
        form: client.get(f"/open311/v2/{path}.{form}", query or {}, **more) for form in KINDS
    }
    for form, kind in KINDS.items():
        found = answers[form]
        assert found.status_code == status, (form, found.status_code, found.content[:400])
        assert found["Content-Type"] == kind
        assert found["Access-Control-Allow-Origin"] == "*"
    assert answers["xml"].content.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n<')
    assert b"xmlns" not in answers["xml"].content
    body = answers["json"].json()
    must_fit(body, path if status == 200 else "errors")
    assert spark(answers["xml"].content) == in_texts(body)
    return body


def told(client: Client, sent: Any, *, form: str = "json", status: int = 200, **more: Any) -> Any:
    """What the answer to a report says, in one form, read by the convention."""
    answer = client.post(f"/open311/v2/requests.{form}", sent, **more)
    assert answer.status_code == status, answer.content.decode()
    assert answer["Content-Type"] == KINDS[form]
    if form == "xml":
        return spark(answer.content)
    must_fit(answer.json(), "tokens" if status == 200 else "errors")
    return answer.json()


def words_of(errors: Any) -> str:
    """The descriptions of an answer that is a refusal."""
    return " ".join(each["description"] for each in errors)
