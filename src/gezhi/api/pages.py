"""The description of the API, for programs (openapi.json) and for people (docs)."""

from functools import lru_cache
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from gezhi.api.api import api
from gezhi.base.api import encode
from gezhi.base.refusal import all_refusals


@lru_cache(maxsize=1)
def described() -> dict[str, Any]:
    """The OpenAPI description; made once, it changes only with the code."""
    return dict(api.get_openapi_schema())


@lru_cache(maxsize=1)
def _as_bytes() -> bytes:
    return encode(described())


@login_not_required
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI 3.1 description of all operations. Public: it names nobody."""
    answer = HttpResponse(_as_bytes(), content_type="application/json")
    answer["Cache-Control"] = "public, max-age=300"
    return answer


@login_not_required
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """All operations and all refusals, to be read by people. Public like the file."""
    return render(request, "api/docs.html", _docs(get_language() or ""))


@lru_cache(maxsize=4)
def _docs(language: str) -> dict[str, Any]:
    described_ = described()
    groups: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in described_["tags"]}
    for address, methods in described_["paths"].items():
        for method, operation in methods.items():
            groups[operation["tags"][0]].append(_row(method, address, operation))
    refusals = sorted(
        {kind.code: (kind.status, _words(kind.__doc__)) for kind in all_refusals()}.items()
    )
    return {
        "info": described_["info"],
        "groups": [{**tag, "operations": groups[tag["name"]]} for tag in described_["tags"]],
        "refusals": [(code, status, words) for code, (status, words) in refusals],
    }


def _row(method: str, address: str, operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {})
    fields: dict[str, Any] = {}
    for kind in body.values():
        fields = _resolve(kind["schema"]).get("properties", {})
    return {
        "method": method.upper(),
        "address": address,
        "id": operation["operationId"],
        "summary": operation["summary"],
        "description": operation.get("description", ""),
        "is_public": {} in operation["security"],
        "questions": [each for each in map(_resolve, operation["parameters"])],
        "fields": list(fields),
        "statuses": list(operation["responses"]),
    }


def _resolve(part: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in part:
        found: Any = described()
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def _words(docstring: str | None) -> str:
    return (docstring or "").strip().split("\n")[0]
