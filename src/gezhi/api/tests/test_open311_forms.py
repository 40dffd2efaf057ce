"""One tree, two forms: any answer as XML, read by the Spark convention, is the answer as JSON."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import ValidationError

from gezhi.api.rules.trees import Many, Tree, as_json, as_xml, clean_text
from gezhi.api.tests.open311 import LISTS, in_texts, spark
from gezhi.api.tests.open311_schemas import must_fit
from gezhi.base.days import in_utc

_NAMES = st.sampled_from(["code", "name", "lat", "order", "status", "media_url", "description"])
_TEXTS = st.text(max_size=40)
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    _TEXTS,
    st.datetimes(timezones=st.just(UTC)),
)


def _trees(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    many = st.builds(Many, st.just("one"), st.lists(inner, max_size=4).map(tuple))
    lists = st.dictionaries(st.sampled_from(sorted(LISTS)), many, max_size=2)
    plain = st.dictionaries(_NAMES, st.one_of(_SCALARS, inner.filter(_is_plain)), max_size=4)
    return st.builds(lambda one, other: {**one, **other}, plain, lists)


def _is_plain(tree: Any) -> bool:
    """A list of children stands only in elements that are known to be lists."""
    return not isinstance(tree, Many)


@given(st.recursive(_SCALARS, _trees, max_leaves=30))
def test_xml_read_by_the_convention_is_the_json(tree: Any) -> None:
    assert spark(as_xml("root", tree)) == in_texts(json.loads(as_json(tree)))


@given(st.lists(st.recursive(_SCALARS, _trees, max_leaves=8), max_size=4))
def test_a_root_of_children_is_an_array_at_the_top(items: list[Any]) -> None:
    tree = Many("request", tuple(items))
    found = json.loads(as_json(tree))
    assert isinstance(found, list)
    assert len(found) == len(items)
    assert spark(as_xml("service_requests", tree)) == in_texts(found)


def test_an_empty_element_is_null_and_an_empty_list_a_list() -> None:
    tree: Tree = {"token": "", "attributes": Many("attribute")}
    assert json.loads(as_json(tree)) == {"token": None, "attributes": []}
    assert as_xml("r", tree).endswith(b"<r><token></token><attributes></attributes></r>")


def test_signs_of_xml_are_escaped_and_what_it_cannot_hold_is_dropped() -> None:
    text = "<b>&\"'\x00\x08\x1b\ufffe\ud800水\r\n灯\r😀"
    assert clean_text(text) == "<b>&\"'水\n灯\n😀"
    assert spark(as_xml("r", {"description": text})) == {"description": "<b>&\"'水\n灯\n😀"}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (datetime(2026, 11, 22, 9, 0, 0, 999_999, tzinfo=UTC), "2026-11-22T09:00:00Z"),
        (datetime(2026, 11, 22, 9, tzinfo=timezone(timedelta(hours=8))), "2026-11-22T01:00:00Z"),
    ],
)
def test_a_moment_has_a_zone_and_seconds_without_a_fraction(value: datetime, written: str) -> None:
    assert in_utc(value) == written


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("requests", [{}]),
        ("tokens/x", [{"service_request_id": 638344, "token": "x"}]),
        ("services/x", {"service_code": 1, "attributes": []}),
        ("errors", []),
        ("errors", [{"code": "403", "description": "x"}]),
    ],
)
def test_what_the_standard_refuses_fits_nowhere(path: str, body: Any) -> None:
    with pytest.raises(ValidationError):
        must_fit(body, path)
