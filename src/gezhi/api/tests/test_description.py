"""The OpenAPI file: whole, equal to the code, and said the same in docs/."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from gezhi.api.api import api, operations
from gezhi.api.pages import described
from gezhi.base.problem import MEDIA_TYPE

FILE = Path(__file__).parents[4] / "docs" / "openapi.json"


def _all() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, methods in described()["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_file_in_docs_is_what_the_code_says() -> None:
    now = json.dumps(described(), ensure_ascii=False, indent=1) + "\n"
    if os.environ.get("GEZHI_REWRITE"):
        FILE.write_text(now, encoding="utf-8")
    told = "docs/openapi.json is old: run GEZHI_REWRITE=1 pytest src/gezhi/api/tests"
    assert FILE.read_text(encoding="utf-8") == now, told


def test_names_of_operations_are_given_once() -> None:
    names = [operation["operationId"] for _method, _path, operation in _all()]
    assert len(names) == len(set(names)) == len(operations(api))


def test_no_two_shapes_have_one_name() -> None:
    """The description knows shapes by name alone: the second would be told for the first."""
    shapes = list(_shapes_under(BaseModel))
    ours = Counter(one.__name__ for one in shapes if one.__module__.startswith("gezhi."))
    assert [name for name, times in ours.items() if times > 1] == []


def _shapes_under(shape: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for each in shape.__subclasses__():
        yield each
        yield from _shapes_under(each)


def test_no_shape_of_what_comes_in_is_written_down_twice() -> None:
    """What two rooms take alike stands in `base.api`; acts of a case have few fields, and alike."""
    sent: dict[str, list[str]] = {}
    for name, shape in described()["components"]["schemas"].items():
        if shape.get("additionalProperties") is False and len(shape.get("properties", {})) > 3:
            sent.setdefault(json.dumps(_bare(shape), sort_keys=True), []).append(name)
    assert [names for names in sent.values() if len(names) > 1] == []


def _bare(part: Any) -> Any:
    """Without the words that only people read."""
    if isinstance(part, list):
        return [_bare(each) for each in part]
    if not isinstance(part, dict):
        return part
    told = ("title", "description")
    return {
        name: _bare(value)
        for name, value in part.items()
        if name not in told or not isinstance(value, str)
    }


def test_every_operation_says_what_it_does_who_may_and_what_can_go_wrong() -> None:
    tags = {tag["name"] for tag in described()["tags"]}
    for method, path, operation in _all():
        assert operation["summary"], path
        assert operation["description"], path
        assert set(operation["tags"]) <= tags
        assert operation["security"]
        good = [status for status in operation["responses"] if status.startswith("2")]
        assert len(good) == 1, path
        assert operation["responses"][good[0]]["content"], (method, path)
        assert {"401", "403", "404", "422"} <= set(operation["responses"]), path
        if method != "get":
            assert {"400", "413", "415"} <= set(operation["responses"]), path
    for response in described()["components"]["responses"].values():
        assert set(response["content"]) == {MEDIA_TYPE}


def test_every_reference_leads_somewhere() -> None:
    whole = described()

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                found: Any = whole
                for step in part["$ref"].removeprefix("#/").split("/"):
                    found = found[step]
            for each in part.values():
                walk(each)
        elif isinstance(part, list):
            for each in part:
                walk(each)

    walk(whole)


def test_every_list_is_paged_or_says_that_it_is_not() -> None:
    whole = described()
    for method, path, operation in _all():
        answer = operation["responses"].get("200", {}).get("content", {}).get("application/json")
        if not answer or "$ref" not in answer["schema"]:
            continue
        schema = whole["components"]["schemas"][answer["schema"]["$ref"].rsplit("/", 1)[-1]]
        if "items" not in schema["properties"] or "bulk" in path:
            continue
        is_paged = "next" in schema["properties"]
        names = {each.get("name") for each in operation["parameters"]}
        assert is_paged == ({"cursor", "limit"} <= names), path
        words = operation["description"].lower()
        assert is_paged or method == "post" or "not paged" in words or "at most" in words, path
